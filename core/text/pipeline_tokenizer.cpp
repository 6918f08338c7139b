// SPDX-License-Identifier: Apache-2.0
#include "core/text/pipeline_tokenizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/text/unicode_text.h"

namespace salient {

Result<std::shared_ptr<const Tokenizer>> PipelineTokenizer::build(PipelineParts parts,
                                                                  std::optional<std::int64_t> embedding_rows) {
  parts.bpe.byte_level = parts.pre_tokenizers.byte_level;
  SALIENT_ASSIGN(Bpe bpe, Bpe::build(std::move(parts.vocabulary), parts.bpe, parts.file));
  std::shared_ptr<PipelineTokenizer> tokenizer(new PipelineTokenizer(std::move(parts), std::move(bpe)));
  SALIENT_CHECK(tokenizer->prepare(embedding_rows));
  return std::shared_ptr<const Tokenizer>(std::move(tokenizer));
}

Status PipelineTokenizer::prepare(std::optional<std::int64_t> embedding_rows) {
  const auto refuse = [&](const std::string& key, std::string expected, std::string found, const char* advice) {
    return Error{ErrorCode::format, parts_.file, key, std::move(expected), std::move(found), advice};
  };
  constexpr const char* damaged = "the tokenizer file is damaged; get it again";
  constexpr const char* foreign = "the tokenizer and the model do not belong together, or the model was cut";
  const auto check_rows = [&](TokenId id, const std::string& text) -> Status {
    SALIENT_CHECK(check_token_length(text, parts_.file));
    vocab_size_ = std::max<std::int64_t>(vocab_size_, std::int64_t{id} + 1);
    if (!embedding_rows || id < *embedding_rows) return {};
    return Error{ErrorCode::mismatch,
                 parts_.file,
                 "token \"" + escape_for_message(text) + "\"",
                 fmt::format("an id below the {} rows of the model's embedding", *embedding_rows),
                 fmt::format("id {}", id),
                 foreign};
  };
  for (const auto& [text, id] : bpe_.tokens())
    SALIENT_CHECK(check_rows(id, text));
  std::unordered_map<std::string_view, TokenId> contents;
  for (const AddedToken& token : parts_.added_tokens) {
    if (token.content.empty()) continue;
    SALIENT_CHECK(check_rows(token.id, token.content));
    const std::string key = "added token \"" + escape_for_message(token.content) + "\"";
    const std::string* other = spelling(token.id);
    if (other != nullptr && *other != token.content) {
      return refuse(key, "an id of its own",
                    fmt::format("id {}, which is that of \"{}\"", token.id, escape_for_message(*other)), damaged);
    }
    const auto in_vocabulary = bpe_.find(token.content);
    const auto [before, fresh] = contents.emplace(token.content, token.id);
    if (const TokenId known = in_vocabulary.value_or(before->second); known != token.id) {
      return refuse(key, fmt::format("id {}, as elsewhere in the file", known), fmt::format("id {}", token.id),
                    damaged);
    }
    if (!fresh) continue;
    added_.emplace(token.id, token.content);
    if (token.special) special_.insert(token.id);
  }
  // Special tokens are looked for first, and of two with the same spelling the first counts.
  for (const bool special : {true, false}) {
    for (const AddedToken& token : parts_.added_tokens) {
      if (token.special != special) continue;
      if (!token.normalized) {
        SALIENT_CHECK(verbatim_.add(token, token.content, parts_.file));
      } else {
        Strings strings(growth_limit(token.content.size()));
        SALIENT_ASSIGN(const std::string_view spelled, normalize(token.content, false, strings));
        SALIENT_CHECK(normalized_.add(token, spelled, parts_.file));
      }
    }
  }
  SALIENT_ASSIGN(space_, spelled(" "));
  SALIENT_CHECK(find_cuts());
  for (const Template& around : parts_.templates) {
    for (const auto& id : around) {
      if (id && spelling(*id) == nullptr) {
        return refuse("post_processor", "ids of tokens", fmt::format("id {}, which no token has", *id), damaged);
      }
    }
  }
  return {};
}

Error PipelineTokenizer::in_file(Error error) const {
  if (error.file.empty()) error.file = parts_.file;
  return error;
}

Result<std::string_view> PipelineTokenizer::normalize(std::string_view text, bool continued, Strings& strings) const {
  for (const auto& normalizer : parts_.normalizers) {
    const auto changed = normalizer->apply(text, continued, strings);
    if (!changed) return in_file(changed.error());
    text = *changed;
  }
  return text;
}

Status PipelineTokenizer::pre_tokenize(std::vector<Piece>& pieces, Strings& strings) const {
  for (const auto& step : parts_.pre_tokenizers.steps) {
    if (const Status split = step->apply(pieces, strings); !split) return in_file(split.error());
  }
  return {};
}

Status PipelineTokenizer::encode_section(std::string_view text, bool first, bool continued, std::uint64_t& room,
                                         Bpe::Cache& cache, std::vector<TokenId>& out) const {
  Strings strings(room);
  SALIENT_ASSIGN(const std::string_view normalized, normalize(text, continued, strings));
  std::vector<Piece> pieces;
  for (const auto& section : normalized_.split(normalized)) {
    if (section.id) {
      out.push_back(*section.id);
    } else {
      pieces.assign(1, {section.text, first && section.text.data() == normalized.data()});
      SALIENT_CHECK(pre_tokenize(pieces, strings));
      for (const Piece& piece : pieces)
        bpe_.encode(piece.text, cache, out);
    }
  }
  room = strings.left();
  return {};
}

Result<std::string> PipelineTokenizer::spelled(std::string_view character) const {
  Strings strings(growth_limit(character.size()));
  SALIENT_ASSIGN(const std::string_view normalized, normalize(character, true, strings));
  std::vector<Piece> pieces{{normalized, false}};
  SALIENT_CHECK(pre_tokenize(pieces, strings));
  std::string text;
  for (const Piece& piece : pieces)
    text += piece.text;
  return parts_.pre_tokenizers.byte_level ? byte_alphabet().encode(text) : text;
}

Status PipelineTokenizer::find_cuts() {
  const auto& steps = parts_.pre_tokenizers.steps;
  const auto same_before = [&](char next) {
    return std::all_of(steps.begin(), steps.end(), [&](const auto& step) { return step->same_when_cut_before(next); });
  };
  for (const AddedToken& token : parts_.added_tokens) {
    // A token that takes or holds white space could lie across the cut.
    const bool reaches = token.rstrip || token.content.find(" ") != std::string::npos ||
                         token.content.find("\n") != std::string::npos ||
                         token.content.find("\u2581") != std::string::npos;
    if (reaches) return {};
  }
  for (const auto& normalizer : parts_.normalizers) {
    if (!normalizer->same_when_cut()) return {};
  }
  if (std::any_of(steps.begin(), steps.end(), [](const auto& step) { return step->separates_white_space(); })) {
    cuts_ = {same_before(' '), same_before('\n'), true, {}};
    cuts_.letters.fill(true);
    return {};
  }
  // Without a word boundary there, letter and space must be two characters that no merge joins, and no token
  // may be looked up as a whole.
  if (parts_.bpe.ignore_merges) return {};
  cuts_.space = same_before(' ');
  for (std::size_t c = 0; c < cuts_.letters.size() && !space_.empty(); ++c) {
    if (!is_ascii_letter(static_cast<char>(c))) continue;
    SALIENT_ASSIGN(const std::string letter, spelled(std::string(1, static_cast<char>(c))));
    std::size_t last = letter.size();
    if (last > 0) static_cast<void>(previous_code_point(letter, last));
    cuts_.letters[c] =
        !letter.empty() && !bpe_.joinable(std::string_view(letter).substr(last),
                                          std::string_view(space_).substr(0, character_length(space_[0])));
  }
  return {};
}

std::size_t PipelineTokenizer::safe_cut(std::string_view text) const {
  for (std::size_t at = text.size(); at-- > 1;) {
    if (!(text[at] == ' ' && cuts_.space) && !(text[at] == '\n' && cuts_.line_end)) continue;
    const char before = text[at - 1];
    if (is_ascii_letter(before) && cuts_.letters[static_cast<unsigned char>(before)]) return at;
    if (!cuts_.ideographs || static_cast<unsigned char>(before) < 0x80) continue;
    std::size_t begin = at;
    const char32_t c = previous_code_point(text, begin);
    if (c >= U'\u4E00' && c <= U'\u9FA5') return at;
  }
  return 0;
}

Result<std::vector<TokenId>> PipelineTokenizer::encode_part(std::string_view text, bool first_part) const {
  SALIENT_CHECK(check_utf8(text, "text"));
  std::vector<TokenId> ids;
  Bpe::Cache cache;
  std::uint64_t room = growth_limit(text.size());
  for (const auto& section : verbatim_.split(text)) {
    if (section.id) {
      ids.push_back(*section.id);
    } else {
      const bool at_front = section.text.data() == text.data();
      SALIENT_CHECK(encode_section(section.text, at_front && first_part, at_front && !first_part, room, cache, ids));
    }
  }
  return ids;
}

Result<std::vector<TokenId>> PipelineTokenizer::encode(std::string_view text, bool add_special) const {
  SALIENT_ASSIGN(std::vector<TokenId> ids, encode_part(text, true));
  if (!add_special) return ids;
  const std::uint64_t limit = growth_limit(ids.size());
  for (const Template& around : parts_.templates) {
    const auto places = static_cast<std::uint64_t>(std::count(around.begin(), around.end(), std::nullopt));
    if (around.size() + places * ids.size() > limit) return in_file(grown_too_much(limit));
    std::vector<TokenId> surrounded;
    for (const auto& id : around) {
      if (id) {
        surrounded.push_back(*id);
      } else {
        surrounded.insert(surrounded.end(), ids.begin(), ids.end());
      }
    }
    ids = std::move(surrounded);
  }
  return ids;
}

const std::string* PipelineTokenizer::spelling(TokenId id) const {
  const auto added = added_.find(id);
  return added != added_.end() ? &added->second : bpe_.token(id);
}

Result<std::string> PipelineTokenizer::decode(std::span<const TokenId> ids, bool skip_special) const {
  std::vector<std::string> tokens;
  tokens.reserve(ids.size());
  for (const TokenId id : ids) {
    // Ids that no token has are passed over: embeddings often have more rows than there are tokens.
    const std::string* text = spelling(id);
    if (text != nullptr && !(skip_special && special_.contains(id))) tokens.push_back(*text);
  }
  for (const auto& decoder : parts_.decoders) {
    if (const Status decoded = decoder->apply(tokens); !decoded) return in_file(decoded.error());
  }
  std::string text;
  for (const std::string& token : tokens) {
    if (parts_.decoders.empty() && !text.empty()) text += ' ';
    text += token;
  }
  return text;
}

std::string PipelineTokenizer::token_text(TokenId id) const {
  const std::string* text = spelling(id);
  return text == nullptr ? std::string() : *text;
}

std::string PipelineTokenizer::token_bytes(TokenId id) const {
  const std::string* text = spelling(id);
  if (text == nullptr) return {};
  if (added_.contains(id)) return *text;
  if (parts_.pre_tokenizers.byte_level) {
    std::string bytes;
    return byte_alphabet().decode(*text, bytes) ? bytes : *text;
  }
  if (const auto byte = byte_token(*text); byte && parts_.bpe.byte_fallback) return std::string(1, *byte);
  return space_.empty() ? *text : replaced(*text, space_, " ");
}

std::string PipelineTokenizer::family() const {
  if (parts_.pre_tokenizers.byte_level) return "byte-level BPE";
  return parts_.bpe.byte_fallback ? "BPE with byte fallback" : "BPE";
}

}  // namespace salient
