// SPDX-License-Identifier: Apache-2.0
#include "core/quant/quantized_rows.h"

#include <algorithm>
#include <cmath>

namespace salient {

RowGrid fit_grid(RowFormat format, std::span<const float> values, float ratio) {
  const auto [min, max] = std::minmax_element(values.begin(), values.end());
  RowGrid grid;
  if (format.symmetric) {
    grid.scale_bits = grid8_from_absmax(std::max(std::fabs(*min), std::fabs(*max)) * ratio);
  } else {
    const AsymmetricGrid fitted = asymmetric_grid(*min * ratio, *max * ratio, format.bits);
    grid.scale_bits = fitted.scale;
    grid.zero = fitted.zero;
  }
  grid.scale = f16_to_f32(grid.scale_bits);
  return grid;
}

QuantizedRows::QuantizedRows(RowFormat row_format, std::int64_t row_count, std::int64_t col_count,
                             std::int64_t group_size)
    : format(row_format), rows(row_count), cols(col_count), group(group_size) {
  codes.resize(static_cast<std::size_t>(rows * cols));
  scales.resize(static_cast<std::size_t>(rows * groups()));
  zeros.resize(static_cast<std::size_t>(rows * groups()));
}

void QuantizedRows::set_grid(std::int64_t row, std::int64_t group_index, const RowGrid& grid) {
  const auto at = static_cast<std::size_t>(row * groups() + group_index);
  scales[at] = grid.scale_bits;
  zeros[at] = static_cast<std::uint8_t>(grid.zero);
}

void QuantizedRows::difference(std::int64_t row, std::span<const float> weight, std::span<double> out) const {
  const std::int8_t* row_codes = codes.data() + row * cols;
  for (std::int64_t g = 0; g < groups(); ++g) {
    const auto at = static_cast<std::size_t>(row * groups() + g);
    const float scale = f16_to_f32(scales[at]);
    for (std::int64_t k = g * group; k < std::min((g + 1) * group, cols); ++k) {
      const float value = static_cast<float>(row_codes[k] - zeros[at]) * scale;
      out[static_cast<std::size_t>(k)] = static_cast<double>(value) - weight[static_cast<std::size_t>(k)];
    }
  }
}

}  // namespace salient
