// SPDX-License-Identifier: Apache-2.0
// The tokenizer files a model directory may have, each read into a tokenizer.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/text/tokenizer.h"

namespace salient {

constexpr std::uint64_t tokenizer_file_limit = std::uint64_t{256} << 20;

struct TokenizerFiles {
  std::filesystem::path directory;
  Json config;  ///< tokenizer_config.json; an empty object where there is none
  std::optional<std::int64_t> embedding_rows;
};

[[nodiscard]] Result<std::shared_ptr<const Tokenizer>> load_tokenizer_json(const TokenizerFiles& files);

}  // namespace salient
