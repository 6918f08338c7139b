// SPDX-License-Identifier: Apache-2.0
// Pre-tokenizers of tokenizer.json: how a normalized text is split into the words that byte-pair encoding
// works on.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/text/normalizer.h"

namespace salient {

struct Piece {
  std::string_view text;
  bool first = false;  ///< begins where the whole text begins
};

class PreTokenizer {
 public:
  virtual ~PreTokenizer() = default;
  [[nodiscard]] virtual Status apply(std::vector<Piece>& pieces, Strings& strings) const = 0;
};

struct PreTokenizers {
  std::vector<std::unique_ptr<const PreTokenizer>> steps;
  /// The last step is ByteLevel: its words are left as raw bytes, and the model reads them as such.
  bool byte_level = false;
};
/// Empty for null. Unknown types are refused by name.
[[nodiscard]] Result<PreTokenizers> parse_pre_tokenizers(const Json& json, const std::string& file);

}  // namespace salient
