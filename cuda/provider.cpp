// SPDX-License-Identifier: Apache-2.0
#include "cuda/provider.h"

#include <cuda_runtime_api.h>
#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>

#include "cuda/cuda_backend.h"

namespace salient::cuda {
namespace {

/// Free memory and the driver's version come from NVML, which belongs to the driver and is not always there; asking the
/// runtime instead would make a context on every device.
class Nvml {
 public:
  Nvml() : library_(dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL)) {
    if (library_ == nullptr) return;
    const auto init = function<int (*)()>("nvmlInit_v2");
    ready_ = init != nullptr && init() == 0;
  }
  ~Nvml() {
    if (ready_) {
      if (const auto shutdown = function<int (*)()>("nvmlShutdown")) shutdown();
    }
    if (library_ != nullptr) dlclose(library_);
  }
  Nvml(const Nvml&) = delete;
  Nvml& operator=(const Nvml&) = delete;

  [[nodiscard]] std::string driver() const {
    char text[96] = {};
    const auto version = ready_ ? function<int (*)(char*, unsigned)>("nvmlSystemGetDriverVersion") : nullptr;
    if (version == nullptr || version(text, sizeof text - 1) != 0) return {};
    return escape_for_message(static_cast<const char*>(text));
  }

  [[nodiscard]] std::uint64_t free_bytes(int ordinal) const {
    struct Memory {
      unsigned long long total, free, used;
    };
    if (!ready_) return 0;
    const auto find = function<int (*)(const char*, void**)>("nvmlDeviceGetHandleByPciBusId_v2");
    const auto memory_of = function<int (*)(void*, Memory*)>("nvmlDeviceGetMemoryInfo");
    char bus[32] = {};
    void* device = nullptr;
    Memory memory{};
    if (find == nullptr || memory_of == nullptr) return 0;
    if (cudaDeviceGetPCIBusId(static_cast<char*>(bus), sizeof bus, ordinal) != cudaSuccess) return 0;
    if (find(static_cast<const char*>(bus), &device) != 0 || memory_of(device, &memory) != 0) return 0;
    return memory.free;
  }

 private:
  template <class Function>
  [[nodiscard]] Function function(const char* name) const {
    return reinterpret_cast<Function>(dlsym(library_, name));
  }

  void* library_ = nullptr;
  bool ready_ = false;
};

Result<int> device_count() {
  int count = 0;
  const cudaError_t status = cudaGetDeviceCount(&count);
  if (status == cudaSuccess && count > 0) return count;
  static_cast<void>(cudaGetLastError());
  const bool none = status == cudaSuccess || status == cudaErrorNoDevice;
  return Error{ErrorCode::unsupported,
               "cuda",
               "device",
               "an NVIDIA GPU and its driver",
               none ? "none" : cudaGetErrorString(status),
               none ? "use --device cpu" : "install or update the NVIDIA driver, or use --device cpu"};
}

/// "cuda" and "cuda:N".
Result<int> ordinal_of(const std::string& device, int count) {
  const std::string_view text = std::string_view(device).substr(std::min<std::size_t>(device.size(), 5));
  int ordinal = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), ordinal);
  const bool whole = device == "cuda" || (problem == std::errc() && end == text.data() + text.size() && ordinal >= 0);
  if (whole && ordinal < count) return ordinal;
  return Error{whole ? ErrorCode::unsupported : ErrorCode::usage,
               {},
               "device",
               count == 1 ? "cuda:0" : fmt::format("cuda:0 to cuda:{}", count - 1),
               fmt::format("\"{}\"", escape_for_message(device)),
               "salient devices lists what there is"};
}

class Provider final : public BackendProvider {
 public:
  [[nodiscard]] std::string scheme() const override { return "cuda"; }

  [[nodiscard]] Result<std::vector<DeviceInfo>> devices() override {
    SALIENT_ASSIGN(const int count, device_count());
    const Nvml nvml;
    std::vector<DeviceInfo> found;
    for (int ordinal = 0; ordinal < count; ++ordinal) {
      cudaDeviceProp properties{};
      if (cudaGetDeviceProperties(&properties, ordinal) != cudaSuccess) continue;
      found.push_back({fmt::format("cuda:{}", ordinal), escape_for_message(static_cast<const char*>(properties.name)),
                       properties.totalGlobalMem, nvml.free_bytes(ordinal),
                       fmt::format("{}.{}", properties.major, properties.minor), nvml.driver()});
    }
    return found;
  }

  [[nodiscard]] Result<std::unique_ptr<Backend>> make(const BackendRequest& request) override {
    auto count = device_count();
    if (!count) {
      count.error().found = fmt::format("\"{}\" and {}", escape_for_message(request.device), count.error().found);
      return count.error();
    }
    SALIENT_ASSIGN(const int ordinal, ordinal_of(request.device, *count));
    SALIENT_ASSIGN(std::shared_ptr<Context> context, Context::create(ordinal, request.device_memory));
    return std::unique_ptr<Backend>(std::make_unique<CudaBackend>(std::move(context), request));
  }
};

}  // namespace

std::shared_ptr<BackendProvider> make_provider() {
  return std::make_shared<Provider>();
}

}  // namespace salient::cuda
