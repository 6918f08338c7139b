// SPDX-License-Identifier: Apache-2.0
#include "core/experiment/sqlite.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <fstream>
#include <sstream>

#include "core/base/file.h"

namespace salient::sqlite {
namespace {

constexpr int kBusyMilliseconds = 2000;

/// Who holds a lock on the file, as the kernel lists it: "process 4711", or nothing where it is not known.
std::string lock_holder(const std::filesystem::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return {};
  const std::string wanted = fmt::format("{:02x}:{:02x}:{}", major(status.st_dev), minor(status.st_dev), status.st_ino);
  std::ifstream locks("/proc/locks");
  for (std::string line; std::getline(locks, line);) {
    std::istringstream fields(line);
    std::string number, kind, mode, access, pid, inode;
    if (fields >> number >> kind >> mode >> access >> pid >> inode && inode == wanted) return "process " + pid;
  }
  return {};
}

}  // namespace

Statement& Statement::note(int code) {
  if (code != SQLITE_OK && failure_ == SQLITE_OK) failure_ = code;
  return *this;
}

Statement& Statement::bind(std::int64_t value) {
  return note(sqlite3_bind_int64(statement_.get(), ++position_, value));
}

Statement& Statement::bind(double value) {
  return note(sqlite3_bind_double(statement_.get(), ++position_, value));
}

Statement& Statement::bind(std::string_view value) {
  return note(sqlite3_bind_text64(statement_.get(), ++position_, value.empty() ? "" : value.data(), value.size(),
                                  SQLITE_TRANSIENT, SQLITE_UTF8));
}

Statement& Statement::bind(std::span<const std::byte> value) {
  // A null pointer would bind NULL; an empty blob is a blob.
  static const std::byte kNothing{};
  return note(sqlite3_bind_blob64(statement_.get(), ++position_, value.empty() ? &kNothing : value.data(), value.size(),
                                  SQLITE_TRANSIENT));
}

Statement& Statement::bind_null() {
  return note(sqlite3_bind_null(statement_.get(), ++position_));
}

Result<bool> Statement::step() {
  if (failure_ != SQLITE_OK) return database_->error(failure_);
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return database_->error(code);
}

Status Statement::run() {
  while (true) {
    auto row = step();
    if (!row) return std::move(row).error();
    if (*row) continue;
    sqlite3_reset(statement_.get());
    position_ = 0;
    return {};
  }
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

double Statement::number(int column) const {
  return sqlite3_column_double(statement_.get(), column);
}

std::string Statement::text(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  return data == nullptr ? std::string()
                         : std::string(data, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column)));
}

std::span<const std::byte> Statement::blob(int column) const {
  const auto* data = static_cast<const std::byte*>(sqlite3_column_blob(statement_.get(), column));
  return {data, data == nullptr ? 0 : static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& path, int flags,
                                                 const std::function<Status(const Database&)>& inspect) {
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  std::unique_ptr<Database> database(new Database(handle, path));
  if (code != SQLITE_OK) return database->error(code);
  sqlite3_busy_timeout(handle, kBusyMilliseconds);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  if (inspect) SALIENT_CHECK(inspect(*database));
  SALIENT_CHECK(
      database->execute("PRAGMA mmap_size=0; PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON;"
                        "PRAGMA foreign_keys=ON; PRAGMA synchronous=FULL;"));
  return database;
}

Error Database::error(int code) const {
  Error result{ErrorCode::io, escape_for_message(path_.string()), "", "", "", ""};
  result.found = handle_ ? escape_for_message(sqlite3_errmsg(handle_.get())) : std::string(sqlite3_errstr(code));
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: {
      const std::string who = lock_holder(path_);
      result.code = ErrorCode::busy;
      result.expected = "a lock within 2 seconds";
      if (!who.empty()) result.found = "held by " + who;
      result.advice = "try again when the other program has finished writing";
      break;
    }
    case SQLITE_FULL: {
      auto free = free_disk_bytes(path_.parent_path());
      result.code = ErrorCode::disk_full;
      result.expected = "room for the experiment, at least another page of 4096 bytes";
      result.found = free ? fmt::format("{} bytes free", *free) : std::string("a full disk");
      result.advice = "free space, or name another file with --experiments";
      break;
    }
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
      result.expected = "an experiment file that can be opened";
      result.advice = "check its permissions, or name another file with --experiments";
      break;
    case SQLITE_NOTADB:
      result.code = ErrorCode::format;
      result.expected = "an experiment file";
      result.advice = "name another file with --experiments";
      break;
    case SQLITE_CORRUPT:
      result.code = ErrorCode::format;
      result.expected = "an intact experiment file";
      result.advice = "restore it from a backup, or name another file with --experiments; it was left as it is";
      break;
    case SQLITE_NOMEM: result.code = ErrorCode::memory; break;
    default: break;
  }
  return result;
}

Status Database::execute(const char* sql) const {
  const int code = sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return error(code);
  return {};
}

Result<Statement> Database::prepare(std::string_view sql) const {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(handle_.get(), sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
  if (code != SQLITE_OK) return error(code);
  return Statement(statement, this);
}

Result<std::int64_t> Database::integer(std::string_view sql) const {
  SALIENT_ASSIGN(Statement statement, prepare(sql));
  SALIENT_ASSIGN(const bool row, statement.step());
  return row ? statement.integer(0) : std::int64_t{0};
}

std::int64_t Database::last_row() const {
  return sqlite3_last_insert_rowid(handle_.get());
}

std::int64_t Database::changed_rows() const {
  return sqlite3_changes(handle_.get());
}

Status Database::transaction(const std::function<Status()>& body) const {
  SALIENT_CHECK(execute("BEGIN IMMEDIATE"));
  Status status = body();
  if (status) status = execute("COMMIT");
  // A failed COMMIT leaves the transaction open; some errors have rolled it back already.
  if (!status && sqlite3_get_autocommit(handle_.get()) == 0) static_cast<void>(execute("ROLLBACK"));
  return status;
}

Status Database::copy_to(const std::filesystem::path& target) const {
  SALIENT_ASSIGN(const auto copy, open(target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_EXCLUSIVE));
  sqlite3_backup* backup = sqlite3_backup_init(copy->handle_.get(), "main", handle_.get(), "main");
  if (backup == nullptr) return copy->error(sqlite3_errcode(copy->handle_.get()));
  const int code = sqlite3_backup_step(backup, -1);
  sqlite3_backup_finish(backup);
  if (code != SQLITE_DONE) return copy->error(code);
  return {};
}

Result<std::uint64_t> Database::file_size() const {
  sqlite3_file* file = nullptr;
  const int code = sqlite3_file_control(handle_.get(), "main", SQLITE_FCNTL_FILE_POINTER, &file);
  if (code != SQLITE_OK) return error(code);
  sqlite3_int64 size = 0;
  const int status = file->pMethods->xFileSize(file, &size);
  if (status != SQLITE_OK) return error(status);
  return static_cast<std::uint64_t>(size);
}

Status Database::read_file(std::uint64_t offset, std::span<std::byte> out) const {
  sqlite3_file* file = nullptr;
  int code = sqlite3_file_control(handle_.get(), "main", SQLITE_FCNTL_FILE_POINTER, &file);
  if (code == SQLITE_OK) {
    code = file->pMethods->xRead(file, out.data(), static_cast<int>(out.size()), static_cast<sqlite3_int64>(offset));
  }
  if (code != SQLITE_OK) return error(code);
  return {};
}

}  // namespace salient::sqlite
