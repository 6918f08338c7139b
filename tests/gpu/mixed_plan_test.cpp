// SPDX-License-Identifier: Apache-2.0
// Needs no GPU: which kernels are offered for a product, and which of them may stand in for one another.
#include "cuda/mixed_plan.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace salient::cuda::mixed {
namespace {

constexpr Mode kModes[] = {Mode::exact, Mode::folded, Mode::folded_token};

Shape shape_for(Mode mode, int rows, int blocks, int tokens) {
  return {.rows = rows,
          .tiles = (rows + kTileRows - 1) / kTileRows,
          .blocks = blocks,
          .tokens = tokens,
          .mode = mode,
          .copied = true,
          .capability = 90,
          .multiprocessors = 132,
          .memory_rate = 4.8e12};
}

TEST(MixedPlan, EveryCtaHasABlockOfK) {
  for (const Mode mode : kModes) {
    for (int blocks = 1; blocks <= 9; ++blocks) {
      for (const int groups : {1, 2, 4}) {
        Shape shape = shape_for(mode, 512, blocks, 200);
        shape.groups_in_block = groups;
        const std::vector<Plan> plans = possible_plans(shape, false);
        ASSERT_FALSE(plans.empty());
        EXPECT_THAT(plans, testing::Each(testing::Field(&Plan::splits, testing::Le(blocks))));
        EXPECT_THAT(plans, testing::Contains(choose_plan(shape, false)));
      }
    }
  }
}

TEST(MixedPlan, NamesAreDifferent) {
  for (const Mode mode : kModes) {
    const std::vector<Plan> plans = possible_plans(shape_for(mode, 4096, 32, 128), false);
    std::set<std::string> names;
    for (const Plan& plan : plans)
      names.insert(plan_name(plan));
    EXPECT_EQ(names.size(), plans.size());
  }
}

/// What is measured must not decide about bits: a rival shares K among as many, unless sums are of integers.
TEST(MixedPlan, RivalsShareKAlike) {
  std::size_t shared = 0;
  for (const Mode mode : kModes) {
    for (const int rows : {1024, 4096, 6144, 14336}) {
      for (const int tokens : {96, 128, 256, 384, 512, 2048}) {
        const std::vector<Plan> rivals = rival_plans(shape_for(mode, rows, 32, tokens), false);
        const Plan& chosen = rivals.front();
        shared += chosen.splits > 1 ? 1 : 0;
        if (mode != Mode::folded_token) {
          EXPECT_THAT(rivals, testing::Each(testing::Field(&Plan::splits, chosen.splits))) << rows << ", " << tokens;
        }
      }
    }
  }
  EXPECT_GT(shared, 5U);
}

/// Twice as many bytes do not pay for few tokens, whatever is known of the memory.
TEST(MixedPlan, FewTokensAreNotReadFromTheCopy) {
  for (const double rate : {0.0, 3.35e12, 4.8e12}) {
    for (const int rows : {1024, 2048, 2560, 4096, 6144, 14336, 28672}) {
      for (const int blocks : {8, 20, 32, 112}) {
        for (const int tokens : {17, 24, 32}) {
          Shape shape = shape_for(Mode::exact, rows, blocks, tokens);
          shape.memory_rate = rate;
          EXPECT_NE(choose_plan(shape, false).kernel, Plan::Kernel::int8) << plan_name(choose_plan(shape, false));
        }
      }
    }
    Shape wide = shape_for(Mode::exact, 28672, 64, 64);
    wide.memory_rate = rate;
    EXPECT_EQ(plan_name(choose_plan(wide, false)), "wgmma 64x64, K in 1");
  }
}

/// On an H200, as measured (tests/bench/results).
TEST(MixedPlan, FewTilesShareK) {
  const auto chosen = [](Mode mode, int rows, int blocks, int tokens) {
    return plan_name(choose_plan(shape_for(mode, rows, blocks, tokens), false));
  };
  EXPECT_EQ(chosen(Mode::exact, 4096, 32, 64), "int8 112x128, K in 3");
  EXPECT_EQ(chosen(Mode::exact, 6144, 32, 64), "int8 96x128, K in 2");
  EXPECT_EQ(chosen(Mode::exact, 14336, 32, 64), "wgmma 64x64, K in 1");
  EXPECT_EQ(chosen(Mode::exact, 4096, 112, 64), "int8 112x128, K in 3");
  EXPECT_EQ(chosen(Mode::exact, 28672, 64, 64), "wgmma 64x64, K in 1");
  EXPECT_EQ(chosen(Mode::exact, 4096, 32, 128), "int8 112x128, K in 3");
  EXPECT_EQ(chosen(Mode::exact, 6144, 32, 128), "int8 96x128, K in 2");
  EXPECT_EQ(chosen(Mode::exact, 4096, 112, 128), "int8 112x128, K in 3");
  EXPECT_EQ(chosen(Mode::exact, 4096, 32, 256), "int8 128x128, K in 2");
  EXPECT_EQ(chosen(Mode::exact, 6144, 32, 256), "int8 96x128");
}

/// Tiles of as many rows as fill the rounds of the multiprocessors.
TEST(MixedPlan, RowsOfTilesFillRounds) {
  const auto chosen = [](Mode mode, int rows, int tokens) {
    return plan_name(choose_plan(shape_for(mode, rows, 32, tokens), false));
  };
  EXPECT_EQ(chosen(Mode::folded, 4096, 2048), "int8 176x128");
  EXPECT_EQ(chosen(Mode::folded, 6144, 2048), "int8 192x128");
  EXPECT_EQ(chosen(Mode::folded, 14336, 512), "int8 160x128");
  EXPECT_EQ(chosen(Mode::folded, 14336, 1024), "int8 176x128");
  EXPECT_EQ(chosen(Mode::folded_token, 14336, 512), "int8 224x128");
}

}  // namespace
}  // namespace salient::cuda::mixed
