// SPDX-License-Identifier: Apache-2.0
#include "core/text/token_spans.h"

#include "text_test.h"

namespace salient {
namespace {

std::vector<std::string> cuts(const Tokenizer& tokenizer, const std::string& text, bool special = false) {
  const auto spans = token_spans(tokenizer, text, special);
  EXPECT_TRUE(spans) << text;
  std::vector<std::string> parts;
  for (const TokenSpan& span : *spans)
    parts.push_back(text.substr(span.begin, span.end - span.begin));
  return parts;
}

class Spans : public testing::TestWithParam<const char*> {};

TEST_P(Spans, AreThoseOfTheSameTokensAndNeverGoBack) {
  const auto tokenizer = load_or_fail(text_fixture(GetParam()));
  ASSERT_NE(tokenizer, nullptr);
  std::size_t exact = 0;
  for (const Json& row : read_json(text_fixture(GetParam()) / "golden.json")) {
    const auto text = row[0].get<std::string>();
    const auto spans = token_spans(*tokenizer, text, true);
    const auto ids = tokenizer->encode(text, true);
    ASSERT_TRUE(spans && ids) << text;
    ASSERT_EQ(spans->size(), ids->size()) << text;
    std::size_t begin = 0;
    std::size_t end = 0;
    std::string spelled;
    for (std::size_t i = 0; i < ids->size(); ++i) {
      const TokenSpan& span = (*spans)[i];
      EXPECT_EQ(span.id, (*ids)[i]);
      EXPECT_LE(begin, span.begin) << text;
      EXPECT_LE(end, span.end) << text;
      EXPECT_LE(span.begin, span.end);
      EXPECT_LE(span.end, text.size());
      begin = span.begin;
      end = span.end;
    }
    const auto own = token_spans(*tokenizer, text, false);
    ASSERT_TRUE(own);
    for (const TokenSpan& span : *own)
      spelled += tokenizer->token_bytes(span.id);
    if (spelled != text) continue;
    // Nothing was rewritten: each token has exactly its own bytes.
    ++exact;
    std::size_t at = 0;
    for (const TokenSpan& span : *own) {
      EXPECT_EQ(span.begin, at) << text;
      EXPECT_EQ(text.substr(span.begin, span.end - span.begin), tokenizer->token_bytes(span.id)) << text;
      at = span.end;
    }
    EXPECT_EQ(at, text.size());
  }
  const std::string family = GetParam();
  if (family == "gpt2" || family == "llama3") {
    EXPECT_GT(exact, 40U);
  }
}

INSTANTIATE_TEST_SUITE_P(Families, Spans,
                         testing::Values("gpt2", "llama3", "qwen2", "llama2", "mistral", "llama2-model"));

TEST(TokenSpans, ByteLevelTokensHoldTheSpaceBeforeThem) {
  const auto tokenizer = load_or_fail(text_fixture("gpt2"));
  ASSERT_NE(tokenizer, nullptr);
  const auto spans = token_spans(*tokenizer, "the é", false);
  ASSERT_TRUE(spans);
  std::string all;
  for (const TokenSpan& span : *spans)
    all += tokenizer->token_bytes(span.id);
  EXPECT_EQ(all, "the é");
  EXPECT_EQ(spans->back().end, 6U);
}

TEST(TokenSpans, TheTemplatesTokensHaveNoBytes) {
  const auto tokenizer = load_or_fail(text_fixture("llama3"));
  ASSERT_NE(tokenizer, nullptr);
  const auto spans = token_spans(*tokenizer, "a<|end|>", true);
  ASSERT_TRUE(spans);
  ASSERT_EQ(spans->size(), 4U);
  EXPECT_TRUE(tokenizer->is_special(spans->front().id));
  EXPECT_EQ(spans->front().end, 0U);
  EXPECT_EQ((*spans)[2].begin, 1U) << "the one in the text has its own spelling";
  EXPECT_EQ((*spans)[2].end, 8U);
  EXPECT_TRUE(tokenizer->is_special((*spans)[2].id));
  EXPECT_EQ(spans->back().begin, 8U);
  EXPECT_EQ(spans->back().end, 8U);
  EXPECT_FALSE(tokenizer->is_special((*spans)[1].id));
}

TEST(TokenSpans, ASpacePutInFrontHasNoBytes) {
  for (const char* name : {"llama2", "llama2-model"}) {
    const auto tokenizer = load_or_fail(text_fixture(name));
    ASSERT_NE(tokenizer, nullptr);
    const std::string text = "the sea";
    std::string joined;
    for (const std::string& part : cuts(*tokenizer, text))
      joined += part;
    EXPECT_EQ(joined, text) << name;
    const auto bytes = token_spans(*tokenizer, "a\x01", false);
    ASSERT_TRUE(bytes);
    EXPECT_EQ(tokenizer->token_text(bytes->back().id), "<0x01>");
    EXPECT_EQ(tokenizer->token_bytes(bytes->back().id), "\x01");
    EXPECT_EQ(bytes->back().begin, 1U);
    EXPECT_EQ(bytes->back().end, 2U);
  }
}

TEST(TokenSpans, ARewrittenStretchBelongsToAllItsTokens) {
  const auto tokenizer = load_or_fail(text_fixture("qwen2"));  // NFC
  ASSERT_NE(tokenizer, nullptr);
  const std::string text = "many caf\x65\xCC\x81 and bars";  // e with a combining acute
  const auto spans = token_spans(*tokenizer, text, false);
  ASSERT_TRUE(spans);
  const std::size_t accent = text.find('\xCC');
  for (const TokenSpan& span : *spans) {
    // No token ends inside the rewritten character.
    EXPECT_FALSE(span.begin == accent || span.end == accent) << span.begin << " " << span.end;
  }
  EXPECT_EQ(spans->back().end, text.size());
  const TokenSpan last = spans->back();
  EXPECT_EQ(text.substr(last.begin, last.end - last.begin), tokenizer->token_bytes(last.id))
      << "back in step behind it";
}

TEST(TokenSpans, TextThatIsNotUtf8IsRefused) {
  const auto tokenizer = load_or_fail(text_fixture("gpt2"));
  ASSERT_NE(tokenizer, nullptr);
  EXPECT_FALSE(token_spans(*tokenizer, "a\xFF", true));
}

}  // namespace
}  // namespace salient
