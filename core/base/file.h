// SPDX-License-Identifier: Apache-2.0
// Reading without surprises and writing durably (DESIGN decision 6): temporary file beside the target,
// write, fsync, rename, fsync of the directory, every step checked; a full disk or a bad one is an error
// value with path, needed and free, the old file stays intact and no temporary file is left.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace salient {

/// Whether there is something under this name, be it a link that leads nowhere or in a circle: what is there and cannot
/// be used is refused by whoever opens it, and not passed over as absent. Also false where the system does not tell:
/// without permission to look, or with a name that is too long.
[[nodiscard]] bool is_there(const std::filesystem::path& path);

/// Whether `path` lies below `directory`, however deep; a directory does not lie below itself. By their words alone:
/// both are canonical.
[[nodiscard]] bool is_below(const std::filesystem::path& path, const std::filesystem::path& directory);

/// A regular file open for pread. Never blocks on FIFOs, refuses devices and directories.
class InputFile {
 public:
  static Result<InputFile> open(const std::filesystem::path& path);
  InputFile(InputFile&& other) noexcept;
  InputFile& operator=(InputFile&& other) noexcept;
  ~InputFile();

  [[nodiscard]] std::uint64_t size() const { return size_; }  ///< when it was opened
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// Exactly out.size() bytes from `offset`; an Error when the file has become shorter.
  [[nodiscard]] Status read(std::uint64_t offset, std::span<std::byte> out) const;

 private:
  InputFile(int descriptor, std::uint64_t size, std::filesystem::path path);
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
  std::filesystem::path path_;
};

/// The whole file; Error{range} over `limit` bytes.
[[nodiscard]] Result<std::string> read_text_file(const std::filesystem::path& path, std::uint64_t limit);

/// A file that appears under its name complete or not at all. Directories missing above it are made. What an
/// earlier, killed writer of the same target left beside it is removed.
class DurableFile {
 public:
  /// `expected_bytes` (0 = unknown) is checked against free space before the first write.
  static Result<DurableFile> create(const std::filesystem::path& target, std::uint64_t expected_bytes = 0);
  DurableFile(DurableFile&& other) noexcept;
  DurableFile& operator=(DurableFile&&) = delete;
  ~DurableFile();  ///< without commit(): removes the temporary file

  [[nodiscard]] Status write(std::span<const std::byte> bytes);
  [[nodiscard]] Status write(std::string_view text);
  [[nodiscard]] std::uint64_t written() const { return written_; }
  [[nodiscard]] Status commit();

 private:
  DurableFile() = default;
  int descriptor_ = -1;
  std::uint64_t written_ = 0;
  std::uint64_t expected_ = 0;
  std::filesystem::path target_;
  std::filesystem::path temporary_;
  std::string buffer_;
  Status flush();
};

/// Writes `text` to `target` durably.
[[nodiscard]] Status write_file_durably(const std::filesystem::path& target, std::string_view text);

/// Removes what killed writers of `target` left beside it, as both writers do when they begin.
void remove_orphans(const std::filesystem::path& target);

/// Removes a directory so that nobody finds a part of it under its name, whenever the process ends: it gets a temporary
/// name first. What a death leaves under that one, remove_orphans(directory) removes.
[[nodiscard]] Status remove_directory_at_once(const std::filesystem::path& directory);

/// A directory that appears under its name complete or not at all: fill path(), then commit(), which flushes
/// everything in it to the disk, exchanges it with an older directory of that name and removes the older one.
class DurableDirectory {
 public:
  static Result<DurableDirectory> create(const std::filesystem::path& target);
  DurableDirectory(DurableDirectory&& other) noexcept;
  DurableDirectory& operator=(DurableDirectory&&) = delete;
  ~DurableDirectory();  ///< without commit(): removes what was written

  [[nodiscard]] const std::filesystem::path& path() const { return temporary_; }
  [[nodiscard]] Status commit();

 private:
  DurableDirectory() = default;
  int lock_ = -1;
  std::filesystem::path target_;
  std::filesystem::path temporary_;
};

/// A path, or the nearest directory above it that exists, which is on the file system where it would be made.
[[nodiscard]] std::filesystem::path nearest_existing(const std::filesystem::path& path);
/// On the file system of nearest_existing().
[[nodiscard]] Result<std::uint64_t> free_disk_bytes(const std::filesystem::path& path);

}  // namespace salient
