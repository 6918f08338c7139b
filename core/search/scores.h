// SPDX-License-Identifier: Apache-2.0
// Salience of every output feature (METHOD §2), and its file: a safetensors file with one F64 vector a
// linear and the provenance as metadata. Computed once, kept, thresholded many times.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/model/linear_id.h"

namespace salient {

/// The paper's ablations: which estimate of the loss change ranks the features.
enum class SalienceVariant {
  full,             ///< |a + ½a²|: first order and empirical Fisher (default)
  second_order,     ///< ½a²: without the first-order term
  diagonal_fisher,  ///< |a + ½ Σ_k (g Δ)²|: element-wise products squared
  first_order       ///< |a|
};
[[nodiscard]] std::string_view salience_variant_name(SalienceVariant variant);  ///< "full", "second-order", …
[[nodiscard]] Result<SalienceVariant> salience_variant_from_name(std::string_view name);

struct LinearScores {
  LinearId id;
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  std::vector<double> scores;  ///< S[c] ≥ 0, one a row; a sum over the calibration sequences
};

struct SalienceScores {
  std::string model_fingerprint;
  std::string text_fingerprint;
  SalienceVariant variant = SalienceVariant::full;
  std::int64_t group = 128;
  std::int64_t samples = 0;
  std::int64_t length = 0;
  std::uint64_t seed = 0;
  double mean_loss = 0;  ///< of the calibration sequences, 16-bit model
  std::string program_version;
  /// The calibration windows themselves ([samples][length] ids), kept in the file so that `quantize --scores` needs
  /// no text: its calibration inputs are the ones that were searched.
  std::vector<std::vector<std::int32_t>> windows;
  std::vector<LinearScores> linears;  ///< in order of LinearId

  [[nodiscard]] std::int64_t features() const;
};

/// Linears in ascending order of LinearId, one finite score ≥ 0 a row. `file` names the source in errors; may be empty.
[[nodiscard]] Status check_scores(const SalienceScores& scores, const std::string& file);

[[nodiscard]] Status save_scores(const SalienceScores& scores, const std::filesystem::path& path);
/// Refuses missing linears, wrong shapes, negative or non-finite scores.
[[nodiscard]] Result<SalienceScores> load_scores(const std::filesystem::path& path);

}  // namespace salient
