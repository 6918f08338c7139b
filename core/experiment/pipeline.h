// SPDX-License-Identifier: Apache-2.0
// The main job as stages: fingerprint, tokenize, search, allocate, quantize, pack, evaluate the 16-bit and the
// quantized model, record. Each stage leaves what it finished in the work directory; the search does so after
// each sequence, quantization after each layer, evaluation after windows. A job killed at any point and started again
// gives the same bytes as one that was not.
#pragma once

#include <filesystem>
#include <string>

#include "core/base/job.h"
#include "core/base/json.h"
#include "core/base/result.h"
#include "core/experiment/operations.h"
#include "core/experiment/preflight.h"
#include "core/experiment/recipe.h"

namespace salient {

struct PipelineRequest {
  std::string operation;              ///< search, quantize or run
  std::filesystem::path model;        ///< a checkpoint's directory
  std::filesystem::path calibration;  ///< text; may be empty for quantize with scores
  std::filesystem::path evaluation;   ///< text; empty = no evaluation
  std::filesystem::path scores_in;    ///< quantize: kept scores
  std::filesystem::path scores_out;   ///< search: where they go; run: an additional copy, may be empty
  std::filesystem::path output;       ///< quantize and run: the packed model's directory
  std::filesystem::path work;         ///< default_work_directory() of what is produced
  std::filesystem::path experiments;  ///< the store; not used by search
  std::string json_key = "text";
  Recipe recipe;
  bool fresh = false;              ///< forget what an earlier job left in the work directory
  bool preflight_only = false;     ///< answer with the estimate and stop
  std::uint64_t memory_limit = 0;  ///< bytes; 0 = what is available
};

/// The result object of the operation ("salient.search/1", "salient.quantize/1", "salient.run/1"), or
/// "salient.preflight/1".
[[nodiscard]] Result<Json> run_pipeline(const PipelineRequest& request, OperationContext& context, Backend& backend,
                                        Job& job);

}  // namespace salient
