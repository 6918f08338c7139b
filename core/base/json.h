// SPDX-License-Identifier: Apache-2.0
// Strict JSON from strangers: duplicate keys, nesting, size and UTF-8 are checked while parsing
// (HOSTILE rows 5 to 10, 37, 48), and typed access that answers with an error value.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace salient {

using Json = nlohmann::ordered_json;

struct JsonLimits {
  int depth = 64;
};

/// One JSON value and nothing behind it but white space. `file` names the source in errors; the key of
/// an error is "line L, column C" for syntax, or the path of the repeated key.
[[nodiscard]] Result<Json> parse_json(std::string_view text, const std::string& file, JsonLimits limits = {});

/// Receives a JSON text piece by piece, for documents too large to be held as a whole. A handler refuses by
/// returning `refuse(error)`.
class JsonEvents : public nlohmann::json_sax<Json> {
 public:
  bool binary(binary_t& value) override;
  bool parse_error(std::size_t position, const std::string& token, const nlohmann::detail::exception& problem) final;

 protected:
  bool refuse(Error error);

 private:
  friend Status parse_json_events(std::string_view text, const std::string& file, JsonEvents& events);
  std::optional<Error> refusal_;
  std::size_t error_position_ = 0;
  std::string error_reason_;
};

/// Encoding, syntax and trailing junk are checked as in parse_json(); keys and nesting are the handler's affair.
[[nodiscard]] Status parse_json_events(std::string_view text, const std::string& file, JsonEvents& events);

/// What a value is, for an Error's `found`: `the string "abc"`, `-1`, `null`, `an array`.
[[nodiscard]] std::string json_describe(const Json& value);

/// Typed look-ups: the key is missing, null or of another type → Error{format, file, key, …}.
[[nodiscard]] Result<std::int64_t> json_integer(const Json& object, const char* key, const std::string& file);
[[nodiscard]] Result<double> json_number(const Json& object, const char* key, const std::string& file);
[[nodiscard]] Result<bool> json_bool(const Json& object, const char* key, const std::string& file);
[[nodiscard]] Result<std::string> json_string(const Json& object, const char* key, const std::string& file);

}  // namespace salient
