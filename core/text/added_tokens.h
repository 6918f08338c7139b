// SPDX-License-Identifier: Apache-2.0
// Added and special tokens: found in a text before it is split into words, those not `normalized` in the
// text as it came, the others in the normalized text, exactly as Hugging Face tokenizers finds them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/text/tokenizer.h"

namespace salient {

struct AddedToken {
  TokenId id = 0;
  std::string content;
  bool special = false;
  bool normalized = false;
  bool lstrip = false;
  bool rstrip = false;
  bool single_word = false;
};

/// An object with content and flags, as in added_tokens and added_tokens_decoder; `id` from the caller.
[[nodiscard]] Result<AddedToken> parse_added_token(const Json& json, TokenId id, const std::string& file);
/// A token id in a file: refused when negative or past what an id can be (row 53).
[[nodiscard]] Result<TokenId> checked_token_id(const Json& json, const std::string& file, const std::string& key);

/// Splits a text at tokens: at each place the longest of those that begin first.
class AddedTokenMatcher {
 public:
  /// `spelling` is the token's content as it stands in the text searched. Error{range} naming `file` where all of them
  /// together are more than 4 MiB: the search takes some fifty bytes of memory for each of theirs.
  [[nodiscard]] Status add(const AddedToken& token, std::string_view spelling, const std::string& file);
  [[nodiscard]] bool empty() const { return tokens_.empty(); }

  struct Section {
    std::string_view text;
    std::optional<TokenId> id;  ///< nothing for the text between tokens
  };
  [[nodiscard]] std::vector<Section> split(std::string_view text) const;

 private:
  struct Match {
    std::size_t end = 0;
    std::uint32_t token = 0;
  };
  [[nodiscard]] std::optional<Match> longest_at(std::string_view text, std::size_t at) const;

  static constexpr std::uint32_t none = 0xFFFFFFFF;
  std::size_t bytes_ = 0;  // of all spellings
  std::vector<AddedToken> tokens_;
  std::unordered_map<std::uint64_t, std::uint32_t> edges_;  // trie: node and byte to node
  std::vector<std::uint32_t> token_at_ = {none};            // by node
  std::vector<bool> begins_ = std::vector<bool>(256);       // bytes a token begins with
};

}  // namespace salient
