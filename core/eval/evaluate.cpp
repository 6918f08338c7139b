// SPDX-License-Identifier: Apache-2.0
#include "core/eval/evaluate.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

#include "core/eval/statistics.h"

namespace salient {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

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
                   "check the model's weights with salient verify"};
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

/// Means over positions of what windows of possibly different lengths sum up to, and errors by windows.
class DivergenceSums {
 public:
  void add(std::span<const LogitComparison> comparisons) {
    LogitComparison sum;
    for (const LogitComparison& one : comparisons) {
      sum.kl_forward += one.kl_forward;
      sum.kl_reverse += one.kl_reverse;
      sum.top1 += one.top1;
      sum.top5 += one.top5;
    }
    const double count = static_cast<double>(comparisons.size());
    forward_.push_back(sum.kl_forward / count);
    reverse_.push_back(sum.kl_reverse / count);
    total_.kl_forward += sum.kl_forward;
    total_.kl_reverse += sum.kl_reverse;
    total_.top1 += sum.top1;
    total_.top5 += sum.top5;
    positions_ += count;
  }
  [[nodiscard]] Divergence result() const {
    return {total_.kl_forward / positions_,      total_.kl_reverse / positions_, mean_error(forward_).standard_error,
            mean_error(reverse_).standard_error, total_.top1 / positions_,       total_.top5 / positions_};
  }

 private:
  std::vector<double> forward_;
  std::vector<double> reverse_;
  LogitComparison total_;
  double positions_ = 0;
};

Status check_windows(const std::vector<std::vector<TokenId>>& windows) {
  const auto too_short = [](const std::vector<TokenId>& window) { return window.size() < 2; };
  if (windows.empty() || std::any_of(windows.begin(), windows.end(), too_short))
    return Error{ErrorCode::usage,   "", "windows", "at least one, of 2 tokens or more each", "less",
                 "use a longer text"};
  return {};
}

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
                            Job& job) {
  SALIENT_CHECK(check_windows(windows));
  Runner model{&decoder};
  Runner other{reference};
  if (reference != nullptr) SALIENT_CHECK(check_vocabularies(decoder.config(), reference->config(), ""));

  Evaluation evaluation;
  DivergenceSums divergence;
  double nll_sum = 0;
  double tokens_run = 0;
  job.begin("evaluate");
  WindowResult result;
  for (std::size_t i = 0; i < windows.size(); ++i) {
    SALIENT_CHECK(job.check());
    SALIENT_CHECK(run_window(model, reference != nullptr ? &other : nullptr, windows[i], i, job, result));
    const std::int64_t positions = static_cast<std::int64_t>(result.nll.size());
    evaluation.window_nll.push_back(mean(result.nll));
    evaluation.tokens += positions;
    nll_sum += evaluation.window_nll.back() * static_cast<double>(positions);
    tokens_run += static_cast<double>(windows[i].size());
    if (reference != nullptr) {
      evaluation.reference_window_nll.push_back(mean(result.reference_nll));
      divergence.add(result.comparisons);
    }
    job.report(static_cast<double>(i + 1), static_cast<double>(windows.size()),
               fmt::format("window {} of {}, perplexity so far {:.3f}", i + 1, windows.size(),
                           std::exp(nll_sum / static_cast<double>(evaluation.tokens))));
  }
  evaluation.windows = static_cast<std::int64_t>(windows.size());
  evaluation.perplexity = std::exp(nll_sum / static_cast<double>(evaluation.tokens));
  evaluation.perplexity_stderr = evaluation.perplexity * mean_error(evaluation.window_nll).standard_error;
  evaluation.tokens_per_second = model.seconds > 0 ? tokens_run / model.seconds : 0;
  if (reference != nullptr) {
    evaluation.divergence = divergence.result();
    evaluation.reference_tokens_per_second = other.seconds > 0 ? tokens_run / other.seconds : 0;
  }
  return evaluation;
}

Result<Evaluation> evaluate(Engine& engine, Engine* reference, const std::vector<std::vector<TokenId>>& windows,
                            Job& job) {
  SALIENT_CHECK(check_windows(windows));
  std::size_t longest = 0;
  for (const std::vector<TokenId>& window : windows)
    longest = std::max(longest, window.size());
  SALIENT_ASSIGN(Decoder decoder, engine.decoder(static_cast<std::int64_t>(longest)));
  if (reference == nullptr) return evaluate(decoder, nullptr, windows, job);
  const std::string file = escape_for_message(reference->directory().string());
  SALIENT_CHECK(check_vocabularies(engine.config(), reference->config(), file));
  SALIENT_ASSIGN(Decoder reference_decoder, reference->decoder(static_cast<std::int64_t>(longest)));
  return evaluate(decoder, &reference_decoder, windows, job);
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
