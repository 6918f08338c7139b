// SPDX-License-Identifier: Apache-2.0
// A warp turns a token's block of 128 columns into codes, four columns a lane, and stores them in the order of
// mixed_kernels.h.
#pragma once

#include "cuda/kernels/device.cuh"
#include "cuda/kernels/mixed_common.cuh"
#include "cuda/kernels/rounding.cuh"

namespace salient::cuda::mixed {

template <int kLanes>
__device__ __forceinline__ std::uint32_t largest_of(std::uint32_t value) {
#pragma unroll
  for (int distance = kLanes / 2; distance > 0; distance /= 2)
    value = max(value, __shfl_xor_sync(0xffffffffU, value, distance));
  return value;
}
/// scale.code() of four values, none of them larger than the largest that the scale was made of.
__device__ __forceinline__ std::uint32_t codes_of(const float (&v)[4], const ActivationScale& scale) {
  // The sum with 1.5 · 2²³ is rounded to an integer, whose low bits are the code: no quotient is beyond ±127.
  constexpr float kShift = 12582912.0F;
  std::uint32_t bits[4];
  float distance = 0;
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    const float quotient = __fmul_rn(v[i], scale.inverse);
    const float shifted = __fadd_rn(quotient, kShift);
    bits[i] = __float_as_uint(shifted);
    distance = fmaxf(distance, fabsf(__fsub_rn(quotient, __fsub_rn(shifted, kShift))));
  }
  if (distance > ActivationScale::kNearMiddle || scale.inverse == 0.0F) {  // seldom
#pragma unroll
    for (int i = 0; i < 4; ++i)
      bits[i] = static_cast<std::uint32_t>(__float2int_rn(scale.code(v[i])));
  }
  return __byte_perm(__byte_perm(bits[0], bits[1], 0x0040), __byte_perm(bits[2], bits[3], 0x0040), 0x5410);
}

/// Of an accumulator's row, lane q of four holds columns 2q, 2q + 1 (`a`, `b`) and 8 + 2q, 8 + 2q + 1 (`c`, `d`) of 16:
/// after an exchange with its neighbour four columns in a row, from 8 · (q % 2) + 4 · (q / 2) on.
__device__ __forceinline__ void gather_four(float a, float b, float c, float d, int q, float (&v)[4]) {
  const bool odd = q % 2 != 0;
  const float first = __shfl_xor_sync(0xffffffffU, odd ? a : c, 1);
  const float second = __shfl_xor_sync(0xffffffffU, odd ? b : d, 1);
  v[0] = odd ? first : a;
  v[1] = odd ? second : b;
  v[2] = odd ? c : first;
  v[3] = odd ? d : second;
}

/// Where the four codes of columns 4·lane … of a block go.
__device__ __forceinline__ std::uint32_t* word_of(std::int8_t* codes, int tokens, bool transposed, int block, int token,
                                                  int lane) {
  std::int8_t* row = codes + (static_cast<std::int64_t>(block) * tokens + token) * kBlock;
  const int chunk = transposed ? (lane >> 4 << 2) + (lane & 3) : lane >> 2;
  const int word = transposed ? lane >> 2 & 3 : lane & 3;
  return reinterpret_cast<std::uint32_t*>(row + ((chunk ^ (token & 7)) << 4)) + word;
}

/// Four columns a lane into codes and the scale of each group. `stride`: of a row of scales.
template <int kGroup>
__device__ __forceinline__ void round_block(const float (&v)[4], std::int8_t* codes, float* scales, bool transposed,
                                            int tokens, int stride, int block, int token, int lane) {
  constexpr int kGroups = kBlock / kGroup;
  constexpr int kLanes = kGroup / 4;
  const ActivationScale scale(largest_of<kLanes>(
      max(max(magnitude_bits(v[0]), magnitude_bits(v[1])), max(magnitude_bits(v[2]), magnitude_bits(v[3])))));
  *word_of(codes, tokens, transposed, block, token, lane) = codes_of(v, scale);
  if (lane % kLanes == 0)
    scales[static_cast<std::int64_t>(block * kGroups + lane / kLanes) * stride + token] = scale.scale;
}

/// A group of kColumns in the row of a token that four lanes hold as an accumulator's row: lane q has value(n, e) at
/// the columns 8n + 2q + e, from `first` on in the whole row. By all lanes of a warp; tokens from `tokens` on only fill
/// up the row of scales.
template <int kColumns, class Value>
__device__ __forceinline__ void round_quad(const Value& value, std::int8_t* codes, float* scales, bool transposed,
                                           int tokens, int first, int token, int q) {
  std::uint32_t largest = 0;
#pragma unroll
  for (int n = 0; n < kColumns / 8; ++n)
    largest = max(largest, max(magnitude_bits(value(n, 0)), magnitude_bits(value(n, 1))));
  const ActivationScale scale(largest_of<4>(largest));
  const int stride = (tokens + 7) / 8 * 8;
  if (q == 0 && token < stride)
    scales[static_cast<std::int64_t>(first / kColumns) * stride + token] = token < tokens ? scale.scale : 0.0F;
#pragma unroll
  for (int chunk = 0; chunk < kColumns / 16; ++chunk) {
    float v[4];
    gather_four(value(2 * chunk, 0), value(2 * chunk, 1), value(2 * chunk + 1, 0), value(2 * chunk + 1, 1), q, v);
    const int lane = (first % kBlock + 16 * chunk) / 4 + q % 2 * 2 + q / 2;
    const std::uint32_t word = codes_of(v, scale);
    if (token < tokens) *word_of(codes, tokens, transposed, first / kBlock, token, lane) = word;
  }
}

/// Rows with one scale each: a CTA takes a whole row, and knows its largest magnitude before it stores the first code.
struct TokenCodes {
  std::int8_t* codes;
  float* scales;
  bool transposed;
  int tokens;

  __device__ static std::uint32_t widen(std::uint32_t largest, const float (&v)[4]) {
    return max(max(largest, max(magnitude_bits(v[0]), magnitude_bits(v[1]))),
               max(magnitude_bits(v[2]), magnitude_bits(v[3])));
  }
  /// From the largest magnitudes of the CTA's threads; stores it. To be called by all of them.
  template <int kThreads>
  __device__ ActivationScale scale_of(std::uint32_t largest, std::int64_t row) const {
    const auto larger = [](std::uint32_t a, std::uint32_t b) { return max(a, b); };
    const ActivationScale scale(reduce_block<kThreads>(largest, larger));
    if (threadIdx.x == 0) scales[row] = scale.scale;
    return scale;
  }
  /// Columns block · 128 + 4 · lane + …
  __device__ void store_block(const float (&v)[4], const ActivationScale& scale, std::int64_t row, int block,
                              int lane) const {
    *word_of(codes, tokens, transposed, block, static_cast<int>(row), lane) = codes_of(v, scale);
  }
  /// The row of scales is filled up with zeros to a multiple of 8 tokens.
  __device__ void fill_block(std::int64_t row, int block, int lane) const {
    if (block == 0 && lane == 0) scales[row] = 0.0F;
  }
};

}  // namespace salient::cuda::mixed
