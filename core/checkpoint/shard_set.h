// SPDX-License-Identifier: Apache-2.0
// Which safetensors files make up a model directory, and which tensor is in which of them.
#pragma once

#include <filesystem>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/base/job.h"
#include "core/base/result.h"
#include "core/checkpoint/safetensors.h"

namespace salient {

struct ShardSet {
  std::vector<SafetensorsFile> shards;
  std::unordered_map<std::string, std::size_t> shard_of;  ///< index into shards
};

/// model.safetensors, or what model.safetensors.index.json names (HOSTILE rows 29 to 40). `notes` receives what a
/// person should know.
[[nodiscard]] Result<ShardSet> open_shards(const std::filesystem::path& directory, std::vector<std::string>& notes,
                                           const CancelToken* cancel);

/// Names joined by commas, escaped; past about 4000 bytes only their number.
[[nodiscard]] std::string list_names(const std::vector<std::string>& names);

}  // namespace salient
