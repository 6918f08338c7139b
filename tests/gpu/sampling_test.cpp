// SPDX-License-Identifier: Apache-2.0
// Tokens chosen on the GPU are those that the processor chooses from the same logits, each of them.
#include <limits>

#include "core/compute/batch_steps.h"
#include "core/compute/sampling.h"
#include "tests/gpu/gpu_test.h"

namespace salient {
namespace {

using test::GpuTest;
using test::small_only;
using test::take;
using test::Twin;

class Sampler : public GpuTest {
 protected:
  /// Some temperatures and shares, some draws of each.
  void compare(const Twin& logits) {
    take(gpu->upload(logits.cpu.data(), logits.gpu));
    auto& on_gpu = dynamic_cast<BatchSteps&>(*gpu);
    auto& on_cpu = dynamic_cast<BatchSteps&>(*cpu);
    for (const double temperature : {0.0, 0.05, 0.7, 1.0, 8.0}) {
      for (const double top_p : {1.0, 0.999, 0.9, 0.3, 1e-9}) {
        for (int i = 0; i < 3; ++i) {
          std::vector<std::uint64_t> draws(static_cast<std::size_t>(logits.cpu.rows), i == 1 ? ~std::uint64_t{0} : 0);
          for (std::uint64_t& draw : draws)
            draw = i == 2 ? generator.next() : draw;
          const Sampling sampling{temperature, top_p};
          EXPECT_EQ(take(on_gpu.sample(logits.gpu, sampling, draws)), take(on_cpu.sample(logits.cpu, sampling, draws)))
              << logits.cpu.rows << " x " << logits.cpu.cols << ", temperature " << temperature << ", top_p " << top_p;
        }
      }
    }
  }
};

TEST_F(Sampler, ChoosesWhatTheProcessorChooses) {
  for (const std::int64_t tokens : {1, 2, 31, 1000, 1024, 1025, 32000}) {
    if (small_only() && tokens > 1025) continue;
    for (const std::int64_t rows : {1, 5})
      compare(random(rows, tokens, 8));
  }
  if (!small_only()) compare(random(3, 151936, 12));
}

TEST_F(Sampler, BreaksTiesInTheSameWay) {
  const Twin logits = random(4, 5000, 6);
  for (std::int64_t i = 0; i < logits.cpu.size(); ++i)
    logits.cpu.f32()[i] = std::round(logits.cpu.f32()[i]);
  compare(logits);
  const Twin equal = random(2, 777, 0);  // some of them −0
  for (std::int64_t i = 0; i < equal.cpu.size(); ++i)
    equal.cpu.f32()[i] = i % 3 == 0 ? -0.0F : 0.0F;
  compare(equal);
}

TEST_F(Sampler, LeavesOutWhatIsImpossible) {
  const Twin logits = random(3, 2000, 5);
  for (std::int64_t i = 0; i < logits.cpu.size(); ++i) {
    if (i % 7 != 0) logits.cpu.f32()[i] = -std::numeric_limits<float>::infinity();
  }
  compare(logits);
}

TEST_F(Sampler, RefusesWhatNothingCanBeChosenFrom) {
  auto& steps = dynamic_cast<BatchSteps&>(*gpu);
  const std::uint64_t draws[2] = {};
  const float infinity = std::numeric_limits<float>::infinity();
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::quiet_NaN(), infinity}) {
    const Twin logits = random(2, 3000, 5);
    logits.cpu.f32()[4321] = bad;
    take(gpu->upload(logits.cpu.data(), logits.gpu));
    for (const double temperature : {0.0, 1.0}) {
      const auto refused = steps.sample(logits.gpu, {temperature, 0.9}, draws);
      ASSERT_FALSE(refused);
      EXPECT_EQ(refused.error().code, ErrorCode::numeric);
      EXPECT_EQ(refused.error().found, std::isnan(bad) ? "NaN" : "Inf");
    }
  }
  const Twin nothing = random(1, 50);
  std::fill_n(nothing.cpu.f32(), 50, -infinity);
  take(gpu->upload(nothing.cpu.data(), nothing.gpu));
  EXPECT_FALSE(steps.sample(nothing.gpu, {}, {draws, 1}));
}

}  // namespace
}  // namespace salient
