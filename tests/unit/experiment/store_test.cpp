// SPDX-License-Identifier: Apache-2.0
#include "core/experiment/store.h"

#include <gmock/gmock.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "core/experiment/schema.h"
#include "tests/unit/support/experiment_record.h"
#include "tests/unit/support/temporary_directory.h"

namespace salient {
namespace {

namespace fs = std::filesystem;
using test::a_start;
using test::an_outcome;
using test::TemporaryDirectory;
using ::testing::HasSubstr;

/// SQL on the file behind the store's back.
void tamper(const fs::path& path, const std::string& sql) {
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &handle), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(handle);
  sqlite3_close(handle);
}

class StoreTest : public ::testing::Test {
 protected:
  Store open() {
    auto store = Store::open(file());
    if (!store) throw std::runtime_error(store.error().to_string());
    return *std::move(store);
  }
  std::int64_t record(Store& store, const std::string& fingerprint = "f1", std::vector<std::uint32_t> rows8 = {1, 3}) {
    const auto id = store.begin(a_start(fingerprint));
    if (!id) throw std::runtime_error(id.error().to_string());
    const Status finished = store.finish(*id, an_outcome(std::move(rows8)));
    if (!finished) throw std::runtime_error(finished.error().to_string());
    return *id;
  }
  [[nodiscard]] Error refused() const {
    auto store = Store::open(file());
    return store ? Error{} : store.error();
  }
  [[nodiscard]] fs::path file() const { return temporary_ / "data" / "experiments.db"; }

  TemporaryDirectory temporary_;
};

TEST_F(StoreTest, GivesBackWhatWasRecorded) {
  std::int64_t id = 0;
  {
    Store store = open();
    id = record(store);
  }
  Store store = open();
  const auto e = store.show(id);
  ASSERT_TRUE(e) << e.error().to_string();
  EXPECT_EQ(e->status, "done");
  EXPECT_EQ(e->start.operation, "run");
  EXPECT_EQ(e->start.model.path, "/models/tiny");
  EXPECT_EQ(e->start.model.parameters, 1234);
  EXPECT_EQ(e->start.calibration->sha256, "t1");
  EXPECT_EQ(e->start.evaluation->documents, 2);
  EXPECT_EQ(e->start.recipe.samples, 4);
  EXPECT_EQ(e->start.machine.processor, "a processor");
  EXPECT_FALSE(e->finished.empty());
  EXPECT_EQ(e->metric("quantized", "perplexity"), 12.5);
  EXPECT_EQ(e->metrics.front().standard_error, 0.25);
  EXPECT_EQ(e->metric("reference", "perplexity"), std::nullopt);
  ASSERT_EQ(e->windows.size(), 1U);
  EXPECT_EQ(e->windows[0].values, (std::vector<double>{2.5, 2.75}));
  ASSERT_EQ(e->stages.size(), 2U);
  EXPECT_EQ(e->stages[1].name, "quantize");
  EXPECT_EQ(e->notes, std::vector<std::string>{"down_proj fell back to round-to-nearest"});
  EXPECT_EQ(e->exported->manifest_sha256, "manifest-hash");
  const auto scores = store.scores(id);
  ASSERT_TRUE(scores) << scores.error().to_string();
  EXPECT_EQ(scores->linears.size(), 2U);
  EXPECT_EQ(scores->linears[0].scores, (std::vector<double>{0.5, 1.5, 0, 3}));
  EXPECT_EQ(scores->mean_loss, 2.5);
  const auto map = store.bit_map(id);
  ASSERT_TRUE(map) << map.error().to_string();
  EXPECT_EQ(map->linears[0].rows8, (std::vector<std::uint32_t>{1, 3}));
  EXPECT_TRUE(map->linears[1].rows8.empty());
  EXPECT_EQ(**store.find_export("manifest-hash"), id);
  EXPECT_FALSE(*store.find_export("another"));
}

TEST_F(StoreTest, AnUnfinishedRunIsTakenUpAndAFinishedOneIsNot) {
  Store store = open();
  const auto first = store.begin(a_start());
  EXPECT_EQ(store.show(*first)->status, "running");
  ASSERT_TRUE(store.abandon(*first, Error{ErrorCode::cancelled, "", "", "", "a request to stop", ""}));
  EXPECT_EQ(store.show(*first)->status, "cancelled");
  EXPECT_EQ(*store.begin(a_start()), *first);
  EXPECT_EQ(store.show(*first)->status, "running");
  ASSERT_TRUE(store.finish(*first, an_outcome()));
  ASSERT_TRUE(store.finish(*first, an_outcome()));  // a repeated record replaces the first one
  EXPECT_EQ(store.show(*first)->metrics.size(), 4U);
  EXPECT_NE(*store.begin(a_start()), *first);
  auto elsewhere = a_start("f3");
  const auto third = store.begin(elsewhere);
  elsewhere.output = "/another";
  EXPECT_NE(*store.begin(elsewhere), *third);  // a second run of the same recipe, side by side
  const auto other = store.begin(a_start("f2"));
  ASSERT_TRUE(store.abandon(*other, Error{ErrorCode::io, "x", "", "", "no disk", ""}));
  EXPECT_EQ(store.show(*other)->status, "failed");
  EXPECT_THAT(store.show(*other)->error, HasSubstr("no disk"));
}

TEST_F(StoreTest, ListsNewestFirstAndFilters) {
  Store store = open();
  const auto first = record(store, "f1");
  const auto second = record(store, "f2");
  ASSERT_TRUE(store.begin(a_start("f3")));
  const auto all = store.list();
  ASSERT_EQ(all->size(), 3U);
  EXPECT_EQ((*all)[1].id, second);
  EXPECT_EQ((*all)[2].id, first);
  EXPECT_EQ(store.list({"done", "", "", 0})->size(), 2U);
  EXPECT_EQ(store.list({"done", "", "", 1})->size(), 1U);
  EXPECT_EQ(store.list({"", "quantize", "", 0})->size(), 0U);
  EXPECT_EQ(store.list({"", "", "tiny", 0})->size(), 3U);
  EXPECT_EQ(store.list({"", "", "m1", 0})->size(), 3U);
  EXPECT_EQ(store.list({"", "", "' OR 1=1 --", 0})->size(), 0U);
}

TEST_F(StoreTest, ComparesRecipeBitMapAndMetrics) {
  Store store = open();
  const auto left = record(store, "f1", {1, 3});
  auto start = a_start("f2");
  start.recipe.budget.value = 20;
  const auto right = store.begin(start);
  ExperimentOutcome outcome = an_outcome({0, 1});
  outcome.metrics[0].value = 12.25;
  ASSERT_TRUE(store.finish(*right, outcome));
  const auto json = compare_experiments(store, left, *right);
  ASSERT_TRUE(json) << json.error().to_string();
  ASSERT_EQ((*json)["recipe"].size(), 1U);
  EXPECT_EQ((*json)["recipe"][0]["field"], "recipe.allocation.value");
  EXPECT_EQ((*json)["linears"][0]["name"], "model.layers.0.self_attn.q_proj");
  EXPECT_EQ((*json)["linears"][0]["rows8_both"], 1);
  EXPECT_EQ((*json)["linears"][0]["rows_that_differ"], 2);
  EXPECT_EQ((*json)["metrics"][0]["name"], "perplexity");
  EXPECT_EQ((*json)["metrics"][0]["difference"], -0.25);
  EXPECT_EQ(compare_experiments(store, left, 999).error().code, ErrorCode::not_found);
}

TEST_F(StoreTest, DeletesWithEverythingThatBelongsToIt) {
  Store store = open();
  const auto first = record(store, "f1");
  const auto second = record(store, "f2");  // shares scores, model and texts
  ASSERT_TRUE(store.remove(first));
  EXPECT_EQ(store.show(first).error().code, ErrorCode::not_found);
  EXPECT_EQ(store.bit_map(first).error().code, ErrorCode::not_found);
  EXPECT_TRUE(store.scores(second));
  ASSERT_TRUE(store.remove(second));
  EXPECT_EQ(store.remove(second).error().code, ErrorCode::not_found);
  std::vector<std::string> notes;
  const auto raw = schema::open(file(), false, schema::migrations(), notes);
  for (const char* table : {"models", "texts", "score_sets", "scores", "bit_maps", "metrics", "window_nll", "timings",
                            "notes", "exports"}) {
    EXPECT_EQ(*(*raw)->integer(std::string("SELECT count(*) FROM ") + table), 0) << table;
  }
}

TEST_F(StoreTest, AnnotatesAndAddsMetrics) {
  Store store = open();
  const auto id = record(store);
  ASSERT_TRUE(store.annotate(id, "the good one"));
  ASSERT_TRUE(store.add_metrics(id, {{"quantized", "perplexity", 11, {}}, {"quantized", "top1", 0.9, {}}},
                                {{"quantized", {1, 2, 3}}}));
  const auto e = store.show(id);
  EXPECT_EQ(e->annotation, "the good one");
  EXPECT_EQ(e->metric("quantized", "perplexity"), 11);
  EXPECT_EQ(e->metric("quantized", "top1"), 0.9);
  EXPECT_EQ(e->windows[0].values.size(), 3U);
  EXPECT_EQ(store.annotate(999, "x").error().code, ErrorCode::not_found);
  EXPECT_EQ(store.add_metrics(999, {}, {}).error().code, ErrorCode::not_found);
}

TEST_F(StoreTest, WritesCsvThatSpreadsheetsReadAsText) {
  Store store = open();
  const auto id = record(store);
  ASSERT_TRUE(store.annotate(id, "=HYPERLINK(\"x\"), \"quoted\"\nline"));
  const std::string csv = experiments_csv({*store.show(id)});
  EXPECT_THAT(csv, HasSubstr("id,status,operation,created,finished,annotation,model,program_version"));
  EXPECT_THAT(csv, HasSubstr("\"'=HYPERLINK(\"\"x\"\"), \"\"quoted\"\"\nline\""));
  EXPECT_THAT(csv, HasSubstr("quantized.perplexity,quantized.perplexity.stderr"));
  EXPECT_THAT(csv, HasSubstr("12.5,0.25"));
}

// HOSTILE-INPUTS rows 66 to 76

TEST_F(StoreTest, RefusesAnEmptyFile) {
  fs::create_directories(file().parent_path());
  test::write_file(file(), "");
  EXPECT_EQ(refused().code, ErrorCode::format);
  EXPECT_EQ(refused().key, "application_id");
  EXPECT_EQ(fs::file_size(file()), 0U);
}

TEST_F(StoreTest, RefusesWhatIsNoDatabase) {
  fs::create_directories(file().parent_path());
  const std::string text(5000, 'x');
  test::write_file(file(), text);
  EXPECT_EQ(refused().code, ErrorCode::format);
  EXPECT_THAT(refused().found, HasSubstr("not an experiment file"));
  EXPECT_EQ(test::read_file(file()), text);
}

TEST_F(StoreTest, RefusesATruncatedFileAndLeavesItAlone) {
  {
    Store store = open();
    record(store);
  }
  fs::resize_file(file(), fs::file_size(file()) - 4096);
  const std::string before = test::read_file(file());
  EXPECT_EQ(refused().code, ErrorCode::format);
  EXPECT_THAT(refused().found, HasSubstr("truncated"));
  EXPECT_EQ(test::read_file(file()), before);
  test::write_file(file().string() + ".backup-v1", "a copy");
  EXPECT_THAT(refused().advice, HasSubstr("backup-v1"));
}

TEST_F(StoreTest, RefusesAnotherProgramsDatabase) {
  fs::create_directories(file().parent_path());
  tamper(file(), "CREATE TABLE experiments (id); PRAGMA application_id = 42;");
  const std::string before = test::read_file(file());
  EXPECT_EQ(refused().key, "application_id");
  EXPECT_THAT(refused().found, HasSubstr("0x2a"));
  EXPECT_EQ(test::read_file(file()), before);
}

TEST_F(StoreTest, RefusesANewerVersionBeforeAnyWrite) {
  { const Store store = open(); }
  tamper(file(), "PRAGMA user_version = 99");
  const std::string before = test::read_file(file());
  EXPECT_EQ(refused().code, ErrorCode::unsupported);
  EXPECT_EQ(refused().found, "99");
  EXPECT_EQ(test::read_file(file()), before);
}

TEST_F(StoreTest, BacksUpAndMigratesAnOlderVersion) {
  {
    Store store = open();
    record(store);
  }
  std::vector<const char*> steps(schema::migrations().begin(), schema::migrations().end());
  steps.push_back("CREATE TABLE tags (id INTEGER PRIMARY KEY) STRICT;");
  std::vector<std::string> notes;
  {
    const auto read_only = schema::open(file(), false, steps, notes);
    ASSERT_FALSE(read_only);
    EXPECT_EQ(read_only.error().code, ErrorCode::unsupported);
  }
  {
    const auto migrated = schema::open(file(), true, steps, notes);
    ASSERT_TRUE(migrated) << migrated.error().to_string();
    EXPECT_EQ(*(*migrated)->integer("PRAGMA user_version"), static_cast<std::int64_t>(steps.size()));
    EXPECT_EQ(*(*migrated)->integer("SELECT count(*) FROM experiments"), 1);
    ASSERT_EQ(notes.size(), 1U);
  }
  const std::string backup = file().string() + ".backup-v" + std::to_string(steps.size() - 1);
  EXPECT_THAT(notes.front(), HasSubstr(backup));
  // The backup is the old file, whole.
  auto old = Store::open(backup);
  ASSERT_TRUE(old) << old.error().to_string();
  EXPECT_EQ(old->list()->size(), 1U);
}

TEST_F(StoreTest, AFailedMigrationLeavesTheOldFile) {
  { const Store store = open(); }
  std::vector<const char*> steps(schema::migrations().begin(), schema::migrations().end());
  steps.push_back("CREATE TABLE tags (id INTEGER PRIMARY KEY) STRICT; CREATE TABLE tags (id);");
  std::vector<std::string> notes;
  EXPECT_FALSE(schema::open(file(), true, steps, notes));
  Store store = open();
  EXPECT_EQ(store.list()->size(), 0U);
}

TEST_F(StoreTest, RefusesTriggersAndViewsThatAreNotOurs) {
  { const Store store = open(); }
  tamper(file(), "CREATE TRIGGER t AFTER INSERT ON experiments BEGIN DELETE FROM models; END;");
  EXPECT_EQ(refused().key, "schema");
  EXPECT_THAT(refused().found, HasSubstr("trigger t"));
  tamper(file(), "DROP TRIGGER t; ALTER TABLE notes RENAME TO old; CREATE VIEW notes AS SELECT 1;");
  EXPECT_EQ(refused().key, "schema");
}

TEST_F(StoreTest, NamesTheDamagedBlobAndReadsTheRest) {
  std::int64_t id = 0;
  {
    Store store = open();
    id = record(store);
  }
  tamper(file(),
         "UPDATE scores SET data = zeroblob(16) WHERE kind = 1; UPDATE bit_maps SET data = x'07000000' WHERE kind = 0");
  Store store = open();
  EXPECT_EQ(store.scores(id).error().code, ErrorCode::mismatch);
  EXPECT_THAT(store.scores(id).error().key, HasSubstr("k_proj"));
  EXPECT_THAT(store.bit_map(id).error().key, HasSubstr("q_proj"));
  EXPECT_TRUE(store.show(id));
  EXPECT_TRUE(store.list());
}

TEST_F(StoreTest, RefusesRowsOutOfRangeEvenWithTheRightHash) {
  Store store = open();
  const auto id = store.begin(a_start());
  ExperimentOutcome outcome = an_outcome({1, 9});
  ASSERT_TRUE(store.finish(*id, outcome));
  EXPECT_EQ(store.bit_map(*id).error().code, ErrorCode::format);
}

TEST_F(StoreTest, SaysWhenSomebodyElseHoldsTheFile) {
  Store store = open();
  // Locks belong to processes: another one must hold it.
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  if (child == 0) {
    sqlite3* handle = nullptr;
    sqlite3_open(file().c_str(), &handle);
    sqlite3_exec(handle, "BEGIN EXCLUSIVE", nullptr, nullptr, nullptr);
    if (write(ready[1], "x", 1) == 1) pause();
    _exit(0);
  }
  char byte = 0;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  const auto id = store.begin(a_start());
  ASSERT_FALSE(id);
  EXPECT_EQ(id.error().code, ErrorCode::busy);
  EXPECT_THAT(id.error().found, ::testing::AnyOf(HasSubstr(std::to_string(child)), HasSubstr("locked")));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_TRUE(store.begin(a_start()));
  close(ready[0]);
  close(ready[1]);
}

TEST_F(StoreTest, OpensReadOnlyWhereItCannotWrite) {
  {
    Store store = open();
    record(store);
  }
  auto asked = Store::open(file(), Store::Access::read_only);
  ASSERT_TRUE(asked) << asked.error().to_string();
  EXPECT_FALSE(asked->writing());
  EXPECT_EQ(asked->list()->size(), 1U);
  EXPECT_FALSE(asked->annotate(1, "x"));

  fs::permissions(temporary_.path(), fs::perms(0755));
  fs::permissions(file().parent_path(), fs::perms(0555));
  fs::permissions(file(), fs::perms(0444));
  const pid_t child = fork();
  if (child == 0) {
    // The superuser may write anywhere: be somebody else.
    if (geteuid() == 0 && setuid(65534) != 0) _exit(10);
    auto store = Store::open(file());
    if (!store) _exit(1);
    if (store->writing() || store->notes().empty()) _exit(2);
    if (!store->list() || store->list()->size() != 1) _exit(3);
    if (store->begin(a_start("f9"))) _exit(4);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  fs::permissions(file().parent_path(), fs::perms(0755));
}

TEST_F(StoreTest, TwoProcessesWriteOneFile) {
  constexpr int kEach = 10;
  std::vector<pid_t> children;
  for (int c = 0; c < 2; ++c) {
    const pid_t child = fork();
    if (child == 0) {
      auto store = Store::open(file());  // both may create it
      if (!store) _exit(1);
      for (int i = 0; i < kEach; ++i) {
        const auto id = store->begin(a_start("f" + std::to_string(100 * c + i)));
        if (!id || !store->finish(*id, an_outcome())) _exit(2);
      }
      _exit(0);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  Store store = open();
  EXPECT_EQ(store.list({"done", "", "", 0})->size(), 2U * kEach);
}

TEST_F(StoreTest, ReadOnlyAccessDoesNotCreate) {
  EXPECT_EQ(Store::open(file(), Store::Access::read_only).error().code, ErrorCode::not_found);
  EXPECT_FALSE(fs::exists(file()));
}

}  // namespace
}  // namespace salient
