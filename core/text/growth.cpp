// SPDX-License-Identifier: Apache-2.0
#include "core/text/growth.h"

#include <fmt/format.h>

namespace salient {
namespace {

constexpr const char* damaged = "the tokenizer file is damaged or was made to deceive; get it again";

}  // namespace

Error grown_too_much(std::uint64_t limit) {
  return Error{ErrorCode::range,         "",
               "tokenizer rules",        fmt::format("at most {} bytes made of this text", limit),
               "rules that multiply it", damaged};
}

Status check_steps(std::size_t steps, const std::string& part, const std::string& file) {
  if (steps <= most_tokenizer_steps) return {};
  return Error{ErrorCode::range,      file,   part, fmt::format("at most {} steps", most_tokenizer_steps),
               std::to_string(steps), damaged};
}

Status check_token_length(std::string_view token, const std::string& file) {
  if (token.size() <= longest_token) return {};
  return Error{ErrorCode::range,
               file,
               "token \"" + escape_for_message(token) + "\"",
               fmt::format("at most {} bytes", longest_token),
               fmt::format("{} bytes", token.size()),
               damaged};
}

}  // namespace salient
