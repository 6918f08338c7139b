// SPDX-License-Identifier: Apache-2.0
#include "core/engine/sampling.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

namespace salient {
namespace {

constexpr std::array<float, 4> kLogits{0.0F, 2.0F, 1.0F, 2.0F};

TEST(Sampling, GreedyTakesTheFirstOfTheLargest) {
  Random random(1);
  EXPECT_EQ(*sample_token(kLogits, 0, 1, random), 1);
}

TEST(Sampling, FrequenciesFollowTheSoftmax) {
  Random random(2);
  std::array<double, 4> counts{};
  constexpr int draws = 40000;
  for (int i = 0; i < draws; ++i)
    counts[static_cast<std::size_t>(*sample_token(kLogits, 2.0, 1, random))] += 1;
  double total = 0;
  for (const float logit : kLogits)
    total += std::exp(logit / 2.0);
  for (std::size_t i = 0; i < counts.size(); ++i)
    EXPECT_NEAR(counts[i] / draws, std::exp(kLogits[i] / 2.0) / total, 0.01);
}

TEST(Sampling, TopPKeepsTheSmallestSufficientSet) {
  Random random(3);
  for (int i = 0; i < 1000; ++i) {
    const auto id = *sample_token(kLogits, 1, 0.5, random);  // the two largest have 0.42 each
    EXPECT_TRUE(id == 1 || id == 3);
    EXPECT_EQ(*sample_token(kLogits, 1, 0.1, random), 1);
  }
}

TEST(Sampling, SameSeedSameTokens) {
  Random a(4);
  Random b(4);
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(*sample_token(kLogits, 1, 0.9, a), *sample_token(kLogits, 1, 0.9, b));
}

TEST(Sampling, NanIsAnError) {
  Random random(5);
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    const std::array<float, 3> logits{0.0F, bad, 1.0F};
    const auto token = sample_token(logits, 0, 1, random);
    ASSERT_FALSE(token.ok());
    EXPECT_EQ(token.error().code, ErrorCode::numeric);
  }
}

}  // namespace
}  // namespace salient
