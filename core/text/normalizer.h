// SPDX-License-Identifier: Apache-2.0
// Normalizers of tokenizer.json: what is done to a text before it is split into words.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/text/growth.h"

namespace salient {

class Normalizer {
 public:
  virtual ~Normalizer() = default;
  /// The normalized text: `text` itself where nothing changed, or one kept in `strings`; Error{range} where it would
  /// become more than they may hold.
  /// `continued`: the text goes on from an earlier part, so that nothing is put in front of it.
  [[nodiscard]] virtual Result<std::string_view> apply(std::string_view text, bool continued,
                                                       Strings& strings) const = 0;
  /// Whether a text cut between a letter and white space is normalized in two parts as in one.
  [[nodiscard]] virtual bool same_when_cut() const { return true; }
};

/// Normalizers in the order they are applied; empty for null. Unknown types are refused by name.
[[nodiscard]] Result<std::vector<std::unique_ptr<const Normalizer>>> parse_normalizers(const Json& json,
                                                                                       const std::string& file);

}  // namespace salient
