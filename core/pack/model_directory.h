// SPDX-License-Identifier: Apache-2.0
// Inside of core/pack: a Hugging Face model directory in the making: tensors in shards with their index,
// config.json, the files that go with a model, and the manifest, written last.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "core/base/job.h"
#include "core/base/json.h"
#include "core/base/result.h"
#include "core/checkpoint/checkpoint.h"
#include "core/pack/manifest.h"

namespace salient {

/// Error{disk_full} when a directory of so many bytes does not fit beside what is on `output`'s disk.
[[nodiscard]] Status check_disk(const std::filesystem::path& output, std::uint64_t bytes);
/// A new or empty directory, or one this program wrote before; neither inside `source` nor around it. Otherwise
/// Error{usage} with the key "output", or what the system says where it does not let one look.
[[nodiscard]] Status check_output(const std::filesystem::path& source, const std::filesystem::path& output);

class ModelDirectoryWriter {
 public:
  /// `source`: whose tokenizer and other sidecars are copied, and from whose directory the output keeps away.
  ModelDirectoryWriter(const Checkpoint& source, std::uint64_t shard_bytes, Job& job)
      : source_(source), shard_bytes_(shard_bytes), job_(job) {}

  /// Tensors are cut into shards in the order in which they come.
  void add(std::string name, DType dtype, std::vector<std::int64_t> shape, ByteSource source);
  /// A tensor of the source, byte for byte.
  void add_copy(const Checkpoint::Located& located);
  /// Reads the files that go with a model and hold no weights.
  [[nodiscard]] Status add_sidecars();
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }  ///< of everything added

  /// Writes the directory durably: complete under its name, or not at all. `origin`, unless null, becomes the
  /// manifest's "export".
  [[nodiscard]] Status write(const std::filesystem::path& output, const Json& config, const Json& origin = nullptr);

 private:
  struct Planned {
    std::string name;
    DType dtype;
    std::vector<std::int64_t> shape;
    std::uint64_t bytes;
    ByteSource source;
  };
  struct Shard {
    std::string file;
    std::vector<Planned> tensors;
    std::uint64_t bytes = 0;
  };
  [[nodiscard]] Status write_shard(const Shard& shard, const std::filesystem::path& directory);
  [[nodiscard]] Status write_index(const std::filesystem::path& directory);
  [[nodiscard]] Status write_text(const std::filesystem::path& directory, const std::string& name,
                                  const std::string& text);

  const Checkpoint& source_;
  std::uint64_t shard_bytes_;
  Job& job_;
  std::vector<std::pair<std::string, std::string>> sidecars_;
  std::vector<Shard> shards_;
  std::vector<std::string> files_;
  std::uint64_t bytes_ = 0;
  std::uint64_t done_ = 0;
  double total_ = 0;
};

}  // namespace salient
