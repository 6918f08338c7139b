// SPDX-License-Identifier: Apache-2.0
// What stands beside vocab.json or tokenizer.model: special_tokens_map.json, added_tokens.json, and the same things in
// tokenizer_config.json. Read as transformers (4.x) reads them for its tokenizers in Python, which such models were
// made with; where there is a tokenizer.json it says all this itself.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/text/tokenizer.h"
#include "core/text/tokenizer_files.h"

namespace salient {

/// A special token that a tokenizer class has where no file names another.
struct SpecialDefault {
  const char* key;  ///< "bos_token"
  const char* content;
};

struct BaseVocabulary {
  std::function<std::optional<TokenId>(std::string_view)> find;
  std::int64_t size = 0;  ///< how many tokens
};

/// tokenizer_config.json completed from special_tokens_map.json and added_tokens.json, which count only where it has no
/// added_tokens_decoder. Error{format}: one of the three has a value of the wrong type (HOSTILE-INPUTS rows 48, 53).
[[nodiscard]] Result<Json> read_side_files(const std::filesystem::path& directory, Json config);

/// The content of a special token: the configured one, the class's own where none is; empty where it is null.
[[nodiscard]] std::string special_token(const Json& config, std::span<const SpecialDefault> defaults, const char* key);

/// All tokens looked for in the text, in the form of tokenizer.json's added_tokens: those with an id in the files, and
/// the named special tokens with their id in the vocabulary or, where they have none, the ids behind its last.
[[nodiscard]] Result<Json> slow_added_tokens(const TokenizerFiles& files, std::span<const SpecialDefault> defaults,
                                             const BaseVocabulary& vocabulary);

}  // namespace salient
