// SPDX-License-Identifier: Apache-2.0
// Pre-tokenizers of tokenizer.json: how a normalized text is split into the words that byte-pair encoding
// works on.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/text/normalizer.h"

namespace salient {

// The words of GPT-2: contractions, then letters, numbers or other signs with one space before them, then
// white space, of which the last one is left to the word behind it.
inline constexpr std::string_view gpt2_words =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
// Those of Llama 3 and Qwen2, which differ in how numbers are cut.
inline constexpr std::string_view llama3_words =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|)"
    R"(\s+(?!\S)|\s+)";
inline constexpr std::string_view qwen2_words =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|)"
    R"(\s+(?!\S)|\s+)";

struct Piece {
  std::string_view text;
  bool first = false;  ///< begins where the whole text begins
};

class PreTokenizer {
 public:
  virtual ~PreTokenizer() = default;
  /// Error{range} where the pieces would become more than `strings` may hold.
  [[nodiscard]] virtual Status apply(std::vector<Piece>& pieces, Strings& strings) const = 0;

  /// Of a text cut between a letter and `next`, a space or a line end: whether the parts are treated alone
  /// as they are in the whole.
  [[nodiscard]] virtual bool same_when_cut_before(char next) const = 0;
  /// Whether there is always a word boundary between a letter and white space.
  [[nodiscard]] virtual bool separates_white_space() const { return false; }
};

struct PreTokenizers {
  std::vector<std::unique_ptr<const PreTokenizer>> steps;
  /// The last step is ByteLevel: its words are left as raw bytes, and the model reads them as such.
  bool byte_level = false;
};
/// Empty for null. Unknown types are refused by name.
[[nodiscard]] Result<PreTokenizers> parse_pre_tokenizers(const Json& json, const std::string& file);

}  // namespace salient
