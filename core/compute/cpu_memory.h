// SPDX-License-Identifier: Apache-2.0
// Host memory of the CPU backend: aligned blocks that are kept for the next request of about their size, because
// the page faults of fresh blocks of 100 MB cost as much as the arithmetic done in them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <string>

#include "core/base/result.h"
#include "core/compute/tensor.h"

namespace salient {

class MemoryPool : public std::enable_shared_from_this<MemoryPool> {
 public:
  /// At most `keep_bytes` of free blocks are kept.
  explicit MemoryPool(std::uint64_t keep_bytes) : keep_bytes_(keep_bytes) {}
  ~MemoryPool();
  MemoryPool(const MemoryPool&) = delete;
  MemoryPool& operator=(const MemoryPool&) = delete;

  /// Aligned to 64 bytes, contents unspecified; null when the system has no more. The block keeps the pool alive.
  [[nodiscard]] std::shared_ptr<Buffer> take(std::uint64_t bytes);
  void release_kept();

 private:
  class Block;
  void give_back(void* data, std::uint64_t bytes);

  std::mutex mutex_;
  std::uint64_t keep_bytes_;
  std::uint64_t kept_ = 0;
  std::multimap<std::uint64_t, void*> free_;
};

/// Floats for the time of one operation. Throws std::bad_alloc, which guarded() turns into an Error.
class Scratch {
 public:
  Scratch(MemoryPool& pool, std::int64_t count)
      : buffer_(pool.take(static_cast<std::uint64_t>(count) * sizeof(float))) {
    if (!buffer_) throw std::bad_alloc();
  }
  [[nodiscard]] float* data() const { return static_cast<float*>(buffer_->data()); }
  [[nodiscard]] const std::shared_ptr<Buffer>& buffer() const { return buffer_; }

 private:
  std::shared_ptr<Buffer> buffer_;
};

/// Runs an operation; a lack of memory inside it becomes an Error.
template <class Operation>
[[nodiscard]] Status guarded(const char* name, const Operation& operation) {
  try {
    operation();
    return {};
  } catch (const std::bad_alloc&) {
    return Error{ErrorCode::memory,
                 {},
                 name,
                 "memory for intermediate results",
                 "the system has no more",
                 "close other programs, or use shorter sequences"};
  }
}

}  // namespace salient
