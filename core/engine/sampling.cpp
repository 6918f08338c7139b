// SPDX-License-Identifier: Apache-2.0
#include "core/engine/sampling.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace salient {

Result<std::int32_t> sample_token(std::span<const float> logits, double temperature, double top_p, Random& random) {
  const auto largest = std::max_element(logits.begin(), logits.end());
  const bool nan = std::any_of(logits.begin(), logits.end(), [](float logit) { return std::isnan(logit); });
  if (nan || largest == logits.end() || !std::isfinite(*largest)) {
    return Error{ErrorCode::numeric,
                 {},
                 "logits",
                 "finite numbers",
                 nan ? "NaN" : "Inf",
                 "the model's weights are damaged or overflow; verify or quantize it again"};
  }
  if (temperature == 0) return static_cast<std::int32_t>(largest - logits.begin());

  std::vector<std::int32_t> order(logits.size());
  std::iota(order.begin(), order.end(), 0);
  std::vector<double> weights(logits.size());
  double total = 0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    weights[i] = std::exp((static_cast<double>(logits[i]) - *largest) / temperature);
    total += weights[i];
  }
  const auto weight = [&](std::int32_t id) { return weights[static_cast<std::size_t>(id)]; };
  std::sort(order.begin(), order.end(),
            [&](std::int32_t a, std::int32_t b) { return weight(a) != weight(b) ? weight(a) > weight(b) : a < b; });
  std::size_t kept = 0;
  double nucleus = 0;
  while (kept < order.size() && (kept == 0 || nucleus < top_p * total))
    nucleus += weight(order[kept++]);
  double left = random.uniform() * nucleus;
  for (std::size_t i = 0; i + 1 < kept; ++i) {
    left -= weight(order[i]);
    if (left < 0) return order[i];
  }
  return order[kept - 1];
}

}  // namespace salient
