// SPDX-License-Identifier: Apache-2.0
// Against PyTorch: tests/oracle/make_eval_fixtures.py.
#include "core/eval/evaluate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/unit/support/tiny_model.h"

namespace salient {
namespace {

using test::must;
using test::tensor_values;
using test::TinyModel;

const std::filesystem::path kFixtures = SALIENT_FIXTURES;

struct Expected {
  SafetensorsFile file = must(SafetensorsFile::open(kFixtures / "eval" / "expected.safetensors"));
  std::vector<std::vector<std::int32_t>> windows = test::token_windows(file, "ids");

  [[nodiscard]] std::vector<double> of(const std::string& name) const { return tensor_values<double>(file, name); }
  [[nodiscard]] double mean_of(const std::string& name) const {
    double sum = 0;
    for (const double value : of(name))
      sum += value;
    return sum / static_cast<double>(windows.size());
  }
};

TEST(Evaluate, AgreesWithPyTorch) {
  const Expected expected;
  TinyModel model(kFixtures / "eval" / "perturbed");
  TinyModel reference(kFixtures / "model" / "qwen2-f32");
  Job job;
  const Evaluation result = must(evaluate(*model.decoder, reference.decoder.get(), expected.windows, job));
  EXPECT_EQ(result.windows, 5);
  EXPECT_EQ(result.tokens, 5 * 32);
  const std::vector<double> nll = expected.of("nll");
  const std::vector<double> reference_nll = expected.of("reference_nll");
  ASSERT_EQ(result.window_nll.size(), nll.size());
  ASSERT_EQ(result.reference_window_nll.size(), nll.size());
  for (std::size_t i = 0; i < nll.size(); ++i) {
    EXPECT_NEAR(result.window_nll[i], nll[i], 1e-4 * nll[i]);
    EXPECT_NEAR(result.reference_window_nll[i], reference_nll[i], 1e-4 * reference_nll[i]);
  }
  const std::vector<double> perplexity = expected.of("perplexity");
  EXPECT_NEAR(result.perplexity, perplexity[0], 1e-4 * perplexity[0]);
  EXPECT_NEAR(result.perplexity_stderr, perplexity[1], 1e-3 * perplexity[1]);
  EXPECT_GT(result.tokens_per_second, 0);
  ASSERT_TRUE(result.divergence);
  EXPECT_NEAR(result.divergence->kl_forward, expected.mean_of("kl_forward"), 1e-4);
  EXPECT_NEAR(result.divergence->kl_reverse, expected.mean_of("kl_reverse"), 1e-4);
  EXPECT_NEAR(result.divergence->kl_forward_stderr, expected.of("kl_errors")[0], 1e-4);
  EXPECT_NEAR(result.divergence->kl_reverse_stderr, expected.of("kl_errors")[1], 1e-4);
  EXPECT_NEAR(result.divergence->top1, expected.mean_of("top1"), 1e-12);
  EXPECT_NEAR(result.divergence->top5, expected.mean_of("top5"), 1e-12);
}

TEST(Evaluate, AReferenceOrMoreThreadsChangeNoFigureOfTheModel) {
  const Expected expected;
  TinyModel model(kFixtures / "eval" / "perturbed");
  TinyModel threaded(kFixtures / "eval" / "perturbed", 3);
  TinyModel reference(kFixtures / "model" / "qwen2-f32");
  Job job;
  const Evaluation alone = must(evaluate(*model.decoder, nullptr, expected.windows, job));
  const Evaluation compared = must(evaluate(*model.decoder, reference.decoder.get(), expected.windows, job));
  const Evaluation with_threads = must(evaluate(*threaded.decoder, reference.decoder.get(), expected.windows, job));
  EXPECT_FALSE(alone.divergence);
  EXPECT_EQ(alone.window_nll, compared.window_nll);
  EXPECT_EQ(alone.perplexity, compared.perplexity);
  EXPECT_EQ(with_threads.window_nll, compared.window_nll);
  EXPECT_EQ(with_threads.divergence->kl_forward, compared.divergence->kl_forward);
}

TEST(Evaluate, AModelDoesNotDivergeFromItself) {
  const Expected expected;
  TinyModel model(kFixtures / "model" / "qwen2-f32");
  Job job;
  const Evaluation result = must(evaluate(*model.decoder, model.decoder.get(), expected.windows, job));
  EXPECT_EQ(result.divergence->kl_forward, 0);
  EXPECT_EQ(result.divergence->kl_reverse, 0);
  EXPECT_EQ(result.divergence->top1, 1);
  EXPECT_EQ(result.divergence->top5, 1);
}

TEST(Evaluate, ReportsEachWindowAndCanBeCancelled) {
  const Expected expected;
  TinyModel model(kFixtures / "model" / "qwen2-f32");
  CancelToken cancel;
  std::vector<ProgressEvent> events;
  Job job(&cancel, {[&](const ProgressEvent& event) { events.push_back(event); }, {}});
  ASSERT_TRUE(evaluate(*model.decoder, nullptr, expected.windows, job));
  ASSERT_FALSE(events.empty());
  EXPECT_EQ(events.back().stage, "evaluate");
  EXPECT_EQ(events.back().fraction, 1);
  EXPECT_THAT(events.back().detail, testing::HasSubstr("window 5 of 5"));
  cancel.cancel();
  const auto cancelled = evaluate(*model.decoder, nullptr, expected.windows, job);
  ASSERT_FALSE(cancelled);
  EXPECT_EQ(cancelled.error().code, ErrorCode::cancelled);
}

void expect_same_figures(const Evaluation& a, const Evaluation& b) {
  EXPECT_EQ(a.perplexity, b.perplexity);
  EXPECT_EQ(a.perplexity_stderr, b.perplexity_stderr);
  EXPECT_EQ(a.windows, b.windows);
  EXPECT_EQ(a.tokens, b.tokens);
  EXPECT_EQ(a.window_nll, b.window_nll);
  EXPECT_EQ(a.reference_window_nll, b.reference_window_nll);
  ASSERT_TRUE(a.divergence && b.divergence);
  EXPECT_EQ(a.divergence->kl_forward, b.divergence->kl_forward);
  EXPECT_EQ(a.divergence->kl_reverse, b.divergence->kl_reverse);
  EXPECT_EQ(a.divergence->kl_forward_stderr, b.divergence->kl_forward_stderr);
  EXPECT_EQ(a.divergence->kl_reverse_stderr, b.divergence->kl_reverse_stderr);
  EXPECT_EQ(a.divergence->top1, b.divergence->top1);
  EXPECT_EQ(a.divergence->top5, b.divergence->top5);
}

TEST(Evaluate, GoesOnAfterTheLastKeptWindow) {
  const Expected expected;
  TinyModel model(kFixtures / "eval" / "perturbed");
  TinyModel reference(kFixtures / "model" / "qwen2-f32");
  CancelToken cancel;
  Job job(&cancel, {});
  const Evaluation whole = must(evaluate(*model.decoder, reference.decoder.get(), expected.windows, job));
  for (const std::size_t stop_after : {1U, 3U, 4U}) {
    SCOPED_TRACE(stop_after);
    EvaluationState kept;
    std::size_t saves = 0;
    EvaluationKeeper keeper;
    keeper.interval = std::chrono::milliseconds(0);
    keeper.save = [&](const EvaluationState& state) {
      kept = state;
      if (++saves == stop_after) cancel.cancel();
      return Status();
    };
    const auto stopped = evaluate(*model.decoder, reference.decoder.get(), expected.windows, job, keeper);
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, ErrorCode::cancelled);
    EXPECT_EQ(kept.windows.size(), stop_after);
    cancel.reset();
    keeper.state = kept;
    const Evaluation resumed =
        must(evaluate(*model.decoder, reference.decoder.get(), expected.windows, job, std::move(keeper)));
    EXPECT_EQ(saves, expected.windows.size()) << "each window was run once";
    EXPECT_GT(kept.seconds, 0);
    expect_same_figures(whole, resumed);
  }
}

TEST(Evaluate, SavesWhatAnIntervalHeldBackWhenItEndsEarly) {
  const Expected expected;
  TinyModel model(kFixtures / "model" / "qwen2-f32");
  CancelToken cancel;
  Job job(&cancel, {[&](const ProgressEvent&) { cancel.cancel(); }, {}});
  std::vector<std::size_t> saved;
  EvaluationKeeper keeper;
  keeper.interval = std::chrono::hours(1);
  keeper.save = [&](const EvaluationState& state) {
    saved.push_back(state.windows.size());
    return Status();
  };
  EXPECT_FALSE(evaluate(*model.decoder, nullptr, expected.windows, job, keeper));
  EXPECT_EQ(saved, std::vector<std::size_t>{1});
  cancel.reset();
  // A save that fails ends it: what cannot be kept must be known.
  keeper.interval = std::chrono::milliseconds(0);
  keeper.save = [](const EvaluationState&) { return Status(Error{ErrorCode::io, "x", "", "", "no disk", ""}); };
  EXPECT_EQ(evaluate(*model.decoder, nullptr, expected.windows, job, keeper).error().code, ErrorCode::io);
}

TEST(Evaluate, RefusesKeptWindowsOfAnotherText) {
  const Expected expected;
  TinyModel model(kFixtures / "model" / "qwen2-f32");
  Job job;
  EvaluationKeeper keeper;
  keeper.state.windows = {{7, 2.5, 0, {}}};
  EXPECT_EQ(evaluate(*model.decoder, nullptr, expected.windows, job, keeper).error().code, ErrorCode::mismatch);
  keeper.state.windows.assign(expected.windows.size() + 1, {32, 2.5, 0, {}});
  EXPECT_EQ(evaluate(*model.decoder, nullptr, expected.windows, job, keeper).error().code, ErrorCode::mismatch);
}

TEST(Evaluate, RefusesWindowsThatPredictNothing) {
  TinyModel model(kFixtures / "model" / "qwen2-f32");
  Job job;
  for (const std::vector<std::vector<std::int32_t>>& windows :
       {std::vector<std::vector<std::int32_t>>{}, std::vector<std::vector<std::int32_t>>{{1, 2}, {3}}}) {
    const auto refused = evaluate(*model.decoder, nullptr, windows, job);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::usage);
    EXPECT_EQ(refused.error().key, "windows");
  }
}

/// Weights of a checkpoint with one value of the final norm spoilt.
class SpoiltWeights final : public WeightSource {
 public:
  SpoiltWeights(WeightSource& source, Backend& backend) : source_(source), backend_(backend) {}
  [[nodiscard]] const ModelConfig& config() const override { return source_.config(); }
  [[nodiscard]] Result<std::shared_ptr<const GlobalWeights>> global() override {
    GlobalWeights spoilt = *must(source_.global());
    const std::vector<float> values(static_cast<std::size_t>(config().hidden_size),
                                    std::numeric_limits<float>::quiet_NaN());
    spoilt.final_norm = must(backend_.allocate(DType::f32, 1, config().hidden_size));
    SALIENT_CHECK(backend_.upload(values.data(), spoilt.final_norm));
    return std::make_shared<const GlobalWeights>(std::move(spoilt));
  }
  [[nodiscard]] Result<std::shared_ptr<const LayerWeights>> layer(std::int64_t index) override {
    return source_.layer(index);
  }

 private:
  WeightSource& source_;
  Backend& backend_;
};

TEST(Evaluate, NotANumberIsAnErrorOnEitherSide) {
  const Expected expected;
  TinyModel model(kFixtures / "model" / "qwen2-f32");
  SpoiltWeights spoilt(*model.weights, *model.backend);
  Decoder broken = must(Decoder::create(spoilt, *model.backend, 64));
  Job job;
  const auto refused = evaluate(broken, nullptr, expected.windows, job);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::numeric);
  EXPECT_EQ(refused.error().key, "window 0, position 0");
  const auto reference_refused = evaluate(*model.decoder, &broken, expected.windows, job);
  ASSERT_FALSE(reference_refused);
  EXPECT_THAT(reference_refused.error().found, testing::HasSubstr("reference"));
}

TEST(Evaluate, RefusesAReferenceWithAnotherVocabulary) {
  TinyModel model(kFixtures / "model" / "qwen2-f32");
  class Renamed final : public WeightSource {
   public:
    explicit Renamed(WeightSource& source) : source_(source), config_(source.config()) { config_.vocab_size += 1; }
    [[nodiscard]] const ModelConfig& config() const override { return config_; }
    [[nodiscard]] Result<std::shared_ptr<const GlobalWeights>> global() override { return source_.global(); }
    [[nodiscard]] Result<std::shared_ptr<const LayerWeights>> layer(std::int64_t index) override {
      return source_.layer(index);
    }

   private:
    WeightSource& source_;
    ModelConfig config_;
  } other(*model.weights);
  Decoder reference = must(Decoder::create(other, *model.backend, 64));
  Job job;
  const auto refused = evaluate(*model.decoder, &reference, {{1, 2, 3}}, job);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::mismatch);
  EXPECT_EQ(refused.error().key, "vocab_size");
}

}  // namespace
}  // namespace salient
