// SPDX-License-Identifier: Apache-2.0
// Checks that the decoder's two ways to a loss share.
#pragma once

#include <cstdint>
#include <span>

#include "core/base/result.h"

namespace salient {

/// At least two tokens: one to see and one to predict.
[[nodiscard]] Status check_loss_length(std::span<const std::int32_t> ids);
/// Error{numeric} naming the sequence and the first token whose loss is NaN or infinite.
[[nodiscard]] Status check_finite(std::span<const float> nll, std::span<const std::int32_t> ids);

}  // namespace salient
