// SPDX-License-Identifier: Apache-2.0
// From the canonical order of a quantized matrix into tiles, at load.
#include "cuda/kernels/mixed_common.cuh"

namespace salient::cuda::mixed {
namespace {

struct Shape {
  int blocks;
  int groups;           ///< in the canonical arrays
  int groups_in_block;  ///< as stored
  int tiles;
};

__device__ int nibble(const std::uint8_t* bytes, int index) {
  return bytes[index / 2] >> (index % 2 * 4) & 15;
}
__device__ int code4(const Packing& w, int row, int column) {
  if (row >= w.rows || column >= w.cols) return 0;
  return nibble(w.codes + static_cast<std::int64_t>(row) * ((w.cols + 1) / 2), column);
}
__device__ std::uint16_t scale_at(const Packing& w, const Shape& s, int row, int group) {
  return row < w.rows && group < s.groups ? w.scales[static_cast<std::int64_t>(row) * s.groups + group] : 0;
}
__device__ int zero_at(const Packing& w, const Shape& s, int row, int group) {
  if (row >= w.rows || group >= s.groups) return 0;
  return nibble(w.zeros + static_cast<std::int64_t>(row) * ((s.groups + 1) / 2), group);
}

/// A thread for each 16 bytes of codes.
__global__ void pack_codes4(Packing w, Shape s) {
  const std::int64_t unit = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (unit >= static_cast<std::int64_t>(s.tiles) * s.blocks * (kCodes4Bytes / 16)) return;
  const int lane = static_cast<int>(unit % 32);
  const int half = static_cast<int>(unit / 32 % 2);
  const int strip = static_cast<int>(unit / 64 % 4);
  const int block = static_cast<int>(unit / 256 % s.blocks);
  const int tile = static_cast<int>(unit / 256 / s.blocks);
  const int row = tile * kTileRows + strip * 16 + lane / 4;
  std::uint32_t words[4];
  for (int word = 0; word < 4; ++word) {
    words[word] = 0;
    for (int i = 0; i < 4; ++i) {
      const int column = block * kBlock + half * 64 + 16 * word + lane % 4 * 4 + i;
      const int pair = code4(w, row, column) | code4(w, row + 8, column) << 4;
      words[word] |= static_cast<std::uint32_t>(pair) << (8 * i);
    }
  }
  reinterpret_cast<uint4*>(w.tiles)[unit] = make_uint4(words[0], words[1], words[2], words[3]);
}

/// A thread for each 16 bytes of codes.
__global__ void pack_codes8(Packing w, Shape s) {
  const std::int64_t unit = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (unit >= static_cast<std::int64_t>(s.tiles) * s.blocks * (kCodes8Bytes / 16)) return;
  const int lane = static_cast<int>(unit % 32);
  const int upper = static_cast<int>(unit / 32 % 2);
  const int half = static_cast<int>(unit / 64 % 2);
  const int strip = static_cast<int>(unit / 128 % 4);
  const int block = static_cast<int>(unit / 512 % s.blocks);
  const int row = static_cast<int>(unit / 512 / s.blocks) * kTileRows + strip * 16 + upper * 8 + lane / 4;
  std::uint32_t words[4] = {0, 0, 0, 0};
  for (int i = 0; i < 16; ++i) {
    const int column = block * kBlock + half * 64 + i / 4 * 16 + lane % 4 * 4 + i % 4;
    if (row < w.rows && column < w.cols) {
      const std::uint32_t code = w.codes[static_cast<std::int64_t>(row) * w.cols + column];
      words[i / 4] |= code << (i % 4 * 8);
    }
  }
  reinterpret_cast<uint4*>(w.tiles)[unit] = make_uint4(words[0], words[1], words[2], words[3]);
}

/// A thread for each row. The arithmetic of folded scales is that of core/compute/folded_scales.h.
__global__ void pack_meta(Packing w, Shape s) {
  const int row = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (row >= s.tiles * kTileRows) return;
  const int tile = row / kTileRows;
  const int strip = row % kTileRows / 16;
  const int r = row % 8;
  const int upper = row % 16 / 8;
  float row_scale = 0;
  if (w.folds != nullptr) {
    for (int group = 0; group < s.groups; ++group) {
      const int zero = w.bits == 4 ? zero_at(w, s, row, group) : 0;
      const float reach = w.bits == 4 ? static_cast<float>(max(zero, 15 - zero)) : 1.0F;
      row_scale = fmaxf(row_scale, __half2float(__ushort_as_half(scale_at(w, s, row, group))) * reach);
    }
    if (w.bits == 4) row_scale = __fdiv_rn(row_scale, 127.0F);
    w.row_scales[row] = row_scale;
  }
  const int bytes = meta_bytes(w.bits, s.groups_in_block);
  for (int block = 0; block < s.blocks; ++block) {
    const std::int64_t at = (static_cast<std::int64_t>(tile) * s.blocks + block) * bytes;
    for (int g = 0; g < s.groups_in_block; ++g) {
      const int group = block * s.groups_in_block + g;
      const std::int64_t scale_to = at + g * kScaleBytes + ((strip * 8 + r) * 2 + upper) * 2;
      const std::uint16_t scale = scale_at(w, s, row, group);
      *reinterpret_cast<std::uint16_t*>(w.meta + scale_to) = scale;
      if (w.folds != nullptr) {
        const float share = __half2float(__ushort_as_half(scale)) * 256.0F;
        const float factor = row_scale > 0.0F ? __fdiv_rn(share, row_scale) : 0.0F;
        *reinterpret_cast<std::uint16_t*>(w.folds + scale_to) = static_cast<std::uint16_t>(__float2int_rn(factor));
      }
      if (w.bits == 4 && upper == 0) {
        const std::int64_t zero_to = at + s.groups_in_block * kScaleBytes + g * kZeroBytes + strip * 8 + r;
        const auto zeros = static_cast<std::uint8_t>(zero_at(w, s, row, group) | zero_at(w, s, row + 8, group) << 4);
        w.meta[zero_to] = zeros;
        if (w.folds != nullptr) w.folds[zero_to] = zeros;
      }
    }
  }
}

/// A thread for 16 bytes of 4-bit codes, or twice 16 of 8-bit ones.
template <int kGroups>
__global__ void __launch_bounds__(256) expand_kernel(Weights w, std::uint8_t* out) {
  const std::int64_t unit = static_cast<std::int64_t>(blockIdx.x) * 256 + threadIdx.x;
  const int lane = static_cast<int>(unit % 32);
  const int half = static_cast<int>(unit / 32 % 2);
  const int strip = static_cast<int>(unit / 64 % 4);
  const std::int64_t block = unit / 256;  // of all tiles
  const std::int64_t narrow_blocks = static_cast<std::int64_t>(w.tiles4) * w.blocks;
  if (block >= narrow_blocks + static_cast<std::int64_t>(w.tiles8) * w.blocks) return;
  const bool narrow = block < narrow_blocks;
  const std::int64_t at = narrow ? block : block - narrow_blocks;
  const std::uint8_t* meta = narrow ? w.fold4 + at * meta_bytes(4, kGroups) : w.fold8 + at * meta_bytes(8, kGroups);
  const int pair = strip * 8 + lane / 4;
  std::uint32_t codes[4];
  std::uint32_t more[4] = {};
  const auto load = [](const std::uint8_t* from, std::uint32_t(&words)[4]) {
    const uint4 v = load_once(from);
    words[0] = v.x, words[1] = v.y, words[2] = v.z, words[3] = v.w;
  };
  if (narrow) {
    load(w.codes4 + at * kCodes4Bytes + strip * 1024 + half * 512 + lane * 16, codes);
  } else {
    const std::uint8_t* from = w.codes8 + at * kCodes8Bytes + strip * 2048 + half * 1024 + lane * 16;
    load(from, codes);
    load(from + 512, more);
  }
  std::uint32_t low[4];
  std::uint32_t high[4];
  constexpr int kWords = kGroups == 4 ? 2 : 4;  // of a half that share a group
#pragma unroll
  for (int i = 0; i < 4; i += kWords) {
    const int g = kGroups == 1 ? 0 : kGroups == 2 ? half : 2 * half + i / 2;
    const std::uint32_t factors = reinterpret_cast<const std::uint32_t*>(meta + g * kScaleBytes)[pair];
    if (narrow) {
      const std::uint32_t zeros = meta[kGroups * kScaleBytes + g * kZeroBytes + pair];
      convert<4, Mode::folded, kWords>(codes + i, more + i, factors, zeros, low + i, high + i);
    } else {
      convert<8, Mode::folded, kWords>(codes + i, more + i, factors, 0, low + i, high + i);
    }
  }
  std::uint8_t* to = out + block * kCodes8Bytes + strip * 2048 + half * 1024 + lane * 16;
  *reinterpret_cast<uint4*>(to) = make_uint4(low[0], low[1], low[2], low[3]);
  *reinterpret_cast<uint4*>(to + 512) = make_uint4(high[0], high[1], high[2], high[3]);
}

}  // namespace

cudaError_t expand_folded(const Weights& weights, std::uint8_t* out, cudaStream_t stream) {
  const std::int64_t blocks = static_cast<std::int64_t>(weights.tiles4 + weights.tiles8) * weights.blocks;
  const auto ctas = static_cast<unsigned>(blocks);
  if (weights.groups_in_block == 1) {
    expand_kernel<1><<<ctas, 256, 0, stream>>>(weights, out);
  } else if (weights.groups_in_block == 2) {
    expand_kernel<2><<<ctas, 256, 0, stream>>>(weights, out);
  } else {
    expand_kernel<4><<<ctas, 256, 0, stream>>>(weights, out);
  }
  return cudaGetLastError();
}

cudaError_t pack_class(const Packing& work, cudaStream_t stream) {
  if (work.rows == 0) return cudaSuccess;
  const Shape shape{(work.cols + kBlock - 1) / kBlock, (work.cols + work.group - 1) / work.group, kBlock / work.group,
                    (work.rows + kTileRows - 1) / kTileRows};
  const std::int64_t pieces =
      static_cast<std::int64_t>(shape.tiles) * shape.blocks * (work.bits == 4 ? kCodes4Bytes : kCodes8Bytes) / 16;
  const auto ctas = static_cast<unsigned>((pieces + 255) / 256);
  if (work.bits == 4) {
    pack_codes4<<<ctas, 256, 0, stream>>>(work, shape);
  } else {
    pack_codes8<<<ctas, 256, 0, stream>>>(work, shape);
  }
  const cudaError_t status = cudaGetLastError();
  if (status != cudaSuccess) return status;
  pack_meta<<<static_cast<unsigned>(shape.tiles), kTileRows, 0, stream>>>(work, shape);
  return cudaGetLastError();
}

}  // namespace salient::cuda::mixed
