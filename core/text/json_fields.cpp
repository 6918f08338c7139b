// SPDX-License-Identifier: Apache-2.0
#include "core/text/json_fields.h"

namespace salient {

const Json* json_member(const Json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto member = object.find(key);
  return member == object.end() || member->is_null() ? nullptr : &*member;
}

Result<bool> json_bool_or(const Json& object, const char* key, bool otherwise, const std::string& file) {
  return json_member(object, key) == nullptr ? Result<bool>(otherwise) : json_bool(object, key, file);
}

Result<std::string> json_string_or(const Json& object, const char* key, const std::string& otherwise,
                                   const std::string& file) {
  return json_member(object, key) == nullptr ? Result<std::string>(otherwise) : json_string(object, key, file);
}

Error unknown_type(const std::string& file, const std::string& part, const std::string& type,
                   const std::string& known) {
  return Error{ErrorCode::unsupported,
               file,
               part + ".type",
               known,
               "\"" + escape_for_message(type) + "\"",
               "this program cannot use this tokenizer"};
}

}  // namespace salient
