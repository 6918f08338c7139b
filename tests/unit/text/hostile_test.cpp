// SPDX-License-Identifier: Apache-2.0
// Tokenizer files from strangers: HOSTILE-INPUTS rows 50 to 57.
#include <gmock/gmock.h>
#include <functional>

#include "core/text/regex.h"
#include "tests/unit/support/bounded.h"
#include "tests/unit/support/damaged.h"
#include "tests/unit/support/error_like.h"
#include "text_test.h"

namespace salient {
namespace {

using test::error_like;
using testing::EndsWith;
using testing::HasSubstr;

/// What loading gives after `change` was made to the small Llama 3 tokenizer.
Result<std::shared_ptr<const Tokenizer>> loaded(const std::function<void(Json&)>& change,
                                                std::optional<std::int64_t> rows = {}, const char* base = "llama3") {
  const test::TemporaryDirectory directory;
  Json document = read_json(text_fixture(base) / "tokenizer.json");
  change(document);
  put(directory, "tokenizer.json", document.dump());
  return test::bounded(0, [&] { return Tokenizer::load(directory.path(), rows); });
}

bool accepted(const std::function<void(Json&)>& change, std::optional<std::int64_t> rows = {}) {
  return loaded(change, rows).ok();
}

Error refusal(const std::function<void(Json&)>& change, std::optional<std::int64_t> rows = {},
              const char* base = "llama3") {
  const auto tokenizer = loaded(change, rows, base);
  EXPECT_FALSE(tokenizer) << "accepted";
  if (tokenizer) return {};
  EXPECT_THAT(tokenizer.error().file, EndsWith("/tokenizer.json"));
  EXPECT_FALSE(tokenizer.error().advice.empty());
  return tokenizer.error();
}

TEST(HostileTokenizer, AcceptsTheUnchangedFile) {
  EXPECT_TRUE(accepted([](Json&) {}));
}

TEST(HostileTokenizer, Row50MergeNamesAMissingToken) {
  const auto with = [](std::size_t place, const Json& merge) {
    return refusal([&](Json& json) { json["model"]["merges"][place] = merge; });
  };
  EXPECT_THAT(with(3, {"nowhere", "a"}), error_like(ErrorCode::format, "merge 3", "a merge of two tokens",
                                                    "\"nowhere\", which the vocabulary lacks"));
  EXPECT_THAT(with(4, {"a", "nowhere"}), error_like(ErrorCode::format, "merge 4", "a merge of two tokens",
                                                    "\"nowhere\", which the vocabulary lacks"));
  EXPECT_THAT(with(5, "a"), error_like(ErrorCode::format, "merge 5", "two tokens", "the string \"a\""));
  EXPECT_THAT(with(5, "a b c"), error_like(ErrorCode::format, "merge 5", "two tokens", "the string \"a b c\""));
  EXPECT_THAT(with(5, {"a", "b", "c"}), error_like(ErrorCode::format, "merge 5", "two tokens", "an array"));
  EXPECT_THAT(with(5, 7), error_like(ErrorCode::format, "merge 5", "two tokens", "7"));
}

TEST(HostileTokenizer, Row51MergeResultIsMissing) {
  EXPECT_THAT(refusal([](Json& json) {
                json["model"]["merges"][2] = {"!", "#"};
              }),
              error_like(ErrorCode::format, "merge 2", "a merge into a token", "\"!#\", which the vocabulary lacks"));
}

// Whatever it is, one longer than a token and one that ends within a character among them.
TEST(HostileTokenizer, Row52SubwordPrefixes) {
  for (const char* key : {"continuing_subword_prefix", "end_of_word_suffix"}) {
    for (const char* affix : {"######", "#", "\u00e9"}) {
      EXPECT_THAT(refusal([&](Json& json) { json["model"][key] = affix; }),
                  error_like(ErrorCode::unsupported, "model." + std::string(key), "null", "\"" + std::string(affix)));
    }
    for (const Json& none : {Json(), Json("")})
      EXPECT_TRUE(accepted([&](Json& json) { json["model"][key] = none; }));
  }
}

TEST(HostileTokenizer, Row53Ids) {
  const auto with = [](const Json& id) { return refusal([&](Json& json) { json["model"]["vocab"]["a"] = id; }); };
  for (const Json& id : {Json(-1), Json(4294967296), Json(1.5), Json("7"), Json()}) {
    EXPECT_THAT(with(id),
                error_like(ErrorCode::format, "vocab \"a\"", "an id from 0 to 2147483646", json_describe(id)));
  }
  const auto of_b = read_json(text_fixture("llama3") / "tokenizer.json")["model"]["vocab"]["b"].get<int>();
  EXPECT_THAT(with(of_b), error_like(ErrorCode::format, "vocab \"b\"", "an id of its own",
                                     "id " + std::to_string(of_b) + ", which is that of \"a\" too"));
  const auto added = [](const Json& id) { return refusal([&](Json& json) { json["added_tokens"][0]["id"] = id; }); };
  EXPECT_THAT(added(-5), error_like(ErrorCode::format, "added_tokens[0].id", "an id from 0 to 2147483646", "-5"));
  EXPECT_THAT(added(Json()), error_like(ErrorCode::format, "added_tokens[0].id", "an id from 0", "null"));
  const Error taken = added(3);
  EXPECT_THAT(taken, error_like(ErrorCode::format, taken.key, "an id of its own", "id 3, which is that of"));
  EXPECT_THAT(taken.key, testing::StartsWith("added token \""));
  EXPECT_THAT(refusal([](Json& json) {
                Json twice = json["added_tokens"][0];
                twice["id"] = 5000;
                json["added_tokens"].push_back(twice);
              }),
              error_like(ErrorCode::format, taken.key, "as elsewhere in the file", "id 5000"));
}

TEST(HostileTokenizer, Row54IdPastTheEmbedding) {
  const Error error = refusal([](Json&) {}, 400);
  EXPECT_THAT(error, error_like(ErrorCode::mismatch, error.key, "an id below the 400 rows", "id 4"));
  EXPECT_THAT(error.key, testing::StartsWith("token \""));
  EXPECT_TRUE(accepted([](Json&) {}, 1000));
  const auto model = test::bounded(0, [] { return Tokenizer::load(text_fixture("llama2-model"), 100); });
  ASSERT_FALSE(model);
  EXPECT_THAT(model.error(), error_like(ErrorCode::mismatch, "tokens", "at most the 100 rows", ""));
  EXPECT_THAT(model.error().file, EndsWith("/tokenizer.model"));
}

TEST(HostileTokenizer, Row55RegexBlowUpIsAnError) {
  const test::TemporaryDirectory directory;
  Json document = read_json(text_fixture("llama3") / "tokenizer.json");
  const std::string expression = "(a+)+$|(a|aa)+[!?]";
  document["pre_tokenizer"]["pretokenizers"][0]["pattern"]["Regex"] = expression;
  put(directory, "tokenizer.json", document.dump());
  const auto tokenizer = load_or_fail(directory.path());
  ASSERT_NE(tokenizer, nullptr);
  // The longer one fills the matcher's stack before its patience ends.
  for (const auto& [length, found] : {std::pair(60, "match limit exceeded"), std::pair(50000, "")}) {
    const std::string text = std::string(static_cast<std::size_t>(length), 'a') + "b";
    const auto ids = test::bounded(0, [&] { return tokenizer->encode(text, false); });
    ASSERT_FALSE(ids);
    EXPECT_THAT(ids.error(), error_like(ErrorCode::range, ids.error().key, "matches in reasonable time",
                                        "\"" + expression + "\": " + found));
    EXPECT_THAT(ids.error().file, EndsWith("/tokenizer.json"));
  }
}

TEST(HostileTokenizer, Row55ManyWordsThatAreEachSlow) {
  // Each word is found to be none within the limit of one match; together they would take hours.
  const test::TemporaryDirectory directory;
  Json document = read_json(text_fixture("llama3") / "tokenizer.json");
  Json& steps = document["pre_tokenizer"]["pretokenizers"];
  steps[0] = {{"type", "Split"}, {"pattern", {{"String", " "}}}, {"behavior", "Removed"}};
  steps.insert(steps.begin() + 1,
               Json{{"type", "Split"}, {"pattern", {{"Regex", "(a|aa)+[!?]"}}}, {"behavior", "Isolated"}});
  put(directory, "tokenizer.json", document.dump());
  const auto tokenizer = load_or_fail(directory.path());
  ASSERT_NE(tokenizer, nullptr);
  std::string text;
  for (int i = 0; i < 1000; ++i)
    text += std::string(29, 'a') + " ";
  const auto ids = test::bounded(
      8 << 20, [&] { return tokenizer->encode(text, false); }, 60);
  ASSERT_FALSE(ids);
  EXPECT_THAT(ids.error(),
              error_like(ErrorCode::range, ids.error().key, "matches in reasonable time", "its time was over"));
  EXPECT_THAT(ids.error().file, EndsWith("/tokenizer.json"));
}

TEST(HostileTokenizer, BrokenOrUnknownRegexIsRefused) {
  const auto with = [](const char* expression) {
    return refusal([&](Json& json) { json["pre_tokenizer"]["pretokenizers"][0]["pattern"]["Regex"] = expression; })
        .to_string();
  };
  EXPECT_THAT(with("(a"), HasSubstr("(a"));
  EXPECT_THAT(with("[a[bc]]"), HasSubstr("inside another"));
  EXPECT_THAT(with("[a&&b]"), HasSubstr("intersection"));
  EXPECT_THAT(with("a{1,2}+"), HasSubstr("interval"));
  EXPECT_THAT(with("a\\"), HasSubstr("backslash"));
}

/// What loading says of a directory with this tokenizer.model.
Error model_refusal(std::string_view bytes) {
  const test::TemporaryDirectory directory;
  put(directory, "tokenizer.model", bytes);
  const auto tokenizer = test::bounded(0, [&] { return Tokenizer::load(directory.path()); });
  EXPECT_FALSE(tokenizer) << "accepted";
  if (tokenizer) return {};
  EXPECT_THAT(tokenizer.error().file, EndsWith("/tokenizer.model"));
  EXPECT_FALSE(tokenizer.error().advice.empty());
  return tokenizer.error();
}

TEST(HostileTokenizer, Row56TruncatedModelOrVarintOverflow) {
  const std::string model = test::read_file(text_fixture("llama2-model") / "tokenizer.model");
  ASSERT_TRUE(Tokenizer::load(text_fixture("llama2-model")));
  for (const std::size_t size : {model.size() - 1, model.size() / 2, std::size_t{1}, std::size_t{5}}) {
    const Error error = model_refusal(model.substr(0, size));
    EXPECT_THAT(error, error_like(ErrorCode::format, error.key, "", "")) << size;
    EXPECT_THAT(error.key, testing::MatchesRegex("byte [0-9]+")) << error.to_string();
  }
  EXPECT_THAT(model_refusal(model.substr(0, 1)), error_like(ErrorCode::format, "byte 1", "a whole varint", "the end"));
  EXPECT_THAT(model_refusal(std::string(11, '\xFF')),
              error_like(ErrorCode::format, "byte 0", "a varint of 64 bits", "a longer one"));
  // The tag of a piece, then a length whose tenth byte has more than the 64th bit.
  EXPECT_THAT(
      model_refusal(model + std::string("\x0A\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F", 11)),
      error_like(ErrorCode::format, "byte " + std::to_string(model.size() + 1), "a varint of 64 bits", "a longer one"));
  EXPECT_THAT(model_refusal(model + std::string("\x0A\xFF\xFF\x03", 4)),
              error_like(ErrorCode::format, "byte " + std::to_string(model.size() + 4), "65535 bytes", "0"));
  EXPECT_EQ(model_refusal("").code, ErrorCode::format);
  EXPECT_EQ(model_refusal("<html>not a model</html>").code, ErrorCode::format);
}

TEST(HostileTokenizer, Row57ByteTokenOutOfRange) {
  EXPECT_THAT(refusal(
                  [](Json& json) {
                    Json& vocab = json["model"]["vocab"];
                    vocab["<0x-1>"] = vocab["<0x41>"];
                    vocab.erase("<0x41>");
                  },
                  {}, "llama2"),
              error_like(ErrorCode::format, "vocab \"<0x-1>\"", "a byte from <0x00> to <0xFF>", "\"<0x-1>\""));
  // The same in a SentencePiece model.
  std::string model = test::read_file(text_fixture("llama2-model") / "tokenizer.model");
  const std::size_t at = model.find("<0x41>");
  ASSERT_NE(at, std::string::npos);
  model.replace(at, 6, "<0x-1>");
  EXPECT_THAT(model_refusal(model), error_like(ErrorCode::format, "", "a SentencePiece model", "<0x-1>"));
}

TEST(HostileTokenizer, UnknownPartsAreRefusedByName) {
  const auto with = [](const char* part, const Json& value) {
    return refusal([&](Json& json) { json[part] = value; }).to_string();
  };
  EXPECT_THAT(refusal([](Json& json) { json["model"]["type"] = "Unigram"; }).found, HasSubstr("Unigram"));
  EXPECT_THAT(with("pre_tokenizer", {{"type", "UnicodeScripts"}}), HasSubstr("UnicodeScripts"));
  EXPECT_THAT(with("normalizer", {{"type", "StripAccents"}}), HasSubstr("StripAccents"));
  EXPECT_THAT(with("decoder", {{"type", "CTC"}}), HasSubstr("CTC"));
  EXPECT_THAT(with("post_processor", {{"type", "BertProcessing"}}), HasSubstr("BertProcessing"));
  EXPECT_THAT(refusal([](Json& json) { json["model"]["dropout"] = 0.1; }).key, HasSubstr("dropout"));
}

TEST(HostileTokenizer, EveryWrongTypeIsAnError) {
  // Each value of the file, replaced by each of these: refused or harmless, but never a crash.
  const Json original = read_json(text_fixture("mistral") / "tokenizer.json");
  for (const Json& wrong : {Json(), Json(true), Json(-7), Json("x"), Json::array(), Json::object()}) {
    for (const char* top : {"added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder", "model"}) {
      static_cast<void>(loaded([&](Json& json) { json[top] = wrong; }, {}, "mistral"));
      if (!original[top].is_object()) continue;
      for (const auto& entry : original[top].items()) {
        static_cast<void>(loaded([&](Json& json) { json[top][entry.key()] = wrong; }, {}, "mistral"));
      }
    }
  }
}

TEST(HostileTokenizer, CutsAndFlippedBitsAreAnswered) {
  const test::TemporaryDirectory directory;
  for (const auto& [base, name] : {std::pair("llama2", "tokenizer.json"), std::pair("llama3", "tokenizer.json"),
                                   std::pair("llama2-model", "tokenizer.model")}) {
    const std::string good = test::read_file(text_fixture(base) / name);
    const bool json = std::string_view(name).ends_with(".json");
    std::size_t last = good.size();
    while (json && good[last - 1] == '\n')
      --last;
    const auto refused = test::for_each_damage(good, last, 400, [&](const std::string& bytes, bool cut) {
      put(directory, name, bytes);
      const auto used = test::bounded(0, [&]() -> Status {
        SALIENT_ASSIGN(const auto tokenizer, Tokenizer::load(directory.path()));
        SALIENT_ASSIGN(const auto ids, tokenizer->encode("a light by 12 rivers \u00e9", true));
        SALIENT_CHECK(tokenizer->decode(ids, true));
        return {};
      });
      if (cut && json) {
        EXPECT_FALSE(used) << base << " cut to " << bytes.size();
      }
      if (!used) {
        EXPECT_NE(used.error().file, "") << used.error().to_string();
      }
      return !used;
    });
    EXPECT_GT(refused.flips, 0) << base;
    std::filesystem::remove(directory / name);
  }
}

TEST(HostileTokenizer, MissingAndUndecidedFiles) {
  const test::TemporaryDirectory directory;
  const auto none = Tokenizer::load(directory.path());
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::not_found);
  put(directory, "vocab.json", R"({"a": 0})");
  put(directory, "merges.txt", "#version: 0.2\n");
  const auto undecided = Tokenizer::load(directory.path());
  ASSERT_FALSE(undecided);
  EXPECT_THAT(undecided.error().to_string(), HasSubstr("tokenizer_class"));
  EXPECT_EQ(undecided.error().found, "none");
  put(directory, "config.json", R"({"model_type": "llama"})");
  EXPECT_EQ(Tokenizer::load(directory.path()).error().found, "none, and model_type \"llama\" in config.json");
}

TEST(Encoding, InvalidUtf8NamesTheByte) {
  for (const char* name : {"gpt2", "llama2-model"}) {
    const auto tokenizer = load_or_fail(text_fixture(name));
    ASSERT_NE(tokenizer, nullptr);
    const auto ids = tokenizer->encode("abc\xE4\xBD", true);
    ASSERT_FALSE(ids);
    EXPECT_THAT(ids.error().to_string(), HasSubstr("byte 3"));
  }
}

TEST(Encoding, AMegabyteWithoutSpacesIsNotQuadratic) {
  const auto tokenizer = load_or_fail(text_fixture("llama2"));
  ASSERT_NE(tokenizer, nullptr);
  // n log n takes well under a second here, n² days.
  std::string word;
  for (std::uint32_t i = 0, state = 1; i < 1000000; ++i) {
    state = state * 1664525U + 1013904223U;
    word += static_cast<char>('a' + (state >> 28) % 4);
  }
  const auto ids = tokenizer->encode(word, false);
  ASSERT_TRUE(ids);
  EXPECT_EQ(*tokenizer->decode(*ids, true), word);
}

TEST(Encoding, AMegabyteOfWhiteSpaceIsNotQuadratic) {
  // Each space is a token that takes the white space before or behind it.
  for (const char* side : {"lstrip", "rstrip"}) {
    const test::TemporaryDirectory directory;
    Json document = read_json(text_fixture("llama3") / "tokenizer.json");
    document["added_tokens"] = {{{"id", 10000}, {"content", " "}, {"special", true}, {side, true}}};
    document["post_processor"] = nullptr;
    put(directory, "tokenizer.json", document.dump());
    const auto tokenizer = load_or_fail(directory.path());
    ASSERT_NE(tokenizer, nullptr);
    const std::string text = "a" + std::string(1000000, ' ') + "b";
    const auto ids = test::bounded(64 << 20, [&] { return tokenizer->encode(text, false); });
    ASSERT_TRUE(ids);
    EXPECT_EQ(std::count(ids->begin(), ids->end(), 10000), 1000000) << side;
  }
}

TEST(Regex, ClassesAreThoseOfOniguruma) {
  const auto matches = [](const char* pattern, const std::string& text) {
    const auto regex = Regex::compile(pattern, "file", "key");
    EXPECT_TRUE(regex) << pattern;
    std::vector<Span> spans;
    EXPECT_TRUE(regex->find_all(text, spans));
    std::string found;
    for (const Span& span : spans)
      found += "[" + text.substr(span.begin, span.end - span.begin) + "]";
    return found;
  };
  EXPECT_EQ(matches("\\s", "a\u180eb\u200bc\u0085d\u1680e"), "[\u0085][\u1680]");
  EXPECT_EQ(matches("[^\\s]+", "a\u180eb\u0085c"), "[a\u180eb][c]");
  EXPECT_EQ(matches("[\\S]+", "a\u180eb\u0085c\u3000"), "[a\u180eb][c]");
  EXPECT_EQ(matches("\\p{L}+", "\U00031350x \U0001E4D0"), "[\U00031350x][\U0001E4D0]");  // Unicode 15 and later
  EXPECT_EQ(matches("\\p{N}", "\U00011F50"), "[\U00011F50]");
  EXPECT_EQ(matches("\\d", "1\U00011F50\u00b2"), "[1][\U00011F50]");
  EXPECT_EQ(matches("\\w+", "a_1\u0301 \u00b2 \u2460-\U0001E08F"), "[a_1\u0301][\u00b2][\U0001E08F]");
  EXPECT_EQ(matches("\\h+", "xAf9g \t"), "[Af9]");
  EXPECT_EQ(matches("(?i:'s)", "'s'S'\u017f"), "['s]['S]['\u017f]");
  EXPECT_EQ(matches("(?m:a.b)", "a\nb"), "[a\nb]");
  EXPECT_EQ(matches("a.b", "a\nb"), "");
  EXPECT_EQ(matches("x*", "axxb"), "[][xx][]");
}

}  // namespace
}  // namespace salient
