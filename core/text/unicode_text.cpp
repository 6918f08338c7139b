// SPDX-License-Identifier: Apache-2.0
#include "core/text/unicode_text.h"

#include <fmt/format.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include "core/base/utf8.h"

// ICU's macros narrow integers in the code that uses them.
#pragma GCC diagnostic ignored "-Wconversion"

namespace salient {

char32_t next_code_point(std::string_view text, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  if (lead < 0x80) {
    ++at;
    return lead;
  }
  UChar32 c = 0;
  U8_NEXT_UNSAFE(text.data(), at, c);
  return static_cast<char32_t>(c);
}

char32_t previous_code_point(std::string_view text, std::size_t& at) {
  UChar32 c = 0;
  U8_PREV_UNSAFE(text.data(), at, c);
  return static_cast<char32_t>(c);
}

void append_code_point(std::string& text, char32_t code_point) {
  char buffer[U8_MAX_LENGTH];
  std::size_t length = 0;
  U8_APPEND_UNSAFE(buffer, length, code_point);
  text.append(buffer, length);
}

std::size_t character_length(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  if (byte < 0x80) return 1;
  if (byte < 0xE0) return 2;
  return byte < 0xF0 ? 3 : 4;
}

bool is_white_space(char32_t c) {
  return u_hasBinaryProperty(static_cast<UChar32>(c), UCHAR_WHITE_SPACE) != 0;
}

bool is_word_character(char32_t c) {
  const auto code = static_cast<UChar32>(c);
  return u_hasBinaryProperty(code, UCHAR_ALPHABETIC) || u_hasBinaryProperty(code, UCHAR_JOIN_CONTROL) ||
         (U_GET_GC_MASK(code) & (U_GC_M_MASK | U_GC_ND_MASK | U_GC_PC_MASK)) != 0;
}

bool is_numeric(char32_t c) {
  return (U_GET_GC_MASK(static_cast<UChar32>(c)) & U_GC_N_MASK) != 0;
}

bool is_punctuation(char32_t c) {
  const bool ascii_symbol =
      c == U'$' || c == U'+' || c == U'<' || c == U'=' || c == U'>' || c == U'^' || c == U'`' || c == U'|' || c == U'~';
  return ascii_symbol || (U_GET_GC_MASK(static_cast<UChar32>(c)) & U_GC_P_MASK) != 0;
}

char32_t to_lower(char32_t c) {
  return static_cast<char32_t>(u_tolower(static_cast<UChar32>(c)));
}

Status check_utf8(std::string_view text, const std::string& what) {
  const std::size_t bad = first_invalid_utf8(text);
  if (bad == text.size()) return {};
  return Error{ErrorCode::format,
               what,
               fmt::format("byte {}", bad),
               "UTF-8 text",
               fmt::format("byte 0x{:02x}", static_cast<unsigned char>(text[bad])),
               "convert the text to UTF-8"};
}

std::string replaced(std::string_view text, std::string_view what, std::string_view by) {
  std::string out;
  for (std::size_t found = 0; (found = text.find(what)) != std::string_view::npos;
       text.remove_prefix(found + what.size())) {
    out += text.substr(0, found);
    out += by;
  }
  return out += text;
}

std::string utf8_lossy(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  std::size_t at = 0;
  while (at < bytes.size()) {
    const std::size_t begin = at;
    UChar32 c = 0;
    U8_NEXT(bytes.data(), at, bytes.size(), c);
    if (c < 0) {
      text += "\xEF\xBF\xBD";
    } else {
      text.append(bytes.substr(begin, at - begin));
    }
  }
  return text;
}

std::string ByteAlphabet::encode(std::string_view bytes) const {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char byte : bytes)
    text += spelling[static_cast<unsigned char>(byte)];
  return text;
}

bool ByteAlphabet::decode(std::string_view text, std::string& bytes) const {
  const std::size_t before = bytes.size();
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = next_code_point(text, at);
    if (c >= byte_of.size() || byte_of[c] < 0) {
      bytes.resize(before);
      return false;
    }
    bytes.push_back(static_cast<char>(byte_of[c]));
  }
  return true;
}

const ByteAlphabet& byte_alphabet() {
  static const ByteAlphabet alphabet = [] {
    ByteAlphabet made;
    made.byte_of.fill(-1);
    char32_t next = 0x100;
    for (unsigned byte = 0; byte < 256; ++byte) {
      const bool itself = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
      const char32_t c = itself ? static_cast<char32_t>(byte) : next++;
      append_code_point(made.spelling[byte], c);
      made.byte_of[c] = static_cast<std::int16_t>(byte);
    }
    return made;
  }();
  return alphabet;
}

}  // namespace salient
