// SPDX-License-Identifier: Apache-2.0
#include "core/compute/gemm_benchmark.h"

#include "core/compute/backend.h"

namespace salient {

Result<ProductTimings> Backend::time_products(const ProductTimingOptions& /*options*/, Job& /*job*/) {
  return Error{ErrorCode::unsupported, name(), "device", "one with its own products", "the processor", {}};
}

}  // namespace salient
