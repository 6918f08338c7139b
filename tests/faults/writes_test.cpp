// SPDX-License-Identifier: Apache-2.0
// What a run writes: its output with the work directory beside it, and the product's own directories. What a whole
// session of the studio writes: the same.
#include <algorithm>
#include <filesystem>
#include <iterator>
#include <string>

#include "tests/faults/job_state.h"
#include "tests/faults/watched.h"

namespace salient::faults {
namespace {

namespace fs = std::filesystem;

bool is_below(const fs::path& path, const fs::path& directory) {
  return std::mismatch(directory.begin(), directory.end(), path.begin(), path.end()).first == directory.end();
}

/// An output "packed" that a run may make, with what stands beside it while it works.
bool is_of_the_output(const fs::path& path, const fs::path& place) {
  if (!is_below(path, place) || path == place) return false;
  const std::string name = path.lexically_relative(place).begin()->string();
  return name == "packed" || name == "packed.salient-work" || name.starts_with(".packed.part-") ||
         name.starts_with(".packed.salient-work.part-");
}

#ifdef SALIENT_STUDIO_SESSION
/// What a session of the studio may change below the folder for temporary files: what the test gave it
/// (tests/ui/support/studio.h, tests/ui/support/ui_main.cpp), each in a folder of the test's own.
bool is_of_the_session(const fs::path& path, const fs::path& temporary) {
  if (!is_below(path, temporary) || path == temporary) return false;
  const fs::path inside = path.lexically_relative(temporary);
  if (inside.begin() == --inside.end()) return true;  // such a folder itself
  const std::string name = std::next(inside.begin())->string();
  for (const char* directory :
       {"data", "state", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"})
    if (name == directory) return true;
  return name == "experiments.db" || name == "experiments.db-journal" || name == "report.html" ||
         name.starts_with(".experiments.db.new.part-") || name.starts_with(".report.html.part-");
}
#endif

class Writes : public testing::Test {
 protected:
  Writes() {
    for (const char* name : {"home", "data", "state", "cache", "config", "tmp", "run", "place", "elsewhere"})
      fs::create_directories(directory_ / name);
    fs::permissions(directory_ / "run", fs::perms::owner_all);  // or Qt makes one of its own
  }
  [[nodiscard]] std::string path(std::string_view name) const { return (directory_ / name).string(); }
  [[nodiscard]] Watched watched(const std::vector<std::string>& program) const {
    return watch(program,
                 {"PATH=/usr/bin:/bin", "LANG=C.UTF-8", "HOME=" + path("home"), "XDG_DATA_HOME=" + path("data"),
                  "XDG_STATE_HOME=" + path("state"), "XDG_CACHE_HOME=" + path("cache"),
                  "XDG_CONFIG_HOME=" + path("config"), "XDG_RUNTIME_DIR=" + path("run"), "TMPDIR=" + path("tmp")},
                 directory_ / "log");
  }

  test::TemporaryDirectory directory_;
};

TEST_F(Writes, AreSeenWhoeverMakesThem) {
  const Watched seen = watched({"/bin/sh", "-c",
                                "cd '" + path("elsewhere") +
                                    "' && mkdir a && echo x > a/b && mv a/b c && (ln -s c d; rm c) && cat d 2>/dev/null"
                                    " || true"});
  if (!seen.possible) GTEST_SKIP() << "no process may be traced here";
  EXPECT_EQ(seen.status, 0) << test::read_file(directory_ / "log");
  for (const char* name : {"elsewhere/a", "elsewhere/a/b", "elsewhere/c", "elsewhere/d"}) {
    EXPECT_TRUE(seen.changed.contains(fs::canonical(directory_.path()) / name)) << name;
  }
}

TEST_F(Writes, OnlyToTheOutputAndTheOwnDirectories) {
  const fs::path sample = SALIENT_SAMPLE_DIRECTORY;
  const std::string text = (sample / "calibration.txt").string();
  const Watched seen = watched({SALIENT_PROGRAM,
                                "run",
                                sample.string(),
                                "--calibration",
                                text,
                                "--samples",
                                "2",
                                "--length",
                                "64",
                                "--evaluation",
                                (sample / "evaluation.txt").string(),
                                "--evaluation-length",
                                "64",
                                "--evaluation-windows",
                                "2",
                                "--percent",
                                "10",
                                "--threads",
                                "2",
                                "--output",
                                path("place/packed")});
  if (!seen.possible) GTEST_SKIP() << "no process may be traced here";
  ASSERT_EQ(seen.status, 0) << test::read_file(directory_ / "log");
  const fs::path own = fs::canonical(directory_.path());
  EXPECT_TRUE(fs::exists(own / "place/packed/manifest.json"));
  EXPECT_TRUE(seen.changed.contains(own / "data/salient/experiments.db"));
  for (const fs::path& changed : seen.changed) {
    const bool allowed = is_of_the_output(changed, own / "place") || is_below(changed, own / "data/salient") ||
                         is_below(changed, own / "state/salient") || is_below(changed, own / "cache/salient") ||
                         changed == "/dev/null";
    EXPECT_TRUE(allowed) << changed;
  }
}

TEST_F(Writes, OfTheStudioToItsOutputsAndItsDirectoriesOnly) {
#ifndef SALIENT_STUDIO_SESSION
  GTEST_SKIP() << "built without the studio";
#else
  // From the sample to a compared and exported model, closed during a job and resumed.
  const Watched seen =
      watched({SALIENT_STUDIO_SESSION, "--gtest_filter=WholeWay.FromTheSampleToAComparedAndExportedModel"});
  if (!seen.possible) GTEST_SKIP() << "no process may be traced here";
  ASSERT_EQ(seen.status, 0) << test::read_file(directory_ / "log");
  const fs::path own = fs::canonical(directory_.path());
  const auto was_seen = [&](const char* name) {
    return std::any_of(seen.changed.begin(), seen.changed.end(),
                       [&](const fs::path& changed) { return changed.filename() == name; });
  };
  for (const char* name : {"experiments.db", "queue.json", "report.html", "manifest.json"})
    EXPECT_TRUE(was_seen(name)) << name;
  for (const fs::path& changed : seen.changed) {
    // A worker is to be ended before the studio where memory ends (ui/models/worker_process.h).
    const bool of_a_process = is_below(changed, "/proc") && changed.filename() == "oom_score_adj";
    // Qt makes sure that its directory for sockets is there.
    EXPECT_TRUE(is_of_the_session(changed, own / "tmp") || of_a_process || changed == own / "run" ||
                changed == "/dev/null")
        << changed;
  }
#endif
}

}  // namespace
}  // namespace salient::faults
