// SPDX-License-Identifier: Apache-2.0
#include "core/experiment/work_directory.h"

#include <gmock/gmock.h>

#include "core/experiment/results.h"
#include "tests/unit/support/temporary_directory.h"

namespace salient {
namespace {

namespace fs = std::filesystem;
using test::TemporaryDirectory;
using ::testing::HasSubstr;

TEST(WorkDirectory, StandsBesideWhatIsMade) {
  EXPECT_EQ(default_work_directory("/a/out"), "/a/out.salient-work");
  EXPECT_EQ(default_work_directory("/a/out/"), "/a/out.salient-work");
  EXPECT_EQ(default_work_directory("scores.safetensors"), "scores.safetensors.salient-work");
}

TEST(WorkDirectory, IsHeldByOneJobAtATime) {
  const TemporaryDirectory temporary;
  auto first = WorkDirectory::open(temporary / "work", false);
  ASSERT_TRUE(first) << first.error().to_string();
  const auto second = WorkDirectory::open(temporary / "work", false);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::busy);
  EXPECT_THAT(second.error().found, HasSubstr("process "));
  { const WorkDirectory released = *std::move(first); }
  EXPECT_TRUE(WorkDirectory::open(temporary / "work", false));
}

TEST(WorkDirectory, LeavesAStrangersDirectoryAlone) {
  const TemporaryDirectory temporary;
  fs::create_directories(temporary / "home");
  test::write_file(temporary / "home" / "thesis.tex", "precious");
  const auto refused = WorkDirectory::open(temporary / "home", true);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::usage);
  EXPECT_EQ(test::read_file(temporary / "home" / "thesis.tex"), "precious");
}

TEST(WorkDirectory, ClaimRefusesAnotherJobAndShowsTheDifference) {
  const TemporaryDirectory temporary;
  Identity identity{"run", {}, "aaa", "bbb", "ccc", "", "0.1.0"};
  {
    auto work = WorkDirectory::open(temporary / "work", false);
    ASSERT_TRUE(work->claim(identity));
    ASSERT_TRUE(work->claim(identity));
    ASSERT_TRUE(work->keep("evaluation", Json{{"x", 1.25}}));
  }
  Identity other = identity;
  other.recipe.budget.value = 20;
  other.model = "zzz";
  {
    auto work = WorkDirectory::open(temporary / "work", false);
    const Status refused = work->claim(other);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::mismatch);
    EXPECT_THAT(refused.error().expected, HasSubstr("recipe.allocation.value 10"));
    EXPECT_THAT(refused.error().found, HasSubstr("recipe.allocation.value 20"));
    EXPECT_THAT(refused.error().found, HasSubstr("model zzz"));
    EXPECT_THAT(refused.error().advice, HasSubstr("--fresh"));
    ASSERT_TRUE(work->claim(identity));
    EXPECT_EQ(**work->recall("evaluation"), (Json{{"x", 1.25}}));
    EXPECT_FALSE(*work->recall("something else"));
  }
  auto work = WorkDirectory::open(temporary / "work", true);
  ASSERT_TRUE(work->claim(other));
  EXPECT_FALSE(*work->recall("evaluation"));
}

TEST(WorkDirectory, WhatHasNoOwnerIsNotTakenUp) {
  // A kill while a finished job's directory was being removed may leave results without the identity.
  const TemporaryDirectory temporary;
  const Identity identity{"run", {}, "aaa", "", "", "", "0.1.0"};
  auto work = WorkDirectory::open(temporary / "work", false);
  ASSERT_TRUE(work->keep("evaluation", Json{{"x", 1}}));
  ASSERT_TRUE(work->claim(identity));
  EXPECT_FALSE(*work->recall("evaluation"));
}

TEST(WorkDirectory, LinksInItAreRefused) {
  // Whoever can leave a work directory somewhere must not have other files written through it.
  const TemporaryDirectory temporary;
  test::write_file(temporary / "precious", "precious");
  ASSERT_TRUE(WorkDirectory::open(temporary / "work", false));
  fs::create_directories(temporary / "work" / "layers");
  for (const char* name : {"job.json", "stages.json", "manifest.json", "search.safetensors", "layers/link", "more"}) {
    const fs::path link = temporary / "work" / name;
    fs::create_symlink(name == std::string("more") ? temporary.path() : temporary / "precious", link);
    for (const bool fresh : {false, true}) {
      const auto refused = WorkDirectory::open(temporary / "work", fresh);
      ASSERT_FALSE(refused) << name;
      EXPECT_EQ(refused.error().file, link.string());
      EXPECT_EQ(refused.error().found, "a symbolic link");
    }
    fs::remove(link);
  }
  EXPECT_EQ(test::read_file(temporary / "precious"), "precious");
  EXPECT_TRUE(WorkDirectory::open(temporary / "work", false));
}

TEST(WorkDirectory, WhatADeathInDiscardLeftIsRemoved) {
  const TemporaryDirectory temporary;
  const fs::path left = temporary / ".work.part-1-0";
  fs::create_directories(left / "layers");
  test::write_file(left / "layers" / "x", "y");
  fs::create_directories(temporary / ".other.part-1-0");
  ASSERT_TRUE(WorkDirectory::open(temporary / "work", false));
  EXPECT_FALSE(fs::exists(left));
  EXPECT_TRUE(fs::exists(temporary / ".other.part-1-0"));
}

TEST(WorkDirectory, DiscardLeavesNothing) {
  const TemporaryDirectory temporary;
  auto work = WorkDirectory::open(temporary / "work", false);
  ASSERT_TRUE(work->claim(Identity{}));
  fs::create_directories(temporary / "work" / "layers");
  test::write_file(temporary / "work" / "layers" / "x", "y");
  ASSERT_TRUE(work->discard());
  EXPECT_TRUE(fs::is_empty(temporary.path()));
  EXPECT_TRUE(WorkDirectory::open(temporary / "work", false));
}

}  // namespace
}  // namespace salient
