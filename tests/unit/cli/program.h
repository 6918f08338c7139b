// SPDX-License-Identifier: Apache-2.0
// The built program as a child process: what it prints and how it ends.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "core/base/json.h"
#include "tests/unit/support/temporary_directory.h"

namespace salient::test {

struct Outcome {
  int code = -1;  ///< exit code; 128 + signal where one ended it
  std::string out;
  std::string err;
  /// stdout as the one JSON object it has to be.
  [[nodiscard]] Json json() const {
    Json value = Json::parse(out, nullptr, false);
    EXPECT_TRUE(value.is_object()) << out << err;
    return value.is_object() ? value : Json::object();
  }
};

class Program {
 public:
  /// Data and working directories of their own, so that nothing of the user's is touched.
  Program()
      : environment_{"XDG_DATA_HOME=" + (directory_ / "data").string(), "LC_ALL=C.UTF-8", "PATH=/usr/bin:/bin",
                     "TMPDIR=" + directory_.path().string()} {}

  [[nodiscard]] std::filesystem::path operator/(std::string_view name) const { return directory_ / name; }

  void start(const std::vector<std::string>& words, const std::string& input = {}) {
    write_file(directory_ / "in", input);
    std::vector<std::string> all{SALIENT_PROGRAM};
    all.insert(all.end(), words.begin(), words.end());
    std::vector<char*> arguments;
    for (std::string& word : all)
      arguments.push_back(word.data());
    arguments.push_back(nullptr);
    std::vector<char*> environment;
    for (std::string& entry : environment_)
      environment.push_back(entry.data());
    environment.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, (directory_ / "in").c_str(), O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, (directory_ / "out").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_addopen(&actions, 2, (directory_ / "err").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ASSERT_EQ(posix_spawn(&child_, SALIENT_PROGRAM, &actions, nullptr, arguments.data(), environment.data()), 0);
    posix_spawn_file_actions_destroy(&actions);
  }

  Outcome finish() {
    int status = 0;
    EXPECT_EQ(waitpid(child_, &status, 0), child_);
    Outcome outcome;
    outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    outcome.out = read_file(directory_ / "out");
    outcome.err = read_file(directory_ / "err");
    return outcome;
  }

  Outcome run(const std::vector<std::string>& words, const std::string& input = {}) {
    start(words, input);
    return finish();
  }

  /// Waits until the child's stderr contains `text`, or the child has ended.
  void wait_for(const std::string& text) {
    while (read_file(directory_ / "err").find(text) == std::string::npos) {
      siginfo_t info{};
      waitid(P_PID, static_cast<id_t>(child_), &info, WEXITED | WNOHANG | WNOWAIT);
      if (info.si_pid == child_) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }
  void signal(int number) const { kill(child_, number); }

 private:
  TemporaryDirectory directory_;
  std::vector<std::string> environment_;
  pid_t child_ = -1;
};

/// The bundled model and texts, and settings small enough for a test.
inline const std::string kSample = SALIENT_RESOURCES "/sample";
inline std::vector<std::string> small_run(const std::filesystem::path& output) {
  return {"run",
          kSample,
          "--calibration",
          kSample + "/calibration.txt",
          "--evaluation",
          kSample + "/evaluation.txt",
          "--percent",
          "10",
          "--samples",
          "2",
          "--length",
          "64",
          "--evaluation-length",
          "64",
          "--evaluation-windows",
          "3",
          "--output",
          output.string()};
}

}  // namespace salient::test
