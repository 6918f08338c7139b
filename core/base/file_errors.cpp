// SPDX-License-Identifier: Apache-2.0
#include "core/base/file_errors.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <limits>

#include "core/base/file.h"

namespace salient {

std::string shown(const std::filesystem::path& path) {
  return escape_for_message(path.native(), 4096);
}

std::string file_kind(mode_t mode) {
  if (S_ISREG(mode)) return "a regular file";
  if (S_ISDIR(mode)) return "a directory";
  if (S_ISFIFO(mode)) return "a named pipe";
  if (S_ISSOCK(mode)) return "a socket";
  if (S_ISLNK(mode)) return "a symbolic link";
  return "a device";
}

std::string system_message(int number) {
  const char* words = ::strerrordesc_np(number);
  return words == nullptr ? fmt::format("system error {}", number) : words;
}

Error system_error(const std::filesystem::path& path, const char* action, int number) {
  Error error{ErrorCode::io, shown(path), "", "", system_message(number), ""};
  error.expected = fmt::format("to {} it", action);
  switch (number) {
    case ENOENT:
    case ENOTDIR:
      error.code = ErrorCode::not_found;
      error.advice = "check the path";
      break;
    case ENOSPC:
    case EDQUOT:
      error.code = ErrorCode::disk_full;
      error.expected += " (a few thousand bytes)";
      if (const auto free = free_disk_bytes(path.parent_path())) error.found = fmt::format("{} bytes free", *free);
      error.advice = "free some space and try again";
      break;
    case ENOMEM: error.code = ErrorCode::memory; break;
    case EACCES:
    case EPERM: error.advice = "check the permissions"; break;
    case EROFS: error.advice = "choose a place that can be written"; break;
    case ELOOP: error.advice = "the symbolic links form a loop; get the file again"; break;
    case EMFILE:
    case ENFILE: error.advice = "raise the limit of open files (ulimit -n)"; break;
    case EFBIG: error.advice = "raise the limit of file sizes (ulimit -f) or choose another file system"; break;
    default: break;
  }
  return error;
}

}  // namespace salient
