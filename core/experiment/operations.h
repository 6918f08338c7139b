// SPDX-License-Identifier: Apache-2.0
// Everything this program can be asked to do is one operation: a JSON object in, events while it works,
// a JSON object out. The command line and the worker are two ways of asking. PROTOCOL.md lists each
// operation's keys; they are those of the command line's long options in snake_case.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/job.h"
#include "core/base/json.h"
#include "core/base/result.h"
#include "core/compute/devices.h"

namespace salient {

class Tokenizer;

/// What an operation may use besides its request: places for what it tells while it works, and things
/// that outlive one request.
class OperationContext {
 public:
  /// A partial result: {"op": …, "stage": …, …}. Called from the thread that works; may be empty.
  std::function<void(const Json&)> snapshot;
  /// Generated text as it comes (generate), tagged with the model it comes from: "model" or "against".
  std::function<void(std::string_view source, std::string_view text)> text;
  /// A generated token with its figures (generate with `divergence`), in place of its text.
  std::function<void(const Json& token)> token;

  /// The backend asked for, made once and kept.
  [[nodiscard]] Result<Backend*> backend(const BackendRequest& request);
  /// The kept backend's device failed for good: this process can do no more on it.
  [[nodiscard]] bool device_lost() const { return backend_ != nullptr && !backend_->usable(); }
  /// The tokenizer of a model directory, kept as long as its files stay the same.
  [[nodiscard]] Result<std::shared_ptr<const Tokenizer>> tokenizer(const std::filesystem::path& directory);

 private:
  std::unique_ptr<Backend> backend_;
  BackendRequest backend_request_;
  std::shared_ptr<const Tokenizer> tokenizer_;
  std::string tokenizer_files_;  ///< directory, sizes and times
};

/// Carries out request {"op": name, …parameters}. Unknown keys, missing keys and wrong types →
/// Error{usage} naming the key. The result carries "schema" ("salient.run/1") and "version".
[[nodiscard]] Result<Json> perform(const Json& request, OperationContext& context, Job& job);

[[nodiscard]] std::vector<std::string> operation_names();

}  // namespace salient
