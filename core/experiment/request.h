// SPDX-License-Identifier: Apache-2.0
// Typed, checked access to a request's parameters. The first thing wrong is remembered and comes out of
// finish(), so that an operation reads all its parameters first and checks once:
//
//   RequestReader read(request);
//   const auto model = read.path("model");
//   const auto samples = read.integer("samples", 128, 1, 1'000'000);
//   SALIENT_CHECK(read.finish());
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/compute/devices.h"
#include "core/compute/folded_scales.h"

namespace salient {

class RequestReader {
 public:
  /// `request` must outlive the reader. The keys op and id are known to every operation.
  explicit RequestReader(const Json& request);

  /// Whether the key is there and not null. Marks it as known.
  [[nodiscard]] bool has(const char* key);

  // Required: missing → Error{usage}.
  [[nodiscard]] std::string string(const char* key);
  [[nodiscard]] std::filesystem::path path(const char* key);
  [[nodiscard]] std::int64_t integer(const char* key, std::int64_t least, std::int64_t most);
  [[nodiscard]] std::vector<std::int64_t> integers(const char* key);  ///< an array; absent = empty

  // With a default for a key that is absent or null.
  [[nodiscard]] std::string string_or(const char* key, std::string fallback);
  [[nodiscard]] std::filesystem::path path_or(const char* key, std::filesystem::path fallback);
  [[nodiscard]] std::int64_t integer_or(const char* key, std::int64_t fallback, std::int64_t least, std::int64_t most);
  [[nodiscard]] double number_or(const char* key, double fallback, double least, double most);
  [[nodiscard]] bool boolean_or(const char* key, bool fallback);
  /// One of `choices`.
  [[nodiscard]] std::string choice_or(const char* key, std::string fallback, const std::vector<std::string>& choices);

  /// How a packed model's product treats its scales: exact, folded or folded-token; exact unless given.
  [[nodiscard]] ScaleMode scales_or_exact(const char* key = "scales");

  // The keys every operation shares.
  [[nodiscard]] BackendRequest backend();             ///< device, threads, gpu_memory, precision
  [[nodiscard]] std::filesystem::path experiments();  ///< default_store_path() unless given

  /// Records a problem found by the caller, unless there is one already.
  void refuse(Error error);
  /// The first problem, or an Error{usage} for the first key nobody asked for.
  [[nodiscard]] Status finish() const;

 private:
  [[nodiscard]] const Json* find(const char* key);
  void refuse(const char* key, std::string expected, std::string found, std::string advice = {});

  const Json& request_;
  std::set<std::string, std::less<>> known_;
  std::optional<Error> error_;
};

}  // namespace salient
