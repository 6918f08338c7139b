// SPDX-License-Identifier: Apache-2.0
// tokenizer.json whose rules multiply a text: bounded in time and memory, and an error that names the file.
#include "core/text/growth.h"

#include <gmock/gmock.h>

#include "tests/unit/support/bounded.h"
#include "text_test.h"

namespace salient {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const std::string kText = "a house by the river and a light in it";

Json sequence(const char* members, const Json& one, int count) {
  Json json{{"type", "Sequence"}, {members, Json::array()}};
  for (int i = 0; i < count; ++i)
    json[members].push_back(one);
  return json;
}

Json replace(const std::string& what, const std::string& by) {
  return {{"type", "Replace"}, {"pattern", {{"String", what}}}, {"content", by}};
}

/// What the tokenizer says that has `value` in place of its own `key`: when it is loaded, or of the text there and
/// back.
std::string said(const char* key, const Json& value, const char* base = "llama3") {
  const test::TemporaryDirectory directory;
  Json document = read_json(text_fixture(base) / "tokenizer.json");
  document[key] = value;
  put(directory, "tokenizer.json", document.dump());
  const auto done = test::bounded(32 << 20, [&]() -> Status {
    SALIENT_ASSIGN(const auto tokenizer, Tokenizer::load(directory.path()));
    SALIENT_ASSIGN(const auto ids, tokenizer->encode(kText, true));
    SALIENT_CHECK(tokenizer->decode(ids, false));
    return {};
  });
  return done ? "accepted" : done.error().to_string();
}

auto refused() {
  return AllOf(HasSubstr("tokenizer.json"), HasSubstr("multiply"));
}

TEST(Growth, NormalizersThatMultiply) {
  const std::string megabyte(1 << 20, 'b');
  EXPECT_THAT(said("normalizer", replace("a", megabyte)), refused());
  EXPECT_THAT(said("normalizer", {{"type", "Prepend"}, {"prepend", megabyte}}), refused());
  EXPECT_THAT(said("normalizer", {{"type", "Replace"}, {"pattern", {{"Regex", ""}}}, {"content", megabyte}}),
              refused());
  // Each doubles the text: 2^40 times.
  EXPECT_THAT(said("normalizer", sequence("normalizers", replace("a", "aa"), 40)), refused());
  EXPECT_THAT(said("normalizer", sequence("normalizers", {{"type", "ByteLevel"}}, 60)), refused());
  EXPECT_EQ(said("normalizer", sequence("normalizers", replace("a", "aa"), 3)), "accepted");
}

TEST(Growth, PreTokenizersThatMultiply) {
  const Json spell{{"type", "ByteLevel"}, {"add_prefix_space", true}, {"use_regex", false}};
  EXPECT_THAT(said("pre_tokenizer", sequence("pretokenizers", spell, 30)), refused());
  EXPECT_EQ(said("pre_tokenizer", sequence("pretokenizers", spell, 2)), "accepted");
}

TEST(Growth, TemplatesThatMultiply) {
  const Json text{{"Sequence", {{"id", "A"}, {"type_id", 0}}}};
  const Json twice{{"type", "TemplateProcessing"}, {"single", {text, text}}, {"special_tokens", Json::object()}};
  EXPECT_THAT(said("post_processor", sequence("processors", twice, 40)), refused());
  EXPECT_EQ(said("post_processor", sequence("processors", twice, 3)), "accepted");
  Json many{{"type", "TemplateProcessing"}, {"single", Json::array()}, {"special_tokens", Json::object()}};
  for (int i = 0; i < 1000; ++i) {
    many["single"].push_back({{"SpecialToken", {{"id", "x"}}}});
    many["special_tokens"]["x"]["ids"].push_back(1);
  }
  EXPECT_THAT(said("post_processor", many), HasSubstr("1024 tokens around a text"));
}

TEST(Growth, DecodersThatMultiply) {
  EXPECT_THAT(said("decoder", sequence("decoders", replace("e", "ee"), 40)), refused());
  EXPECT_THAT(said("decoder", replace("e", std::string(2 << 20, 'f'))), refused());
  EXPECT_EQ(said("decoder", sequence("decoders", replace("e", "ee"), 3)), "accepted");
}

TEST(Growth, NoMoreStepsThanAFileNeeds) {
  const Json lower{{"type", "Lowercase"}};
  EXPECT_THAT(said("normalizer", sequence("normalizers", lower, 65)), HasSubstr("at most 64 steps"));
  EXPECT_THAT(said("pre_tokenizer", sequence("pretokenizers", {{"type", "WhitespaceSplit"}}, 65)),
              HasSubstr("at most 64 steps"));
  EXPECT_THAT(said("decoder", sequence("decoders", {{"type", "Fuse"}}, 65)), HasSubstr("at most 64 steps"));
}

TEST(Growth, TheRoomIsThatOfTheWholeText) {
  // Between each two added tokens a section of its own, which a small text's room would be given to.
  const test::TemporaryDirectory directory;
  Json document = read_json(text_fixture("llama3") / "tokenizer.json");
  const std::string token = document["added_tokens"][0]["content"];
  document["added_tokens"][0]["normalized"] = false;
  document["normalizer"] = replace("a", std::string(60 << 10, 'b'));
  put(directory, "tokenizer.json", document.dump());
  const auto tokenizer = load_or_fail(directory.path());
  ASSERT_NE(tokenizer, nullptr);
  std::string text;
  for (int i = 0; i < 2000; ++i)
    text += "a" + token;
  const auto ids = test::bounded(0, [&] { return tokenizer->encode(text, false); });
  ASSERT_FALSE(ids);
  EXPECT_THAT(ids.error().to_string(), refused());
}

TEST(Growth, TokensAreNoLongerThanTokens) {
  Json model = read_json(text_fixture("llama3") / "tokenizer.json")["model"];
  model["vocab"][std::string(5000, 'a')] = 10000;
  EXPECT_THAT(said("model", model), AllOf(HasSubstr("at most 4096 bytes"), HasSubstr("5000")));
}

TEST(Growth, AddedTokensAreBoundedTogether) {
  Json added = Json::array();
  for (int i = 0; i < 5000; ++i)
    added.push_back({{"id", 10000 + i}, {"content", std::to_string(i) + std::string(1000, 'a')}, {"special", true}});
  const test::TemporaryDirectory directory;
  Json document = read_json(text_fixture("llama3") / "tokenizer.json");
  document["added_tokens"] = added;
  put(directory, "tokenizer.json", document.dump());
  const auto tokenizer = Tokenizer::load(directory.path());
  ASSERT_FALSE(tokenizer);
  EXPECT_THAT(tokenizer.error().to_string(), AllOf(HasSubstr("tokenizer.json"), HasSubstr("added tokens")));
}

TEST(Growth, ASentencePieceModelThatMultiplies) {
  // normalizer_spec.precompiled_charsmap: an empty trie and one replacement of 3000 bytes.
  const std::string map = std::string(4, '\0') + std::string(3000, 'b') + std::string(1, '\0');
  const auto field = [](char tag, const std::string& bytes) {
    return std::string{tag, static_cast<char>((bytes.size() & 0x7F) | 0x80), static_cast<char>(bytes.size() >> 7)} +
           bytes;
  };
  const test::TemporaryDirectory directory;
  const std::string model = test::read_file(text_fixture("llama2-model") / "tokenizer.model");
  put(directory, "tokenizer.model", model + field('\x1A', field('\x12', map)));
  const auto tokenizer = Tokenizer::load(directory.path());
  ASSERT_FALSE(tokenizer);
  EXPECT_THAT(tokenizer.error().to_string(),
              AllOf(HasSubstr("tokenizer.model"), HasSubstr("in place of a character"), HasSubstr("3000")));
}

}  // namespace
}  // namespace salient
