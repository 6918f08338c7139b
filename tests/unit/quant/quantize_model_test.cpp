// SPDX-License-Identifier: Apache-2.0
#include "core/quant/quantize_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "core/quant/layer_store.h"
#include "tests/unit/quant/tiny_model.h"
#include "tests/unit/support/random_ids.h"
#include "tests/unit/support/temporary_directory.h"

namespace salient {
namespace {

using test::expect_same;
using test::MemoryStore;
using test::TinyWeights;

class QuantizeModel : public ::testing::Test {
 protected:
  void SetUp() override {
    auto backend = make_cpu_backend({.threads = 2});
    ASSERT_TRUE(backend) << backend.error().to_string();
    backend_ = *std::move(backend);
    weights_.emplace(*backend_);
    auto decoder = Decoder::create(*weights_, *backend_, 32);
    ASSERT_TRUE(decoder) << decoder.error().to_string();
    decoder_.emplace(*std::move(decoder));
    Random random(3);
    for (const std::size_t length : {32, 32, 32, 20})
      windows_.push_back(test::random_ids(length, 40, random));
    for (std::int32_t layer = 0; layer < 3; ++layer) {
      for (const LinearKind kind : kLinearKinds) {
        const LinearShape shape = linear_shape(weights_->config(), kind);
        LinearBits bits{{layer, kind}, shape.rows, shape.cols, {}};
        for (std::uint32_t row = static_cast<std::uint32_t>(kind); row < shape.rows; row += 9)
          bits.rows8.push_back(row);
        map_.linears.push_back(bits);
      }
    }
  }

  Status quantize(LayerStore& store, const QuantOptions& options, Job job = {}) {
    return quantize_model(*decoder_, map_, windows_, options, store, job);
  }
  MemoryStore quantized(const QuantOptions& options) {
    MemoryStore store;
    const Status status = quantize(store, options);
    EXPECT_TRUE(status) << status.error().to_string();
    EXPECT_EQ(store.layers_done(), 3);
    return store;
  }
  std::vector<float> original(LinearId id) {
    const LinearShape shape = linear_shape(weights_->config(), id.kind);
    std::vector<float> values(static_cast<std::size_t>(shape.rows * shape.cols));
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = bf16_to_f32(weights_->bits(id)[i]);
    return values;
  }

  static constexpr QuantOptions kMixllm{QuantMethod::mixllm, true, 32};

  std::unique_ptr<Backend> backend_;
  std::optional<TinyWeights> weights_;
  std::optional<Decoder> decoder_;
  std::vector<std::vector<std::int32_t>> windows_;
  BitMap map_;
};

/// Σ x xᵀ by plain loops in double.
void add_gram(const Tensor& x, std::vector<double>& gram) {
  gram.resize(static_cast<std::size_t>(x.cols * x.cols));
  for (std::int64_t t = 0; t < x.rows; ++t) {
    const float* row = x.f32() + t * x.cols;
    for (std::int64_t i = 0; i < x.cols; ++i) {
      for (std::int64_t j = 0; j < x.cols; ++j)
        gram[static_cast<std::size_t>(i * x.cols + j)] += double{row[i]} * row[j];
    }
  }
}

TEST_F(QuantizeModel, EachLinearSeesTheModelAsQuantizedSoFar) {
  const MemoryStore store = quantized(kMixllm);
  // The quantized model's own forward pass gives the inputs each linear must have been calibrated with.
  std::map<LinearId, std::vector<double>> grams;
  for (const auto& window : windows_) {
    auto x = decoder_->embed(window);
    ASSERT_TRUE(x);
    for (std::int32_t index = 0; index < 3; ++index) {
      LayerWeights layer = **weights_->layer(index);
      for (const LinearKind kind : kLinearKinds) {
        const QuantizedMatrix& matrix =
            store.layers[static_cast<std::size_t>(index)].linears[static_cast<std::size_t>(kind)].matrix;
        std::vector<float> values(static_cast<std::size_t>(matrix.rows * matrix.cols));
        matrix.dequantize(values);
        auto weight = backend_->allocate(DType::f32, matrix.rows, matrix.cols);
        ASSERT_TRUE(weight && backend_->upload(values.data(), *weight));
        layer.at(kind).weight = *weight;
      }
      const auto input = decoder_->attention_input(layer, *x);
      const auto context = decoder_->attention_context(layer, *input);
      ASSERT_TRUE(decoder_->add_attention(layer, *context, *x));
      const auto mlp_input = decoder_->mlp_input(layer, *x);
      const auto activation = decoder_->mlp_activation(layer, *mlp_input);
      ASSERT_TRUE(decoder_->add_mlp(layer, *activation, *x));
      for (const LinearKind kind : {LinearKind::q, LinearKind::k, LinearKind::v})
        add_gram(*input, grams[{index, kind}]);
      add_gram(*context, grams[{index, LinearKind::o}]);
      for (const LinearKind kind : {LinearKind::gate, LinearKind::up})
        add_gram(*mlp_input, grams[{index, kind}]);
      add_gram(*activation, grams[{index, LinearKind::down}]);
    }
  }
  for (const LinearBits& bits : map_.linears) {
    SCOPED_TRACE(linear_name(bits.id));
    const GramMatrix gram{grams[bits.id], bits.cols, static_cast<std::int64_t>(windows_.size())};
    const auto expected =
        quantize_linear(original(bits.id), bits.rows, bits.cols, bits.rows8, gram, kMixllm, backend_->threads());
    ASSERT_TRUE(expected) << expected.error().to_string();
    const QuantizedLinear& found =
        store.layers[static_cast<std::size_t>(bits.id.layer)].linears[static_cast<std::size_t>(bits.id.kind)];
    EXPECT_NEAR(found.output_error, expected->output_error, 0.01 * expected->output_error);
    std::size_t different = 0;
    for (std::size_t i = 0; i < found.matrix.codes4.size(); ++i) {
      different += found.matrix.codes4[i] != expected->matrix.codes4[i];
    }
    EXPECT_LE(different, found.matrix.codes4.size() / 100);
  }
}

TEST_F(QuantizeModel, ResumedAfterAnyLayerTheResultIsTheSame) {
  const MemoryStore undisturbed = quantized(kMixllm);
  for (std::size_t done = 0; done <= 3; ++done) {
    MemoryStore store;
    store.layers.assign(undisturbed.layers.begin(), undisturbed.layers.begin() + static_cast<std::ptrdiff_t>(done));
    ASSERT_TRUE(quantize(store, kMixllm));
    ASSERT_EQ(store.layers.size(), 3U);
    for (std::size_t i = 0; i < 3; ++i)
      expect_same(store.layers[i], undisturbed.layers[i]);
  }
}

/// Asks to stop as soon as a layer is kept.
class StoppingStore final : public LayerStore {
 public:
  StoppingStore(LayerStore& store, CancelToken& cancel) : store_(store), cancel_(cancel) {}
  [[nodiscard]] std::int64_t layers_done() const override { return store_.layers_done(); }
  [[nodiscard]] Result<QuantizedLayer> load(std::int64_t index) override { return store_.load(index); }
  [[nodiscard]] Status save(const QuantizedLayer& layer) override {
    cancel_.cancel();
    return store_.save(layer);
  }

 private:
  LayerStore& store_;
  CancelToken& cancel_;
};

TEST_F(QuantizeModel, StoppedAfterEachLayerItResumesFromTheDirectory) {
  const MemoryStore undisturbed = quantized(kMixllm);
  const test::TemporaryDirectory directory;
  for (std::int64_t done = 1; done <= 3; ++done) {
    auto store = DirectoryLayerStore::open(directory / "layers", "a job");
    ASSERT_TRUE(store) << store.error().to_string();
    CancelToken cancel;
    StoppingStore stopping(*store, cancel);
    const Status status = quantize(stopping, kMixllm, Job(&cancel, {}));
    EXPECT_EQ(store->layers_done(), done);
    ASSERT_EQ(status.ok(), done == 3);
    if (!status) {
      EXPECT_EQ(status.error().code, ErrorCode::cancelled);
    }
  }
  auto store = DirectoryLayerStore::open(directory / "layers", "a job");
  ASSERT_TRUE(store);
  for (std::int64_t i = 0; i < 3; ++i) {
    const auto layer = store->load(i);
    ASSERT_TRUE(layer) << layer.error().to_string();
    expect_same(*layer, undisturbed.layers[static_cast<std::size_t>(i)]);
  }
}

TEST_F(QuantizeModel, StopsAtOnceWhenCancelledBefore) {
  CancelToken cancel;
  cancel.cancel();
  MemoryStore store;
  const Status status = quantize(store, kMixllm, Job(&cancel, {}));
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::cancelled);
  EXPECT_TRUE(store.layers.empty());
}

TEST_F(QuantizeModel, GptqHasSmallerOutputErrorsThanRoundToNearest) {
  const MemoryStore rtn = quantized({QuantMethod::rtn, true, 32});
  const MemoryStore gptq = quantized(kMixllm);
  double rtn_error = 0;
  double gptq_error = 0;
  for (std::size_t layer = 0; layer < 3; ++layer) {
    for (std::size_t kind = 0; kind < 7; ++kind) {
      rtn_error += rtn.layers[layer].linears[kind].output_error;
      gptq_error += gptq.layers[layer].linears[kind].output_error;
      EXPECT_GT(gptq.layers[layer].linears[kind].damping_used, 0);
    }
  }
  EXPECT_LT(gptq_error, 0.9 * rtn_error);
}

TEST_F(QuantizeModel, PlainRoundToNearestNeedsNoWindows) {
  windows_.clear();
  const QuantOptions options{QuantMethod::rtn, false, 64};
  const MemoryStore store = quantized(options);
  for (const LinearBits& bits : map_.linears) {
    const auto expected = quantize_linear(original(bits.id), bits.rows, bits.cols, bits.rows8, GramMatrix{}, options,
                                          backend_->threads());
    ASSERT_TRUE(expected);
    const auto& found =
        store.layers[static_cast<std::size_t>(bits.id.layer)].linears[static_cast<std::size_t>(bits.id.kind)];
    EXPECT_EQ(found.matrix.codes4, expected->matrix.codes4);
    EXPECT_EQ(found.matrix.codes8, expected->matrix.codes8);
  }
}

TEST_F(QuantizeModel, ReportsProgressUpToTheEnd) {
  std::vector<ProgressEvent> events;
  MemoryStore store;
  ASSERT_TRUE(
      quantize(store, kMixllm, Job(nullptr, {[&](const ProgressEvent& event) { events.push_back(event); }, {}})));
  ASSERT_FALSE(events.empty());
  double last = 0;
  for (const ProgressEvent& event : events) {
    EXPECT_EQ(event.stage, "quantize");
    EXPECT_GE(event.fraction, last);
    last = event.fraction;
  }
  EXPECT_DOUBLE_EQ(last, 1);
  EXPECT_THAT(events.back().detail, ::testing::StartsWith("layer 3 of 3"));
}

TEST_F(QuantizeModel, NamesTheLinearWhoseWeightIsNotFinite) {
  weights_->bits({1, LinearKind::up})[5] = 0x7fc0;
  MemoryStore store;
  const Status status = quantize(store, kMixllm);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::numeric);
  EXPECT_EQ(status.error().key, "model.layers.1.mlp.up_proj.weight");
  EXPECT_THAT(status.error().found, ::testing::HasSubstr("index 5"));
  EXPECT_EQ(store.layers.size(), 1U);
}

TEST_F(QuantizeModel, RefusesWhatDoesNotBelongTogether) {
  MemoryStore store;
  BitMap whole = map_;
  map_.linears.pop_back();
  EXPECT_EQ(quantize(store, kMixllm).error().code, ErrorCode::mismatch);
  map_ = whole;
  map_.linears[8].rows += 1;
  EXPECT_THAT(quantize(store, kMixllm).error().to_string(), ::testing::HasSubstr("model.layers.1.self_attn.k_proj"));
  map_ = whole;
  windows_.clear();
  EXPECT_EQ(quantize(store, kMixllm).error().code, ErrorCode::usage);
}

}  // namespace
}  // namespace salient
