// SPDX-License-Identifier: Apache-2.0
// HOSTILE row 80: the device's memory ends at one allocation after another of a search, a quantization and a decoding.
#include "core/engine/random_weights.h"
#include "core/quant/quantize_model.h"
#include "core/search/salience.h"
#include "tests/gpu/gpu_test.h"
#include "tests/unit/support/memory_store.h"

namespace salient {
namespace {

using test::small_config;

std::vector<std::vector<std::int32_t>> windows() {
  return {test::random_ids(64, 300, 1), test::random_ids(64, 300, 2)};
}

Status search(Decoder& decoder) {
  SearchState state;
  Job job;
  const auto scores = search_salience(decoder, windows(), SearchOptions{}, state, {}, job);
  return scores ? Status{} : Status(scores.error());
}

Status quantize(Decoder& decoder) {
  test::MemoryStore store;
  Job job;
  const auto done = quantize_model(decoder, spread_map(decoder.config(), 10), windows(), QuantOptions{}, store, job);
  return done ? Status{} : Status(done.error());
}

Status decode(Decoder& decoder) {
  SALIENT_ASSIGN(KvCache cache, decoder.make_cache(80));
  for (const auto& ids : {test::random_ids(64, 300, 3), test::random_ids(1, 300, 4)}) {
    SALIENT_ASSIGN(const Tensor hidden, decoder.hidden(ids, &cache));
    SALIENT_ASSIGN(const Tensor logits, decoder.logits(hidden));
  }
  return decoder.backend().synchronize();
}

class Budget : public test::GpuTest, public testing::WithParamInterface<Status (*)(Decoder&)> {};

TEST_P(Budget, EndsAtAnyAllocation) {
  int refused = 0;
  for (std::uint64_t budget = 64 << 10;; budget += budget / (test::small_only() ? 3 : 12)) {
    SCOPED_TRACE(testing::Message() << budget << " bytes");
    ASSERT_LT(budget, std::uint64_t{1} << 30);
    const auto backend = cuda::make_provider()->make({.device = "cuda:0", .threads = 1, .device_memory = budget});
    const Status done = [&]() -> Status {
      if (!backend) return backend.error();
      const RandomWeightsOptions options{GetParam() == decode ? std::optional<double>(10) : std::nullopt, 128};
      RandomWeights weights(small_config(), **backend, options);
      SALIENT_ASSIGN(Decoder decoder, Decoder::create(weights, **backend, 128));
      return GetParam()(decoder);
    }();
    if (done) break;
    ++refused;
    EXPECT_EQ(done.error().code, ErrorCode::memory) << done.error().to_string();
    if (!backend) continue;
    EXPECT_TRUE((*backend)->usable());
    EXPECT_LE((*backend)->peak_device_memory(), budget);
  }
  EXPECT_GT(refused, test::small_only() ? 5 : 20);
}

INSTANTIATE_TEST_SUITE_P(Jobs, Budget, testing::Values(search, quantize, decode), [](const auto& parameter) {
  return parameter.param == search ? "Search" : parameter.param == quantize ? "Quantize" : "Decode";
});

}  // namespace
}  // namespace salient
