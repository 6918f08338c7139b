// SPDX-License-Identifier: Apache-2.0
// Strict JSON from strangers: duplicate keys, nesting, size and UTF-8 are checked while parsing
// (HOSTILE rows 5 to 10, 37, 48), and typed access that answers with an error value.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
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

/// What a value is, for an Error's `found`: `the string "abc"`, `-1`, `null`, `an array`.
[[nodiscard]] std::string json_describe(const Json& value);

/// Typed look-ups: the key is missing, null or of another type → Error{format, file, key, …}.
[[nodiscard]] Result<std::int64_t> json_integer(const Json& object, const char* key, const std::string& file);
[[nodiscard]] Result<double> json_number(const Json& object, const char* key, const std::string& file);
[[nodiscard]] Result<bool> json_bool(const Json& object, const char* key, const std::string& file);
[[nodiscard]] Result<std::string> json_string(const Json& object, const char* key, const std::string& file);

}  // namespace salient
