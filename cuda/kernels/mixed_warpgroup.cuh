// SPDX-License-Identifier: Apache-2.0
// What the products on Hopper's warpgroup instructions share that take weights of 4 and 8 bits from registers: a
// block's way from a stage in shared memory into scaled sums, and the stage's way back to the copy engine.
#pragma once

#include "cuda/kernels/mixed_common.cuh"
#include "cuda/kernels/mixed_hopper.cuh"

namespace salient::cuda::mixed {

/// A position in a ring of stages.
template <int kStages>
struct Ring {
  int stage = 0;
  int parity = 0;
  __device__ void next() { advance(1); }
  /// By less than once around.
  __device__ void advance(int count) {
    stage += count;
    if (stage >= kStages) {
      stage -= kStages;
      parity ^= 1;
    }
  }
  __device__ void skip(int count) {
    const int turns = (stage + count) / kStages;
    stage += count - turns * kStages;
    parity ^= turns & 1;
  }
};

/// A warp has read a stage, and the copy engine may fill it again. The PTX memory model orders ordinary accesses before
/// those of the copy engine, which belong to another proxy, by a fence between the proxies alone; the barrier does not
/// say it. No wrong result has been traced to its absence.
__device__ __forceinline__ void release_to_copies(std::uint32_t free, int lane) {
  ptx::fence_async();
  __syncwarp();
  if (lane == 0) ptx::barrier_arrive(free);
}

/// A thread's part of one block of weights as it lies in a stage.
template <int kBits, int kGroups>
struct RawBlock {
  std::uint32_t codes[8];
  std::uint32_t more[kBits == 8 ? 8 : 1];  ///< rows r + 8 of 8-bit codes
  std::uint32_t zeros[kBits == 4 ? kGroups : 1];
};
/// `warp` of its warpgroup.
template <int kBits, int kGroups>
__device__ __forceinline__ void fetch_block(const std::uint8_t* tile_codes, const std::uint8_t* meta, int warp,
                                            int lane, RawBlock<kBits, kGroups>& raw) {
  const std::uint8_t* codes = tile_codes + warp * (kBits == 4 ? 1024 : 2048) + lane * 16;
  const int pair = warp * 8 + (lane >> 2);
#pragma unroll
  for (int h = 0; h < 2; ++h) {
    const uint4 x = *reinterpret_cast<const uint4*>(codes + h * (kBits == 4 ? 512 : 1024));
    raw.codes[4 * h] = x.x, raw.codes[4 * h + 1] = x.y, raw.codes[4 * h + 2] = x.z, raw.codes[4 * h + 3] = x.w;
    if constexpr (kBits == 8) {
      const uint4 y = *reinterpret_cast<const uint4*>(codes + h * 1024 + 512);
      raw.more[4 * h] = y.x, raw.more[4 * h + 1] = y.y, raw.more[4 * h + 2] = y.z, raw.more[4 * h + 3] = y.w;
    }
  }
  if constexpr (kBits == 4) {
#pragma unroll
    for (int g = 0; g < kGroups; ++g)
      raw.zeros[g] = meta[kGroups * kScaleBytes + g * kZeroBytes + pair];
  }
}
/// As the instruction takes it: four words for each of four k-steps.
template <int kBits, int kGroups>
__device__ __forceinline__ void prepare_block(const RawBlock<kBits, kGroups>& raw, std::uint32_t (&a)[16]) {
  std::uint32_t low[8];
  std::uint32_t high[8];
#pragma unroll
  for (int g = 0; g < kGroups; ++g) {
    constexpr int kWords = 8 / kGroups;
    convert<kBits, Mode::exact, kWords>(raw.codes + g * kWords, kBits == 8 ? raw.more + g * kWords : raw.more, 0,
                                        kBits == 4 ? raw.zeros[g] : 0, low + g * kWords, high + g * kWords);
  }
#pragma unroll
  for (int j = 0; j < 4; ++j) {
    a[4 * j] = low[2 * j];
    a[4 * j + 1] = high[2 * j];
    a[4 * j + 2] = low[2 * j + 1];
    a[4 * j + 3] = high[2 * j + 1];
  }
}

/// Starts the products of k-steps [first, first + kCount) with a stage's activations `b`.
template <int kTokens, int kCount>
__device__ __forceinline__ void multiply_steps(int (&d)[kTokens / 2], const std::uint32_t (&a)[16], std::uint64_t b,
                                               int first) {
  ptx::hold(d);
  ptx::products_begin();
#pragma unroll
  for (int j = 0; j < kCount; ++j)
    ptx::Multiply<kTokens>::run(d, a + 4 * (first + j), b + 2 * (first + j), j > 0 ? 1 : 0);
  ptx::products_commit();
}
/// Adds a group's sums, each scaled by its token's and its row's scale; `row`: of rows r and r + 8.
template <int kTokens>
__device__ __forceinline__ void add_scaled(int (&d)[kTokens / 2], float (&out)[kTokens / 2], const float* token_scales,
                                           float2 row, int lane) {
  const float* tokens = token_scales + 2 * (lane & 3);
  ptx::hold(d);
#pragma unroll
  for (int n = 0; n < kTokens / 8; ++n) {
    const float2 token = *reinterpret_cast<const float2*>(tokens + 8 * n);
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      const float value = __int2float_rn(d[4 * n + i]) * (i < 2 ? row.x : row.y);
      out[4 * n + i] = fmaf(value, i % 2 == 0 ? token.x : token.y, out[4 * n + i]);
    }
  }
}

/// The same; `row_scales`: fp16, as in the tile's meta.
template <int kTokens>
__device__ __forceinline__ void add_scaled(int (&d)[kTokens / 2], float (&out)[kTokens / 2], const float* token_scales,
                                           const std::uint8_t* row_scales, int warp, int lane) {
  add_scaled<kTokens>(d, out, token_scales,
                      __half22float2(reinterpret_cast<const __half2*>(row_scales)[warp * 8 + (lane >> 2)]), lane);
}

/// Where thread (warp, lane) of a warpgroup keeps sum number i in rows of tokens.
__device__ __forceinline__ int place_of_sum(int i, int warp, int lane, int pitch) {
  return (8 * (i / 4) + 2 * (lane & 3) + i % 2) * pitch + warp * 16 + (lane >> 2) + i % 4 / 2 * 8;
}

}  // namespace salient::cuda::mixed
