// SPDX-License-Identifier: Apache-2.0
// What the products for few tokens share: tensor-core products of blocks of K, and the sums of a CTA's warps.
#pragma once

#include "cuda/kernels/mixed_common.cuh"

namespace salient::cuda::mixed {

__device__ __forceinline__ void mma(int (&d)[4], std::uint32_t a0, std::uint32_t a1, std::uint32_t a2, std::uint32_t a3,
                                    std::uint32_t b0, std::uint32_t b1) {
  asm volatile("mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
               : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3])
               : "r"(a0), "r"(a1), "r"(a2), "r"(a3), "r"(b0), "r"(b1));
}

/// The same with unsigned bytes on the left.
__device__ __forceinline__ void mma_unsigned(int (&d)[4], std::uint32_t a0, std::uint32_t a1, std::uint32_t a2,
                                             std::uint32_t a3, std::uint32_t b0, std::uint32_t b1) {
  asm volatile("mma.sync.aligned.m16n8k32.row.col.s32.u8.s8.s32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
               : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3])
               : "r"(a0), "r"(a1), "r"(a2), "r"(a3), "r"(b0), "r"(b1));
}

/// Where a CTA's strips of 16 rows lie in memory.
struct Strips {
  const std::uint8_t* codes;  ///< first block; blocks are a tile's block apart
  const std::uint8_t* meta;
  int first;  ///< in their tile
};

/// The strips of a CTA, and the slot of its first row.
template <int kStrips, Mode kMode, int kGroups>
struct Share {
  bool wide;  ///< 8-bit codes
  int slot;
  Strips strips;

  __device__ static Share of(const Weights& w, int unit) {
    // The 8-bit tiles take longest and go first.
    constexpr int kParts = 4 / kStrips;
    const int tile = unit / kParts;
    const int first = unit % kParts * kStrips;
    const bool wide = tile < w.tiles8;
    const int in_class = wide ? tile : tile - w.tiles8;
    const std::int64_t block = static_cast<std::int64_t>(in_class) * w.blocks;
    const std::uint8_t* codes = wide ? w.codes8 + block * kCodes8Bytes + first * 2048  //
                                     : w.codes4 + block * kCodes4Bytes + first * 1024;
    const std::uint8_t* meta = wide ? (kMode == Mode::exact ? w.meta8 : w.fold8) + block * meta_bytes(8, kGroups)
                                    : (kMode == Mode::exact ? w.meta4 : w.fold4) + block * meta_bytes(4, kGroups);
    return {wide, ((wide ? w.tiles4 : 0) + in_class) * kTileRows + first * 16, {codes, meta, first}};
  }
};

/// A strip's group in a block times 8 tokens: k-steps [4 g / kGroups, 4 (g + 1) / kGroups). `rows`: the scales of rows
/// r and r + 8 as two fp16; `tokens`: of columns 2q and 2q + 1. With folded_token sums are int32 in the bits of a
/// float.
template <Mode kMode, int kGroups>
__device__ __forceinline__ void add_products(const std::uint32_t (&x)[8], const std::uint32_t (&y)[8],
                                             const std::uint32_t (&b)[8], int g, std::uint32_t rows, float2 tokens,
                                             float (&sum)[4]) {
  int d[4] = {0, 0, 0, 0};
  if constexpr (kMode == Mode::folded_token) {
#pragma unroll
    for (int i = 0; i < 4; ++i)
      d[i] = __float_as_int(sum[i]);
  }
#pragma unroll
  for (int j = g * 4 / kGroups; j < (g + 1) * 4 / kGroups; ++j)
    mma(d, x[2 * j], y[2 * j], x[2 * j + 1], y[2 * j + 1], b[2 * j], b[2 * j + 1]);
  if constexpr (kMode == Mode::exact) {
    const float2 row = __half22float2(*reinterpret_cast<const __half2*>(&rows));
    sum[0] = fmaf(__int2float_rn(d[0]) * row.x, tokens.x, sum[0]);
    sum[1] = fmaf(__int2float_rn(d[1]) * row.x, tokens.y, sum[1]);
    sum[2] = fmaf(__int2float_rn(d[2]) * row.y, tokens.x, sum[2]);
    sum[3] = fmaf(__int2float_rn(d[3]) * row.y, tokens.y, sum[3]);
  } else if constexpr (kMode == Mode::folded) {
#pragma unroll
    for (int i = 0; i < 4; ++i)
      sum[i] = fmaf(__int2float_rn(d[i]), i % 2 == 0 ? tokens.x : tokens.y, sum[i]);
  } else {
#pragma unroll
    for (int i = 0; i < 4; ++i)
      sum[i] = __int_as_float(d[i]);
  }
}

/// The sums of a CTA's warps in shared memory, and from there added up into the outputs. `partial`: kBytes that nobody
/// else uses.
template <int kStrips, int kColumns, int kWarps, Mode kMode>
struct Sums {
  static constexpr int kRows = 16 * kStrips;
  static constexpr int kTokens = 8 * kColumns;
  static constexpr int kPitch = kRows + 4;  ///< tokens 2q apart then fall into different banks
  static constexpr int kBytes = kWarps * kTokens * kPitch * static_cast<int>(sizeof(float));
  static_assert(kWarps * 32 % kRows == 0);

  /// A thread stores one row of several tokens: of these outputs.
  __device__ static Target target(const Product& p, int slot) {
    return target_of<kMode>(p, slot + static_cast<int>(threadIdx.x) % kRows);
  }
  __device__ static void store(const Product& p, const Target& target, int first_token, float* partial,
                               const float (&out)[kStrips][kColumns][4]) {
    const int thread = static_cast<int>(threadIdx.x);
    const int lane = thread & 31;
    float* mine = partial + (thread >> 5) * kTokens * kPitch + (lane & 3) * 2 * kPitch + (lane >> 2);
#pragma unroll
    for (int s = 0; s < kStrips; ++s) {
#pragma unroll
      for (int n = 0; n < kColumns; ++n) {
#pragma unroll
        for (int i = 0; i < 4; ++i)
          mine[(8 * n + i % 2) * kPitch + 16 * s + i / 2 * 8] = out[s][n][i];
      }
    }
    __syncthreads();
    const int tokens = min(kTokens, p.tokens - first_token);
    for (int token = thread / kRows; token < tokens; token += kWarps * 32 / kRows) {
      const float* parts = partial + token * kPitch + thread % kRows;
      float sum = parts[0];
#pragma unroll
      for (int other = 1; other < kWarps; ++other)
        sum = add_partial<kMode>(sum, parts[other * kTokens * kPitch]);
      store_output<kMode>(p, target, first_token + token, sum);
    }
  }
};

}  // namespace salient::cuda::mixed
