// SPDX-License-Identifier: Apache-2.0
// devices: where this program can compute on this machine.
#include "core/experiment/operations_detail.h"

namespace salient::operations {

Result<Json> devices(const Json& request, OperationContext& /*context*/, Job& /*job*/) {
  RequestReader read(request);
  // Known to every operation that computes; here they change nothing.
  static_cast<void>(read.backend());
  SALIENT_CHECK(read.finish());
  const DeviceList list = list_devices();
  Json result = result_header("devices");
  result["devices"] = Json::array();
  for (const DeviceInfo& device : list.devices) {
    result["devices"].push_back(Json{{"id", device.id},
                                     {"name", device.name},
                                     {"memory_bytes", device.memory_bytes},
                                     {"free_bytes", device.free_bytes},
                                     {"capability", device.capability},
                                     {"driver", device.driver}});
  }
  result["notes"] = list.notes;
  return result;
}

}  // namespace salient::operations
