// SPDX-License-Identifier: Apache-2.0
// HOSTILE rows 71 and 79: the main job killed at its changes of files, SQLite's among them, and at any time; a file of
// experiments killed while it is brought up to date.
#include <cmath>
#include <filesystem>

#include "core/base/random.h"
#include "core/experiment/schema.h"
#include "core/experiment/store.h"
#include "tests/faults/attempt.h"
#include "tests/faults/job_state.h"
#include "tests/unit/experiment/old_store.h"
#include "tests/unit/experiment/tiny_model.h"

namespace salient::faults {
namespace {

namespace fs = std::filesystem;

constexpr long kLayers = 2;  // of the tiny model

class Kill : public testing::Test {
 protected:
  Kill() {
    fs::create_directories(job_.directory / "out");
    request_ = job_.run("out/packed");
    request_["experiments"] = job_.path("out/experiments.db");
    plan_.root = job_.path("out");
    EXPECT_TRUE(attempt(request_).done);
    expected_ = contents(output());
    // Another model's export, which a run may replace by its own and by nothing else.
    Json other = request_;
    other["percent"] = 50;
    other["output"] = job_.path("out/other");
    EXPECT_TRUE(attempt(other).done);
    older_ = contents(job_.directory / "out/other");
    EXPECT_NE(older_, expected_);
    fresh();
    const Attempt whole = attempt(request_, plan_);
    EXPECT_TRUE(whole.done) << whole.error;
    changes_ = whole.counters.changes;
    EXPECT_GT(changes_, 150);
  }

  [[nodiscard]] fs::path output() const { return job_.directory / "out/packed"; }
  [[nodiscard]] fs::path database() const { return job_.directory / "out/experiments.db"; }
  /// An empty place, or one with the older export; the experiments file stays.
  void fresh(bool with_older = false) const {
    fs::remove_all(output());
    fs::remove_all(default_work_directory(output()));
    if (with_older) fs::copy(job_.directory / "out/other", output(), fs::copy_options::recursive);
  }

  /// What holds after a death, before anything is repaired.
  void expect_nothing_torn(bool with_older) const {
    const Contents now = contents(output());
    const bool old_one = with_older ? now == older_ : !fs::exists(output());
    EXPECT_TRUE(old_one || now == expected_) << "the destination is neither the old export nor the whole new one";
  }
  /// Layers in the work directory.
  [[nodiscard]] long layers_kept() const {
    if (!fs::exists(default_work_directory(output()))) return 0;
    long kept = 0;
    for (const auto& [name, bytes] : contents(default_work_directory(output()) / "layers"))
      kept += name.find(".part-") == std::string::npos && name.ends_with(".safetensors");
    return kept;
  }
  void expect_the_end(const Attempt& resumed) const {
    EXPECT_TRUE(resumed.done) << resumed.error;
    EXPECT_EQ(contents(output()), expected_);
    EXPECT_FALSE(fs::exists(default_work_directory(output())));
    expect_no_temporary_file(job_.directory.path());
    expect_sound_database(database());
  }
  static void expect_resumed(const Attempt& killed, long kept, const Attempt& resumed) {
    // What was on the disk is not done again, and no more than one layer had been done that was not.
    const double next = resumed.first_layer < 0 ? 1 : resumed.first_layer;  // none was left to do
    EXPECT_GT(next, (static_cast<double>(kept) - 0.5) / kLayers);  // fractions are of the work, not of the layers
    EXPECT_GE(kept + 1, std::floor(killed.last_layer * kLayers));
  }

  test::TinyJob job_;
  Json request_;
  Plan plan_;
  Contents expected_;
  Contents older_;
  long changes_ = 0;
};

TEST_F(Kill, AtEveryChangeOfAFile) {
  long tried = 0;
  for (long at = 1; at <= changes_; at += stride(changes_, 45)) {
    for (const Act act : {Act::kill_before, Act::kill_half_way, Act::kill_after}) {
      if (!long_run() && static_cast<long>(act) != tried % 3) continue;
      SCOPED_TRACE(testing::Message() << "change " << at << ", act " << static_cast<int>(act));
      const bool with_older = tried % 2 == 1;
      fresh(with_older);
      plan_.at = at;
      plan_.act = act;
      const Attempt killed = attempt(request_, plan_);
      ASSERT_TRUE(killed.killed) << killed.error;
      expect_nothing_torn(with_older);
      // Without a work directory the job was over: who asks again, asks for another one.
      const bool over = !fs::exists(default_work_directory(output())) && contents(output()) == expected_;
      const long kept = layers_kept();
      const Attempt resumed = attempt(request_);
      expect_the_end(resumed);
      if (!over) expect_resumed(killed, kept, resumed);
    }
    ++tried;
  }
  RecordProperty("changes", static_cast<int>(changes_));
  // Each job was one experiment, however often it was killed.
  auto store = Store::open(database());
  ASSERT_TRUE(store) << store.error().to_string();
  const auto all = store->list();
  ASSERT_TRUE(all);
  for (const Experiment& experiment : *all)
    EXPECT_EQ(experiment.status, "done") << experiment.id;
}

// A killed process loses nothing that it wrote; a machine without power does. What has its name is on the disk by then,
// and so is the name before the next one rests on it or the job says that it is done.
TEST_F(Kill, NothingHasItsNameBeforeItIsOnTheDisk) {
  for (const bool with_older : {false, true}) {
    fresh(with_older);
    plan_.at = 0;
    const Attempt whole = attempt(request_, plan_);
    EXPECT_TRUE(whole.done) << whole.error;
    EXPECT_GT(whole.counters.named, 10);
    EXPECT_EQ(whole.counters.named_early, 0);
    EXPECT_EQ(whole.counters.names_unsettled, 0);
  }
}

// The work directory of a job that is done is there as a whole or not at all: in part, it would have the heir do again
// what had been removed.
TEST_F(Kill, WhileItClearsUp) {
  int whole = 0;
  int gone = 0;
  // A file of experiments that grows takes more writes each time.
  const auto anew = [&] {
    fresh();
    fs::remove(database());
  };
  anew();
  plan_.at = 0;
  const long last = attempt(request_, plan_).counters.changes;
  const long first = last - 20;  // of which removing is a dozen
  for (long at = first; at <= last; at += stride(last - first, 20)) {
    for (const Act act : {Act::kill_before, Act::kill_after}) {
      SCOPED_TRACE(testing::Message() << "change " << at << " of " << last << ", act " << static_cast<int>(act));
      anew();
      plan_.at = at;
      plan_.act = act;
      ASSERT_TRUE(attempt(request_, plan_).killed);
      EXPECT_EQ(contents(output()), expected_);
      const bool there = fs::exists(default_work_directory(output()));
      there ? ++whole : ++gone;
      if (there) {
        EXPECT_EQ(layers_kept(), kLayers);
      }
      const Attempt resumed = attempt(request_);
      expect_the_end(resumed);
      if (there) {
        EXPECT_LT(resumed.first_layer, 0) << "a layer was quantized again";
      }
    }
  }
  EXPECT_GT(whole, 0);
  EXPECT_GT(gone, 0);
}

TEST_F(Kill, TwiceInARow) {
  Random random(1);
  for (int round = 0; round < (long_run() ? 200 : 8); ++round) {
    fresh();
    plan_.act = Act::kill_before;
    Attempt last;
    for (int death = 0; death < 3; ++death) {
      plan_.at = 1 + static_cast<long>(random.below(static_cast<std::uint64_t>(changes_)));
      SCOPED_TRACE(testing::Message() << "round " << round << ", change " << plan_.at);
      last = attempt(request_, plan_);
      if (last.done) break;  // less was left to do
      ASSERT_TRUE(last.killed) << last.error;
      expect_nothing_torn(false);
    }
    if (!last.done) last = attempt(request_);
    EXPECT_TRUE(last.done) << last.error;
    EXPECT_EQ(contents(output()), expected_);
    expect_sound_database(database());
  }
}

TEST(KillSample, AtRandomTimes) {
  const test::TemporaryDirectory directory;
  const Json request = sample_run(directory.path(), 2, 64);
  const auto start = std::chrono::steady_clock::now();
  ASSERT_TRUE(attempt(request).done);
  const std::chrono::duration<double, std::micro> whole = std::chrono::steady_clock::now() - start;
  const fs::path output = directory / "packed";
  const Contents expected = contents(output);
  const Lane lane = faults::lane();
  Random random(3 + static_cast<std::uint64_t>(lane.number));
  int killed = 0;
  const auto wanted = static_cast<int>(lane.share(long_run() ? 500 : wanted_points(2)));
  for (int round = 0; killed < wanted && round < 4 * wanted; ++round) {
    SCOPED_TRACE(testing::Message() << "round " << round);
    fs::remove_all(output);
    const std::chrono::microseconds life(1 + static_cast<long>(random.uniform() * whole.count()));
    const Attempt first = attempt_for(request, life);
    killed += first.killed;
    EXPECT_TRUE(first.killed || first.done) << first.error;
    EXPECT_TRUE(!fs::exists(output) || contents(output) == expected);
    const Attempt resumed = attempt(request);
    EXPECT_TRUE(resumed.done) << resumed.error;
    EXPECT_EQ(contents(output), expected);
    EXPECT_FALSE(fs::exists(default_work_directory(output)));
    expect_no_temporary_file(directory.path());
    expect_sound_database(directory / "experiments.db");
  }
  EXPECT_EQ(killed, wanted);
  RecordProperty("killed", killed);
}

// Row 71. The experiment, the older file beside it and the newer schema: whenever the process ends.
TEST(KillMigration, AtEveryChangeOfAFile) {
  const test::TemporaryDirectory directory;
  const fs::path old_file = directory / "old.db";
  test::write_version_1(old_file);
  const fs::path place = directory / "out";
  const fs::path file = place / "experiments.db";
  const Json request{{"op", "experiments"}, {"action", "list"}, {"experiments", file.string()}};
  const auto fresh = [&] {
    fs::remove_all(place);
    fs::create_directories(place);
    fs::copy_file(old_file, file);
  };
  Plan plan;
  plan.root = place.string();
  fresh();
  const Attempt whole = attempt(request, plan);
  ASSERT_TRUE(whole.done) << whole.error;
  ASSERT_GT(whole.counters.changes, 20);
  for (plan.at = 1; plan.at <= whole.counters.changes; ++plan.at) {
    for (const Act act : {Act::kill_before, Act::kill_half_way, Act::kill_after}) {
      if (!long_run() && static_cast<long>(act) != plan.at % 3) continue;
      SCOPED_TRACE(testing::Message() << "change " << plan.at << ", act " << static_cast<int>(act));
      plan.act = act;
      fresh();
      ASSERT_TRUE(attempt(request, plan).killed);
      const Attempt again = attempt(request);
      EXPECT_TRUE(again.done) << again.error;
      expect_sound_database(file);
      expect_sound_database(file.string() + ".backup-v1");
      auto store = Store::open(file, Store::Access::read_only);
      ASSERT_TRUE(store) << store.error().to_string();
      EXPECT_EQ(store->list()->size(), 1U);
      std::vector<std::string> notes;
      const auto kept = schema::open(file.string() + ".backup-v1", false, schema::migrations().first(1), notes);
      ASSERT_TRUE(kept) << kept.error().to_string();
      EXPECT_EQ(*(*kept)->integer("SELECT count(*) FROM experiments"), 1);
    }
  }
}

}  // namespace
}  // namespace salient::faults
