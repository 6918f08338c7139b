// SPDX-License-Identifier: Apache-2.0
// Byte-pair encoding of one word, equal to Hugging Face tokenizers' model "BPE": merges by rank with a
// priority queue (n log n in the word's length), unknown characters by byte fallback or the unknown token.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "core/text/tokenizer.h"

namespace salient {

/// Ids of pairs of ids, in open addressing: the inner loop of byte-pair encoding.
class PairTable {
 public:
  struct Merge {
    std::uint32_t rank = 0;
    std::uint32_t id = 0;
  };
  void reserve(std::size_t pairs);
  void put(std::uint32_t left, std::uint32_t right, Merge merge);  ///< the last one put wins
  [[nodiscard]] const Merge* find(std::uint32_t left, std::uint32_t right) const;

 private:
  struct Slot {
    std::uint64_t key;
    Merge merge;
  };
  [[nodiscard]] std::size_t slot_of(std::uint64_t key) const;
  std::vector<Slot> slots_;
  std::size_t used_ = 0;
};

struct BpeOptions {
  std::optional<std::string> unk_token;
  bool fuse_unk = false;
  bool byte_fallback = false;
  bool ignore_merges = false;
  /// Words come as raw bytes, each standing for its character of the byte-level alphabet.
  bool byte_level = false;
};

struct BpeVocabulary {
  std::vector<std::pair<std::string, TokenId>> tokens;
  std::vector<std::pair<std::string, std::string>> merges;  ///< in order of rank
};

class Bpe {
 public:
  /// Refuses repeated tokens or ids, merges of or into missing tokens, broken byte tokens (rows 50 to 57).
  static Result<Bpe> build(BpeVocabulary vocabulary, const BpeOptions& options, const std::string& file);

  /// Words seen before, for one caller on one thread. Bounded.
  class Cache {
   private:
    friend class Bpe;
    struct Entry {
      std::size_t first;
      std::uint32_t count;
    };
    std::unordered_map<std::string_view, Entry> entries;
    std::deque<std::string> words;
    std::vector<TokenId> ids;
  };

  void encode(std::string_view word, Cache& cache, std::vector<TokenId>& out) const;

  [[nodiscard]] std::optional<TokenId> find(std::string_view token) const;
  [[nodiscard]] const std::string* token(TokenId id) const;
  [[nodiscard]] const std::vector<std::pair<std::string, TokenId>>& tokens() const { return tokens_; }
  /// Whether characters `left` and `right` (as spelled in the vocabulary) can end up in one token when they
  /// stand side by side. Where they cannot, a text may be cut without changing its tokens.
  [[nodiscard]] bool joinable(std::string_view left, std::string_view right) const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  using Ids = std::unordered_map<std::string, TokenId, Hash, std::equal_to<>>;

  Status add_tokens(const std::string& file);
  Status add_merges(const std::vector<std::pair<std::string, std::string>>& merges, const std::string& file);
  Status find_byte_tokens(const std::string& file);
  void find_joinable(const std::vector<std::pair<std::string, std::string>>& merges);
  struct Symbols {
    std::vector<std::uint32_t> ids;
    std::vector<std::size_t> begins;  ///< the byte of the word each begins at
    bool in_order = true;             ///< of the characters they stand for
  };
  [[nodiscard]] Symbols symbols_of(std::string_view word) const;
  void encode_run(std::string_view text, std::span<const std::uint32_t> symbols, Cache& cache,
                  std::vector<TokenId>& out) const;
  void merge(std::span<const std::uint32_t> symbols, std::vector<TokenId>& out) const;

  BpeOptions options_;
  std::vector<std::pair<std::string, TokenId>> tokens_;
  Ids ids_;
  std::unordered_map<TokenId, std::size_t> by_id_;
  Ids raw_ids_;                            // byte_level: by the bytes a token stands for
  std::array<std::int64_t, 256> byte_id_;  // of the byte's character, or of its fallback token; -1 = none
  std::optional<TokenId> unk_id_;
  PairTable merges_;
  PairTable joinable_;
  bool all_joinable_ = false;
};

}  // namespace salient
