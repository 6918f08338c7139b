// SPDX-License-Identifier: Apache-2.0
// The rows of one class (4 bit or 8 bit) on their way through a quantizer: which rows, the grid of one group of
// one row, and the codes found. QuantizedMatrix is the packed form they end in.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/dtype.h"
#include "core/compute/quantized_matrix.h"
#include "core/compute/rounding.h"

namespace salient {

/// Some rows of a weight [N, cols].
struct RowSelection {
  std::span<const float> weight;
  std::int64_t cols = 0;
  std::span<const std::uint32_t> rows;

  [[nodiscard]] std::int64_t count() const { return static_cast<std::int64_t>(rows.size()); }
  [[nodiscard]] std::span<const float> row(std::int64_t index) const {
    return weight.subspan(rows[static_cast<std::size_t>(index)] * static_cast<std::size_t>(cols),
                          static_cast<std::size_t>(cols));
  }
};

/// Grid of one group of one row: value ≈ (code − zero) · scale.
struct RowGrid {
  std::uint16_t scale_bits = 0;  ///< fp16, as stored
  float scale = 0;
  float zero = 0;  ///< an integer; 0 where the format is symmetric
};

/// The grid of METHOD §1 with min and max (symmetric: absmax) shrunk by `ratio`.
[[nodiscard]] RowGrid fit_grid(RowFormat format, std::span<const float> values, float ratio);

struct CodeRange {
  float low = 0;
  float high = 15;
};
[[nodiscard]] constexpr CodeRange code_range(RowFormat format) {
  return {static_cast<float>(format.lowest()), static_cast<float>(format.highest())};
}
/// What quantize4() and quantize8() give, as a float and inline, so that loops over it vectorise.
[[nodiscard]] inline float round_to_code(CodeRange range, const RowGrid& grid, float value) {
  return rounding::code(value / grid.scale, grid.zero, range.low, range.high);
}
[[nodiscard]] inline float dequantize(const RowGrid& grid, float code) {
  return (code - grid.zero) * grid.scale;
}

/// Codes of all rows of a class in the linear's own order of columns.
struct QuantizedRows {
  QuantizedRows(RowFormat row_format, std::int64_t row_count, std::int64_t col_count, std::int64_t group_size);

  RowFormat format;
  std::int64_t rows;
  std::int64_t cols;
  std::int64_t group;
  std::vector<std::int8_t> codes;     ///< [rows, cols], within code_range(format)
  std::vector<std::uint16_t> scales;  ///< [rows, groups] fp16 bits
  std::vector<std::uint8_t> zeros;    ///< [rows, groups]
  std::int64_t clipped_groups = 0;    ///< of rows · groups

  [[nodiscard]] std::int64_t groups() const { return group_count(cols, group); }
  void set_grid(std::int64_t row, std::int64_t group_index, const RowGrid& grid);
  /// out[k] = dequantized − weight[k], in double.
  void difference(std::int64_t row, std::span<const float> weight, std::span<double> out) const;
};

}  // namespace salient
