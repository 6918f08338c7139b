// SPDX-License-Identifier: Apache-2.0
// Where a job keeps what it has finished, so that it can be resumed after a cancel, a crash or a kill: one
// directory beside the result, with a lock so that two jobs never share it, and a job.json that says whose
// it is. Everything in it is written durably.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/experiment/recipe.h"

namespace salient {

/// `<target>.salient-work`: beside the file or directory a job is to produce.
[[nodiscard]] std::filesystem::path default_work_directory(const std::filesystem::path& target);

class WorkDirectory {
 public:
  /// Creates the directory, or takes up one left behind. Error{busy} while another process holds it, Error{usage}
  /// where there are links or other things in it that no job makes; `fresh` empties it first.
  static Result<WorkDirectory> open(const std::filesystem::path& path, bool fresh);
  WorkDirectory(WorkDirectory&& other) noexcept;
  WorkDirectory& operator=(WorkDirectory&&) = delete;
  ~WorkDirectory();  ///< releases the lock, keeps the contents

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// Writes job.json, or compares with the one there: Error{mismatch} names the fields that differ.
  [[nodiscard]] Status claim(const Identity& identity);
  /// Small finished results by name ("evaluation-reference"), absent until kept.
  [[nodiscard]] Result<std::optional<Json>> recall(const std::string& name) const;
  /// Error{not_found} where the directory was removed while in use; whoever writes into it by path asks first,
  /// since writing would make it anew without its lock, and nobody takes up such a directory.
  [[nodiscard]] Status check_there() const;
  [[nodiscard]] Status keep(const std::string& name, const Json& value) const;
  /// Removes everything, in one step: the job is done, and nobody is to take up a part of it.
  [[nodiscard]] Status discard();

 private:
  WorkDirectory(std::filesystem::path path, int lock) : path_(std::move(path)), lock_(lock) {}
  std::filesystem::path path_;
  int lock_ = -1;
};

}  // namespace salient
