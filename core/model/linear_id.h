// SPDX-License-Identifier: Apache-2.0
// Names of the seven linear layers inside a decoder layer: the ones that are searched and quantized.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/checkpoint/model_config.h"

namespace salient {

enum class LinearKind : std::uint8_t { q, k, v, o, gate, up, down };
inline constexpr std::array<LinearKind, 7> kLinearKinds{
    LinearKind::q, LinearKind::k, LinearKind::v, LinearKind::o, LinearKind::gate, LinearKind::up, LinearKind::down};

/// Linears that read the same input, in the order of LinearKind.
inline constexpr std::array<std::span<const LinearKind>, 4> kLinearGroups{
    std::span(kLinearKinds).subspan(0, 3), std::span(kLinearKinds).subspan(3, 1), std::span(kLinearKinds).subspan(4, 2),
    std::span(kLinearKinds).subspan(6, 1)};

[[nodiscard]] std::string_view linear_kind_name(LinearKind kind);  ///< "q_proj", …

struct LinearId {
  std::int32_t layer = 0;
  LinearKind kind = LinearKind::q;
  auto operator<=>(const LinearId&) const = default;
};

/// "model.layers.3.self_attn.q_proj": the tensor's name without ".weight".
[[nodiscard]] std::string linear_name(LinearId id);

/// Place in the order of LinearId among all linears of a decoder, and back.
[[nodiscard]] constexpr std::size_t linear_index(LinearId id) {
  return static_cast<std::size_t>(id.layer) * kLinearKinds.size() + static_cast<std::size_t>(id.kind);
}
[[nodiscard]] constexpr LinearId linear_at(std::size_t index) {
  return {static_cast<std::int32_t>(index / kLinearKinds.size()), kLinearKinds[index % kLinearKinds.size()]};
}

struct LinearShape {
  std::int64_t rows = 0;  ///< N, output features
  std::int64_t cols = 0;  ///< K, input features
};
[[nodiscard]] LinearShape linear_shape(const ModelConfig& config, LinearKind kind);

}  // namespace salient
