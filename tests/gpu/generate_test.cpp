// SPDX-License-Identifier: Apache-2.0
// Generation on the GPU: recorded steps and sampling there give the text that single steps and the processor's sampler
// give of the same logits.
#include "core/engine/generator.h"
#include "tests/gpu/gpu_test.h"
#include "tests/unit/experiment/tiny_model.h"

namespace salient {
namespace {

using test::GpuTest;
using test::take;

class Generation16Bit : public GpuTest {
 protected:
  void SetUp() override {
    GpuTest::SetUp();
    if (gpu == nullptr) return;  // skipped
    test::write_tiny_model(directory_ / "model");
    engine_ = take(Engine::load(directory_ / "model", *gpu));
  }

  std::vector<TokenId> continuation(TextReader::Steps steps, const Sampling& sampling) {
    Job job;
    TextReader reader = take(TextReader::create(*engine_, 64, job, steps));
    EXPECT_EQ(reader.recorded(), steps != TextReader::Steps::single);
    Random random(11);
    std::vector<TokenId> ids{72, 101, 108};
    take(reader.read(ids, job));
    while (ids.size() < (test::small_only() ? 12 : 40)) {
      ids.push_back(take(reader.choose(sampling, random)));
      take(reader.read(std::span(ids).last(1), job));
    }
    return ids;
  }

  test::TemporaryDirectory directory_;
  std::unique_ptr<Engine> engine_;
};

TEST_F(Generation16Bit, RecordedStepsWriteTheSameText) {
  using Steps = TextReader::Steps;
  for (const Sampling& sampling : {Sampling{}, Sampling{0.8, 1}, Sampling{1.3, 0.9}}) {
    const std::vector<TokenId> recorded = continuation(Steps::recorded, sampling);
    EXPECT_EQ(recorded, continuation(Steps::single, sampling)) << sampling.temperature;
    EXPECT_EQ(recorded, continuation(Steps::automatic, sampling));
  }
}

TEST_F(Generation16Bit, LogitsComeToTheHostWhenAskedFor) {
  Job job;
  TextReader reader = take(TextReader::create(*engine_, 16, job));
  ASSERT_TRUE(reader.recorded());
  const std::vector<TokenId> ids{72, 101};
  take(reader.read(ids, job));
  Random random(1);
  const TokenId greedy = take(reader.choose({}, random));
  const std::span<const float> logits = take(reader.logits());
  EXPECT_EQ(std::max_element(logits.begin(), logits.end()) - logits.begin(), greedy);
  take(reader.read({&greedy, 1}, job));
  const TokenId next = take(reader.choose({}, random));
  const std::span<const float> later = take(reader.logits());
  EXPECT_EQ(std::max_element(later.begin(), later.end()) - later.begin(), next);
}

}  // namespace
}  // namespace salient
