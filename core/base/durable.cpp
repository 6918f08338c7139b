// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>
#include <vector>

#include "core/base/file.h"
#include "core/base/file_errors.h"

namespace salient {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBufferBytes = std::size_t{1} << 20;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return number_; }
  [[nodiscard]] int release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

Status sync_path(const fs::path& path, int flags) {
  const Descriptor descriptor(open(path.c_str(), O_RDONLY | O_CLOEXEC | flags));
  if (descriptor.get() < 0) return system_error(path, "open", errno);
  // Some file systems have nothing to do for a directory and say so with EINVAL.
  if (fsync(descriptor.get()) != 0 && errno != EINVAL) return system_error(path, "flush", errno);
  return {};
}

Status sync_directory(const fs::path& path) {
  return sync_path(path, O_DIRECTORY);
}

/// Makes `directory` and what is missing above it, each entry flushed to the disk.
Status make_directories(const fs::path& directory) {
  std::error_code ignored;
  if (directory.empty() || fs::is_directory(directory, ignored)) return {};
  SALIENT_CHECK(make_directories(directory.parent_path()));
  if (mkdir(directory.c_str(), 0777) != 0 && errno != EEXIST) return system_error(directory, "make", errno);
  return sync_directory(directory.parent_path());
}

/// The absolute path the new entry will have, symbolic links followed: a link is kept, what it names is replaced.
Result<fs::path> resolve_target(const fs::path& target) {
  std::error_code error;
  fs::path resolved = fs::weakly_canonical(fs::absolute(target, error), error);
  if (error) return system_error(target, "resolve", error.value());
  if (!resolved.has_filename()) resolved = resolved.parent_path();
  if (!resolved.has_filename()) {
    return Error{ErrorCode::usage, shown(target), "", "a name", "the root directory", "name a file or a directory"};
  }
  return resolved;
}

/// What temporary names beside `target` begin with. Long names are cut so that the whole stays a legal name.
std::string temporary_prefix(const fs::path& target) {
  return "." + target.filename().native().substr(0, 200) + ".part-";
}

bool is_temporary_name(const std::string& name, const std::string& prefix) {
  return name.starts_with(prefix) && name.size() > prefix.size() &&
         std::all_of(name.begin() + static_cast<std::ptrdiff_t>(prefix.size()), name.end(),
                     [](char c) { return (c >= '0' && c <= '9') || c == '-'; });
}

fs::path temporary_path(const fs::path& target) {
  static std::atomic<unsigned> counter{0};
  return target.parent_path() / fmt::format("{}{}-{}", temporary_prefix(target), getpid(), counter++);
}

/// Makes a new entry beside `target` with `make` (which returns a descriptor or −1 with errno) and locks it.
template <class Make>
Result<std::pair<int, fs::path>> make_temporary(const fs::path& target, const Make& make) {
  for (int attempt = 0; attempt < 1000; ++attempt) {
    fs::path path = temporary_path(target);
    Descriptor descriptor(make(path));
    if (descriptor.get() < 0 && errno == EEXIST) continue;
    if (descriptor.get() < 0) return system_error(path, "create", errno);
    // File systems without locks get none, and then no orphan is ever recognised as one. Somebody who looked for
    // orphans between creation and lock may hold the lock and remove the entry: then another one is made.
    const bool stolen = flock(descriptor.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    struct stat status {};
    if (stolen || fstat(descriptor.get(), &status) != 0 || status.st_nlink == 0) continue;
    return std::pair(descriptor.release(), std::move(path));
  }
  return Error{ErrorCode::io,
               shown(target),
               "",
               "a free temporary name beside it",
               "all names taken",
               "remove files named " + escape_for_message(temporary_prefix(target)) + "*"};
}

Error disk_full(const fs::path& target, std::uint64_t needed) {
  const auto free = free_disk_bytes(target.parent_path());
  return Error{ErrorCode::disk_full,
               shown(target),
               "",
               fmt::format("{} bytes of disk space", needed),
               free ? fmt::format("{} bytes free", *free) : "a full disk",
               "free some space or choose another place"};
}

/// The kind of what is at `path`; 0 where nothing is.
mode_t kind_at(const fs::path& path) {
  struct stat status {};
  return lstat(path.c_str(), &status) == 0 ? status.st_mode : 0;
}

/// fsync of every file and directory below `directory`, then of itself.
Status sync_tree(const fs::path& directory) {
  std::error_code error;
  for (auto entry = fs::directory_iterator(directory, error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    const fs::file_status status = entry->symlink_status(error);
    if (error) break;
    if (fs::is_directory(status)) SALIENT_CHECK(sync_tree(entry->path()));
    if (fs::is_regular_file(status)) SALIENT_CHECK(sync_path(entry->path(), 0));
  }
  if (error) return system_error(directory, "list", error.value());
  return sync_directory(directory);
}

/// Puts the directory `from` at `to`. Where `to` exists, the two change places in one step if the file system can.
Status exchange_directories(const fs::path& from, const fs::path& to) {
  if (kind_at(to) == 0) {
    if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return {};
    if (errno != EINVAL && errno != ENOSYS) return system_error(to, "create", errno);
    return rename(from.c_str(), to.c_str()) == 0 ? Status() : system_error(to, "create", errno);
  }
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_EXCHANGE) == 0) return {};
  if (errno != EINVAL && errno != ENOSYS) return system_error(to, "replace", errno);
  const fs::path aside = from.native() + "-0";
  if (rename(to.c_str(), aside.c_str()) != 0) return system_error(to, "replace", errno);
  if (rename(from.c_str(), to.c_str()) != 0) {
    const int number = errno;
    if (rename(aside.c_str(), to.c_str()) != 0) return system_error(aside, "move back", errno);
    return system_error(to, "replace", number);
  }
  return rename(aside.c_str(), from.c_str()) == 0 ? Status() : system_error(aside, "rename", errno);
}

}  // namespace

// A writer holds a lock on its temporary entry for as long as it lives, so whatever can be locked is an orphan.
void remove_orphans(const fs::path& target) {
  const std::string prefix = temporary_prefix(target);
  std::error_code ignored;
  std::vector<fs::path> candidates;
  for (auto entry = fs::directory_iterator(target.parent_path(), ignored); entry != fs::directory_iterator();
       entry.increment(ignored)) {
    if (is_temporary_name(entry->path().filename().native(), prefix)) candidates.push_back(entry->path());
  }
  for (const fs::path& candidate : candidates) {
    const Descriptor descriptor(open(candidate.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
    if (descriptor.get() >= 0 && flock(descriptor.get(), LOCK_EX | LOCK_NB) == 0) fs::remove_all(candidate, ignored);
  }
}

Status remove_directory_at_once(const fs::path& directory) {
  SALIENT_ASSIGN(fs::path doomed, resolve_target(directory));
  // Locked while it goes, as what a living writer holds.
  const Descriptor lock(open(doomed.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (lock.get() >= 0) static_cast<void>(flock(lock.get(), LOCK_EX | LOCK_NB));
  // Where the name cannot be changed, removing may still work.
  if (fs::path aside = temporary_path(doomed); rename(doomed.c_str(), aside.c_str()) == 0) {
    static_cast<void>(sync_directory(doomed.parent_path()));
    doomed = std::move(aside);
  }
  std::error_code error;
  fs::remove_all(doomed, error);
  if (error) return system_error(doomed, "remove", error.value());
  return {};
}

Result<DurableFile> DurableFile::create(const fs::path& target, std::uint64_t expected_bytes) {
  DurableFile file;
  SALIENT_ASSIGN(file.target_, resolve_target(target));
  SALIENT_CHECK(make_directories(file.target_.parent_path()));
  if (const mode_t kind = kind_at(file.target_); kind != 0 && !S_ISREG(kind)) {
    return Error{ErrorCode::usage, shown(target), "", "a file's name", file_kind(kind), "choose another name"};
  }
  remove_orphans(file.target_);
  if (expected_bytes != 0) {
    SALIENT_ASSIGN(const std::uint64_t free, free_disk_bytes(file.target_.parent_path()));
    if (free < expected_bytes) return disk_full(file.target_, expected_bytes);
  }
  const auto make = [](const fs::path& path) {
    return open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  };
  SALIENT_ASSIGN(auto made, make_temporary(file.target_, make));
  file.descriptor_ = made.first;
  file.temporary_ = std::move(made.second);
  file.expected_ = expected_bytes;
  file.buffer_.reserve(kBufferBytes);
  return file;
}

DurableFile::DurableFile(DurableFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      written_(other.written_),
      expected_(other.expected_),
      target_(std::move(other.target_)),
      temporary_(std::move(other.temporary_)),
      buffer_(std::move(other.buffer_)) {}

DurableFile::~DurableFile() {
  if (descriptor_ < 0) return;
  unlink(temporary_.c_str());
  close(descriptor_);
}

Status DurableFile::flush() {
  while (!buffer_.empty()) {
    const ssize_t put = ::write(descriptor_, buffer_.data(), buffer_.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0 && (errno == ENOSPC || errno == EDQUOT)) return disk_full(target_, std::max(expected_, written_));
    if (put < 0) return system_error(target_, "write", errno);
    buffer_.erase(0, static_cast<std::size_t>(put));
  }
  return {};
}

Status DurableFile::write(std::span<const std::byte> bytes) {
  return write(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

Status DurableFile::write(std::string_view text) {
  written_ += text.size();
  while (!text.empty()) {
    const std::string_view piece = text.substr(0, kBufferBytes - buffer_.size());
    buffer_ += piece;
    text.remove_prefix(piece.size());
    if (buffer_.size() == kBufferBytes) SALIENT_CHECK(flush());
  }
  return {};
}

Status DurableFile::commit() {
  SALIENT_CHECK(flush());
  if (fsync(descriptor_) != 0) {
    return errno == ENOSPC || errno == EDQUOT ? disk_full(target_, written_) : system_error(target_, "flush", errno);
  }
  if (rename(temporary_.c_str(), target_.c_str()) != 0) return system_error(target_, "rename", errno);
  // Everything is on the disk since fsync(); network file systems report a last problem here.
  if (close(std::exchange(descriptor_, -1)) != 0) return system_error(target_, "close", errno);
  return sync_directory(target_.parent_path());
}

Status write_file_durably(const fs::path& target, std::string_view text) {
  SALIENT_ASSIGN(DurableFile file, DurableFile::create(target, text.size()));
  SALIENT_CHECK(file.write(text));
  return file.commit();
}

Result<DurableDirectory> DurableDirectory::create(const fs::path& target) {
  DurableDirectory directory;
  SALIENT_ASSIGN(directory.target_, resolve_target(target));
  SALIENT_CHECK(make_directories(directory.target_.parent_path()));
  if (const mode_t kind = kind_at(directory.target_); kind != 0 && !S_ISDIR(kind)) {
    return Error{ErrorCode::usage, shown(target), "", "a directory's name", file_kind(kind), "choose another name"};
  }
  remove_orphans(directory.target_);
  const auto make = [](const fs::path& path) {
    return mkdir(path.c_str(), 0777) != 0 ? -1 : open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  };
  SALIENT_ASSIGN(auto made, make_temporary(directory.target_, make));
  directory.lock_ = made.first;
  directory.temporary_ = std::move(made.second);
  return directory;
}

DurableDirectory::DurableDirectory(DurableDirectory&& other) noexcept
    : lock_(std::exchange(other.lock_, -1)),
      target_(std::move(other.target_)),
      temporary_(std::move(other.temporary_)) {}

DurableDirectory::~DurableDirectory() {
  if (lock_ < 0) return;
  std::error_code ignored;
  fs::remove_all(temporary_, ignored);
  close(lock_);
}

Status DurableDirectory::commit() {
  SALIENT_CHECK(sync_tree(temporary_));
  SALIENT_CHECK(exchange_directories(temporary_, target_));
  SALIENT_CHECK(sync_directory(target_.parent_path()));
  // What is at temporary_ now, if anything, is the older directory.
  std::error_code error;
  fs::remove_all(temporary_, error);
  close(std::exchange(lock_, -1));
  if (error) return system_error(temporary_, "remove the older copy at", error.value());
  return {};
}

}  // namespace salient
