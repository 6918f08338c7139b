// SPDX-License-Identifier: Apache-2.0
// Text to token ids and back, equal to Hugging Face tokenizers and SentencePiece. Loaded from a model
// directory: tokenizer.json first, then tokenizer.model, then vocab.json with merges.txt.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace salient {

using TokenId = std::int32_t;

class Tokenizer {
 public:
  /// `embedding_rows`: ids at or above it are refused at load (row 54); nothing = not checked.
  static Result<std::shared_ptr<const Tokenizer>> load(const std::filesystem::path& directory,
                                                       std::optional<std::int64_t> embedding_rows = {});
  /// What a model directory may have of it.
  static constexpr std::array kFiles{
      "tokenizer_config.json", "tokenizer.json",         "tokenizer.model", "vocab.json", "merges.txt",
      "added_tokens.json",     "special_tokens_map.json"};
  virtual ~Tokenizer() = default;

  /// UTF-8 text to ids. `add_special` applies the template (BOS, EOS) as the reference does by default.
  [[nodiscard]] virtual Result<std::vector<TokenId>> encode(std::string_view text, bool add_special) const = 0;
  /// Where a long text may be cut: encode(text) without special tokens is encode_part() of the bytes before
  /// the cut and encode_part() of those behind it, whatever follows the text. 0 where no place is known.
  [[nodiscard]] virtual std::size_t safe_cut(std::string_view text) const = 0;
  /// The ids of one part of such a text; `first` for the part it begins with. No special tokens are added.
  [[nodiscard]] virtual Result<std::vector<TokenId>> encode_part(std::string_view text, bool first) const = 0;
  /// Ids to UTF-8 text. Invalid byte sequences become U+FFFD, as the reference does.
  [[nodiscard]] virtual Result<std::string> decode(std::span<const TokenId> ids, bool skip_special) const = 0;
  /// The token's own spelling in the vocabulary ("Ġthe", "▁the", "<0x0A>").
  [[nodiscard]] virtual std::string token_text(TokenId id) const = 0;
  /// The bytes of a text it stands for ("Ġthe" → " the", "<0x0A>" → one line feed). Not always whole characters.
  [[nodiscard]] virtual std::string token_bytes(TokenId id) const = 0;
  [[nodiscard]] virtual bool is_special(TokenId id) const = 0;  ///< left out by decode() with `skip_special`
  [[nodiscard]] virtual std::int64_t vocab_size() const = 0;    ///< largest id + 1
  [[nodiscard]] virtual std::string family() const = 0;         ///< for people: "byte-level BPE", …
};

/// Streaming decoder for generation: gives out text as soon as it is complete UTF-8.
class TokenStream {
 public:
  explicit TokenStream(std::shared_ptr<const Tokenizer> tokenizer) : tokenizer_(std::move(tokenizer)) {}
  [[nodiscard]] Result<std::string> push(TokenId id);  ///< the new text, possibly empty
  [[nodiscard]] Result<std::string> finish();          ///< what was held back

 private:
  std::shared_ptr<const Tokenizer> tokenizer_;
  std::vector<TokenId> ids_;
  std::size_t emitted_ = 0;
};

}  // namespace salient
