// SPDX-License-Identifier: Apache-2.0
#include "core/model/linear_id.h"

#include <fmt/format.h>

namespace salient {

std::string_view linear_kind_name(LinearKind kind) {
  switch (kind) {
    case LinearKind::q: return "q_proj";
    case LinearKind::k: return "k_proj";
    case LinearKind::v: return "v_proj";
    case LinearKind::o: return "o_proj";
    case LinearKind::gate: return "gate_proj";
    case LinearKind::up: return "up_proj";
    case LinearKind::down: return "down_proj";
  }
  return "";
}

std::string linear_name(LinearId id) {
  const bool attention = id.kind <= LinearKind::o;
  return fmt::format("model.layers.{}.{}.{}", id.layer, attention ? "self_attn" : "mlp", linear_kind_name(id.kind));
}

LinearShape linear_shape(const ModelConfig& config, LinearKind kind) {
  switch (kind) {
    case LinearKind::q: return {config.q_size(), config.hidden_size};
    case LinearKind::k:
    case LinearKind::v: return {config.kv_size(), config.hidden_size};
    case LinearKind::o: return {config.hidden_size, config.q_size()};
    case LinearKind::gate:
    case LinearKind::up: return {config.intermediate_size, config.hidden_size};
    case LinearKind::down: return {config.hidden_size, config.intermediate_size};
  }
  return {};
}

}  // namespace salient
