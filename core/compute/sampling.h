// SPDX-License-Identifier: Apache-2.0
// Choosing the next token from its logits.
#pragma once

#include <cstdint>
#include <span>

#include "core/base/random.h"
#include "core/base/result.h"

namespace salient {

struct Sampling {
  double temperature = 0;  ///< 0 = greedy
  double top_p = 1;        ///< sample from the most likely tokens that have this much probability together
  [[nodiscard]] bool greedy() const { return temperature == 0; }
};

/// Greedy: the largest logit, of equal ones the first. Otherwise from softmax(logits/temperature), restricted to the
/// smallest set of most likely tokens whose probabilities reach `top_p` (nucleus sampling, Holtzman et al. 2020); of
/// equally likely tokens at its edge the first ones belong to it. `draw`: 64 random bits, of no use to the greedy.
/// Probabilities are rounded to 40 bits below the largest (core/compute/sampling_weight.h), so that every backend
/// chooses the same token. Error{numeric} where a logit is NaN or +Inf or all are −Inf, Error{range} for more than 2²³
/// logits.
[[nodiscard]] Result<std::int32_t> sample_token(std::span<const float> logits, const Sampling& sampling,
                                                std::uint64_t draw);
/// The same with the next bits of `random`, which the greedy leaves as it is.
[[nodiscard]] Result<std::int32_t> sample_token(std::span<const float> logits, const Sampling& sampling,
                                                Random& random);

/// What sample_token() says of logits that nothing can be chosen from.
[[nodiscard]] Error unusable_logits(std::string found);
[[nodiscard]] Status check_vocabulary(std::int64_t tokens);

}  // namespace salient
