// SPDX-License-Identifier: Apache-2.0
// Faster forms of the mixed-precision product (METHOD §5) for long prompts: the scales of a row's groups become small
// integers times one scale of the row, folded into its codes, so that nothing is left to scale but the activations.
// This changes rounding: exact is the default, the others are modes whose cost is to be measured.
//
// A 4-bit row: reach_g = max(z_g, 15 − z_g)·s_g; S = max_g reach_g / 127. An 8-bit row: S = max_g s_g. Then
//   m_g = round(256·s_g / S), code = ((q − z_g)·m_g + 128) >> 8, in [−128, 127], and y = S·Σ_g sa·(Σ qa·code).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/compute/quantized_matrix.h"

namespace salient {

enum class ScaleMode {
  exact,        ///< METHOD §5 as it stands
  folded,       ///< weights folded, activations rounded for each token and group
  folded_token  ///< weights folded, activations rounded for each token as a whole
};
[[nodiscard]] std::string_view scale_mode_name(ScaleMode mode);  ///< "exact", "folded", "folded-token"
[[nodiscard]] std::optional<ScaleMode> scale_mode_from_name(std::string_view name);

/// Products of fewer tokens are exact in every mode: they wait for the weights to be read, and those are smallest as
/// they are. So prompts and evaluations are folded, and decoding a few sequences is not.
inline constexpr std::int64_t kFoldedTokens = 128;
/// `wanted` from kFoldedTokens tokens on, else exact.
[[nodiscard]] ScaleMode mode_for(ScaleMode wanted, std::int64_t tokens);

struct FoldedMatrix {
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  std::vector<std::int8_t> codes;  ///< [rows, cols], original row order
  std::vector<float> scales;       ///< [rows]
};
[[nodiscard]] FoldedMatrix fold_scales(const QuantizedMatrix& matrix);

}  // namespace salient
