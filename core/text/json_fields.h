// SPDX-License-Identifier: Apache-2.0
// Fields of tokenizer files that may be left out or null.
#pragma once

#include <string>

#include "core/base/json.h"
#include "core/base/result.h"

namespace salient {

/// The member, or null where it is missing, null itself, or `object` is no object.
[[nodiscard]] const Json* json_member(const Json& object, const char* key);
[[nodiscard]] Result<bool> json_bool_or(const Json& object, const char* key, bool otherwise, const std::string& file);
[[nodiscard]] Result<std::string> json_string_or(const Json& object, const char* key, const std::string& otherwise,
                                                 const std::string& file);

/// Error: `part` of the file ("normalizer") has a type this program does not know.
[[nodiscard]] Error unknown_type(const std::string& file, const std::string& part, const std::string& type,
                                 const std::string& known);

}  // namespace salient
