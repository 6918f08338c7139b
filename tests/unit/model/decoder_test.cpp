// SPDX-License-Identifier: Apache-2.0
// The decoder against transformers: logits, losses, and gradients of every linear's weight.
#include "core/model/decoder.h"

#include <map>
#include <set>

#include "tests/unit/model/model_test.h"

namespace salient {
namespace {

using test::floats;
using test::relative_error;
using test::take;
using test::TinyModel;

class DecoderOracle : public testing::TestWithParam<const char*> {
 protected:
  TinyModel model{GetParam()};
};

constexpr std::uint64_t kKeepAll = std::uint64_t{1} << 40;

using Gradients = std::map<LinearId, std::vector<float>>;

/// dYᵀX of every linear, and the order of the calls.
Result<double> weight_gradients(Decoder& decoder, std::span<const std::int32_t> ids, std::uint64_t activation_bytes,
                                Gradients& gradients, std::vector<LinearId>* order = nullptr) {
  const auto observer = [&](LinearId id, const Tensor& x, const Tensor& dy, const Linear& linear) -> Status {
    EXPECT_EQ(dy.cols, linear.weight.rows);
    EXPECT_EQ(x.cols, linear.weight.cols);
    std::vector<float>& gradient = gradients[id];
    for (std::int64_t n = 0; n < dy.cols; ++n) {
      for (std::int64_t k = 0; k < x.cols; ++k) {
        double sum = 0;
        for (std::int64_t t = 0; t < x.rows; ++t) {
          sum += static_cast<double>(dy.f32()[t * dy.cols + n]) * static_cast<double>(x.f32()[t * x.cols + k]);
        }
        gradient.push_back(static_cast<float>(sum));
      }
    }
    if (order != nullptr) order->push_back(id);
    return {};
  };
  return decoder.loss_and_gradients(ids, observer, activation_bytes);
}

TEST_P(DecoderOracle, Logits) {
  const Tensor hidden = take(model.decoder.hidden(model.ids));
  const Tensor logits = take(model.decoder.logits(hidden));
  EXPECT_LT(relative_error(floats(logits), model.values<float>("logits")), 1e-5);
}

TEST_P(DecoderOracle, SequenceNll) {
  EXPECT_LT(relative_error(take(model.decoder.sequence_nll(model.ids)), model.values<float>("nll")), 1e-5);
}

TEST_P(DecoderOracle, WeightGradients) {
  Gradients gradients;
  std::vector<LinearId> order;
  const double loss = take(weight_gradients(model.decoder, model.ids, kKeepAll, gradients, &order));
  double mean = 0;
  const auto nll = model.values<float>("nll");
  for (const float value : nll)
    mean += static_cast<double>(value) / static_cast<double>(nll.size());
  EXPECT_NEAR(loss, mean, 1e-5 * mean);
  ASSERT_EQ(gradients.size(), 14U);
  for (const auto& [id, gradient] : gradients) {
    const std::string name = linear_name(id);
    EXPECT_LT(relative_error(gradient, model.values<float>("gradient." + name)), 1e-4) << name;
  }
  ASSERT_EQ(order.size(), 14U);
  EXPECT_TRUE(std::is_sorted(order.rbegin(), order.rend()));
}

TEST_P(DecoderOracle, RecomputingLayersChangesNothing) {
  Gradients kept, recomputed;
  const double loss = take(weight_gradients(model.decoder, model.ids, kKeepAll, kept));
  EXPECT_EQ(loss, take(weight_gradients(model.decoder, model.ids, 0, recomputed)));
  EXPECT_EQ(kept, recomputed);
}

TEST_P(DecoderOracle, CacheContinuesTheSequence) {
  const auto expected = model.values<float>("logits");
  for (const std::vector<std::size_t>& pieces : {std::vector<std::size_t>{40}, {7, 1, 1, 20, 11}, {1, 39}}) {
    KvCache cache = take(model.decoder.make_cache(40));
    std::vector<float> logits;
    std::size_t first = 0;
    for (const std::size_t count : pieces) {
      const Tensor hidden = take(model.decoder.hidden(std::span(model.ids).subspan(first, count), &cache));
      const auto part = floats(take(model.decoder.logits(hidden)));
      logits.insert(logits.end(), part.begin(), part.end());
      first += count;
      EXPECT_EQ(cache.length, static_cast<std::int64_t>(first));
    }
    EXPECT_LT(relative_error(logits, expected), 1e-5);
  }
}

TEST_P(DecoderOracle, StepsOfALayerMakeTheForward) {
  const Tensor x = take(model.decoder.embed(model.ids));
  for (std::int64_t index = 0; index < model.decoder.config().layers; ++index) {
    const auto layer = take(model.weights.layer(index));
    const Tensor attention_input = take(model.decoder.attention_input(*layer, x));
    const Tensor context = take(model.decoder.attention_context(*layer, attention_input));
    EXPECT_EQ(context.cols, model.decoder.config().q_size());
    take(model.decoder.add_attention(*layer, context, x));
    const Tensor mlp_input = take(model.decoder.mlp_input(*layer, x));
    const Tensor activation = take(model.decoder.mlp_activation(*layer, mlp_input));
    EXPECT_EQ(activation.cols, model.decoder.config().intermediate_size);
    take(model.decoder.add_mlp(*layer, activation, x));
  }
  const Tensor out = take(model.backend->allocate(DType::f32, x.rows, x.cols));
  take(model.backend->rms_norm(x, take(model.weights.global())->final_norm,
                               static_cast<float>(model.decoder.config().rms_norm_eps), out));
  EXPECT_EQ(floats(out), floats(take(model.decoder.hidden(model.ids))));
}

std::string model_name(const testing::TestParamInfo<const char*>& model) {
  std::string name = model.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Models, DecoderOracle,
                         testing::Values("llama3-bf16", "llama-biased-f32", "mistral-f16", "qwen2-f32"), model_name);

TEST(Decoder, RefusesIdsOutsideTheVocabulary) {
  TinyModel model("qwen2-f32");
  for (const std::int32_t id : {-1, 96, 2'000'000'000}) {
    const auto result = model.decoder.hidden(std::vector<std::int32_t>{3, id});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::range);
    EXPECT_EQ(result.error().key, "token 1");
  }
  const auto nothing = model.decoder.hidden({});
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().code, ErrorCode::usage);
  const auto alone = model.decoder.sequence_nll(std::vector<std::int32_t>{3});
  ASSERT_FALSE(alone);
  EXPECT_EQ(alone.error().code, ErrorCode::usage);
}

TEST(Decoder, RefusesMorePositionsThanPrepared) {
  TinyModel model("qwen2-f32");
  const std::vector<std::int32_t> long_ids(65, 1);
  const auto forward = model.decoder.hidden(long_ids);
  ASSERT_FALSE(forward);
  EXPECT_EQ(forward.error().code, ErrorCode::range);
  Gradients gradients;
  const auto backward = weight_gradients(model.decoder, long_ids, kKeepAll, gradients);
  ASSERT_FALSE(backward);
  EXPECT_EQ(backward.error().code, ErrorCode::range);
  EXPECT_FALSE(model.decoder.make_cache(65));
  EXPECT_FALSE(Decoder::create(model.weights, *model.backend, 0));

  KvCache cache = take(model.decoder.make_cache(3));
  const auto overflow = model.decoder.hidden(std::vector<std::int32_t>{1, 2, 3, 4}, &cache);
  ASSERT_FALSE(overflow);
  EXPECT_EQ(overflow.error().key, "key-value cache");
}

TEST(Decoder, StopsWhenCancelled) {
  TinyModel model("mistral-f16");
  CancelToken cancel;
  cancel.cancel();
  const Job job(&cancel, {});
  const auto observer = [](LinearId, const Tensor&, const Tensor&, const Linear&) -> Status { return {}; };
  EXPECT_EQ(model.decoder.sequence_nll(model.ids, &job).error().code, ErrorCode::cancelled);
  EXPECT_EQ(model.decoder.loss_and_gradients(model.ids, observer, kKeepAll, &job).error().code, ErrorCode::cancelled);
}

TEST(Decoder, PassesOnTheObserversError) {
  TinyModel model("mistral-f16");
  const auto observer = [](LinearId, const Tensor&, const Tensor&, const Linear&) -> Status {
    return Error{ErrorCode::disk_full, {}, {}, {}, {}, {}};
  };
  EXPECT_EQ(model.decoder.loss_and_gradients(model.ids, observer, kKeepAll).error().code, ErrorCode::disk_full);
}

/// A model's weights with one of them made NaN.
class BrokenWeights final : public WeightSource {
 public:
  explicit BrokenWeights(WeightSource& whole) : whole_(whole) {}
  [[nodiscard]] const ModelConfig& config() const override { return whole_.config(); }
  [[nodiscard]] Result<std::shared_ptr<const GlobalWeights>> global() override { return whole_.global(); }
  [[nodiscard]] Result<std::shared_ptr<const LayerWeights>> layer(std::int64_t index) override {
    SALIENT_ASSIGN(auto layer, whole_.layer(index));
    layer->at(LinearKind::down).weight.f32()[5] = std::nanf("");
    return layer;
  }

 private:
  WeightSource& whole_;
};

TEST(Decoder, NamesTheSequenceWhoseLossIsNotFinite) {
  TinyModel model("qwen2-f32");
  BrokenWeights broken(model.weights);
  Decoder decoder = take(Decoder::create(broken, *model.backend, 64));
  const std::vector<std::int32_t> ids{9, 8, 7};
  Gradients gradients;
  for (const auto& error :
       {decoder.sequence_nll(ids).error(), weight_gradients(decoder, ids, kKeepAll, gradients).error()}) {
    EXPECT_EQ(error.code, ErrorCode::numeric);
    EXPECT_EQ(error.key, "loss of the sequence of 3 tokens that begins with ids 9 8 7");
    EXPECT_EQ(error.found, "NaN at token 1");
  }
}

TEST(RopeFrequencies, Llama3KeepsShortStretchesLongWavelengths) {
  ModelConfig config;
  config.head_dim = 128;
  config.rope_theta = 500000;
  const auto plain = rope_frequencies(config);
  config.rope_scaling = {RopeScaling::Type::llama3, 8, 1, 4, 8192};
  const auto scaled = rope_frequencies(config);
  EXPECT_EQ(plain[0], 1.0F);
  EXPECT_EQ(scaled[0], plain[0]);
  EXPECT_EQ(scaled[63], plain[63] / 8);
  for (std::size_t i = 0; i < 64; ++i) {
    EXPECT_LE(scaled[i], plain[i]);
    EXPECT_GE(scaled[i], plain[i] / 8);
  }
}

}  // namespace
}  // namespace salient
