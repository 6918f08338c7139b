// SPDX-License-Identifier: Apache-2.0
// What an operation needs to end in good order once memory has ended. Destructors may not throw, yet some that are not
// ours allocate: those of JSON values (nlohmann's library), and the C++ library's directory iterators. So an operation
// sets memory aside while there is some; the first allocation by `new` that fails gives it back and is tried again,
// and Job::check() answers from then on that memory has ended.
#pragma once

#include <cstddef>

#include "core/base/result.h"

namespace salient {

class MemoryReserve {
 public:
  static constexpr std::size_t kBytes = std::size_t{4} << 20;

  /// Takes kBytes and std::set_new_handler(). One at a time: another one in the same process meanwhile does nothing.
  /// Where not even kBytes are left it holds nothing, and allocations fail as they would without it.
  MemoryReserve();
  ~MemoryReserve();
  MemoryReserve(const MemoryReserve&) = delete;
  MemoryReserve& operator=(const MemoryReserve&) = delete;

  /// There is one, and it was needed. From any thread.
  [[nodiscard]] static bool needed() noexcept;
  /// Of code `memory`, without its words where there is no memory for them.
  [[nodiscard]] static Error error() noexcept;

 private:
  bool outermost_ = false;
};

}  // namespace salient
