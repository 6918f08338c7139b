// SPDX-License-Identifier: Apache-2.0
#include "core/compute/folded_scales.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>

#include "core/base/dtype.h"

namespace salient {
namespace {

constexpr std::array<std::pair<ScaleMode, std::string_view>, 3> kNames{
    {{ScaleMode::exact, "exact"}, {ScaleMode::folded, "folded"}, {ScaleMode::folded_token, "folded-token"}}};

/// One row. `code(k)` less `zero(g)` is what the scale of its group multiplies; `reach(g)` bounds it.
template <class Code, class Zero, class Reach>
float fold_row(const QuantizedMatrix& matrix, const std::uint16_t* scales, float divisor, Code code, Zero zero,
               Reach reach, std::int8_t* out) {
  float largest = 0;
  for (std::int64_t g = 0; g < matrix.groups(); ++g)
    largest = std::max(largest, f16_to_f32(scales[g]) * reach(g));
  const float row_scale = largest / divisor;
  for (std::int64_t g = 0; g < matrix.groups(); ++g) {
    const float share = f16_to_f32(scales[g]) * 256.0F;
    const int factor = row_scale > 0 ? static_cast<int>(std::nearbyint(share / row_scale)) : 0;
    for (std::int64_t k = g * matrix.group; k < std::min((g + 1) * matrix.group, matrix.cols); ++k)
      out[k] = static_cast<std::int8_t>(((code(k) - zero(g)) * factor + 128) >> 8);
  }
  return row_scale;
}

}  // namespace

std::string_view scale_mode_name(ScaleMode mode) {
  return kNames[static_cast<std::size_t>(mode)].second;
}

std::optional<ScaleMode> scale_mode_from_name(std::string_view name) {
  for (const auto& [mode, known] : kNames) {
    if (known == name) return mode;
  }
  return std::nullopt;
}

ScaleMode mode_for(ScaleMode wanted, std::int64_t tokens) {
  return tokens >= kFoldedTokens ? wanted : ScaleMode::exact;
}

FoldedMatrix fold_scales(const QuantizedMatrix& matrix) {
  FoldedMatrix folded{matrix.rows, matrix.cols, {}, {}};
  folded.codes.resize(static_cast<std::size_t>(matrix.rows * matrix.cols));
  folded.scales.resize(static_cast<std::size_t>(matrix.rows));
  const std::vector<std::uint32_t> low = matrix.rows4();
  for (std::size_t i = 0; i < low.size(); ++i) {
    const auto index = static_cast<std::int64_t>(i);
    const std::uint8_t* codes = matrix.codes4.data() + index * nibble_bytes(matrix.cols);
    const std::uint8_t* zeros = matrix.zeros4.data() + index * nibble_bytes(matrix.groups());
    const auto zero = [&](std::int64_t g) { return nibble_at(zeros, g); };
    folded.scales[low[i]] = fold_row(
        matrix, matrix.scales4.data() + index * matrix.groups(), 127.0F,
        [&](std::int64_t k) { return nibble_at(codes, k); }, zero,
        [&](std::int64_t g) { return static_cast<float>(std::max(zero(g), 15 - zero(g))); },
        folded.codes.data() + low[i] * matrix.cols);
  }
  for (std::size_t i = 0; i < matrix.rows8.size(); ++i) {
    const auto index = static_cast<std::int64_t>(i);
    const std::int8_t* codes = matrix.codes8.data() + index * matrix.cols;
    const std::uint32_t row = matrix.rows8[i];
    folded.scales[row] = fold_row(
        matrix, matrix.scales8.data() + index * matrix.groups(), 1.0F, [&](std::int64_t k) { return int{codes[k]}; },
        [](std::int64_t) { return 0; }, [](std::int64_t) { return 1.0F; }, folded.codes.data() + row * matrix.cols);
  }
  return folded;
}

}  // namespace salient
