// SPDX-License-Identifier: Apache-2.0
#include "core/compute/sampling.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <vector>

#include "core/compute/sampling_weight.h"

namespace salient {
namespace {

/// The tokens that may be drawn: all above a weight, and the first `ties` of that weight.
struct Nucleus {
  std::uint64_t edge = 0;
  std::uint64_t ties = 0;
  std::uint64_t total = 0;
};

Nucleus nucleus_of(const std::vector<std::uint64_t>& weights, double top_p) {
  const std::uint64_t total = std::accumulate(weights.begin(), weights.end(), std::uint64_t{0});
  if (top_p >= 1) return {0, 0, total};
  std::vector<std::uint64_t> falling;
  std::copy_if(weights.begin(), weights.end(), std::back_inserter(falling), [](std::uint64_t w) { return w > 0; });
  std::sort(falling.begin(), falling.end(), std::greater<>());
  const std::uint64_t needed = sampling::weight_to_keep(total, top_p);
  Nucleus nucleus;
  for (const std::uint64_t weight : falling) {
    if (nucleus.total >= needed) break;
    nucleus.ties = weight == nucleus.edge ? nucleus.ties + 1 : 1;
    nucleus.edge = weight;
    nucleus.total += weight;
  }
  return nucleus;
}

/// floor(draw · total / 2⁶⁴): 0 to total − 1.
std::uint64_t share_of(std::uint64_t draw, std::uint64_t total) {
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::uint64_t>(static_cast<Wide>(draw) * total >> 64);
}

}  // namespace

Error unusable_logits(std::string found) {
  return {ErrorCode::numeric, {},
          "logits",           "finite numbers",
          std::move(found),   "the model's weights are damaged or overflow; verify or quantize it again"};
}

Status check_vocabulary(std::int64_t tokens) {
  if (tokens >= 1 && tokens <= sampling::kMostTokens) return {};
  return Error{
      ErrorCode::range,          {}, "logits", fmt::format("1 to {}", sampling::kMostTokens), fmt::format("{}", tokens),
      "use a smaller vocabulary"};
}

Result<std::int32_t> sample_token(std::span<const float> logits, const Sampling& sampling, std::uint64_t draw) {
  SALIENT_CHECK(check_vocabulary(static_cast<std::int64_t>(logits.size())));
  const auto largest = std::max_element(logits.begin(), logits.end());
  const bool nan = std::any_of(logits.begin(), logits.end(), [](float logit) { return std::isnan(logit); });
  if (nan || !std::isfinite(*largest)) return unusable_logits(nan ? "NaN" : "Inf");
  if (sampling.greedy()) return static_cast<std::int32_t>(largest - logits.begin());

  std::vector<std::uint64_t> weights(logits.size());
  std::transform(logits.begin(), logits.end(), weights.begin(),
                 [&](float logit) { return sampling::weight(logit, *largest, sampling.temperature); });
  const Nucleus nucleus = nucleus_of(weights, sampling.top_p);
  std::uint64_t left = share_of(draw, nucleus.total);
  std::uint64_t ties = nucleus.ties;
  for (std::size_t id = 0; id < weights.size(); ++id) {
    const std::uint64_t weight = weights[id];
    const bool at_edge = weight == nucleus.edge && ties > 0;
    if (weight <= nucleus.edge && !at_edge) continue;
    if (at_edge) --ties;
    if (left < weight) return static_cast<std::int32_t>(id);
    left -= weight;
  }
  return static_cast<std::int32_t>(largest - logits.begin());  // never: `left` is below the kept weights' sum
}

Result<std::int32_t> sample_token(std::span<const float> logits, const Sampling& sampling, Random& random) {
  return sample_token(logits, sampling, sampling.greedy() ? 0 : random.next());
}

}  // namespace salient
