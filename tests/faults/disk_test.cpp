// SPDX-License-Identifier: Apache-2.0
// HOSTILE rows 25 and 78: disks that are full, fail, are read-only or go away, and inputs that shrink.
#include <filesystem>

#include "tests/faults/attempt.h"
#include "tests/faults/job_state.h"
#include "tests/unit/experiment/tiny_model.h"

namespace salient::faults {
namespace {

namespace fs = std::filesystem;
using testing::AnyOf;
using testing::HasSubstr;

constexpr std::uint64_t kPiece = 64 << 10;

fs::path g_from;
fs::path g_to;

/// What is needed and what there is. SQLite does not say how much it would write; a lock holds a number.
void expect_figures(const Attempt& full) {
  EXPECT_THAT(full.error, AnyOf(HasSubstr(" bytes of disk space"), HasSubstr("another page of 4096 bytes"),
                                HasSubstr("/salient.lock: expected to write it (a few thousand bytes)")));
  EXPECT_THAT(full.error, HasSubstr(" bytes free"));
}

class Disk : public testing::Test {
 protected:
  Disk() {
    fs::create_directories(job_.directory / "out");
    request_ = job_.run("out/packed");
    request_["experiments"] = job_.path("out/experiments.db");
    plan_.root = job_.path("out");
    const Attempt whole = attempt(request_, plan_);
    EXPECT_TRUE(whole.done) << whole.error;
    bytes_ = whole.counters.bytes;
    changes_ = whole.counters.changes;
    EXPECT_GT(bytes_, 4 * kPiece);
    expected_ = contents(output());
    Json other = request_;
    other["percent"] = 50;
    other["output"] = job_.path("out/other");
    EXPECT_TRUE(attempt(other).done);
    older_ = contents(job_.directory / "out/other");
  }
  [[nodiscard]] fs::path output() const { return job_.directory / "out/packed"; }
  void fresh() const {
    fs::remove_all(output());
    fs::remove_all(default_work_directory(output()));
    fs::copy(job_.directory / "out/other", output(), fs::copy_options::recursive);
  }
  /// The old export is there or the whole new one, nothing else lies about, and the job ends as if nothing had been.
  void expect_recovery(const Attempt& failed) const {
    EXPECT_TRUE(failed.answered) << "status " << failed.status;
    const Contents now = contents(output());
    EXPECT_TRUE(now == older_ || now == expected_);
    expect_no_temporary_file(job_.directory.path());
    expect_sound_database(job_.directory / "out/experiments.db");
    const Attempt resumed = attempt(request_);
    EXPECT_TRUE(resumed.done) << resumed.error;
    EXPECT_EQ(contents(output()), expected_);
    EXPECT_FALSE(fs::exists(default_work_directory(output())));
  }

  test::TinyJob job_;
  Json request_;
  Plan plan_;
  Contents expected_;
  Contents older_;
  std::uint64_t bytes_ = 0;
  long changes_ = 0;
};

TEST_F(Disk, FullAtAnyPlace) {
  const std::uint64_t step = long_run() ? kPiece / 16 : kPiece / 2;
  for (std::uint64_t room = 0; room < bytes_; room += step) {
    SCOPED_TRACE(testing::Message() << room << " of " << bytes_ << " bytes");
    fresh();
    plan_.room = room;
    const Attempt failed = attempt(request_, plan_);
    // Only what is written after the export, SQLite's own files, may be refused without losing the run.
    if (!failed.done) {
      EXPECT_EQ(failed.code, "disk-full") << failed.error;
      EXPECT_THAT(failed.error, HasSubstr(job_.path("out")));
      expect_figures(failed);
    }
    expect_recovery(failed);
  }
}

// The same of the bundled sample, whose files are as large as their writers' buffers and larger.
TEST(DiskSample, FullOrBrokenAtEvery64KiB) {
  const test::TemporaryDirectory directory;
  const fs::path place = directory / "out";
  fs::create_directories(place);
  const Json request = sample_run(place, 2, 64);
  const fs::path output = place / "packed";
  const fs::path database = place / "experiments.db";
  Plan plan;
  plan.root = place.string();
  const Attempt whole = attempt(request, plan);
  ASSERT_TRUE(whole.done) << whole.error;
  const Contents expected = contents(output);
  const long pieces = static_cast<long>(whole.counters.bytes / kPiece);
  ASSERT_GT(pieces, 60);
  int failures = 0;
  int tried = 0;
  for (long piece = 0; piece <= pieces; piece += stride(pieces, 3)) {
    for (const int error : {ENOSPC, EIO}) {
      if (!long_run() && (error == EIO) != (tried % 2 == 1)) continue;
      SCOPED_TRACE(testing::Message() << "error " << error << " after " << piece << " of " << pieces << " pieces");
      fs::remove_all(output);
      plan.room = static_cast<std::uint64_t>(piece) * kPiece;
      plan.no_room = error;
      const Attempt failed = attempt(request, plan);
      EXPECT_TRUE(failed.answered) << "status " << failed.status;
      if (!failed.done) {
        ++failures;
        EXPECT_EQ(failed.code, error == ENOSPC ? "disk-full" : "io") << failed.error;
        EXPECT_THAT(failed.error, HasSubstr(place.string()));
        if (error == ENOSPC) expect_figures(failed);
      }
      EXPECT_TRUE(!fs::exists(output) || contents(output) == expected);
      expect_no_temporary_file(place);
      expect_sound_database(database);
      const Attempt resumed = attempt(request);
      EXPECT_TRUE(resumed.done) << resumed.error;
      EXPECT_EQ(contents(output), expected);
      EXPECT_FALSE(fs::exists(default_work_directory(output)));
    }
    ++tried;
  }
  RecordProperty("pieces", static_cast<int>(pieces));
  RecordProperty("failures", failures);
  EXPECT_GT(failures, 1);
}

TEST_F(Disk, FailingAtAnyPlace) {
  for (const int error : {EIO, ENOSPC, EROFS}) {
    for (long at = 1; at <= changes_; at += stride(changes_, 12)) {
      SCOPED_TRACE(testing::Message() << "error " << error << " at change " << at << " of " << changes_);
      fresh();
      plan_.at = at;
      plan_.act = Act::fail;
      plan_.error = error;
      const Attempt failed = attempt(request_, plan_);
      if (!failed.done) {
        EXPECT_THAT(failed.code, AnyOf("io", "disk-full", "busy")) << failed.error;
        EXPECT_THAT(failed.error, HasSubstr(job_.path("out")));
      }
      expect_recovery(failed);
    }
  }
}

TEST_F(Disk, GoneWhileItIsWrittenTo) {
  g_from = job_.directory / "out";
  g_to = job_.directory / "gone";
  for (long at = 1; at <= changes_; at += stride(changes_, 12)) {
    SCOPED_TRACE(testing::Message() << "change " << at << " of " << changes_);
    fresh();
    plan_.at = at;
    plan_.act = Act::run_and_go_on;
    plan_.intrude = [] { fs::rename(g_from, g_to); };
    const Attempt failed = attempt(request_, plan_);
    EXPECT_TRUE(failed.answered) << "status " << failed.status;
    EXPECT_TRUE(failed.done || !failed.error.empty());
    if (!fs::exists(g_to)) continue;  // the job ended with fewer changes than the first one
    // It may have made the directory again: what counts is what was there.
    fs::remove_all(g_from);
    fs::rename(g_to, g_from);
    const Attempt resumed = attempt(request_);
    EXPECT_TRUE(resumed.done) << resumed.error;
    EXPECT_EQ(contents(output()), expected_);
    expect_no_temporary_file(job_.directory.path());
  }
}

TEST_F(Disk, InputsShrinkWhileTheyAreRead) {
  const std::string model = test::read_file(job_.directory / "model/model.safetensors");
  g_from = job_.directory / "model/model.safetensors";
  for (long at = 1; at <= changes_; at += stride(changes_, 12)) {
    SCOPED_TRACE(testing::Message() << "change " << at << " of " << changes_);
    fresh();
    plan_.at = at;
    plan_.act = Act::run_and_go_on;
    plan_.intrude = [] { fs::resize_file(g_from, fs::file_size(g_from) / 2); };
    const Attempt failed = attempt(request_, plan_);
    test::write_file(g_from, model);
    EXPECT_THAT(failed.error, failed.done ? HasSubstr("") : HasSubstr("model.safetensors"));
    expect_recovery(failed);
  }
}

}  // namespace
}  // namespace salient::faults
