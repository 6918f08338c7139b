// SPDX-License-Identifier: Apache-2.0
// Memory of one device: blocks that are kept for the next request of about their size, because cudaMalloc and
// cudaFree wait for the device, and a bound on all of them together. All work on the memory is ordered on one stream:
// a block may be handed out again before the kernels that used it last have run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

#include "core/compute/tensor.h"

namespace salient::cuda {

class DeviceMemory : public std::enable_shared_from_this<DeviceMemory> {
 public:
  /// `limit` bytes at most; 0 = no bound but the device's, which has `capacity` bytes.
  DeviceMemory(int ordinal, std::uint64_t capacity, std::uint64_t limit)
      : ordinal_(ordinal), capacity_(capacity), limit_(limit) {}
  ~DeviceMemory();
  DeviceMemory(const DeviceMemory&) = delete;
  DeviceMemory& operator=(const DeviceMemory&) = delete;

  /// Aligned to 256 bytes, contents unspecified; null when neither the limit nor the device leaves room, even after
  /// giving back what is kept. The block keeps the pool alive. The device must be the calling thread's.
  [[nodiscard]] std::shared_ptr<Buffer> take(std::uint64_t bytes);

  /// Blocks given back since hold() was called and taken again only until close(): for operations that are recorded and
  /// will run again on the same memory. Its end gives them to everybody.
  class Held {
   public:
    explicit Held(std::shared_ptr<DeviceMemory> memory) : memory_(std::move(memory)) {}
    ~Held();
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;
    void close();

   private:
    friend class DeviceMemory;
    std::shared_ptr<DeviceMemory> memory_;
    std::multimap<std::uint64_t, void*> blocks_;
  };
  /// One at a time is open.
  [[nodiscard]] std::unique_ptr<Held> hold();

  /// Gives what is kept for later requests back to the device.
  void release();

  [[nodiscard]] std::uint64_t limit() const { return limit_; }
  [[nodiscard]] std::uint64_t in_use() const;
  [[nodiscard]] std::uint64_t peak() const;  ///< most bytes held at once, kept blocks included
  /// What take() could still give: of the limit or of the device's free memory, kept blocks included.
  [[nodiscard]] std::uint64_t available() const;

 private:
  class Block;
  void give_back(void* data, std::uint64_t bytes) noexcept;
  void release_kept();  ///< with mutex_ held

  mutable std::mutex mutex_;
  int ordinal_;
  std::uint64_t capacity_;
  std::uint64_t limit_;
  std::uint64_t in_use_ = 0;
  std::uint64_t kept_ = 0;
  std::uint64_t peak_ = 0;
  std::multimap<std::uint64_t, void*> free_;
  Held* open_ = nullptr;
};

}  // namespace salient::cuda
