// SPDX-License-Identifier: Apache-2.0
// Decoders of tokenizer.json: how the spellings of tokens become text again.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/base/result.h"

namespace salient {

class TokenDecoder {
 public:
  virtual ~TokenDecoder() = default;
  /// Spellings in, spellings or pieces of text out.
  [[nodiscard]] virtual Status apply(std::vector<std::string>& tokens) const = 0;
};

/// Decoders in the order they are applied; empty for null. Unknown types are refused by name.
[[nodiscard]] Result<std::vector<std::unique_ptr<const TokenDecoder>>> parse_token_decoders(const Json& json,
                                                                                            const std::string& file);

}  // namespace salient
