// SPDX-License-Identifier: Apache-2.0
// special_tokens_map.json, added_tokens.json and tokenizer_config.json beside vocab.json or tokenizer.model: what
// transformers' tokenizers in Python make of them (make_tokenizer_fixtures.py), and hostile ones (rows 48, 53, 54).
#include <gmock/gmock.h>

#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "tests/unit/support/bounded.h"
#include "tests/unit/support/error_like.h"
#include "text_test.h"

namespace salient {
namespace {

using test::error_like;
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
using Files = std::vector<std::pair<const char*, std::string>>;
Result<std::shared_ptr<const Tokenizer>> loaded(const std::string& base, const Files& files,
                                                std::optional<std::int64_t> rows = {}, double limit = 1) {
  const test::TemporaryDirectory directory;
  copy_base(directory, base == "model" ? "llama2-model" : "qwen2-files");
  put(directory, "tokenizer_config.json", R"({"tokenizer_class": "Qwen2Tokenizer"})");
  std::uint64_t bytes = 0;
  for (const auto& [name, content] : files) {
    put(directory, name, content);
    bytes += content.size();
  }
  return test::bounded(
      bytes, [&] { return Tokenizer::load(directory.path(), rows); }, limit);
}
std::string said(const std::string& base, const Files& files, std::optional<std::int64_t> rows = {}, double limit = 1) {
  const auto tokenizer = loaded(base, files, rows, limit);
  return tokenizer ? "accepted" : tokenizer.error().to_string();
}
/// The error, which is about the file named `about`.
Error refusal(const std::string& base, const Files& files, const std::string& about,
              std::optional<std::int64_t> rows = {}) {
  const auto tokenizer = loaded(base, files, rows);
  EXPECT_FALSE(tokenizer) << "accepted";
  if (tokenizer) return {};
  EXPECT_THAT(tokenizer.error().file, testing::EndsWith("/" + about));
  EXPECT_FALSE(tokenizer.error().advice.empty());
  return tokenizer.error();
}

constexpr std::array bases{"vocabulary", "model"};

TEST(HostileSideFiles, Row48WrongTypesAreRefusedByKey) {
  const std::string map = "special_tokens_map.json";
  const std::string config = "tokenizer_config.json";
  const auto list = [&](const char* base, const std::string& value) {
    return refusal(base, {{"special_tokens_map.json", "{\"additional_special_tokens\": " + value + "}"}}, map);
  };
  const auto decoder = [&](const char* base, const std::string& value) {
    return refusal(
        base,
        {{"tokenizer_config.json", R"({"tokenizer_class": "GPT2Tokenizer", "added_tokens_decoder": )" + value + "}"}},
        config);
  };
  for (const char* base : bases) {
    SCOPED_TRACE(base);
    EXPECT_EQ(said(base, {{"special_tokens_map.json", "{}"}, {"added_tokens.json", "{}"}}), "accepted");
    for (const char* key : {"bos_token", "eos_token", "unk_token", "pad_token", "mask_token"}) {
      for (const char* file : {"special_tokens_map.json", "tokenizer_config.json"}) {
        SCOPED_TRACE(testing::Message() << key << " in " << file);
        const auto with = [&](const std::string& value) {
          return refusal(base, {{file, "{\"" + std::string(key) + "\": " + value + "}"}}, file);
        };
        EXPECT_THAT(with("7"), error_like(ErrorCode::format, key, "a token: a string", "7"));
        EXPECT_THAT(with("true"), error_like(ErrorCode::format, key, "a token: a string", "true"));
        EXPECT_THAT(with("[]"), error_like(ErrorCode::format, key, "a token: a string", "an array"));
        EXPECT_THAT(with("{\"content\": 5}"), error_like(ErrorCode::format, "content", "a string", "5"));
        EXPECT_THAT(with("{}"), error_like(ErrorCode::format, "content", "a string", "no such key"));
      }
    }
    EXPECT_THAT(list(base, R"({"a": 1})"),
                error_like(ErrorCode::format, "additional_special_tokens", "an array", "an object"));
    EXPECT_THAT(list(base, "[null]"), error_like(ErrorCode::format, "additional_special_tokens", "a token", "null"));
    EXPECT_THAT(refusal(base, {{"special_tokens_map.json", "[]"}}, map),
                error_like(ErrorCode::format, "", "an object", "an array"));
    EXPECT_THAT(refusal(base, {{"special_tokens_map.json", "{"}}, map),
                error_like(ErrorCode::format, "line 1, column 2", "JSON", ""));
    EXPECT_THAT(refusal(base, {{"added_tokens.json", "[]"}}, "added_tokens.json"),
                error_like(ErrorCode::format, "", "an object", "an array"));
    EXPECT_THAT(refusal(base, {{"added_tokens.json", R"({"<x>": "560"})"}}, "added_tokens.json"),
                error_like(ErrorCode::format, "\"<x>\"", "an id from 0", "the string \"560\""));
    EXPECT_THAT(refusal(base, {{"tokenizer_config.json", "[]"}}, config),
                error_like(ErrorCode::format, "", "an object", "an array"));
    EXPECT_THAT(decoder(base, "[]"), error_like(ErrorCode::format, "added_tokens_decoder", "an object", "an array"));
    EXPECT_THAT(decoder(base, R"({"560": "<x>"})"),
                error_like(ErrorCode::format, "added_tokens_decoder", "a token under each id", "560"));
    EXPECT_THAT(decoder(base, R"({"560": {"special": true}})"),
                error_like(ErrorCode::format, "content", "a string", "no such key"));
    EXPECT_THAT(refusal(base, {{"special_tokens_map.json", std::string((16U << 20) + 1, ' ')}}, map),
                error_like(ErrorCode::range, "size", "16777216", "16777217"));
  }
  for (const char* key : {"legacy", "add_bos_token", "add_eos_token", "add_prefix_space"}) {
    EXPECT_THAT(refusal("model", {{"tokenizer_config.json", "{\"" + std::string(key) + "\": \"yes\"}"}}, config),
                error_like(ErrorCode::format, key, "true or false", "the string \"yes\""));
  }
}

TEST(HostileSideFiles, Row53IdsThatAreNoneOrTakenAreRefused) {
  for (const char* base : bases) {
    SCOPED_TRACE(base);
    const auto added = [&](const std::string& entries) {
      return refusal(base, {{"added_tokens.json", "{" + entries + "}"}}, "added_tokens.json");
    };
    for (const auto& [id, shown] : {std::pair("-1", "-1"), std::pair("4294967296", "4294967296"),
                                    std::pair("1.5", "1.5"), std::pair("1e99", "1e+99")}) {
      EXPECT_THAT(added("\"<x>\": " + std::string(id)),
                  error_like(ErrorCode::format, "\"<x>\"", "an id from 0 to 2147483646", shown));
    }
    EXPECT_THAT(added(R"("<x>": 600, "<y>": 600)"),
                error_like(ErrorCode::mismatch, "\"<y>\"", "an id of its own", "id 600, which is that of \"<x>\""));
    EXPECT_THAT(added(R"("<x>": 600, "<x>": 601)"), error_like(ErrorCode::format, "<x>", "each key once", "twice"));
    const bool model = base == std::string_view("model");
    const std::string config = model ? "tokenizer_config.json" : "vocab.json";
    EXPECT_THAT(refusal(base, {{"added_tokens.json", R"({"<x>": 300})"}}, config),
                AllOf(testing::Field("key", &Error::key, "added token \"<x>\""),
                      testing::Field("expected", &Error::expected, "an id of its own"),
                      testing::Field("found", &Error::found, HasSubstr("id 300, which is that of"))));
    const auto decoder = [&](const std::string& entries, const std::string& about) {
      return refusal(base,
                     {{"tokenizer_config.json",
                       R"({"tokenizer_class": "Qwen2Tokenizer", "added_tokens_decoder": {)" + entries + "}}"}},
                     about);
    };
    EXPECT_EQ(
        said(base, {{"tokenizer_config.json",
                     R"({"tokenizer_class": "Qwen2Tokenizer", "added_tokens_decoder": {"600": {"content": "<x>"}}})"}}),
        "accepted");
    for (const char* id : {"-1", "4294967296", "6e2", "600 "}) {
      EXPECT_THAT(decoder("\"" + std::string(id) + R"(": {"content": "<x>"})", "tokenizer_config.json"),
                  error_like(ErrorCode::format, "added_tokens_decoder", "a token under each id", id));
    }
    EXPECT_THAT(decoder(R"("2147483648": {"content": "<x>"})", config).found, "2147483648");
    EXPECT_THAT(decoder(R"("600": {"content": "<x>"}, "0600": {"content": "<y>"})", config),
                AllOf(testing::Field("key", &Error::key, "added token \"<y>\""),
                      testing::Field("expected", &Error::expected, "an id of its own"),
                      testing::Field("found", &Error::found, "id 600, which is that of \"<x>\"")));
    EXPECT_THAT(decoder(R"("600": {"content": "<x>"}, "601": {"content": "<x>"})", config),
                AllOf(testing::Field("key", &Error::key, "added token \"<x>\""),
                      testing::Field("expected", &Error::expected, "id 600, as elsewhere in the file"),
                      testing::Field("found", &Error::found, "id 601")));
  }
}

TEST(HostileSideFiles, Row54IdsPastTheEmbeddingAreRefused) {
  EXPECT_EQ(said("model", {{"added_tokens.json", R"({"<x>": 560})"}}, 561), "accepted");
  EXPECT_THAT(refusal("model", {{"added_tokens.json", R"({"<x>": 560})"}}, "tokenizer.model", 560),
              error_like(ErrorCode::mismatch, "tokens", "at most the 560 rows", "561"));
  EXPECT_EQ(said("vocabulary", {{"added_tokens.json", R"({"<|endoftext|>": 440})"}}, 441), "accepted");
  EXPECT_THAT(refusal("vocabulary", {{"added_tokens.json", R"({"<|endoftext|>": 440})"}}, "vocab.json", 440),
              error_like(ErrorCode::mismatch, "token \"<|endoftext|>\"", "an id below the 440 rows", "id 440"));
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
    EXPECT_EQ(said(base, {{"added_tokens.json", tokens + "}"}, {"special_tokens_map.json", map}}, {}, 10), "accepted");
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
