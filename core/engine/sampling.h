// SPDX-License-Identifier: Apache-2.0
// Choosing the next token from its logits.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/random.h"
#include "core/base/result.h"

namespace salient {

/// Greedy for temperature 0: the largest logit, of equal ones the first. Otherwise from softmax(logits/temperature),
/// restricted to the smallest set of most likely tokens whose probabilities reach `top_p` (nucleus sampling, Holtzman
/// et al. 2020). Error{numeric} where a logit is NaN or all are −Inf.
[[nodiscard]] Result<std::int32_t> sample_token(std::span<const float> logits, double temperature, double top_p,
                                                Random& random);

}  // namespace salient
