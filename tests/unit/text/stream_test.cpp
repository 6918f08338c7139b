// SPDX-License-Identifier: Apache-2.0
#include "core/base/utf8.h"
#include "text_test.h"

namespace salient {
namespace {

TEST(TokenStream, GivesOutTheWholeTextInWholeCharacters) {
  const std::string text = "  Hello  w\u00f6rld \U0001F642 \u65e5\u672c\u8a9e \U0001F469\u200D\U0001F469 don't\n\tend";
  for (const char* name : {"gpt2", "llama3", "qwen2", "llama2", "mistral", "llama2-model"}) {
    const auto tokenizer = load_or_fail(text_fixture(name));
    ASSERT_NE(tokenizer, nullptr);
    const auto ids = tokenizer->encode(text, true);
    ASSERT_TRUE(ids);
    TokenStream stream(tokenizer);
    std::string out;
    std::size_t pieces = 0;
    for (const TokenId id : *ids) {
      const auto piece = stream.push(id);
      ASSERT_TRUE(piece);
      EXPECT_EQ(first_invalid_utf8(*piece), piece->size());
      EXPECT_EQ(piece->find("\xEF\xBF\xBD"), std::string::npos);
      pieces += !piece->empty();
      out += *piece;
    }
    out += *stream.finish();
    EXPECT_EQ(out, *tokenizer->decode(*ids, true)) << name;
    EXPECT_GT(pieces, 10U) << name;
  }
}

TEST(TokenStream, BytesThatNeverBecomeTextDoNotPileUp) {
  const auto tokenizer = load_or_fail(text_fixture("gpt2"));
  ASSERT_NE(tokenizer, nullptr);
  TokenId half = -1;
  for (TokenId id = 0; id < tokenizer->vocab_size(); ++id) {
    if (tokenizer->token_text(id) == "\u00e4") half = id;  // the byte 0xE4
  }
  ASSERT_GE(half, 0);
  TokenStream stream(tokenizer);
  std::size_t emitted = 0;
  for (int i = 0; i < 100; ++i)
    emitted += stream.push(half)->size();
  EXPECT_GT(emitted, 200U);
  emitted += stream.finish()->size();
  EXPECT_EQ(emitted, 300U);
}

TEST(TokenStream, SpecialTokensAreLeftOut) {
  const auto tokenizer = load_or_fail(text_fixture("llama3"));
  ASSERT_NE(tokenizer, nullptr);
  TokenStream stream(tokenizer);
  std::string out;
  const auto ids = tokenizer->encode("<|begin|>one<|end|> two", true);
  ASSERT_TRUE(ids);
  for (const TokenId id : *ids)
    out += *stream.push(id);
  out += *stream.finish();
  EXPECT_EQ(out, "one two");
}

}  // namespace
}  // namespace salient
