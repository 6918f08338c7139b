// SPDX-License-Identifier: Apache-2.0
// Regular expressions of tokenizer files. They are written for Oniguruma (Ruby syntax, Unicode 16); here
// they are rewritten for PCRE2 where the two differ, and run with limits, so that a pattern that blows up
// is an error value (HOSTILE-INPUTS row 55).
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace salient {

/// The pattern in PCRE2's syntax with the classes \s, \w, \h, \p{L} and \p{N} meaning what Oniguruma
/// means. What cannot be said there (nested classes, intersections, a possessive-looking interval) is refused.
[[nodiscard]] Result<std::string> rewrite_for_pcre2(std::string_view pattern, const std::string& file,
                                                    const std::string& key);

struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
};

class Regex {
 public:
  static Result<Regex> compile(std::string_view pattern, const std::string& file, const std::string& key);

  /// All matches from left to right. `text` is well-formed UTF-8. As Oniguruma's iterator does, an empty
  /// match right behind the match before it is passed over.
  [[nodiscard]] Status find_all(std::string_view text, std::vector<Span>& matches) const;

  [[nodiscard]] std::string_view pattern() const;  ///< as it was given

 private:
  struct Program;
  std::shared_ptr<const Program> program_;
};

}  // namespace salient
