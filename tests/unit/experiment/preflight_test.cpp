// SPDX-License-Identifier: Apache-2.0
#include "core/experiment/preflight.h"

#include <gmock/gmock.h>

#include "core/compute/devices.h"
#include "core/experiment/results.h"
#include "tests/unit/experiment/tiny_model.h"

namespace salient {
namespace {

class PreflightTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = Checkpoint::open(job_.path("model"));
    ASSERT_TRUE(opened) << opened.error().to_string();
    checkpoint_ = std::make_unique<Checkpoint>(*std::move(opened));
    auto made = make_backend({.device = "cpu", .threads = 1});
    ASSERT_TRUE(made) << made.error().to_string();
    backend_ = *std::move(made);
    recipe_.samples = 64;
    recipe_.length = 128;
    recipe_.evaluation_length = 128;
    recipe_.quant.group = 32;
    plan_.search = true;
    plan_.quantize = true;
    plan_.evaluation_tokens = 1280;
  }
  Result<Preflight> ask(PreflightLimits limits = {}) {
    return preflight(*checkpoint_, recipe_, plan_, job_.path("packed"), *backend_, limits);
  }
  [[nodiscard]] std::uint64_t layers_bytes() const {
    std::uint64_t bytes = 0;
    for (const auto& tensor : checkpoint_->tensors()) {
      if (tensor.info->name.starts_with("model.layers.")) bytes += tensor.info->bytes();
    }
    return bytes;
  }

  test::TinyJob job_;
  std::unique_ptr<Checkpoint> checkpoint_;
  std::unique_ptr<Backend> backend_;
  Recipe recipe_;
  PreflightPlan plan_;
};

TEST_F(PreflightTest, KeepsEverythingWhereThereIsRoom) {
  const auto full = ask();
  ASSERT_TRUE(full) << full.error().to_string();
  EXPECT_EQ(full->resident_bytes, layers_bytes());
  EXPECT_GT(full->activation_bytes, 0U);
  EXPECT_LE(full->memory_bytes, full->memory_available);
  EXPECT_GT(full->flops_per_second, 1e6);
  EXPECT_EQ(full->stages.size(), 3U);
}

TEST_F(PreflightTest, StreamsBeforeItRefuses) {
  plan_.quantize = false;
  plan_.evaluation_tokens = 0;
  // Fixed, because asking makes the process itself grow.
  constexpr std::uint64_t kHeld = 64 << 20;
  const auto full = ask({0, 0, kHeld});
  ASSERT_TRUE(full);
  bool streamed = false;
  bool recomputed = false;
  bool refused = false;
  // Down from plenty in small steps: residency and kept activations give way, then the job is refused.
  for (std::uint64_t limit = full->memory_bytes + (1 << 20); !refused; limit -= 48 << 10) {
    const auto estimate = ask({limit, 0, kHeld});
    if (!estimate) {
      EXPECT_EQ(estimate.error().code, ErrorCode::memory);
      EXPECT_THAT(estimate.error().found, ::testing::HasSubstr("available"));
      refused = true;
    } else {
      EXPECT_LE(estimate->memory_bytes, limit);
      streamed = streamed || estimate->resident_bytes < layers_bytes();
      recomputed = recomputed || estimate->activation_bytes < (256 << 10);
    }
  }
  EXPECT_TRUE(recomputed);
  EXPECT_TRUE(streamed);
}

TEST_F(PreflightTest, GrowsWithTheWork) {
  const auto base = ask();
  recipe_.samples *= 4;
  const auto more = ask();
  ASSERT_TRUE(base && more);
  EXPECT_GT(more->stages[1].memory_bytes, base->stages[1].memory_bytes);
  plan_.search = false;
  plan_.evaluation_tokens = 0;
  EXPECT_EQ(ask()->stages.size(), 1U);
}

TEST_F(PreflightTest, RefusesADiskTooSmall) {
  const auto refused = ask({0, 1000});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::disk_full);
  EXPECT_THAT(refused.error().found, ::testing::HasSubstr("1000 bytes"));
}

}  // namespace
}  // namespace salient
