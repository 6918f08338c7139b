// SPDX-License-Identifier: Apache-2.0
// What must be true of a job's files, whatever happened to it.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <map>
#include <string>

#include "core/base/json.h"
#include "core/experiment/work_directory.h"
#include "tests/unit/support/temporary_directory.h"

namespace salient::faults {

using Contents = std::map<std::string, std::string>;

/// Names and bytes of a directory's files; empty where it is not there.
inline Contents contents(const std::filesystem::path& directory) {
  Contents files;
  std::error_code missing;
  for (auto entry = std::filesystem::directory_iterator(directory, missing);
       !missing && entry != std::filesystem::directory_iterator(); entry.increment(missing)) {
    files[entry->path().filename().string()] = test::read_file(entry->path());
  }
  return files;
}

inline void expect_no_temporary_file(const std::filesystem::path& below) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(below)) {
    EXPECT_THAT(entry.path().filename().string(), ::testing::Not(::testing::HasSubstr(".part-"))) << entry.path();
  }
}

/// SQLite's own check of the file, if there is one.
inline void expect_sound_database(const std::filesystem::path& file) {
  if (!std::filesystem::exists(file) || std::filesystem::file_size(file) == 0) return;
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open_v2(file.c_str(), &database, SQLITE_OPEN_READWRITE, nullptr), SQLITE_OK);
  std::string answer;
  const auto first = [](void* out, int, char** values, char**) {
    *static_cast<std::string*>(out) += values[0];
    return 0;
  };
  EXPECT_EQ(sqlite3_exec(database, "PRAGMA integrity_check", first, &answer, nullptr), SQLITE_OK);
  EXPECT_EQ(answer, "ok");
  sqlite3_close(database);
}

/// A request to run on the bundled sample: as many sequences to calibrate with and windows to evaluate.
inline Json sample_run(const std::filesystem::path& directory, int sequences, int length) {
  const std::filesystem::path sample = SALIENT_SAMPLE_DIRECTORY;
  return {{"op", "run"},
          {"model", sample.string()},
          {"calibration", (sample / "calibration.txt").string()},
          {"samples", sequences},
          {"length", length},
          {"evaluation", (sample / "evaluation.txt").string()},
          {"evaluation_length", length},
          {"evaluation_windows", sequences},
          {"percent", 10},
          {"threads", 2},
          {"output", (directory / "packed").string()},
          {"experiments", (directory / "experiments.db").string()}};
}

}  // namespace salient::faults
