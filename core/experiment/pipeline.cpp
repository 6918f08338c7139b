// SPDX-License-Identifier: Apache-2.0
#include "core/experiment/pipeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>

#include "core/base/hash.h"
#include "core/base/system.h"
#include "core/checkpoint/checkpoint.h"
#include "core/engine/benchmark.h"
#include "core/engine/engine.h"
#include "core/eval/evaluate.h"
#include "core/eval/statistics.h"
#include "core/experiment/kept_evaluation.h"
#include "core/experiment/store.h"
#include "core/experiment/work_directory.h"
#include "core/pack/packed_model.h"
#include "core/quant/layer_store.h"
#include "core/search/salience.h"
#include "core/text/corpus.h"

namespace salient {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using Windows = std::vector<std::vector<TokenId>>;

/// More calibration text than this brings nothing: windows are drawn from the tokens read so far.
constexpr std::uint64_t kMostCalibrationTokens = std::uint64_t{16} << 20;
constexpr std::int64_t kDecodedTokens = 16;
constexpr std::uint64_t kMostManifestBytes = std::uint64_t{256} << 20;
constexpr std::uint64_t kMostScoresBytes = std::uint64_t{4} << 30;

struct Text {
  TextRecord record;
  Windows windows;
};

std::int64_t tokens_of(const Windows& windows) {
  std::int64_t count = 0;
  for (const auto& window : windows)
    count += static_cast<std::int64_t>(window.size());
  return count;
}

class Pipeline {
 public:
  Pipeline(const PipelineRequest& request, OperationContext& context, Backend& backend, Job& job)
      : request_(request), recipe_(request.recipe), context_(context), backend_(backend), job_(job) {}

  Result<Json> carry_out() {
    SALIENT_CHECK(open_inputs());
    SALIENT_ASSIGN(preflight_, estimate());
    if (request_.preflight_only) return preflight_result();
    SALIENT_CHECK(identify());
    SALIENT_ASSIGN(WorkDirectory work, WorkDirectory::open(work_path(), request_.fresh));
    SALIENT_CHECK(work.claim(identity_));
    work_ = &work;
    SALIENT_CHECK(recall_stages());
    if (searching_only()) {
      SALIENT_CHECK(stage("search", &Pipeline::search));
    } else {
      SALIENT_CHECK(begin_record());
      const Status status = produce();
      if (!status) return abandon_record(status.error());
    }
    SALIENT_CHECK(work.discard());
    return result();
  }

 private:
  [[nodiscard]] bool searching_only() const { return request_.operation == "search"; }
  [[nodiscard]] bool running_all() const { return request_.operation == "run"; }
  [[nodiscard]] bool evaluating() const { return !request_.evaluation.empty(); }
  [[nodiscard]] fs::path work_path() const {
    if (!request_.work.empty()) return request_.work;
    return default_work_directory(searching_only() ? request_.scores_out : request_.output);
  }

  Status produce() {
    if (running_all()) SALIENT_CHECK(stage("search", &Pipeline::search));
    SALIENT_CHECK(stage("allocate", &Pipeline::allocate));
    SALIENT_CHECK(stage("quantize", &Pipeline::quantize));
    weights_.reset();  // what follows loads the models itself
    SALIENT_CHECK(stage("pack", &Pipeline::pack));
    if (evaluating()) SALIENT_CHECK(stage("evaluate", &Pipeline::evaluate_models));
    return record();
  }

  // Inputs

  Status open_inputs() {
    job_.begin("open");
    SALIENT_ASSIGN(Checkpoint checkpoint, Checkpoint::open(request_.model));
    checkpoint_ = std::make_shared<const Checkpoint>(std::move(checkpoint));
    for (const std::string& note : checkpoint_->notes())
      warn(note);
    if (!searching_only()) SALIENT_CHECK(check_output());
    if (!request_.scores_in.empty()) SALIENT_CHECK(open_scores());
    return timed("tokenize", [this] { return tokenize(); });
  }

  /// Before hours of work rather than after them.
  Status check_output() const {
    std::error_code failed;
    if (!fs::exists(request_.output, failed)) return {};
    const bool directory = fs::is_directory(request_.output, failed);
    if (directory && (fs::is_empty(request_.output, failed) || is_packed_model(request_.output))) return {};
    return Error{ErrorCode::usage,
                 escape_for_message(request_.output.string()),
                 "output",
                 "a new directory, an empty one, or a packed model to replace",
                 directory ? "a directory with other things in it" : "a file",
                 "name another output"};
  }

  Status open_scores() {
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

  Status tokenize() {
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

  Status check_length(const char* key, std::int64_t length) const {
    const std::int64_t most = checkpoint_->config().max_positions;
    if (length <= most) return {};
    return Error{ErrorCode::range,
                 escape_for_message((request_.model / "config.json").string()),
                 key,
                 fmt::format("at most {} (max_position_embeddings)", most),
                 std::to_string(length),
                 "use shorter windows"};
  }

  Result<Preflight> estimate() {
    PreflightPlan plan;
    plan.search = searching_only() || running_all();
    plan.quantize = !searching_only();
    plan.evaluation_tokens = tokens_of(evaluation_text_.windows);
    PreflightLimits limits;
    limits.memory_bytes = request_.memory_limit;
    return preflight(*checkpoint_, recipe_, plan, work_path(), backend_, limits);
  }

  Json preflight_result() const {
    Json json = result_header("preflight");
    json.update(preflight_json(preflight_));
    return json;
  }

  Status identify() {
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

  // Stages

  Result<Decoder*> decoder() {
    if (!weights_) {
      weights_ = std::make_unique<CheckpointWeights>(checkpoint_, backend_, preflight_.resident_bytes);
      SALIENT_ASSIGN(Decoder made, Decoder::create(*weights_, backend_, recipe_.length));
      decoder_.emplace(std::move(made));
    }
    return &*decoder_;
  }

  Status search() {
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
    const auto save = [&](const SearchState& now) { return save_search_state(now, fingerprint_, kept); };
    SALIENT_ASSIGN(SalienceScores scores, search_salience(*model, calibration_.windows, options, state, save, job_));
    scores.model_fingerprint = identity_.model;
    scores.text_fingerprint = identity_.calibration;
    scores.seed = recipe_.seed;
    if (!request_.scores_out.empty()) SALIENT_CHECK(save_scores(scores, request_.scores_out));
    scores_ = std::move(scores);
    return {};
  }

  Status allocate() {
    job_.begin("allocate");
    if (recipe_.uniform != 0) {
      SALIENT_ASSIGN(map_, uniform_map(checkpoint_->config(), recipe_.uniform, scores_ ? &*scores_ : nullptr));
    } else if (!scores_) {  // all or nothing
      SALIENT_ASSIGN(map_, uniform_map(checkpoint_->config(), recipe_.budget.value > 0 ? 8 : 4));
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

  Result<DirectoryLayerStore> layers() const {
    return DirectoryLayerStore::open(work_->path() / "layers", fingerprint_);
  }

  Status quantize() {
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

  Result<std::string> manifest_sha256() const {
    SALIENT_ASSIGN(const std::string manifest, read_text_file(request_.output / kManifestName, kMostManifestBytes));
    return sha256_hex(manifest);
  }

  Status pack() {
    SALIENT_ASSIGN(const auto packed, work_->recall("pack"));
    const auto there = manifest_sha256();
    if (packed && there && packed->value("manifest_sha256", "") == *there) {
      manifest_ = *there;
      return {};
    }
    SALIENT_ASSIGN(DirectoryLayerStore store, layers());
    PackSource source;
    source.checkpoint = checkpoint_.get();
    source.layers = &store;
    source.group = recipe_.quant.group;
    source.recipe = export_recipe_json(recipe_);
    SALIENT_CHECK(write_packed_model(source, request_.output, job_));
    SALIENT_ASSIGN(manifest_, manifest_sha256());
    return work_->keep("pack", Json{{"manifest_sha256", manifest_}});
  }

  /// Both models in one pass over the windows: the quantized one, and the 16-bit one it is compared with.
  Status evaluate_models() {
    const std::string name = "evaluation";
    SALIENT_ASSIGN(const auto kept, work_->recall(name));
    if (kept && kept->contains("quantized") && kept->contains("reference")) {
      SALIENT_ASSIGN(quantized_, evaluation_from_json(kept->at("quantized"), name));
      SALIENT_ASSIGN(reference_, evaluation_from_json(kept->at("reference"), name));
      return {};
    }
    SALIENT_ASSIGN(const auto quantized, Engine::load(request_.output, backend_));
    EngineOptions options;
    options.resident_bytes = std::max<std::uint64_t>(preflight_.resident_bytes, 1);  // 0 would be the default
    SALIENT_ASSIGN(const auto reference, Engine::load(request_.model, backend_, options));
    SALIENT_ASSIGN(EvaluationKeeper keeper, evaluation_keeper(*work_, fingerprint_));
    SALIENT_ASSIGN(quantized_,
                   evaluate(*quantized, reference.get(), evaluation_text_.windows, job_, std::move(keeper)));
    reference_ = reference_evaluation(*quantized_);
    SALIENT_ASSIGN(quantized_->decode_tokens_per_second, decode_speed(*quantized));
    return work_->keep(name,
                       Json{{"quantized", evaluation_json(*quantized_)}, {"reference", evaluation_json(*reference_)}});
  }

  /// A few tokens say it: decoding takes the same time for each.
  Result<double> decode_speed(Engine& engine) {
    const std::int64_t tokens = std::min(kDecodedTokens, engine.config().max_positions / 2);
    if (tokens < 1) return 0.0;
    SALIENT_ASSIGN(const ModelThroughput measured, measure_throughput(engine, tokens, tokens, job_));
    return measured.decode_tokens_per_second;
  }

  // The record

  Status begin_record() {
    start_.operation = request_.operation;
    start_.fingerprint = fingerprint_;
    start_.recipe = recipe_;
    start_.output = fs::absolute(request_.output).lexically_normal().string();
    start_.model = {identity_.model, fs::absolute(request_.model).string(),
                    std::string(architecture_name(checkpoint_->config().architecture)),
                    static_cast<std::int64_t>(checkpoint_->parameters())};
    if (!calibration_.record.sha256.empty()) start_.calibration = calibration_.record;
    if (evaluating()) start_.evaluation = evaluation_text_.record;
    start_.version = program_version();
    start_.machine = machine_info();
    start_.backend = backend_.name();
    SALIENT_ASSIGN(Store store, open_store());
    SALIENT_ASSIGN(const auto kept, work_->recall("experiment"));
    if (kept) {
      experiment_ = kept->value("id", std::int64_t{0});
      const auto known = store.show(experiment_);
      recorded_ = known && known->status == "done" && known->start.fingerprint == fingerprint_;
      if (recorded_) return {};
    }
    SALIENT_ASSIGN(experiment_, store.begin(start_));
    return work_->keep("experiment", Json{{"id", experiment_}});
  }

  Result<Store> open_store() {
    SALIENT_ASSIGN(Store store, Store::open(request_.experiments));
    for (const std::string& note : store.notes())
      job_.warn(note);
    if (store.writing()) return store;
    return Error{ErrorCode::io,
                 escape_for_message(request_.experiments.string()),
                 "experiments",
                 "a file that can be written",
                 "one that can only be read",
                 "name another file with --experiments"};
  }

  Status record() {
    if (recorded_) return {};
    ExperimentOutcome outcome;
    outcome.scores = scores_;
    outcome.map = map_;
    if (reference_) append(outcome, "reference", *reference_);
    if (quantized_) append(outcome, "quantized", *quantized_);
    const auto metric = [&](const char* name, double value) {
      outcome.metrics.push_back({"quantized", name, value, {}});
    };
    const Json allocation = allocation_json(map_, size_);
    for (const char* name : {"percent", "payload_bits", "effective_bits", "bytes"})
      metric(name, allocation[name].get<double>());
    if (prediction_.contains("predicted_loss")) metric("predicted_loss", prediction_["predicted_loss"].get<double>());
    outcome.stages = stages_;
    outcome.notes = notes_;
    outcome.exported = ExportRecord{start_.output, output_bytes(), manifest_};
    SALIENT_ASSIGN(Store store, open_store());
    // Begun again, in case somebody removed the record meanwhile; otherwise this gives the same one.
    SALIENT_ASSIGN(experiment_, store.begin(start_));
    return store.finish(experiment_, outcome);
  }

  static void append(ExperimentOutcome& outcome, const char* model, const Evaluation& evaluation) {
    for (Metric& metric : evaluation_metrics(model, evaluation))
      outcome.metrics.push_back(std::move(metric));
    outcome.windows.push_back({model, evaluation.window_nll});
  }

  /// The work directory stays: the same request resumes.
  Error abandon_record(const Error& error) {
    auto store = Store::open(request_.experiments);
    // The error that ended the run is the one to tell; that it could not be recorded is said beside it.
    const Status status = store ? store->abandon(experiment_, error) : Status(store.error());
    if (!status) job_.warn(fmt::format("the experiment's record stays unfinished: {}", status.error().to_string()));
    return error;
  }

  std::int64_t output_bytes() const {
    std::int64_t bytes = 0;
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(request_.output, failed)) {
      const auto size = entry.file_size(failed);
      if (!failed) bytes += static_cast<std::int64_t>(size);
    }
    return bytes;
  }

  // Time

  template <class Body>
  Status timed(const char* name, const Body& body) {
    const auto start = Clock::now();
    const Status status = body();
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    for (StageTime& known : stages_) {
      if (known.name == name) {
        known.seconds += seconds;
        return status;
      }
    }
    stages_.push_back({name, seconds});
    return status;
  }

  Status stage(const char* name, Status (Pipeline::*body)()) {
    SALIENT_CHECK(job_.check());
    const Status status = timed(name, [this, body] { return (this->*body)(); });
    backend_.release_kept_memory();
    // A stage that a cancelled job began counts with what it took so far.
    const Status kept = work_->keep("stages", stages_json(stages_));
    return status ? kept : status;
  }

  /// Seconds of earlier attempts, so that a resumed run reports what it took altogether.
  Status recall_stages() {
    SALIENT_ASSIGN(const auto kept, work_->recall("stages"));
    if (!kept || !kept->is_array()) return {};
    std::vector<StageTime> now = std::move(stages_);
    stages_.clear();
    for (const Json& entry : *kept)
      stages_.push_back({entry.value("name", ""), entry.value("seconds", 0.0)});
    for (const StageTime& own : now) {
      bool found = false;
      for (StageTime& known : stages_) {
        if (known.name != own.name) continue;
        known.seconds += own.seconds;
        found = true;
      }
      if (!found) stages_.push_back(own);
    }
    return {};
  }

  void warn(const std::string& message) {
    notes_.push_back(message);
    job_.warn(message);
  }

  // The answer

  Json result() const {
    Json json = result_header(request_.operation);
    json["model"] = request_.model.string();
    json["model_fingerprint"] = identity_.model;
    json["fingerprint"] = fingerprint_;
    json["recipe"] = recipe_json(recipe_);
    if (searching_only()) {
      json["scores"] = request_.scores_out.string();
      json["features"] = scores_->features();
      json["samples"] = scores_->samples;
      json["length"] = scores_->length;
      json["mean_loss"] = scores_->mean_loss;
    } else {
      json["experiment"] = experiment_;
      json.update(allocation_json(map_, size_));
      for (std::size_t i = 0; i < output_errors_.size(); ++i)
        json["linears"][i]["output_error"] = output_errors_[i];
      json.update(prediction_);
      json["output"] = request_.output.string();
      json["output_bytes"] = output_bytes();
    }
    if (reference_) json["reference"] = evaluation_json(*reference_);
    if (quantized_) json["quantized"] = evaluation_json(*quantized_);
    json["stages"] = stages_json(stages_);
    json["notes"] = notes_;
    json["preflight"] = preflight_json(preflight_);
    json["peak_memory_bytes"] = peak_memory_bytes();
    return json;
  }

  const PipelineRequest& request_;
  Recipe recipe_;
  OperationContext& context_;
  Backend& backend_;
  Job& job_;

  std::shared_ptr<const Checkpoint> checkpoint_;
  Text calibration_;
  Text evaluation_text_;
  Preflight preflight_;
  Identity identity_;
  std::string fingerprint_;
  WorkDirectory* work_ = nullptr;
  std::unique_ptr<CheckpointWeights> weights_;
  std::optional<Decoder> decoder_;

  std::optional<SalienceScores> scores_;
  BitMap map_;
  SizeReport size_;
  Json prediction_ = Json::object();
  std::vector<double> output_errors_;  ///< in order of LinearId
  std::string manifest_;
  std::optional<Evaluation> quantized_;
  std::optional<Evaluation> reference_;
  std::vector<StageTime> stages_;
  std::vector<std::string> notes_;

  ExperimentStart start_;
  std::int64_t experiment_ = 0;
  bool recorded_ = false;  ///< by an earlier attempt that was killed after it
};

}  // namespace

Result<Json> run_pipeline(const PipelineRequest& request, OperationContext& context, Backend& backend, Job& job) {
  return Pipeline(request, context, backend, job).carry_out();
}

}  // namespace salient
