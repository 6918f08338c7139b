// SPDX-License-Identifier: Apache-2.0
// The options of a command: declared once, shown by --help, and turned into the keys of an operation's
// request (the long option in snake_case). Values are converted here and not by CLI11, so that every
// refusal has the same form.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <utility>
#include <vector>

#include "core/base/json.h"
#include "core/base/result.h"

namespace salient::cli {

enum class ValueKind { text, integer, integers, number, bytes, present, absent };

/// How an option is shown and where its value goes.
struct OptionSpec {
  std::string name = {};         ///< "--samples", "-o,--output", or without dashes for a positional argument
  std::string type = {};         ///< as shown: "FILE", "N", of arguments as in "Usage:", "ID..."; empty for flags
  std::string description = {};  ///< one sentence with units
  std::string fallback = {};     ///< the default as shown; empty = none
  bool required = false;
  std::string key = {};  ///< of the request; empty = from the name
  bool local = false;    ///< changes only what is shown: not part of the request
};

class Options {
 public:
  explicit Options(CLI::App& app) : app_(&app) {}

  void text(OptionSpec spec) { declare(ValueKind::text, std::move(spec)); }
  void integer(OptionSpec spec) { declare(ValueKind::integer, std::move(spec)); }
  void integers(OptionSpec spec) { declare(ValueKind::integers, std::move(spec)); }
  void number(OptionSpec spec) { declare(ValueKind::number, std::move(spec)); }
  void bytes(OptionSpec spec) { declare(ValueKind::bytes, std::move(spec)); }     ///< with suffixes, see parse_bytes()
  void flag(OptionSpec spec) { declare(ValueKind::present, std::move(spec)); }    ///< given: key = true
  void no_flag(OptionSpec spec) { declare(ValueKind::absent, std::move(spec)); }  ///< "--no-x" given: x = false

  /// Of the options declared so far, `names` exclude each other, and one of them must be given.
  void exactly_one(std::vector<std::string> names) { choices_.push_back(std::move(names)); }
  /// The heading in --help for the options declared from here on.
  void group(std::string title) { group_ = std::move(title); }

  /// The request's keys that were given on the command line; Error{usage} for the first that is wrong.
  [[nodiscard]] Result<Json> given() const;
  [[nodiscard]] bool has(const std::string& name) const;
  /// The option that stands for a request's key, or the key itself.
  [[nodiscard]] std::string option_of(const std::string& key) const;
  [[nodiscard]] const CLI::App& app() const { return *app_; }

 private:
  struct Declared {
    CLI::Option* option;
    std::string name;
    std::string key;
    ValueKind kind;
    bool required;
    bool local;
  };
  void declare(ValueKind kind, OptionSpec spec);
  [[nodiscard]] Result<Json> convert(const Declared& declared) const;
  [[nodiscard]] Error usage(const std::string& key, std::string expected, std::string found) const;

  CLI::App* app_;
  std::string group_ = "Options";
  std::vector<Declared> declared_;
  std::vector<std::vector<std::string>> choices_;
};

/// "salient experiments list": the command as it is typed.
[[nodiscard]] std::string command_path(const CLI::App& app);

/// The help text of a command: description, usage, arguments, options by group with defaults, footer.
[[nodiscard]] std::string help_text(const CLI::App& app);

}  // namespace salient::cli
