// SPDX-License-Identifier: Apache-2.0
// The tokenizer that tokenizer.json describes: added tokens, normalizers, pre-tokenizers, byte-pair
// encoding, template; and decoders for the way back. The other file formats are read into the same parts.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/text/added_tokens.h"
#include "core/text/bpe.h"
#include "core/text/normalizer.h"
#include "core/text/pre_tokenizer.h"
#include "core/text/token_decoder.h"
#include "core/text/tokenizer.h"

namespace salient {

/// What special tokens are put around a text: ids, and nothing where the text's own ids go.
using Template = std::vector<std::optional<TokenId>>;

struct PipelineParts {
  std::string file;  ///< for messages
  BpeVocabulary vocabulary;
  BpeOptions bpe;
  std::vector<AddedToken> added_tokens;
  std::vector<std::unique_ptr<const Normalizer>> normalizers;
  PreTokenizers pre_tokenizers;
  std::vector<Template> templates;  ///< applied one after the other
  std::vector<std::unique_ptr<const TokenDecoder>> decoders;
};

class PipelineTokenizer final : public Tokenizer {
 public:
  static Result<std::shared_ptr<const Tokenizer>> build(PipelineParts parts,
                                                        std::optional<std::int64_t> embedding_rows);

  [[nodiscard]] Result<std::vector<TokenId>> encode(std::string_view text, bool add_special) const override;
  [[nodiscard]] std::size_t safe_cut(std::string_view text) const override;
  [[nodiscard]] Result<std::vector<TokenId>> encode_part(std::string_view text, bool first) const override;
  [[nodiscard]] Result<std::string> decode(std::span<const TokenId> ids, bool skip_special) const override;
  [[nodiscard]] std::string token_text(TokenId id) const override;
  [[nodiscard]] std::string token_bytes(TokenId id) const override;
  [[nodiscard]] bool is_special(TokenId id) const override { return special_.contains(id); }
  [[nodiscard]] std::int64_t vocab_size() const override { return vocab_size_; }
  [[nodiscard]] std::string family() const override;

 private:
  PipelineTokenizer(PipelineParts parts, Bpe bpe) : parts_(std::move(parts)), bpe_(std::move(bpe)) {}
  Status prepare(std::optional<std::int64_t> embedding_rows);
  Result<std::string_view> normalize(std::string_view text, bool continued, Strings& strings) const;
  Status pre_tokenize(std::vector<Piece>& pieces, Strings& strings) const;
  /// What a rule says, with the file the rule is from.
  [[nodiscard]] Error in_file(Error error) const;
  Status find_cuts();
  /// A character as words hold it, behind other text.
  Result<std::string> spelled(std::string_view character) const;
  /// `room`: bytes that may still be made of the text (growth_limit()).
  Status encode_section(std::string_view text, bool first, bool continued, std::uint64_t& room, Bpe::Cache& cache,
                        std::vector<TokenId>& out) const;
  [[nodiscard]] const std::string* spelling(TokenId id) const;

  /// Where a text may be cut: between a letter and a space or line end.
  struct Cuts {
    bool space = false;
    bool line_end = false;
    bool ideographs = false;          ///< a Chinese character counts as a letter
    std::array<bool, 128> letters{};  ///< ASCII letters that no token joins with what may follow
  };
  PipelineParts parts_;
  Bpe bpe_;
  AddedTokenMatcher verbatim_;    // looked for in the text as it comes
  AddedTokenMatcher normalized_;  // looked for in the normalized text
  std::unordered_map<TokenId, std::string> added_;
  std::unordered_set<TokenId> special_;
  std::int64_t vocab_size_ = 0;
  std::string space_;  // how the vocabulary spells a space
  Cuts cuts_;
};

}  // namespace salient
