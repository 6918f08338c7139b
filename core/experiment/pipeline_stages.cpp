// SPDX-License-Identifier: Apache-2.0
// The stages; each takes up what an earlier attempt left in the work directory.
#include <fmt/format.h>

#include <algorithm>

#include "core/engine/benchmark.h"
#include "core/experiment/kept_evaluation.h"
#include "core/experiment/pipeline_state.h"
#include "core/pack/manifest.h"
#include "core/pack/packed_model.h"
#include "core/search/salience.h"

namespace salient {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kDecodedTokens = 16;

}  // namespace

Result<Decoder*> Pipeline::decoder() {
  if (!weights_) {
    weights_ = std::make_unique<CheckpointWeights>(checkpoint_, backend_, preflight_.resident_bytes);
    SALIENT_ASSIGN(Decoder made, Decoder::create(*weights_, backend_, recipe_.length));
    decoder_.emplace(std::move(made));
  }
  return &*decoder_;
}

Status Pipeline::search() {
  const fs::path kept = work_->path() / "search.safetensors";
  SearchState state;
  std::error_code failed;
  if (fs::exists(kept, failed)) {
    SALIENT_ASSIGN(state, load_search_state(kept, fingerprint_, checkpoint_->config()));
  }
  SearchOptions options;
  options.variant = recipe_.variant;
  options.group = recipe_.quant.group;
  options.activation_bytes = preflight_.activation_bytes;
  SALIENT_ASSIGN(Decoder* const model, decoder());
  const auto save = [&](const SearchState& now) -> Status {
    SALIENT_CHECK(work_->check_there());
    return save_search_state(now, fingerprint_, kept);
  };
  SALIENT_ASSIGN(SalienceScores scores, search_salience(*model, calibration_.windows, options, state, save, job_));
  scores.model_fingerprint = identity_.model;
  scores.text_fingerprint = identity_.calibration;
  scores.seed = recipe_.seed;
  if (!request_.scores_out.empty()) SALIENT_CHECK(save_scores(scores, request_.scores_out));
  scores_ = std::move(scores);
  return {};
}

Status Pipeline::allocate() {
  job_.begin("allocate");
  if (recipe_.quant.uniform_bits != 0) {
    SALIENT_ASSIGN(map_, uniform_map(checkpoint_->config(), recipe_.quant.uniform_bits));
  } else if (!scores_) {  // all or nothing
    map_ = spread_map(checkpoint_->config(), recipe_.budget.value);
  } else {
    SALIENT_ASSIGN(const Ranking ranking, Ranking::prepare(*scores_, recipe_.ranking()));
    SALIENT_ASSIGN(Allocation allocation, ranking.allocate(recipe_.budget));
    map_ = std::move(allocation.map);
    allocation.map = {};
    prediction_ = prediction_json(allocation, scores_->samples);
  }
  size_ = bit_map_size(map_, recipe_.quant.group);
  job_.report(1, 1);
  if (context_.snapshot) {
    Json snapshot{{"op", request_.operation}, {"stage", "allocate"}};
    snapshot.update(allocation_json(map_, size_));
    context_.snapshot(snapshot);
  }
  return {};
}

Result<DirectoryLayerStore> Pipeline::layers() const {
  return DirectoryLayerStore::open(work_->path() / "layers", fingerprint_);
}

Status Pipeline::quantize() {
  SALIENT_ASSIGN(DirectoryLayerStore store, layers());
  if (store.layers_done() < checkpoint_->config().layers) {
    SALIENT_ASSIGN(Decoder* const model, decoder());
    SALIENT_CHECK(quantize_model(*model, map_, calibration_.windows, recipe_.quant, store, job_));
  }
  for (std::int64_t index = 0; index < checkpoint_->config().layers; ++index) {
    SALIENT_ASSIGN(const QuantizedLayer layer, store.load(index));
    for (const QuantizedLinear& linear : layer.linears) {
      output_errors_.push_back(linear.output_error);
      if (!linear.fallback.empty()) notes_.push_back(linear.fallback);
    }
  }
  return {};
}

Status Pipeline::pack() {
  SALIENT_ASSIGN(const auto packed, work_->recall("pack"));
  const auto there = manifest_sha256(request_.output);
  if (packed && there && packed->value("manifest_sha256", "") == *there) {
    manifest_ = *there;
    return {};
  }
  SALIENT_ASSIGN(DirectoryLayerStore store, layers());
  PackSource source;
  source.checkpoint = checkpoint_.get();
  source.layers = &store;
  source.group = recipe_.quant.group;
  source.uniform_bits = recipe_.quant.uniform_bits;
  source.recipe = export_recipe_json(recipe_);
  SALIENT_CHECK(write_packed_model(source, request_.output, job_));
  SALIENT_ASSIGN(manifest_, manifest_sha256(request_.output));
  return work_->keep("pack", Json{{"manifest_sha256", manifest_}});
}

Status Pipeline::evaluate_models() {
  const std::string name = "evaluation";
  SALIENT_ASSIGN(const auto kept, work_->recall(name));
  if (kept && kept->contains("quantized") && kept->contains("reference")) {
    SALIENT_ASSIGN(quantized_, evaluation_from_json(kept->at("quantized"), name));
    SALIENT_ASSIGN(reference_, evaluation_from_json(kept->at("reference"), name));
    return {};
  }
  SALIENT_ASSIGN(const auto quantized,
                 Engine::load(request_.output, backend_, {.packed = {.scales = recipe_.evaluation_scales}}));
  EngineOptions options;
  options.resident_bytes = std::max<std::uint64_t>(preflight_.resident_bytes, 1);  // 0 would be the default
  SALIENT_ASSIGN(const auto reference, Engine::load(request_.model, backend_, options));
  if (mode_for(recipe_.evaluation_scales, recipe_.evaluation_length) != recipe_.evaluation_scales) {
    warn("evaluation windows this short are computed with exact scales in every mode: the figures are those of exact");
  }
  SALIENT_ASSIGN(EvaluationKeeper keeper, evaluation_keeper(*work_, fingerprint_));
  SALIENT_ASSIGN(quantized_, evaluate(*quantized, reference.get(), evaluation_text_.windows, job_, std::move(keeper)));
  reference_ = reference_evaluation(*quantized_);
  SALIENT_ASSIGN(quantized_->decode_tokens_per_second, decode_speed(*quantized));
  return work_->keep(name,
                     Json{{"quantized", evaluation_json(*quantized_)}, {"reference", evaluation_json(*reference_)}});
}

Result<double> Pipeline::decode_speed(Engine& engine) {
  const std::int64_t tokens = std::min(kDecodedTokens, engine.config().max_positions / 2);
  if (tokens < 1) return 0.0;
  SALIENT_ASSIGN(const ModelThroughput measured, measure_throughput(engine, tokens, tokens, job_));
  return measured.decode_tokens_per_second;
}

}  // namespace salient
