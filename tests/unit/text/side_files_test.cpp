// SPDX-License-Identifier: Apache-2.0
// special_tokens_map.json, added_tokens.json and tokenizer_config.json beside vocab.json or tokenizer.model: what
// transformers' tokenizers in Python make of them (make_tokenizer_fixtures.py), and hostile ones (rows 48, 53, 54).
#include <gmock/gmock.h>

#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "text_test.h"

namespace salient {
namespace {

using testing::AllOf;
using testing::HasSubstr;

void copy_base(const test::TemporaryDirectory& directory, const std::string& base) {
  for (const char* name : {"vocab.json", "merges.txt", "tokenizer.model"}) {
    if (const auto path = text_fixture(base) / name; std::filesystem::exists(path)) {
      std::filesystem::copy_file(path, directory / name);
    }
  }
}

TEST(SideFiles, IdsAreThoseOfTheReference) {
  const Json cases = read_json(text_fixture("side-files/cases.json"));
  ASSERT_GT(cases.size(), 15U);
  for (const Json& made : cases) {
    SCOPED_TRACE(made["name"].get<std::string>());
    const test::TemporaryDirectory directory;
    copy_base(directory, made["base"].get<std::string>());
    for (const auto& file : made["files"].items())
      put(directory, file.key(), file.value().dump());
    const auto tokenizer = load_or_fail(directory.path());
    ASSERT_NE(tokenizer, nullptr);
    for (const Json& id : made["special"])
      EXPECT_TRUE(tokenizer->is_special(id.get<TokenId>())) << id;
    ASSERT_GT(made["rows"].size(), 30U);
    for (const Json& row : made["rows"]) {
      const auto text = row[0].get<std::string>();
      const auto special = tokenizer->encode(text, true);
      const auto plain = tokenizer->encode(text, false);
      ASSERT_TRUE(special && plain) << row[0];
      EXPECT_EQ(*special, row[1].get<std::vector<TokenId>>()) << row[0];
      EXPECT_EQ(*plain, row[2].get<std::vector<TokenId>>()) << row[0];
    }
  }
}

/// What loading says with these files beside a small vocabulary ("vocabulary") or SentencePiece model ("model").
std::string said(const std::string& base, const std::vector<std::pair<const char*, std::string>>& files,
                 std::optional<std::int64_t> rows = {}) {
  const test::TemporaryDirectory directory;
  copy_base(directory, base == "model" ? "llama2-model" : "qwen2-files");
  put(directory, "tokenizer_config.json", R"({"tokenizer_class": "Qwen2Tokenizer"})");
  for (const auto& [name, content] : files)
    put(directory, name, content);
  const auto tokenizer = Tokenizer::load(directory.path(), rows);
  return tokenizer ? "accepted" : tokenizer.error().to_string();
}

constexpr std::array bases{"vocabulary", "model"};

TEST(HostileSideFiles, Row48WrongTypesAreRefusedByKey) {
  for (const char* base : bases) {
    SCOPED_TRACE(base);
    EXPECT_EQ(said(base, {{"special_tokens_map.json", "{}"}, {"added_tokens.json", "{}"}}), "accepted");
    for (const char* wrong : {"7", "true", "[]", "{\"content\": 5}", "{}"}) {
      for (const char* key : {"bos_token", "eos_token", "unk_token", "pad_token", "mask_token"}) {
        const std::string text = "{\"" + std::string(key) + "\": " + wrong + "}";
        EXPECT_THAT(said(base, {{"special_tokens_map.json", text}}),
                    AllOf(HasSubstr("format"), HasSubstr("special_tokens_map.json")))
            << text;
        EXPECT_THAT(said(base, {{"tokenizer_config.json", text}}),
                    AllOf(HasSubstr("format"), HasSubstr("tokenizer_config.json")))
            << text;
      }
    }
    EXPECT_THAT(said(base, {{"special_tokens_map.json", R"({"additional_special_tokens": {"a": 1}})"}}),
                HasSubstr("additional_special_tokens"));
    EXPECT_THAT(said(base, {{"special_tokens_map.json", R"({"additional_special_tokens": [null]})"}}),
                HasSubstr("additional_special_tokens"));
    EXPECT_THAT(said(base, {{"special_tokens_map.json", "[]"}}), HasSubstr("an object"));
    EXPECT_THAT(said(base, {{"special_tokens_map.json", "{"}}), HasSubstr("line 1"));
    EXPECT_THAT(said(base, {{"added_tokens.json", "[]"}}), HasSubstr("added_tokens.json"));
    EXPECT_THAT(said(base, {{"added_tokens.json", R"({"<x>": "560"})"}}), HasSubstr("<x>"));
    EXPECT_THAT(said(base, {{"tokenizer_config.json", "[]"}}), HasSubstr("an object"));
    EXPECT_THAT(
        said(base, {{"tokenizer_config.json", R"({"tokenizer_class": "GPT2Tokenizer", "added_tokens_decoder": []})"}}),
        HasSubstr("added_tokens_decoder"));
    EXPECT_THAT(said(base, {{"tokenizer_config.json",
                             R"({"tokenizer_class": "GPT2Tokenizer", "added_tokens_decoder": {"560": "<x>"}})"}}),
                HasSubstr("added_tokens_decoder"));
    EXPECT_THAT(
        said(base, {{"tokenizer_config.json",
                     R"({"tokenizer_class": "GPT2Tokenizer", "added_tokens_decoder": {"560": {"special": true}}})"}}),
        HasSubstr("content"));
    EXPECT_THAT(said(base, {{"special_tokens_map.json", std::string((16U << 20) + 1, ' ')}}),
                HasSubstr("special_tokens_map.json"));
  }
  for (const char* key : {"legacy", "add_bos_token", "add_eos_token", "add_prefix_space"}) {
    EXPECT_THAT(said("model", {{"tokenizer_config.json", "{\"" + std::string(key) + "\": \"yes\"}"}}), HasSubstr(key));
  }
}

TEST(HostileSideFiles, Row53IdsThatAreNoneOrTakenAreRefused) {
  for (const char* base : bases) {
    SCOPED_TRACE(base);
    for (const char* id : {"-1", "4294967296", "1.5", "1e99"}) {
      EXPECT_THAT(said(base, {{"added_tokens.json", "{\"<x>\": " + std::string(id) + "}"}}),
                  AllOf(HasSubstr("added_tokens.json"), HasSubstr("<x>")))
          << id;
    }
    EXPECT_THAT(said(base, {{"added_tokens.json", R"({"<x>": 600, "<y>": 600})"}}), HasSubstr("an id of its own"));
    EXPECT_THAT(said(base, {{"added_tokens.json", R"({"<x>": 600, "<x>": 601})"}}), HasSubstr("<x>"));
    EXPECT_THAT(said(base, {{"added_tokens.json", R"({"<x>": 300})"}}), HasSubstr("an id of its own"));
    const auto decoder = [&](const char* entries) {
      return said(
          base, {{"tokenizer_config.json",
                  R"({"tokenizer_class": "Qwen2Tokenizer", "added_tokens_decoder": {)" + std::string(entries) + "}}"}});
    };
    EXPECT_EQ(decoder(R"("600": {"content": "<x>"})"), "accepted");
    EXPECT_THAT(decoder(R"("-1": {"content": "<x>"})"), HasSubstr("-1"));
    EXPECT_THAT(decoder(R"("4294967296": {"content": "<x>"})"), HasSubstr("4294967296"));
    EXPECT_THAT(decoder(R"("2147483648": {"content": "<x>"})"), HasSubstr("2147483648"));
    EXPECT_THAT(decoder(R"("600": {"content": "<x>"}, "0600": {"content": "<y>"})"), HasSubstr("an id of its own"));
    EXPECT_THAT(decoder(R"("600": {"content": "<x>"}, "601": {"content": "<x>"})"), HasSubstr("as elsewhere"));
  }
}

TEST(HostileSideFiles, Row54IdsPastTheEmbeddingAreRefused) {
  EXPECT_EQ(said("model", {{"added_tokens.json", R"({"<x>": 560})"}}, 561), "accepted");
  EXPECT_THAT(said("model", {{"added_tokens.json", R"({"<x>": 560})"}}, 560), HasSubstr("560"));
  EXPECT_EQ(said("vocabulary", {{"added_tokens.json", R"({"<|endoftext|>": 440})"}}, 441), "accepted");
  EXPECT_THAT(said("vocabulary", {{"added_tokens.json", R"({"<|endoftext|>": 440})"}}, 440), HasSubstr("440"));
  // The class's own <|endoftext|>, which no file names, is left out where the model has no row for it.
  EXPECT_EQ(said("vocabulary", {}, 440), "accepted");
}

TEST(HostileSideFiles, ALongListIsNotQuadratic) {
  for (const char* base : bases) {
    const int first = base == std::string_view("model") ? 560 : 440;
    std::string tokens = "{";
    std::string names = "[";
    for (int i = 0; i < 30000; ++i) {
      tokens += (i == 0 ? "\"<" : ", \"<") + std::to_string(i) + ">\": " + std::to_string(first + i);
      names += (i == 0 ? "\"<" : ", \"<") + std::to_string(i) + ">\"";
    }
    const std::string map = "{\"additional_special_tokens\": " + names + "]}";
    // Under a second; a look-up in a list for each would take minutes.
    EXPECT_EQ(said(base, {{"added_tokens.json", tokens + "}"}, {"special_tokens_map.json", map}}), "accepted");
  }
}

TEST(SideFiles, CountOnlyWhereThereIsNoAddedTokensDecoder) {
  const test::TemporaryDirectory directory;
  copy_base(directory, "llama2-model");
  put(directory, "tokenizer_config.json", R"({"added_tokens_decoder": {"560": {"content": "<x>"}}})");
  put(directory, "added_tokens.json", R"({"<y>": 561})");
  const auto tokenizer = load_or_fail(directory.path());
  ASSERT_NE(tokenizer, nullptr);
  EXPECT_EQ(tokenizer->token_text(560), "<x>");
  EXPECT_EQ(tokenizer->vocab_size(), 561);
}

}  // namespace
}  // namespace salient
