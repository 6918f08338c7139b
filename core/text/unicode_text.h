// SPDX-License-Identifier: Apache-2.0
// Characters as the tokenizers see them: code points of UTF-8 text, the character classes their rules
// name (by ICU), the byte-level alphabet of GPT-2, and the lossy reading of arbitrary bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace salient {

/// The code point at `at` of well-formed UTF-8, and `at` moved past it. Needs at < text.size().
[[nodiscard]] char32_t next_code_point(std::string_view text, std::size_t& at);
/// The code point before `at`, and `at` moved to its first byte. Needs at > 0.
[[nodiscard]] char32_t previous_code_point(std::string_view text, std::size_t& at);
void append_code_point(std::string& text, char32_t code_point);
/// Bytes of the character whose first byte is `lead`, in well-formed UTF-8.
[[nodiscard]] std::size_t character_length(char lead);

[[nodiscard]] constexpr bool is_ascii_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
[[nodiscard]] bool is_white_space(char32_t c);     ///< Unicode's White_Space
[[nodiscard]] bool is_word_character(char32_t c);  ///< \w of UTS 18: alphabetic, mark, decimal, connector, joiner
[[nodiscard]] bool is_numeric(char32_t c);         ///< general category N
[[nodiscard]] bool is_punctuation(char32_t c);     ///< general category P, or ASCII punctuation
[[nodiscard]] char32_t to_lower(char32_t c);       ///< simple mapping

/// Error naming the offset of the first byte that is not UTF-8. `what` names the text in the message.
[[nodiscard]] Status check_utf8(std::string_view text, const std::string& what);
/// Every `what` (not empty) in a text, from the left, by `by`.
[[nodiscard]] std::string replaced(std::string_view text, std::string_view what, std::string_view by);
/// Every maximal ill-formed subsequence becomes one U+FFFD.
[[nodiscard]] std::string utf8_lossy(std::string_view bytes);

/// GPT-2's bijection of the 256 bytes to printable characters: 33–126, 161–172 and 174–255 stand for
/// themselves, the others follow from U+0100 on in order.
struct ByteAlphabet {
  std::array<std::string, 256> spelling;  ///< UTF-8 of the character of each byte
  std::array<std::int16_t, 324> byte_of;  ///< by code point; -1 where none

  [[nodiscard]] std::string encode(std::string_view bytes) const;
  /// False, with nothing appended, when a character of `text` belongs to no byte.
  [[nodiscard]] bool decode(std::string_view text, std::string& bytes) const;
};
[[nodiscard]] const ByteAlphabet& byte_alphabet();

}  // namespace salient
