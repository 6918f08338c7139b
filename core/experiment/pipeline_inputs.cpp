// SPDX-License-Identifier: Apache-2.0
// What comes before the work: opening and checking what the request names.
#include <fmt/format.h>

#include "core/base/file.h"
#include "core/base/hash.h"
#include "core/base/system.h"
#include "core/experiment/pipeline_state.h"
#include "core/pack/model_directory.h"
#include "core/search/scores.h"
#include "core/text/corpus.h"

namespace salient {
namespace {

namespace fs = std::filesystem;

/// More calibration text than this brings nothing: windows are drawn from the tokens read so far.
constexpr std::uint64_t kMostCalibrationTokens = std::uint64_t{16} << 20;
constexpr std::uint64_t kMostScoresBytes = std::uint64_t{4} << 30;

std::int64_t tokens_of(const std::vector<std::vector<TokenId>>& windows) {
  std::int64_t count = 0;
  for (const auto& window : windows)
    count += static_cast<std::int64_t>(window.size());
  return count;
}

}  // namespace

Status Pipeline::open_inputs() {
  job_.begin("open");
  SALIENT_ASSIGN(Checkpoint checkpoint, Checkpoint::open(request_.model));
  checkpoint_ = std::make_shared<const Checkpoint>(std::move(checkpoint));
  for (const std::string& note : checkpoint_->notes())
    warn(note);
  if (!searching_only()) {
    // Before hours of work rather than after them.
    SALIENT_CHECK(check_output(checkpoint_->directory(), request_.output));
    SALIENT_CHECK(check_allocation());
  }
  if (!request_.scores_in.empty()) SALIENT_CHECK(open_scores());
  return timed("tokenize", [this] { return tokenize(); });
}

Status Pipeline::check_allocation() const {
  if (recipe_.quant.uniform_bits != 0) return {};
  SALIENT_CHECK(Ranking::check(recipe_.ranking()));
  const auto size = [&](double percent) {
    return bit_map_size(spread_map(checkpoint_->config(), percent), recipe_.quant.group);
  };
  return check_budget(recipe_.budget, size(0), size(100));
}

Status Pipeline::open_scores() {
  SALIENT_ASSIGN(scores_, load_scores(request_.scores_in));
  SALIENT_ASSIGN(const std::string bytes, read_text_file(request_.scores_in, kMostScoresBytes));
  identity_.scores = sha256_hex(bytes);
  const SalienceScores& scores = *scores_;
  if (request_.calibration.empty()) {
    // The inputs that were searched are the ones to calibrate with.
    recipe_.samples = scores.samples;
    recipe_.length = scores.length;
    recipe_.seed = scores.seed;
    calibration_.windows = scores.windows;
    calibration_.record.sha256 = scores.text_fingerprint;
  }
  recipe_.variant = scores.variant;
  if (scores.group != recipe_.quant.group) {
    warn(fmt::format("the scores were searched with group {}, the weights are quantized with group {}", scores.group,
                     recipe_.quant.group));
  }
  return {};
}

Status Pipeline::tokenize() {
  SALIENT_ASSIGN(const auto tokenizer, Tokenizer::load(request_.model, checkpoint_->config().vocab_size));
  if (!request_.calibration.empty()) {
    SALIENT_CHECK(check_length("length", recipe_.length));
    CorpusOptions options{request_.json_key, kMostCalibrationTokens};
    SALIENT_ASSIGN(const Corpus corpus, load_corpus(request_.calibration, *tokenizer, options, job_));
    if (corpus.tokens.size() >= kMostCalibrationTokens) {
      warn(fmt::format("windows are drawn from the first {} tokens of the calibration text", corpus.tokens.size()));
    }
    calibration_.record = text_record(request_.calibration, corpus);
    SALIENT_ASSIGN(calibration_.windows, calibration_windows(corpus, recipe_.samples, recipe_.length, recipe_.seed));
  }
  if (!evaluating()) return {};
  SALIENT_CHECK(check_length("evaluation_length", recipe_.evaluation_length));
  CorpusOptions options{request_.json_key,
                        static_cast<std::uint64_t>(recipe_.evaluation_windows * recipe_.evaluation_length)};
  SALIENT_ASSIGN(const Corpus corpus, load_corpus(request_.evaluation, *tokenizer, options, job_));
  evaluation_text_.record = text_record(request_.evaluation, corpus);
  SALIENT_ASSIGN(evaluation_text_.windows,
                 evaluation_windows(corpus, recipe_.evaluation_length, recipe_.evaluation_windows));
  return {};
}

Status Pipeline::check_length(const char* key, std::int64_t length) const {
  const std::int64_t most = checkpoint_->config().max_positions;
  if (length <= most) return {};
  return Error{ErrorCode::range,
               escape_for_message((request_.model / "config.json").string()),
               key,
               fmt::format("at most {} (max_position_embeddings)", most),
               std::to_string(length),
               "use shorter windows"};
}

Result<Preflight> Pipeline::estimate() {
  PreflightPlan plan;
  plan.search = searching();
  plan.quantize = !searching_only();
  plan.evaluation_tokens = tokens_of(evaluation_text_.windows);
  PreflightLimits limits;
  limits.memory_bytes = request_.memory_limit;
  return preflight(*checkpoint_, recipe_, plan, work_path(), backend_, limits);
}

Status Pipeline::identify() {
  return timed("fingerprint", [this]() -> Status {
    job_.begin("fingerprint");
    identity_.operation = request_.operation;
    SALIENT_ASSIGN(identity_.model, checkpoint_->fingerprint(job_));
    identity_.recipe = recipe_;
    identity_.calibration = calibration_.record.sha256;
    identity_.evaluation = evaluation_text_.record.sha256;
    identity_.version = program_version();
    fingerprint_ = fingerprint(identity_);
    if (scores_ && scores_->model_fingerprint != identity_.model) {
      return Error{ErrorCode::mismatch,
                   escape_for_message(request_.scores_in.string()),
                   "model fingerprint",
                   identity_.model,
                   escape_for_message(scores_->model_fingerprint, 64),
                   "search this model, or name the model that was searched"};
    }
    return {};
  });
}

}  // namespace salient
