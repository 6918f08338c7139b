// SPDX-License-Identifier: Apache-2.0
// The safetensors container: 8 bytes of little-endian header length, a JSON header, tensor data.
// Reads with pread, so a file that shrinks while open is an error value and never a signal; data is
// only read for the tensors asked for. Hostile headers: HOSTILE-INPUTS rows 1 to 28.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/dtype.h"
#include "core/base/file.h"
#include "core/base/job.h"
#include "core/base/result.h"

namespace salient {

struct TensorInfo {
  std::string name;
  DType dtype = DType::f32;
  std::vector<std::int64_t> shape;  ///< row-major; empty for a scalar
  std::uint64_t begin = 0;          ///< first byte, counted from the start of the data section
  std::uint64_t end = 0;            ///< one past the last byte

  [[nodiscard]] std::uint64_t bytes() const { return end - begin; }
  [[nodiscard]] std::int64_t elements() const;
};

struct SafetensorsLimits {
  std::uint64_t header_bytes = 100'000'000;
};

class SafetensorsFile {
 public:
  static Result<SafetensorsFile> open(const std::filesystem::path& path, SafetensorsLimits limits = {},
                                      const CancelToken* cancel = nullptr);

  [[nodiscard]] const std::vector<TensorInfo>& tensors() const { return tensors_; }  ///< in order of offset
  [[nodiscard]] const TensorInfo* find(std::string_view name) const;
  [[nodiscard]] const std::map<std::string, std::string>& metadata() const { return metadata_; }
  [[nodiscard]] const std::filesystem::path& path() const { return file_.path(); }

  /// Raw bytes [first, first + out.size()) of the tensor.
  [[nodiscard]] Status read(const TensorInfo& tensor, std::uint64_t first, std::span<std::byte> out) const;

 private:
  explicit SafetensorsFile(InputFile file) : file_(std::move(file)) {}
  [[nodiscard]] Status index_names(const std::string& name);
  InputFile file_;
  std::uint64_t data_start_ = 0;
  std::vector<TensorInfo> tensors_;
  std::unordered_map<std::string_view, std::size_t> by_name_;
  std::map<std::string, std::string> metadata_;
};

/// Takes a tensor's bytes piece by piece.
using ByteSink = std::function<Status(std::span<const std::byte>)>;
/// Hands all of a tensor's bytes to the sink, in order. Called once, when the file is written.
using ByteSource = std::function<Status(const ByteSink&)>;

/// Writes a safetensors file durably. Tensors are laid out in the order they are declared, those of wider elements
/// first so that all are aligned; the same declarations and bytes give the same file.
class SafetensorsWriter {
 public:
  explicit SafetensorsWriter(std::filesystem::path target) : target_(std::move(target)) {}

  void metadata(const std::string& key, const std::string& value) { metadata_[key] = value; }
  /// `bytes` must stay alive until write().
  void add(std::string name, DType dtype, std::vector<std::int64_t> shape, std::span<const std::byte> bytes);
  /// For tensors that need not be in memory together.
  void add(std::string name, DType dtype, std::vector<std::int64_t> shape, ByteSource source);
  [[nodiscard]] Status write();

 private:
  struct Entry {
    std::string name;
    DType dtype;
    std::vector<std::int64_t> shape;
    std::span<const std::byte> bytes;
    ByteSource source;       ///< instead of `bytes`
    std::uint64_t size = 0;  ///< in bytes; set by check()
  };
  [[nodiscard]] Status check();
  [[nodiscard]] Status write_entry(const Entry& entry, DurableFile& file) const;
  std::filesystem::path target_;
  std::map<std::string, std::string> metadata_;
  std::vector<Entry> entries_;
};

}  // namespace salient
