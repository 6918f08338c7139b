// SPDX-License-Identifier: Apache-2.0
#include "core/eval/evaluate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/base/clock.h"
#include "core/eval/statistics.h"

namespace salient {
namespace {

/// One of the two models, and what its passes cost.
struct Runner {
  Decoder* decoder;
  double seconds = 0;
  Tensor hidden = {};  ///< of the current window

  [[nodiscard]] Status start(std::span<const TokenId> window, const Job& job) {
    const Clock::time_point begin = Clock::now();
    SALIENT_ASSIGN(hidden, decoder->hidden(window, nullptr, &job));
    SALIENT_CHECK(decoder->backend().synchronize());
    seconds += seconds_since(begin);
    return {};
  }
  [[nodiscard]] Result<Tensor> logits(std::int64_t first, std::int64_t rows) {
    const Clock::time_point begin = Clock::now();
    SALIENT_ASSIGN(Tensor slice, decoder->logits(hidden.row_slice(first, rows)));
    SALIENT_CHECK(decoder->backend().synchronize());
    seconds += seconds_since(begin);
    return slice;
  }
};

/// What a window yields: position by position, so that sums do not depend on who computed what.
struct WindowResult {
  std::vector<float> nll;
  std::vector<float> reference_nll;
  std::vector<LogitComparison> comparisons;
};

Status check_finite(std::span<const float> nll, std::size_t window, std::int64_t first, const char* whose) {
  for (std::size_t i = 0; i < nll.size(); ++i)
    if (!std::isfinite(nll[i]))
      return Error{ErrorCode::numeric,
                   "",
                   fmt::format("window {}, position {}", window, first + static_cast<std::int64_t>(i)),
                   "a finite loss",
                   fmt::format("{} of {}", nll[i], whose),
                   "look for NaN with salient inspect, or for damage of a packed model with salient verify"};
  return {};
}

/// Rows of logits that exist at once for each model: about 32 MiB of them.
std::int64_t slice_rows(std::int64_t vocabulary) {
  return std::max<std::int64_t>(1, (std::int64_t{32} << 20) / (4 * vocabulary));
}

Status compare_slices(Backend& backend, const Tensor& reference, const Tensor& model, std::vector<float>& host_p,
                      std::vector<float>& host_q, std::span<LogitComparison> out) {
  host_p.resize(static_cast<std::size_t>(reference.size()));
  host_q.resize(static_cast<std::size_t>(model.size()));
  SALIENT_CHECK(backend.download(reference, host_p.data()));
  SALIENT_CHECK(backend.download(model, host_q.data()));
  const std::size_t cols = static_cast<std::size_t>(model.cols);
  backend.threads().parallel_for(model.rows, 8, [&](std::int64_t begin, std::int64_t end) {
    for (std::size_t row = static_cast<std::size_t>(begin); row < static_cast<std::size_t>(end); ++row)
      out[row] =
          compare_logits(std::span(host_p).subspan(row * cols, cols), std::span(host_q).subspan(row * cols, cols));
  });
  return {};
}

Status run_window(Runner& model, Runner* reference, std::span<const TokenId> window, std::size_t index, const Job& job,
                  WindowResult& result) {
  const std::int64_t positions = static_cast<std::int64_t>(window.size()) - 1;
  Backend& backend = model.decoder->backend();
  result.nll.resize(static_cast<std::size_t>(positions));
  result.reference_nll.resize(reference != nullptr ? result.nll.size() : 0);
  result.comparisons.resize(result.reference_nll.size());
  std::vector<float> host_p;
  std::vector<float> host_q;
  SALIENT_CHECK(model.start(window, job));
  if (reference != nullptr) SALIENT_CHECK(reference->start(window, job));
  const std::int64_t step = slice_rows(model.decoder->config().vocab_size);
  for (std::int64_t first = 0; first < positions; first += step) {
    SALIENT_CHECK(job.check());
    const std::size_t at = static_cast<std::size_t>(first);
    const std::size_t rows = static_cast<std::size_t>(std::min(step, positions - first));
    const std::span<const TokenId> targets = window.subspan(at + 1, rows);
    SALIENT_ASSIGN(const Tensor logits, model.logits(first, static_cast<std::int64_t>(rows)));
    const std::span<float> nll = std::span(result.nll).subspan(at, rows);
    SALIENT_CHECK(backend.cross_entropy(logits, targets, nll));
    SALIENT_CHECK(check_finite(nll, index, first, "the model"));
    if (reference == nullptr) continue;
    SALIENT_ASSIGN(const Tensor expected, reference->logits(first, static_cast<std::int64_t>(rows)));
    const std::span<float> reference_nll = std::span(result.reference_nll).subspan(at, rows);
    SALIENT_CHECK(reference->decoder->backend().cross_entropy(expected, targets, reference_nll));
    SALIENT_CHECK(check_finite(reference_nll, index, first, "the reference"));
    const std::span<LogitComparison> comparisons = std::span(result.comparisons).subspan(at, rows);
    SALIENT_CHECK(compare_slices(backend, expected, logits, host_p, host_q, comparisons));
    for (std::size_t i = 0; i < rows; ++i)
      if (!std::isfinite(comparisons[i].kl_forward) || !std::isfinite(comparisons[i].kl_reverse))
        return Error{ErrorCode::numeric,
                     "",
                     fmt::format("window {}, position {}", index, at + i),
                     "a finite divergence",
                     fmt::format("{} and {}", comparisons[i].kl_forward, comparisons[i].kl_reverse),
                     "check both models' weights with salient verify"};
  }
  return {};
}

double mean(std::span<const float> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

LogitComparison sum_of(std::span<const LogitComparison> comparisons) {
  LogitComparison sum;
  for (const LogitComparison& one : comparisons) {
    sum.kl_forward += one.kl_forward;
    sum.kl_reverse += one.kl_reverse;
    sum.top1 += one.top1;
    sum.top5 += one.top5;
  }
  return sum;
}

/// Means over positions of what windows of possibly different lengths sum up to, and errors by windows.
Divergence divergence_of(const std::vector<WindowFigures>& windows) {
  std::vector<double> forward;
  std::vector<double> reverse;
  LogitComparison total;
  double positions = 0;
  for (const WindowFigures& window : windows) {
    const double count = static_cast<double>(window.positions);
    forward.push_back(window.sums.kl_forward / count);
    reverse.push_back(window.sums.kl_reverse / count);
    total.kl_forward += window.sums.kl_forward;
    total.kl_reverse += window.sums.kl_reverse;
    total.top1 += window.sums.top1;
    total.top5 += window.sums.top5;
    positions += count;
  }
  return {total.kl_forward / positions,       total.kl_reverse / positions, mean_error(forward).standard_error,
          mean_error(reverse).standard_error, total.top1 / positions,       total.top5 / positions};
}

/// The figures of all windows together; everything but the timings follows from the windows alone.
Evaluation evaluation_of(const EvaluationState& state, bool with_reference) {
  Evaluation evaluation;
  double nll_sum = 0;
  double tokens_run = 0;
  for (const WindowFigures& window : state.windows) {
    evaluation.window_nll.push_back(window.nll);
    if (with_reference) evaluation.reference_window_nll.push_back(window.reference_nll);
    evaluation.tokens += window.positions;
    nll_sum += window.nll * static_cast<double>(window.positions);
    tokens_run += static_cast<double>(window.positions + 1);
  }
  evaluation.windows = static_cast<std::int64_t>(state.windows.size());
  evaluation.perplexity = std::exp(nll_sum / static_cast<double>(evaluation.tokens));
  evaluation.perplexity_stderr = evaluation.perplexity * mean_error(evaluation.window_nll).standard_error;
  evaluation.tokens_per_second = state.seconds > 0 ? tokens_run / state.seconds : 0;
  if (with_reference) {
    evaluation.divergence = divergence_of(state.windows);
    evaluation.reference_tokens_per_second = state.reference_seconds > 0 ? tokens_run / state.reference_seconds : 0;
  }
  return evaluation;
}

Status check_windows(const std::vector<std::vector<TokenId>>& windows) {
  const auto too_short = [](const std::vector<TokenId>& window) { return window.size() < 2; };
  if (windows.empty() || std::any_of(windows.begin(), windows.end(), too_short))
    return Error{ErrorCode::usage,   "", "windows", "at least one, of 2 tokens or more each", "less",
                 "use a longer text"};
  return {};
}

Status check_state(const EvaluationState& state, const std::vector<std::vector<TokenId>>& windows) {
  bool fits = state.windows.size() <= windows.size();
  for (std::size_t i = 0; fits && i < state.windows.size(); ++i)
    fits = state.windows[i].positions == static_cast<std::int64_t>(windows[i].size()) - 1;
  if (fits) return {};
  return Error{ErrorCode::mismatch,
               "",
               "kept windows",
               fmt::format("the first of {}, of the same lengths", windows.size()),
               fmt::format("{}, of others", state.windows.size()),
               "start over with --fresh"};
}

/// Goes through the windows that `state` lacks. What was not saved yet is saved before the error that ends it early.
class Evaluator {
 public:
  Evaluator(Decoder& model, Decoder* reference, const std::vector<std::vector<TokenId>>& windows,
            EvaluationKeeper& keeper, Job& job)
      : model_{&model}, reference_{reference}, windows_(windows), keeper_(keeper), state_(keeper.state), job_(job) {
    model_.seconds = state_.seconds;
    reference_.seconds = state_.reference_seconds;
  }

  Status run() {
    for (const WindowFigures& window : state_.windows)
      add(window);
    job_.begin("evaluate", static_cast<double>(state_.windows.size()));
    const Status status = run_windows();
    if (status || !keeper_.save || !unsaved_) return status;
    // The error that ended it is the one to tell.
    static_cast<void>(keeper_.save(state_).ok());
    return status;
  }

 private:
  Status run_windows() {
    WindowResult result;
    while (state_.windows.size() < windows_.size()) {
      SALIENT_CHECK(job_.check());
      const std::size_t i = state_.windows.size();
      const bool compared = reference_.decoder != nullptr;
      SALIENT_CHECK(run_window(model_, compared ? &reference_ : nullptr, windows_[i], i, job_, result));
      WindowFigures figures;
      figures.positions = static_cast<std::int64_t>(result.nll.size());
      figures.nll = mean(result.nll);
      if (compared) {
        figures.reference_nll = mean(result.reference_nll);
        figures.sums = sum_of(result.comparisons);
      }
      state_.windows.push_back(figures);
      state_.seconds = model_.seconds;
      state_.reference_seconds = reference_.seconds;
      add(figures);
      SALIENT_CHECK(save());
      job_.report(static_cast<double>(i + 1), static_cast<double>(windows_.size()),
                  fmt::format("window {} of {}, perplexity so far {:.3f}", i + 1, windows_.size(),
                              std::exp(nll_sum_ / static_cast<double>(tokens_))));
    }
    return {};
  }

  void add(const WindowFigures& window) {
    tokens_ += window.positions;
    nll_sum_ += window.nll * static_cast<double>(window.positions);
  }

  Status save() {
    unsaved_ = true;
    if (!keeper_.save || Clock::now() - saved_ < keeper_.interval) return {};
    SALIENT_CHECK(keeper_.save(state_));
    unsaved_ = false;
    saved_ = Clock::now();
    return {};
  }

  Runner model_;
  Runner reference_;
  const std::vector<std::vector<TokenId>>& windows_;
  EvaluationKeeper& keeper_;
  EvaluationState& state_;
  Job& job_;
  double nll_sum_ = 0;
  std::int64_t tokens_ = 0;
  bool unsaved_ = false;
  Clock::time_point saved_ = Clock::now();
};

}  // namespace

Status check_vocabularies(const ModelConfig& model, const ModelConfig& reference, const std::string& file) {
  if (model.vocab_size == reference.vocab_size) return {};
  return Error{ErrorCode::mismatch,
               file,
               "vocab_size",
               fmt::to_string(model.vocab_size),
               fmt::to_string(reference.vocab_size),
               "compare with the model this one was made from"};
}

Result<Evaluation> evaluate(Decoder& decoder, Decoder* reference, const std::vector<std::vector<TokenId>>& windows,
                            Job& job, EvaluationKeeper keeper) {
  SALIENT_CHECK(check_windows(windows));
  SALIENT_CHECK(check_state(keeper.state, windows));
  if (reference != nullptr) SALIENT_CHECK(check_vocabularies(decoder.config(), reference->config(), ""));
  SALIENT_CHECK(Evaluator(decoder, reference, windows, keeper, job).run());
  return evaluation_of(keeper.state, reference != nullptr);
}

Result<Evaluation> evaluate(Engine& engine, Engine* reference, const std::vector<std::vector<TokenId>>& windows,
                            Job& job, EvaluationKeeper keeper) {
  SALIENT_CHECK(check_windows(windows));
  std::size_t longest = 0;
  for (const std::vector<TokenId>& window : windows)
    longest = std::max(longest, window.size());
  SALIENT_ASSIGN(Decoder decoder, engine.decoder(static_cast<std::int64_t>(longest)));
  if (reference == nullptr) return evaluate(decoder, nullptr, windows, job, std::move(keeper));
  const std::string file = escape_for_message(reference->directory().string());
  SALIENT_CHECK(check_vocabularies(engine.config(), reference->config(), file));
  SALIENT_ASSIGN(Decoder reference_decoder, reference->decoder(static_cast<std::int64_t>(longest)));
  return evaluate(decoder, &reference_decoder, windows, job, std::move(keeper));
}

Evaluation reference_evaluation(const Evaluation& evaluation) {
  Evaluation reference;
  reference.window_nll = evaluation.reference_window_nll;
  reference.windows = evaluation.windows;
  reference.tokens = evaluation.tokens;
  reference.tokens_per_second = evaluation.reference_tokens_per_second;
  const MeanError nll = mean_error(reference.window_nll);
  reference.perplexity = std::exp(nll.mean);
  reference.perplexity_stderr = reference.perplexity * nll.standard_error;
  return reference;
}

}  // namespace salient
