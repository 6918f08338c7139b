// SPDX-License-Identifier: Apache-2.0
#include "core/quant/rtn.h"

#include <algorithm>
#include <atomic>

#include "core/quant/clip_search.h"

namespace salient {
namespace {

constexpr std::int64_t kRowPiece = 64;

}  // namespace

QuantizedRows round_to_nearest(const RowSelection& selection, RowFormat format, std::int64_t group,
                               const Hessian* hessian, bool clip, ThreadPool& threads, const Job* job) {
  const std::int64_t cols = selection.cols;
  QuantizedRows result(format, selection.count(), cols, group);
  const CodeRange range = code_range(format);
  std::atomic<std::int64_t> clipped{0};
  threads.parallel_for(result.rows, kRowPiece, [&](std::int64_t begin, std::int64_t end) {
    const std::int64_t count = end - begin;
    std::vector<float> values(static_cast<std::size_t>(count * group));
    std::vector<RowGrid> grids(static_cast<std::size_t>(count));
    ClipSearch clip_search(clip ? count : 0, group);
    for (std::int64_t g = 0; g < result.groups(); ++g) {
      if (job != nullptr && job->cancelled()) return;
      const std::int64_t first = g * group;
      const GroupOfRows part{values.data(), group, count, std::min(group, cols - first)};
      for (std::int64_t i = 0; i < count; ++i) {
        const float* source = selection.row(begin + i).data() + first;
        for (std::int64_t k = 0; k < part.width; ++k) {
          const bool dead = hessian != nullptr && hessian->dead(first + k);
          values[static_cast<std::size_t>(i * group + k)] = dead ? 0.0F : source[k];
        }
      }
      clipped +=
          choose_grids(format, part, clip ? hessian->diagonal_block(g) : std::span<const float>{}, clip_search, grids);
      for (std::int64_t i = 0; i < count; ++i) {
        const RowGrid& grid = grids[static_cast<std::size_t>(i)];
        result.set_grid(begin + i, g, grid);
        std::int8_t* codes = result.codes.data() + (begin + i) * cols + first;
        for (std::int64_t k = 0; k < part.width; ++k) {
          codes[k] = static_cast<std::int8_t>(round_to_code(range, grid, part.row(i)[static_cast<std::size_t>(k)]));
        }
      }
    }
  });
  result.clipped_groups = clipped;
  return result;
}

}  // namespace salient
