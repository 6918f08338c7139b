// SPDX-License-Identifier: Apache-2.0
#include "core/base/memory_reserve.h"

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>

namespace salient {
namespace {

std::atomic<bool> g_taken{false};
std::atomic<bool> g_needed{false};
std::atomic<void*> g_reserve{nullptr};
std::new_handler g_before = nullptr;

/// Threads may come here together: one of them gives the reserve back, and those that fail again after it give up.
void give_back() {
  void* const reserve = g_reserve.exchange(nullptr);
  if (reserve == nullptr) throw std::bad_alloc();
  std::free(reserve);
  g_needed = true;
}

}  // namespace

MemoryReserve::MemoryReserve() : outermost_(!g_taken.exchange(true)) {
  if (!outermost_) return;
  g_needed = false;
  void* const reserve = std::malloc(kBytes);
  if (reserve != nullptr) std::memset(reserve, 1, kBytes);  // the system's memory, not only its promise
  g_reserve = reserve;
  g_before = std::set_new_handler(give_back);
}

MemoryReserve::~MemoryReserve() {
  if (!outermost_) return;
  std::set_new_handler(g_before);
  std::free(g_reserve.exchange(nullptr));
  g_needed = false;
  g_taken = false;
}

bool MemoryReserve::needed() noexcept {
  return g_needed;
}

Error MemoryReserve::error() noexcept {
  try {
    return {ErrorCode::memory, "", "", "enough memory", "none left", "close other programs, or use shorter sequences"};
  } catch (const std::bad_alloc&) {
    return {ErrorCode::memory, {}, {}, {}, {}, {}};
  }
}

}  // namespace salient
