// SPDX-License-Identifier: Apache-2.0
// Clip search (METHOD §4): for each group of each row, the ratio r in {1.00, 0.98, …, 0.80} by which min and max
// are shrunk such that the group's partial output on the calibration inputs has the smallest squared error. With
// the group's diagonal block of H that error is δ H_gg δᵀ: no pass over the tokens.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/quant/quantized_rows.h"

namespace salient {

/// One group of some rows: row i's values are values[i · stride, i · stride + width).
struct GroupOfRows {
  const float* values = nullptr;
  std::int64_t stride = 0;
  std::int64_t rows = 0;
  std::int64_t width = 0;

  [[nodiscard]] std::span<const float> row(std::int64_t index) const {
    return {values + index * stride, static_cast<std::size_t>(width)};
  }
};

class ClipSearch {
 public:
  /// Room for pieces of at most `rows` rows and groups of `width`.
  ClipSearch(std::int64_t rows, std::int64_t width);

  /// Writes the best grid of each row; ties go to the larger ratio. `block` is H_gg [width, width]. Returns how
  /// many rows were clipped.
  std::int64_t search(RowFormat format, const GroupOfRows& part, std::span<const float> block,
                      std::span<RowGrid> grids);

 private:
  std::vector<float> delta_;
  std::vector<float> product_;
  std::vector<double> best_;
  std::vector<std::uint8_t> clipped_;
};

/// The grids of one group of rows: searched with `block`, or without clipping where `block` is empty. Returns how
/// many rows were clipped.
std::int64_t choose_grids(RowFormat format, const GroupOfRows& part, std::span<const float> block,
                          ClipSearch& clip_search, std::span<RowGrid> grids);

}  // namespace salient
