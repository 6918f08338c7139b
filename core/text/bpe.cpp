// SPDX-License-Identifier: Apache-2.0
#include "core/text/bpe.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "core/text/unicode_text.h"

namespace salient {
namespace {

constexpr std::uint32_t removed = std::numeric_limits<std::uint32_t>::max();
constexpr std::size_t cached_word_bytes = 128;
constexpr std::size_t cached_words = std::size_t{1} << 18;
constexpr std::size_t long_word_symbols = 32;
constexpr const char* damaged = "the tokenizer file is damaged; get it again";

constexpr std::uint64_t pair_key(std::uint32_t left, std::uint32_t right) {
  return (static_cast<std::uint64_t>(left) << 32) | right;
}
constexpr std::uint64_t no_pair = std::numeric_limits<std::uint64_t>::max();

std::string in_quotes(std::string_view text) {
  return "\"" + escape_for_message(text) + "\"";
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

std::string_view last_character(std::string_view text) {
  std::size_t at = text.size();
  static_cast<void>(previous_code_point(text, at));
  return text.substr(at);
}

std::string_view first_character(std::string_view text) {
  return text.substr(0, character_length(text[0]));
}

}  // namespace

// ---- PairTable

std::size_t PairTable::slot_of(std::uint64_t key) const {
  // Fibonacci hashing; the high bits are the well-mixed ones.
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = static_cast<std::size_t>((key * 0x9E3779B97F4A7C15U) >> 24) & mask;
  while (slots_[at].key != key && slots_[at].key != no_pair)
    at = (at + 1) & mask;
  return at;
}

void PairTable::reserve(std::size_t pairs) {
  std::size_t size = 16;
  while (size < 2 * pairs)
    size *= 2;
  if (size <= slots_.size()) return;
  std::vector<Slot> old(size, Slot{no_pair, {}});
  old.swap(slots_);
  for (const Slot& slot : old) {
    if (slot.key != no_pair) slots_[slot_of(slot.key)] = slot;
  }
}

void PairTable::put(std::uint32_t left, std::uint32_t right, Merge merge) {
  reserve(used_ + 1);
  Slot& slot = slots_[slot_of(pair_key(left, right))];
  if (slot.key == no_pair) ++used_;
  slot = {pair_key(left, right), merge};
}

const PairTable::Merge* PairTable::find(std::uint32_t left, std::uint32_t right) const {
  if (slots_.empty()) return nullptr;
  const Slot& slot = slots_[slot_of(pair_key(left, right))];
  return slot.key == no_pair ? nullptr : &slot.merge;
}

// ---- building

Result<Bpe> Bpe::build(BpeVocabulary vocabulary, const BpeOptions& options, const std::string& file) {
  Bpe bpe;
  bpe.options_ = options;
  bpe.tokens_ = std::move(vocabulary.tokens);
  SALIENT_CHECK(bpe.add_tokens(file));
  SALIENT_CHECK(bpe.find_byte_tokens(file));
  SALIENT_CHECK(bpe.add_merges(vocabulary.merges, file));
  bpe.find_joinable(vocabulary.merges);
  return bpe;
}

Status Bpe::add_tokens(const std::string& file) {
  ids_.reserve(tokens_.size());
  by_id_.reserve(tokens_.size());
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    const auto& [text, id] = tokens_[i];
    if (!ids_.emplace(text, id).second) {
      return Error{ErrorCode::format, file, "vocab " + in_quotes(text), "each token once", "the token twice", damaged};
    }
    if (const auto [other, fresh] = by_id_.emplace(id, i); !fresh) {
      return Error{ErrorCode::format,
                   file,
                   "vocab " + in_quotes(text),
                   "an id of its own",
                   fmt::format("id {}, which is that of {} too", id, in_quotes(tokens_[other->second].first)),
                   damaged};
    }
    if (options_.byte_level) {
      std::string raw;
      if (byte_alphabet().decode(text, raw)) raw_ids_.emplace(std::move(raw), id);
    }
  }
  if (options_.unk_token) {
    unk_id_ = find(*options_.unk_token);
    if (!unk_id_) {
      return Error{ErrorCode::format,
                   file,
                   "model.unk_token",
                   "a token of the vocabulary",
                   in_quotes(*options_.unk_token),
                   damaged};
    }
  }
  return {};
}

Status Bpe::find_byte_tokens(const std::string& file) {
  byte_id_.fill(-1);
  for (const auto& [text, id] : tokens_) {
    if (options_.byte_level) {
      std::string raw;
      if (text.size() <= 2 && byte_alphabet().decode(text, raw) && raw.size() == 1) {
        byte_id_[static_cast<unsigned char>(raw[0])] = id;
      }
    } else if (options_.byte_fallback && text.size() == 6 && text.starts_with("<0x") && text.back() == '>') {
      const int high = hex_digit(text[3]);
      const int low = hex_digit(text[4]);
      if (high < 0 || low < 0) {
        return Error{ErrorCode::format, file,   "vocab " + in_quotes(text), "a byte from <0x00> to <0xFF>",
                     in_quotes(text),   damaged};
      }
      // The reference looks its byte tokens up in upper case.
      if (text == fmt::format("<0x{:02X}>", 16 * high + low)) byte_id_[static_cast<std::size_t>(16 * high + low)] = id;
    }
  }
  return {};
}

Status Bpe::add_merges(const std::vector<std::pair<std::string, std::string>>& merges, const std::string& file) {
  merges_.reserve(merges.size());
  for (std::size_t i = 0; i < merges.size(); ++i) {
    const auto& [left, right] = merges[i];
    const auto refuse = [&](const std::string& expected, const std::string& missing) {
      return Error{ErrorCode::format,
                   file,
                   fmt::format("merge {}", i),
                   expected,
                   in_quotes(missing) + ", which the vocabulary lacks",
                   damaged};
    };
    const auto left_id = find(left);
    if (!left_id) return refuse("a merge of two tokens", left);
    const auto right_id = find(right);
    if (!right_id) return refuse("a merge of two tokens", right);
    const auto merged = find(left + right);
    if (!merged) return refuse("a merge into a token", left + right);
    merges_.put(static_cast<std::uint32_t>(*left_id), static_cast<std::uint32_t>(*right_id),
                {static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(*merged)});
  }
  return {};
}

// A token is built from the symbols of its characters, so that a merge joins the last character of its left
// part with the first of its right part. Two neighbours that no merge joins are never in one token.
void Bpe::find_joinable(const std::vector<std::pair<std::string, std::string>>& merges) {
  const auto is_symbol_of_many = [&](const std::string& text, TokenId id) {
    if (unk_id_ && id == *unk_id_) return true;
    return options_.byte_fallback && text.size() == 6 && text.starts_with("<0x");
  };
  for (const auto& [left, right] : merges) {
    if (left.empty() || right.empty()) continue;
    if (is_symbol_of_many(left, *find(left)) || is_symbol_of_many(right, *find(right))) {
      all_joinable_ = true;
      return;
    }
    const auto last = find(last_character(left));
    const auto first = find(first_character(right));
    if (last && first) joinable_.put(static_cast<std::uint32_t>(*last), static_cast<std::uint32_t>(*first), {});
  }
}

// ---- encoding

std::optional<TokenId> Bpe::find(std::string_view token) const {
  const auto found = ids_.find(token);
  return found == ids_.end() ? std::nullopt : std::optional<TokenId>(found->second);
}

const std::string* Bpe::token(TokenId id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &tokens_[found->second].first;
}

bool Bpe::joinable(std::string_view left, std::string_view right) const {
  const auto a = find(left);
  const auto b = find(right);
  // A character without a symbol of its own may be fused with its neighbours.
  if (all_joinable_ || !a || !b) return true;
  return joinable_.find(static_cast<std::uint32_t>(*a), static_cast<std::uint32_t>(*b)) != nullptr;
}

Bpe::Symbols Bpe::symbols_of(std::string_view word) const {
  Symbols symbols;
  const auto put = [&](TokenId id, std::size_t begin) {
    symbols.ids.push_back(static_cast<std::uint32_t>(id));
    symbols.begins.push_back(begin);
  };
  std::optional<std::size_t> unknown;  // where unknown characters began that are not put yet
  const auto put_unknown = [&] {
    if (unknown) put(*unk_id_, *unknown);
    unknown.reset();
  };
  for (std::size_t at = 0; at < word.size();) {
    const std::size_t length = options_.byte_level ? 1 : character_length(word[at]);
    const std::string_view character = word.substr(at, length);
    std::optional<TokenId> id;
    if (!options_.byte_level) {
      id = find(character);
    } else if (const std::int64_t byte = byte_id_[static_cast<unsigned char>(word[at])]; byte >= 0) {
      id = static_cast<TokenId>(byte);
    }
    const auto has_token = [&](char c) { return byte_id_[static_cast<unsigned char>(c)] >= 0; };
    if (id) {
      put_unknown();
      put(*id, at);
    } else if (!options_.byte_level && options_.byte_fallback &&
               std::all_of(character.begin(), character.end(), has_token)) {
      // Unknown characters that still wait stay waiting, as in the reference.
      if (unknown) symbols.in_order = false;
      for (const char c : character)
        put(static_cast<TokenId>(byte_id_[static_cast<unsigned char>(c)]), at);
    } else if (unk_id_) {
      if (!options_.fuse_unk) put_unknown();
      if (!unknown) unknown = at;
    }
    at += length;
  }
  put_unknown();
  return symbols;
}

void Bpe::merge(std::span<const std::uint32_t> symbols, std::vector<TokenId>& out) const {
  struct Symbol {
    std::uint32_t id;
    std::int32_t previous;
    std::int32_t next;
  };
  struct Candidate {
    std::uint32_t rank;
    std::int32_t position;
    std::uint32_t id;
    bool operator<(const Candidate& other) const {  // the heap's top is the lowest rank, then the leftmost
      return rank != other.rank ? rank > other.rank : position > other.position;
    }
  };
  thread_local std::vector<Symbol> chain;
  thread_local std::vector<Candidate> heap;
  chain.clear();
  heap.clear();
  const auto count = static_cast<std::int32_t>(symbols.size());
  for (std::int32_t i = 0; i < count; ++i) {
    chain.push_back({symbols[static_cast<std::size_t>(i)], i - 1, i + 1 < count ? i + 1 : -1});
  }
  const auto symbol = [&](std::int32_t at) -> Symbol& { return chain[static_cast<std::size_t>(at)]; };
  const auto consider = [&](std::int32_t left, std::int32_t right) {
    const PairTable::Merge* merge = merges_.find(symbol(left).id, symbol(right).id);
    if (merge == nullptr) return;
    heap.push_back({merge->rank, left, merge->id});
    std::push_heap(heap.begin(), heap.end());
  };
  for (std::int32_t i = 0; i + 1 < count; ++i)
    consider(i, i + 1);
  while (!heap.empty()) {
    std::pop_heap(heap.begin(), heap.end());
    const Candidate top = heap.back();
    heap.pop_back();
    Symbol& left = symbol(top.position);
    if (left.id == removed || left.next < 0) continue;
    Symbol& right = symbol(left.next);
    // The neighbours may have changed since; as in the reference, only the resulting token is compared.
    const PairTable::Merge* merge = merges_.find(left.id, right.id);
    if (merge == nullptr || merge->id != top.id) continue;
    left.id = top.id;
    left.next = right.next;
    right.id = removed;
    if (left.next >= 0) symbol(left.next).previous = top.position;
    if (left.previous >= 0) consider(left.previous, top.position);
    if (left.next >= 0) consider(top.position, left.next);
  }
  for (std::int32_t at = count > 0 ? 0 : -1; at >= 0; at = symbol(at).next) {
    out.push_back(static_cast<TokenId>(symbol(at).id));
  }
}

void Bpe::encode_run(std::string_view text, std::span<const std::uint32_t> symbols, Cache& cache,
                     std::vector<TokenId>& out) const {
  const std::size_t first = out.size();
  merge(symbols, out);
  if (text.size() > cached_word_bytes || cache.words.size() >= cached_words) return;
  cache.words.emplace_back(text);
  cache.entries.emplace(cache.words.back(),
                        Cache::Entry{cache.ids.size(), static_cast<std::uint32_t>(out.size() - first)});
  cache.ids.insert(cache.ids.end(), out.begin() + static_cast<std::ptrdiff_t>(first), out.end());
}

void Bpe::encode(std::string_view word, Cache& cache, std::vector<TokenId>& out) const {
  const auto cached = [&](std::string_view text) {
    if (text.size() > cached_word_bytes) return false;
    const auto found = cache.entries.find(text);
    if (found == cache.entries.end()) return false;
    const auto begin = cache.ids.begin() + static_cast<std::ptrdiff_t>(found->second.first);
    out.insert(out.end(), begin, begin + found->second.count);
    return true;
  };
  if (options_.ignore_merges) {
    const Ids& whole = options_.byte_level ? raw_ids_ : ids_;
    if (const auto found = whole.find(word); found != whole.end()) {
      out.push_back(found->second);
      return;
    }
  }
  if (cached(word)) return;
  auto [symbols, begins, in_order] = symbols_of(word);
  if (all_joinable_ || !in_order || symbols.size() <= long_word_symbols) {
    encode_run(word, symbols, cache, out);
    return;
  }
  // A long word is cut where no token can reach across, so that most of it is short and often seen.
  begins.push_back(word.size());
  for (std::size_t first = 0; first < symbols.size();) {
    std::size_t last = first + 1;
    while (last < symbols.size() &&
           (begins[last] == begins[last - 1] || joinable_.find(symbols[last - 1], symbols[last]) != nullptr)) {
      ++last;
    }
    const std::string_view text = word.substr(begins[first], begins[last] - begins[first]);
    if (!cached(text)) encode_run(text, std::span(symbols).subspan(first, last - first), cache, out);
    first = last;
  }
}

}  // namespace salient
