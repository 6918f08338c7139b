// SPDX-License-Identifier: Apache-2.0
// tokenizer.model of Llama 2 and Mistral, through SentencePiece's own library. Added and special tokens in the text
// are found first, as transformers' LlamaTokenizer does; what is between them goes to the library. `legacy` puts the
// space that begins a text in front of every part between such tokens, without it only the text's beginning has one.
#include <fmt/format.h>
#include <sentencepiece_processor.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/base/file.h"
#include "core/text/added_tokens.h"
#include "core/text/growth.h"
#include "core/text/json_fields.h"
#include "core/text/slow_tokenizer.h"
#include "core/text/token_decoder.h"
#include "core/text/tokenizer_files.h"
#include "core/text/unicode_text.h"

namespace salient {
namespace {

constexpr std::array class_defaults{SpecialDefault{"bos_token", "<s>"}, SpecialDefault{"eos_token", "</s>"},
                                    SpecialDefault{"unk_token", "<unk>"}};
constexpr const char* damaged = "the tokenizer file is damaged or was cut short; get it again";
constexpr std::size_t longest_replacement = 64;

/// Checks the protocol buffer's structure, since the library does not say where a file is broken (row 56).
class WireCheck {
 public:
  WireCheck(std::string_view bytes, const std::string& file) : bytes_(bytes), file_(file) {}

  Status run(std::size_t begin, std::size_t end) { return message(begin, end, 0); }

 private:
  /// `within`: the field of the model that this message is; 0 for the model itself.
  Status message(std::size_t begin, std::size_t end, std::uint64_t within) {
    for (std::size_t at = begin; at < end;) {
      SALIENT_ASSIGN(const std::uint64_t tag, varint(at, end));
      std::uint64_t length = 0;
      switch (tag & 7) {
        case 0: SALIENT_CHECK(varint(at, end)); break;
        case 1: length = 8; break;
        case 2: {
          SALIENT_ASSIGN(length, varint(at, end));
          break;
        }
        case 5: length = 4; break;
        default: return refuse(at, "a field", fmt::format("wire type {}", tag & 7));
      }
      if (length > end - at) return refuse(at, fmt::format("{} bytes", length), fmt::format("{}", end - at));
      // pieces, trainer_spec, normalizer_spec and denormalizer_spec are messages themselves
      const std::uint64_t field = tag >> 3;
      const bool is_message = within == 0 && (tag & 7) == 2 && (field <= 3 || field == 5);
      if (is_message) SALIENT_CHECK(message(at, at + length, field));
      if ((within == 3 || within == 5) && field == 2 && (tag & 7) == 2) SALIENT_CHECK(replacements(at, at + length));
      at += length;
    }
    return {};
  }

  /// precompiled_charsmap: a size, as many bytes of a trie, then what its characters are replaced by, each ended by a
  /// zero byte. The library would put any of it in place of one character; Unicode's longest has 33 bytes.
  Status replacements(std::size_t begin, std::size_t end) {
    std::uint64_t trie = 0;
    for (std::size_t i = 0; i < 4 && begin + i < end; ++i)
      trie |= std::uint64_t{static_cast<unsigned char>(bytes_[begin + i])} << 8 * i;
    for (std::size_t at = begin + std::min<std::uint64_t>(4 + trie, end - begin); at < end;) {
      const std::size_t stop = std::min(bytes_.find('\0', at), end);
      if (stop - at > longest_replacement) {
        return refuse(at, fmt::format("at most {} bytes in place of a character", longest_replacement),
                      fmt::format("{}", stop - at));
      }
      at = stop + 1;
    }
    return {};
  }

  Error refuse(std::size_t at, std::string expected, std::string found) const {
    return Error{ErrorCode::format, file_, fmt::format("byte {}", at), std::move(expected), std::move(found), damaged};
  }

  Result<std::uint64_t> varint(std::size_t& at, std::size_t end) const {
    std::uint64_t value = 0;
    const std::size_t begin = at;
    for (int shift = 0; shift < 70; shift += 7) {
      if (at == end) return refuse(begin, "a whole varint", "the end");
      const auto byte = static_cast<unsigned char>(bytes_[at++]);
      if (shift == 63 && byte > 1) break;
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
    return refuse(begin, "a varint of 64 bits", "a longer one");
  }

  std::string_view bytes_;
  const std::string& file_;
};

class SentencePieceTokenizer final : public Tokenizer {
 public:
  Status read(const TokenizerFiles& files, const std::string& bytes, const std::string& file) {
    SALIENT_CHECK(WireCheck(bytes, file).run(0, bytes.size()));
    // Messages written one behind the other are merged: this turns off normalizer_spec.add_dummy_prefix.
    constexpr std::string_view no_prefix("\x1A\x02\x18\x00", 4);
    for (auto& [processor, suffix] : {std::pair(&with_prefix_, std::string_view()), std::pair(&bare_, no_prefix)}) {
      const auto status = processor->LoadFromSerializedProto(bytes + std::string(suffix));
      if (!status.ok()) {
        return Error{
            ErrorCode::format, file, "", "a SentencePiece model", escape_for_message(status.ToString()), damaged};
      }
    }
    return read_tokens(files, file);
  }

  Result<std::vector<TokenId>> encode(std::string_view text, bool add_special) const override {
    SALIENT_ASSIGN(const std::vector<TokenId> inner, encode_part(text, true));
    std::vector<TokenId> ids;
    if (add_special && bos_) ids.push_back(*bos_);
    ids.insert(ids.end(), inner.begin(), inner.end());
    if (add_special && eos_) ids.push_back(*eos_);
    return ids;
  }

  std::size_t safe_cut(std::string_view) const override { return 0; }

  Result<std::vector<TokenId>> encode_part(std::string_view text, bool first) const override {
    SALIENT_CHECK(check_utf8(text, "text"));
    std::vector<TokenId> ids;
    // Without `legacy` the underscore counts as a space already where added tokens take the white space around them.
    const std::string plain = legacy_ ? std::string() : replaced(text, "\u2581", " ");
    if (!legacy_) text = plain;
    const auto sections = matcher_.split(text);
    const TokenId space = bare_.PieceToId("\u2581");
    if (first && !legacy_ && prefix_ && !sections.empty() && sections[0].id) ids.push_back(space);
    for (const auto& section : sections) {
      if (section.id) {
        ids.push_back(*section.id);
        continue;
      }
      const bool at_front = section.text.data() == text.data();
      const bool prefixed = at_front ? first && (legacy_ || prefix_) : legacy_;
      const auto& processor = prefixed ? with_prefix_ : bare_;
      std::vector<int> pieces;
      const auto status = processor.Encode({section.text.data(), section.text.size()}, &pieces);
      if (!status.ok()) {
        return Error{
            ErrorCode::format, "text", "", "text SentencePiece can read", escape_for_message(status.ToString()),
            "use another text"};
      }
      ids.insert(ids.end(), pieces.begin(), pieces.end());
    }
    // A space that stands alone in front of a special token is dropped.
    if (first && !legacy_ && ids.size() > 1 && ids[0] == space && is_special(ids[1])) ids.erase(ids.begin());
    return ids;
  }

  Result<std::string> decode(std::span<const TokenId> ids, bool skip_special) const override {
    std::vector<std::string> tokens;
    for (const TokenId id : ids) {
      if (!(skip_special && is_special(id))) tokens.push_back(token_text(id));
    }
    for (const auto& decoder : decoders_)
      SALIENT_CHECK(decoder->apply(tokens));
    std::string text;
    for (const std::string& token : tokens)
      text += token;
    return text;
  }

  std::string token_text(TokenId id) const override {
    if (const auto found = added_.find(id); found != added_.end()) return found->second.content;
    return id >= 0 && id < bare_.GetPieceSize() ? bare_.IdToPiece(id) : std::string();
  }

  std::string token_bytes(TokenId id) const override {
    const std::string text = token_text(id);
    if (added_.contains(id)) return text;
    const auto byte = byte_token(text);
    return byte ? std::string(1, *byte) : replaced(text, "\u2581", " ");
  }

  bool is_special(TokenId id) const override {
    const auto found = added_.find(id);
    return found != added_.end() && found->second.special;
  }

  std::int64_t vocab_size() const override { return vocab_size_; }
  std::string family() const override { return "SentencePiece"; }

 private:
  std::optional<TokenId> piece(std::string_view text) const {
    const TokenId id = bare_.PieceToId({text.data(), text.size()});
    return id >= 0 && bare_.IdToPiece(id) == text ? std::optional(id) : std::nullopt;
  }
  std::optional<TokenId> token_of(const std::string& content) const {
    const auto known = ids_.find(content);
    return known == ids_.end() ? std::nullopt : std::optional(known->second);
  }

  Status add(const AddedToken& token, const std::string& file) {
    const TokenId pieces = bare_.GetPieceSize();
    const bool taken = token.id < pieces && bare_.IdToPiece(token.id) != token.content;
    const auto [content, first_id] = ids_.emplace(token.content, token.id);
    if (const auto [other, fresh] = added_.emplace(token.id, token);
        taken || (!fresh && other->second.content != token.content)) {
      return Error{ErrorCode::mismatch,
                   file,
                   "added token \"" + escape_for_message(token.content) + "\"",
                   "an id of its own",
                   fmt::format("id {}, which is that of \"{}\"", token.id,
                               escape_for_message(taken ? bare_.IdToPiece(token.id) : other->second.content)),
                   "the tokenizer's files do not belong together"};
    }
    if (!first_id && content->second != token.id) {
      return Error{ErrorCode::mismatch,
                   file,
                   "added token \"" + escape_for_message(token.content) + "\"",
                   fmt::format("id {}, as elsewhere in the file", content->second),
                   fmt::format("id {}", token.id),
                   "the tokenizer's files do not belong together"};
    }
    vocab_size_ = std::max<std::int64_t>(vocab_size_, std::int64_t{token.id} + 1);
    return {};
  }

  Status read_tokens(const TokenizerFiles& files, const std::string& file) {
    const std::string config_file = (files.directory / "tokenizer_config.json").string();
    vocab_size_ = bare_.GetPieceSize();
    SALIENT_ASSIGN(const Json listed,
                   slow_added_tokens(files, class_defaults,
                                     {[this](std::string_view text) { return piece(text); }, bare_.GetPieceSize()}));
    for (const Json& entry : listed) {
      SALIENT_ASSIGN(const TokenId id, checked_token_id(entry["id"], config_file, "added_tokens_decoder"));
      SALIENT_ASSIGN(const AddedToken token, parse_added_token(entry, id, config_file));
      SALIENT_CHECK(add(token, config_file));
      SALIENT_CHECK(matcher_.add(token, token.content, config_file));
    }
    // Control tokens that no file names are left out of a decoded text, but not looked for in one.
    for (TokenId id = 0; id < bare_.GetPieceSize(); ++id) {
      SALIENT_CHECK(check_token_length(bare_.IdToPiece(id), file));
      if ((bare_.IsControl(id) || bare_.IsUnknown(id)) && !added_.contains(id)) {
        SALIENT_CHECK(add({id, bare_.IdToPiece(id), true}, file));
      }
    }
    if (files.embedding_rows && vocab_size_ > *files.embedding_rows) {
      return Error{ErrorCode::mismatch,
                   file,
                   "tokens",
                   fmt::format("at most the {} rows of the model's embedding", *files.embedding_rows),
                   fmt::format("{}", vocab_size_),
                   "the tokenizer and the model do not belong together"};
    }
    SALIENT_ASSIGN(legacy_, json_bool_or(files.config, "legacy", true, config_file));
    SALIENT_ASSIGN(const bool add_bos, json_bool_or(files.config, "add_bos_token", true, config_file));
    SALIENT_ASSIGN(const bool add_eos, json_bool_or(files.config, "add_eos_token", false, config_file));
    // An explicit null counts as false here, and not as the class's own true.
    const auto space = files.config.find("add_prefix_space");
    SALIENT_ASSIGN(const bool wanted, json_bool_or(files.config, "add_prefix_space", true, config_file));
    prefix_ = wanted && (space == files.config.end() || !space->is_null());
    if (add_bos) bos_ = token_of(special_token(files.config, class_defaults, "bos_token"));
    if (add_eos) eos_ = token_of(special_token(files.config, class_defaults, "eos_token"));
    Json decoder;
    decoder["type"] = "Sequence";
    decoder["decoders"] = Json::array({{{"type", "Replace"}, {"pattern", {{"String", "\u2581"}}}, {"content", " "}},
                                       {{"type", "ByteFallback"}},
                                       {{"type", "Fuse"}},
                                       {{"type", "Strip"}, {"content", " "}, {"start", 1}, {"stop", 0}}});
    SALIENT_ASSIGN(decoders_, parse_token_decoders(decoder, file));
    return {};
  }

  sentencepiece::SentencePieceProcessor with_prefix_;  // puts a space in front of the text, as trained
  sentencepiece::SentencePieceProcessor bare_;
  AddedTokenMatcher matcher_;
  std::unordered_map<TokenId, AddedToken> added_;
  std::unordered_map<std::string, TokenId> ids_;  // of added_, by content
  std::vector<std::unique_ptr<const TokenDecoder>> decoders_;
  std::optional<TokenId> bos_;
  std::optional<TokenId> eos_;
  bool legacy_ = true;
  bool prefix_ = true;  // whether a text begins with a space of the tokenizer's own
  std::int64_t vocab_size_ = 0;
};

/// Whether the file begins as "IQ== 0": a protocol buffer never begins with a line of base64 and a number.
bool is_rank_file(std::string_view bytes) {
  const std::string_view line = bytes.substr(0, std::min<std::size_t>(bytes.find('\n'), 4096));
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos || space == 0 || space + 1 == line.size()) return false;
  return std::all_of(line.begin(), line.end(), [](char c) { return c >= ' ' && c <= '~'; }) &&
         line.find_first_not_of("0123456789", space + 1) == std::string_view::npos;
}

}  // namespace

Result<std::shared_ptr<const Tokenizer>> load_tokenizer_model(const TokenizerFiles& files) {
  const std::filesystem::path path = files.directory / "tokenizer.model";
  SALIENT_ASSIGN(const std::string bytes, read_text_file(path, tokenizer_file_limit));
  if (is_rank_file(bytes)) return load_rank_file(files, bytes, path.string());
  auto tokenizer = std::make_shared<SentencePieceTokenizer>();
  SALIENT_CHECK(tokenizer->read(files, bytes, path.string()));
  return std::shared_ptr<const Tokenizer>(std::move(tokenizer));
}

}  // namespace salient
