// SPDX-License-Identifier: Apache-2.0
// Seeded random numbers that are the same on every platform and standard library (SplitMix64 seeding
// xoshiro256**, Blackman and Vigna 2018), because calibration windows and controls must be repeatable.
#pragma once

#include <array>
#include <cstdint>

namespace salient {

class Random {
 public:
  explicit Random(std::uint64_t seed);
  [[nodiscard]] std::uint64_t next();                      ///< uniform over all 64-bit values
  [[nodiscard]] std::uint64_t below(std::uint64_t bound);  ///< uniform over [0, bound), without bias; bound > 0
  [[nodiscard]] double uniform();                          ///< [0, 1), 53 bits

 private:
  std::array<std::uint64_t, 4> state_{};
};

}  // namespace salient
