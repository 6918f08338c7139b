// SPDX-License-Identifier: GPL-3.0-or-later
// What the salience page shows of the scores: averages of a projection class, one linear's scores in order, one
// feature's place among all, distributions. All of it is computed off the GUI thread.
#pragma once

#include <QString>
#include <QVector>
#include <cstdint>
#include <span>
#include <vector>

#include "core/base/result.h"
#include "core/search/scores.h"

namespace salient::ui {

/// "Layer 3 · down_proj".
[[nodiscard]] QString linearLabel(LinearId id);
[[nodiscard]] QString kindLabel(LinearKind kind);  ///< "down_proj"
[[nodiscard]] QString scoreText(double score);     ///< or scale: "0.001234"

/// Counts in equal steps from `low` to `high`.
struct Histogram {
  double low = 0;
  double high = 0;
  std::vector<std::int64_t> counts;

  [[nodiscard]] double width() const { return counts.empty() ? 0 : (high - low) / static_cast<double>(counts.size()); }
  [[nodiscard]] double start(std::size_t bin) const { return low + width() * static_cast<double>(bin); }
  /// The bin of a value; values outside belong to the first and the last.
  [[nodiscard]] std::size_t bin(double value) const;
};
/// From the least to the greatest value. One bin where they are equal; none without values.
[[nodiscard]] Histogram histogram(std::span<const float> values, int bins);
/// Of the decimal logarithms of the positive scores.
[[nodiscard]] Histogram logHistogram(std::span<const double> scores, int bins);

/// One linear's scores, best first.
struct LinearOrder {
  std::vector<std::uint32_t> rows;  ///< the row at each place
  std::vector<double> scores;       ///< at each place
  Histogram distribution;           ///< of log₁₀
  std::int64_t zeros = 0;
};
[[nodiscard]] LinearOrder orderOf(const LinearScores& linear);

/// Where one feature stands.
struct FeaturePlace {
  double score = 0;
  std::int64_t rank = 0;      ///< among all features of the model, 1 = greatest score
  std::int64_t features = 0;  ///< of the model
  std::int64_t rankInLinear = 0;
  std::int64_t rows = 0;   ///< of the linear
  double percentile = 0;   ///< share of all other features with a smaller score, percent
  Histogram distribution;  ///< log₁₀ of all the model's scores
};
/// `linear` and `row` must exist.
[[nodiscard]] FeaturePlace placeOf(const SalienceScores& scores, std::size_t linear, std::uint32_t row);

/// One row of a weight as it is in the checkpoint, and the scales that round-to-nearest gives its groups in each width.
struct FeatureWeights {
  std::vector<float> weights;
  std::vector<float> scales4;  ///< of each group, asymmetric 4 bit
  std::vector<float> scales8;  ///< symmetric 8 bit
  Histogram distribution;
};

}  // namespace salient::ui
