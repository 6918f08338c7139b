// SPDX-License-Identifier: Apache-2.0
// Choices that were measured once on a device and need not be measured again: for each subject the name of what was
// fastest, in a file that all processes of a user share. Losing it costs time, never a result.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "core/base/result.h"

namespace salient {

class MeasuredChoices {
 public:
  static constexpr std::size_t kMaximumCount = 4096;

  /// `owner`: all that a choice depends on beside its subject, as the device and the versions of what runs on it. It is
  /// written into `file`; a file of another owner is none. Nothing is read here.
  MeasuredChoices(std::filesystem::path file, std::string owner) : file_(std::move(file)), owner_(std::move(owner)) {}

  /// Of what was loaded and stored so far. Both are UTF-8.
  [[nodiscard]] std::optional<std::string> find(const std::string& subject) const;
  /// Adds what the file holds by now. A file that is missing, damaged or another owner's adds nothing.
  void load();
  /// Puts the choice into the file, beside what others have put there meanwhile. The file is replaced as a whole, so
  /// that a reader sees the old one or the new one; of two processes that write at the same time one may lose its
  /// choice. With kMaximumCount subjects the file begins anew. After an Error the choice still holds for this process.
  [[nodiscard]] Status store(const std::string& subject, const std::string& choice);

 private:
  std::filesystem::path file_;
  std::string owner_;
  std::map<std::string, std::string> choices_;
};

}  // namespace salient
