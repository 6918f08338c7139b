// SPDX-License-Identifier: Apache-2.0
// Rotary position embeddings (Su et al. 2021) with the scalings of model_config.h. Single precision in the places
// where the reference implementation rounds, so that positions far out turn by the same angle.
#include <cmath>
#include <numbers>
#include <vector>

#include "core/model/decoder.h"

namespace salient {
namespace {

/// Llama 3.1: long wavelengths are stretched by the factor, short ones kept, those between interpolated.
float llama3_frequency(float frequency, const RopeScaling& scaling) {
  const auto context = static_cast<float>(scaling.original_max_position_embeddings);
  const auto factor = static_cast<float>(scaling.factor);
  const auto low = static_cast<float>(scaling.low_freq_factor), high = static_cast<float>(scaling.high_freq_factor);
  const float wavelength = 2 * std::numbers::pi_v<float> / frequency;
  if (wavelength > context / low) return frequency / factor;
  if (wavelength < context / high) return frequency;
  const float smooth = (context / wavelength - low) / (high - low);
  return (1 - smooth) * frequency / factor + smooth * frequency;
}

}  // namespace

std::vector<float> rope_frequencies(const ModelConfig& config) {
  std::vector<float> frequencies(static_cast<std::size_t>(config.head_dim / 2));
  for (std::size_t i = 0; i < frequencies.size(); ++i) {
    const float exponent = static_cast<float>(2 * i) / static_cast<float>(config.head_dim);
    float frequency = 1.0F / static_cast<float>(std::pow(config.rope_theta, static_cast<double>(exponent)));
    if (config.rope_scaling.type == RopeScaling::Type::linear) {
      frequency /= static_cast<float>(config.rope_scaling.factor);
    } else if (config.rope_scaling.type == RopeScaling::Type::llama3) {
      frequency = llama3_frequency(frequency, config.rope_scaling);
    }
    frequencies[i] = frequency;
  }
  return frequencies;
}

Result<RopeTable> make_rope_table(const ModelConfig& config, std::int64_t positions, Backend& backend) {
  const std::vector<float> frequencies = rope_frequencies(config);
  const auto half = static_cast<std::int64_t>(frequencies.size());
  RopeTable table;
  SALIENT_ASSIGN(table.cos, backend.allocate(DType::f32, positions, half));
  SALIENT_ASSIGN(table.sin, backend.allocate(DType::f32, positions, half));
  std::vector<float> cosine(static_cast<std::size_t>(table.cos.size())), sine(cosine.size());
  for (std::size_t i = 0; i < cosine.size(); ++i) {
    const auto position = static_cast<float>(i / frequencies.size());
    const float angle = position * frequencies[i % frequencies.size()];
    cosine[i] = static_cast<float>(std::cos(static_cast<double>(angle)));
    sine[i] = static_cast<float>(std::sin(static_cast<double>(angle)));
  }
  SALIENT_CHECK(backend.upload(cosine.data(), table.cos));
  SALIENT_CHECK(backend.upload(sine.data(), table.sin));
  return table;
}

}  // namespace salient
