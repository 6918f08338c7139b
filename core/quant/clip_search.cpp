// SPDX-License-Identifier: Apache-2.0
#include "core/quant/clip_search.h"

#include <cblas.h>

#include <algorithm>

namespace salient {
namespace {

constexpr int kLargestPercent = 100;
constexpr int kSmallestPercent = 80;
constexpr int kStepPercent = 2;

}  // namespace

ClipSearch::ClipSearch(std::int64_t rows, std::int64_t width)
    : delta_(static_cast<std::size_t>(rows * width)),
      product_(delta_.size()),
      best_(static_cast<std::size_t>(rows)),
      clipped_(static_cast<std::size_t>(rows)) {}

std::int64_t ClipSearch::search(RowFormat format, const GroupOfRows& part, std::span<const float> block,
                                std::span<RowGrid> grids) {
  const auto width = static_cast<std::size_t>(part.width);
  const CodeRange range = code_range(format);
  for (int percent = kLargestPercent; percent >= kSmallestPercent; percent -= kStepPercent) {
    const bool whole = percent == kLargestPercent;
    const float ratio = static_cast<float>(percent) / 100.0F;
    std::vector<RowGrid> candidates(static_cast<std::size_t>(part.rows));
    for (std::int64_t i = 0; i < part.rows; ++i) {
      const std::span<const float> values = part.row(i);
      const RowGrid grid = candidates[static_cast<std::size_t>(i)] = fit_grid(format, values, ratio);
      float* delta = delta_.data() + i * part.width;
      for (std::size_t k = 0; k < width; ++k) {
        delta[k] = dequantize(grid, round_to_code(range, grid, values[k])) - values[k];
      }
    }
    const auto n = static_cast<int>(part.width);
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, static_cast<int>(part.rows), n, n, 1.0F, delta_.data(), n,
                block.data(), n, 0.0F, product_.data(), n);
    for (std::size_t i = 0; i < static_cast<std::size_t>(part.rows); ++i) {
      double error = 0;
      for (std::size_t k = i * width; k < (i + 1) * width; ++k) {
        error += static_cast<double>(delta_[k]) * static_cast<double>(product_[k]);
      }
      if (!whole && !(error < best_[i])) continue;
      best_[i] = error;
      grids[i] = candidates[i];
      clipped_[i] = !whole;
    }
  }
  return std::count(clipped_.begin(), clipped_.begin() + part.rows, std::uint8_t{1});
}

std::int64_t choose_grids(RowFormat format, const GroupOfRows& part, std::span<const float> block,
                          ClipSearch& clip_search, std::span<RowGrid> grids) {
  if (!block.empty()) return clip_search.search(format, part, block, grids);
  for (std::int64_t i = 0; i < part.rows; ++i) {
    grids[static_cast<std::size_t>(i)] = fit_grid(format, part.row(i), 1.0F);
  }
  return 0;
}

}  // namespace salient
