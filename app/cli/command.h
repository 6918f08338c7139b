// SPDX-License-Identifier: Apache-2.0
// A command of the command line: which options it takes, which request they make, and how its result is
// told to a person. The work itself is an operation of core/experiment.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/cli/console.h"
#include "app/cli/options.h"
#include "core/base/json.h"
#include "core/base/result.h"

namespace salient::cli {

/// What a command line asks for.
struct Invocation {
  Json request;  ///< for perform()
  bool json = false;
  std::string progress = "auto";  ///< auto, json or none
  std::string log;                ///< a file, or empty
};

class Command {
 public:
  /// Makes the subcommand `name` of `parent`.
  Command(CLI::App& parent, const std::string& name, const std::string& description);
  virtual ~Command() = default;
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;

  [[nodiscard]] const CLI::App& app() const { return *app_; }
  [[nodiscard]] const Options& options() const { return options_; }

  /// Error{usage} for what cannot be meant.
  [[nodiscard]] Result<Invocation> invocation() const;
  /// For a person, on stdout.
  [[nodiscard]] virtual std::string describe(const Json& result, const Style& style) const = 0;
  /// For a person, on stderr: what to do next. May be empty.
  [[nodiscard]] virtual std::string hint(const Json& /*result*/) const { return {}; }
  /// Generated text as it comes is written to stdout (generate).
  [[nodiscard]] virtual bool streams_text() const { return false; }

 protected:
  /// Declares the options that every command has; to be called after its own. Those of computing and of experiments are
  /// left out where nothing is computed.
  void add_common_options(bool computes = true);
  void examples(const std::string& text) { app_->footer("Examples:\n" + text); }
  /// The request's keys that do not come from options.
  [[nodiscard]] virtual Json fixed() const = 0;
  /// What the request still needs from outside of the command line (text on standard input).
  [[nodiscard]] virtual Status complete(Json& /*request*/) const { return {}; }

  CLI::App* app_;
  Options options_;
};

/// Commands in the order in which --help lists them; `experiments` gives several.
using Commands = std::vector<std::unique_ptr<Command>>;
void add_inspect(CLI::App& parent, Commands& commands);
void add_search(CLI::App& parent, Commands& commands);
void add_quantize(CLI::App& parent, Commands& commands);
void add_run(CLI::App& parent, Commands& commands);
void add_evaluate(CLI::App& parent, Commands& commands);
void add_generate(CLI::App& parent, Commands& commands);
void add_tokenize(CLI::App& parent, Commands& commands);
void add_verify(CLI::App& parent, Commands& commands);
void add_export(CLI::App& parent, Commands& commands);
void add_experiments(CLI::App& parent, Commands& commands);
void add_report(CLI::App& parent, Commands& commands);
void add_bench(CLI::App& parent, Commands& commands);
void add_devices(CLI::App& parent, Commands& commands);

}  // namespace salient::cli
