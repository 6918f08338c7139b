// SPDX-License-Identifier: Apache-2.0
// Rounding to integer codes (METHOD §1), for loops. Always inlined, so that the same arithmetic
// vectorises for whatever processor the calling function is compiled for; no operation here can be fused, so the
// codes are the same everywhere.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#define SALIENT_INLINE __attribute__((always_inline)) inline

namespace salient::rounding {

/// Half to even for |x| < 2²², as torch.round: adding 1.5·2²³ leaves no bits for a fraction.
SALIENT_INLINE float to_even(float x) {
  constexpr float magic = 12582912.0F;
  return (x + magic) - magic;
}

/// In this order NaN falls to `low`.
SALIENT_INLINE float clamp(float x, float low, float high) {
  return std::min(std::max(low, x), high);
}

/// clamp(round(x) + zero, low, high). x is bounded first, so that the rounding is exact for any input.
SALIENT_INLINE float code(float x, float zero, float low, float high) {
  return clamp(to_even(clamp(x, -1024.0F, 1024.0F)) + zero, low, high);
}

/// Activations of one token and group: see quantize_activation_group(). `sum` receives Σ codes.
SALIENT_INLINE float activations(const float* x, std::int64_t count, std::int8_t* codes, std::int32_t& sum) {
  // Magnitudes order as their bit patterns do, NaN last: the maximum is NaN where there is one.
  std::uint32_t largest = 0;
  for (std::int64_t k = 0; k < count; ++k) {
    largest = std::max(largest, std::bit_cast<std::uint32_t>(x[k]) & 0x7fffffffU);
  }
  const float scale = std::bit_cast<float>(largest) / 127.0F;
  // A group of zeros keeps scale 0; dividing by anything else leaves its codes zero.
  const float divisor = scale == 0.0F ? 1.0F : scale;
  std::int32_t total = 0;
  for (std::int64_t k = 0; k < count; ++k) {
    const auto q = static_cast<std::int32_t>(code(x[k] / divisor, 0.0F, -127.0F, 127.0F));
    codes[k] = static_cast<std::int8_t>(q);
    total += q;
  }
  sum = total;
  return scale;
}

}  // namespace salient::rounding
