// SPDX-License-Identifier: Apache-2.0
// Tokenizers against what the reference said about the same strings (make_tokenizer_fixtures.py).
#include "text_test.h"

namespace salient {
namespace {

void compare_with_golden(const Tokenizer& tokenizer, const Json& golden) {
  ASSERT_GT(golden.size(), 50U);
  for (const Json& row : golden) {
    const auto text = row[0].get<std::string>();
    const auto special = tokenizer.encode(text, true);
    const auto plain = tokenizer.encode(text, false);
    ASSERT_TRUE(special && plain) << text;
    EXPECT_EQ(*special, row[1].get<std::vector<TokenId>>()) << row[0];
    EXPECT_EQ(*plain, row[2].get<std::vector<TokenId>>()) << row[0];
    const auto all = tokenizer.decode(*special, false);
    const auto skipped = tokenizer.decode(*special, true);
    ASSERT_TRUE(all && skipped) << text;
    EXPECT_EQ(*all, row[3].get<std::string>()) << row[0];
    EXPECT_EQ(*skipped, row[4].get<std::string>()) << row[0];
  }
}

class Golden : public testing::TestWithParam<const char*> {};

TEST_P(Golden, IdsAndTextAreThoseOfTheReference) {
  const auto tokenizer = load_or_fail(text_fixture(GetParam()));
  ASSERT_NE(tokenizer, nullptr);
  compare_with_golden(*tokenizer, read_json(text_fixture(GetParam()) / "golden.json"));
}

INSTANTIATE_TEST_SUITE_P(Families, Golden, testing::Values("gpt2", "llama3", "qwen2", "llama2", "mistral"));

TEST(VocabularyAndMerges, EqualTheSameTokenizerAsJson) {
  const auto tokenizer = load_or_fail(text_fixture("qwen2-files"));
  ASSERT_NE(tokenizer, nullptr);
  compare_with_golden(*tokenizer, read_json(text_fixture("qwen2") / "golden.json"));
}

TEST(SentencePieceModel, EqualsTheLibrarysPythonModule) {
  const auto tokenizer = load_or_fail(text_fixture("llama2-model"));
  ASSERT_NE(tokenizer, nullptr);
  for (const Json& row : read_json(text_fixture("llama2-model") / "golden.json")) {
    const auto text = row[0].get<std::string>();
    auto wanted = row[1].get<std::vector<TokenId>>();
    const auto plain = tokenizer->encode(text, false);
    ASSERT_TRUE(plain);
    // The module does not look for special tokens, the tokenizer does.
    if (text.find("<unk>") != std::string::npos) continue;
    EXPECT_EQ(*plain, wanted) << row[0];
    const auto special = tokenizer->encode(text, true);
    ASSERT_TRUE(special);
    wanted.insert(wanted.begin(), 1);
    EXPECT_EQ(*special, wanted) << row[0];
  }
}

TEST(SentencePieceModel, FindsSpecialTokensInTheText) {
  const auto model = load_or_fail(text_fixture("llama2-model"));
  const auto json = load_or_fail(text_fixture("llama2"));
  ASSERT_TRUE(model && json);
  for (const char* text : {"<s>a</s> b<unk>", "x <s> y", "</s>"}) {
    const auto wanted = json->encode(text, true);
    const auto found = model->encode(text, true);
    ASSERT_TRUE(wanted && found);
    EXPECT_EQ(*found, *wanted) << text;
    EXPECT_EQ(*model->decode(*found, false), *json->decode(*wanted, false)) << text;
    EXPECT_EQ(*model->decode(*found, true), *json->decode(*wanted, true)) << text;
  }
}

TEST(Variants, EveryPreTokenizerAndNormalizerSplitsAsTheReference) {
  const Json base = read_json(text_fixture("variants/tokenizer.json"));
  const Json texts = read_json(text_fixture("variants/texts.json"));
  for (const Json& variant : read_json(text_fixture("variants/cases.json"))) {
    const auto name = variant["name"].get<std::string>();
    Json document = base;
    for (const char* key : {"normalizer", "pre_tokenizer", "decoder"})
      document[key] = variant["parts"][key];
    document["model"]["fuse_unk"] = variant["parts"]["fuse_unk"];
    const test::TemporaryDirectory directory;
    put(directory, "tokenizer.json", document.dump());
    const auto tokenizer = load_or_fail(directory.path());
    ASSERT_NE(tokenizer, nullptr) << name;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const auto ids = tokenizer->encode(texts[i].get<std::string>(), true);
      ASSERT_TRUE(ids) << name << texts[i];
      EXPECT_EQ(*ids, variant["ids"][i].get<std::vector<TokenId>>()) << name << " " << texts[i];
    }
    for (std::size_t i = 0; i < variant["decoded"].size(); ++i) {
      const auto text = tokenizer->decode(variant["ids"][i + 10].get<std::vector<TokenId>>(), true);
      ASSERT_TRUE(text);
      EXPECT_EQ(*text, variant["decoded"][i].get<std::string>()) << name;
    }
  }
}

TEST(Configuration, AddBosAndEosOutrankTheTemplate) {
  const test::TemporaryDirectory directory;
  put(directory, "tokenizer.json", test::read_file(text_fixture("llama3") / "tokenizer.json"));
  put(directory, "tokenizer_config.json",
      R"({"add_bos_token": false, "add_eos_token": true, "eos_token": {"content": "<|end|>"}})");
  const auto tokenizer = load_or_fail(directory.path());
  ASSERT_NE(tokenizer, nullptr);
  const auto plain = tokenizer->encode("word", false);
  auto special = tokenizer->encode("word", true);
  ASSERT_TRUE(plain && special);
  ASSERT_EQ(special->size(), plain->size() + 1);
  EXPECT_EQ(tokenizer->token_text(special->back()), "<|end|>");
}

TEST(RankFile, MergesByTheRankOfTheResult) {
  const test::TemporaryDirectory directory;
  std::string ranks;
  static constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const auto base64 = [&](const std::string& bytes) {
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
      std::uint32_t bits = 0;
      for (std::size_t k = 0; k < 3; ++k) {
        bits = (bits << 8) | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
      }
      for (std::size_t k = 0; k < 4; ++k)
        text += i + k > bytes.size() ? '=' : digits[(bits >> (18 - 6 * k)) & 63];
    }
    return text;
  };
  for (int byte = 0; byte < 256; ++byte) {
    ranks += base64(std::string(1, static_cast<char>(byte))) + " " + std::to_string(byte) + "\n";
  }
  for (const auto& [token, rank] : {std::pair("bc", 256), {"ab", 257}, {"abc", 258}, {" a", 259}}) {
    ranks += base64(token) + " " + std::to_string(rank) + "\n";
  }
  put(directory, "tokenizer.model", ranks);
  put(directory, "tokenizer_config.json",
      R"({"added_tokens_decoder": {"260": {"content": "<|begin_of_text|>", "special": true}}})");
  const auto tokenizer = load_or_fail(directory.path());
  ASSERT_NE(tokenizer, nullptr);
  EXPECT_EQ(*tokenizer->encode("abc", true), (std::vector<TokenId>{260, 258}));
  EXPECT_EQ(*tokenizer->encode("xabcd ab", false), (std::vector<TokenId>{'x', 258, 'd', ' ', 257}));
  EXPECT_EQ(*tokenizer->decode(std::vector<TokenId>{260, 258}, true), "abc");
}

}  // namespace
}  // namespace salient
