// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "core/text/corpus.h"
#include "core/text/tokenizer.h"
#include "tests/fuzz/targets.h"
#include "tests/unit/support/temporary_directory.h"

namespace salient::fuzz {
namespace {

/// A small text there and back, and every token by itself.
void use(const Tokenizer& tokenizer) {
  for (const char* text : {"don't \u4f60 e\u0301<s>1234  x</s><|end|>", " ", "\u2581<unk>\n\n\U0001F3F3"}) {
    const auto ids = tokenizer.encode(text, true);
    if (!ids) continue;
    static_cast<void>(tokenizer.decode(*ids, false));
    static_cast<void>(tokenizer.decode(*ids, true));
    static_cast<void>(tokenizer.safe_cut(text));
  }
  const auto some = static_cast<TokenId>(std::min<std::int64_t>(tokenizer.vocab_size() + 1, 600));
  for (TokenId id = -1; id < some; ++id) {
    static_cast<void>(tokenizer.token_bytes(id));
    static_cast<void>(tokenizer.is_special(id));
  }
}

bool load_and_use(const std::filesystem::path& directory) {
  static_cast<void>(Tokenizer::load(directory, 256));
  const auto tokenizer = Tokenizer::load(directory, std::nullopt);
  if (tokenizer) use(**tokenizer);
  return tokenizer.ok();
}

}  // namespace

bool tokenizer_json(std::string_view input) {
  const std::filesystem::path& directory = scratch("tokenizer_json");
  test::write_file(directory / "tokenizer.json", input);
  return load_and_use(directory);
}

bool tokenizer_model(std::string_view input) {
  const std::filesystem::path& directory = scratch("tokenizer_model");
  test::write_file(directory / "tokenizer.model", input);
  return load_and_use(directory);
}

bool tokenizer_side_files(std::string_view input) {
  bool accepted = false;
  for (const char* base : {"qwen2-files", "llama2-model"}) {
    const std::filesystem::path directory = scratch("tokenizer_side_files") / base;
    copy_fixture("text/" + std::string(base), directory);
    std::string_view rest = input;
    for (const char* name : {"special_tokens_map.json", "added_tokens.json", "tokenizer_config.json"}) {
      const std::string_view content = rest.substr(0, rest.find('\0'));
      test::write_file(directory / name, content);
      rest.remove_prefix(std::min(rest.size(), content.size() + 1));
    }
    accepted = load_and_use(directory) || accepted;
  }
  return accepted;
}

bool corpus(std::string_view input) {
  static const std::array tokenizers{*Tokenizer::load(fixture("text/llama3")),
                                     *Tokenizer::load(fixture("text/llama2-model"))};
  static constexpr std::array names{"text.txt", "text.jsonl", "text.jsonl.gz", "text.txt.gz"};
  if (input.empty()) return false;
  const auto choice = static_cast<unsigned char>(input[0]);
  const std::filesystem::path path = scratch("corpus") / names[choice % names.size()];
  test::write_file(path, input.substr(1));
  CorpusOptions options;
  options.max_tokens = (choice & 4) != 0 ? 100 : 0;
  options.max_bytes = 1 << 20;
  Job job;
  const auto loaded = load_corpus(path, *tokenizers[choice / 8 % tokenizers.size()], options, job);
  if (!loaded) return false;
  static_cast<void>(calibration_windows(*loaded, 3, 16, choice));
  static_cast<void>(evaluation_windows(*loaded, 16, 0));
  return true;
}

}  // namespace salient::fuzz
