// SPDX-License-Identifier: Apache-2.0
// Which devices can compute, and a backend on one of them. This room knows the processor; what else there is, a program
// adds at its start (the command line: CUDA devices, where it was built with a CUDA toolkit).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/compute/backend.h"

namespace salient {

/// How products of floats are formed. The mixed-precision product is the same in both.
enum class Precision : std::uint8_t {
  exact,  ///< fp32
  fast    ///< on tensor cores: factors rounded to the weights' 16 bits (fp32 weights: to TF32), sums in fp32
};
[[nodiscard]] std::string_view precision_name(Precision precision);

/// How and where to compute. Two equal requests may share a backend.
struct BackendRequest {
  std::string device = "cpu";       ///< "cpu", "cuda:0"; "cuda:0,1": devices that share the layers of a model
  int threads = 0;                  ///< for what is done on the processor; 0 = one for each core this process may use
  std::uint64_t device_memory = 0;  ///< bytes of each device's own memory to stay below; 0 = what is free there
  Precision precision = Precision::exact;
  bool operator==(const BackendRequest&) const = default;
};

struct DeviceInfo {
  std::string id;                  ///< what BackendRequest::device takes
  std::string name;                ///< as the device names itself
  std::uint64_t memory_bytes = 0;  ///< its own; of the processor what this process may use
  std::uint64_t free_bytes = 0;
  std::string capability;  ///< CUDA compute capability "9.0"; empty for the processor
  std::string driver;      ///< version; empty for the processor
};

struct DeviceList {
  std::vector<DeviceInfo> devices;  ///< the processor first
  std::vector<std::string> notes;   ///< why there are no others, a line each
};

/// One kind of device.
class BackendProvider {
 public:
  virtual ~BackendProvider() = default;
  [[nodiscard]] virtual std::string scheme() const = 0;  ///< "cuda": what its devices' ids begin with
  [[nodiscard]] virtual Result<std::vector<DeviceInfo>> devices() = 0;
  [[nodiscard]] virtual Result<std::unique_ptr<Backend>> make(const BackendRequest& request) = 0;
};
/// Replaces an earlier one of the same scheme.
void add_backend_provider(std::shared_ptr<BackendProvider> provider);

[[nodiscard]] DeviceList list_devices();
/// Several devices become one LayeredBackend. Error{usage} for a device nobody knows or named twice, Error{unsupported}
/// for one that this build or this machine does not have.
[[nodiscard]] Result<std::unique_ptr<Backend>> make_backend(const BackendRequest& request);

}  // namespace salient
