// SPDX-License-Identifier: Apache-2.0
// manifest.json: size and SHA-256 of every file of a packed model, and of every tensor's bytes. It is written last,
// so a directory without one is an unfinished export.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/base/dtype.h"
#include "core/base/job.h"
#include "core/base/json.h"
#include "core/base/result.h"
#include "core/checkpoint/safetensors.h"

namespace salient {

inline constexpr const char* kManifestName = "manifest.json";

struct ManifestFile {
  std::uint64_t bytes = 0;
  std::string sha256;
  bool operator==(const ManifestFile&) const = default;
};
struct ManifestTensor {
  std::string file;  ///< the shard's name
  DType dtype = DType::u8;
  std::vector<std::int64_t> shape;
  std::string sha256;
  bool operator==(const ManifestTensor&) const = default;
};
struct Manifest {
  std::map<std::string, ManifestFile> files;  ///< by name; without the manifest itself
  std::map<std::string, ManifestTensor> tensors;
};

/// Reads and hashes `files` (names inside `directory`, shards among them). Progress is reported in bytes, from
/// `done_bytes` on of `total_bytes`.
[[nodiscard]] Result<Manifest> hash_files(const std::filesystem::path& directory, const std::vector<std::string>& files,
                                          double done_bytes, double total_bytes, Job& job);

/// Every hash of the manifest, and no file in the directory that it does not list (beside the manifest itself).
[[nodiscard]] Status verify_files(const std::filesystem::path& directory, const Manifest& manifest, double total_bytes,
                                  Job& job);
[[nodiscard]] std::uint64_t manifest_bytes(const Manifest& manifest);  ///< of all files together

[[nodiscard]] Json manifest_json(const Manifest& manifest);
/// Error{not_found} for an unfinished export.
[[nodiscard]] Result<Manifest> read_manifest(const std::filesystem::path& directory);
/// The manifest file as it is. Error{unsupported} where it is a link out of the directory (see resolve_model_file()).
[[nodiscard]] Result<std::string> read_manifest_text(const std::filesystem::path& directory);
/// SHA-256 of the manifest file, which stands for the whole export.
[[nodiscard]] Result<std::string> manifest_sha256(const std::filesystem::path& directory);

}  // namespace salient
