// SPDX-License-Identifier: Apache-2.0
#include "core/compute/cpu_memory.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <sys/mman.h>

#include <cstdlib>
#include <limits>
#include <new>

namespace salient {
namespace {

constexpr std::uint64_t kAlignment = 64;
constexpr std::uint64_t kHugePage = std::uint64_t{2} << 20;

/// Rounded so that requests of nearly the same size find each other's blocks: to an eighth of the power of two below.
std::uint64_t rounded(std::uint64_t bytes) {
  std::uint64_t step = kAlignment;
  while (step * 16 <= bytes)
    step *= 2;
  return (bytes + step - 1) / step * step;
}

void* allocate_block(std::uint64_t bytes) {
  const bool huge = bytes >= 2 * kHugePage;
  const std::uint64_t alignment = huge ? kHugePage : kAlignment;
  const std::uint64_t size = (bytes + alignment - 1) / alignment * alignment;
  void* data = std::aligned_alloc(alignment, size);
  if (data != nullptr && huge) madvise(data, size, MADV_HUGEPAGE);  // advice: refusing it changes nothing but speed
  return data;
}

}  // namespace

class MemoryPool::Block final : public Buffer {
 public:
  Block(std::shared_ptr<MemoryPool> pool, void* data, std::uint64_t bytes)
      : pool_(std::move(pool)), data_(data), bytes_(bytes) {}
  ~Block() override { pool_->give_back(data_, bytes_); }
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;
  [[nodiscard]] void* data() const override { return data_; }

 private:
  std::shared_ptr<MemoryPool> pool_;
  void* data_;
  std::uint64_t bytes_;
};

MemoryPool::~MemoryPool() {
  release_kept();
}

std::shared_ptr<Buffer> MemoryPool::take(std::uint64_t bytes) {
  if (bytes > std::numeric_limits<std::uint64_t>::max() / 4) return nullptr;
  const std::uint64_t size = rounded(bytes == 0 ? 1 : bytes);
  void* data = nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = free_.find(size); found != free_.end()) {
      data = found->second;
      kept_ -= size;
      free_.erase(found);
    }
  }
  if (data == nullptr) data = allocate_block(size);
  if (data == nullptr) return nullptr;
  return std::make_shared<Block>(shared_from_this(), data, size);
}

void MemoryPool::release_kept() {
  const std::lock_guard lock(mutex_);
  for (const auto& [bytes, data] : free_)
    std::free(data);
  free_.clear();
  kept_ = 0;
#ifdef __GLIBC__
  malloc_trim(0);  // what the C library holds back itself
#endif
}

void MemoryPool::give_back(void* data, std::uint64_t bytes) {
  {
    const std::lock_guard lock(mutex_);
    if (bytes <= keep_bytes_ && kept_ + bytes <= keep_bytes_) {
      try {  // called from destructors: without memory for the entry the block goes at once
        free_.emplace(bytes, data);
        kept_ += bytes;
        return;
      } catch (const std::bad_alloc&) {
      }
    }
  }
  std::free(data);
}

}  // namespace salient
