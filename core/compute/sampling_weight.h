// SPDX-License-Identifier: Apache-2.0
// What a token weighs when the next one is drawn, as an integer: sums of integers are the same in whatever order they
// are formed, so that a device's thousand threads and the processor's one choose the same token. Only additions,
// multiplications and a division that IEEE 754 rounds in one way, none of them fused.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

#ifdef __CUDACC__
#define SALIENT_BOTH __host__ __device__ __forceinline__
#else
#define SALIENT_BOTH inline
#endif

namespace salient::sampling {

inline constexpr int kWeightBits = 40;
/// Rows of a vocabulary whose weights together still fit 63 bits.
inline constexpr std::int64_t kMostTokens = std::int64_t{1} << 23;

SALIENT_BOTH double add(double a, double b) {
#ifdef __CUDA_ARCH__
  return __dadd_rn(a, b);
#else
  return a + b;
#endif
}
SALIENT_BOTH double multiply(double a, double b) {
#ifdef __CUDA_ARCH__
  return __dmul_rn(a, b);
#else
  return a * b;
#endif
}
SALIENT_BOTH double divide(double a, double b) {
#ifdef __CUDA_ARCH__
  return __ddiv_rn(a, b);
#else
  return a / b;
#endif
}
SALIENT_BOTH double power_of_two(int exponent) {
  const std::uint64_t bits = static_cast<std::uint64_t>(1023 + exponent) << 52;
#ifdef __CUDA_ARCH__
  return __longlong_as_double(static_cast<long long>(bits));
#else
  return std::bit_cast<double>(bits);
#endif
}

/// round(2^kWeightBits · exp((logit − largest)/temperature)); temperature > 0, largest finite and no less than logit.
SALIENT_BOTH std::uint64_t weight(float logit, float largest, double temperature) {
  const double x = divide(add(static_cast<double>(logit), -static_cast<double>(largest)), temperature);
  if (!(x > -29)) return 0;  // below half a unit
  // x = (k + f) ln 2 with |f| ≤ 1/2; adding 1.5·2⁵² leaves no bits for a fraction.
  constexpr double kMagic = 6755399441055744.0;
  const double scaled = multiply(x, 1.4426950408889634);
  const double k = add(add(scaled, kMagic), -kMagic);
  const double z = multiply(add(scaled, -k), 0.6931471805599453);
  // Taylor's series of exp to the twelfth power: below 2⁻⁵² for |z| ≤ 0.35.
  double sum = 1.0 / 479001600;
  constexpr double kInverseFactorials[] = {1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880, 1.0 / 40320,
                                           1.0 / 5040,     1.0 / 720,     1.0 / 120,    1.0 / 24,
                                           1.0 / 6,        0.5,           1.0,          1.0};
#ifdef __CUDA_ARCH__
#pragma unroll
#endif
  for (const double coefficient : kInverseFactorials)
    sum = add(multiply(sum, z), coefficient);
  return static_cast<std::uint64_t>(add(multiply(sum, power_of_two(static_cast<int>(k) + kWeightBits)), 0.5));
}

/// What the kept tokens must weigh together: top_p of the total, rounded up, at least 1.
SALIENT_BOTH std::uint64_t weight_to_keep(std::uint64_t total, double top_p) {
  if (top_p >= 1) return total;
  const double share = multiply(static_cast<double>(total), top_p);
  const auto whole = static_cast<std::uint64_t>(share);
  const std::uint64_t up = static_cast<double>(whole) < share ? whole + 1 : whole;
  return up < 1 ? 1 : up > total ? total : up;
}

}  // namespace salient::sampling
