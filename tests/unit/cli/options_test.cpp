// SPDX-License-Identifier: Apache-2.0
#include "app/cli/options.h"

#include <gtest/gtest.h>

#include "app/cli/command.h"

namespace salient::cli {
namespace {

struct AllCommands {
  CLI::App app{"description", "salient"};
  Commands commands;
  AllCommands() {
    app.require_subcommand(0, 1);
    for (const auto add : {add_inspect, add_search, add_quantize, add_run, add_evaluate, add_generate, add_verify,
                           add_experiments, add_report, add_bench}) {
      add(app, commands);
    }
  }
  /// The request of a command line, or its error.
  Result<Invocation> parse(const std::vector<std::string>& words) {
    std::vector<std::string> reversed(words.rbegin(), words.rend());
    app.parse(reversed);
    for (const auto& command : commands) {
      if (command->app().parsed()) return command->invocation();
    }
    return Error{ErrorCode::internal, {}, {}, {}, {}, {}};
  }
};

TEST(Help, NamesEveryOptionWithADescription) {
  const AllCommands all;
  EXPECT_EQ(all.commands.size(), 18U);
  for (const auto& command : all.commands) {
    const std::string help = help_text(command->app());
    EXPECT_NE(help.find("Usage: " + command_path(command->app())), std::string::npos);
    EXPECT_NE(help.find("Examples:"), std::string::npos) << command_path(command->app());
    for (const CLI::Option* option : command->app().get_options()) {
      EXPECT_FALSE(option->get_description().empty()) << option->get_name();
      for (const std::string& name : option->get_lnames()) {
        EXPECT_NE(help.find("--" + name), std::string::npos) << command_path(command->app()) << " --" << name;
      }
    }
    for (const char* common : {"--json", "--progress", "--device", "--threads", "--experiments", "--log", "--help"}) {
      EXPECT_NE(help.find(common), std::string::npos) << command_path(command->app());
    }
  }
}

TEST(Help, ShowsDefaultsAndWrapsLines) {
  const AllCommands all;
  for (const auto& command : all.commands) {
    const std::string help = help_text(command->app());
    if (command->app().get_name() == "run") {
      EXPECT_NE(help.find("[default: 128]"), std::string::npos);
      EXPECT_NE(help.find("[default: 2048]"), std::string::npos);
      EXPECT_NE(help.find("[default: mixllm]"), std::string::npos);
    }
    std::istringstream lines(help.substr(0, help.find("Examples:")));
    for (std::string line; std::getline(lines, line);)
      EXPECT_LE(line.size(), 110U) << line;
  }
}

TEST(Request, HoldsWhatWasGivenUnderTheOptionsNames) {
  const auto invocation = AllCommands().parse(
      {"run", "model", "--calibration", "a.txt", "--evaluation=b.txt", "--average-bits", "4.5", "--output", "out",
       "--no-clip", "--row-multiple", "8", "--memory-limit", "4GiB", "--key", "body", "--json"});
  ASSERT_TRUE(invocation) << invocation.error().to_string();
  EXPECT_TRUE(invocation->json);
  const Json expected = Json::parse(R"({"op": "run", "model": "model", "calibration": "a.txt", "evaluation": "b.txt",
      "average_bits": 4.5, "output": "out", "clip": false, "row_multiple": 8, "memory_limit": 4294967296,
      "json_key": "body"})");
  EXPECT_EQ(nlohmann::json(invocation->request), nlohmann::json(expected));
}

TEST(Request, WantsExactlyOneBudget) {
  const std::vector<std::string> base{"quantize", "model", "--scores", "s", "--output", "o"};
  const auto error_with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), base.begin(), base.end());
    const auto invocation = AllCommands().parse(more);
    return invocation ? Error{} : invocation.error();
  };
  Error error = error_with({});
  EXPECT_EQ(error.code, ErrorCode::usage);
  EXPECT_EQ(error.key, "--percent, --average-bits, --size or --uniform");
  error = error_with({"--percent", "10", "--size", "1GB"});
  EXPECT_EQ(error.code, ErrorCode::usage);
  EXPECT_EQ(error.found, "--percent and --size");
  EXPECT_EQ(error.file, "salient quantize");
}

TEST(Request, RefusesValuesOfAnotherKind) {
  const auto refused = [](const std::vector<std::string>& words, const std::string& key) {
    const auto invocation = AllCommands().parse(words);
    ASSERT_FALSE(invocation) << key;
    EXPECT_EQ(invocation.error().code, ErrorCode::usage) << key;
    EXPECT_EQ(invocation.error().key, key);
  };
  refused({"evaluate", "m", "--text", "t", "--length", "2k"}, "--length");
  refused({"evaluate", "m", "--text", "t", "--length", "99999999999999999999"}, "--length");
  refused({"generate", "m", "--prompt", "p", "--temperature", "nan"}, "--temperature");
  refused({"generate", "m", "--prompt", "p", "--temperature", "0x1"}, "--temperature");
  refused({"generate", "m"}, "--prompt");
  refused({"inspect"}, "DIR");
  refused({"inspect", "m", "--progress", "loud"}, "--progress");
  refused({"experiments", "show", "three"}, "ID");
  refused({"run", "m", "--calibration", "c", "--evaluation", "e", "--output", "o", "--size", "big"}, "--size");
}

}  // namespace
}  // namespace salient::cli
