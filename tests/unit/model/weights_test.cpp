// SPDX-License-Identifier: Apache-2.0
#include "core/model/weights.h"

#include "tests/unit/model/model_test.h"

namespace salient {
namespace {

using test::floats;
using test::take;
using test::TinyModel;

TEST(LinearId, NamesAndOrder) {
  EXPECT_EQ(linear_name({3, LinearKind::q}), "model.layers.3.self_attn.q_proj");
  EXPECT_EQ(linear_name({0, LinearKind::o}), "model.layers.0.self_attn.o_proj");
  EXPECT_EQ(linear_name({11, LinearKind::gate}), "model.layers.11.mlp.gate_proj");
  EXPECT_EQ(linear_kind_name(LinearKind::down), "down_proj");
  EXPECT_LT((LinearId{0, LinearKind::down}), (LinearId{1, LinearKind::q}));
}

TEST(LinearId, ShapesAreThoseOfTheCheckpoint) {
  for (const char* name : {"llama3-bf16", "llama-biased-f32", "mistral-f16", "qwen2-f32"}) {
    TinyModel model(name);
    const auto layer = take(model.weights.layer(0));
    for (const LinearKind kind : kLinearKinds) {
      const LinearShape shape = linear_shape(model.weights.config(), kind);
      EXPECT_EQ(layer->at(kind).weight.rows, shape.rows) << name << " " << linear_kind_name(kind);
      EXPECT_EQ(layer->at(kind).weight.cols, shape.cols) << name << " " << linear_kind_name(kind);
    }
  }
}

TEST(CheckpointWeights, KeepTheirDtypeAndBiases) {
  TinyModel half("llama3-bf16");
  const auto layer = take(half.weights.layer(0));
  EXPECT_EQ(layer->at(LinearKind::q).weight.dtype, DType::bf16);
  EXPECT_EQ(layer->input_norm.dtype, DType::bf16);
  EXPECT_TRUE(layer->at(LinearKind::q).bias.empty());
  TinyModel every("llama-biased-f32");
  const auto every_layer = take(every.weights.layer(1));
  for (const LinearKind kind : kLinearKinds) {
    EXPECT_EQ(every_layer->at(kind).bias.cols, linear_shape(every.weights.config(), kind).rows);
  }
  TinyModel some("qwen2-f32");
  const auto some_layer = take(some.weights.layer(1));
  EXPECT_FALSE(some_layer->at(LinearKind::v).bias.empty());
  EXPECT_TRUE(some_layer->at(LinearKind::o).bias.empty());
  EXPECT_TRUE(some_layer->at(LinearKind::down).bias.empty());
}

TEST(CheckpointWeights, TiedHeadIsTheEmbedding) {
  TinyModel tied("qwen2-f32"), untied("mistral-f16");
  EXPECT_EQ(take(tied.weights.global())->lm_head.data(), take(tied.weights.global())->embedding.data());
  EXPECT_NE(take(untied.weights.global())->lm_head.data(), take(untied.weights.global())->embedding.data());
}

TEST(CheckpointWeights, LayersBeyondTheBudgetAreReadAgain) {
  TinyModel all("qwen2-f32"), none("qwen2-f32", 0);
  EXPECT_EQ(take(all.weights.layer(1)), take(all.weights.layer(1)));
  const auto first = take(none.weights.layer(1)), second = take(none.weights.layer(1));
  EXPECT_NE(first, second);
  EXPECT_EQ(floats(first->at(LinearKind::up).weight), floats(second->at(LinearKind::up).weight));
  EXPECT_EQ(take(all.decoder.sequence_nll(all.ids)), take(none.decoder.sequence_nll(none.ids)));

  // Room for one of the two layers: the first one asked for stays.
  TinyModel one("qwen2-f32", 40000);
  EXPECT_EQ(take(one.weights.layer(1)), take(one.weights.layer(1)));
  EXPECT_NE(take(one.weights.layer(0)), take(one.weights.layer(0)));
}

TEST(UploadTensor, NamesWhatIsMissing) {
  TinyModel model("qwen2-f32");
  const auto missing = upload_tensor(*model.checkpoint, "model.layers.7.nothing", *model.backend);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace salient
