// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/measured_points.h"

#include <gtest/gtest.h>

#include <QJsonArray>
#include <QJsonObject>
#include <cmath>

#include "core/experiment/store.h"

namespace salient::ui {
namespace {

Experiment measured(std::int64_t id, double bits, double kl, const std::string& fingerprint) {
  Experiment e;
  e.id = id;
  e.status = "done";
  e.start.model.fingerprint = fingerprint;
  e.start.machine.processor = "this one";
  e.start.evaluation = TextRecord{"00", "/texts/evaluation.txt", 1, 1};
  e.metrics = {{"quantized", "perplexity", 12, {}},       {"reference", "perplexity", 10, {}},
               {"quantized", "effective_bits", bits, {}}, {"quantized", "bytes", 1000, {}},
               {"quantized", "kl_forward", kl, {}},       {"quantized", "decode_tokens_per_second", 50, {}}};
  return e;
}

TEST(MeasuredPoints, AreThoseOfThisModelInOrderOfBits) {
  auto unfinished = measured(4, 4.2, 0.1, "this");
  unfinished.status = "failed";
  const auto points = measuredPoints(
      {measured(1, 6, 0.01, "this"), measured(2, 4.5, 0.05, "this"), measured(3, 4.2, 0.1, "other"), unfinished},
      "this");
  ASSERT_EQ(points.size(), 2);
  EXPECT_EQ(points.at(0).experiment, 2);
  EXPECT_EQ(points.at(1).kl, 0.01);
  EXPECT_NEAR(points.at(0).lossIncrease, std::log(1.2), 1e-12);
  EXPECT_EQ(points.at(0).tokensPerSecond, 50);
}

TEST(TokenRate, ComesFromWhatThisMachineMeasured) {
  int count = 0;
  const std::vector<Experiment> list{measured(1, 4, 0, "this"), measured(2, 5, 0, "this"), measured(3, 4, 0, "other")};
  const auto speed = measuredBytesPerSecond(list, "this", "this one", 500, count);
  EXPECT_EQ(count, 2);
  ASSERT_TRUE(speed);
  EXPECT_EQ(*speed, 50 * 1500);
  EXPECT_FALSE(measuredBytesPerSecond(list, "this", "another", 500, count));
  EXPECT_EQ(count, 0);
  const TokenRate rate{*speed, 2, 500};
  EXPECT_EQ(rate.predict(1000), 50) << "the prediction goes through the measured point";
  EXPECT_EQ(rate.predict(250), 100) << "half the bytes, twice as fast";
  EXPECT_GT(memoryBytesPerSecond(), 1e8);
}

TEST(TokenRate, CountsHeadAndNormsButNoUntiedEmbedding) {
  const auto tensor = [](const char* name, const QJsonArray& shape) {
    return QJsonObject{{"name", QLatin1String(name)}, {"shape", shape}};
  };
  const QJsonArray tensors{tensor("model.embed_tokens.weight", {100, 8}), tensor("lm_head.weight", {100, 8}),
                           tensor("model.layers.0.self_attn.q_proj.weight", {8, 8}),
                           tensor("model.layers.0.self_attn.q_proj.bias", {8}), tensor("model.norm.weight", {8})};
  const auto inspect = [&](bool tied) {
    return QJsonObject{{"tensors", tensors}, {"config", QJsonObject{{"tied_embeddings", tied}}}};
  };
  EXPECT_EQ(otherBytes(inspect(false)), 2 * (800 + 8 + 8));
  EXPECT_EQ(otherBytes(inspect(true)), 2 * (1600 + 8 + 8));
}

}  // namespace
}  // namespace salient::ui
