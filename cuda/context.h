// SPDX-License-Identifier: Apache-2.0
// One device as everything in cuda/ shares it: its stream, on which all work is ordered, its memory, cuBLAS, and the
// way from an error of the driver to an Error.
#pragma once

#include <cublas_v2.h>
#include <cuda_runtime_api.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "core/base/result.h"
#include "core/compute/tensor.h"
#include "cuda/memory.h"

namespace salient::cuda {

class MeasuredPlans;

class Context {
 public:
  /// `memory_limit` bytes for tensors; 0 = what is free when they are asked for.
  static Result<std::shared_ptr<Context>> create(int ordinal, std::uint64_t memory_limit);
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  [[nodiscard]] int ordinal() const { return ordinal_; }
  [[nodiscard]] const std::string& label() const { return label_; }  ///< "cuda:0 (NVIDIA H200)"
  [[nodiscard]] cudaStream_t stream() const { return stream_; }
  [[nodiscard]] cublasHandle_t blas() const { return blas_; }
  [[nodiscard]] int multiprocessors() const { return properties_.multiProcessorCount; }
  [[nodiscard]] int capability() const { return properties_.major * 10 + properties_.minor; }  ///< 90 for sm_90
  /// Of one block, after opting in.
  [[nodiscard]] std::size_t shared_memory() const { return properties_.sharedMemPerBlockOptin; }
  [[nodiscard]] std::size_t level2_bytes() const { return static_cast<std::size_t>(properties_.l2CacheSize); }
  /// Bytes a second between the device's memory and its cache, by clock and width; 0 where they are not told.
  [[nodiscard]] double memory_rate() const { return memory_rate_; }
  [[nodiscard]] DeviceMemory& memory() const { return *memory_; }
  [[nodiscard]] MeasuredPlans& plans() const { return *plans_; }

  /// Makes this device the calling thread's. To be called before anything else is asked of the driver.
  void bind() const;

  /// Success, or an Error that names the operation and its sizes ("linear", "2048 x 4096 -> 14336"). Asks the driver
  /// whether the device still works: see usable().
  [[nodiscard]] Status check(cudaError_t status, const char* operation, const std::string& sizes = {});
  [[nodiscard]] Status check(cublasStatus_t status, const char* operation, const std::string& sizes = {});
  [[nodiscard]] Status synchronize(const char* operation, const std::string& sizes = {});
  /// What follows on this stream runs after what is on the other one's now.
  [[nodiscard]] Status wait_for(Context& other, const char* operation);
  /// False once an error stays that ends all work of this process on the device.
  [[nodiscard]] bool usable() const { return usable_; }

  /// Bytes of the pool for the time of one operation or longer; contents unspecified.
  [[nodiscard]] Result<std::shared_ptr<Buffer>> scratch(std::uint64_t bytes, const char* operation);

  /// The host's memory may be used again when it returns; the copy itself is ordered on the stream.
  [[nodiscard]] Status upload(const void* host, void* device, std::size_t bytes);
  /// Complete when it returns, and with it everything before it on the stream.
  [[nodiscard]] Status download(const void* device, void* host, std::size_t bytes);

 private:
  /// Pinned host memory through which copies go, with the event after which it may be filled again.
  struct Stage {
    void* host = nullptr;
    cudaEvent_t free = nullptr;
  };
  static constexpr std::size_t kStageBytes = std::size_t{8} << 20;

  Context();
  [[nodiscard]] Status open(int ordinal, std::uint64_t memory_limit);

  int ordinal_ = 0;
  std::string label_;
  cudaDeviceProp properties_{};
  double memory_rate_ = 0;
  cudaStream_t stream_ = nullptr;
  cublasHandle_t blas_ = nullptr;
  std::shared_ptr<DeviceMemory> memory_;
  std::shared_ptr<Buffer> blas_workspace_;
  std::unique_ptr<MeasuredPlans> plans_;
  std::array<Stage, 2> stages_{};
  bool usable_ = true;
};

/// "2048 x 4096", for messages.
[[nodiscard]] std::string sizes_of(const Tensor& tensor);

}  // namespace salient::cuda
