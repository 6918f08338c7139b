// SPDX-License-Identifier: Apache-2.0
// A Hugging Face model directory: config.json, one safetensors file or shards with an index. Opening
// reads headers only; tensor data is read when asked for, piece by piece.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/job.h"
#include "core/base/json.h"
#include "core/base/result.h"
#include "core/checkpoint/model_config.h"
#include "core/checkpoint/safetensors.h"

namespace salient {

/// The tensors a decoder with this config must have: name and shape.
struct RequiredTensor {
  std::string name;
  std::vector<std::int64_t> shape;
};
[[nodiscard]] std::vector<RequiredTensor> required_tensors(const ModelConfig& config);

/// The values of a tensor that are no numbers to compute with (HOSTILE row 27).
struct NonFinite {
  std::uint64_t nan = 0;
  std::uint64_t inf = 0;
  std::uint64_t first = 0;  ///< index of the first one, if there is any

  [[nodiscard]] std::uint64_t count() const { return nan + inf; }
};
[[nodiscard]] NonFinite count_non_finite(std::span<const float> values);
/// Error{numeric} naming file, tensor, count and first index.
[[nodiscard]] Error non_finite_error(const std::filesystem::path& file, std::string_view tensor, NonFinite found);

/// The real path of `name` inside a model directory, symbolic links followed: Error when it leads out of the
/// directory, except to the blobs of a Hugging Face cache (snapshots/REVISION/x → blobs/…). not_found when missing.
[[nodiscard]] Result<std::filesystem::path> resolve_model_file(const std::filesystem::path& directory,
                                                               const std::string& name);

class Checkpoint {
 public:
  /// Any directory of safetensors with a config.json: shard set resolved and checked (rows 28 to 40).
  /// open() also checks that its tensors are exactly those the architecture needs, of the right shape and in
  /// f32, f16 or bf16, and leaves out what is not needed (a redundant lm_head, rotary buffers), with a note.
  /// open_raw() does not: a packed model uses it, since its tensors have other names.
  static Result<Checkpoint> open(const std::filesystem::path& directory, const CancelToken* cancel = nullptr);
  static Result<Checkpoint> open_raw(const std::filesystem::path& directory, const CancelToken* cancel = nullptr);

  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }
  [[nodiscard]] const Json& config_json() const { return config_json_; }
  [[nodiscard]] const ModelConfig& config() const { return config_; }
  [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }  ///< warnings for people
  [[nodiscard]] const std::vector<SafetensorsFile>& shards() const { return shards_; }

  struct Located {
    const SafetensorsFile* shard = nullptr;
    const TensorInfo* info = nullptr;
  };
  [[nodiscard]] Result<Located> find(std::string_view name) const;  ///< Error{not_found} naming the tensor
  [[nodiscard]] bool contains(std::string_view name) const;
  [[nodiscard]] std::vector<Located> tensors() const;  ///< all, sorted by name

  /// The tensor's raw bytes in its own dtype. out.size() must be its size in bytes.
  [[nodiscard]] Status read(std::string_view name, std::span<std::byte> out) const;
  /// Rows [first, first + out.size() / cols) of a matrix of f32, f16 or bf16, converted to float.
  [[nodiscard]] Status read_f32(std::string_view name, std::int64_t first_row, std::span<float> out) const;

  /// NaN and infinite values of a tensor of f32, f16 or bf16; none are counted in other dtypes.
  [[nodiscard]] Result<NonFinite> scan_non_finite(std::string_view name) const;

  [[nodiscard]] std::uint64_t parameters() const;
  /// SHA-256 over config.json and every tensor's name, dtype, shape and bytes, in order of name: two
  /// directories with the same weights have the same fingerprint however they are sharded.
  [[nodiscard]] Result<std::string> fingerprint(Job& job) const;

 private:
  Checkpoint() = default;
  [[nodiscard]] Status check_tensors();
  [[nodiscard]] Status check_layer_count() const;
  [[nodiscard]] Status drop_unneeded(const std::vector<RequiredTensor>& required);

  std::filesystem::path directory_;
  Json config_json_;
  ModelConfig config_;
  std::vector<std::string> notes_;
  std::vector<SafetensorsFile> shards_;
  std::unordered_map<std::string, std::size_t> shard_of_;
};

}  // namespace salient
