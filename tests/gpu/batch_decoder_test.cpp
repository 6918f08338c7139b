// SPDX-License-Identifier: Apache-2.0
// Several sequences of different lengths decoded together on the GPU, beside the processor's operations one by one.
#include "core/engine/batch_decoder.h"

#include "core/engine/random_weights.h"
#include "tests/gpu/gpu_test.h"
#include "tests/unit/support/random_ids.h"

namespace salient {
namespace {

using test::GpuTest;
using test::small_only;
using test::take;

ModelConfig tiny_config() {
  ModelConfig config;
  config.hidden_size = 256;
  config.intermediate_size = 384;
  config.layers = 2;
  config.heads = 4;
  config.kv_heads = 2;
  config.head_dim = 64;
  config.vocab_size = 300;
  config.max_positions = 512;
  return config;
}

class BatchDecoding : public GpuTest {
 protected:
  /// Logits of four steps of sequences that begin with so many tokens each.
  static std::vector<float> logits(Backend& backend, std::optional<double> percent8, std::int64_t group,
                                   const std::vector<std::int64_t>& lengths, ScaleMode scales = ScaleMode::exact) {
    RandomWeights weights(tiny_config(), backend, {percent8, group, scales});
    Decoder decoder = take(Decoder::create(weights, backend, 400));
    const auto count = static_cast<std::int64_t>(lengths.size());
    const auto batch = take(BatchDecoder::create(decoder, count, 300));
    Random random(7);
    const auto ids = [&](std::int64_t tokens) {
      return test::random_ids(static_cast<std::size_t>(tokens), 300, random);
    };
    for (std::int64_t b = 0; b < count; ++b)
      take(batch->read(b, ids(lengths[static_cast<std::size_t>(b)])));
    std::vector<float> all;
    for (int step = 0; step < 4; ++step) {
      const Tensor result = take(batch->step(ids(count)));
      const std::size_t begin = all.size();
      all.resize(begin + static_cast<std::size_t>(result.size()));
      take(backend.download(result, all.data() + begin));
    }
    return all;
  }
};

TEST_F(BatchDecoding, SixteenBitWeights) {
  for (const std::vector<std::int64_t>& lengths : {std::vector<std::int64_t>{5}, {1, 130, 7}, {3, 127, 128, 2, 200}}) {
    EXPECT_LT(difference(logits(*gpu, std::nullopt, 128, lengths), logits(*cpu, std::nullopt, 128, lengths)), 1e-4)
        << lengths.size() << " sequences";
  }
}

TEST_F(BatchDecoding, PackedWeights) {
  for (const std::int64_t group : {32, 64, 128}) {
    for (const std::vector<std::int64_t>& lengths : {std::vector<std::int64_t>{130}, {1, 130, 7}}) {
      if (small_only() && (group == 64 || lengths.size() == 1)) continue;
      EXPECT_LT(difference(logits(*gpu, 10, group, lengths), logits(*cpu, 10, group, lengths)), 5e-3)
          << lengths.size() << " sequences, group " << group;
    }
  }
}

TEST_F(BatchDecoding, FoldedScales) {
  for (const ScaleMode mode : {ScaleMode::folded, ScaleMode::folded_token}) {
    for (const std::int64_t group : {32, 128}) {
      if (small_only() && group == 32) continue;
      const std::vector<std::int64_t> lengths{1, 130, 7};
      EXPECT_LT(difference(logits(*gpu, 10, group, lengths, mode), logits(*cpu, 10, group, lengths, mode)), 5e-3)
          << scale_mode_name(mode) << ", group " << group;
    }
  }
  EXPECT_NE(logits(*gpu, 10, 128, {1, 130, 7}, ScaleMode::folded_token), logits(*gpu, 10, 128, {1, 130, 7}));
  // Steps of so many sequences are folded as well.
  const std::vector<std::int64_t> many(kFoldedTokens + 2, 1);
  for (const ScaleMode mode : {ScaleMode::folded, ScaleMode::folded_token}) {
    const std::vector<float> folded = logits(*gpu, 10, 128, many, mode);
    EXPECT_LT(difference(folded, logits(*cpu, 10, 128, many, mode)), 5e-3) << scale_mode_name(mode);
    EXPECT_NE(folded, logits(*gpu, 10, 128, many));
  }
}

TEST_F(BatchDecoding, ManySequences) {
  std::vector<std::int64_t> lengths;
  for (std::int64_t b = 0; b < (small_only() ? 9 : 40); ++b)
    lengths.push_back(1 + 3 * b);
  EXPECT_LT(difference(logits(*gpu, 10, 128, lengths), logits(*cpu, 10, 128, lengths)), 5e-3);
}

TEST_F(BatchDecoding, FastModeKeepsItsCacheIn16Bit) {
  const auto fast = take(cuda::make_provider()->make({.device = "cuda:0", .threads = 2, .precision = Precision::fast}));
  for (const std::optional<double> percent8 : {std::optional<double>(), std::optional<double>(10)}) {
    const std::vector<std::int64_t> lengths{1, 130, 7, 66, 4};
    EXPECT_LT(difference(logits(*fast, percent8, 128, lengths), logits(*cpu, percent8, 128, lengths)), 3e-2);
  }
}

TEST_F(BatchDecoding, TheSameBitsAgain) {
  EXPECT_EQ(logits(*gpu, 10, 128, {1, 130, 7}), logits(*gpu, 10, 128, {1, 130, 7}));
}

}  // namespace
}  // namespace salient
