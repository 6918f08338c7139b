// SPDX-License-Identifier: Apache-2.0
#include "core/compute/devices.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>

#include "core/base/system.h"
#include "core/compute/layered_backend.h"

namespace salient {
namespace {

struct Registry {
  std::mutex mutex;
  std::map<std::string, std::shared_ptr<BackendProvider>> providers;  ///< by scheme
};

Registry& registry() {
  static Registry instance;
  return instance;
}

std::shared_ptr<BackendProvider> find_provider(const std::string& scheme) {
  const std::scoped_lock lock(registry().mutex);
  const auto found = registry().providers.find(scheme);
  return found == registry().providers.end() ? nullptr : found->second;
}

DeviceInfo processor() {
  const MachineInfo machine = machine_info();
  return {"cpu", escape_for_message(machine.processor), machine.memory_bytes, available_memory_bytes(), {}, {}};
}

/// "cuda:0", "cuda:1" of "cuda:0,1".
Result<std::vector<std::string>> each_device(const std::string& device, const std::string& scheme) {
  std::vector<std::string> devices;
  std::string_view rest = std::string_view(device).substr(std::min(device.size(), scheme.size() + 1));
  while (true) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    std::string one = fmt::format("{}:{}", scheme, rest.substr(0, end));
    if (end == 0 || std::find(devices.begin(), devices.end(), one) != devices.end()) {
      return Error{ErrorCode::usage,
                   {},
                   "device",
                   fmt::format("different devices, as in {}:0,1", scheme),
                   fmt::format("\"{}\"", escape_for_message(device)),
                   "name each device once"};
    }
    devices.push_back(std::move(one));
    if (end == rest.size()) return devices;
    rest.remove_prefix(end + 1);
  }
}

Result<std::unique_ptr<Backend>> make_layered(BackendProvider& provider, const BackendRequest& request) {
  SALIENT_ASSIGN(const std::vector<std::string> names, each_device(request.device, provider.scheme()));
  std::vector<std::unique_ptr<Backend>> devices;
  for (const std::string& name : names) {
    BackendRequest one = request;
    one.device = name;
    SALIENT_ASSIGN(auto device, provider.make(one));
    devices.push_back(std::move(device));
  }
  return std::unique_ptr<Backend>(std::make_unique<LayeredBackend>(std::move(devices)));
}

}  // namespace

void add_backend_provider(std::shared_ptr<BackendProvider> provider) {
  const std::scoped_lock lock(registry().mutex);
  registry().providers[provider->scheme()] = std::move(provider);
}

DeviceList list_devices() {
  DeviceList list;
  list.devices.push_back(processor());
  std::map<std::string, std::shared_ptr<BackendProvider>> providers;
  {
    const std::scoped_lock lock(registry().mutex);
    providers = registry().providers;
  }
  for (const auto& [scheme, provider] : providers) {
    auto found = provider->devices();
    if (!found) {
      list.notes.push_back(found.error().to_string());
      continue;
    }
    list.devices.insert(list.devices.end(), found->begin(), found->end());
  }
  if (!providers.contains("cuda")) {
    list.notes.emplace_back("cuda: this program was built without a CUDA toolkit");
  }
  return list;
}

std::string_view precision_name(Precision precision) {
  return precision == Precision::fast ? "fast" : "exact";
}

Result<std::unique_ptr<Backend>> make_backend(const BackendRequest& request) {
  if (request.device == "cpu") {
    if (request.precision == Precision::exact) return make_cpu_backend({.threads = request.threads});
    return Error{ErrorCode::unsupported, {}, "precision", "exact on the processor", "fast", "use a GPU for fast"};
  }
  const std::string scheme = request.device.substr(0, request.device.find(':'));
  if (const auto provider = find_provider(scheme)) {
    const bool several = request.device.find(',') != std::string::npos;
    return several ? make_layered(*provider, request) : provider->make(request);
  }
  const bool known = scheme == "cuda";
  return Error{known ? ErrorCode::unsupported : ErrorCode::usage,
               {},
               "device",
               known ? "cpu, since this program was built without a CUDA toolkit" : "cpu, cuda:0 or cuda:0,1",
               fmt::format("\"{}\"", escape_for_message(request.device)),
               "use --device cpu; salient devices lists what there is"};
}

}  // namespace salient
