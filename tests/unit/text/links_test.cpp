// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "core/text/tokenizer.h"
#include "tests/unit/support/temporary_directory.h"

namespace salient {
namespace {

TEST(TokenizerFiles, Row30NoLinkLeadsOutOfTheModel) {
  const test::TemporaryDirectory directory;
  std::filesystem::create_directory(directory / "model");
  test::write_file(directory / "secret", "{}");
  for (const char* name : Tokenizer::kFiles) {
    std::filesystem::create_symlink("../secret", directory / (std::string("model/") + name));
    const auto tokenizer = Tokenizer::load(directory / "model", std::nullopt);
    ASSERT_FALSE(tokenizer);
    EXPECT_EQ(tokenizer.error().code, ErrorCode::unsupported);
    EXPECT_NE(tokenizer.error().file.find(name), std::string::npos);
    std::filesystem::remove(directory / (std::string("model/") + name));
  }
}

}  // namespace
}  // namespace salient
