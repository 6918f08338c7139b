// SPDX-License-Identifier: Apache-2.0
#include "core/eval/statistics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>

namespace salient {
namespace {

constexpr std::size_t kTop = 5;

/// The ids of the largest logits, largest first.
struct Top {
  std::array<std::size_t, kTop> ids{};
  std::size_t count = 0;
};
Top top_ids(std::span<const float> logits) {
  Top top;
  for (std::size_t id = 0; id < logits.size(); ++id) {
    if (top.count == kTop && !(logits[id] > logits[top.ids[kTop - 1]])) continue;
    std::size_t place = top.count < kTop ? top.count++ : kTop - 1;
    for (; place > 0 && logits[id] > logits[top.ids[place - 1]]; --place)
      top.ids[place] = top.ids[place - 1];
    top.ids[place] = id;
  }
  return top;
}

/// exp(logit − largest) of each logit, and the logarithm of their sum with `largest` added again.
double exponentials(std::span<const float> logits, double largest, std::vector<double>& out) {
  out.resize(logits.size());
  double sum = 0;
  for (std::size_t id = 0; id < logits.size(); ++id) {
    out[id] = std::exp(static_cast<double>(logits[id]) - largest);
    sum += out[id];
  }
  for (double& value : out)
    value /= sum;
  return largest + std::log(sum);
}

}  // namespace

LogitComparison compare_logits(std::span<const float> reference, std::span<const float> model) {
  LogitComparison result;
  if (reference.empty()) return result;
  const Top top_p = top_ids(reference);
  const Top top_q = top_ids(model);
  std::size_t shared = 0;
  for (std::size_t i = 0; i < top_p.count; ++i)
    shared += static_cast<std::size_t>(
        std::count(top_q.ids.begin(), top_q.ids.begin() + static_cast<std::ptrdiff_t>(top_q.count), top_p.ids[i]));
  result.top1 = top_p.ids[0] == top_q.ids[0] ? 1 : 0;
  result.top5 = static_cast<double>(shared) / static_cast<double>(top_p.count);

  thread_local std::vector<double> p;
  thread_local std::vector<double> q;
  const double log_sum_p = exponentials(reference, static_cast<double>(reference[top_p.ids[0]]), p);
  const double log_sum_q = exponentials(model, static_cast<double>(model[top_q.ids[0]]), q);
  for (std::size_t id = 0; id < reference.size(); ++id) {
    const double log_ratio =
        (static_cast<double>(reference[id]) - log_sum_p) - (static_cast<double>(model[id]) - log_sum_q);
    result.kl_forward += p[id] * log_ratio;
    result.kl_reverse -= q[id] * log_ratio;
  }
  return result;
}

double log_probability(std::span<const float> logits, std::int32_t id) {
  const double largest = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (const float logit : logits)
    sum += std::exp(logit - largest);
  return logits[static_cast<std::size_t>(id)] - largest - std::log(sum);
}

MeanError mean_error(std::span<const double> values) {
  MeanError result;
  if (values.empty()) return result;
  const double count = static_cast<double>(values.size());
  result.mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
  if (values.size() < 2) return result;
  double squares = 0;
  for (const double value : values)
    squares += (value - result.mean) * (value - result.mean);
  result.standard_error = std::sqrt(squares / (count - 1) / count);
  return result;
}

}  // namespace salient
