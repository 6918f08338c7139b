// SPDX-License-Identifier: Apache-2.0
// A small random decoder in bf16 without a checkpoint behind it, and a store that keeps layers in memory.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/base/random.h"
#include "core/model/decoder.h"
#include "core/quant/quantize_model.h"
#include "tests/unit/support/memory_store.h"

namespace salient::test {

inline ModelConfig tiny_config() {
  ModelConfig config;
  config.architecture = Architecture::qwen2;
  config.hidden_size = 48;
  config.intermediate_size = 80;
  config.layers = 3;
  config.heads = 4;
  config.kv_heads = 2;
  config.head_dim = 16;  // attention is wider than the residual stream
  config.vocab_size = 40;
  config.max_positions = 64;
  config.qkv_bias = true;
  return config;
}

class TinyWeights final : public WeightSource {
 public:
  explicit TinyWeights(Backend& backend) : backend_(backend), config_(tiny_config()) {
    auto global = std::make_shared<GlobalWeights>();
    global->embedding = random(config_.vocab_size, config_.hidden_size, 1);
    global->final_norm = random(1, config_.hidden_size, 0, 1);
    global->lm_head = global->embedding;
    global_ = std::move(global);
    for (std::int64_t index = 0; index < config_.layers; ++index) {
      auto layer = std::make_shared<LayerWeights>();
      layer->input_norm = random(1, config_.hidden_size, 0.3F, 1);
      layer->post_norm = random(1, config_.hidden_size, 0.3F, 1);
      for (const LinearKind kind : kLinearKinds) {
        const LinearShape shape = linear_shape(config_, kind);
        layer->at(kind).weight = random(shape.rows, shape.cols, 0.2F);
        if (kind <= LinearKind::v) layer->at(kind).bias = random(1, shape.rows, 0.1F);
      }
      layers_.push_back(std::move(layer));
    }
  }

  [[nodiscard]] const ModelConfig& config() const override { return config_; }
  [[nodiscard]] Result<std::shared_ptr<const GlobalWeights>> global() override { return global_; }
  [[nodiscard]] Result<std::shared_ptr<const LayerWeights>> layer(std::int64_t index) override {
    return std::shared_ptr<const LayerWeights>(layers_[static_cast<std::size_t>(index)]);
  }
  /// bf16 bits of a linear's weight.
  [[nodiscard]] std::uint16_t* bits(LinearId id) {
    return static_cast<std::uint16_t*>(layers_[static_cast<std::size_t>(id.layer)]->at(id.kind).weight.data());
  }

 private:
  Tensor random(std::int64_t rows, std::int64_t cols, float amplitude, float center = 0) {
    std::vector<std::uint16_t> bits(static_cast<std::size_t>(rows * cols));
    for (auto& value : bits) {
      value = f32_to_bf16(center + amplitude * static_cast<float>(2 * random_.uniform() - 1));
    }
    auto tensor = backend_.allocate(DType::bf16, rows, cols);
    EXPECT_TRUE(tensor && backend_.upload(bits.data(), *tensor));
    return *tensor;
  }

  Backend& backend_;
  ModelConfig config_;
  Random random_{11};
  std::shared_ptr<const GlobalWeights> global_;
  std::vector<std::shared_ptr<LayerWeights>> layers_;
};

inline void expect_same(const QuantizedLayer& a, const QuantizedLayer& b) {
  EXPECT_EQ(a.index, b.index);
  for (const LinearKind kind : kLinearKinds) {
    SCOPED_TRACE(std::string(linear_kind_name(kind)) + " of layer " + std::to_string(a.index));
    const QuantizedLinear& left = a.linears[static_cast<std::size_t>(kind)];
    const QuantizedLinear& right = b.linears[static_cast<std::size_t>(kind)];
    EXPECT_EQ(left.matrix.rows, right.matrix.rows);
    EXPECT_EQ(left.matrix.cols, right.matrix.cols);
    EXPECT_EQ(left.matrix.group, right.matrix.group);
    EXPECT_EQ(left.matrix.rows8, right.matrix.rows8);
    EXPECT_EQ(left.matrix.codes4, right.matrix.codes4);
    EXPECT_EQ(left.matrix.scales4, right.matrix.scales4);
    EXPECT_EQ(left.matrix.zeros4, right.matrix.zeros4);
    EXPECT_EQ(left.matrix.codes8, right.matrix.codes8);
    EXPECT_EQ(left.matrix.scales8, right.matrix.scales8);
    EXPECT_EQ(left.output_error, right.output_error);
    EXPECT_EQ(left.clipped_groups, right.clipped_groups);
    EXPECT_EQ(left.dead_inputs, right.dead_inputs);
    EXPECT_EQ(left.damping_used, right.damping_used);
    EXPECT_EQ(left.fallback, right.fallback);
  }
}

}  // namespace salient::test
