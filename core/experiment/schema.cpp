// SPDX-License-Identifier: Apache-2.0
#include "core/experiment/schema.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "core/base/file.h"
#include "core/base/file_errors.h"
#include "core/experiment/migrations.h"

namespace salient::schema {
namespace {

namespace fs = std::filesystem;
using sqlite::Database;

std::uint32_t big_endian(std::span<const std::byte> bytes) {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i)
    value = value << 8 | static_cast<std::uint32_t>(bytes[static_cast<std::size_t>(i)]);
  return value;
}

Error refused(const fs::path& path, std::string key, std::string expected, std::string found, std::string advice) {
  return Error{ErrorCode::format, escape_for_message(path.string()),
               std::move(key),    std::move(expected),
               std::move(found),  std::move(advice)};
}

/// SQLite waits for ever for somebody to write into a named pipe, whether it is the file or the journal beside it.
Status check_kinds(const fs::path& path) {
  for (const char* suffix : {"", "-journal", "-wal", "-shm"}) {
    const fs::path file = path.string() + suffix;
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0 || S_ISREG(status.st_mode)) continue;
    return refused(file, "", "a regular file", file_kind(status.st_mode), "name another file with --experiments");
  }
  return {};
}

/// Looks at the file's first page without SQLite's help, so that nothing is written to a stranger's file.
Status check_header(const fs::path& path, const Database& database, std::size_t newest) {
  const std::string elsewhere = "name another file with --experiments";
  SALIENT_ASSIGN(const std::uint64_t size, database.file_size());
  if (size < 100) {
    return refused(path, "application_id", fmt::format("{:#x}", kApplicationId),
                   size == 0 ? "an empty file" : fmt::format("{} bytes, no experiment file", size), elsewhere);
  }
  std::array<std::byte, 100> header{};
  SALIENT_CHECK(database.read_file(0, header));
  if (std::memcmp(header.data(), "SQLite format 3", 16) != 0) {
    return refused(path, "", "an experiment file", "not an experiment file", elsewhere);
  }
  const std::span<const std::byte> bytes(header);
  const auto application = big_endian(bytes.subspan(68));
  if (application != static_cast<std::uint32_t>(kApplicationId)) {
    return refused(path, "application_id", fmt::format("{:#x}", kApplicationId), fmt::format("{:#x}", application),
                   "it belongs to another program; " + elsewhere);
  }
  const auto version = big_endian(bytes.subspan(60));
  if (version > newest) {
    return Error{ErrorCode::unsupported,  escape_for_message(path.string()),
                 "user_version",          fmt::format("at most {}", newest),
                 std::to_string(version), "a newer version of this program wrote it; use that one, or " + elsewhere};
  }
  std::error_code failed;
  if (fs::exists(path.string() + "-journal", failed)) return {};  // SQLite will bring the size in order
  // The page count in the header is valid when it was written together with the change counter.
  const bool counted = big_endian(bytes.subspan(24)) == big_endian(bytes.subspan(92));
  const std::uint64_t stored =
      std::uint64_t{std::to_integer<std::uint32_t>(header[16])} << 8 | std::to_integer<std::uint32_t>(header[17]);
  const std::uint64_t page = stored == 1 ? 65536 : stored;
  const std::uint64_t expected = page * big_endian(bytes.subspan(28));
  if (counted && size < expected) {
    std::string backup;
    for (std::size_t v = newest; v > 0 && backup.empty(); --v) {
      const std::string candidate = fmt::format("{}.backup-v{}", path.string(), v);
      if (fs::exists(candidate, failed)) backup = candidate;
    }
    return refused(path, "size", fmt::format("{} bytes", expected), fmt::format("{} bytes, truncated", size),
                   backup.empty() ? "restore it from a copy, or " + elsewhere
                                  : fmt::format("there is a backup at {}; this file was left as it is",
                                                escape_for_message(backup)));
  }
  return {};
}

/// All objects of the schema as "type name sql", sorted.
Result<std::vector<std::string>> objects(const Database& database) {
  SALIENT_ASSIGN(auto statement, database.prepare("SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema "
                                                  "WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY type, name"));
  std::vector<std::string> all;
  while (true) {
    SALIENT_ASSIGN(const bool row, statement.step());
    if (!row) return all;
    all.push_back(
        fmt::format("{} {} {} {}", statement.text(0), statement.text(1), statement.text(2), statement.text(3)));
  }
}

/// Brings the database to the newest version. The version is read inside the transaction: another process may
/// have been quicker.
Status migrate(const Database& database, std::span<const char* const> steps) {
  return database.transaction([&]() -> Status {
    SALIENT_ASSIGN(const std::int64_t from, database.integer("PRAGMA user_version"));
    for (auto i = static_cast<std::size_t>(from); i < steps.size(); ++i)
      SALIENT_CHECK(database.execute(steps[i]));
    return database.execute(
        fmt::format("PRAGMA application_id={}; PRAGMA user_version={};", kApplicationId, steps.size()).c_str());
  });
}

/// A file whose schema is not exactly what its version's migrations make was tampered with: triggers and views
/// would run on our statements (HOSTILE row 72).
Status check_objects(const fs::path& path, const Database& database, std::span<const char* const> steps) {
  SALIENT_ASSIGN(const auto reference, Database::open(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE));
  SALIENT_CHECK(migrate(*reference, steps));
  SALIENT_ASSIGN(const auto expected, objects(*reference));
  SALIENT_ASSIGN(const auto found, objects(database));
  if (found == expected) return {};
  std::string different = "something missing";
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (i >= expected.size() || found[i] != expected[i]) {
      different = escape_for_message(found[i], 60);
      break;
    }
  }
  return refused(path, "schema", fmt::format("the tables of version {}", steps.size()), different,
                 "its tables, triggers or views were changed by somebody else; name another file with --experiments");
}

}  // namespace

fs::path making_place(const fs::path& path) {
  return path.string() + ".new";
}

std::span<const char* const> migrations() {
  return kMigrations;
}

Status create(const fs::path& path, std::span<const char* const> steps) {
  const auto system_error = [&](const char* doing) {
    return Error{ErrorCode::io,
                 escape_for_message(path.string()),
                 doing,
                 "success",
                 system_message(errno),
                 "check the directory's permissions, or name another file with --experiments"};
  };
  std::error_code failed;
  fs::create_directories(path.parent_path().empty() ? "." : path.parent_path(), failed);
  if (failed) {
    errno = failed.value();
    return system_error("create its directory");
  }
  // In a directory of its own, so that SQLite's journal goes with it, also after this process was killed.
  SALIENT_ASSIGN(const DurableDirectory making, DurableDirectory::create(making_place(path)));
  const fs::path temporary = making.path() / path.filename();
  Status status = [&]() -> Status {
    SALIENT_ASSIGN(const auto database, Database::open(temporary, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE));
    return migrate(*database, steps);
  }();
  // link() rather than rename(): it does not replace a file that somebody else created meanwhile.
  if (status && ::link(temporary.c_str(), path.c_str()) != 0 && errno != EEXIST) status = system_error("create");
  if (!status) return status;
  const int directory =
      ::open(path.parent_path().empty() ? "." : path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0 || ::fsync(directory) != 0) status = system_error("sync its directory");
  if (directory >= 0) ::close(directory);
  return status;
}

Result<std::unique_ptr<Database>> open(const fs::path& path, bool writable, std::span<const char* const> steps,
                                       std::vector<std::string>& notes) {
  SALIENT_CHECK(check_kinds(path));
  const auto inspect = [&](const Database& opened) { return check_header(path, opened, steps.size()); };
  SALIENT_ASSIGN(auto database, Database::open(path, writable ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY, inspect));
  // WAL in 3.7.0 to 3.51.2 can corrupt a database that two connections write; the rollback journal cannot.
  if (writable && sqlite3_libversion_number() >= 3051003) SALIENT_CHECK(database->execute("PRAGMA journal_mode=WAL"));
  SALIENT_ASSIGN(const std::int64_t version, database->integer("PRAGMA user_version"));
  const auto from = static_cast<std::size_t>(version);
  if (version < 1 || from > steps.size()) {
    return refused(path, "user_version", fmt::format("1 to {}", steps.size()), std::to_string(version),
                   "name another file with --experiments");
  }
  SALIENT_CHECK(check_objects(path, *database, steps.first(from)));
  if (from == steps.size()) return database;
  const std::string backup = fmt::format("{}.backup-v{}", path.string(), version);
  if (!writable) {
    return Error{ErrorCode::unsupported,  escape_for_message(path.string()),
                 "user_version",          std::to_string(steps.size()),
                 std::to_string(version), "an older version wrote it and it cannot be written to here; copy it first"};
  }
  std::error_code failed;
  fs::remove(backup, failed);
  SALIENT_CHECK(database->copy_to(backup));
  SALIENT_CHECK(migrate(*database, steps));
  notes.push_back(fmt::format("{} was brought from version {} to {}; the older file is kept as {}",
                              escape_for_message(path.string()), version, steps.size(), escape_for_message(backup)));
  return database;
}

}  // namespace salient::schema
