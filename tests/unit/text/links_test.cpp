// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "core/text/tokenizer.h"
#include "tests/unit/support/bounded.h"
#include "tests/unit/support/temporary_directory.h"

namespace salient {
namespace {

TEST(TokenizerFiles, Row30NoLinkLeadsOutOfTheModel) {
  const test::TemporaryDirectory directory;
  std::filesystem::create_directory(directory / "model");
  test::write_file(directory / "secret", "{}");
  for (const char* name : Tokenizer::kFiles) {
    std::filesystem::create_symlink("../secret", directory / (std::string("model/") + name));
    const auto tokenizer = test::bounded(0, [&] { return Tokenizer::load(directory / "model", std::nullopt); });
    ASSERT_FALSE(tokenizer);
    EXPECT_EQ(tokenizer.error().code, ErrorCode::unsupported);
    EXPECT_EQ(tokenizer.error().file, (directory / "model" / name).string());
    EXPECT_NE(tokenizer.error().found.find("a link to "), std::string::npos) << tokenizer.error().found;
    std::filesystem::remove(directory / (std::string("model/") + name));
  }
}

TEST(TokenizerFiles, Row31LinksThatLeadNowhere) {
  // Neither passed over for another file nor "no tokenizer".
  const test::TemporaryDirectory directory;
  for (const char* name : Tokenizer::kFiles) {
    const std::filesystem::path path = directory / name;
    for (const char* target : {"missing", name, "a"}) {
      std::filesystem::create_symlink("b", directory / "a");
      std::filesystem::create_symlink("a", directory / "b");
      std::filesystem::create_symlink(target, path);
      const auto tokenizer = test::bounded(0, [&] { return Tokenizer::load(directory.path()); });
      ASSERT_FALSE(tokenizer);
      const std::string said = tokenizer.error().to_string();
      EXPECT_EQ(tokenizer.error().file, path.string());
      EXPECT_NE(said.find(target == std::string("missing") ? "a link to missing, where nothing is" : "form a loop"),
                std::string::npos)
          << said;
      for (const char* made : {"a", "b", name})
        std::filesystem::remove(directory / made);
    }
  }
}

}  // namespace
}  // namespace salient
