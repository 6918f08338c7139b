// SPDX-License-Identifier: Apache-2.0
#include "core/text/corpus.h"

#include <gmock/gmock.h>
#include <zlib.h>

#include "core/base/hash.h"
#include "tests/unit/support/bounded.h"
#include "tests/unit/support/error_like.h"
#include "text_test.h"

namespace salient {
namespace {

using test::error_like;

std::string gzip(const std::string& text) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(text.size() + 1024, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

class CorpusTest : public testing::Test {
 protected:
  void SetUp() override {
    tokenizer_ = load_or_fail(text_fixture("llama3"));
    ASSERT_NE(tokenizer_, nullptr);
  }
  Result<Corpus> load(const std::string& name, std::string_view content, const CorpusOptions& options = {}) {
    return load_corpus(put(directory_, name, content), *tokenizer_, options, job_);
  }
  Error refusal(const std::string& name, std::string_view content, const CorpusOptions& options = {},
                double limit = 1) {
    const std::filesystem::path path = put(directory_, name, content);
    const auto corpus = test::bounded(
        0, [&] { return load_corpus(path, *tokenizer_, options, job_); }, limit);
    EXPECT_FALSE(corpus) << "accepted";
    if (corpus) return {};
    EXPECT_EQ(corpus.error().file, path.string());
    EXPECT_FALSE(corpus.error().advice.empty());
    return corpus.error();
  }

  test::TemporaryDirectory directory_;
  std::shared_ptr<const Tokenizer> tokenizer_;
  Job job_;
};

/// Words, numbers, accents, line ends and special tokens, 5 MB of them: several parts.
std::string long_text() {
  std::string text;
  std::uint32_t state = 5;
  const char* const words[] = {"the",  "don't",   "caf\u00e9", "12345",    "e\u0301",
                               "\n\n", "<|end|>", "(x)",       "features", "\u4f60\u597d"};
  while (text.size() < 5'000'000) {
    state = state * 1664525U + 1013904223U;
    text += words[(state >> 24) % 10];
    text += (state >> 20) % 16 == 0 ? "\n" : " ";
  }
  return text;
}

TEST_F(CorpusTest, PartsHaveTheTokensOfTheWhole) {
  const std::string text = long_text();
  for (const char* name : {"gpt2", "qwen2", "llama2", "mistral"}) {
    tokenizer_ = load_or_fail(text_fixture(name));
    ASSERT_NE(tokenizer_, nullptr);
    EXPECT_GT(tokenizer_->safe_cut(text), text.size() / 2) << name;
    const auto corpus = load("long.txt", text);
    ASSERT_TRUE(corpus) << corpus.error().to_string();
    const auto whole = tokenizer_->encode(text, false);
    ASSERT_TRUE(whole);
    EXPECT_TRUE(corpus->tokens == *whole) << name;
    EXPECT_EQ(corpus->bytes, text.size());
    EXPECT_EQ(corpus->sha256, sha256_hex(text));
  }
}

TEST_F(CorpusTest, EveryCutKeepsTheTokens) {
  const std::string text = "the don't  a\n\nb x1 y\n \nz caf\u00e9 <|end|> the <left> the\nx word  ab\u4f60 \u597d\nc";
  for (const char* name : {"gpt2", "llama3", "qwen2", "llama2", "mistral"}) {
    const auto tokenizer = load_or_fail(text_fixture(name));
    ASSERT_NE(tokenizer, nullptr);
    const auto whole = tokenizer->encode(text, false);
    ASSERT_TRUE(whole);
    std::size_t cuts = 0;
    for (std::size_t end = text.size(); end > 0;) {
      const std::size_t cut = tokenizer->safe_cut(std::string_view(text).substr(0, end));
      if (cut > 0) {
        auto ids = tokenizer->encode_part(text.substr(0, cut), true);
        const auto rest = tokenizer->encode_part(text.substr(cut), false);
        ASSERT_TRUE(ids && rest);
        ids->insert(ids->end(), rest->begin(), rest->end());
        EXPECT_EQ(*ids, *whole) << name << " cut at " << cut;
        ++cuts;
      }
      end = cut;
    }
    // That tokenizer has a token that takes the white space behind it: nothing is safe.
    EXPECT_TRUE(std::string_view(name) == "llama3" ? cuts == 0 : cuts > 3) << name;
  }
}

TEST_F(CorpusTest, JsonLinesAreJoinedByABlankLine) {
  const std::string lines = "{\"text\": \"one\"}\n\n{\"id\": 3, \"text\": \"two \\u00e9\"}\r\n{\"text\": \"\"}";
  const auto corpus = load("a.jsonl", lines);
  ASSERT_TRUE(corpus) << corpus.error().to_string();
  EXPECT_EQ(corpus->documents, 3U);
  EXPECT_EQ(corpus->tokens, *tokenizer_->encode("one\n\ntwo \u00e9\n\n", false));
  EXPECT_EQ(corpus->sha256, sha256_hex(std::string_view("one\n\ntwo \u00e9\n\n")));

  const auto compressed = load("a.jsonl.gz", gzip(lines));
  ASSERT_TRUE(compressed) << compressed.error().to_string();
  EXPECT_EQ(compressed->tokens, corpus->tokens);
  const auto members = load("b.jsonl.gz", gzip(lines.substr(0, 20)) + gzip(lines.substr(20)));
  ASSERT_TRUE(members) << members.error().to_string();
  EXPECT_EQ(members->tokens, corpus->tokens);

  CorpusOptions options;
  options.json_key = "content";
  const auto keyed = load("c.jsonl", "{\"content\": \"one\", \"text\": \"x\"}\n", options);
  ASSERT_TRUE(keyed);
  EXPECT_EQ(keyed->tokens, *tokenizer_->encode("one", false));
}

TEST_F(CorpusTest, ByteOrderMarkIsDropped) {
  const auto text = load("a.txt", "\xEF\xBB\xBFone");
  ASSERT_TRUE(text);
  EXPECT_EQ(text->tokens, *tokenizer_->encode("one", false));
  EXPECT_TRUE(load("a.jsonl", "\xEF\xBB\xBF{\"text\": \"one\"}"));
}

TEST_F(CorpusTest, StopsAtTheWantedNumberOfTokens) {
  const std::string text = long_text();
  CorpusOptions options;
  options.max_tokens = 1000;
  tokenizer_ = load_or_fail(text_fixture("qwen2"));
  ASSERT_NE(tokenizer_, nullptr);
  options.max_bytes = 1000;  // does not count where the tokens do
  const auto corpus = load("long.txt", text, options);
  ASSERT_TRUE(corpus) << corpus.error().to_string();
  auto whole = tokenizer_->encode(text, false);
  ASSERT_TRUE(whole);
  whole->resize(1000);
  EXPECT_EQ(corpus->tokens, *whole);
  EXPECT_LT(corpus->bytes, text.size());
}

TEST_F(CorpusTest, Row77NamesTheLineTheByteOrTheLength) {
  const auto no_utf8 = [](std::size_t at, const char* byte) {
    return error_like(ErrorCode::format, "byte " + std::to_string(at), "UTF-8 text", byte);
  };
  const auto bad_line = [](int line, const char* expected, const char* found) {
    return error_like(ErrorCode::format, "line " + std::to_string(line), expected, found);
  };
  EXPECT_THAT(refusal("a.txt", ""), error_like(ErrorCode::range, "text", "a text", "an empty one"));
  EXPECT_THAT(refusal("a.jsonl", "\n\n"), error_like(ErrorCode::range, "text", "a text", "an empty one"));
  EXPECT_THAT(refusal("a.txt",
                      "abc\xFF"
                      "def"),
              no_utf8(3, "byte 0xff"));
  EXPECT_THAT(refusal("a.txt",
                      "\xEF\xBB\xBF"
                      "abc\xE4"),
              no_utf8(6, "byte 0xe4"));
  std::string late(300 << 10, 'a');
  late += '\x80';
  EXPECT_THAT(refusal("a.txt", late), no_utf8(300 << 10, "byte 0x80"));
  EXPECT_THAT(refusal("a.jsonl", "{\"text\": \"a\"}\n{\"text\": \n"), bad_line(2, "a JSON object", "unexpected end"));
  EXPECT_THAT(refusal("a.jsonl", "{\"text\": \"a\"}\n[1]\n"), bad_line(2, "text under \"text\"", "an array"));
  EXPECT_THAT(refusal("a.jsonl", "\n{\"body\": \"a\"}"), bad_line(2, "text under \"text\"", "no such key"));
  EXPECT_THAT(refusal("a.jsonl", "{\"text\": 7}"), bad_line(1, "text under \"text\"", "7"));
  EXPECT_THAT(refusal("a.jsonl", "{\"text\": \"\xC3\"}"), bad_line(1, "a JSON object", "byte 0xc3 at offset 10"));
  std::string lines;
  for (int i = 1; i < 1000000; ++i)
    lines += "{\"text\":\"\"}\n";
  // A million lines take their time; a job that reads a text can be cancelled.
  EXPECT_THAT(refusal("a.jsonl", lines + "{\"text\"", {}, 10), bad_line(1000000, "a JSON object", "unexpected end"));
  CorpusOptions options;
  options.max_bytes = 100;
  EXPECT_THAT(refusal("a.txt", std::string(101, 'a'), options),
              error_like(ErrorCode::range, "size", "at most 100 bytes of text", "101 bytes"));
  EXPECT_THAT(refusal("a.jsonl", "{\"text\": \"" + std::string(101, 'a') + "\"}", options),
              error_like(ErrorCode::range, "text", "at most 100 bytes of text", "more"));
  EXPECT_THAT(refusal("a.csv", "a"), error_like(ErrorCode::unsupported, "name", ".jsonl", "another"));
  EXPECT_EQ(refusal("missing/a.txt", "").code, ErrorCode::not_found);
}

TEST_F(CorpusTest, Row77AFileOf10Gigabytes) {
  // A hole is as large as the file says and takes no room on the disk.
  tokenizer_ = load_or_fail(text_fixture("qwen2"));
  ASSERT_NE(tokenizer_, nullptr);
  const std::string text = long_text();
  std::string lines;
  for (int i = 0; i < 150000; ++i)
    lines += "{\"text\": \"a light in the house by the river\"}\n";
  const auto huge = [&](const std::string& name, std::string_view beginning, std::uint64_t max_tokens,
                        std::uint64_t memory) {
    const std::filesystem::path path = put(directory_, name, beginning);
    std::filesystem::resize_file(path, 10'000'000'000);
    CorpusOptions options;
    options.max_tokens = max_tokens;
    const auto corpus = test::bounded(
        memory / 8, [&] { return load_corpus(path, *tokenizer_, options, job_); }, 10);
    std::filesystem::remove(path);
    if (!corpus) {
      EXPECT_EQ(corpus.error().file, path.string());
    }
    return corpus;
  };
  const auto refused = [&](const std::string& name, std::string_view beginning, std::uint64_t max_tokens,
                           std::uint64_t memory) {
    const auto corpus = huge(name, beginning, max_tokens, memory);
    EXPECT_FALSE(corpus) << "accepted";
    return corpus ? Error{} : corpus.error();
  };
  EXPECT_THAT(refused("a.txt", text, 0, 0), error_like(ErrorCode::range, "size", "1073741824 bytes", "10000000000"));
  for (const auto& [name, beginning] :
       std::initializer_list<std::pair<const char*, const std::string*>>{{"a.txt", &text}, {"a.jsonl", &lines}}) {
    const auto corpus = huge(name, *beginning, 1000, 64 << 20);
    ASSERT_TRUE(corpus) << corpus.error().to_string();
    EXPECT_EQ(corpus->tokens.size(), 1000U);
  }
  // What is behind the text is one line without an end, or one word.
  EXPECT_THAT(refused("a.jsonl", lines, 0, 256 << 20),
              error_like(ErrorCode::format, "line 150001", "at most 67108864 bytes", "more"));
  EXPECT_THAT(refused("b.txt", "", 1000, 768 << 20),
              error_like(ErrorCode::range, "text", "a place to cut within 268435456 bytes", "none"));
  const std::string compressed = gzip(lines);
  EXPECT_THAT(
      refused("a.txt.gz", compressed, 0, 128 << 20),
      error_like(ErrorCode::format, "byte " + std::to_string(compressed.size() + 2), "a whole gzip stream", ""));
}

TEST_F(CorpusTest, DamagedGzipIsRefused) {
  const std::string whole = gzip("{\"text\": \"some words to compress\"}\n");
  const auto damaged = [](std::size_t at, const char* found) {
    return error_like(ErrorCode::format, "byte " + std::to_string(at), "a whole gzip stream", found);
  };
  EXPECT_THAT(refusal("a.jsonl.gz", whole.substr(0, whole.size() - 5)), damaged(whole.size() - 5, "its end"));
  std::string broken = whole;
  broken[15] = static_cast<char>(broken[15] ^ 0x55);
  const Error error = refusal("a.jsonl.gz", broken);
  EXPECT_THAT(error, error_like(ErrorCode::format, error.key, "a whole gzip stream", ""));
  EXPECT_THAT(refusal("a.jsonl.gz", "{\"text\": \"plain\"}"),
              error_like(ErrorCode::format, "byte 0", "a gzip stream", "something else"));
  EXPECT_THAT(refusal("a.jsonl.gz", whole + "trailing junk"), damaged(whole.size() + 2, "incorrect header check"));
}

TEST_F(CorpusTest, CancellingStops) {
  CancelToken cancel;
  cancel.cancel();
  Job job(&cancel, {});
  const auto corpus = load_corpus(put(directory_, "a.txt", "one"), *tokenizer_, {}, job);
  ASSERT_FALSE(corpus);
  EXPECT_EQ(corpus.error().code, ErrorCode::cancelled);
}

TEST(Windows, CalibrationWindowsAreSeededPiecesOfTheStream) {
  Corpus corpus;
  for (TokenId i = 0; i < 1000; ++i)
    corpus.tokens.push_back(i);
  const auto windows = calibration_windows(corpus, 50, 100, 3);
  ASSERT_TRUE(windows);
  ASSERT_EQ(windows->size(), 50U);
  for (const auto& window : *windows) {
    ASSERT_EQ(window.size(), 100U);
    for (std::size_t i = 1; i < window.size(); ++i)
      ASSERT_EQ(window[i], window[i - 1] + 1);
  }
  EXPECT_EQ(*calibration_windows(corpus, 50, 100, 3), *windows);
  EXPECT_NE(*calibration_windows(corpus, 50, 100, 4), *windows);
  EXPECT_EQ((*calibration_windows(corpus, 1, 1000, 9))[0], corpus.tokens);
  const auto refused = calibration_windows(corpus, 1, 1001, 0);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error(), error_like(ErrorCode::range, "calibration text", "at least 1001 tokens",
                                          "1000 tokens, which is shorter than one window"));
  EXPECT_FALSE(calibration_windows(corpus, 0, 10, 0));
}

TEST(Windows, EvaluationWindowsFollowEachOther) {
  Corpus corpus;
  corpus.file = "short.txt";
  for (TokenId i = 0; i < 1000; ++i)
    corpus.tokens.push_back(i);
  const auto windows = evaluation_windows(corpus, 300, 0);
  ASSERT_TRUE(windows);
  ASSERT_EQ(windows->size(), 3U);
  EXPECT_EQ((*windows)[2].front(), 600);
  EXPECT_EQ(evaluation_windows(corpus, 300, 2)->size(), 2U);
  const auto refused = evaluation_windows(corpus, 2048, 0);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error(), error_like(ErrorCode::range, "evaluation text", "at least 2048 tokens",
                                          "1000 tokens, which is shorter than one window"));
  EXPECT_EQ(refused.error().file, "short.txt");
  EXPECT_FALSE(evaluation_windows(corpus, 1, 0));
}

}  // namespace
}  // namespace salient
