// SPDX-License-Identifier: Apache-2.0
// allocate: what a budget gives on kept scores, without touching the model.
#include "core/experiment/operations_detail.h"
#include "core/experiment/recipe.h"
#include "core/search/scores.h"

namespace salient::operations {

Result<Json> allocate(const Json& request, OperationContext&, Job& job) {
  RequestReader read(request);
  Recipe recipe;
  const auto path = read.path("scores");
  read_calibration(read, recipe);  // the seed of the random control
  read_allocation(read, recipe);
  const bool group_given = read.has("group");
  read_group(read, recipe);
  SALIENT_CHECK(read.finish());
  if (recipe.quant.uniform_bits != 0) {
    return Error{ErrorCode::usage, "",
                 "uniform",        "percent, average_bits or size",
                 "uniform",        "every row has the same bits then: there is nothing to allocate"};
  }
  job.begin("allocate");
  SALIENT_ASSIGN(const SalienceScores scores, load_scores(path));
  if (!group_given) recipe.quant.group = scores.group;
  SALIENT_ASSIGN(const Ranking ranking, Ranking::prepare(scores, recipe.ranking()));
  SALIENT_ASSIGN(const Allocation allocation, ranking.allocate(recipe.budget));
  Json result = result_header("allocate");
  result.update(allocation_json(allocation.map, allocation.size));
  result.update(prediction_json(allocation, scores.samples));
  job.report(1, 1);
  return result;
}

}  // namespace salient::operations
