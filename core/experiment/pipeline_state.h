// SPDX-License-Identifier: Apache-2.0
// The pipeline's state and steps: pipeline.cpp is their order, pipeline_inputs.cpp what comes before the work,
// pipeline_stages.cpp the work, pipeline_record.cpp its record. Private to core/experiment.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/checkpoint/checkpoint.h"
#include "core/engine/engine.h"
#include "core/eval/evaluate.h"
#include "core/experiment/pipeline.h"
#include "core/experiment/store.h"
#include "core/experiment/work_directory.h"
#include "core/quant/layer_store.h"

namespace salient {

/// One request of run_pipeline() under way.
class Pipeline {
 public:
  Pipeline(const PipelineRequest& request, OperationContext& context, Backend& backend, Job& job)
      : request_(request), recipe_(request.recipe), context_(context), backend_(backend), job_(job) {}

  Result<Json> carry_out();

 private:
  struct Text {
    TextRecord record;
    std::vector<std::vector<TokenId>> windows;
  };

  [[nodiscard]] bool searching_only() const { return request_.operation == "search"; }
  /// Rows of one width leave nothing to choose: such a run needs no scores.
  [[nodiscard]] bool searching() const {
    return searching_only() || (request_.operation == "run" && recipe_.quant.uniform_bits == 0);
  }
  [[nodiscard]] bool evaluating() const { return !request_.evaluation.empty(); }
  [[nodiscard]] std::filesystem::path work_path() const;
  Status produce();

  // Inputs
  Status open_inputs();
  Status check_allocation() const;  ///< before a search that no bit map could use
  Status open_scores();
  Status tokenize();
  Status check_length(const char* key, std::int64_t length) const;
  Result<Preflight> estimate();
  Status identify();

  // Stages
  Result<Decoder*> decoder();
  Status search();
  Status allocate();
  Result<DirectoryLayerStore> layers() const;
  Status quantize();
  Status pack();
  /// Both models in one pass over the windows: the quantized one, and the 16-bit one it is compared with.
  Status evaluate_models();
  /// A few tokens say it: decoding takes the same time for each.
  Result<double> decode_speed(Engine& engine);

  // The record
  Status begin_record();
  Result<Store> open_store();
  Status record();
  static void append(ExperimentOutcome& outcome, const char* model, const Evaluation& evaluation);
  /// The work directory stays: the same request resumes.
  Error abandon_record(const Error& error);
  std::int64_t output_bytes() const;

  // Time
  template <class Body>
  Status timed(const char* name, const Body& body) {
    const auto start = Clock::now();
    const Status status = body();
    const double seconds = seconds_since(start);
    for (StageTime& known : stages_) {
      if (known.name == name) {
        known.seconds += seconds;
        return status;
      }
    }
    stages_.push_back({name, seconds});
    return status;
  }
  /// Where NaN or Inf among the weights made a stage fail, they are what to tell of.
  Error cause(const Error& error) const;
  Status stage(const char* name, Status (Pipeline::*body)());
  /// Seconds of earlier attempts, so that a resumed run reports what it took altogether.
  Status recall_stages();
  void warn(const std::string& message);

  // The answers
  Json preflight_result() const;
  Json result() const;

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

}  // namespace salient
