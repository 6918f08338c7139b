// SPDX-License-Identifier: Apache-2.0
#include "core/quant/gptq.h"

#include <cblas.h>

#include <algorithm>
#include <atomic>

#include "core/quant/clip_search.h"

namespace salient {
namespace {

/// Rows are independent of one another: each piece of them goes through all groups on its own.
constexpr std::int64_t kRowPiece = 64;

/// The piece's weights [rows, K] with columns in processing order, those of dead inputs 0.
std::vector<float> gather(const RowSelection& selection, const Hessian& hessian, std::int64_t begin, std::int64_t end) {
  const std::int64_t cols = selection.cols;
  std::vector<float> weights(static_cast<std::size_t>((end - begin) * cols));
  float* out = weights.data();
  for (std::int64_t row = begin; row < end; ++row) {
    const float* source = selection.row(row).data();
    for (const std::int64_t group : hessian.group_order()) {
      const std::int64_t first = group * hessian.group();
      for (std::int64_t k = first; k < std::min(first + hessian.group(), cols); ++k) {
        *out++ = hessian.dead(k) ? 0.0F : source[k];
      }
    }
  }
  return weights;
}

/// Rounds one row's group, spreading each column's error over the group's later columns at once; `errors` keeps it
/// for the columns behind the group. `factor` is U's diagonal block, row stride `stride`.
void round_group(CodeRange range, const RowGrid& grid, std::span<float> weights, const float* factor,
                 std::int64_t stride, std::span<std::int8_t> codes, std::span<float> errors) {
  const std::size_t width = weights.size();
  for (std::size_t j = 0; j < width; ++j) {
    const float* row = factor + static_cast<std::int64_t>(j) * stride;
    const float code = round_to_code(range, grid, weights[j]);
    const float error = (weights[j] - dequantize(grid, code)) / row[j];
    codes[j] = static_cast<std::int8_t>(code);
    errors[j] = error;
    for (std::size_t k = j + 1; k < width; ++k)
      weights[k] -= error * row[k];
  }
}

}  // namespace

QuantizedRows gptq(const RowSelection& selection, RowFormat format, const Hessian& hessian, bool clip,
                   ThreadPool& threads, const Job* job) {
  const std::int64_t cols = selection.cols;
  const std::int64_t group = hessian.group();
  const float* factor = hessian.factor().data();
  QuantizedRows result(format, selection.count(), cols, group);
  std::atomic<std::int64_t> clipped{0};
  threads.parallel_for(result.rows, kRowPiece, [&](std::int64_t begin, std::int64_t end) {
    const std::int64_t count = end - begin;
    std::vector<float> weights = gather(selection, hessian, begin, end);
    std::vector<float> errors(static_cast<std::size_t>(count * group));
    std::vector<RowGrid> grids(static_cast<std::size_t>(count));
    ClipSearch clip_search(clip ? count : 0, group);
    std::int64_t position = 0;  // of the group's first column in processing order
    for (const std::int64_t g : hessian.group_order()) {
      if (job != nullptr && job->cancelled()) return;
      const std::int64_t first = g * group;
      const std::int64_t width = std::min(group, cols - first);
      const auto size = static_cast<std::size_t>(width);
      const GroupOfRows part{weights.data() + position, cols, count, width};
      clipped +=
          choose_grids(format, part, clip ? hessian.diagonal_block(g) : std::span<const float>{}, clip_search, grids);
      for (std::int64_t i = 0; i < count; ++i) {
        const RowGrid& grid = grids[static_cast<std::size_t>(i)];
        result.set_grid(begin + i, g, grid);
        round_group(code_range(format), grid, {weights.data() + i * cols + position, size},
                    factor + position * cols + position, cols, {result.codes.data() + (begin + i) * cols + first, size},
                    {errors.data() + i * width, size});
      }
      const std::int64_t next = position + width;
      if (next < cols) {
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, static_cast<int>(count), static_cast<int>(cols - next),
                    static_cast<int>(width), -1.0F, errors.data(), static_cast<int>(width),
                    factor + position * cols + next, static_cast<int>(cols), 1.0F, weights.data() + next,
                    static_cast<int>(cols));
      }
      position = next;
    }
  });
  result.clipped_groups = clipped;
  return result;
}

}  // namespace salient
