// SPDX-License-Identifier: Apache-2.0
#include "core/base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "core/base/file_errors.h"

namespace salient {

bool is_there(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::exists(std::filesystem::symlink_status(path, ignored));
}

bool is_below(const std::filesystem::path& path, const std::filesystem::path& directory) {
  const auto [end, rest] = std::mismatch(directory.begin(), directory.end(), path.begin(), path.end());
  return end == directory.end() && rest != path.end();
}

InputFile::InputFile(int descriptor, std::uint64_t size, std::filesystem::path path)
    : descriptor_(descriptor), size_(size), path_(std::move(path)) {}

InputFile::InputFile(InputFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), size_(other.size_), path_(std::move(other.path_)) {}

InputFile& InputFile::operator=(InputFile&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(size_, other.size_);
  std::swap(path_, other.path_);
  return *this;
}

InputFile::~InputFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

Result<InputFile> InputFile::open(const std::filesystem::path& path) {
  // O_NONBLOCK: opening a FIFO that nobody writes would otherwise wait for ever.
  int descriptor = -1;
  do {
    descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  } while (descriptor < 0 && errno == EINTR);
  if (descriptor < 0) return system_error(path, "open", errno);
  InputFile file(descriptor, 0, path);
  struct stat status {};
  if (fstat(descriptor, &status) != 0) return system_error(path, "stat", errno);
  if (!S_ISREG(status.st_mode)) {
    return Error{ErrorCode::io, shown(path), "", "a regular file", file_kind(status.st_mode), "give a file"};
  }
  file.size_ = static_cast<std::uint64_t>(status.st_size);
  return file;
}

Status InputFile::read(std::uint64_t offset, std::span<std::byte> out) const {
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t got = pread(descriptor_, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error(path_, "read", errno);
    if (got == 0) {
      return Error{ErrorCode::io,
                   shown(path_),
                   "",
                   fmt::format("{} bytes at offset {}", out.size(), offset),
                   fmt::format("the end of the file after {}", done),
                   "the file was cut short while in use; get it again"};
    }
    done += static_cast<std::size_t>(got);
  }
  return {};
}

Result<std::string> read_text_file(const std::filesystem::path& path, std::uint64_t limit) {
  SALIENT_ASSIGN(const InputFile file, InputFile::open(path));
  if (file.size() > limit) {
    return Error{ErrorCode::range,
                 shown(path),
                 "size",
                 fmt::format("at most {} bytes", limit),
                 fmt::format("{} bytes", file.size()),
                 "this is not the file it should be"};
  }
  std::string text(file.size(), '\0');
  SALIENT_CHECK(file.read(0, std::as_writable_bytes(std::span(text))));
  return text;
}

std::filesystem::path nearest_existing(const std::filesystem::path& path) {
  std::error_code ignored;
  std::filesystem::path existing = std::filesystem::absolute(path, ignored);
  while (!std::filesystem::exists(existing, ignored) && existing.has_relative_path())
    existing = existing.parent_path();
  return existing;
}

Result<std::uint64_t> free_disk_bytes(const std::filesystem::path& path) {
  const std::filesystem::path existing = nearest_existing(path);
  struct statvfs status {};
  if (statvfs(existing.c_str(), &status) != 0) return system_error(existing, "examine", errno);
  return static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
}

}  // namespace salient
