// SPDX-License-Identifier: Apache-2.0
#include "core/base/file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "tests/unit/support/temporary_directory.h"

namespace salient {
namespace {

namespace fs = std::filesystem;
using test::read_file;
using test::TemporaryDirectory;
using test::write_file;
using testing::HasSubstr;

std::vector<std::string> names_in(const fs::path& directory) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory))
    names.push_back(entry.path().filename());
  return names;
}

TEST(IsThere, WhateverItIsAndWhereverALinkLeads) {
  const TemporaryDirectory directory;
  write_file(directory / "file", "");
  fs::create_directory(directory / "directory");
  fs::create_symlink("file", directory / "link");
  fs::create_symlink("nothing", directory / "dead");
  fs::create_symlink("circle", directory / "circle");
  for (const char* name : {"file", "directory", "link", "dead", "circle"})
    EXPECT_TRUE(is_there(directory / name)) << name;
  for (const char* name : {"nothing", "nothing/below", "file/below", "dead/below", "circle/below"})
    EXPECT_FALSE(is_there(directory / name)) << name;
  EXPECT_FALSE(is_there(directory / std::string(300, 'x')));
  EXPECT_FALSE(is_there(""));
}

TEST(IsThere, NotWhereNobodyMayLook) {
  const TemporaryDirectory directory;
  fs::permissions(directory.path(), fs::perms(0755));
  write_file(directory / "open", "");
  fs::create_directory(directory / "closed");
  write_file(directory / "closed/file", "");
  fs::permissions(directory / "closed", fs::perms::none);
  const pid_t child = fork();
  if (child == 0) {
    // The superuser may look anywhere: be somebody else.
    if (geteuid() == 0 && setuid(65534) != 0) _exit(10);
    if (!is_there(directory / "open")) _exit(1);
    if (!is_there(directory / "closed")) _exit(2);
    _exit(is_there(directory / "closed/file") ? 3 : 0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  fs::permissions(directory / "closed", fs::perms(0755));
}

TEST(IsBelow, AtAnyDepthButNotByItsLetters) {
  EXPECT_TRUE(is_below("/a/b", "/a"));
  EXPECT_TRUE(is_below("/a/b/c/d", "/a/b"));
  EXPECT_TRUE(is_below("/a", "/"));
  EXPECT_FALSE(is_below("/a", "/a"));
  EXPECT_FALSE(is_below("/a", "/a/b"));
  EXPECT_FALSE(is_below("/ab", "/a"));
  EXPECT_FALSE(is_below("/b/a", "/a"));
}

TEST(InputFile, ReadsPieces) {
  const TemporaryDirectory directory;
  write_file(directory / "a", "0123456789");
  const auto file = InputFile::open(directory / "a");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->size(), 10U);
  std::string out(4, ' ');
  ASSERT_TRUE(file->read(3, std::as_writable_bytes(std::span(out))));
  EXPECT_EQ(out, "3456");
}

TEST(InputFile, AFileThatShrinksIsAnError) {
  const TemporaryDirectory directory;
  write_file(directory / "a", "0123456789");
  const auto file = InputFile::open(directory / "a");
  fs::resize_file(directory / "a", 5);
  std::string out(4, ' ');
  const Status status = file->read(3, std::as_writable_bytes(std::span(out)));
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::io);
  EXPECT_THAT(status.error().found, HasSubstr("end of the file after 2"));
}

TEST(InputFile, RefusesWhatIsNoRegularFile) {
  const TemporaryDirectory directory;
  ASSERT_EQ(mkfifo((directory / "pipe").c_str(), 0600), 0);
  fs::create_symlink("loop", directory / "loop");
  EXPECT_EQ(InputFile::open(directory / "pipe").error().found, "a named pipe");  // and does not wait for a writer
  EXPECT_EQ(InputFile::open("/dev/null").error().found, "a device");
  EXPECT_EQ(InputFile::open(directory.path()).error().found, "a directory");
  EXPECT_EQ(InputFile::open(directory / "none").error().code, ErrorCode::not_found);
  EXPECT_THAT(InputFile::open(directory / "loop").error().advice, HasSubstr("loop"));
}

TEST(ReadTextFile, RefusesMoreThanTheLimit) {
  const TemporaryDirectory directory;
  write_file(directory / "a", "12345");
  EXPECT_EQ(*read_text_file(directory / "a", 5), "12345");
  const auto refused = read_text_file(directory / "a", 4);
  EXPECT_EQ(refused.error().code, ErrorCode::range);
  EXPECT_EQ(refused.error().found, "5 bytes");
}

TEST(DurableFile, AppearsOnCommitOnly) {
  const TemporaryDirectory directory;
  const fs::path target = directory / "new/deep/a";
  {
    auto file = DurableFile::create(target);
    ASSERT_TRUE(file);
    ASSERT_TRUE(file->write("half"));
    EXPECT_FALSE(fs::exists(target));
  }
  EXPECT_TRUE(names_in(directory / "new/deep").empty());  // given up: nothing is left
  auto file = DurableFile::create(target);
  ASSERT_TRUE(file->write("whole "));
  ASSERT_TRUE(file->write(std::string(3'000'000, 'x')));
  EXPECT_EQ(file->written(), 3'000'006U);
  ASSERT_TRUE(file->commit());
  EXPECT_EQ(read_file(target), "whole " + std::string(3'000'000, 'x'));
  EXPECT_EQ(names_in(directory / "new/deep").size(), 1U);
}

TEST(DurableFile, ReplacesAFileAndKeepsALink) {
  const TemporaryDirectory directory;
  write_file(directory / "real", "old");
  fs::create_symlink("real", directory / "link");
  ASSERT_TRUE(write_file_durably(directory / "link", "new"));
  EXPECT_TRUE(fs::is_symlink(directory / "link"));
  EXPECT_EQ(read_file(directory / "real"), "new");
}

TEST(DurableFile, RefusesToReplaceWhatIsNoFile) {
  const TemporaryDirectory directory;
  EXPECT_EQ(DurableFile::create(directory.path()).error().found, "a directory");
  EXPECT_EQ(DurableFile::create("/dev/null").error().found, "a device");
  EXPECT_EQ(DurableFile::create("/").error().code, ErrorCode::usage);
}

TEST(DurableFile, KnowsBeforehandThatTheDiskIsTooSmall) {
  const TemporaryDirectory directory;
  const auto file = DurableFile::create(directory / "a", std::uint64_t{1} << 60);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, ErrorCode::disk_full);
  EXPECT_THAT(file.error().expected, HasSubstr("1152921504606846976 bytes"));
  EXPECT_THAT(file.error().found, HasSubstr("bytes free"));
  EXPECT_TRUE(names_in(directory.path()).empty());
}

TEST(DurableFile, AFailedWriteLeavesTheOldFileAlone) {
  const TemporaryDirectory directory;
  write_file(directory / "a", "old");
  rlimit kept{};
  getrlimit(RLIMIT_FSIZE, &kept);
  const rlimit small{1 << 20, kept.rlim_max};
  auto* handler = signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);
  const Status status = write_file_durably(directory / "a", std::string(5 << 20, 'x'));
  setrlimit(RLIMIT_FSIZE, &kept);
  signal(SIGXFSZ, handler);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::io);
  EXPECT_THAT(status.error().file, HasSubstr("/a"));
  EXPECT_EQ(read_file(directory / "a"), "old");
  EXPECT_EQ(names_in(directory.path()).size(), 1U);
}

TEST(DurableFile, RemovesWhatAKilledWriterLeftAndNothingElse) {
  const TemporaryDirectory directory;
  write_file(directory / ".a.part-1-0", "orphan");
  write_file(directory / ".a.part-x", "somebody's own");
  write_file(directory / ".b.part-1-0", "of another target");
  write_file(directory / ".a.part-2-0", "in use");
  const int in_use = open((directory / ".a.part-2-0").c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_EQ(flock(in_use, LOCK_EX), 0);
  ASSERT_TRUE(write_file_durably(directory / "a", "x"));
  close(in_use);
  EXPECT_THAT(names_in(directory.path()),
              testing::UnorderedElementsAre("a", ".a.part-x", ".b.part-1-0", ".a.part-2-0"));
}

TEST(DurableDirectory, AppearsWholeAndReplacesTheOlderOne) {
  const TemporaryDirectory directory;
  const fs::path target = directory / "model/";
  {
    auto given_up = DurableDirectory::create(target);
    ASSERT_TRUE(given_up);
    write_file(given_up->path() / "x", "x");
  }
  EXPECT_TRUE(names_in(directory.path()).empty());
  for (const std::string content : {"first", "second"}) {
    auto written = DurableDirectory::create(target);
    ASSERT_TRUE(written);
    fs::create_directory(written->path() / "inner");
    write_file(written->path() / "inner" / content, content);
    ASSERT_TRUE(written->commit());
    EXPECT_EQ(names_in(target / "inner"), std::vector<std::string>{content});
    EXPECT_EQ(names_in(directory.path()), std::vector<std::string>{"model"});
  }
}

TEST(DurableDirectory, RefusesToReplaceAFile) {
  const TemporaryDirectory directory;
  write_file(directory / "a", "x");
  EXPECT_EQ(DurableDirectory::create(directory / "a").error().found, "a regular file");
}

TEST(FreeDisk, OfAPathThatDoesNotExistYet) {
  const TemporaryDirectory directory;
  EXPECT_GT(*free_disk_bytes(directory / "not/yet/here"), 0U);
  EXPECT_EQ(nearest_existing(directory / "not/yet/here"), directory.path());
  EXPECT_EQ(nearest_existing(directory.path()), directory.path());
}

}  // namespace
}  // namespace salient
