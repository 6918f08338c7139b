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
__device__ int code8(const Packing& w, int row, int column) {
  if (row >= w.rows || column >= w.cols) return 0;
  return static_cast<std::int8_t>(w.codes[static_cast<std::int64_t>(row) * w.cols + column]);
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
    words[i / 4] |= (static_cast<std::uint32_t>(code8(w, row, column)) & 0xffU) << (i % 4 * 8);
  }
  reinterpret_cast<uint4*>(w.tiles)[unit] = make_uint4(words[0], words[1], words[2], words[3]);
}

// ---- Folded scales, in the arithmetic of core/compute/folded_scales.h ----

/// The largest magnitude that a group's codes can mean.
__device__ float reach_of(const Packing& w, const Shape& s, int row, int group) {
  const float scale = __half2float(__ushort_as_half(scale_at(w, s, row, group)));
  if (w.bits == 8) return scale;
  const int zero = zero_at(w, s, row, group);
  return scale * static_cast<float>(max(zero, 15 - zero));
}
__device__ float row_scale_of(const Packing& w, float largest_reach) {
  return w.bits == 4 ? __fdiv_rn(largest_reach, 127.0F) : largest_reach;
}
__device__ int factor_of(const Packing& w, const Shape& s, int row, int group, float row_scale) {
  const float share = __half2float(__ushort_as_half(scale_at(w, s, row, group))) * 256.0F;
  return row_scale > 0.0F ? __float2int_rn(__fdiv_rn(share, row_scale)) : 0;
}

/// A thread for each row.
__global__ void pack_meta(Packing w, Shape s) {
  const int row = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (row >= s.tiles * kTileRows) return;
  const int tile = row / kTileRows;
  const int strip = row % kTileRows / 16;
  const int r = row % 8;
  const int upper = row % 16 / 8;
  float row_scale = 0;
  if (w.folds != nullptr) {
    for (int group = 0; group < s.groups; ++group)
      row_scale = fmaxf(row_scale, reach_of(w, s, row, group));
    row_scale = row_scale_of(w, row_scale);
    w.row_scales[row] = row_scale;
  }
  const int bytes = meta_bytes(w.bits, s.groups_in_block);
  for (int block = 0; block < s.blocks; ++block) {
    const std::int64_t at = (static_cast<std::int64_t>(tile) * s.blocks + block) * bytes;
    for (int g = 0; g < s.groups_in_block; ++g) {
      const int group = block * s.groups_in_block + g;
      const std::int64_t scale_to = at + g * kScaleBytes + ((strip * 8 + r) * 2 + upper) * 2;
      *reinterpret_cast<std::uint16_t*>(w.meta + scale_to) = scale_at(w, s, row, group);
      if (w.folds != nullptr) {
        *reinterpret_cast<std::uint16_t*>(w.folds + scale_to) =
            static_cast<std::uint16_t>(factor_of(w, s, row, group, row_scale));
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

/// A CTA for each row of a class.
template <bool kFolded>
__global__ void __launch_bounds__(256)
    copy_rows(Packing w, Shape s, const std::int32_t* rows, int total, std::int8_t* copy, float* scales) {
  __shared__ unsigned largest;
  const int index = static_cast<int>(blockIdx.x);
  const int row = rows[index];
  float row_scale = 0;
  if constexpr (kFolded) {
    if (threadIdx.x == 0) largest = 0;
    __syncthreads();
    for (int group = static_cast<int>(threadIdx.x); group < s.groups; group += 256)
      atomicMax(&largest, __float_as_uint(reach_of(w, s, index, group)));  // none is negative
    __syncthreads();
    row_scale = row_scale_of(w, __uint_as_float(largest));
    if (threadIdx.x == 0) scales[row] = row_scale;
  } else {
    const int stride = (total + 3) / 4 * 4;
    for (int group = static_cast<int>(threadIdx.x); group < s.blocks * s.groups_in_block; group += 256) {
      float* const of_group = scales + static_cast<std::int64_t>(group) * stride;
      of_group[row] = __half2float(__ushort_as_half(scale_at(w, s, index, group)));
      // Copies read the whole of four.
      for (int behind = total; row == total - 1 && behind < stride; ++behind)
        of_group[behind] = 0;
    }
  }
  for (int chunk = static_cast<int>(threadIdx.x); chunk < s.blocks * 8; chunk += 256) {
    const int first = chunk * 16;
    const int group = first / w.group;
    const int factor = kFolded ? factor_of(w, s, index, group, row_scale) : 256;
    const int zero = w.bits == 4 ? zero_at(w, s, index, group) : 0;
    std::uint32_t words[4] = {0, 0, 0, 0};
    for (int i = 0; i < 16 && first + i < w.cols; ++i) {
      const int code = w.bits == 4 ? code4(w, index, first + i) : code8(w, index, first + i);
      const int result = ((code - zero) * factor + 128) >> 8;
      words[i / 4] |= (static_cast<std::uint32_t>(result) & 0xffU) << (i % 4 * 8);
    }
    std::int8_t* to = copy + (static_cast<std::int64_t>(chunk / 8) * total + row) * kBlock;
    *reinterpret_cast<uint4*>(to + ((chunk % 8 ^ (row & 7)) << 4)) = make_uint4(words[0], words[1], words[2], words[3]);
  }
}

/// A warp for each row: adds the magnitudes of its weights, 127 times which a sum may reach.
__global__ void __launch_bounds__(256)
    longest_chain(const std::int8_t* __restrict__ copy, int rows, int blocks, int* chain) {
  constexpr int kShortest = 4;  // 127 * 127 * 128 * 4 < 2^23
  constexpr int kLevels = 8;
  static_assert(kShortest << kLevels == kLongestChain);
  const int row = static_cast<int>(blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32);
  const int lane = static_cast<int>(threadIdx.x % 32);
  if (row >= rows) return;
  int now[kLevels] = {};
  int most[kLevels] = {};
  for (int block = 0; block < blocks; ++block) {
    const std::int8_t* weights = copy + (static_cast<std::int64_t>(block) * rows + row) * kBlock;
    int sum = 0;
    for (int i = 0; i < 4; ++i)
      sum += abs(static_cast<int>(weights[lane * 4 + i]));
    sum = __reduce_add_sync(0xffffffffU, sum);
#pragma unroll
    for (int level = 0; level < kLevels; ++level) {
      now[level] += sum;
      most[level] = max(most[level], now[level]);
      if ((block + 1) % (kShortest << (level + 1)) == 0) now[level] = 0;
    }
  }
  int found = kShortest;
#pragma unroll
  for (int level = 0; level < kLevels; ++level) {
    if (most[level] * 127LL <= 1 << 23) found = kShortest << (level + 1);
  }
  if (lane == 0) atomicMin(chain, found);
}

Shape shape_of(const Packing& work) {
  return {(work.cols + kBlock - 1) / kBlock, (work.cols + work.group - 1) / work.group, kBlock / work.group,
          (work.rows + kTileRows - 1) / kTileRows};
}

}  // namespace

cudaError_t copy_class(const Packing& work, const std::int32_t* rows, int total, bool folded, std::int8_t* copy,
                       float* scales, cudaStream_t stream) {
  if (work.rows == 0) return cudaSuccess;
  const auto kernel = folded ? copy_rows<true> : copy_rows<false>;
  kernel<<<static_cast<unsigned>(work.rows), 256, 0, stream>>>(work, shape_of(work), rows, total, copy, scales);
  return cudaGetLastError();
}

cudaError_t measure_chain(const std::int8_t* copy, int rows, int blocks, int* chain, cudaStream_t stream) {
  const cudaError_t status = cudaMemcpyAsync(chain, &kLongestChain, sizeof *chain, cudaMemcpyHostToDevice, stream);
  if (status != cudaSuccess) return status;
  longest_chain<<<static_cast<unsigned>((rows + 7) / 8), 256, 0, stream>>>(copy, rows, blocks, chain);
  return cudaGetLastError();
}

cudaError_t pack_class(const Packing& work, cudaStream_t stream) {
  if (work.rows == 0) return cudaSuccess;
  const Shape shape = shape_of(work);
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
