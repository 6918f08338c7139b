// SPDX-License-Identifier: Apache-2.0
#include "core/experiment/pipeline.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/system.h"
#include "core/experiment/pipeline_state.h"

namespace salient {
namespace {

namespace fs = std::filesystem;

}  // namespace

Result<Json> Pipeline::carry_out() {
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

fs::path Pipeline::work_path() const {
  if (!request_.work.empty()) return request_.work;
  return default_work_directory(searching_only() ? request_.scores_out : request_.output);
}

Status Pipeline::produce() {
  if (searching()) SALIENT_CHECK(stage("search", &Pipeline::search));
  SALIENT_CHECK(stage("allocate", &Pipeline::allocate));
  SALIENT_CHECK(stage("quantize", &Pipeline::quantize));
  weights_.reset();  // what follows loads the models itself
  SALIENT_CHECK(stage("pack", &Pipeline::pack));
  if (evaluating()) SALIENT_CHECK(stage("evaluate", &Pipeline::evaluate_models));
  return record();
}

Json Pipeline::preflight_result() const {
  Json json = result_header("preflight");
  json.update(preflight_json(preflight_));
  return json;
}

Status Pipeline::stage(const char* name, Status (Pipeline::*body)()) {
  SALIENT_CHECK(job_.check());
  const Status status = timed(name, [this, body] { return (this->*body)(); });
  backend_.release_kept_memory();
  // A stage that a cancelled job began counts with what it took so far.
  const Status kept = work_->keep("stages", stages_json(stages_));
  return status ? kept : cause(status.error());
}

Error Pipeline::cause(const Error& error) const {
  if (error.code != ErrorCode::numeric) return error;
  for (const Checkpoint::Located& tensor : checkpoint_->tensors()) {
    if (!job_.check()) return error;
    const auto found = checkpoint_->scan_non_finite(tensor.info->name);
    if (found && found->count() > 0) return non_finite_error(tensor.shard->path(), tensor.info->name, *found);
  }
  return error;
}

Status Pipeline::recall_stages() {
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

void Pipeline::warn(const std::string& message) {
  notes_.push_back(message);
  job_.warn(message);
}

Json Pipeline::result() const {
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
  if (quantized_) {
    json["quantized"] = evaluation_json(*quantized_);
    json["quantized"]["scales"] = scale_mode_name(recipe_.evaluation_scales);
  }
  json["stages"] = stages_json(stages_);
  json["notes"] = notes_;
  json["preflight"] = preflight_json(preflight_);
  json["peak_memory_bytes"] = peak_memory_bytes();
  return json;
}

Result<Json> run_pipeline(const PipelineRequest& request, OperationContext& context, Backend& backend, Job& job) {
  return Pipeline(request, context, backend, job).carry_out();
}

}  // namespace salient
