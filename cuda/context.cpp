// SPDX-License-Identifier: Apache-2.0
#include "cuda/context.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "cuda/measured_plans.h"

namespace salient::cuda {
namespace {

/// What cuBLAS asks for on Hopper; smaller devices need less.
constexpr std::uint64_t kBlasWorkspaceBytes = std::uint64_t{32} << 20;
/// Smaller copies from pageable memory are staged by the driver itself before it returns.
constexpr std::size_t kSmallCopyBytes = std::size_t{64} << 10;

}  // namespace

std::string sizes_of(const Tensor& tensor) {
  return fmt::format("{} x {}", tensor.rows, tensor.cols);
}

Context::Context() = default;

Result<std::shared_ptr<Context>> Context::create(int ordinal, std::uint64_t memory_limit) {
  const std::shared_ptr<Context> context(new Context);
  SALIENT_CHECK(context->open(ordinal, memory_limit));
  return context;
}

Status Context::open(int ordinal, std::uint64_t memory_limit) {
  ordinal_ = ordinal;
  label_ = fmt::format("cuda:{}", ordinal);
  SALIENT_CHECK(check(cudaSetDevice(ordinal), "open the device"));
  SALIENT_CHECK(check(cudaGetDeviceProperties(&properties_, ordinal), "read the device's properties"));
  int kilohertz = 0, bits = 0;
  if (cudaDeviceGetAttribute(&kilohertz, cudaDevAttrMemoryClockRate, ordinal) == cudaSuccess &&
      cudaDeviceGetAttribute(&bits, cudaDevAttrGlobalMemoryBusWidth, ordinal) == cudaSuccess) {
    memory_rate_ = 2e3 * kilohertz * bits / 8;  // two bits a clock and line
  } else {
    static_cast<void>(cudaGetLastError());  // nothing of importance failed
  }
  label_ += fmt::format(" ({})", escape_for_message(static_cast<const char*>(properties_.name)));
  if (capability() < 80) {
    return Error{ErrorCode::unsupported,
                 label_,
                 "compute capability",
                 "8.0 or newer",
                 fmt::format("{}.{}", properties_.major, properties_.minor),
                 "use --device cpu"};
  }
  SALIENT_CHECK(check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "make a stream"));
  plans_ = std::make_unique<MeasuredPlans>(properties_);
  memory_ = std::make_shared<DeviceMemory>(ordinal, properties_.totalGlobalMem, memory_limit);
  for (Stage& stage : stages_) {
    SALIENT_CHECK(check(cudaMallocHost(&stage.host, kStageBytes), "pin host memory"));
    SALIENT_CHECK(check(cudaEventCreateWithFlags(&stage.free, cudaEventDisableTiming), "make an event"));
  }
  SALIENT_CHECK(check(cublasCreate(&blas_), "open cuBLAS"));
  SALIENT_CHECK(check(cublasSetStream(blas_, stream_), "open cuBLAS"));
  // Its own workspace: results stay the same from run to run, and nothing is allocated behind the budget's back.
  SALIENT_ASSIGN(blas_workspace_, scratch(kBlasWorkspaceBytes, "open cuBLAS"));
  return check(cublasSetWorkspace(blas_, blas_workspace_->data(), kBlasWorkspaceBytes), "open cuBLAS");
}

Context::~Context() {
  bind();
  // Nobody is left to hear of an error.
  if (stream_ != nullptr) static_cast<void>(cudaStreamSynchronize(stream_));
  if (blas_ != nullptr) static_cast<void>(cublasDestroy(blas_));
  for (const Stage& stage : stages_) {
    if (stage.host != nullptr) static_cast<void>(cudaFreeHost(stage.host));
    if (stage.free != nullptr) static_cast<void>(cudaEventDestroy(stage.free));
  }
  if (stream_ != nullptr) static_cast<void>(cudaStreamDestroy(stream_));
}

void Context::bind() const {
  // The driver compares with the thread's current device; a refusal shows in the call that follows.
  static_cast<void>(cudaSetDevice(ordinal_));
}

Status Context::check(cudaError_t status, const char* operation, const std::string& sizes) {
  if (status == cudaSuccess) return {};
  static_cast<void>(cudaGetLastError());
  Error error{ErrorCode::device,
              label_,
              sizes.empty() ? operation : fmt::format("{} ({})", operation, sizes),
              "success",
              fmt::format("{}: {}", cudaGetErrorName(status), cudaGetErrorString(status)),
              {}};
  if (status == cudaErrorMemoryAllocation) {
    error.code = ErrorCode::memory;
    error.advice = "use shorter sequences or fewer at once, close other programs on the GPU, or use --device cpu";
    return error;
  }
  if (status == cudaErrorNoDevice || status == cudaErrorInsufficientDriver || status == cudaErrorInvalidDevice ||
      status == cudaErrorDevicesUnavailable || status == cudaErrorSystemDriverMismatch ||
      status == cudaErrorNoKernelImageForDevice) {
    error.code = ErrorCode::unsupported;
    error.advice = "salient devices lists what there is; use --device cpu otherwise";
    return error;
  }
  // An error that stays ends every later call as well: cudaFree of nothing asks for it.
  if (cudaFree(nullptr) != cudaSuccess || cudaStreamQuery(stream_) == status) usable_ = false;
  error.advice = usable_ ? "please report this"
                         : "the GPU is of no more use to this process; start again: what was finished is kept";
  return error;
}

Status Context::check(cublasStatus_t status, const char* operation, const std::string& sizes) {
  if (status == CUBLAS_STATUS_SUCCESS) return {};
  // cuBLAS hides the driver's error behind its own.
  if (status == CUBLAS_STATUS_EXECUTION_FAILED || status == CUBLAS_STATUS_INTERNAL_ERROR) {
    SALIENT_CHECK(check(cudaGetLastError(), operation, sizes));
    SALIENT_CHECK(check(cudaFree(nullptr), operation, sizes));
  }
  Error error{ErrorCode::device,
              label_,
              sizes.empty() ? operation : fmt::format("{} ({})", operation, sizes),
              "success of cuBLAS",
              fmt::format("status {}: {}", static_cast<int>(status), cublasGetStatusString(status)),
              "please report this"};
  if (status == CUBLAS_STATUS_ALLOC_FAILED) {
    error.code = ErrorCode::memory;
    error.advice = "close other programs on the GPU, or lower --gpu-memory";
  }
  return error;
}

Status Context::synchronize(const char* operation, const std::string& sizes) {
  bind();
  return check(cudaStreamSynchronize(stream_), operation, sizes);
}

Status Context::wait_for(Context& other, const char* operation) {
  other.bind();
  cudaEvent_t reached = nullptr;
  SALIENT_CHECK(other.check(cudaEventCreateWithFlags(&reached, cudaEventDisableTiming), operation));
  Status waits = other.check(cudaEventRecord(reached, other.stream_), operation);
  bind();
  if (waits) waits = check(cudaStreamWaitEvent(stream_, reached, 0), operation);
  static_cast<void>(cudaEventDestroy(reached));  // once it has been reached
  return waits;
}

Result<std::shared_ptr<Buffer>> Context::scratch(std::uint64_t bytes, const char* operation) {
  bind();
  if (auto buffer = memory_->take(bytes)) return buffer;
  const bool bounded = memory_->limit() > 0 && memory_->in_use() + bytes > memory_->limit();
  return Error{ErrorCode::memory,
               label_,
               operation,
               fmt::format("{} bytes of device memory", bytes),
               bounded ? fmt::format("{} of {} bytes in use", memory_->in_use(), memory_->limit())
                       : fmt::format("{} bytes free", memory_->available()),
               bounded ? "raise --gpu-memory, or use shorter sequences or fewer at once"
                       : "use shorter sequences or fewer at once, or close other programs on the GPU"};
}

Status Context::upload(const void* host, void* device, std::size_t bytes) {
  bind();
  if (bytes == 0) return {};
  if (bytes <= kSmallCopyBytes) {
    return check(cudaMemcpyAsync(device, host, bytes, cudaMemcpyHostToDevice, stream_), "copy to the device");
  }
  std::size_t turn = 0;
  for (std::size_t first = 0; first < bytes; first += kStageBytes, ++turn) {
    const Stage& stage = stages_[turn % stages_.size()];
    const std::size_t count = std::min(kStageBytes, bytes - first);
    SALIENT_CHECK(check(cudaEventSynchronize(stage.free), "copy to the device"));
    std::memcpy(stage.host, static_cast<const std::byte*>(host) + first, count);
    SALIENT_CHECK(check(
        cudaMemcpyAsync(static_cast<std::byte*>(device) + first, stage.host, count, cudaMemcpyHostToDevice, stream_),
        "copy to the device"));
    SALIENT_CHECK(check(cudaEventRecord(stage.free, stream_), "copy to the device"));
  }
  return {};
}

Status Context::download(const void* device, void* host, std::size_t bytes) {
  bind();
  if (bytes <= kSmallCopyBytes) {
    if (bytes > 0) {
      SALIENT_CHECK(
          check(cudaMemcpyAsync(host, device, bytes, cudaMemcpyDeviceToHost, stream_), "copy from the device"));
    }
    return synchronize("copy from the device");
  }
  // While one stage is emptied on the host, the next one is filled.
  const std::size_t pieces = (bytes + kStageBytes - 1) / kStageBytes;
  const auto size_of = [&](std::size_t piece) { return std::min(kStageBytes, bytes - piece * kStageBytes); };
  for (std::size_t piece = 0; piece <= pieces; ++piece) {
    if (piece < pieces) {
      const Stage& stage = stages_[piece % stages_.size()];
      SALIENT_CHECK(check(cudaMemcpyAsync(stage.host, static_cast<const std::byte*>(device) + piece * kStageBytes,
                                          size_of(piece), cudaMemcpyDeviceToHost, stream_),
                          "copy from the device"));
      SALIENT_CHECK(check(cudaEventRecord(stage.free, stream_), "copy from the device"));
    }
    if (piece == 0) continue;
    const Stage& full = stages_[(piece - 1) % stages_.size()];
    SALIENT_CHECK(check(cudaEventSynchronize(full.free), "copy from the device"));
    std::memcpy(static_cast<std::byte*>(host) + (piece - 1) * kStageBytes, full.host, size_of(piece - 1));
  }
  return synchronize("copy from the device");
}

}  // namespace salient::cuda
