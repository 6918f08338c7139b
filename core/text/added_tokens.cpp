// SPDX-License-Identifier: Apache-2.0
#include "core/text/added_tokens.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "core/text/json_fields.h"
#include "core/text/regex.h"
#include "core/text/unicode_text.h"

namespace salient {
namespace {

constexpr std::size_t longest_content = 1024;  // bounds the search; real ones have some dozen bytes
constexpr std::size_t most_bytes = 4 << 20;

bool begins_with_word(std::string_view text) {
  std::size_t at = 0;
  return !text.empty() && is_word_character(next_code_point(text, at));
}

bool ends_with_word(std::string_view text) {
  std::size_t at = text.size();
  return !text.empty() && is_word_character(previous_code_point(text, at));
}

std::size_t white_space_before(std::string_view text) {
  std::size_t begin = text.size();
  for (std::size_t at = begin; at > 0 && is_white_space(previous_code_point(text, at));)
    begin = at;
  return begin;
}

std::size_t white_space_after(std::string_view text) {
  std::size_t end = 0;
  for (std::size_t at = 0; at < text.size() && is_white_space(next_code_point(text, at));)
    end = at;
  return end;
}

}  // namespace

Result<TokenId> checked_token_id(const Json& json, const std::string& file, const std::string& key) {
  constexpr auto limit = std::numeric_limits<TokenId>::max();
  const bool fits = json.is_number_unsigned()
                        ? json.get<std::uint64_t>() < std::uint64_t{limit}
                        : json.is_number_integer() && json.get<std::int64_t>() >= 0 && json.get<std::int64_t>() < limit;
  if (!fits) {
    return Error{ErrorCode::format,
                 file,
                 key,
                 fmt::format("an id from 0 to {}", limit - 1),
                 json_describe(json),
                 "the tokenizer file is damaged; get it again"};
  }
  return json.get<TokenId>();
}

Result<AddedToken> parse_added_token(const Json& json, TokenId id, const std::string& file) {
  AddedToken token;
  token.id = id;
  SALIENT_ASSIGN(token.content, json_string(json, "content", file));
  SALIENT_ASSIGN(token.special, json_bool_or(json, "special", false, file));
  SALIENT_ASSIGN(token.normalized, json_bool_or(json, "normalized", !token.special, file));
  SALIENT_ASSIGN(token.lstrip, json_bool_or(json, "lstrip", false, file));
  SALIENT_ASSIGN(token.rstrip, json_bool_or(json, "rstrip", false, file));
  SALIENT_ASSIGN(token.single_word, json_bool_or(json, "single_word", false, file));
  if (token.content.size() > longest_content) {
    return Error{ErrorCode::range,
                 file,
                 fmt::format("added token {}", id),
                 fmt::format("at most {} bytes", longest_content),
                 fmt::format("{} bytes", token.content.size()),
                 "the tokenizer file is damaged; get it again"};
  }
  return token;
}

Status AddedTokenMatcher::add(const AddedToken& token, std::string_view spelling, const std::string& file) {
  if (spelling.empty()) return {};
  bytes_ += spelling.size();
  if (bytes_ > most_bytes) {
    return Error{ErrorCode::range, file,
                 "added tokens",   fmt::format("at most {} bytes of all together", most_bytes),
                 "more",           "the tokenizer file is damaged; get it again"};
  }
  begins_[static_cast<unsigned char>(spelling[0])] = true;
  std::uint32_t node = 0;
  for (const char c : spelling) {
    const std::uint64_t edge = (std::uint64_t{node} << 8) | static_cast<unsigned char>(c);
    const auto [next, fresh] = edges_.emplace(edge, static_cast<std::uint32_t>(token_at_.size()));
    if (fresh) token_at_.push_back(none);
    node = next->second;
  }
  if (token_at_[node] != none) return {};  // the one added first is found
  token_at_[node] = static_cast<std::uint32_t>(tokens_.size());
  tokens_.push_back(token);
  return {};
}

std::optional<AddedTokenMatcher::Match> AddedTokenMatcher::longest_at(std::string_view text, std::size_t at) const {
  std::optional<Match> longest;
  std::uint32_t node = 0;
  while (at < text.size()) {
    const auto edge = edges_.find((std::uint64_t{node} << 8) | static_cast<unsigned char>(text[at]));
    if (edge == edges_.end()) break;
    node = edge->second;
    ++at;
    if (token_at_[node] != none) longest = Match{at, token_at_[node]};
  }
  return longest;
}

std::vector<AddedTokenMatcher::Section> AddedTokenMatcher::split(std::string_view text) const {
  std::vector<Section> sections;
  std::size_t done = 0;
  Span blank;  // the run of white space found last: many tokens may stand in it
  for (std::size_t at = 0; at < text.size();) {
    const auto match = begins_[static_cast<unsigned char>(text[at])] ? longest_at(text, at) : std::nullopt;
    if (!match) {
      ++at;
      continue;
    }
    const AddedToken& token = tokens_[match->token];
    std::size_t begin = at;
    std::size_t end = match->end;
    at = match->end;
    if (token.single_word && (ends_with_word(text.substr(0, begin)) || begins_with_word(text.substr(end)))) continue;
    // White space an earlier token took stays with it.
    if (token.lstrip) begin = begin <= done ? done : done + white_space_before(text.substr(done, begin - done));
    if (token.rstrip) {
      if (end < blank.begin || end >= blank.end) blank = {end, end + white_space_after(text.substr(end))};
      end = blank.end;
    }
    if (done < begin) sections.push_back({text.substr(done, begin - done), std::nullopt});
    sections.push_back({text.substr(begin, end - begin), token.id});
    done = end;
  }
  if (done < text.size()) sections.push_back({text.substr(done), std::nullopt});
  return sections;
}

}  // namespace salient
