// SPDX-License-Identifier: Apache-2.0
#include "core/text/token_decoder.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "core/base/utf8.h"
#include "core/text/growth.h"
#include "core/text/json_fields.h"
#include "core/text/pattern.h"
#include "core/text/unicode_text.h"

namespace salient {
namespace {

using Decoders = std::vector<std::unique_ptr<const TokenDecoder>>;

// Replacing may make this much of a text that was shorter. A limit in proportion to the text would grow from one
// decoder of a sequence to the next.
constexpr std::uint64_t replaced_bytes = std::uint64_t{4} << 20;

class ByteLevelDecoder final : public TokenDecoder {
 public:
  Status apply(std::vector<std::string>& tokens) const override {
    std::string bytes;
    for (const std::string& token : tokens) {
      // A token with a character outside of the alphabet (an added one) stands for itself.
      if (!byte_alphabet().decode(token, bytes)) bytes += token;
    }
    tokens = {utf8_lossy(bytes)};
    return {};
  }
};

class ReplaceDecoder final : public TokenDecoder {
 public:
  ReplaceDecoder(Pattern pattern, std::string content) : pattern_(std::move(pattern)), content_(std::move(content)) {}

  Status apply(std::vector<std::string>& tokens) const override {
    std::uint64_t bytes = 0;
    for (const std::string& token : tokens)
      bytes += token.size();
    std::uint64_t left = std::max(bytes, replaced_bytes);
    for (std::string& token : tokens) {
      SALIENT_ASSIGN(token, pattern_.replace_all(token, content_, left));
      left -= token.size();
    }
    return {};
  }

 private:
  Pattern pattern_;
  std::string content_;
};

class ByteFallbackDecoder final : public TokenDecoder {
 public:
  Status apply(std::vector<std::string>& tokens) const override {
    std::vector<std::string> decoded;
    std::string bytes;
    const auto flush = [&] {
      if (bytes.empty()) return;
      if (first_invalid_utf8(bytes) == bytes.size()) {
        decoded.push_back(bytes);
      } else {
        // A run that is not UTF-8 is lost as a whole, a sign for each byte.
        for (std::size_t i = 0; i < bytes.size(); ++i)
          decoded.emplace_back("\xEF\xBF\xBD");
      }
      bytes.clear();
    };
    for (std::string& token : tokens) {
      if (const auto byte = byte_token(token)) {
        bytes.push_back(*byte);
      } else {
        flush();
        decoded.push_back(std::move(token));
      }
    }
    flush();
    tokens = std::move(decoded);
    return {};
  }
};

class FuseDecoder final : public TokenDecoder {
 public:
  Status apply(std::vector<std::string>& tokens) const override {
    std::string fused;
    for (const std::string& token : tokens)
      fused += token;
    tokens = {std::move(fused)};
    return {};
  }
};

class StripDecoder final : public TokenDecoder {
 public:
  StripDecoder(std::string content, std::size_t start, std::size_t stop)
      : content_(std::move(content)), start_(start), stop_(stop) {}

  Status apply(std::vector<std::string>& tokens) const override {
    for (std::string& token : tokens) {
      std::string_view rest = token;
      for (std::size_t i = 0; i < start_ && rest.starts_with(content_); ++i)
        rest.remove_prefix(content_.size());
      for (std::size_t i = 0; i < stop_ && rest.ends_with(content_); ++i)
        rest.remove_suffix(content_.size());
      token = std::string(rest);
    }
    return {};
  }

 private:
  std::string content_;
  std::size_t start_;
  std::size_t stop_;
};

class MetaspaceDecoder final : public TokenDecoder {
 public:
  MetaspaceDecoder(std::string replacement, bool strips_first)
      : replacement_(std::move(replacement)), strips_first_(strips_first) {}

  Status apply(std::vector<std::string>& tokens) const override {
    for (std::size_t i = 0; i < tokens.size(); ++i)
      tokens[i] = replaced(tokens[i], replacement_, i == 0 && strips_first_ ? "" : " ");
    return {};
  }

 private:
  std::string replacement_;
  bool strips_first_;
};

Status parse_into(const Json& json, const std::string& file, int depth, Decoders& out) {
  const Result<std::string> named = json_string(json, "type", file);
  if (!named) return named.error();
  const std::string& type = *named;
  const auto refuse = [&](const char* key, const char* expected) {
    return Error{ErrorCode::format,   file, std::string("decoder.") + key, expected, "something else",
                 "get the file again"};
  };
  if (type == "Sequence" && depth < 8) {
    const Json* members = json_member(json, "decoders");
    if (members == nullptr || !members->is_array()) return refuse("decoders", "an array");
    for (const Json& member : *members)
      SALIENT_CHECK(parse_into(member, file, depth + 1, out));
    return {};
  }
  if (type == "ByteLevel") {
    out.push_back(std::make_unique<ByteLevelDecoder>());
  } else if (type == "Replace") {
    const Json* found = json_member(json, "pattern");
    SALIENT_ASSIGN(Pattern pattern, Pattern::parse(found ? *found : Json(), file, "decoder.pattern"));
    SALIENT_ASSIGN(std::string content, json_string(json, "content", file));
    out.push_back(std::make_unique<ReplaceDecoder>(std::move(pattern), std::move(content)));
  } else if (type == "ByteFallback") {
    out.push_back(std::make_unique<ByteFallbackDecoder>());
  } else if (type == "Fuse") {
    out.push_back(std::make_unique<FuseDecoder>());
  } else if (type == "Strip") {
    SALIENT_ASSIGN(std::string content, json_string(json, "content", file));
    SALIENT_ASSIGN(const std::int64_t start, json_integer(json, "start", file));
    SALIENT_ASSIGN(const std::int64_t stop, json_integer(json, "stop", file));
    if (content.empty()) return refuse("content", "one character");
    if (start < 0) return refuse("start", "a count");
    if (stop < 0) return refuse("stop", "a count");
    out.push_back(std::make_unique<StripDecoder>(std::move(content), static_cast<std::size_t>(start),
                                                 static_cast<std::size_t>(stop)));
  } else if (type == "Metaspace") {
    SALIENT_ASSIGN(std::string replacement, json_string(json, "replacement", file));
    SALIENT_ASSIGN(const bool prefix, json_bool_or(json, "add_prefix_space", true, file));
    SALIENT_ASSIGN(const std::string scheme, json_string_or(json, "prepend_scheme", prefix ? "always" : "never", file));
    if (replacement.empty()) return refuse("replacement", "one character");
    out.push_back(std::make_unique<MetaspaceDecoder>(std::move(replacement), scheme != "never"));
  } else {
    return unknown_type(file, "decoder", type, "ByteLevel, Replace, ByteFallback, Fuse, Strip, Metaspace or Sequence");
  }
  return {};
}

}  // namespace

std::optional<char> byte_token(std::string_view token) {
  if (token.size() != 6 || !token.starts_with("<0x") || token.back() != '>') return std::nullopt;
  unsigned value = 0;
  const auto [end, code] = std::from_chars(token.data() + 3, token.data() + 5, value, 16);
  if (code != std::errc() || end != token.data() + 5) return std::nullopt;
  return static_cast<char>(value);
}

Result<Decoders> parse_token_decoders(const Json& json, const std::string& file) {
  Decoders decoders;
  if (!json.is_null()) SALIENT_CHECK(parse_into(json, file, 0, decoders));
  SALIENT_CHECK(check_steps(decoders.size(), "decoder", file));
  return decoders;
}

}  // namespace salient
