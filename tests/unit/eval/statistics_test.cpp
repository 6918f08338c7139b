// SPDX-License-Identifier: Apache-2.0
#include "core/eval/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace salient {
namespace {

TEST(CompareLogits, TwoTokensByHand) {
  // P = (1/4, 3/4), Q = (1/2, 1/2); adding a constant to logits changes nothing.
  const std::vector<float> p{0.0F, std::log(3.0F)};
  const std::vector<float> q{50.0F, 50.0F};
  const LogitComparison result = compare_logits(p, q);
  EXPECT_NEAR(result.kl_forward, 0.25 * std::log(0.5) + 0.75 * std::log(1.5), 1e-7);
  EXPECT_NEAR(result.kl_reverse, 0.5 * std::log(2.0) + 0.5 * std::log(2.0 / 3.0), 1e-7);
  EXPECT_EQ(result.top1, 0) << "Q's tie goes to the lower id";
  EXPECT_EQ(result.top5, 1) << "fewer than five tokens: all of them";
}

TEST(CompareLogits, TheSameLogitsDoNotDiverge) {
  const std::vector<float> logits{3, -2, 8, 1, 0.5, 8, 900};
  const LogitComparison result = compare_logits(logits, logits);
  EXPECT_EQ(result.kl_forward, 0);
  EXPECT_EQ(result.kl_reverse, 0);
  EXPECT_EQ(result.top1, 1);
  EXPECT_EQ(result.top5, 1);
}

TEST(CompareLogits, CountsSharedTokensAmongTheTopFive) {
  const std::vector<float> p{9, 8, 7, 6, 5, 0, 0, 0};
  const std::vector<float> q{1, 9, 8, 0, 0, 7, 6, 0};  // 1 2 5 6 0: shares 0, 1, 2
  const LogitComparison result = compare_logits(p, q);
  EXPECT_EQ(result.top1, 0);
  EXPECT_DOUBLE_EQ(result.top5, 0.6);
  EXPECT_DOUBLE_EQ(compare_logits(q, p).top5, 0.6);
}

TEST(CompareLogits, FarApartDistributionsStayFinite) {
  const std::vector<float> p{1000, -1000, 0};
  const std::vector<float> q{-1000, 1000, 0};
  const LogitComparison result = compare_logits(p, q);
  EXPECT_DOUBLE_EQ(result.kl_forward, 2000);
  EXPECT_DOUBLE_EQ(result.kl_reverse, 2000);
}

TEST(CompareLogits, NotANumberIsNotHidden) {
  const std::vector<float> good{1, 2, 3};
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    const std::vector<float> broken{1, bad, 3};
    EXPECT_FALSE(std::isfinite(compare_logits(good, broken).kl_forward));
    EXPECT_FALSE(std::isfinite(compare_logits(broken, good).kl_reverse));
  }
}

TEST(MeanError, IsTheSampleDeviationOverTheRootOfTheCount) {
  const MeanError result = mean_error(std::vector<double>{1, 2, 3, 6});
  EXPECT_DOUBLE_EQ(result.mean, 3);
  EXPECT_DOUBLE_EQ(result.standard_error, std::sqrt((4.0 + 1 + 0 + 9) / 3 / 4));
  EXPECT_EQ(mean_error(std::vector<double>{5}).mean, 5);
  EXPECT_EQ(mean_error(std::vector<double>{5}).standard_error, 0);
}

}  // namespace
}  // namespace salient
