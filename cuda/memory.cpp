// SPDX-License-Identifier: Apache-2.0
#include "cuda/memory.h"

#include <cuda_runtime_api.h>

#include <algorithm>
#include <cassert>
#include <limits>
#include <new>

namespace salient::cuda {
namespace {

constexpr std::uint64_t kAlignment = 256;

/// Rounded so that requests of nearly the same size find each other's blocks: to a sixteenth of the power of two below.
std::uint64_t rounded(std::uint64_t bytes) {
  std::uint64_t step = kAlignment;
  while (step * 32 <= bytes)
    step *= 2;
  return (bytes + step - 1) / step * step;
}

}  // namespace

class DeviceMemory::Block final : public Buffer {
 public:
  Block(std::shared_ptr<DeviceMemory> memory, void* data, std::uint64_t bytes)
      : memory_(std::move(memory)), data_(data), bytes_(bytes) {}
  ~Block() override { memory_->give_back(data_, bytes_); }
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;
  [[nodiscard]] void* data() const override { return data_; }

 private:
  std::shared_ptr<DeviceMemory> memory_;
  void* data_;
  std::uint64_t bytes_;
};

DeviceMemory::~DeviceMemory() {
  static_cast<void>(cudaSetDevice(ordinal_));
  release_kept();
}

void DeviceMemory::release_kept() {
  // A device that failed refuses, and has forgotten the memory anyway.
  for (const auto& [bytes, data] : free_)
    static_cast<void>(cudaFree(data));
  free_.clear();
  kept_ = 0;
}

std::shared_ptr<Buffer> DeviceMemory::take(std::uint64_t bytes) {
  if (bytes > std::numeric_limits<std::uint64_t>::max() / 4) return nullptr;
  const std::uint64_t size = rounded(std::max<std::uint64_t>(bytes, 1));
  void* data = nullptr;
  {
    const std::scoped_lock lock(mutex_);
    if (open_ != nullptr) {
      if (const auto held = open_->blocks_.find(size); held != open_->blocks_.end()) {
        data = held->second;
        open_->blocks_.erase(held);
        return std::make_shared<Block>(shared_from_this(), data, size);
      }
    }
    if (const auto found = free_.find(size); found != free_.end()) {
      data = found->second;
      kept_ -= size;
      free_.erase(found);
    } else {
      if (limit_ > 0 && in_use_ + kept_ + size > limit_) release_kept();
      if (size > capacity_ || (limit_ > 0 && in_use_ + size > limit_)) return nullptr;
      if (cudaMalloc(&data, size) != cudaSuccess) {
        static_cast<void>(cudaGetLastError());
        release_kept();
        if (cudaMalloc(&data, size) != cudaSuccess) {
          static_cast<void>(cudaGetLastError());
          return nullptr;
        }
      }
    }
    in_use_ += size;
    peak_ = std::max(peak_, in_use_ + kept_);
  }
  return std::make_shared<Block>(shared_from_this(), data, size);
}

void DeviceMemory::release() {
  static_cast<void>(cudaSetDevice(ordinal_));
  const std::scoped_lock lock(mutex_);
  release_kept();
}

void DeviceMemory::give_back(void* data, std::uint64_t bytes) noexcept {
  const std::scoped_lock lock(mutex_);
  try {                      // called from destructors: without memory for the entry a block goes at once
    if (open_ != nullptr) {  // stays in use
      open_->blocks_.emplace(bytes, data);
      return;
    }
    free_.emplace(bytes, data);
    kept_ += bytes;
  } catch (const std::bad_alloc&) {
    if (open_ != nullptr) return;  // what was recorded goes on using it
    static_cast<void>(cudaFree(data));
  }
  in_use_ -= bytes;
}

std::unique_ptr<DeviceMemory::Held> DeviceMemory::hold() {
  auto held = std::make_unique<Held>(shared_from_this());
  const std::scoped_lock lock(mutex_);
  assert(open_ == nullptr);
  open_ = held.get();
  return held;
}

void DeviceMemory::Held::close() {
  const std::scoped_lock lock(memory_->mutex_);
  if (memory_->open_ == this) memory_->open_ = nullptr;
}

DeviceMemory::Held::~Held() {
  close();
  for (const auto& [bytes, data] : blocks_)
    memory_->give_back(data, bytes);
}

std::uint64_t DeviceMemory::in_use() const {
  const std::scoped_lock lock(mutex_);
  return in_use_;
}

std::uint64_t DeviceMemory::peak() const {
  const std::scoped_lock lock(mutex_);
  return peak_;
}

std::uint64_t DeviceMemory::available() const {
  std::size_t free = 0, total = 0;
  if (cudaSetDevice(ordinal_) != cudaSuccess || cudaMemGetInfo(&free, &total) != cudaSuccess) return 0;
  const std::scoped_lock lock(mutex_);
  const std::uint64_t of_device = free + kept_;
  return limit_ > 0 ? std::min(of_device, limit_ - std::min(limit_, in_use_)) : of_device;
}

}  // namespace salient::cuda
