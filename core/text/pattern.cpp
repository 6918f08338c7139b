// SPDX-License-Identifier: Apache-2.0
#include "core/text/pattern.h"

#include <algorithm>
#include <utility>

#include "core/text/growth.h"
#include "core/text/unicode_text.h"

namespace salient {

Result<Pattern> Pattern::parse(const Json& json, const std::string& file, const std::string& key) {
  if (json.is_object() && json.size() == 1 && json.begin()->is_string()) {
    const std::string& text = json.begin()->get_ref<const std::string&>();
    if (json.begin().key() == "String" && !text.empty()) return literal(text);
    if (json.begin().key() == "Regex") {
      SALIENT_ASSIGN(Regex compiled, Regex::compile(text, file, key));
      return regex(std::move(compiled));
    }
  }
  return Error{ErrorCode::format,
               file,
               key,
               "{\"String\": …} or {\"Regex\": …}",
               json_describe(json),
               "correct the file or get it again"};
}

Pattern Pattern::literal(std::string text) {
  Pattern pattern;
  pattern.literal_ = std::move(text);
  return pattern;
}

Pattern Pattern::regex(Regex regex) {
  Pattern pattern;
  pattern.regex_ = std::move(regex);
  return pattern;
}

Status Pattern::find_all(std::string_view text, std::vector<Span>& matches) const {
  if (regex_) return regex_->find_all(text, matches);
  for (std::size_t at = text.find(literal_); at != std::string_view::npos; at = text.find(literal_, at)) {
    matches.push_back({at, at + literal_.size()});
    at += literal_.size();
  }
  return {};
}

Result<std::string> Pattern::replace_all(std::string_view text, std::string_view replacement,
                                         std::uint64_t limit) const {
  std::vector<Span> matches;
  SALIENT_CHECK(find_all(text, matches));
  std::uint64_t size = text.size() + matches.size() * replacement.size();
  for (const Span& match : matches)
    size -= match.end - match.begin;
  if (size > limit) return grown_too_much(limit);
  std::string replaced;
  replaced.reserve(size);
  std::size_t at = 0;
  for (const Span& match : matches) {
    replaced += text.substr(at, match.begin - at);
    replaced += replacement;
    at = match.end;
  }
  replaced += text.substr(at);
  return replaced;
}

bool Pattern::is_separator() const {
  return !regex_ && character_length(literal_[0]) == literal_.size() && !is_ascii_letter(literal_[0]);
}

std::string_view Pattern::expression() const {
  return regex_ ? regex_->pattern() : std::string_view();
}

Result<SplitBehavior> split_behavior(const std::string& name, const std::string& file, const std::string& key) {
  if (name == "Removed") return SplitBehavior::removed;
  if (name == "Isolated") return SplitBehavior::isolated;
  if (name == "MergedWithPrevious") return SplitBehavior::merged_with_previous;
  if (name == "MergedWithNext") return SplitBehavior::merged_with_next;
  if (name == "Contiguous") return SplitBehavior::contiguous;
  return Error{ErrorCode::unsupported,
               file,
               key,
               "Removed, Isolated, MergedWithPrevious, MergedWithNext or Contiguous",
               "\"" + escape_for_message(name) + "\"",
               "this program cannot use this tokenizer"};
}

void split_around(std::size_t size, const std::vector<Span>& matches, SplitBehavior behavior, bool invert,
                  std::vector<Span>& pieces) {
  struct Part {
    Span span;
    bool match;
  };
  std::vector<Part> parts;
  parts.reserve(2 * matches.size() + 1);
  std::size_t at = 0;
  for (const Span& match : matches) {
    if (at != match.begin) parts.push_back({{at, match.begin}, invert});
    parts.push_back({match, !invert});
    at = match.end;
  }
  if (at != size) parts.push_back({{at, size}, invert});

  const std::size_t first = pieces.size();
  bool previous = false;
  const auto joined = [&](const Part& part, bool join) {
    if (join && pieces.size() > first) {
      Span& last = pieces.back();
      last = {std::min(last.begin, part.span.begin), std::max(last.end, part.span.end)};
    } else {
      pieces.push_back(part.span);
    }
    previous = part.match;
  };
  switch (behavior) {
    case SplitBehavior::removed:
      for (const Part& part : parts) {
        if (!part.match) pieces.push_back(part.span);
      }
      break;
    case SplitBehavior::isolated:
      for (const Part& part : parts)
        pieces.push_back(part.span);
      break;
    case SplitBehavior::contiguous:
      for (const Part& part : parts)
        joined(part, part.match == previous);
      break;
    case SplitBehavior::merged_with_previous:
      for (const Part& part : parts)
        joined(part, part.match && !previous);
      break;
    case SplitBehavior::merged_with_next:
      for (auto part = parts.rbegin(); part != parts.rend(); ++part)
        joined(*part, part->match && !previous);
      std::reverse(pieces.begin() + static_cast<std::ptrdiff_t>(first), pieces.end());
      break;
  }
  const auto empty = [](const Span& span) { return span.begin == span.end; };
  pieces.erase(std::remove_if(pieces.begin() + static_cast<std::ptrdiff_t>(first), pieces.end(), empty), pieces.end());
}

}  // namespace salient
