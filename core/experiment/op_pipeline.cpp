// SPDX-License-Identifier: Apache-2.0
// search, quantize and run: three ways into the same pipeline.
#include "core/experiment/operations_detail.h"
#include "core/experiment/pipeline.h"

namespace salient::operations {
namespace {

/// What search, quantize and run have in common.
BackendRequest read_job(RequestReader& read, PipelineRequest& request) {
  request.model = read.path("model");
  request.json_key = read.string_or("json_key", request.json_key);
  request.work = read.path_or("work", {});
  request.fresh = read.boolean_or("fresh", false);
  request.preflight_only = read.boolean_or("preflight", false);
  request.memory_limit =
      static_cast<std::uint64_t>(read.integer_or("memory_limit", 0, 0, std::numeric_limits<std::int64_t>::max()));
  return read.backend();
}

Result<Json> carry_out(const PipelineRequest& request, const BackendRequest& where, OperationContext& context,
                       Job& job) {
  SALIENT_ASSIGN(Backend* const backend, context.backend(where));
  return run_pipeline(request, context, *backend, job);
}

}  // namespace

Result<Json> search(const Json& json, OperationContext& context, Job& job) {
  RequestReader read(json);
  PipelineRequest request;
  request.operation = "search";
  const BackendRequest where = read_job(read, request);
  request.calibration = read.path("calibration");
  request.scores_out = read.path("scores");
  read_calibration(read, request.recipe);
  read_search(read, request.recipe);
  SALIENT_CHECK(read.finish());
  return carry_out(request, where, context, job);
}

Result<Json> quantize(const Json& json, OperationContext& context, Job& job) {
  RequestReader read(json);
  PipelineRequest request;
  request.operation = "quantize";
  const BackendRequest where = read_job(read, request);
  request.scores_in = read.path_or("scores", {});
  request.calibration = read.path_or("calibration", {});
  request.evaluation = read.path_or("evaluation", {});
  request.output = read.path("output");
  request.experiments = read.experiments();
  read_calibration(read, request.recipe);
  read_allocation(read, request.recipe);
  read_quantization(read, request.recipe);
  read_evaluation(read, request.recipe);
  for (const char* key : {"evaluation_length", "evaluation_windows", "evaluation_scales"}) {
    if (!request.evaluation.empty() || !read.has(key)) continue;
    read.refuse(Error{ErrorCode::usage, "", key, "nothing, or an evaluation text beside it", "a value",
                      "name the text to evaluate on"});
  }
  if (request.scores_in.empty()) {
    if (request.recipe.quant.uniform_bits == 0 && !request.recipe.all_or_nothing()) {
      read.refuse(Error{ErrorCode::usage, "", "scores", "a scores file", "nothing",
                        "make one with `salient search`; only percent 0 and 100 and uniform bits do without"});
    } else if (request.calibration.empty() && request.recipe.quant.needs_calibration()) {
      read.refuse(Error{ErrorCode::usage, "", "calibration", "a calibration text or a scores file", "nothing",
                        "only method rtn without clip does without"});
    }
  } else if (request.calibration.empty()) {
    for (const char* key : {"samples", "length"}) {
      if (!read.has(key)) continue;
      read.refuse(Error{ErrorCode::usage, "", key, "nothing, or a calibration text beside it", "a value",
                        "the windows are those of the scores file unless a calibration text is given"});
    }
  }
  SALIENT_CHECK(read.finish());
  return carry_out(request, where, context, job);
}

Result<Json> run(const Json& json, OperationContext& context, Job& job) {
  RequestReader read(json);
  PipelineRequest request;
  request.operation = "run";
  const BackendRequest where = read_job(read, request);
  request.calibration = read.path("calibration");
  request.evaluation = read.path("evaluation");
  request.scores_out = read.path_or("scores", {});
  request.output = read.path("output");
  request.experiments = read.experiments();
  read_calibration(read, request.recipe);
  read_search(read, request.recipe);
  read_allocation(read, request.recipe);
  read_quantization(read, request.recipe);
  read_evaluation(read, request.recipe);
  if (request.recipe.quant.uniform_bits != 0 && !request.scores_out.empty()) {
    read.refuse(Error{ErrorCode::usage, "", "scores", "nothing beside uniform", "a path",
                      "nothing is searched where every row has the same bits"});
  }
  SALIENT_CHECK(read.finish());
  return carry_out(request, where, context, job);
}

}  // namespace salient::operations
