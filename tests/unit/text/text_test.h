// SPDX-License-Identifier: Apache-2.0
// Helpers of the text room's tests.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/json.h"
#include "core/text/tokenizer.h"
#include "tests/unit/support/temporary_directory.h"

namespace salient {

inline std::filesystem::path text_fixture(const std::string& name) {
  return std::filesystem::path(SALIENT_FIXTURES) / "text" / name;
}

inline Json read_json(const std::filesystem::path& path) {
  return Json::parse(test::read_file(path));
}

/// Writes a file into the directory and gives its path.
inline std::filesystem::path put(const test::TemporaryDirectory& directory, const std::string& name,
                                 std::string_view content) {
  test::write_file(directory / name, content);
  return directory / name;
}

inline std::shared_ptr<const Tokenizer> load_or_fail(const std::filesystem::path& directory) {
  auto tokenizer = Tokenizer::load(directory);
  EXPECT_TRUE(tokenizer) << tokenizer.error().to_string();
  return tokenizer ? *tokenizer : nullptr;
}

}  // namespace salient
