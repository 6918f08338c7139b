// SPDX-License-Identifier: Apache-2.0
// How much a tokenizer's rules may make of a text. Files from strangers can have rules that multiply it (replace each
// letter by a megabyte, sixty times over): they come to an error value before they come to the end of the memory.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/result.h"

namespace salient {

inline constexpr std::size_t most_tokenizer_steps =
    64;                                             ///< normalizers, pre-tokenizers or decoders; real files have six
inline constexpr std::size_t longest_token = 4096;  ///< bytes of a token; real ones have some hundred at most

/// Bytes that normalizers and pre-tokenizers may make of a text of `bytes`, all steps together. Real ones make four
/// times the text (a space becomes three bytes), a single sign may become eleven times its bytes.
[[nodiscard]] constexpr std::uint64_t growth_limit(std::uint64_t bytes) {
  return std::min((std::uint64_t{64} << 10) + 16 * bytes, (std::uint64_t{64} << 20) + 4 * bytes);
}

/// Error{range} without a file, which the tokenizer adds.
[[nodiscard]] Error grown_too_much(std::uint64_t limit);
/// Error{range} where `steps` of `part` ("normalizer") are more than most_tokenizer_steps.
[[nodiscard]] Status check_steps(std::size_t steps, const std::string& part, const std::string& file);
/// Error{range} where a token is longer than longest_token.
[[nodiscard]] Status check_token_length(std::string_view token, const std::string& file);

/// Keeps strings alive while views of them are passed along the pipeline, up to `limit` bytes.
class Strings {
 public:
  explicit Strings(std::uint64_t limit) : limit_(limit), left_(limit) {}
  /// Error{range} where they become too many.
  [[nodiscard]] Result<std::string_view> keep(std::string text) {
    if (text.size() > left_) return grown_too_much(limit_);
    left_ -= text.size();
    return std::string_view(kept_.emplace_back(std::move(text)));
  }
  [[nodiscard]] std::uint64_t left() const { return left_; }  ///< bytes that can still be kept

 private:
  std::uint64_t limit_;
  std::uint64_t left_;
  std::deque<std::string> kept_;
};

}  // namespace salient
