// SPDX-License-Identifier: Apache-2.0
#include "core/search/scores.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <map>

#include "core/checkpoint/safetensors.h"
#include "core/search/salience.h"
#include "tests/unit/support/temporary_directory.h"

namespace salient {
namespace {

using testing::HasSubstr;

SalienceScores sample() {
  SalienceScores scores;
  scores.model_fingerprint = "model";
  scores.text_fingerprint = "text \"quoted\"";
  scores.variant = SalienceVariant::diagonal_fisher;
  scores.group = 64;
  scores.samples = 2;
  scores.length = 3;
  scores.seed = std::numeric_limits<std::uint64_t>::max();
  scores.mean_loss = 1.0 / 3;
  scores.program_version = "0.1.0";
  scores.windows = {{1, 2, 3}, {4, 5, 6}};
  for (std::size_t i = 0; i < 14; ++i)
    scores.linears.push_back(
        {linear_at(i), 2, static_cast<std::int64_t>(8 + i), {0.1 * static_cast<double>(i), 1e-300}});
  return scores;
}

class ScoresFile : public testing::Test {
 protected:
  test::TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_ / "scores.safetensors";

  /// The file as saved, with something changed on its way into a new one.
  template <class Change>
  void rewrite(Change change) {
    const auto file = SafetensorsFile::open(path_);
    ASSERT_TRUE(file);
    std::map<std::string, std::string> metadata = file->metadata();
    std::map<std::string, std::pair<TensorInfo, std::vector<std::byte>>> tensors;
    for (const TensorInfo& info : file->tensors()) {
      std::vector<std::byte> bytes(info.bytes());
      ASSERT_TRUE(file->read(info, 0, bytes));
      tensors[info.name] = {info, std::move(bytes)};
    }
    change(metadata, tensors);
    SafetensorsWriter writer(path_);
    for (const auto& [key, value] : metadata)
      writer.metadata(key, value);
    for (const auto& [name, tensor] : tensors)
      writer.add(name, tensor.first.dtype, tensor.first.shape, tensor.second);
    ASSERT_TRUE(writer.write());
  }
  void expect_refused(ErrorCode code, const std::string& key) {
    const auto refused = load_scores(path_);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, code) << refused.error().to_string();
    EXPECT_THAT(refused.error().key, HasSubstr(key)) << refused.error().to_string();
    EXPECT_THAT(refused.error().file, HasSubstr("scores.safetensors"));
    EXPECT_FALSE(refused.error().advice.empty());
  }
};

TEST_F(ScoresFile, GivesBackExactlyWhatWasSaved) {
  const SalienceScores scores = sample();
  ASSERT_TRUE(save_scores(scores, path_));
  const auto loaded = load_scores(path_);
  ASSERT_TRUE(loaded) << loaded.error().to_string();
  EXPECT_EQ(loaded->model_fingerprint, scores.model_fingerprint);
  EXPECT_EQ(loaded->text_fingerprint, scores.text_fingerprint);
  EXPECT_EQ(loaded->variant, scores.variant);
  EXPECT_EQ(loaded->group, scores.group);
  EXPECT_EQ(loaded->samples, scores.samples);
  EXPECT_EQ(loaded->length, scores.length);
  EXPECT_EQ(loaded->seed, scores.seed);
  EXPECT_EQ(loaded->mean_loss, scores.mean_loss);
  EXPECT_EQ(loaded->program_version, scores.program_version);
  EXPECT_EQ(loaded->windows, scores.windows);
  ASSERT_EQ(loaded->linears.size(), scores.linears.size());
  for (std::size_t i = 0; i < scores.linears.size(); ++i) {
    EXPECT_EQ(loaded->linears[i].id, scores.linears[i].id);
    EXPECT_EQ(loaded->linears[i].rows, scores.linears[i].rows);
    EXPECT_EQ(loaded->linears[i].cols, scores.linears[i].cols);
    EXPECT_EQ(loaded->linears[i].scores, scores.linears[i].scores);
  }
  EXPECT_EQ(loaded->features(), 28);
  const std::string bytes = test::read_file(path_);
  ASSERT_TRUE(save_scores(*loaded, path_));
  EXPECT_EQ(test::read_file(path_), bytes);
}

TEST_F(ScoresFile, WindowsMayBeAbsent) {
  SalienceScores scores = sample();
  scores.windows.clear();
  ASSERT_TRUE(save_scores(scores, path_));
  const auto loaded = load_scores(path_);
  ASSERT_TRUE(loaded) << loaded.error().to_string();
  EXPECT_TRUE(loaded->windows.empty());
}

TEST_F(ScoresFile, RefusesMissingAndStrangeTensors) {
  const std::string q = "model.layers.1.self_attn.q_proj.salience";
  ASSERT_TRUE(save_scores(sample(), path_));
  rewrite([&](auto&, auto& tensors) { tensors.erase(q); });
  expect_refused(ErrorCode::format, q);
  ASSERT_TRUE(save_scores(sample(), path_));
  rewrite([&](auto&, auto& tensors) { tensors.erase("columns"); });
  expect_refused(ErrorCode::format, "columns");
  ASSERT_TRUE(save_scores(sample(), path_));
  rewrite([&](auto&, auto& tensors) { tensors["model.layers.2.self_attn.q_proj.salience"] = tensors[q]; });
  expect_refused(ErrorCode::format, "");
  ASSERT_TRUE(save_scores(sample(), path_));
  rewrite([&](auto&, auto& tensors) { tensors[q].first.dtype = DType::i64; });
  expect_refused(ErrorCode::format, q);
  ASSERT_TRUE(save_scores(sample(), path_));
  rewrite([&](auto&, auto& tensors) { tensors[q].first.shape = {1, 2}; });
  expect_refused(ErrorCode::format, q);
  ASSERT_TRUE(save_scores(sample(), path_));
  rewrite([&](auto&, auto& tensors) { tensors["columns"].first.shape = {1, 14}; });
  expect_refused(ErrorCode::format, "columns");
  ASSERT_TRUE(save_scores(sample(), path_));
  rewrite([&](auto&, auto& tensors) { tensors["windows"].first.shape = {3, 2}; });
  expect_refused(ErrorCode::format, "windows");
}

TEST_F(ScoresFile, RefusesImpossibleValues) {
  const std::string q = "model.layers.1.self_attn.q_proj";
  for (const double bad : {-1.0, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    ASSERT_TRUE(save_scores(sample(), path_));
    rewrite([&](auto&, auto& tensors) {
      std::memcpy(tensors[q + ".salience"].second.data() + sizeof bad, &bad, sizeof bad);
    });
    expect_refused(ErrorCode::numeric, q);
  }
  for (const std::int64_t bad : {std::int64_t{0}, std::int64_t{-4}, std::numeric_limits<std::int64_t>::max()}) {
    ASSERT_TRUE(save_scores(sample(), path_));
    rewrite([&](auto&, auto& tensors) { std::memcpy(tensors["columns"].second.data(), &bad, sizeof bad); });
    expect_refused(ErrorCode::format, "model.layers.0.self_attn.q_proj");
  }
  const std::int32_t negative = -1;
  ASSERT_TRUE(save_scores(sample(), path_));
  rewrite([&](auto&, auto& tensors) { std::memcpy(tensors["windows"].second.data(), &negative, sizeof negative); });
  expect_refused(ErrorCode::format, "windows");
}

TEST_F(ScoresFile, RefusesBrokenMetadata) {
  const std::pair<const char*, const char*> broken[] = {
      {"format", "something/2"}, {"variant", "magic"}, {"group", "-3"}, {"group", "12x"},
      {"samples", ""},           {"length", "1e3"},    {"seed", "-1"},  {"mean_loss", "low"}};
  for (const auto& [key, value] : broken) {
    ASSERT_TRUE(save_scores(sample(), path_));
    rewrite([&, k = std::string(key), v = std::string(value)](auto& metadata, auto&) { metadata[k] = v; });
    expect_refused(ErrorCode::format, key);
    ASSERT_TRUE(save_scores(sample(), path_));
    rewrite([&, k = std::string(key)](auto& metadata, auto&) { metadata.erase(k); });
    expect_refused(ErrorCode::format, key);
  }
}

TEST_F(ScoresFile, IsNotWrittenFromBadScores) {
  SalienceScores scores = sample();
  scores.linears.pop_back();
  EXPECT_FALSE(save_scores(scores, path_));
  scores = sample();
  std::swap(scores.linears[0], scores.linears[1]);
  EXPECT_FALSE(save_scores(scores, path_));
  scores = sample();
  scores.linears[3].scores[1] = -1;
  EXPECT_FALSE(save_scores(scores, path_));
  scores = sample();
  scores.windows.pop_back();
  EXPECT_FALSE(save_scores(scores, path_));
  scores = sample();
  scores.windows[1].pop_back();
  EXPECT_FALSE(save_scores(scores, path_));
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST(Variant, NamesAreReadBack) {
  for (const SalienceVariant variant : {SalienceVariant::full, SalienceVariant::second_order,
                                        SalienceVariant::diagonal_fisher, SalienceVariant::first_order}) {
    const auto again = salience_variant_from_name(salience_variant_name(variant));
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, variant);
  }
  const auto unknown = salience_variant_from_name("hessian");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ErrorCode::usage);
  EXPECT_THAT(unknown.error().expected, HasSubstr("second-order"));
}

TEST(SalienceTerm, FollowsItsFormula) {
  EXPECT_DOUBLE_EQ(salience_term(SalienceVariant::full, -0.5, 9), 0.375);
  EXPECT_DOUBLE_EQ(salience_term(SalienceVariant::second_order, -0.5, 9), 0.125);
  EXPECT_DOUBLE_EQ(salience_term(SalienceVariant::diagonal_fisher, -0.5, 0.2), 0.4);
  EXPECT_DOUBLE_EQ(salience_term(SalienceVariant::first_order, -0.5, 9), 0.5);
}

}  // namespace
}  // namespace salient
