// SPDX-License-Identifier: Apache-2.0
// Errors are values. Nothing in core throws on purpose, aborts, or falls back in silence: an
// operation that can fail returns Result<T>, and the Error says where, what was expected, what was
// found and what to do about it.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace salient {

/// What kind of failure. The names are part of the command line's and worker's interface.
enum class ErrorCode {
  io,           ///< the operating system refused a read or a write
  format,       ///< the bytes are not what their format promises
  unsupported,  ///< well formed, but nothing this program can do
  mismatch,     ///< two things that must agree do not (shapes, fingerprints, hashes)
  range,        ///< a value outside what is allowed
  memory,       ///< memory does not suffice
  disk_full,    ///< the disk does not suffice
  cancelled,    ///< stopped on request; the state left behind can be resumed
  numeric,      ///< NaN, Inf or a factorization that failed
  usage,        ///< the caller asked for something that makes no sense
  busy,         ///< somebody else holds it
  not_found,    ///< a file, a tensor, a key or an experiment is missing
  device,       ///< an accelerator failed or refused
  internal      ///< a bug in this program
};

[[nodiscard]] std::string_view error_code_name(ErrorCode code);

/// `code file: key: expected X, found Y; what to do`. Every field but the code may be empty.
/// Strings that came out of a file must have passed through escape_for_message().
struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string file;
  std::string key;
  std::string expected;
  std::string found;
  std::string advice;

  [[nodiscard]] std::string to_string() const;
};

/// Makes a string from a stranger printable: control characters, quotes, invalid UTF-8 and bidirectional
/// marks become escapes, and everything past `limit` bytes is cut ("…" appended).
[[nodiscard]] std::string escape_for_message(std::string_view text, std::size_t limit = 200);

template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const { return state_.index() == 0; }
  [[nodiscard]] bool ok() const { return state_.index() == 0; }

  T& operator*() & { return *std::get_if<0>(&state_); }
  const T& operator*() const& { return *std::get_if<0>(&state_); }
  T&& operator*() && { return std::move(*std::get_if<0>(&state_)); }
  T* operator->() { return std::get_if<0>(&state_); }
  const T* operator->() const { return std::get_if<0>(&state_); }

  Error& error() & { return *std::get_if<1>(&state_); }
  const Error& error() const& { return *std::get_if<1>(&state_); }
  Error&& error() && { return std::move(*std::get_if<1>(&state_)); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  Result(Error error) : failed_(true), error_(std::move(error)) {}

  explicit operator bool() const { return !failed_; }
  [[nodiscard]] bool ok() const { return !failed_; }

  Error& error() & { return error_; }
  const Error& error() const& { return error_; }
  Error&& error() && { return std::move(error_); }

 private:
  bool failed_ = false;
  Error error_;
};

using Status = Result<void>;

}  // namespace salient

#define SALIENT_CONCAT_INNER(a, b) a##b
#define SALIENT_CONCAT(a, b) SALIENT_CONCAT_INNER(a, b)

/// SALIENT_CHECK(do_it()); returns the error from the enclosing function, if there is one.
#define SALIENT_CHECK(expression)                                                                      \
  do {                                                                                                 \
    if (auto salient_status = (expression); !salient_status) return std::move(salient_status).error(); \
  } while (false)

/// SALIENT_ASSIGN(auto file, open(path)); declares or assigns, or returns the error.
#define SALIENT_ASSIGN(target, expression) \
  SALIENT_ASSIGN_NAMED(SALIENT_CONCAT(salient_result_, __LINE__), target, expression)
#define SALIENT_ASSIGN_NAMED(name, target, expression) \
  auto name = (expression);                            \
  if (!name) return std::move(name).error();           \
  target = *std::move(name)
