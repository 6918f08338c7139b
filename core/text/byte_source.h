// SPDX-License-Identifier: Apache-2.0
// The bytes of a text file from front to back, decompressed where it is gzip (by its first bytes).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "core/base/file.h"
#include "core/base/result.h"

namespace salient {

class ByteSource {
 public:
  static Result<ByteSource> open(const std::filesystem::path& path);
  ByteSource(ByteSource&& other) noexcept;
  ~ByteSource();

  /// Appends the next bytes; false at the end. A truncated or damaged gzip stream is an error.
  [[nodiscard]] Result<bool> read(std::string& out);
  [[nodiscard]] std::uint64_t size() const { return file_.size(); }  ///< of the file, compressed or not
  [[nodiscard]] std::uint64_t position() const { return position_; }
  [[nodiscard]] bool compressed() const { return inflate_ != nullptr; }

 private:
  struct Inflate;
  explicit ByteSource(InputFile file);
  [[nodiscard]] Status fill();
  [[nodiscard]] Result<bool> read_compressed(std::string& out);

  InputFile file_;
  std::uint64_t position_ = 0;  // in the file
  std::string input_;
  std::unique_ptr<Inflate> inflate_;
};

}  // namespace salient
