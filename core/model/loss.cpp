// SPDX-License-Identifier: Apache-2.0
#include "core/model/loss.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace salient {

Status check_loss_length(std::span<const std::int32_t> ids) {
  if (ids.size() >= 2) return {};
  return Error{ErrorCode::usage, {}, "token ids", "at least two tokens", fmt::format("{}", ids.size()),
               "use longer text"};
}

Status check_finite(std::span<const float> nll, std::span<const std::int32_t> ids) {
  const auto bad = std::find_if(nll.begin(), nll.end(), [](float value) { return !std::isfinite(value); });
  if (bad == nll.end()) return {};
  constexpr std::size_t kShown = 8;
  return Error{ErrorCode::numeric,
               {},
               fmt::format("loss of the sequence of {} tokens that begins with ids {}", ids.size(),
                           fmt::join(ids.first(std::min(kShown, ids.size())), " ")),
               "a finite number",
               fmt::format("{} at token {}", std::isnan(*bad) ? "NaN" : "infinity", bad - nll.begin() + 1),
               "the weights hold NaN or Inf, or are too large for this text: check the checkpoint"};
}

}  // namespace salient
