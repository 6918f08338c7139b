// SPDX-License-Identifier: Apache-2.0
// vocab.json with merges.txt, and the rank file of Llama 3: each is put into the structure of
// tokenizer.json, so that there is one way to build a tokenizer. What those files leave open — words,
// normalization, special tokens — follows from tokenizer_class in tokenizer_config.json.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>

#include "core/base/file.h"
#include "core/text/added_tokens.h"
#include "core/text/json_fields.h"
#include "core/text/pre_tokenizer.h"
#include "core/text/slow_tokenizer.h"
#include "core/text/tokenizer_files.h"
#include "core/text/unicode_text.h"

namespace salient {
namespace {

Json byte_level(bool use_regex) {
  return {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}, {"use_regex", use_regex}};
}

enum class Kind { gpt2, qwen2, llama3 };

Result<Kind> kind_of(const TokenizerFiles& files) {
  std::string name, found = "none";
  if (const Json* named = json_member(files.config, "tokenizer_class"); named != nullptr && named->is_string()) {
    name = named->get<std::string>();
    found = "\"" + escape_for_message(name) + "\"";
  } else if (const auto text = read_text_file(files.directory / "config.json", std::uint64_t{16} << 20)) {
    // Without a tokenizer_config.json the model itself says whose words they are.
    if (const auto config = parse_json(*text, "config.json")) {
      const Json* model = json_member(*config, "model_type");
      if (model != nullptr && model->is_string()) name = model->get<std::string>();
      if (!name.empty()) found = "none, and model_type \"" + escape_for_message(name) + "\" in config.json";
    }
  }
  if (name == "GPT2Tokenizer" || name == "GPT2TokenizerFast" || name == "gpt2") return Kind::gpt2;
  if (name == "Qwen2Tokenizer" || name == "Qwen2TokenizerFast" || name == "qwen2") return Kind::qwen2;
  if (name == "PreTrainedTokenizerFast" && configured_token(files.config, "bos_token") == "<|begin_of_text|>") {
    return Kind::llama3;
  }
  return Error{ErrorCode::unsupported,
               escape_for_message((files.directory / "tokenizer_config.json").string()),
               "tokenizer_class",
               "GPT2Tokenizer, Qwen2Tokenizer, or PreTrainedTokenizerFast with Llama 3's special tokens",
               std::move(found),
               "get the tokenizer_config.json that belongs to vocab.json and merges.txt, or save the tokenizer as "
               "tokenizer.json"};
}

/// The special tokens the class has where no file names others.
std::span<const SpecialDefault> defaults_of(Kind kind) {
  static constexpr const char* end = "<|endoftext|>";
  static constexpr std::array gpt2{SpecialDefault{"bos_token", end}, SpecialDefault{"eos_token", end},
                                   SpecialDefault{"unk_token", end}};
  static constexpr std::array qwen2{SpecialDefault{"eos_token", end}, SpecialDefault{"unk_token", end},
                                    SpecialDefault{"pad_token", end}};
  switch (kind) {
    case Kind::gpt2: return gpt2;
    case Kind::qwen2: return qwen2;
    case Kind::llama3: break;
  }
  return {};
}

/// GPT2Tokenizer puts no EOS behind a text and Qwen2Tokenizer nothing around it, whatever the configuration says.
TokenizerFiles as_the_class_reads(TokenizerFiles files, Kind kind) {
  if (kind == Kind::llama3) return files;
  files.config.erase("add_eos_token");
  if (kind == Kind::qwen2) files.config.erase("add_bos_token");
  files.config["bos_token"] = special_token(files.config, defaults_of(kind), "bos_token");
  return files;
}

Json document(Kind kind, Json vocab, Json merges, Json added) {
  Json json;
  json["added_tokens"] = std::move(added);
  if (kind == Kind::qwen2) json["normalizer"] = {{"type", "NFC"}};
  json["pre_tokenizer"] =
      kind == Kind::gpt2 ? byte_level(true) : split_by_words(kind == Kind::qwen2 ? qwen2_words : llama3_words);
  json["decoder"] = byte_level(true);
  json["model"]["type"] = "BPE";
  json["model"]["ignore_merges"] = kind == Kind::llama3;
  json["model"]["vocab"] = std::move(vocab);
  json["model"]["merges"] = std::move(merges);
  return json;
}

/// Llama 3 begins every text with its BOS.
void begin_with(const std::string& bos, const Json& added, Json& json) {
  for (const Json& token : added) {
    if (token["content"] != bos) continue;
    json["post_processor"] = {{"type", "TemplateProcessing"},
                              {"single", {{{"SpecialToken", {{"id", bos}}}}, {{"Sequence", {{"id", "A"}}}}}},
                              {"special_tokens", {{bos, {{"ids", {token["id"]}}}}}}};
  }
}

std::optional<std::string> decode_base64(std::string_view text) {
  std::string bytes;
  std::uint32_t bits = 0;
  int count = 0;
  const std::size_t length = text.find('=');
  for (const char c : text.substr(0, length)) {
    static constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const std::size_t digit = digits.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    bits = (bits << 6) | static_cast<std::uint32_t>(digit);
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes.push_back(static_cast<char>((bits >> count) & 0xFF));
    }
  }
  return bytes;
}

}  // namespace

Json split_by_words(std::string_view expression) {
  const Json split = {{"type", "Split"}, {"pattern", {{"Regex", expression}}}, {"behavior", "Isolated"}};
  Json sequence;
  sequence["type"] = "Sequence";
  sequence["pretokenizers"] = Json::array({split, byte_level(false)});
  return sequence;
}

Result<std::shared_ptr<const Tokenizer>> load_vocabulary_and_merges(const TokenizerFiles& files) {
  SALIENT_ASSIGN(const Kind kind, kind_of(files));
  const std::filesystem::path vocab_path = files.directory / "vocab.json";
  const std::filesystem::path merges_path = files.directory / "merges.txt";
  SALIENT_ASSIGN(const std::string vocab_text, read_text_file(vocab_path, tokenizer_file_limit));
  SALIENT_ASSIGN(Json vocab, parse_json(vocab_text, vocab_path.string()));
  SALIENT_ASSIGN(const std::string merges_text, read_text_file(merges_path, tokenizer_file_limit));
  SALIENT_CHECK(check_utf8(merges_text, merges_path.string()));
  Json merges = Json::array();
  for (std::size_t at = 0; at < merges_text.size();) {
    const std::size_t end = std::min(merges_text.find('\n', at), merges_text.size());
    std::string_view line = std::string_view(merges_text).substr(at, end - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.starts_with("#version") && !line.empty()) merges.push_back(line);
    at = end + 1;
  }
  if (!vocab.is_object()) {
    return Error{ErrorCode::format,         vocab_path.string(),  "",
                 "an object: ids by token", json_describe(vocab), "the tokenizer file is damaged; get it again"};
  }
  // A map of its own, since looking into a large Json object takes long.
  std::unordered_map<std::string_view, TokenId> ids;
  for (auto entry = vocab.begin(); entry != vocab.end(); ++entry) {
    SALIENT_ASSIGN(const TokenId id,
                   checked_token_id(*entry, vocab_path.string(), "vocab \"" + escape_for_message(entry.key()) + "\""));
    ids.emplace(entry.key(), id);
  }
  const auto find = [&](std::string_view text) {
    const auto found = ids.find(text);
    return found == ids.end() ? std::optional<TokenId>() : found->second;
  };
  SALIENT_ASSIGN(const Json added,
                 slow_added_tokens(files, defaults_of(kind), {find, static_cast<std::int64_t>(ids.size())}));
  Json json = document(kind, std::move(vocab), std::move(merges), added);
  if (kind == Kind::llama3) begin_with("<|begin_of_text|>", added, json);
  return build_tokenizer(json, as_the_class_reads(files, kind), vocab_path.string());
}

// Each line is a token's bytes in base64 and its rank. A pair merges in order of the rank of what it
// makes; written as a list of merges, those into one token are in order of their parts' ranks.
Result<std::shared_ptr<const Tokenizer>> load_rank_file(const TokenizerFiles& files, std::string_view text,
                                                        const std::string& file) {
  std::vector<std::pair<std::string, TokenId>> tokens;
  std::unordered_map<std::string_view, TokenId> ranks;
  for (std::size_t at = 0, line_number = 1; at < text.size(); ++line_number) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    at = end + 1;
    if (line.empty()) continue;
    const std::size_t space = std::min(line.find(' '), line.size());
    const auto bytes = decode_base64(line.substr(0, space));
    TokenId rank = -1;
    const std::string_view digits = line.substr(std::min(space + 1, line.size()));
    const auto [stop, code] = std::from_chars(digits.data(), digits.data() + digits.size(), rank);
    if (!bytes || bytes->empty() || bytes->size() > 1024 || code != std::errc() ||
        stop != digits.data() + digits.size() || rank < 0) {
      return Error{ErrorCode::format,
                   file,
                   fmt::format("line {}", line_number),
                   "a token in base64 and its rank",
                   "\"" + escape_for_message(line) + "\"",
                   "the tokenizer file is damaged; get it again"};
    }
    tokens.emplace_back(*bytes, rank);
  }
  std::sort(tokens.begin(), tokens.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  for (const auto& [bytes, rank] : tokens)
    ranks.emplace(bytes, rank);

  const ByteAlphabet& alphabet = byte_alphabet();
  Json vocab = Json::object();
  Json merges = Json::array();
  for (const auto& [bytes, rank] : tokens) {
    // Appended without the look-up that would make a large object quadratic; repetitions are found later.
    vocab.get_ref<Json::object_t&>().emplace_back(alphabet.encode(bytes), rank);
    std::vector<std::array<std::int64_t, 3>> splits;  // rank of the left part, of the right part, where
    for (std::size_t i = 1; i < bytes.size(); ++i) {
      const auto left = ranks.find(std::string_view(bytes).substr(0, i));
      const auto right = ranks.find(std::string_view(bytes).substr(i));
      if (left != ranks.end() && right != ranks.end()) {
        splits.push_back({left->second, right->second, static_cast<std::int64_t>(i)});
      }
    }
    std::sort(splits.begin(), splits.end());
    for (const auto& split : splits) {
      const auto i = static_cast<std::size_t>(split[2]);
      const std::string_view all(bytes);
      merges.push_back(Json::array({alphabet.encode(all.substr(0, i)), alphabet.encode(all.substr(i))}));
    }
  }
  SALIENT_ASSIGN(Json added, configured_added_tokens(files));
  Json json = document(Kind::llama3, std::move(vocab), std::move(merges), added);
  begin_with("<|begin_of_text|>", added, json);
  return build_tokenizer(json, files, file);
}

}  // namespace salient
