// SPDX-License-Identifier: Apache-2.0
#include "core/compute/sampling.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "core/compute/sampling_weight.h"

namespace salient {
namespace {

constexpr std::array<float, 4> kLogits{0.0F, 2.0F, 1.0F, 2.0F};
constexpr float kInfinity = std::numeric_limits<float>::infinity();

TEST(Sampling, WeightsAreExponentials) {
  for (const double temperature : {0.1, 0.7, 1.0, 3.0}) {
    for (float logit = -40; logit <= 5; logit += 0.37F) {
      const double exact = std::exp((static_cast<double>(logit) - 5) / temperature) * 0x1p40;
      const auto found = static_cast<double>(sampling::weight(logit, 5, temperature));
      EXPECT_NEAR(found, exact, 0.51 + 1e-12 * exact) << logit << " at " << temperature;
    }
  }
  EXPECT_EQ(sampling::weight(-kInfinity, 5, 1), 0U);
  EXPECT_EQ(sampling::weight(5, 5, 1e-300), std::uint64_t{1} << 40);
  EXPECT_EQ(sampling::weight(4.9999F, 5, 1e-300), 0U);
}

TEST(Sampling, GreedyTakesTheFirstOfTheLargest) {
  Random random(1);
  EXPECT_EQ(*sample_token(kLogits, {}, random), 1);
  EXPECT_EQ(random.next(), Random(1).next());  // nothing was drawn
}

TEST(Sampling, FrequenciesFollowTheSoftmax) {
  Random random(2);
  std::array<double, 4> counts{};
  constexpr int draws = 40000;
  for (int i = 0; i < draws; ++i)
    counts[static_cast<std::size_t>(*sample_token(kLogits, {.temperature = 2}, random))] += 1;
  double total = 0;
  for (const float logit : kLogits)
    total += std::exp(logit / 2.0);
  for (std::size_t i = 0; i < counts.size(); ++i)
    EXPECT_NEAR(counts[i] / draws, std::exp(kLogits[i] / 2.0) / total, 0.01);
}

TEST(Sampling, TopPKeepsTheSmallestSufficientSet) {
  Random random(3);
  bool second = false;
  for (int i = 0; i < 1000; ++i) {
    const auto id = *sample_token(kLogits, {1, 0.5}, random);  // the two largest have 0.42 each
    EXPECT_TRUE(id == 1 || id == 3);
    second = second || id == 3;
    EXPECT_EQ(*sample_token(kLogits, {1, 0.1}, random), 1);
  }
  EXPECT_TRUE(second);
}

TEST(Sampling, OfEquallyLikelyTokensAtTheEdgeTheFirstOnesAreKept) {
  const std::vector<float> logits(10, 1.5F);
  Random random(6);
  std::array<int, 10> counts{};
  for (int i = 0; i < 1000; ++i)
    ++counts[static_cast<std::size_t>(*sample_token(logits, {1, 0.29}, random))];
  for (std::size_t id = 0; id < counts.size(); ++id)
    EXPECT_EQ(counts[id] > 0, id < 3) << id;
}

TEST(Sampling, EveryDrawGivesATokenThatCanBe) {
  const std::array<float, 5> logits{-kInfinity, 0.5F, -1e30F, 0.25F, -kInfinity};
  for (const double top_p : {1.0, 0.99, 0.5, 1e-12}) {
    for (const std::uint64_t draw : {std::uint64_t{0}, std::uint64_t{1}, ~std::uint64_t{0} / 2, ~std::uint64_t{0}}) {
      const auto id = *sample_token(logits, {0.8, top_p}, draw);
      EXPECT_TRUE(id == 1 || id == 3) << id;
      EXPECT_TRUE(draw > 0 || id == 1);  // tokens are drawn by id
    }
  }
  EXPECT_EQ(*sample_token(logits, {0.8, 1}, ~std::uint64_t{0}), 3);
}

TEST(Sampling, SameSeedSameTokens) {
  Random a(4);
  Random b(4);
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(*sample_token(kLogits, {1, 0.9}, a), *sample_token(kLogits, {1, 0.9}, b));
}

TEST(Sampling, RefusesWhatNothingCanBeChosenFrom) {
  Random random(5);
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), kInfinity}) {
    const std::array<float, 3> logits{0.0F, bad, 1.0F};
    for (const double temperature : {0.0, 1.0}) {
      const auto token = sample_token(logits, {temperature, 1}, random);
      ASSERT_FALSE(token.ok());
      EXPECT_EQ(token.error().code, ErrorCode::numeric);
    }
  }
  EXPECT_FALSE(sample_token(std::array<float, 2>{-kInfinity, -kInfinity}, {}, random));
  EXPECT_EQ(sample_token({}, {}, random).error().code, ErrorCode::range);
}

}  // namespace
}  // namespace salient
