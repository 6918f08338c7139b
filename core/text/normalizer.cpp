// SPDX-License-Identifier: Apache-2.0
#include "core/text/normalizer.h"

#include <unicode/normalizer2.h>
#include <unicode/uniset.h>

#include <limits>
#include <utility>

#include "core/text/json_fields.h"
#include "core/text/pattern.h"
#include "core/text/unicode_text.h"

namespace salient {
namespace {

using Normalizers = std::vector<std::unique_ptr<const Normalizer>>;

Error icu_error(UErrorCode code) {
  return Error{ErrorCode::internal, "", "Unicode normalization", "", u_errorName(code), "report this as a bug"};
}

/// The reference normalizes by the tables of Unicode 9: what came later it leaves where it stands.
Result<const icu::UnicodeSet*> normalized_characters() {
  static UErrorCode code = U_ZERO_ERROR;
  static const icu::UnicodeSet set = [] {
    icu::UnicodeSet made;
    made.applyPropertyAlias(icu::UnicodeString(u"Age"), icu::UnicodeString(u"9.0"), code);
    made.freeze();
    return made;
  }();
  if (U_FAILURE(code)) return icu_error(code);
  return &set;
}

class UnicodeForm final : public Normalizer {
 public:
  UnicodeForm(const icu::Normalizer2& form, const icu::UnicodeSet& characters)
      : form_(form), filtered_(form, characters) {}

  Result<std::string_view> apply(std::string_view text, bool, Strings& strings) const override {
    UErrorCode code = U_ZERO_ERROR;
    constexpr std::uint64_t most = std::numeric_limits<std::int32_t>::max();
    if (text.size() > most) return grown_too_much(most);
    const icu::StringPiece piece(text.data(), static_cast<std::int32_t>(text.size()));
    if (form_.isNormalizedUTF8(piece, code)) return text;
    std::string normalized;
    icu::StringByteSink<std::string> sink(&normalized);
    filtered_.normalizeUTF8(0, piece, sink, nullptr, code);
    if (U_FAILURE(code)) return icu_error(code);
    return strings.keep(std::move(normalized));
  }

 private:
  const icu::Normalizer2& form_;
  icu::FilteredNormalizer2 filtered_;
};

class Lowercase final : public Normalizer {
 public:
  Result<std::string_view> apply(std::string_view text, bool, Strings& strings) const override {
    std::string lower;
    for (std::size_t at = 0; at < text.size();) {
      const char32_t c = next_code_point(text, at);
      append_code_point(lower, to_lower(c));
      if (c == U'\u0130') append_code_point(lower, U'\u0307');  // the only one that becomes two
    }
    return strings.keep(std::move(lower));
  }
};

class Prepend final : public Normalizer {
 public:
  explicit Prepend(std::string prefix) : prefix_(std::move(prefix)) {}

  Result<std::string_view> apply(std::string_view text, bool continued, Strings& strings) const override {
    if (text.empty() || continued) return text;
    if (prefix_.size() + text.size() > strings.left()) return grown_too_much(strings.left());
    return strings.keep(prefix_ + std::string(text));
  }

 private:
  std::string prefix_;
};

class Replace final : public Normalizer {
 public:
  Replace(Pattern pattern, std::string content) : pattern_(std::move(pattern)), content_(std::move(content)) {}

  Result<std::string_view> apply(std::string_view text, bool, Strings& strings) const override {
    SALIENT_ASSIGN(std::string replaced, pattern_.replace_all(text, content_, strings.left()));
    return strings.keep(std::move(replaced));
  }

  bool same_when_cut() const override { return pattern_.is_separator(); }

 private:
  Pattern pattern_;
  std::string content_;
};

class Strip final : public Normalizer {
 public:
  Strip(bool left, bool right) : left_(left), right_(right) {}

  Result<std::string_view> apply(std::string_view text, bool, Strings&) const override {
    std::size_t begin = 0;
    std::size_t end = text.size();
    for (std::size_t at = 0; left_ && at < end && is_white_space(next_code_point(text, at));)
      begin = at;
    for (std::size_t at = end; right_ && at > begin && is_white_space(previous_code_point(text, at));)
      end = at;
    return text.substr(begin, end - begin);
  }

  bool same_when_cut() const override { return false; }

 private:
  bool left_;
  bool right_;
};

class ByteLevelNormalizer final : public Normalizer {
 public:
  Result<std::string_view> apply(std::string_view text, bool, Strings& strings) const override {
    return strings.keep(byte_alphabet().encode(text));
  }
};

Status parse_into(const Json& json, const std::string& file, int depth, Normalizers& out) {
  const Result<std::string> named = json_string(json, "type", file);
  if (!named) return named.error();
  const std::string& type = *named;
  const auto add_form = [&](const icu::Normalizer2* (*instance)(UErrorCode&)) -> Status {
    UErrorCode code = U_ZERO_ERROR;
    const icu::Normalizer2* form = instance(code);
    if (U_FAILURE(code)) return icu_error(code);
    SALIENT_ASSIGN(const icu::UnicodeSet* characters, normalized_characters());
    out.push_back(std::make_unique<UnicodeForm>(*form, *characters));
    return {};
  };
  if (type == "Sequence" && depth < 8) {
    const Json* members = json_member(json, "normalizers");
    if (members == nullptr || !members->is_array()) {
      return Error{ErrorCode::format, file, "normalizer.normalizers", "an array", "none", "get the file again"};
    }
    for (const Json& member : *members)
      SALIENT_CHECK(parse_into(member, file, depth + 1, out));
    return {};
  }
  if (type == "NFC") return add_form(&icu::Normalizer2::getNFCInstance);
  if (type == "NFD") return add_form(&icu::Normalizer2::getNFDInstance);
  if (type == "NFKC") return add_form(&icu::Normalizer2::getNFKCInstance);
  if (type == "NFKD") return add_form(&icu::Normalizer2::getNFKDInstance);
  if (type == "Lowercase") {
    out.push_back(std::make_unique<Lowercase>());
  } else if (type == "Prepend") {
    SALIENT_ASSIGN(std::string prefix, json_string(json, "prepend", file));
    out.push_back(std::make_unique<Prepend>(std::move(prefix)));
  } else if (type == "Replace") {
    const Json* found = json_member(json, "pattern");
    SALIENT_ASSIGN(Pattern pattern, Pattern::parse(found ? *found : Json(), file, "normalizer.pattern"));
    SALIENT_ASSIGN(std::string content, json_string(json, "content", file));
    out.push_back(std::make_unique<Replace>(std::move(pattern), std::move(content)));
  } else if (type == "Strip") {
    SALIENT_ASSIGN(const bool left, json_bool_or(json, "strip_left", true, file));
    SALIENT_ASSIGN(const bool right, json_bool_or(json, "strip_right", true, file));
    out.push_back(std::make_unique<Strip>(left, right));
  } else if (type == "ByteLevel") {
    out.push_back(std::make_unique<ByteLevelNormalizer>());
  } else {
    return unknown_type(file, "normalizer", type,
                        "NFC, NFD, NFKC, NFKD, Lowercase, Prepend, Replace, Strip, ByteLevel or Sequence");
  }
  return {};
}

}  // namespace

Result<Normalizers> parse_normalizers(const Json& json, const std::string& file) {
  Normalizers normalizers;
  if (!json.is_null()) SALIENT_CHECK(parse_into(json, file, 0, normalizers));
  SALIENT_CHECK(check_steps(normalizers.size(), "normalizer", file));
  return normalizers;
}

}  // namespace salient
