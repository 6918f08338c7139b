// SPDX-License-Identifier: Apache-2.0
// Measuring a model on text (METHOD §6): perplexity ± standard error over non-overlapping windows, and against a
// reference model KL divergence both ways and top-1/top-5 agreement.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "core/base/job.h"
#include "core/base/result.h"
#include "core/engine/engine.h"
#include "core/eval/statistics.h"

namespace salient {

/// Against the reference P (16 bit), for this model Q; means over all positions that predict a token.
struct Divergence {
  double kl_forward = 0;         ///< KL(P‖Q), nats
  double kl_reverse = 0;         ///< KL(Q‖P), nats
  double kl_forward_stderr = 0;  ///< of the mean of the windows' means
  double kl_reverse_stderr = 0;
  double top1 = 0;  ///< share of positions where both have the same most likely token
  double top5 = 0;  ///< mean overlap of the five most likely tokens, 0 to 1
};

struct Evaluation {
  double perplexity = 0;         ///< exp(mean NLL over all predicted tokens)
  double perplexity_stderr = 0;  ///< perplexity · standard error of the mean of the windows' NLLs; 0 for one window
  std::int64_t windows = 0;
  std::int64_t tokens = 0;                         ///< predicted: length − 1 of each window
  std::vector<double> window_nll;                  ///< mean NLL of each window
  double tokens_per_second = 0;                    ///< of this model's forward passes (logits included) alone
  std::optional<double> decode_tokens_per_second;  ///< generating token by token, where that was measured
  std::optional<Divergence> divergence;
  std::vector<double> reference_window_nll;  ///< with a reference
  double reference_tokens_per_second = 0;    ///< of the reference's forward passes alone
};

/// What one evaluated window leaves behind.
struct WindowFigures {
  std::int64_t positions = 0;  ///< that predict a token
  double nll = 0;              ///< mean over them
  double reference_nll = 0;    ///< with a reference
  LogitComparison sums;        ///< over the positions, with a reference
};
/// An evaluation as far as it got: whoever goes on from it comes to the same figures, bit for bit, as one that was
/// never interrupted. Timings add up over the attempts.
struct EvaluationState {
  std::vector<WindowFigures> windows;  ///< the first ones, in order
  double seconds = 0;                  ///< of the model's forward passes
  double reference_seconds = 0;
};
/// How an evaluation is kept while it works.
struct EvaluationKeeper {
  EvaluationState state;                               ///< where to go on
  std::function<Status(const EvaluationState&)> save;  ///< empty: nothing is kept
  /// Windows may take milliseconds and a durable save as long: it is saved no more often than this, and whenever the
  /// evaluation ends early.
  std::chrono::milliseconds interval{1000};
};

/// What an evaluation with a reference (on windows of one length) says about the reference itself.
[[nodiscard]] Evaluation reference_evaluation(const Evaluation& evaluation);

/// Two models can be compared token by token when they share a vocabulary: Error{mismatch} naming `file`, the
/// reference's directory.
[[nodiscard]] Status check_vocabularies(const ModelConfig& model, const ModelConfig& reference,
                                        const std::string& file);

/// `reference` may be null; with one, both models run window by window and their logits are compared slice by slice, so
/// that no more than a few thousand rows exist at once. Windows hold at least 2 ids. NaN or Inf in a loss or in the
/// logits → Error{numeric} naming window and position. Figures do not depend on the number of threads. A kept state
/// that cannot be of these windows → Error{mismatch}; a save that fails ends the evaluation.
[[nodiscard]] Result<Evaluation> evaluate(Decoder& model, Decoder* reference,
                                          const std::vector<std::vector<TokenId>>& windows, Job& job,
                                          EvaluationKeeper keeper = {});
/// The same for loaded models. Vocabularies of different sizes → Error{mismatch} naming the reference's directory.
[[nodiscard]] Result<Evaluation> evaluate(Engine& engine, Engine* reference,
                                          const std::vector<std::vector<TokenId>>& windows, Job& job,
                                          EvaluationKeeper keeper = {});

}  // namespace salient
