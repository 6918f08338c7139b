// SPDX-License-Identifier: Apache-2.0
// SQLite's C interface with errors as values. Private to core/experiment.
#pragma once

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace salient::sqlite {

class Database;

/// A prepared statement. Binding errors are remembered and come out of the next step().
class Statement {
 public:
  Statement& bind(std::int64_t value);
  Statement& bind(double value);
  Statement& bind(std::string_view value);
  Statement& bind(std::span<const std::byte> value);
  Statement& bind_null();
  template <class T>
  Statement& bind(const std::optional<T>& value) {
    return value ? bind(*value) : bind_null();
  }

  [[nodiscard]] Result<bool> step();  ///< true: there is a row
  [[nodiscard]] Status run();         ///< to its end; rows are ignored. Ready to be bound again afterwards.

  [[nodiscard]] bool is_null(int column) const;
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] double number(int column) const;
  [[nodiscard]] std::string text(int column) const;
  [[nodiscard]] std::span<const std::byte> blob(int column) const;  ///< until the next step

 private:
  friend class Database;
  struct Finalizer {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  explicit Statement(sqlite3_stmt* statement, const Database* database) : statement_(statement), database_(database) {}
  Statement& note(int code);
  std::unique_ptr<sqlite3_stmt, Finalizer> statement_;
  const Database* database_;
  int position_ = 0;
  int failure_ = SQLITE_OK;
};

class Database {
 public:
  /// `flags` as sqlite3_open_v2 takes them. `inspect` (may be empty) sees the file before SQLite looks into it.
  /// Memory mapping off, trusted schema off, defensive, busy timeout 2 s.
  static Result<std::unique_ptr<Database>> open(const std::filesystem::path& path, int flags,
                                                const std::function<Status(const Database&)>& inspect = {});

  [[nodiscard]] Status execute(const char* sql) const;
  [[nodiscard]] Result<Statement> prepare(std::string_view sql) const;
  [[nodiscard]] Result<std::int64_t> integer(std::string_view sql) const;  ///< first column of the first row
  [[nodiscard]] std::int64_t last_row() const;
  [[nodiscard]] std::int64_t changed_rows() const;

  /// All of `body` or nothing of it.
  [[nodiscard]] Status transaction(const std::function<Status()>& body) const;
  /// A consistent copy at `target` (which must not exist), through SQLite's backup interface.
  [[nodiscard]] Status copy_to(const std::filesystem::path& target) const;
  /// The file as SQLite sees it, without opening it a second time: closing a second descriptor would drop the
  /// locks this process holds.
  [[nodiscard]] Result<std::uint64_t> file_size() const;
  [[nodiscard]] Status read_file(std::uint64_t offset, std::span<std::byte> out) const;

  [[nodiscard]] Error error(int code) const;

 private:
  struct Closer {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  Database(sqlite3* handle, std::filesystem::path path) : handle_(handle), path_(std::move(path)) {}
  std::unique_ptr<sqlite3, Closer> handle_;
  std::filesystem::path path_;
};

}  // namespace salient::sqlite
