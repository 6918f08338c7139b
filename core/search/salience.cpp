// SPDX-License-Identifier: Apache-2.0
#include "core/search/salience.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <future>
#include <optional>

#include "core/base/system.h"

namespace salient {
namespace {

/// Memory of the backend, on each of its devices, that grows to the largest matrix asked for and is handed out again
/// and again.
class Scratch {
 public:
  explicit Scratch(Backend& backend) : backend_(backend), memories_(backend.places()) {}

  [[nodiscard]] Result<Tensor> matrix(std::int64_t rows, std::int64_t cols) {
    Tensor& memory = memories_[backend_.place()];
    if (memory.empty() || memory.size() < rows * cols) {
      memory = {};  // before the larger one is asked for
      SALIENT_ASSIGN(memory, backend_.allocate(DType::f32, rows, cols));
    }
    Tensor matrix = memory;
    matrix.rows = rows;
    matrix.cols = cols;
    return matrix;
  }

 private:
  Backend& backend_;
  std::vector<Tensor> memories_;
};

/// Turns gradients into terms, linear by linear.
class TermObserver {
 public:
  TermObserver(Backend& backend, const SearchOptions& options, SequenceTerms& terms)
      : backend_(backend), options_(options), terms_(terms), delta_(backend), product_(backend) {}

  [[nodiscard]] Status operator()(LinearId id, const Tensor& x, const Tensor& dy, const Linear& linear) {
    if (linear.weight.empty())
      return Error{ErrorCode::unsupported, "",
                   linear_name(id),        "16- or 32-bit weights",
                   "packed weights",       "search the model that was packed"};
    SALIENT_ASSIGN(const Tensor delta, delta_.matrix(linear.weight.rows, linear.weight.cols));
    SALIENT_CHECK(backend_.quantization_delta(linear.weight, options_.group, delta));
    SALIENT_ASSIGN(const Tensor product, product_.matrix(x.rows, linear.weight.rows));
    Linear change;
    change.weight = delta;
    SALIENT_CHECK(backend_.linear(x, change, product));
    std::vector<double>& first_order = terms_.first_order[linear_index(id)];
    first_order.assign(static_cast<std::size_t>(linear.weight.rows), 0);
    SALIENT_CHECK(backend_.column_dot(dy, product, first_order));
    if (options_.variant != SalienceVariant::diagonal_fisher) return {};
    std::vector<double>& diagonal = terms_.diagonal[linear_index(id)];
    diagonal.assign(first_order.size(), 0);
    return backend_.diagonal_fisher(dy, x, delta, diagonal);
  }

 private:
  Backend& backend_;
  const SearchOptions& options_;
  SequenceTerms& terms_;
  Scratch delta_;
  Scratch product_;
};

/// `seen` (may be empty) is told of every linear done.
Result<SequenceTerms> terms_of(Decoder& decoder, std::span<const std::int32_t> ids, const SearchOptions& options,
                               const Job* job, const std::function<void()>& seen) {
  const std::size_t linears = static_cast<std::size_t>(decoder.config().layers) * kLinearKinds.size();
  SequenceTerms terms;
  terms.first_order.resize(linears);
  if (options.variant == SalienceVariant::diagonal_fisher) terms.diagonal.resize(linears);
  TermObserver observer(decoder.backend(), options, terms);
  const GradientObserver observe = [&](LinearId id, const Tensor& x, const Tensor& dy, const Linear& linear) -> Status {
    SALIENT_CHECK(observer(id, x, dy, linear));
    if (seen) seen();
    return {};
  };
  SALIENT_ASSIGN(terms.loss, decoder.loss_and_gradients(ids, observe, options.activation_bytes, job));
  return terms;
}

/// The terms of sequences that follow one another through the backend's devices, one for each device at a time. `seen`
/// is told of the first one's linears.
Result<std::vector<SequenceTerms>> terms_of_all(Decoder& decoder, std::span<const std::vector<std::int32_t>> windows,
                                                const SearchOptions& options, const Job* job,
                                                const std::function<void()>& seen) {
  std::vector<SequenceTerms> all;
  if (windows.size() == 1) {
    SALIENT_ASSIGN(SequenceTerms terms, terms_of(decoder, windows.front(), options, job, seen));
    all.push_back(std::move(terms));
    return all;
  }
  SearchOptions each = options;
  each.activation_bytes /= windows.size();
  std::vector<std::future<Result<SequenceTerms>>> under_way;
  for (const std::vector<std::int32_t>& window : windows) {
    const bool first = under_way.empty();
    under_way.push_back(std::async(std::launch::async, [&decoder, &window, &each, job, &seen, first] {
      const auto turns = decoder.backend().take_turns();
      return terms_of(decoder, window, each, job, first ? seen : std::function<void()>());
    }));
  }
  std::optional<Error> failed;
  for (auto& one : under_way) {
    auto terms = one.get();
    if (!terms) {
      if (!failed) failed = terms.error();
    } else {
      all.push_back(*std::move(terms));
    }
  }
  if (failed) return *failed;
  return all;
}

Status check_windows(const std::vector<std::vector<std::int32_t>>& windows, const SearchState& state) {
  if (windows.empty() || windows.front().size() < 2)
    return Error{ErrorCode::usage, "", "windows", "at least one window of 2 ids or more", "less", "use a longer text"};
  for (const std::vector<std::int32_t>& window : windows)
    if (window.size() != windows.front().size())
      return Error{ErrorCode::usage,
                   "",
                   "windows",
                   fmt::format("{} ids each", windows.front().size()),
                   fmt::to_string(window.size()),
                   "cut windows of one length"};
  if (state.sequences_done < 0 || state.sequences_done > static_cast<std::int64_t>(windows.size()))
    return Error{ErrorCode::mismatch,
                 "",
                 "sequences done",
                 fmt::format("0 to {}", windows.size()),
                 fmt::to_string(state.sequences_done),
                 "start the search afresh"};
  return {};
}

Status add_terms(const SequenceTerms& terms, SalienceVariant variant, SearchState& state) {
  const std::string sequence = fmt::format("calibration sequence {}", state.sequences_done + 1);
  const std::string advice = "check the checkpoint's weights for NaN or Inf";
  if (!std::isfinite(terms.loss))
    return Error{ErrorCode::numeric, "", sequence, "a finite loss", fmt::to_string(terms.loss), advice};
  std::vector<std::vector<double>> sums = state.sums;
  sums.resize(terms.first_order.size());
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const std::vector<double>& first_order = terms.first_order[i];
    sums[i].resize(first_order.size());
    for (std::size_t row = 0; row < first_order.size(); ++row) {
      const double diagonal = terms.diagonal.empty() ? 0 : terms.diagonal[i][row];
      const double term = salience_term(variant, first_order[row], diagonal);
      if (!std::isfinite(term))
        return Error{ErrorCode::numeric,
                     "",
                     linear_name(linear_at(i)),
                     "finite salience",
                     fmt::format("{} at row {} in {}", term, row, sequence),
                     advice};
      sums[i][row] += term;
    }
  }
  state.sums = std::move(sums);
  state.loss_sum += terms.loss;
  state.sequences_done += 1;
  return {};
}

}  // namespace

double salience_term(SalienceVariant variant, double first_order, double diagonal) {
  switch (variant) {
    case SalienceVariant::full: return std::abs(first_order + 0.5 * first_order * first_order);
    case SalienceVariant::second_order: return 0.5 * first_order * first_order;
    case SalienceVariant::diagonal_fisher: return std::abs(first_order + 0.5 * diagonal);
    case SalienceVariant::first_order: return std::abs(first_order);
  }
  return 0;
}

Result<SequenceTerms> sequence_terms(Decoder& decoder, std::span<const std::int32_t> ids, const SearchOptions& options,
                                     const Job* job) {
  return terms_of(decoder, ids, options, job, {});
}

Result<std::vector<SequenceTerms>> terms_together(Decoder& decoder, std::span<const std::vector<std::int32_t>> windows,
                                                  const SearchOptions& options, const Job* job) {
  return terms_of_all(decoder, windows, options, job, {});
}

Result<SalienceScores> search_salience(Decoder& decoder, const std::vector<std::vector<std::int32_t>>& windows,
                                       const SearchOptions& options, SearchState& state,
                                       const std::function<Status(const SearchState&)>& save, Job& job) {
  SALIENT_CHECK(check_windows(windows, state));
  const ModelConfig& config = decoder.config();
  const double total = static_cast<double>(windows.size());
  const double linears = static_cast<double>(config.layers) * static_cast<double>(kLinearKinds.size());
  constexpr double forward_share = 0.25;  // forward, backward and X Δᵀ cost about 1 : 2 : 1
  job.begin("search", static_cast<double>(state.sequences_done));
  while (state.sequences_done < static_cast<std::int64_t>(windows.size())) {
    SALIENT_CHECK(job.check());
    const double done = static_cast<double>(state.sequences_done);
    const std::string detail = fmt::format("sequence {} of {}", state.sequences_done + 1, windows.size());
    double seen = 0;
    const auto report = [&] {
      seen += 1;
      if (seen < linears) job.report(done + forward_share + (1 - forward_share) * seen / linears, total, detail);
    };
    const auto next = std::span(windows).subspan(static_cast<std::size_t>(state.sequences_done));
    const auto together = next.first(std::min(decoder.backend().places(), next.size()));
    SALIENT_ASSIGN(const std::vector<SequenceTerms> all, terms_of_all(decoder, together, options, &job, report));
    for (const SequenceTerms& terms : all)
      SALIENT_CHECK(add_terms(terms, options.variant, state));
    if (save) SALIENT_CHECK(save(state));
    job.report(static_cast<double>(state.sequences_done), total, detail);
  }

  SalienceScores scores;
  scores.variant = options.variant;
  scores.group = options.group;
  scores.samples = static_cast<std::int64_t>(windows.size());
  scores.length = static_cast<std::int64_t>(windows.front().size());
  scores.mean_loss = state.loss_sum / static_cast<double>(windows.size());
  scores.program_version = program_version();
  scores.windows = windows;
  for (std::size_t i = 0; i < state.sums.size(); ++i) {
    const LinearShape shape = linear_shape(config, linear_at(i).kind);
    scores.linears.push_back({linear_at(i), shape.rows, shape.cols, state.sums[i]});
  }
  SALIENT_CHECK(check_scores(scores, ""));
  return scores;
}

}  // namespace salient
