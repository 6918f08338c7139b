// SPDX-License-Identifier: Apache-2.0
// Experiment files that were damaged, tampered with, or are held by somebody else: HOSTILE-INPUTS rows 66 to 76.
#include <gmock/gmock.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>

#include "core/experiment/schema.h"
#include "tests/unit/experiment/old_store.h"
#include "tests/unit/experiment/store_fixture.h"
#include "tests/unit/support/bounded.h"
#include "tests/unit/support/error_like.h"

namespace salient {
namespace {

namespace fs = std::filesystem;
using test::a_start;
using test::an_outcome;
using test::error_like;
using test::tamper;
using ::testing::HasSubstr;

class HostileStoreTest : public test::StoreFixture {
 protected:
  [[nodiscard]] Error refused() const {
    const auto store = test::bounded(0, [&] { return Store::open(file()); });
    EXPECT_FALSE(store) << "accepted";
    if (store) return {};
    EXPECT_FALSE(store.error().advice.empty());
    return store.error();
  }

  /// Another process, since locks belong to processes. It has carried out `sql` on the file when this returns; its exit
  /// status is what `then` makes of the connection.
  template <class Then>
  [[nodiscard]] pid_t another_process(const std::string& sql, const Then& then) const {
    int ready[2];
    if (pipe(ready) != 0) throw std::runtime_error("pipe");
    const pid_t child = fork();
    if (child == 0) {
      sqlite3* handle = nullptr;
      sqlite3_open(file().c_str(), &handle);
      if (sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) _exit(100);
      _exit(write(ready[1], "x", 1) == 1 ? then(handle) : 101);
    }
    close(ready[1]);
    char byte = 0;
    EXPECT_EQ(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    return child;
  }
  static int status_of(pid_t child) {
    int status = 0;
    waitpid(child, &status, 0);
    return status;
  }
};

TEST_F(HostileStoreTest, RefusesAnEmptyFile) {
  fs::create_directories(file().parent_path());
  test::write_file(file(), "");
  EXPECT_THAT(refused(), error_like(ErrorCode::format, "application_id", "0x53414c45", "an empty file"));
  EXPECT_EQ(refused().file, file().string());
  EXPECT_EQ(fs::file_size(file()), 0U);
}

TEST_F(HostileStoreTest, RefusesWhatIsNoDatabase) {
  fs::create_directories(file().parent_path());
  const std::string text(5000, 'x');
  test::write_file(file(), text);
  EXPECT_THAT(refused(), error_like(ErrorCode::format, "", "an experiment file", "not an experiment file"));
  EXPECT_EQ(refused().file, file().string());
  EXPECT_EQ(test::read_file(file()), text);
}

TEST_F(HostileStoreTest, RefusesWhatIsNoRegularFile) {
  ::alarm(20);  // instead of waiting for ever for a writer
  fs::create_directories(file());
  EXPECT_EQ(refused().found, "a directory");
  fs::remove(file());
  ASSERT_EQ(::mkfifo(file().c_str(), 0600), 0);
  EXPECT_EQ(refused().found, "a named pipe");
  const auto reader = Store::open(file(), Store::Access::read_only);
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().found, "a named pipe");
  EXPECT_EQ(reader.error().file, file().string());
  const auto device = Store::open("/dev/zero");
  ASSERT_FALSE(device);
  EXPECT_EQ(device.error().found, "a device");
  fs::remove(file());
  {
    Store store = open();
    record(store);
  }
  const std::string journal = file().string() + "-journal";
  ASSERT_EQ(::mkfifo(journal.c_str(), 0600), 0);
  EXPECT_EQ(refused().found, "a named pipe");
  EXPECT_EQ(refused().file, journal);
  ::alarm(0);
}

TEST_F(HostileStoreTest, RefusesATruncatedFileAndLeavesItAlone) {
  {
    Store store = open();
    record(store);
  }
  const auto size = fs::file_size(file());
  fs::resize_file(file(), size - 4096);
  const std::string before = test::read_file(file());
  EXPECT_THAT(refused(), error_like(ErrorCode::format, "size", std::to_string(size) + " bytes",
                                    std::to_string(size - 4096) + " bytes, truncated"));
  EXPECT_EQ(refused().file, file().string());
  EXPECT_EQ(test::read_file(file()), before);
  test::write_file(file().string() + ".backup-v1", "a copy");
  EXPECT_THAT(refused().advice, HasSubstr("there is a backup at " + file().string() + ".backup-v1"));
  EXPECT_EQ(test::read_file(file()), before);
}

TEST_F(HostileStoreTest, RefusesAnotherProgramsDatabase) {
  fs::create_directories(file().parent_path());
  tamper(file(), "CREATE TABLE experiments (id); PRAGMA application_id = 42;");
  const std::string before = test::read_file(file());
  EXPECT_THAT(refused(), error_like(ErrorCode::format, "application_id", "0x53414c45", "0x2a"));
  EXPECT_EQ(test::read_file(file()), before);
}

TEST_F(HostileStoreTest, RefusesANewerVersionBeforeAnyWrite) {
  { const Store store = open(); }
  tamper(file(), "PRAGMA user_version = 99");
  const std::string before = test::read_file(file());
  EXPECT_THAT(refused(), error_like(ErrorCode::unsupported, "user_version",
                                    "at most " + std::to_string(schema::migrations().size()), "99"));
  EXPECT_EQ(test::read_file(file()), before);
}

TEST_F(HostileStoreTest, BacksUpAndMigratesAnOlderVersion) {
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

TEST_F(HostileStoreTest, AFailedMigrationLeavesTheOldFile) {
  { const Store store = open(); }
  std::vector<const char*> steps(schema::migrations().begin(), schema::migrations().end());
  steps.push_back("CREATE TABLE tags (id INTEGER PRIMARY KEY) STRICT; CREATE TABLE tags (id);");
  std::vector<std::string> notes;
  EXPECT_FALSE(schema::open(file(), true, steps, notes));
  Store store = open();
  EXPECT_EQ(store.list()->size(), 0U);
}

TEST_F(HostileStoreTest, RefusesTriggersAndViewsThatAreNotOurs) {
  { const Store store = open(); }
  tamper(file(), "CREATE TRIGGER t AFTER INSERT ON experiments BEGIN DELETE FROM models; END;");
  const std::string tables = "the tables of version " + std::to_string(schema::migrations().size());
  EXPECT_THAT(refused(), error_like(ErrorCode::format, "schema", tables, "trigger t"));
  tamper(file(), "DROP TRIGGER t; ALTER TABLE notes RENAME TO old; CREATE VIEW notes AS SELECT 1;");
  EXPECT_THAT(refused(), error_like(ErrorCode::format, "schema", tables, "table old"));
  tamper(file(), "DROP VIEW notes; ALTER TABLE old RENAME TO notes; CREATE VIEW v AS SELECT 1;");
  EXPECT_THAT(refused(), error_like(ErrorCode::format, "schema", tables, ""));
}

TEST_F(HostileStoreTest, NamesTheDamagedBlobAndReadsTheRest) {
  std::int64_t id = 0;
  {
    Store store = open();
    id = record(store);
  }
  tamper(file(),
         "UPDATE scores SET data = zeroblob(16) WHERE kind = 1; UPDATE bit_maps SET data = x'07000000' WHERE kind = 0");
  Store store = open();
  const std::string of = " of experiment " + std::to_string(id) + ", model.layers.0.self_attn.";
  const char* const hash = "the SHA-256 stored beside it";
  const auto scores = test::bounded(0, [&] { return store.scores(id); });
  const auto map = test::bounded(0, [&] { return store.bit_map(id); });
  ASSERT_FALSE(scores || map);
  EXPECT_THAT(scores.error(), error_like(ErrorCode::mismatch, "scores" + of + "k_proj", hash, "other bytes"));
  EXPECT_THAT(map.error(), error_like(ErrorCode::mismatch, "bit map" + of + "q_proj", hash, "other bytes"));
  EXPECT_EQ(scores.error().file, file().string());
  EXPECT_TRUE(store.show(id));
  EXPECT_TRUE(store.list());
}

TEST_F(HostileStoreTest, RefusesRowsOutOfRangeEvenWithTheRightHash) {
  Store store = open();
  const auto id = store.begin(a_start());
  ExperimentOutcome outcome = an_outcome({1, 9});
  ASSERT_TRUE(store.finish(*id, outcome));
  EXPECT_THAT(store.bit_map(*id).error(),
              error_like(ErrorCode::format, "bit map of experiment 1, model.layers.0.self_attn.q_proj",
                         "ascending rows below 4", "other rows"));
  // As many values as there are rows.
  outcome = an_outcome();
  outcome.scores->linears[0].scores.pop_back();
  ASSERT_TRUE(store.finish(*id, outcome));
  EXPECT_THAT(
      store.scores(*id).error(),
      error_like(ErrorCode::format, "scores of experiment 1, model.layers.0.self_attn.q_proj", "4 values", "24 bytes"));
}

// What is tried again for as long, and what a commit waits for (the disk).
TEST_F(HostileStoreTest, SettingsOfSqlite) {
  { const Store store = open(); }
  std::vector<std::string> notes;
  const auto raw = schema::open(file(), true, schema::migrations(), notes);
  ASSERT_TRUE(raw) << raw.error().to_string();
  EXPECT_EQ(*(*raw)->integer("PRAGMA busy_timeout"), 2000);
  EXPECT_EQ(*(*raw)->integer("PRAGMA synchronous"), 2);
  EXPECT_EQ(*(*raw)->integer("PRAGMA foreign_keys"), 1);
  EXPECT_EQ(*(*raw)->integer("PRAGMA trusted_schema"), 0);
  EXPECT_EQ(*(*raw)->integer("PRAGMA mmap_size"), 0);
}

TEST_F(HostileStoreTest, WaitsForWhoeverIsQuick) {
  Store store = open();
  for (const std::string begin : {"BEGIN EXCLUSIVE;", "BEGIN IMMEDIATE;"}) {
    SCOPED_TRACE(begin);
    const std::string insert =
        "INSERT INTO texts (sha256, path, bytes, documents) VALUES ('" + begin + "', '/x', 1, 1);";
    const pid_t child = another_process(begin + insert, [](sqlite3* handle) {
      usleep(300'000);
      // Whoever waits for it holds nothing that it needs.
      return sqlite3_exec(handle, "COMMIT", nullptr, nullptr, nullptr);
    });
    const auto id = store.begin(a_start());
    EXPECT_TRUE(id) << id.error().to_string();
    EXPECT_EQ(status_of(child), 0);
  }
}

TEST_F(HostileStoreTest, SaysWhenSomebodyElseHoldsTheFile) {
  Store store = open();
  const pid_t child = another_process("BEGIN EXCLUSIVE", [](sqlite3* /*handle*/) { return pause(); });
  const auto id = store.begin(a_start());
  ASSERT_FALSE(id);
  // The kernel lists the locks of processes this one may see.
  const bool known = test::read_file("/proc/locks").find(" " + std::to_string(child) + " ") != std::string::npos;
  EXPECT_THAT(id.error(), error_like(ErrorCode::busy, "", "a lock within 2 seconds",
                                     known ? "held by process " + std::to_string(child) : "locked"));
  EXPECT_EQ(id.error().file, file().string());
  kill(child, SIGKILL);
  status_of(child);
  EXPECT_TRUE(store.begin(a_start()));
}

TEST_F(HostileStoreTest, OpensReadOnlyWhereItCannotWrite) {
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
    if (store->writing() || store->notes().size() != 1) _exit(2);
    if (store->notes()[0].find("open for reading only") == std::string::npos) _exit(5);
    if (!store->list() || store->list()->size() != 1) _exit(3);
    if (store->begin(a_start("f9"))) _exit(4);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  fs::permissions(file().parent_path(), fs::perms(0755));
}

TEST_F(HostileStoreTest, TwoProcessesWriteOneFile) {
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
  std::vector<std::string> notes;
  const auto raw = schema::open(file(), false, schema::migrations(), notes);
  ASSERT_TRUE(raw) << raw.error().to_string();
  auto check = (*raw)->prepare("PRAGMA integrity_check");
  ASSERT_TRUE(check);
  ASSERT_TRUE(*check->step());
  EXPECT_EQ(check->text(0), "ok");
}

}  // namespace
}  // namespace salient
