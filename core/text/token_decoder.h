// SPDX-License-Identifier: Apache-2.0
// Decoders of tokenizer.json: how the spellings of tokens become text again.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"
#include "core/base/result.h"

namespace salient {

class TokenDecoder {
 public:
  virtual ~TokenDecoder() = default;
  /// Spellings in, spellings or pieces of text out. Error{range}, without a file, where they multiply.
  [[nodiscard]] virtual Status apply(std::vector<std::string>& tokens) const = 0;
};

/// The byte that a byte fallback token ("<0x0A>") stands for; nothing for other spellings.
[[nodiscard]] std::optional<char> byte_token(std::string_view token);

/// Decoders in the order they are applied; empty for null. Unknown types are refused by name.
[[nodiscard]] Result<std::vector<std::unique_ptr<const TokenDecoder>>> parse_token_decoders(const Json& json,
                                                                                            const std::string& file);

}  // namespace salient
