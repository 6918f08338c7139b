// SPDX-License-Identifier: Apache-2.0
// Scores of a search that never was: shaped like real ones (a long tail, some projections and the outer layers more
// salient), for models whose search takes hours.
#pragma once

#include <array>
#include <cmath>

#include "core/base/random.h"
#include "core/search/scores.h"

namespace salient {

/// Shapes of Llama 3.1 70B: 80 layers of seven linears, 4.9 million output features.
inline ModelConfig llama70b_config() {
  ModelConfig config;
  config.hidden_size = 8192;
  config.intermediate_size = 28672;
  config.layers = 80;
  config.heads = 64;
  config.kv_heads = 8;
  config.head_dim = 128;
  return config;
}

inline SalienceScores synthetic_scores(const ModelConfig& config, std::uint64_t seed) {
  constexpr std::array<double, kLinearKinds.size()> kFactors{0.3, 0.6, 3.0, 1.0, 0.5, 0.6, 1.6};  // q, k, v, o, gate, …
  SalienceScores scores;
  scores.model_fingerprint = "synthetic";
  scores.text_fingerprint = "synthetic";
  scores.samples = 128;
  scores.length = 2048;
  scores.mean_loss = 2;
  Random random(seed);
  for (std::int32_t layer = 0; layer < config.layers; ++layer) {
    const double depth = (layer + 0.5) / static_cast<double>(config.layers);
    const double outer = 1 + 4 * std::pow(2 * std::fabs(depth - 0.5), 4);
    for (const LinearKind kind : kLinearKinds) {
      const LinearShape shape = linear_shape(config, kind);
      LinearScores linear{{layer, kind}, shape.rows, shape.cols, {}};
      linear.scores.reserve(static_cast<std::size_t>(shape.rows));
      for (std::int64_t row = 0; row < shape.rows; ++row) {
        const double bell = random.uniform() + random.uniform() + random.uniform() - 1.5;
        linear.scores.push_back(1e-4 * outer * kFactors[static_cast<std::size_t>(kind)] * std::exp(4 * bell));
      }
      scores.linears.push_back(std::move(linear));
    }
  }
  return scores;
}

}  // namespace salient
