// SPDX-License-Identifier: Apache-2.0
#include "core/text/pre_tokenizer.h"

#include <optional>
#include <utility>

#include "core/text/json_fields.h"
#include "core/text/pattern.h"
#include "core/text/unicode_text.h"

namespace salient {
namespace {

constexpr std::string_view word_or_signs = R"(\w+|[^\w\s]+)";
constexpr const char* get_again = "get the file again";

/// Replaces each piece by its parts, as `spans_of(text, spans)` finds them.
template <class SpansOf>
Status split_pieces(std::vector<Piece>& pieces, const SpansOf& spans_of) {
  std::vector<Piece> split;
  std::vector<Span> spans;
  for (const Piece& piece : pieces) {
    spans.clear();
    SALIENT_CHECK(spans_of(piece.text, spans));
    for (const Span& span : spans) {
      split.push_back({piece.text.substr(span.begin, span.end - span.begin), piece.first && span.begin == 0});
    }
  }
  pieces = std::move(split);
  return {};
}

class Split final : public PreTokenizer {
 public:
  Split(Pattern pattern, SplitBehavior behavior, bool invert)
      : pattern_(std::move(pattern)), behavior_(behavior), invert_(invert) {}

  Status apply(std::vector<Piece>& pieces, Strings&) const override {
    std::vector<Span> matches;
    return split_pieces(pieces, [&](std::string_view text, std::vector<Span>& spans) -> Status {
      matches.clear();
      SALIENT_CHECK(pattern_.find_all(text, matches));
      split_around(text.size(), matches, behavior_, invert_, spans);
      return {};
    });
  }

  // In the expressions known here a match that holds a letter ends with letters, nothing looks behind, and
  // only runs of white space look ahead.
  bool separates_white_space() const override {
    const std::string_view expression = pattern_.expression();
    const bool known = expression == gpt2_words || expression == llama3_words || expression == qwen2_words;
    return known && behavior_ == SplitBehavior::isolated && !invert_;
  }
  // A string that is no letter splits the same way too, unless it takes what stands before it.
  bool same_when_cut_before(char) const override {
    return separates_white_space() ||
           (pattern_.is_separator() && !invert_ && behavior_ != SplitBehavior::merged_with_previous);
  }

 private:
  Pattern pattern_;
  SplitBehavior behavior_;
  bool invert_;
};

/// Splits at the characters a predicate accepts.
class SplitAt final : public PreTokenizer {
 public:
  using Accepts = bool (*)(char32_t);
  SplitAt(Accepts accepts, SplitBehavior behavior) : accepts_(accepts), behavior_(behavior) {}

  Status apply(std::vector<Piece>& pieces, Strings&) const override {
    std::vector<Span> matches;
    return split_pieces(pieces, [&](std::string_view text, std::vector<Span>& spans) -> Status {
      matches.clear();
      for (std::size_t at = 0; at < text.size();) {
        const std::size_t begin = at;
        if (accepts_(next_code_point(text, at))) matches.push_back({begin, at});
      }
      split_around(text.size(), matches, behavior_, false, spans);
      return {};
    });
  }

  bool same_when_cut_before(char) const override { return true; }

 private:
  Accepts accepts_;
  SplitBehavior behavior_;
};

class PrefixSpace final : public PreTokenizer {
 public:
  Status apply(std::vector<Piece>& pieces, Strings& strings) const override {
    for (Piece& piece : pieces) {
      if (piece.text.starts_with(' ')) continue;
      SALIENT_ASSIGN(piece.text, strings.keep(" " + std::string(piece.text)));
    }
    return {};
  }
  bool same_when_cut_before(char next) const override { return next == ' '; }
};

class SpellBytes final : public PreTokenizer {
 public:
  Status apply(std::vector<Piece>& pieces, Strings& strings) const override {
    for (Piece& piece : pieces) {
      SALIENT_ASSIGN(piece.text, strings.keep(byte_alphabet().encode(piece.text)));
    }
    return {};
  }
  bool same_when_cut_before(char) const override { return true; }
};

enum class PrependScheme { always, first, never };

class Metaspace final : public PreTokenizer {
 public:
  Metaspace(std::string replacement, PrependScheme scheme)
      : space_(Pattern::literal(" ")), replacement_(std::move(replacement)), scheme_(scheme) {}

  Status apply(std::vector<Piece>& pieces, Strings& strings) const override {
    for (Piece& piece : pieces) {
      SALIENT_ASSIGN(std::string text, space_.replace_all(piece.text, replacement_, strings.left()));
      const bool wanted = scheme_ == PrependScheme::always || (scheme_ == PrependScheme::first && piece.first);
      if (wanted && !text.starts_with(replacement_)) text.insert(0, replacement_);
      SALIENT_ASSIGN(piece.text, strings.keep(std::move(text)));
    }
    return {};
  }

  bool same_when_cut_before(char next) const override { return next == ' '; }

 private:
  Pattern space_;
  std::string replacement_;
  PrependScheme scheme_;
};

class Parser {
 public:
  Parser(const std::string& file, PreTokenizers& out) : file_(file), out_(out) {}

  Status parse(const Json& json, bool last, int depth) {
    const Result<std::string> named = json_string(json, "type", file_);
    if (!named) return named.error();
    const std::string& type = *named;
    if (type == "Sequence" && depth < 8) return sequence(json, last, depth);
    if (type == "ByteLevel") return byte_level(json, last);
    if (type == "Split") return split(json);
    if (type == "Metaspace") return metaspace(json);
    if (type == "Digits") {
      SALIENT_ASSIGN(const bool individual, json_bool_or(json, "individual_digits", false, file_));
      add<SplitAt>(&is_numeric, individual ? SplitBehavior::isolated : SplitBehavior::contiguous);
      return {};
    }
    if (type == "Punctuation") {
      SALIENT_ASSIGN(const std::string name, json_string_or(json, "behavior", "Isolated", file_));
      SALIENT_ASSIGN(const SplitBehavior behavior, split_behavior(name, file_, "pre_tokenizer.behavior"));
      add<SplitAt>(&is_punctuation, behavior);
      return {};
    }
    if (type == "WhitespaceSplit") {
      add<SplitAt>(&is_white_space, SplitBehavior::removed);
      return {};
    }
    if (type == "Whitespace") return add_regex(word_or_signs, SplitBehavior::removed, true);
    if (type == "CharDelimiterSplit") {
      SALIENT_ASSIGN(std::string delimiter, json_string(json, "delimiter", file_));
      if (delimiter.empty()) return refuse("delimiter", "one character", "none");
      add<Split>(Pattern::literal(std::move(delimiter)), SplitBehavior::removed, false);
      return {};
    }
    return unknown_type(file_, "pre_tokenizer", type,
                        "ByteLevel, Split, Metaspace, Digits, Punctuation, Whitespace, WhitespaceSplit, "
                        "CharDelimiterSplit or Sequence");
  }

 private:
  template <class Step, class... Arguments>
  void add(Arguments&&... arguments) {
    out_.steps.push_back(std::make_unique<Step>(std::forward<Arguments>(arguments)...));
  }

  Error refuse(const std::string& key, const std::string& expected, const std::string& found) const {
    return Error{ErrorCode::format, file_, "pre_tokenizer." + key, expected, found, get_again};
  }

  Status add_regex(std::string_view pattern, SplitBehavior behavior, bool invert) {
    SALIENT_ASSIGN(Regex regex, Regex::compile(pattern, file_, "pre_tokenizer"));
    add<Split>(Pattern::regex(std::move(regex)), behavior, invert);
    return {};
  }

  Status sequence(const Json& json, bool last, int depth) {
    const Json* members = json_member(json, "pretokenizers");
    if (members == nullptr || !members->is_array()) return refuse("pretokenizers", "an array", "none");
    for (std::size_t i = 0; i < members->size(); ++i) {
      SALIENT_CHECK(parse((*members)[i], last && i + 1 == members->size(), depth + 1));
    }
    return {};
  }

  Status byte_level(const Json& json, bool last) {
    SALIENT_ASSIGN(const bool prefix, json_bool_or(json, "add_prefix_space", true, file_));
    SALIENT_ASSIGN(const bool use_regex, json_bool_or(json, "use_regex", true, file_));
    if (prefix) add<PrefixSpace>();
    if (use_regex) SALIENT_CHECK(add_regex(gpt2_words, SplitBehavior::isolated, false));
    if (last) {
      out_.byte_level = true;
    } else {
      add<SpellBytes>();
    }
    return {};
  }

  Status split(const Json& json) {
    const Json* found = json_member(json, "pattern");
    SALIENT_ASSIGN(Pattern pattern, Pattern::parse(found ? *found : Json(), file_, "pre_tokenizer.pattern"));
    SALIENT_ASSIGN(const std::string name, json_string(json, "behavior", file_));
    SALIENT_ASSIGN(const SplitBehavior behavior, split_behavior(name, file_, "pre_tokenizer.behavior"));
    SALIENT_ASSIGN(const bool invert, json_bool_or(json, "invert", false, file_));
    add<Split>(std::move(pattern), behavior, invert);
    return {};
  }

  Status metaspace(const Json& json) {
    SALIENT_ASSIGN(const std::string replacement, json_string(json, "replacement", file_));
    if (replacement.empty() || character_length(replacement[0]) != replacement.size()) {
      return refuse("replacement", "one character", "\"" + escape_for_message(replacement) + "\"");
    }
    // Older files say add_prefix_space where newer ones have a scheme.
    SALIENT_ASSIGN(const bool prefix, json_bool_or(json, "add_prefix_space", true, file_));
    SALIENT_ASSIGN(const std::string name, json_string_or(json, "prepend_scheme", prefix ? "always" : "never", file_));
    SALIENT_ASSIGN(const bool splits, json_bool_or(json, "split", true, file_));
    PrependScheme scheme = PrependScheme::always;
    if (name == "first") {
      scheme = PrependScheme::first;
    } else if (name == "never") {
      scheme = PrependScheme::never;
    } else if (name != "always") {
      return refuse("prepend_scheme", "always, first or never", "\"" + escape_for_message(name) + "\"");
    }
    add<Metaspace>(replacement, scheme);
    if (splits) add<Split>(Pattern::literal(replacement), SplitBehavior::merged_with_next, false);
    return {};
  }

  const std::string& file_;
  PreTokenizers& out_;
};

}  // namespace

Result<PreTokenizers> parse_pre_tokenizers(const Json& json, const std::string& file) {
  PreTokenizers pre_tokenizers;
  if (!json.is_null()) SALIENT_CHECK(Parser(file, pre_tokenizers).parse(json, true, 0));
  SALIENT_CHECK(check_steps(pre_tokenizers.steps.size(), "pre_tokenizer", file));
  return pre_tokenizers;
}

}  // namespace salient
