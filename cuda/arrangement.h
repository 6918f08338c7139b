// SPDX-License-Identifier: Apache-2.0
// Several arrays in one allocation.
#pragma once

#include <cstdint>

namespace salient::cuda {

/// Where each array begins, in bytes.
class Arrangement {
 public:
  /// Up to where the next one may begin.
  [[nodiscard]] static std::int64_t aligned(std::int64_t bytes) {
    constexpr std::int64_t kAlignment = 256;
    return (bytes + kAlignment - 1) / kAlignment * kAlignment;
  }
  std::int64_t add(std::int64_t bytes) {
    const std::int64_t at = total_;
    total_ += aligned(bytes);
    return at;
  }
  [[nodiscard]] std::int64_t total() const { return total_; }

 private:
  std::int64_t total_ = 0;
};

}  // namespace salient::cuda
