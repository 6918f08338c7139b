// SPDX-License-Identifier: Apache-2.0
// The tokenizer files a model directory may have, each read into a tokenizer.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/text/tokenizer.h"

namespace salient {

constexpr std::uint64_t tokenizer_file_limit = std::uint64_t{256} << 20;

struct TokenizerFiles {
  std::filesystem::path directory;
  Json config;  ///< tokenizer_config.json with what read_side_files() adds; an empty object where there is none
  std::optional<std::int64_t> embedding_rows;
};

[[nodiscard]] Result<std::shared_ptr<const Tokenizer>> load_tokenizer_json(const TokenizerFiles& files);
[[nodiscard]] Result<std::shared_ptr<const Tokenizer>> load_vocabulary_and_merges(const TokenizerFiles& files);
/// A SentencePiece model, or the rank file that Llama 3 has under the same name.
[[nodiscard]] Result<std::shared_ptr<const Tokenizer>> load_tokenizer_model(const TokenizerFiles& files);
[[nodiscard]] Result<std::shared_ptr<const Tokenizer>> load_rank_file(const TokenizerFiles& files,
                                                                      std::string_view text, const std::string& file);

/// A tokenizer from a document with the structure of tokenizer.json; `file` for messages.
[[nodiscard]] Result<std::shared_ptr<const Tokenizer>> build_tokenizer(const Json& json, const TokenizerFiles& files,
                                                                       const std::string& file);

/// The content of a special token in tokenizer_config.json ("bos_token"), a string or an object; empty if none.
[[nodiscard]] std::string configured_token(const Json& config, const char* key);
/// Entries of added_tokens_decoder in tokenizer_config.json, in the form of tokenizer.json's added_tokens.
/// Error{format}: it is no object, or an entry no token under its id.
[[nodiscard]] Result<Json> configured_added_tokens(const TokenizerFiles& files);
/// The words of Llama 3 and Qwen2 as a pre-tokenizer of tokenizer.json.
[[nodiscard]] Json split_by_words(std::string_view expression);

}  // namespace salient
