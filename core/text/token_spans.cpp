// SPDX-License-Identifier: Apache-2.0
#include "core/text/token_spans.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

namespace salient {
namespace {

constexpr std::size_t kAgreement = 4;   // bytes that must agree where two texts meet again
constexpr std::size_t kLookahead = 96;  // bytes of a rewritten stretch on both sides together

char folded(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Where each byte of the text that the tokens spell lies in the text they were made from.
class Alignment {
 public:
  Alignment(std::string_view spelled, std::string_view text) : spelled_(spelled), text_(text) {
    begins_.resize(spelled.size());
    ends_.resize(spelled.size());
    std::size_t at = 0;
    std::size_t in_text = 0;
    while (at < spelled.size()) {
      if (in_text < text.size() && folded(spelled[at]) == folded(text[in_text])) {
        begins_[at] = in_text;
        ends_[at++] = ++in_text;
        continue;
      }
      const auto [next, next_in_text] = meeting_point(at, in_text);
      for (; at < next; ++at) {
        begins_[at] = in_text;
        ends_[at] = next_in_text;
      }
      in_text = next_in_text;
    }
  }

  /// The text's bytes for spelled bytes [begin, end), which are not empty.
  [[nodiscard]] std::pair<std::size_t, std::size_t> of(std::size_t begin, std::size_t end) const {
    return {begins_[begin], ends_[end - 1]};
  }
  [[nodiscard]] std::size_t end_before(std::size_t at) const { return at == 0 ? 0 : ends_[at - 1]; }

 private:
  [[nodiscard]] bool agree(std::size_t at, std::size_t in_text) const {
    const std::size_t left = spelled_.size() - at;
    const std::size_t left_in_text = text_.size() - in_text;
    const std::size_t count = std::min(left, kAgreement);
    if (count != std::min(left_in_text, kAgreement)) return false;
    return std::equal(
        spelled_.begin() + static_cast<std::ptrdiff_t>(at), spelled_.begin() + static_cast<std::ptrdiff_t>(at + count),
        text_.begin() + static_cast<std::ptrdiff_t>(in_text), [](char a, char b) { return folded(a) == folded(b); });
  }

  /// The nearest pair of places from which both go on alike; both ends where there is none.
  [[nodiscard]] std::pair<std::size_t, std::size_t> meeting_point(std::size_t at, std::size_t in_text) const {
    for (std::size_t skipped = 1; skipped <= kLookahead; ++skipped) {
      for (std::size_t of_text = 0; of_text <= skipped; ++of_text) {
        const std::size_t next = at + skipped - of_text;
        const std::size_t next_in_text = in_text + of_text;
        if (next > spelled_.size() || next_in_text > text_.size()) continue;
        if (agree(next, next_in_text)) return {next, next_in_text};
      }
    }
    return {spelled_.size(), text_.size()};
  }

  std::string_view spelled_;
  std::string_view text_;
  std::vector<std::size_t> begins_;
  std::vector<std::size_t> ends_;
};

}  // namespace

Result<std::vector<TokenSpan>> token_spans(const Tokenizer& tokenizer, std::string_view text, bool add_special) {
  SALIENT_ASSIGN(const std::vector<TokenId> own, tokenizer.encode(text, false));
  SALIENT_ASSIGN(const std::vector<TokenId> all, tokenizer.encode(text, add_special));
  std::string spelled;
  std::vector<std::size_t> ends;
  for (const TokenId id : own) {
    spelled += tokenizer.token_bytes(id);
    ends.push_back(spelled.size());
  }
  const Alignment alignment(spelled, text);
  // The template stands around the text's own tokens.
  const auto first = std::search(all.begin(), all.end(), own.begin(), own.end()) - all.begin();
  std::vector<TokenSpan> spans;
  spans.reserve(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    TokenSpan span{all[i], 0, 0};
    const auto inner = static_cast<std::ptrdiff_t>(i) - first;
    if (inner >= static_cast<std::ptrdiff_t>(own.size())) {
      span.begin = span.end = text.size();
    } else if (inner >= 0) {
      const auto index = static_cast<std::size_t>(inner);
      const std::size_t begin = index == 0 ? 0 : ends[index - 1];
      span.begin = span.end = alignment.end_before(begin);
      if (ends[index] > begin) std::tie(span.begin, span.end) = alignment.of(begin, ends[index]);
    }
    spans.push_back(span);
  }
  return spans;
}

}  // namespace salient
