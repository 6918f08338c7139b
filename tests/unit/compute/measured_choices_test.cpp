// SPDX-License-Identifier: Apache-2.0
#include "core/compute/measured_choices.h"

#include <gtest/gtest.h>

#include "tests/unit/support/temporary_directory.h"

namespace salient {
namespace {

namespace fs = std::filesystem;

class MeasuredChoicesTest : public testing::Test {
 protected:
  [[nodiscard]] MeasuredChoices opened(const std::string& owner = "device") const { return {file, owner}; }
  [[nodiscard]] std::string kept(const std::string& subject, const std::string& owner = "device") const {
    MeasuredChoices choices = opened(owner);
    choices.load();
    return choices.find(subject).value_or("");
  }
  [[nodiscard]] std::size_t files() const {
    const fs::directory_iterator all(directory / "cache");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }

  test::TemporaryDirectory directory;
  fs::path file = directory / "cache/choices.json";
};

TEST_F(MeasuredChoicesTest, AnotherProcessFindsAChoice) {
  MeasuredChoices first = opened();
  first.load();
  EXPECT_FALSE(first.find("4096 x 4096"));
  ASSERT_TRUE(first.store("4096 x 4096", "wide"));
  EXPECT_EQ(first.find("4096 x 4096"), "wide");
  EXPECT_EQ(kept("4096 x 4096"), "wide");
  EXPECT_EQ(kept("4096 x 8192"), "");
}

TEST_F(MeasuredChoicesTest, WhatOthersStoredMeanwhileStays) {
  MeasuredChoices first = opened(), second = opened();
  first.load();
  second.load();
  ASSERT_TRUE(first.store("a", "1"));
  ASSERT_TRUE(second.store("b", "2"));
  EXPECT_EQ(second.find("a"), "1");
  ASSERT_TRUE(first.store("a", "3"));
  EXPECT_EQ(kept("a"), "3");
  EXPECT_EQ(kept("b"), "2");
}

TEST_F(MeasuredChoicesTest, AnotherOwnersFileIsIgnoredAndReplaced) {
  ASSERT_TRUE(opened("old driver").store("a", "1"));
  EXPECT_EQ(kept("a", "new driver"), "");
  ASSERT_TRUE(opened("new driver").store("b", "2"));
  EXPECT_EQ(kept("a", "new driver"), "");
  EXPECT_EQ(kept("b", "new driver"), "2");
  EXPECT_EQ(kept("a", "old driver"), "");
}

TEST_F(MeasuredChoicesTest, ADamagedFileIsIgnoredAndReplaced) {
  ASSERT_TRUE(opened().store("a", "1"));
  const std::string whole = test::read_file(file);
  const std::string open = R"({"owner": "device", "choices": )";
  for (const std::string& text :
       {std::string(), whole.substr(0, whole.size() / 2), whole + "x", std::string("[]"), std::string("\xff\xfe"),
        open + R"({"a": 1}})", open + R"(["a"]})", open + R"({"a": "1", "a": "2"}})", std::string(R"({"choices": {}})"),
        std::string(R"({"owner": "device"})"), std::string(R"({"owner": 1, "choices": {"a": "1"}})"),
        open + R"({"a": "1"})" + std::string(2 << 20, ' ') + "}"}) {
    test::write_file(file, text);
    EXPECT_EQ(kept("a"), "") << text.substr(0, 80);
    ASSERT_TRUE(opened().store("b", "2"));
    EXPECT_EQ(kept("b"), "2") << text.substr(0, 80);
  }
}

TEST_F(MeasuredChoicesTest, TheFileIsReplacedAsAWhole) {
  ASSERT_TRUE(opened().store("a", "1"));
  const std::string before = test::read_file(file);
  fs::create_hard_link(file, directory / "reader");  // as one who has opened it sees it
  ASSERT_TRUE(opened().store("b", "2"));
  EXPECT_EQ(test::read_file(directory / "reader"), before);
  EXPECT_EQ(files(), 1U);
}

TEST_F(MeasuredChoicesTest, WithoutAPlaceAChoiceHoldsForTheProcess) {
  test::write_file(directory / "cache", "no directory");
  MeasuredChoices choices = opened();
  EXPECT_FALSE(choices.store("a", "1"));
  EXPECT_EQ(choices.find("a"), "1");
  choices.load();
  EXPECT_EQ(choices.find("a"), "1");
}

TEST_F(MeasuredChoicesTest, AFullFileBeginsAnew) {
  std::string text = R"({"owner": "device", "choices": {)";
  for (std::size_t i = 0; i < MeasuredChoices::kMaximumCount; ++i)
    text += (i > 0 ? ", \"" : "\"") + std::to_string(i) + R"(": "1")";
  fs::create_directory(directory / "cache");
  test::write_file(file, text + "}}");
  EXPECT_EQ(kept("17"), "1");
  ASSERT_TRUE(opened().store("a", "1"));
  EXPECT_EQ(kept("a"), "1");
  EXPECT_EQ(kept("17"), "");
}

}  // namespace
}  // namespace salient
