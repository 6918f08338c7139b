// SPDX-License-Identifier: Apache-2.0
// evaluate: perplexity of a model on a text, and how far it is from another one. What is measured of an experiment's
// export is kept with the experiment.
#include "core/eval/evaluate.h"

#include <fmt/format.h>

#include <optional>
#include <span>

#include "core/base/hash.h"
#include "core/base/system.h"
#include "core/checkpoint/checkpoint.h"
#include "core/experiment/kept_evaluation.h"
#include "core/experiment/operations_detail.h"
#include "core/experiment/record_evaluation.h"
#include "core/experiment/work_directory.h"
#include "core/pack/manifest.h"
#include "core/pack/packed_model.h"
#include "core/text/corpus.h"

namespace salient::operations {
namespace {

constexpr const char* kShortWindows =
    "windows this short are computed with exact scales in every mode: the figures are those of exact";

struct Measurement {
  std::filesystem::path model;
  std::filesystem::path text;
  std::filesystem::path against;
  std::filesystem::path experiments;
  std::int64_t length = 2048;
  std::int64_t windows = 0;
  std::string json_key;
  PackedEngine engine;  ///< of the model, not of what it is compared with
};

/// Two models can be compared token by token when both cut this very text into the same ids.
Status check_comparable(const Engine& engine, const Engine& reference, const Corpus& corpus, const Measurement& wanted,
                        const CorpusOptions& options, Job& job) {
  const std::string file = escape_for_message(wanted.against.string());
  const std::int64_t vocabulary = engine.config().vocab_size;
  if (reference.config().vocab_size != vocabulary) {
    return Error{ErrorCode::mismatch,
                 file,
                 "vocab_size",
                 std::to_string(vocabulary),
                 std::to_string(reference.config().vocab_size),
                 "compare models that share a vocabulary"};
  }
  SALIENT_ASSIGN(const Corpus other, load_corpus(wanted.text, *reference.tokenizer(), options, job));
  if (other.tokens == corpus.tokens) return {};
  const auto [own, theirs] =
      std::mismatch(corpus.tokens.begin(), corpus.tokens.end(), other.tokens.begin(), other.tokens.end());
  return Error{ErrorCode::mismatch,
               file,
               "tokenizer",
               "the same tokens for " + escape_for_message(wanted.text.string()),
               fmt::format("a difference at token {}", own - corpus.tokens.begin()),
               "compare models that share a tokenizer"};
}

/// A packed model's manifest stands for its bytes.
Result<std::string> fingerprint_of(const Engine& engine, Job& job) {
  if (engine.packed()) return manifest_sha256(engine.directory());
  SALIENT_ASSIGN(const Checkpoint checkpoint, Checkpoint::open(engine.directory()));
  job.begin("fingerprint");
  return checkpoint.fingerprint(job);
}

/// Of everything that an evaluation's figures depend on.
std::string evaluation_key(const std::string& model, const std::string& reference, const Measurement& wanted,
                           const std::vector<std::vector<TokenId>>& windows, const BackendRequest& where) {
  Sha256 ids;
  for (const std::vector<TokenId>& window : windows) {
    const auto size = static_cast<std::uint64_t>(window.size());
    ids.update(std::as_bytes(std::span(&size, 1)));
    ids.update(std::as_bytes(std::span(window)));
  }
  const Json parts{{"model", model},
                   {"reference", reference},
                   {"windows", ids.finish()},
                   {"simulate", wanted.engine.simulate},
                   {"scales", scale_mode_name(wanted.engine.scales)},
                   {"device", where.device},
                   {"precision", precision_name(where.precision)},
                   {"version", program_version()}};
  return sha256_hex(json_line(parts));
}

/// Where the finished windows of an interrupted evaluation wait for its next attempt: beside the experiments, because
/// an evaluation writes nothing else. Where that cannot be written, or the same evaluation is under way, it works
/// without.
class EvaluationWork {
 public:
  EvaluationWork(const std::filesystem::path& experiments, const std::string& key, Job& job)
      : parent_(experiments.string() + ".evaluations") {
    if (const Status opened = open(key); !opened) {
      job.warn("this evaluation cannot be resumed if it ends early: " + opened.error().to_string());
    }
  }

  [[nodiscard]] EvaluationKeeper keeper() {
    EvaluationKeeper keeper = keeper_;
    kept_ = !keeper.state.windows.empty();
    if (!keeper.save) return keeper;
    keeper.save = [this](const EvaluationState& state) {
      kept_ = true;
      return keeper_.save(state);
    };
    return keeper;
  }

  /// Leaves only what can be resumed.
  void close(bool finished, Job& job) {
    if (!work_ || (kept_ && !finished)) return;
    if (const Status gone = work_->discard(); !gone) job.warn(gone.error().to_string());
    std::error_code not_empty;
    std::filesystem::remove(parent_, not_empty);
  }

 private:
  Status open(const std::string& key) {
    SALIENT_ASSIGN(WorkDirectory work, WorkDirectory::open(parent_ / key.substr(0, 32), false));
    work_.emplace(std::move(work));
    SALIENT_ASSIGN(keeper_, evaluation_keeper(*work_, key));
    return {};
  }

  std::filesystem::path parent_;
  std::optional<WorkDirectory> work_;
  EvaluationKeeper keeper_;
  bool kept_ = false;
};

/// What the experiment keeps of the evaluation.
LaterEvaluation later_evaluation(const Measurement& wanted, const Corpus& corpus, const Evaluation& evaluation,
                                 bool own_reference, const Backend& backend) {
  LaterEvaluation later;
  later.text = text_record(wanted.text, corpus);
  later.length = wanted.length;
  later.simulated = wanted.engine.simulate;
  later.scales = wanted.engine.scales;
  later.version = program_version();
  later.backend = backend.name();
  Evaluation kept = evaluation;
  if (own_reference) {
    const Evaluation reference = reference_evaluation(evaluation);
    later.reference = std::filesystem::absolute(wanted.against).lexically_normal().string();
    later.metrics = evaluation_metrics("reference", reference);
    later.windows.push_back({"reference", reference.window_nll});
  } else {
    kept.divergence.reset();
  }
  for (Metric& metric : evaluation_metrics("quantized", kept))
    later.metrics.push_back(std::move(metric));
  later.windows.push_back({"quantized", kept.window_nll});
  return later;
}

}  // namespace

Result<Json> evaluate(const Json& request, OperationContext& context, Job& job) {
  RequestReader read(request);
  Measurement wanted;
  wanted.model = read.path("model");
  wanted.text = read.path("text");
  wanted.against = read.path_or("against", {});
  wanted.length = read.integer_or("length", wanted.length, 2, 1'048'576);
  wanted.windows = read.integer_or("windows", wanted.windows, 0, 100'000'000);
  wanted.json_key = read.string_or("json_key", "text");
  wanted.engine.simulate = read.boolean_or("simulate", false);
  wanted.engine.scales = read.scales_or_exact();
  wanted.experiments = read.experiments();
  const BackendRequest where = read.backend();
  SALIENT_CHECK(read.finish());

  SALIENT_ASSIGN(Backend * backend, context.backend(where));
  job.begin("load");
  SALIENT_ASSIGN(const auto engine, Engine::load(wanted.model, *backend, {.packed = wanted.engine}));
  std::unique_ptr<Engine> reference;
  if (!wanted.against.empty()) {
    SALIENT_ASSIGN(reference, Engine::load(wanted.against, *backend));
  }
  job.report(1, 1);
  for (const Engine* model : {engine.get(), reference.get()}) {
    if (model == nullptr || wanted.length <= model->config().max_positions) continue;
    job.warn(
        fmt::format("{}: windows of {} tokens are longer than the {} positions this model is made for "
                    "(max_position_embeddings); its perplexity suffers from that alone",
                    escape_for_message(model->directory().string()), wanted.length, model->config().max_positions));
  }
  // A limit on windows also limits how much of a large text is read.
  const CorpusOptions options{wanted.json_key, static_cast<std::uint64_t>(wanted.windows * wanted.length)};
  SALIENT_ASSIGN(const Corpus corpus, load_corpus(wanted.text, *engine->tokenizer(), options, job));
  if (reference) SALIENT_CHECK(check_comparable(*engine, *reference, corpus, wanted, options, job));
  if (mode_for(wanted.engine.scales, wanted.length) != wanted.engine.scales) job.warn(kShortWindows);
  SALIENT_ASSIGN(const auto windows, evaluation_windows(corpus, wanted.length, wanted.windows));
  RecordedExport exported = find_recorded_export(wanted.model, wanted.experiments, job);
  SALIENT_ASSIGN(const std::string fingerprint, fingerprint_of(*engine, job));
  std::string reference_fingerprint;
  if (reference) {
    SALIENT_ASSIGN(reference_fingerprint, fingerprint_of(*reference, job));
  }
  // Only divergences from the model that the experiment quantized belong to the experiment.
  const bool own_reference = reference && reference_fingerprint == exported.model_fingerprint;
  if (reference && exported.experiment != 0 && !own_reference) {
    job.warn("the experiment quantized another model: no divergence is kept with it");
  }
  EvaluationWork work(wanted.experiments, evaluation_key(fingerprint, reference_fingerprint, wanted, windows, where),
                      job);
  const auto evaluated = salient::evaluate(*engine, reference.get(), windows, job, work.keeper());
  if (!evaluated) {
    work.close(false, job);
    return evaluated.error();
  }
  const Evaluation& evaluation = *evaluated;
  Json recorded = nullptr;
  if (exported.experiment != 0) {
    const auto id = record_evaluation(exported, wanted.experiments,
                                      later_evaluation(wanted, corpus, evaluation, own_reference, *backend));
    // What was measured is the answer even where it could not be kept.
    if (id) {
      recorded = Json{{"experiment", exported.experiment}, {"evaluation", *id}};
    } else {
      exported.unknown = id.error().to_string();
    }
  }

  work.close(true, job);
  Json result = result_header("evaluate");
  result["model"] = escape_for_message(wanted.model.string(), 4096);
  result["format"] = engine->packed() ? "packed" : "checkpoint";
  result["text"] = escape_for_message(wanted.text.string(), 4096);
  result["text_sha256"] = corpus.sha256;
  result["length"] = wanted.length;
  result["device"] = backend->name();
  if (recorded.is_null()) result["not_recorded"] = exported.unknown;
  result["recorded"] = std::move(recorded);
  result.update(evaluation_json(evaluation));
  if (engine->packed()) {
    result["scales"] = scale_mode_name(wanted.engine.scales);
    SALIENT_ASSIGN(const PackedModel packed, PackedModel::open(wanted.model));
    const BitMap map = packed.bit_map();
    result.update(allocation_json(map, bit_map_size(map, packed.group())));
  } else {
    result["bytes"] = engine->linear_bytes();
    const double bits =
        8.0 * static_cast<double>(engine->linear_bytes()) / static_cast<double>(engine->linear_weights());
    result["payload_bits"] = bits;
    result["effective_bits"] = bits;
  }
  if (reference) {
    result["against"] = escape_for_message(wanted.against.string(), 4096);
    result["reference"] = evaluation_json(reference_evaluation(evaluation));
  }
  return result;
}

}  // namespace salient::operations
