// SPDX-License-Identifier: Apache-2.0
// What normalizers, pre-tokenizers and decoders look for in a text — a string or a regular expression —
// and the ways a text is split around it, as Hugging Face tokenizers define them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/text/regex.h"

namespace salient {

class Pattern {
 public:
  /// {"String": …} or {"Regex": …}.
  static Result<Pattern> parse(const Json& json, const std::string& file, const std::string& key);
  static Pattern literal(std::string text);
  static Pattern regex(Regex regex);

  /// Matches from left to right, none overlapping another.
  [[nodiscard]] Status find_all(std::string_view text, std::vector<Span>& matches) const;
  /// Error{range} where more than `limit` bytes would come of it.
  [[nodiscard]] Result<std::string> replace_all(std::string_view text, std::string_view replacement,
                                                std::uint64_t limit) const;

  /// Whether it matches one certain character wherever that stands, and that is no ASCII letter.
  [[nodiscard]] bool is_separator() const;
  /// The regular expression as the file has it; empty for a string.
  [[nodiscard]] std::string_view expression() const;

 private:
  std::string literal_;
  std::optional<Regex> regex_;
};

/// What becomes of the matches when a text is split at them.
enum class SplitBehavior { removed, isolated, merged_with_previous, merged_with_next, contiguous };
/// "Removed", "MergedWithPrevious", … as the files spell them.
[[nodiscard]] Result<SplitBehavior> split_behavior(const std::string& name, const std::string& file,
                                                   const std::string& key);

/// The pieces of a text of `size` bytes around `matches` (ascending); with `invert` the text between
/// matches plays their part. Empty pieces are left out.
void split_around(std::size_t size, const std::vector<Span>& matches, SplitBehavior behavior, bool invert,
                  std::vector<Span>& pieces);

}  // namespace salient
