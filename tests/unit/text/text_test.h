// SPDX-License-Identifier: Apache-2.0
// Helpers of the text room's tests: fixtures, and directories with tokenizers made on the spot.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>

#include "core/base/json.h"
#include "core/text/tokenizer.h"

namespace salient {

inline std::filesystem::path text_fixture(const std::string& name) {
  return std::filesystem::path(SALIENT_FIXTURES) / "text" / name;
}

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

inline Json read_json(const std::filesystem::path& path) {
  return Json::parse(read_file(path));
}

/// A directory of the running test's own, removed with it.
class TestDirectory {
 public:
  TestDirectory() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    path_ = std::filesystem::temp_directory_path() / (std::string("salient_text_") + test->test_suite_name() + "_" +
                                                      test->name() + "_" + std::to_string(::getpid()));
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~TestDirectory() {
    std::error_code code;
    std::filesystem::remove_all(path_, code);
  }
  TestDirectory(const TestDirectory&) = delete;
  TestDirectory& operator=(const TestDirectory&) = delete;

  std::filesystem::path write(const std::string& name, std::string_view content) const {
    std::ofstream(path_ / name, std::ios::binary) << content;
    return path_ / name;
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline std::shared_ptr<const Tokenizer> load_or_fail(const std::filesystem::path& directory) {
  auto tokenizer = Tokenizer::load(directory);
  EXPECT_TRUE(tokenizer) << tokenizer.error().to_string();
  return tokenizer ? *tokenizer : nullptr;
}

}  // namespace salient
