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
__device__ __forceinline__ std::uint32_t codes_of(const float (&v)[4], const ActivationScale& scale) {
  std::uint32_t word = 0;
#pragma unroll
  for (int i = 0; i < 4; ++i)
    word |= (static_cast<std::uint32_t>(__float2int_rn(scale.code(v[i]))) & 0xffU) << (8 * i);
  return word;
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

}  // namespace salient::cuda::mixed
