// SPDX-License-Identifier: Apache-2.0
// A model whose layers lie on two devices computes what it computes on one, and little but the residual stream moves.
#include <gtest/gtest.h>

#include <functional>

#include "core/compute/layered_backend.h"
#include "core/engine/benchmark.h"
#include "core/engine/random_weights.h"
#include "core/quant/quantize_model.h"
#include "core/search/salience.h"
#include "tests/unit/support/memory_store.h"
#include "tests/unit/support/random_ids.h"

namespace salient {
namespace {

template <class T>
T take(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().to_string());
  return *std::move(result);
}

ModelConfig small_config() {
  ModelConfig config;
  config.hidden_size = 48;
  config.intermediate_size = 80;
  config.layers = 3;
  config.heads = 4;
  config.kv_heads = 2;
  config.head_dim = 16;
  config.vocab_size = 40;
  config.max_positions = 64;
  return config;
}

std::vector<std::int32_t> some_ids(std::size_t count, std::uint64_t seed) {
  return test::random_ids(count, 40, seed);
}

class LayeredModel : public testing::Test {
 protected:
  LayeredModel() : one_(processor()) {
    std::vector<std::unique_ptr<Backend>> devices;
    devices.push_back(processor());
    devices.push_back(processor());
    two_ = std::make_unique<LayeredBackend>(std::move(devices));
  }
  static std::unique_ptr<Backend> processor() { return take(make_cpu_backend({.threads = 1})); }

  /// The same of a model on one device and of one on two.
  template <class Compute>
  void compare(const RandomWeightsOptions& options, const Compute& compute) {
    RandomWeights on_one(small_config(), *one_, options), on_two(small_config(), *two_, options);
    Decoder first = take(Decoder::create(on_one, *one_, 64)), second = take(Decoder::create(on_two, *two_, 64));
    EXPECT_EQ(compute(first), compute(second));
    EXPECT_EQ(two_->place(), 0U);
  }

  std::unique_ptr<Backend> one_;
  std::unique_ptr<LayeredBackend> two_;
};

std::vector<float> values_of(Backend& backend, const Tensor& tensor) {
  std::vector<float> values(static_cast<std::size_t>(tensor.size()));
  EXPECT_TRUE(backend.download(tensor, values.data()));
  return values;
}

TEST_F(LayeredModel, ReadsAndContinues) {
  const std::vector<std::int32_t> ids = some_ids(12, 1);
  for (const std::optional<double> percent8 : {std::optional<double>(), std::optional<double>(20)}) {
    compare({percent8, 32}, [&](Decoder& decoder) {
      KvCache cache = take(decoder.make_cache(20));
      std::vector<float> all = values_of(decoder.backend(), take(decoder.logits(take(decoder.hidden(ids, &cache)))));
      for (const std::int32_t id : some_ids(3, 2)) {
        const Tensor hidden = take(decoder.hidden({&id, 1}, &cache));
        const std::vector<float> next = values_of(decoder.backend(), take(decoder.logits(hidden)));
        all.insert(all.end(), next.begin(), next.end());
      }
      return all;
    });
  }
}

TEST_F(LayeredModel, MovesTheResidualStreamAndTheRopeTablesRows) {
  RandomWeights weights(small_config(), *two_, {});
  Decoder decoder = take(Decoder::create(weights, *two_, 64));
  EXPECT_EQ(two_->moved_bytes(), 0U);
  take(decoder.hidden(some_ids(10, 1)));
  const ModelConfig config = small_config();
  const std::int64_t stream = 10 * config.hidden_size * 4, rope = 2 * 2 * 10 * config.head_dim / 2 * 4;
  std::int64_t away = 0;  // layers of the second device
  for (std::int64_t layer = 0; layer < config.layers; ++layer) {
    two_->enter_layer(layer, config.layers);
    away += two_->place() == 1 ? 1 : 0;
  }
  two_->leave_layers();
  ASSERT_GT(away, 0);
  ASSERT_LT(away, config.layers);
  EXPECT_EQ(two_->moved_bytes(), static_cast<std::uint64_t>(2 * stream + away * rope));
}

TEST_F(LayeredModel, IsSearched) {
  for (const std::uint64_t room : {std::uint64_t{0}, std::uint64_t{1} << 30}) {  // activations again, or kept
    compare({}, [&](Decoder& decoder) {
      SearchOptions options;
      options.group = 32;
      options.activation_bytes = room;
      SearchState state;
      Job job;
      const SalienceScores scores =
          take(search_salience(decoder, {some_ids(16, 3), some_ids(16, 4), some_ids(16, 5)}, options, state, {}, job));
      std::vector<double> all{scores.mean_loss};
      for (const auto& linear : scores.linears)
        all.insert(all.end(), linear.scores.begin(), linear.scores.end());
      return all;
    });
  }
}

TEST_F(LayeredModel, IsQuantized) {
  compare({}, [](Decoder& decoder) {
    test::MemoryStore store;
    QuantOptions options;
    options.group = 32;
    Job job;
    const BitMap map = spread_map(decoder.config(), 25);
    const Status done = quantize_model(decoder, map, {some_ids(20, 6), some_ids(24, 7)}, options, store, job);
    EXPECT_TRUE(done) << done.error().to_string();
    decoder.backend().leave_layers();
    EXPECT_EQ(store.layers_done(), decoder.config().layers);
    return store.bytes();
  });
}

TEST_F(LayeredModel, IsMeasuredOneSequenceAtATime) {
  RandomWeights weights(small_config(), *two_, {});
  Decoder decoder = take(Decoder::create(weights, *two_, 64));
  Job job;
  EXPECT_GT(take(measure_throughput(decoder, 8, 4, job)).decode_tokens_per_second, 0);
  const auto batch = measure_throughput(decoder, 8, 4, job, 2);
  ASSERT_FALSE(batch);
  EXPECT_EQ(batch.error().code, ErrorCode::unsupported);
}

}  // namespace
}  // namespace salient
