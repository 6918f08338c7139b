// SPDX-License-Identifier: Apache-2.0
// How long something took, by a clock that nobody sets.
#pragma once

#include <chrono>

namespace salient {

using Clock = std::chrono::steady_clock;

/// Seconds from `start` until now.
[[nodiscard]] inline double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace salient
