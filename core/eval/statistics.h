// SPDX-License-Identifier: Apache-2.0
// The arithmetic of an evaluation on plain numbers: two rows of logits compared, and means with their errors.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace salient {

/// One position, reference P against model Q; natural logarithms.
struct LogitComparison {
  double kl_forward = 0;  ///< KL(P‖Q) = Σ p (log p − log q)
  double kl_reverse = 0;  ///< KL(Q‖P)
  double top1 = 0;        ///< 1 where the most likely token is the same, else 0
  double top5 = 0;        ///< share of P's five most likely tokens among Q's five (all, where there are fewer)
};
/// Rows of equal length. Log-softmax and sums are in double; where logits tie, the lower id is the more likely.
/// NaN or Inf among the logits gives NaN in both divergences.
[[nodiscard]] LogitComparison compare_logits(std::span<const float> reference, std::span<const float> model);

/// log softmax(logits)[id] in double, nats.
[[nodiscard]] double log_probability(std::span<const float> logits, std::int32_t id);

struct MeanError {
  double mean = 0;
  double standard_error = 0;  ///< of the mean; 0 where a single value gives no estimate
};
[[nodiscard]] MeanError mean_error(std::span<const double> values);

}  // namespace salient
