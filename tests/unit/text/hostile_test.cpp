// SPDX-License-Identifier: Apache-2.0
// Tokenizer files from strangers: HOSTILE-INPUTS rows 50 to 57.
#include <gmock/gmock.h>
#include <functional>

#include "core/text/regex.h"
#include "tests/unit/support/bounded.h"
#include "tests/unit/support/damaged.h"
#include "text_test.h"

namespace salient {
namespace {

using testing::AllOf;
using testing::HasSubstr;

/// What loading says after `change` was made to the small Llama 3 tokenizer.
std::string refusal(const std::function<void(Json&)>& change, std::optional<std::int64_t> rows = {},
                    const char* base = "llama3") {
  const test::TemporaryDirectory directory;
  Json document = read_json(text_fixture(base) / "tokenizer.json");
  change(document);
  put(directory, "tokenizer.json", document.dump());
  const auto tokenizer = test::bounded(0, [&] { return Tokenizer::load(directory.path(), rows); });
  return tokenizer ? "accepted" : tokenizer.error().to_string();
}

TEST(HostileTokenizer, AcceptsTheUnchangedFile) {
  EXPECT_EQ(refusal([](Json&) {}), "accepted");
}

TEST(HostileTokenizer, Row50MergeNamesAMissingToken) {
  EXPECT_THAT(refusal([](Json& json) {
                json["model"]["merges"][3] = {"nowhere", "a"};
              }),
              AllOf(HasSubstr("tokenizer.json"), HasSubstr("merge 3"), HasSubstr("nowhere")));
  EXPECT_THAT(refusal([](Json& json) { json["model"]["merges"][5] = "a"; }), HasSubstr("merge 5"));
  EXPECT_THAT(refusal([](Json& json) { json["model"]["merges"][5] = "a b c"; }), HasSubstr("merge 5"));
}

TEST(HostileTokenizer, Row51MergeResultIsMissing) {
  EXPECT_THAT(refusal([](Json& json) {
                json["model"]["merges"][2] = {"!", "\""};
              }),
              AllOf(HasSubstr("merge 2"), HasSubstr("vocabulary lacks")));
}

TEST(HostileTokenizer, Row52SubwordPrefixes) {
  EXPECT_THAT(refusal([](Json& json) { json["model"]["continuing_subword_prefix"] = "######"; }),
              HasSubstr("continuing_subword_prefix"));
  EXPECT_THAT(refusal([](Json& json) { json["model"]["end_of_word_suffix"] = "\u00e9"; }),
              HasSubstr("end_of_word_suffix"));
}

TEST(HostileTokenizer, Row53Ids) {
  EXPECT_THAT(refusal([](Json& json) { json["model"]["vocab"]["a"] = -1; }), HasSubstr("-1"));
  EXPECT_THAT(refusal([](Json& json) { json["model"]["vocab"]["a"] = 4294967296; }), HasSubstr("4294967296"));
  EXPECT_THAT(refusal([](Json& json) { json["model"]["vocab"]["a"] = 1.5; }), HasSubstr("1.5"));
  EXPECT_THAT(refusal([](Json& json) { json["model"]["vocab"]["a"] = json["model"]["vocab"]["b"]; }),
              HasSubstr("an id of its own"));
  EXPECT_THAT(refusal([](Json& json) { json["added_tokens"][0]["id"] = -5; }), HasSubstr("added_tokens[0].id"));
  EXPECT_THAT(refusal([](Json& json) { json["added_tokens"][0]["id"] = 3; }), HasSubstr("an id of its own"));
}

TEST(HostileTokenizer, Row54IdPastTheEmbedding) {
  EXPECT_THAT(refusal([](Json&) {}, 400), AllOf(HasSubstr("mismatch"), HasSubstr("400")));
  EXPECT_EQ(refusal([](Json&) {}, 1000), "accepted");
  const auto model = Tokenizer::load(text_fixture("llama2-model"), 100);
  ASSERT_FALSE(model);
  EXPECT_THAT(model.error().to_string(), HasSubstr("100"));
}

TEST(HostileTokenizer, Row55RegexBlowUpIsAnError) {
  const test::TemporaryDirectory directory;
  Json document = read_json(text_fixture("llama3") / "tokenizer.json");
  document["pre_tokenizer"]["pretokenizers"][0]["pattern"]["Regex"] = "(a+)+$|(a|aa)+!";
  put(directory, "tokenizer.json", document.dump());
  const auto tokenizer = load_or_fail(directory.path());
  ASSERT_NE(tokenizer, nullptr);
  const auto ids = tokenizer->encode(std::string(5000, 'a') + "b", false);
  ASSERT_FALSE(ids);
  EXPECT_EQ(ids.error().code, ErrorCode::range);
  EXPECT_THAT(ids.error().to_string(), AllOf(HasSubstr("tokenizer.json"), HasSubstr("reasonable time")));
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
  EXPECT_THAT(ids.error().to_string(), AllOf(HasSubstr("tokenizer.json"), HasSubstr("its time was over")));
}

TEST(HostileTokenizer, BrokenOrUnknownRegexIsRefused) {
  const auto with = [](const char* expression) {
    return refusal([&](Json& json) { json["pre_tokenizer"]["pretokenizers"][0]["pattern"]["Regex"] = expression; });
  };
  EXPECT_THAT(with("(a"), HasSubstr("(a"));
  EXPECT_THAT(with("[a[bc]]"), HasSubstr("inside another"));
  EXPECT_THAT(with("[a&&b]"), HasSubstr("intersection"));
  EXPECT_THAT(with("a{1,2}+"), HasSubstr("interval"));
  EXPECT_THAT(with("a\\"), HasSubstr("backslash"));
}

TEST(HostileTokenizer, Row56TruncatedModelOrVarintOverflow) {
  const test::TemporaryDirectory directory;
  const std::string model = test::read_file(text_fixture("llama2-model") / "tokenizer.model");
  const auto said = [&](std::string_view bytes) {
    put(directory, "tokenizer.model", bytes);
    const auto tokenizer = Tokenizer::load(directory.path());
    return tokenizer ? std::string("accepted") : tokenizer.error().to_string();
  };
  EXPECT_EQ(said(model), "accepted");
  for (const std::size_t size : {model.size() - 1, model.size() / 2, std::size_t{1}, std::size_t{5}}) {
    EXPECT_THAT(said(model.substr(0, size)), AllOf(HasSubstr("tokenizer.model"), HasSubstr("byte "))) << size;
  }
  EXPECT_THAT(said(std::string(11, '\xFF')), AllOf(HasSubstr("byte 0"), HasSubstr("varint")));
  EXPECT_THAT(said(model + std::string("\x0A\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F", 11)), HasSubstr("varint"));
  EXPECT_NE(said(""), "accepted");
  EXPECT_NE(said("<html>not a model</html>"), "accepted");
}

TEST(HostileTokenizer, Row57ByteTokenOutOfRange) {
  EXPECT_THAT(refusal(
                  [](Json& json) {
                    Json& vocab = json["model"]["vocab"];
                    vocab["<0x-1>"] = vocab["<0x41>"];
                    vocab.erase("<0x41>");
                  },
                  {}, "llama2"),
              HasSubstr("<0x-1>"));
  // The same in a SentencePiece model.
  const test::TemporaryDirectory directory;
  std::string model = test::read_file(text_fixture("llama2-model") / "tokenizer.model");
  const std::size_t at = model.find("<0x41>");
  ASSERT_NE(at, std::string::npos);
  model.replace(at, 6, "<0x-1>");
  put(directory, "tokenizer.model", model);
  EXPECT_FALSE(Tokenizer::load(directory.path()));
}

TEST(HostileTokenizer, UnknownPartsAreRefusedByName) {
  EXPECT_THAT(refusal([](Json& json) { json["model"]["type"] = "Unigram"; }), HasSubstr("Unigram"));
  EXPECT_THAT(refusal([](Json& json) {
                json["pre_tokenizer"] = {{"type", "UnicodeScripts"}};
              }),
              HasSubstr("UnicodeScripts"));
  EXPECT_THAT(refusal([](Json& json) { json["normalizer"] = {{"type", "StripAccents"}}; }), HasSubstr("StripAccents"));
  EXPECT_THAT(refusal([](Json& json) { json["decoder"] = {{"type", "CTC"}}; }), HasSubstr("CTC"));
  EXPECT_THAT(refusal([](Json& json) {
                json["post_processor"] = {{"type", "BertProcessing"}};
              }),
              HasSubstr("BertProcessing"));
  EXPECT_THAT(refusal([](Json& json) { json["model"]["dropout"] = 0.1; }), HasSubstr("dropout"));
}

TEST(HostileTokenizer, EveryWrongTypeIsAnError) {
  // Each value of the file, replaced by each of these: refused or harmless, but never a crash.
  const Json original = read_json(text_fixture("mistral") / "tokenizer.json");
  for (const Json& wrong : {Json(), Json(true), Json(-7), Json("x"), Json::array(), Json::object()}) {
    for (const char* top : {"added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder", "model"}) {
      refusal([&](Json& json) { json[top] = wrong; }, {}, "mistral");
      if (!original[top].is_object()) continue;
      for (const auto& entry : original[top].items()) {
        refusal([&](Json& json) { json[top][entry.key()] = wrong; }, {}, "mistral");
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
