// SPDX-License-Identifier: Apache-2.0
// The CUDA devices of this machine, for core/compute/devices.h. Includes no header of the toolkit, so that programs
// can link it without one.
#pragma once

#include <memory>

#include "core/compute/devices.h"

namespace salient::cuda {

/// "cuda:N". Nothing is asked of the driver before a device is listed or made.
[[nodiscard]] std::shared_ptr<BackendProvider> make_provider();

}  // namespace salient::cuda
