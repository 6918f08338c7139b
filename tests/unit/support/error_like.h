// SPDX-License-Identifier: Apache-2.0
// An error's parts: the kind and the key as they are, what was expected and found by a piece of their words.
#pragma once

#include <gmock/gmock.h>

#include <string>

#include "core/base/result.h"

namespace salient::test {

inline auto error_like(ErrorCode code, const std::string& key, const std::string& expected, const std::string& found) {
  using testing::Field;
  using testing::HasSubstr;
  return testing::AllOf(Field("code", &Error::code, code), Field("key", &Error::key, key),
                        Field("expected", &Error::expected, HasSubstr(expected)),
                        Field("found", &Error::found, HasSubstr(found)));
}

}  // namespace salient::test
