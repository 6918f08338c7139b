// SPDX-License-Identifier: Apache-2.0
// Parts of results that several commands show to a person. They take the operations' JSON and are
// forgiving: a key that is absent is left out.
#pragma once

#include <string>
#include <vector>

#include "app/cli/console.h"
#include "core/base/json.h"

namespace salient::cli {

using Facts = std::vector<std::pair<std::string, std::string>>;

[[nodiscard]] double number(const Json& object, const char* key, double fallback = 0);
[[nodiscard]] std::int64_t count(const Json& object, const char* key);
/// A string of the result, made printable.
[[nodiscard]] std::string word(const Json& object, const char* key);

/// percent, payload and effective bits, bytes, predicted loss.
[[nodiscard]] Facts size_facts(const Json& result);
/// What the check of an export found; of a packed directory that it is identical.
[[nodiscard]] Facts export_facts(const Json& verification);
/// The 8-bit share of every linear, a line for each layer and a column for each projection.
[[nodiscard]] std::string linears_text(const Json& linears, const Style& style);
/// linears_text() under its heading; nothing where `uniform` says that all rows have the same width.
[[nodiscard]] std::string bit_map_text(const Json& linears, bool uniform, const Style& style);
/// Stages and their seconds on one line each.
[[nodiscard]] std::string stages_text(const Json& stages, const Style& style);
/// Perplexity and the other measures of one or two evaluations side by side; `reference` is what rows of divergence
/// call the model that the other is compared with.
struct NamedEvaluation {
  std::string name;
  const Json* evaluation;
};
[[nodiscard]] std::string evaluations_text(const std::vector<NamedEvaluation>& evaluations,
                                           const std::string& reference, const Style& style);
/// Memory, disk and time of a preflight.
[[nodiscard]] std::string preflight_text(const Json& preflight, const Style& style);
[[nodiscard]] std::string notes_text(const Json& notes);

}  // namespace salient::cli
