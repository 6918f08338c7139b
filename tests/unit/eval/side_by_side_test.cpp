// SPDX-License-Identifier: Apache-2.0
#include "core/eval/side_by_side.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/eval/evaluate.h"
#include "core/eval/statistics.h"
#include "tests/unit/pack/packed_fixture.h"

namespace salient {
namespace {

class SideBySideTest : public test::PackedTest {
 protected:
  void SetUp() override {
    PackedTest::SetUp();
    pack(10);
    auto made = make_cpu_backend({.threads = 1});
    ASSERT_TRUE(made.ok());
    backend_ = *std::move(made);
    model_ = load(packed());
    reference_ = load(source());
  }
  std::unique_ptr<Engine> load(const std::filesystem::path& directory) {
    auto engine = Engine::load(directory, *backend_);
    EXPECT_TRUE(engine.ok()) << engine.error().to_string();
    return engine ? *std::move(engine) : nullptr;
  }
  /// Logits behind each of the last `count` positions' predecessors, the whole sequence at once.
  std::vector<std::vector<float>> logits(Engine& engine, const std::vector<TokenId>& ids, std::size_t count) {
    auto decoder = engine.decoder(static_cast<std::int64_t>(ids.size()));
    const auto hidden = decoder->hidden(ids);
    const auto out = decoder->logits(*hidden);
    std::vector<float> all(static_cast<std::size_t>(out->size()));
    EXPECT_TRUE(backend_->download(*out, all.data()).ok());
    std::vector<std::vector<float>> rows;
    for (std::size_t i = ids.size() - count - 1; i + 1 < ids.size(); ++i)
      rows.emplace_back(all.begin() + static_cast<std::ptrdiff_t>(256 * i),
                        all.begin() + static_cast<std::ptrdiff_t>(256 * (i + 1)));
    return rows;
  }

  std::unique_ptr<Backend> backend_;
  std::unique_ptr<Engine> model_;
  std::unique_ptr<Engine> reference_;
};

TEST_F(SideBySideTest, EachContinuationIsTheOneOfGenerateAlone) {
  const GenerateOptions options{.tokens = 20, .temperature = 1.2, .top_p = 0.9, .seed = 5};
  Job job;
  const auto both = generate_side_by_side(*model_, *reference_, "Once", options, {}, job);
  ASSERT_TRUE(both.ok()) << both.error().to_string();
  const auto model = generate(*model_, "Once", options, {}, job);
  const auto reference = generate(*reference_, "Once", options, {}, job);
  EXPECT_EQ(both->model.generation.ids, model->ids);
  EXPECT_EQ(both->model.generation.text, model->text);
  EXPECT_EQ(both->reference.generation.ids, reference->ids);
  EXPECT_NE(model->ids, reference->ids) << "else this test says nothing about texts that part";
  EXPECT_EQ(both->model.generation.decoded, model->decoded);
}

TEST_F(SideBySideTest, FiguresAreThoseOfBothModelsOnTheSameText) {
  const GenerateOptions options{.tokens = 16, .temperature = 1, .seed = 3};
  Job job;
  const auto both = generate_side_by_side(*model_, *reference_, "Once upon a", options, {}, job);
  ASSERT_TRUE(both.ok()) << both.error().to_string();
  for (const bool of_reference : {false, true}) {
    const ComparedGeneration& side = of_reference ? both->reference : both->model;
    const std::size_t count = side.tokens.size();
    ASSERT_EQ(count, side.generation.ids.size());
    ASSERT_GT(count, 3U);
    std::vector<TokenId> ids = side.generation.prompt_ids;
    ids.insert(ids.end(), side.generation.ids.begin(), side.generation.ids.end());
    const auto q = logits(*model_, ids, count);
    const auto p = logits(*reference_, ids, count);
    double largest = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const ComparedToken& token = side.tokens[i];
      const auto& own = of_reference ? p : q;
      const auto& other = of_reference ? q : p;
      EXPECT_EQ(token.id, side.generation.ids[i]);
      EXPECT_NEAR(token.log_probability, log_probability(own[i], token.id), 1e-3) << i;
      EXPECT_NEAR(token.other_log_probability, log_probability(other[i], token.id), 1e-3) << i;
      EXPECT_NEAR(token.kl, compare_logits(p[i], q[i]).kl_forward, 1e-3) << i;
      EXPECT_GE(token.kl, 0) << i;
      largest = std::max(largest, token.kl);
    }
    EXPECT_GT(largest, 1e-3) << "the packed model is another one";
  }
}

TEST_F(SideBySideTest, AModelDoesNotDivergeFromItself) {
  const auto twin = load(source());
  Job job;
  const auto both = generate_side_by_side(*twin, *reference_, "Once", {.tokens = 12}, {}, job);
  ASSERT_TRUE(both.ok()) << both.error().to_string();
  EXPECT_EQ(both->model.generation.ids, both->reference.generation.ids);
  for (const ComparedToken& token : both->model.tokens) {
    EXPECT_EQ(token.kl, 0);
    EXPECT_TRUE(token.same_first);
    EXPECT_EQ(token.log_probability, token.other_log_probability);
  }
}

TEST_F(SideBySideTest, TokensAreToldAsTheyComeInTurns) {
  Job job;
  std::array<std::string, 2> texts;
  std::vector<bool> order;
  SideBySideEvents events;
  events.token = [&](bool of_reference, const ComparedToken&, std::string_view text, double seconds) {
    order.push_back(of_reference);
    texts[of_reference ? 1 : 0] += text;
    EXPECT_GE(seconds, 0);
  };
  events.rest = [&](bool of_reference, std::string_view text) { texts[of_reference ? 1 : 0] += text; };
  const auto both = generate_side_by_side(*model_, *reference_, "A", {.tokens = 10, .temperature = 1}, events, job);
  ASSERT_TRUE(both.ok());
  EXPECT_EQ(texts[0], both->model.generation.text);
  EXPECT_EQ(texts[1], both->reference.generation.text);
  ASSERT_GE(order.size(), 4U);
  EXPECT_FALSE(order[0]);
  EXPECT_TRUE(order[1]);
}

TEST_F(SideBySideTest, ModelsThatReadDifferentlyAreRefused) {
  ModelConfig other = reference_->config();
  other.vocab_size = 96;
  EXPECT_EQ(check_vocabularies(model_->config(), other, "there").error().file, "there");
  // The same vocabulary, but a merge of its own.
  Json tokenizer = Json::parse(test::read_file(source() / "tokenizer.json"));
  tokenizer["model"]["vocab"].erase("\xC4\x80");
  tokenizer["model"]["vocab"]["On"] = 0;
  tokenizer["model"]["merges"].push_back("O n");
  test::write_file(source() / "tokenizer.json", tokenizer.dump());
  const auto merging = load(source());
  Job job;
  const auto refused = generate_side_by_side(*model_, *merging, "Once", {.tokens = 2}, {}, job);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::mismatch);
  EXPECT_EQ(refused.error().key, "tokenizer");
}

TEST_F(SideBySideTest, CanBeCancelled) {
  CancelToken cancel;
  Job stopped(&cancel, {});
  SideBySideEvents events;
  events.token = [&](bool, const ComparedToken&, std::string_view, double) { cancel.cancel(); };
  const auto cancelled = generate_side_by_side(*model_, *reference_, "Once upon a",
                                               {.tokens = 50, .temperature = 1, .seed = 3}, events, stopped);
  ASSERT_FALSE(cancelled.ok());
  EXPECT_EQ(cancelled.error().code, ErrorCode::cancelled);
}

}  // namespace
}  // namespace salient
