// SPDX-License-Identifier: Apache-2.0
// A model whose layers two GPUs share computes bit for bit what it computes on one. With a single GPU these tests are
// skipped.
#include "core/compute/layered_backend.h"

#include "core/engine/random_weights.h"
#include "core/quant/quantize_model.h"
#include "core/search/salience.h"
#include "tests/gpu/gpu_test.h"
#include "tests/unit/support/memory_store.h"
#include "tests/unit/support/random_ids.h"

namespace salient {
namespace {

using test::GpuTest;
using test::small_config;
using test::small_only;
using test::take;

std::vector<std::int32_t> some_ids(std::size_t count, std::uint64_t seed) {
  return test::random_ids(count, 300, seed);
}

class TwoGpus : public GpuTest {
 protected:
  void SetUp() override {
    GpuTest::SetUp();
    if (gpu == nullptr) return;
    add_backend_provider(cuda::make_provider());
    const auto devices = take(cuda::make_provider()->devices());
    if (devices.size() < 2) GTEST_SKIP() << "needs two GPUs, this machine has " << devices.size();
    both = take(make_backend({.device = "cuda:0,1", .threads = 2}));
  }

  template <class Compute>
  void compare(const RandomWeightsOptions& options, const Compute& compute) {
    RandomWeights on_one(small_config(), *gpu, options), on_two(small_config(), *both, options);
    Decoder first = take(Decoder::create(on_one, *gpu, 256)), second = take(Decoder::create(on_two, *both, 256));
    EXPECT_EQ(compute(first), compute(second));
  }

  std::unique_ptr<Backend> both;
};

TEST_F(TwoGpus, ReadAndContinue) {
  for (const std::optional<double> percent8 : {std::optional<double>(), std::optional<double>(10)}) {
    compare({percent8, 128}, [](Decoder& decoder) {
      KvCache cache = take(decoder.make_cache(200));
      std::vector<float> all;
      const auto read = [&](const std::vector<std::int32_t>& ids) {
        const Tensor logits = take(decoder.logits(take(decoder.hidden(ids, &cache))));
        const std::size_t begin = all.size();
        all.resize(begin + static_cast<std::size_t>(logits.size()));
        take(decoder.backend().download(logits, all.data() + begin));
      };
      read(some_ids(150, 1));
      for (std::uint64_t i = 0; i < 20; ++i)
        read(some_ids(1, 2 + i));
      return all;
    });
  }
}

TEST_F(TwoGpus, Search) {
  compare({}, [](Decoder& decoder) {
    std::vector<std::vector<std::int32_t>> windows;
    for (std::uint64_t i = 0; i < (small_only() ? 2 : 7); ++i)
      windows.push_back(some_ids(128, i));
    SearchState state;
    Job job;
    const SalienceScores scores = take(search_salience(decoder, windows, SearchOptions{}, state, {}, job));
    std::vector<double> all{scores.mean_loss};
    for (const auto& linear : scores.linears)
      all.insert(all.end(), linear.scores.begin(), linear.scores.end());
    return all;
  });
}

TEST_F(TwoGpus, Quantize) {
  compare({}, [](Decoder& decoder) {
    test::MemoryStore store;
    Job job;
    const BitMap map = spread_map(decoder.config(), 10);
    take(quantize_model(decoder, map, {some_ids(200, 6), some_ids(256, 7)}, QuantOptions{}, store, job));
    decoder.backend().leave_layers();
    EXPECT_EQ(store.layers_done(), decoder.config().layers);
    return store.bytes();
  });
}

TEST_F(TwoGpus, MissingOnesAreRefused) {
  const auto refused = make_backend({.device = "cuda:0,99"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unsupported);
  EXPECT_EQ(make_backend({.device = "cuda:1,1"}).error().code, ErrorCode::usage);
}

}  // namespace
}  // namespace salient
