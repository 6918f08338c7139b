// SPDX-License-Identifier: Apache-2.0
// Everything that decides what a run computes, and nothing that does not (no paths, times or machines): the
// same recipe on the same model and text gives the same bytes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/experiment/request.h"
#include "core/quant/quantize_linear.h"
#include "core/search/allocation.h"
#include "core/search/scores.h"

namespace salient {

struct Recipe {
  // Calibration windows (METHOD §2)
  std::int64_t samples = 128;
  std::int64_t length = 2048;
  std::uint64_t seed = 0;
  // Search
  SalienceVariant variant = SalienceVariant::full;
  // Allocation (METHOD §3)
  Budget budget;  ///< of no account where quant.uniform_bits is set
  RankBy rank = RankBy::salience;
  Selection selection = Selection::global;
  Granularity granularity = Granularity::feature;
  std::int64_t row_multiple = 1;
  // Quantization (METHOD §4)
  QuantOptions quant;
  // Evaluation (METHOD §6)
  std::int64_t evaluation_length = 2048;
  std::int64_t evaluation_windows = 0;  ///< 0 = all
  ScaleMode evaluation_scales = ScaleMode::exact;

  [[nodiscard]] RankingOptions ranking() const;
  /// 0 or 100 percent: which features are salient does not matter.
  [[nodiscard]] bool all_or_nothing() const {
    return budget.kind == Budget::Kind::percent && (budget.value <= 0 || budget.value >= 100);
  }
};

/// Sorted keys, every field present.
[[nodiscard]] Json recipe_json(const Recipe& recipe);
/// Without what cannot change the exported weights (evaluation settings): stored in the packed model.
[[nodiscard]] Json export_recipe_json(const Recipe& recipe);
[[nodiscard]] Result<Recipe> recipe_from_json(const Json& json, const std::string& file);

/// The groups of keys by which requests spell a recipe; each reads its part and leaves the rest alone.
void read_calibration(RequestReader& read, Recipe& recipe);   ///< samples, length, seed
void read_group(RequestReader& read, Recipe& recipe);         ///< group
void read_search(RequestReader& read, Recipe& recipe);        ///< variant, group
void read_allocation(RequestReader& read, Recipe& recipe);    ///< percent | average_bits | size | uniform, rank, …
void read_quantization(RequestReader& read, Recipe& recipe);  ///< method, clip, damping, group
void read_evaluation(RequestReader& read,
                     Recipe& recipe);  ///< evaluation_length, evaluation_windows, evaluation_scales

/// Who a result belongs to. Two runs with equal fingerprints give equal results on the same backend.
struct Identity {
  std::string operation;  ///< search, quantize or run
  Recipe recipe;
  std::string model;        ///< Checkpoint::fingerprint
  std::string calibration;  ///< SHA-256 of the text, or of the scores file's windows
  std::string evaluation;   ///< SHA-256 of the text; empty without
  std::string scores;       ///< SHA-256 of a scores file that was handed in; empty when searched here
  std::string version;      ///< of this program
};
[[nodiscard]] Json identity_json(const Identity& identity);
/// SHA-256 of the canonical JSON.
[[nodiscard]] std::string fingerprint(const Identity& identity);
/// One entry a differing field: {field, left, right}; for a refused resume and for comparing experiments.
struct FieldDifference {
  std::string field;
  std::string left;
  std::string right;
};
[[nodiscard]] std::vector<FieldDifference> differences(const Json& left, const Json& right);

}  // namespace salient
