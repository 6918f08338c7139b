// SPDX-License-Identifier: Apache-2.0
// Linears that read the same input as one.
#pragma once

#include <optional>
#include <span>

#include "core/compute/backend.h"
#include "cuda/mixed_gemm.h"

namespace salient::cuda {

/// What this backend packed; null for other weights.
[[nodiscard]] inline const MixedMatrix* packed_of(const Linear& linear) {
  return static_cast<const MixedMatrix*>(linear.packed.get());
}

/// Several linears as one with their outputs side by side, where their weights and biases lie so.
[[nodiscard]] std::optional<Linear> joined(std::span<const Linear* const> linears);

}  // namespace salient::cuda
