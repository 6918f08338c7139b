// SPDX-License-Identifier: Apache-2.0
// Quantized layers as they come, in memory.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/quant/quantize_model.h"

namespace salient::test {

class MemoryStore final : public LayerStore {
 public:
  [[nodiscard]] std::int64_t layers_done() const override { return static_cast<std::int64_t>(layers.size()); }
  [[nodiscard]] Result<QuantizedLayer> load(std::int64_t index) override {
    return layers[static_cast<std::size_t>(index)];
  }
  [[nodiscard]] Status save(const QuantizedLayer& layer) override {
    layers.push_back(layer);
    return {};
  }
  /// Codes and scales of all rows of all linears.
  [[nodiscard]] std::vector<std::byte> bytes() const {
    std::vector<std::byte> all;
    const auto add = [&all](const auto& values) {
      const auto part = std::as_bytes(std::span(values));
      all.insert(all.end(), part.begin(), part.end());
    };
    for (const QuantizedLayer& layer : layers) {
      for (const QuantizedLinear& linear : layer.linears) {
        add(linear.matrix.codes4);
        add(linear.matrix.scales4);
        add(linear.matrix.codes8);
        add(linear.matrix.scales8);
      }
    }
    return all;
  }
  std::vector<QuantizedLayer> layers;
};

}  // namespace salient::test
