// SPDX-License-Identifier: Apache-2.0
#include "core/experiment/work_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <vector>

#include "core/base/file.h"
#include "core/base/file_errors.h"
#include "core/experiment/results.h"

namespace salient {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLock = "salient.lock";
constexpr const char* kIdentity = "job";
constexpr std::uint64_t kMostJson = std::uint64_t{256} << 20;

/// Somebody who mistypes --work must not lose a directory: only one that is empty or already ours is taken.
Status check_ours(const fs::path& path) {
  std::error_code failed;
  if (fs::exists(path / kLock, failed)) return {};
  const bool empty = fs::is_empty(path, failed);
  if (failed) return system_error(path, "list", failed.value());
  if (empty) return {};
  return Error{ErrorCode::usage,
               escape_for_message(path.string()),
               "work",
               "an empty directory or one left by an earlier job",
               "a directory with other things in it",
               "name another work directory"};
}

/// Writing follows links (a person's own ones are kept): one in here would lead to a file that is none of the job's.
Status check_no_links(const fs::path& path) {
  std::error_code failed;
  for (auto entry = fs::recursive_directory_iterator(path, failed);
       !failed && entry != fs::recursive_directory_iterator(); entry.increment(failed)) {
    const fs::file_type kind = entry->symlink_status(failed).type();
    if (failed || kind == fs::file_type::regular || kind == fs::file_type::directory) continue;
    return Error{ErrorCode::usage,
                 escape_for_message(entry->path().string()),
                 "work",
                 "files and directories that a job made",
                 kind == fs::file_type::symlink ? "a symbolic link" : "something else",
                 "remove it, or name another work directory"};
  }
  if (failed) return system_error(path, "list", failed.value());
  return {};
}

/// Everything but the lock. The identity goes last: as long as it is there, what else is there belongs to it.
Status clear(const fs::path& path) {
  const std::string identity = std::string(kIdentity) + ".json";
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(path, failed)) {
    const auto name = entry.path().filename();
    if (name == kLock || name == identity) continue;
    fs::remove_all(entry.path(), failed);
    if (failed) return system_error(entry.path(), "remove", failed.value());
  }
  if (!failed) fs::remove(path / identity, failed);
  if (failed) return system_error(path, "empty", failed.value());
  return {};
}

std::string holder(int descriptor) {
  char text[32] = {};
  const auto count = ::pread(descriptor, text, sizeof text - 1, 0);
  return count > 0
             ? fmt::format("process {}", escape_for_message(std::string_view(text, static_cast<std::size_t>(count))))
             : "another process";
}

}  // namespace

fs::path default_work_directory(const fs::path& target) {
  // "out/" names the directory itself: the work directory goes beside it, not into it.
  fs::path clean = target.lexically_normal();
  if (!clean.has_filename()) clean = clean.parent_path();
  return clean += ".salient-work";
}

Result<WorkDirectory> WorkDirectory::open(const fs::path& path, bool fresh) {
  // Whoever held the lock may have removed the directory between our open and our lock: then try again.
  for (int attempt = 0; attempt < 8; ++attempt) {
    std::error_code failed;
    fs::create_directories(path, failed);
    if (failed) return system_error(path, "create", failed.value());
    remove_orphans(fs::canonical(path, failed));  // what a job left that died in discard()
    SALIENT_CHECK(check_ours(path));
    const fs::path lock_path = path / kLock;
    const int lock = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (lock < 0) {
      if (errno == ENOENT) continue;
      return system_error(lock_path, "open", errno);
    }
    WorkDirectory directory(path, lock);
    if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) return system_error(lock_path, "lock", errno);
      return Error{ErrorCode::busy,  escape_for_message(path.string()),
                   "work directory", "nobody else using it",
                   holder(lock),     "wait until it has finished, or name another output"};
    }
    struct stat ours {};
    struct stat named {};
    if (::fstat(lock, &ours) != 0 || ::stat(lock_path.c_str(), &named) != 0 || ours.st_ino != named.st_ino ||
        ours.st_dev != named.st_dev) {
      continue;
    }
    const std::string pid = std::to_string(::getpid());
    if (::ftruncate(lock, 0) != 0 || ::pwrite(lock, pid.data(), pid.size(), 0) < 0) {
      return system_error(lock_path, "write", errno);
    }
    SALIENT_CHECK(check_no_links(path));
    if (fresh) SALIENT_CHECK(clear(path));
    return directory;
  }
  return Error{ErrorCode::busy,        escape_for_message(path.string()), "work directory",
               "nobody else using it", "a directory that comes and goes", "name another output"};
}

WorkDirectory::WorkDirectory(WorkDirectory&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

WorkDirectory::~WorkDirectory() {
  if (lock_ >= 0) ::close(lock_);
}

Status WorkDirectory::claim(const Identity& identity) {
  const Json mine = identity_json(identity);
  SALIENT_ASSIGN(const auto there, recall(kIdentity));
  if (!there) {
    SALIENT_CHECK(clear(path_));
    return keep(kIdentity, mine);
  }
  const auto differing = differences(*there, mine);
  if (differing.empty()) return {};
  std::vector<std::string> then;
  std::vector<std::string> now;
  for (const FieldDifference& field : differing) {
    then.push_back(fmt::format("{} {}", field.field, escape_for_message(field.left, 64)));
    now.push_back(fmt::format("{} {}", field.field, escape_for_message(field.right, 64)));
  }
  return Error{ErrorCode::mismatch,
               escape_for_message(path_.string()),
               "unfinished job",
               fmt::format("{}", fmt::join(then, ", ")),
               fmt::format("{}", fmt::join(now, ", ")),
               "ask for the same again to resume it, choose another output, or start over with --fresh"};
}

Result<std::optional<Json>> WorkDirectory::recall(const std::string& name) const {
  const fs::path path = path_ / (name + ".json");
  std::error_code failed;
  if (!fs::exists(path, failed)) return std::optional<Json>{};
  SALIENT_ASSIGN(const std::string text, read_text_file(path, kMostJson));
  SALIENT_ASSIGN(Json json, parse_json(text, escape_for_message(path.string())));
  return std::optional<Json>(std::move(json));
}

Status WorkDirectory::check_there() const {
  std::error_code failed;
  if (fs::exists(path_ / kLock, failed)) return {};
  return Error{ErrorCode::not_found,
               escape_for_message(path_.string()),
               "work directory",
               "the directory this job works in",
               "nothing: it was removed meanwhile",
               "ask for the same again"};
}

Status WorkDirectory::keep(const std::string& name, const Json& value) const {
  SALIENT_CHECK(check_there());
  return write_file_durably(path_ / (name + ".json"), json_line(value) + "\n");
}

Status WorkDirectory::discard() {
  return remove_directory_at_once(path_);
}

}  // namespace salient
