// SPDX-License-Identifier: Apache-2.0
// From Oniguruma's Ruby syntax to PCRE2's. The character tables of PCRE2 10.42 are those of Unicode 14, and
// some of its classes differ by design; each class is therefore spelled out where the difference shows.
#include <fmt/format.h>

#include "core/text/regex.h"

namespace salient {
namespace {

constexpr std::string_view white_space =
    R"(\x{9}-\x{D}\x{20}\x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000})";
constexpr std::string_view not_white_space =
    R"(\x{0}-\x{8}\x{E}-\x{1F}\x{21}-\x{84}\x{86}-\x{9F}\x{A1}-\x{167F}\x{1681}-\x{1FFF}\x{200B}-\x{2027})"
    R"(\x{202A}-\x{202E}\x{2030}-\x{205E}\x{2060}-\x{2FFF}\x{3001}-\x{10FFFF})";
// Letters and numbers that Unicode 15, 15.1 and 16 added.
constexpr std::string_view letter =
    R"(\p{L}\x{1C89}\x{1C8A}\x{A7CB}-\x{A7CD}\x{A7DA}-\x{A7DC}\x{105C0}-\x{105F3}\x{10D4A}-\x{10D65})"
    R"(\x{10D6F}-\x{10D85}\x{10EC2}-\x{10EC4}\x{1123F}\x{11240}\x{11380}-\x{11389}\x{1138B}\x{1138E})"
    R"(\x{11390}-\x{113B5}\x{113B7}\x{113D1}\x{113D3}\x{11BC0}-\x{11BE0}\x{11F02}\x{11F04}-\x{11F10})"
    R"(\x{11F12}-\x{11F33}\x{1342F}\x{13441}-\x{13446}\x{13460}-\x{143FA}\x{16100}-\x{1611D})"
    R"(\x{16D40}-\x{16D6C}\x{18CFF}\x{1B132}\x{1B155}\x{1DF25}-\x{1DF2A}\x{1E030}-\x{1E06D})"
    R"(\x{1E4D0}-\x{1E4EB}\x{1E5D0}-\x{1E5ED}\x{1E5F0}\x{2B739}\x{2EBF0}-\x{2EE5D}\x{31350}-\x{323AF})";
constexpr std::string_view number =
    R"(\p{N}\x{10D40}-\x{10D49}\x{116D0}-\x{116E3}\x{11BF0}-\x{11BF9}\x{11F50}-\x{11F59}\x{16130}-\x{16139})"
    R"(\x{16D70}-\x{16D79}\x{1CCF0}-\x{1CCF9}\x{1D2C0}-\x{1D2D3}\x{1E4F0}-\x{1E4F9}\x{1E5F1}-\x{1E5FA})";
constexpr std::string_view decimal =
    R"(\p{Nd}\x{10D40}-\x{10D49}\x{116D0}-\x{116E3}\x{11BF0}-\x{11BF9}\x{11F50}-\x{11F59}\x{16130}-\x{16139})"
    R"(\x{16D70}-\x{16D79}\x{1CCF0}-\x{1CCF9}\x{1E4F0}-\x{1E4F9}\x{1E5F1}-\x{1E5FA})";
// What \w holds besides letters and decimal digits: marks, letter numbers, connectors, the enclosed Latin
// letters, and, for Oniguruma alone, the Latin-1 superscripts and fractions; then what came after Unicode 14.
constexpr std::string_view word_extras =
    R"(\p{M}\p{Nl}\p{Pc}\x{24B6}-\x{24E9}\x{1F130}-\x{1F149}\x{1F150}-\x{1F169}\x{1F170}-\x{1F189})"
    R"(\x{B2}\x{B3}\x{B9}\x{BC}-\x{BE}\x{897}\x{CF3}\x{ECE}\x{10D69}-\x{10D6D}\x{10EFC}-\x{10EFF}\x{11241})"
    R"(\x{113B8}-\x{113C0}\x{113C2}\x{113C5}\x{113C7}-\x{113CA}\x{113CC}-\x{113D0}\x{113D2}\x{113E1}\x{113E2})"
    R"(\x{11F00}\x{11F01}\x{11F03}\x{11F34}-\x{11F3A}\x{11F3E}-\x{11F42}\x{11F5A}\x{13440}\x{13447}-\x{13455})"
    R"(\x{1611E}-\x{1612F}\x{1E08F}\x{1E4EC}-\x{1E4EF}\x{1E5EE}\x{1E5EF})";

constexpr std::string_view hexadecimal = "0-9A-Fa-f";

class Rewriter {
 public:
  Rewriter(std::string_view pattern, const std::string& file, const std::string& key)
      : pattern_(pattern), file_(file), key_(key) {}

  Result<std::string> run() {
    while (at_ < pattern_.size()) {
      const char c = pattern_[at_];
      if (c == '\\') {
        SALIENT_CHECK(escape());
      } else if (in_class_) {
        SALIENT_CHECK(class_character(c));
      } else if (c == '[') {
        open_class();
      } else if (c == '(' && pattern_.substr(at_, 2) == "(?") {
        options();
      } else {
        if (c == '}' && pattern_.substr(at_ + 1, 1) == "+") {
          return refuse("an interval followed by \"+\", which engines read in different ways");
        }
        copy(1);
      }
    }
    return std::move(out_);
  }

 private:
  Error refuse(const std::string& found) const {
    return Error{ErrorCode::unsupported,
                 file_,
                 key_,
                 "a regular expression in the common syntax",
                 fmt::format("\"{}\" with {}", escape_for_message(pattern_), found),
                 "write the pattern without it"};
  }

  void copy(std::size_t count) {
    out_ += pattern_.substr(at_, count);
    at_ += count;
  }

  /// Items of a character class, in brackets of their own where none are open.
  void items(std::string_view list, bool negated = false) {
    if (in_class_) {
      out_ += list;
    } else {
      out_ += fmt::format("[{}{}]", negated ? "^" : "", list);
    }
  }

  Status escape() {
    if (at_ + 1 >= pattern_.size()) return refuse("a backslash at its end");
    const char c = pattern_[at_ + 1];
    const std::size_t begin = at_;
    at_ += 2;
    switch (c) {
      case 's': items(white_space); return {};
      case 'S': items(not_white_space); return {};
      case 'h': items(hexadecimal); return {};
      case 'd': items(decimal); return {};
      case 'w': items(fmt::format("{}{}{}", letter, decimal, word_extras)); return {};
      case 'D':
      case 'H':
      case 'W':
        if (in_class_) return refuse(fmt::format("\\{} inside a character class", c));
        if (c == 'W') {
          items(fmt::format("{}{}{}", letter, decimal, word_extras), true);
        } else {
          items(c == 'D' ? decimal : hexadecimal, true);
        }
        return {};
      case 'u':
        if (at_ + 4 > pattern_.size()) return refuse("\\u without four digits");
        out_ += fmt::format("\\x{{{}}}", pattern_.substr(at_, 4));
        at_ += 4;
        return {};
      case 'p':
      case 'P': return property(c == 'P', begin);
      default:
        at_ = begin;
        copy(2);
        return {};
    }
  }

  Status property(bool negated, std::size_t begin) {
    const std::size_t close = pattern_.find('}', begin);
    if (pattern_.substr(at_, 1) != "{" || close == std::string_view::npos) {
      return refuse("a property without braces");
    }
    std::string_view name = pattern_.substr(at_ + 1, close - at_ - 1);
    if (name.substr(0, 1) == "^") {
      negated = !negated;
      name.remove_prefix(1);
    }
    const bool letters = name == "L" || name == "Letter";
    if ((letters || name == "N" || name == "Number") && !(negated && in_class_)) {
      items(letters ? letter : number, negated);
    } else {
      out_ += fmt::format("\\{}{{{}}}", negated ? 'P' : 'p', name);
    }
    at_ = close + 1;
    return {};
  }

  void open_class() {
    in_class_ = true;
    copy(1);
    if (pattern_.substr(at_, 1) == "^") copy(1);
    if (pattern_.substr(at_, 1) == "]") copy(1);
  }

  Status class_character(char c) {
    if (c == '[') {
      if (pattern_.substr(at_, 2) != "[:") return refuse("a character class inside another");
      const std::size_t close = pattern_.find(":]", at_);
      if (close == std::string_view::npos) return refuse("an unfinished POSIX class");
      copy(close + 2 - at_);
      return {};
    }
    if (pattern_.substr(at_, 2) == "&&") return refuse("an intersection of character classes");
    if (c == ']') in_class_ = false;
    copy(1);
    return {};
  }

  /// In Ruby (?m) lets the dot match line ends, which is (?s) elsewhere.
  void options() {
    copy(2);
    while (at_ < pattern_.size() && std::string_view("imx-").find(pattern_[at_]) != std::string_view::npos) {
      out_ += pattern_[at_] == 'm' ? 's' : pattern_[at_];
      ++at_;
    }
  }

  std::string_view pattern_;
  const std::string& file_;
  const std::string& key_;
  std::size_t at_ = 0;
  bool in_class_ = false;
  std::string out_;
};

}  // namespace

Result<std::string> rewrite_for_pcre2(std::string_view pattern, const std::string& file, const std::string& key) {
  return Rewriter(pattern, file, key).run();
}

}  // namespace salient
