// SPDX-License-Identifier: Apache-2.0
#include "core/experiment/store.h"

#include <gmock/gmock.h>

#include "core/experiment/schema.h"
#include "tests/unit/experiment/old_store.h"
#include "tests/unit/experiment/store_fixture.h"
#include "tests/unit/support/experiment_record.h"

namespace salient {
namespace {

namespace fs = std::filesystem;
using test::a_start;
using test::an_outcome;
using test::tamper;
using test::write_version_1;
using ::testing::HasSubstr;

LaterEvaluation a_later_evaluation(const std::string& text, double perplexity) {
  LaterEvaluation later;
  later.text = {text, "/texts/" + text + ".txt", 10, 1};
  later.length = 512;
  later.version = "0.1.0";
  later.backend = "cpu";
  later.metrics = {{"quantized", "perplexity", perplexity, 0.5}, {"quantized", "windows", 3, {}}};
  later.windows = {{"quantized", {1, 2, 3}}};
  return later;
}

using StoreTest = test::StoreFixture;

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
  EXPECT_EQ(**store.find_export("manifest-hash", "/moved"), id);
  EXPECT_FALSE(*store.find_export("another", "/out"));
}

TEST_F(StoreTest, ATextKnownByItsHashAloneKeepsWhatIsKnownOfIt) {
  Store store = open();
  ExperimentStart later = a_start();
  const TextRecord known = *later.calibration;
  const auto first = store.begin(later);
  later.output = "/another";
  later.calibration = TextRecord{known.sha256, "", 0, 0};  // quantize from kept scores
  ASSERT_TRUE(store.begin(later));
  const auto e = store.show(*first);
  ASSERT_TRUE(e) << e.error().to_string();
  EXPECT_FALSE(known.path.empty());
  EXPECT_EQ(e->start.calibration->path, known.path);
  EXPECT_EQ(e->start.calibration->bytes, known.bytes);
  later.output = "/a-third";
  later.calibration = TextRecord{known.sha256, "/moved.txt", known.bytes, known.documents};
  ASSERT_TRUE(store.begin(later));
  EXPECT_EQ(store.show(*first)->start.calibration->path, "/moved.txt");
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
  ASSERT_TRUE(store.add_evaluation(first, a_later_evaluation("t3", 11)));
  ASSERT_TRUE(store.add_evaluation(second, a_later_evaluation("t3", 11)));
  ASSERT_TRUE(store.remove(first));
  EXPECT_EQ(store.show(first).error().code, ErrorCode::not_found);
  EXPECT_EQ(store.bit_map(first).error().code, ErrorCode::not_found);
  EXPECT_TRUE(store.scores(second));
  EXPECT_EQ(store.show(second)->later.size(), 1U);
  ASSERT_TRUE(store.remove(second));
  EXPECT_EQ(store.remove(second).error().code, ErrorCode::not_found);
  std::vector<std::string> notes;
  const auto raw = schema::open(file(), false, schema::migrations(), notes);
  for (const char* table : {"models", "texts", "score_sets", "scores", "bit_maps", "metrics", "window_nll", "timings",
                            "notes", "exports", "later_evaluations", "later_metrics", "later_window_nll"}) {
    EXPECT_EQ(*(*raw)->integer(std::string("SELECT count(*) FROM ") + table), 0) << table;
  }
}

TEST_F(StoreTest, Annotates) {
  Store store = open();
  const auto id = record(store);
  ASSERT_TRUE(store.annotate(id, "the good one"));
  EXPECT_EQ(store.show(id)->annotation, "the good one");
  EXPECT_EQ(store.annotate(999, "x").error().code, ErrorCode::not_found);
}

TEST_F(StoreTest, KeepsLaterEvaluationsOnSeveralTexts) {
  Store store = open();
  const auto id = record(store);
  const auto first = store.add_evaluation(id, a_later_evaluation("t3", 11));
  ASSERT_TRUE(first) << first.error().to_string();
  const auto second = store.add_evaluation(id, a_later_evaluation("t4", 9));
  ASSERT_TRUE(second) << second.error().to_string();
  // The same measurement again replaces the first one.
  EXPECT_EQ(*store.add_evaluation(id, a_later_evaluation("t3", 10)), *first);
  const auto e = store.show(id);
  ASSERT_TRUE(e) << e.error().to_string();
  EXPECT_EQ(e->metric("quantized", "perplexity"), 12.5);  // the run's own is untouched
  ASSERT_EQ(e->later.size(), 2U);
  EXPECT_EQ(e->later[0].id, *first);
  EXPECT_EQ(e->later[0].text.sha256, "t3");
  EXPECT_EQ(e->later[0].metric("quantized", "perplexity"), 10);
  EXPECT_EQ(e->later[0].metrics[0].standard_error, 0.5);
  EXPECT_EQ(e->later[0].length, 512);
  EXPECT_EQ(e->later[0].backend, "cpu");
  EXPECT_FALSE(e->later[0].created.empty());
  ASSERT_EQ(e->later[1].windows.size(), 1U);
  EXPECT_EQ(e->later[1].windows[0].values, (std::vector<double>{1, 2, 3}));
  EXPECT_EQ(store.list()->front().later.size(), 2U);
  EXPECT_EQ(store.add_evaluation(999, a_later_evaluation("t3", 1)).error().code, ErrorCode::not_found);

  const Json json = experiment_json(*e);
  EXPECT_EQ(json["metrics"].size(), e->metrics.size());
  ASSERT_EQ(json["later_evaluations"].size(), 2U);
  EXPECT_EQ(json["later_evaluations"][1]["text"]["sha256"], "t4");
  EXPECT_EQ(json["later_evaluations"][1]["window_nll"]["quantized"].size(), 3U);
  const std::string csv = experiments_csv({*e});
  EXPECT_THAT(csv, HasSubstr("t3.txt#t3.512x3.quantized.perplexity,t3.txt#t3.512x3.quantized.perplexity.stderr"));
}

TEST_F(StoreTest, KeepsEvaluationsInEachModeApart) {
  Store store = open();
  const auto id = record(store);
  LaterEvaluation folded = a_later_evaluation("t3", 12);
  folded.scales = ScaleMode::folded;
  const auto first = store.add_evaluation(id, a_later_evaluation("t3", 11));
  const auto second = store.add_evaluation(id, folded);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_NE(*first, *second);
  const auto e = store.show(id);
  ASSERT_EQ(e->later.size(), 2U);
  EXPECT_EQ(e->later[0].scales, ScaleMode::exact);
  EXPECT_EQ(e->later[1].scales, ScaleMode::folded);
  EXPECT_EQ(experiment_json(*e)["later_evaluations"][1]["scales"], "folded");
  EXPECT_THAT(experiments_csv({*e}), HasSubstr("t3.txt#t3.512x3.folded.quantized.perplexity"));
  // The same text in another mode is no counterpart.
  const auto other = record(store, "f2");
  ASSERT_TRUE(store.add_evaluation(other, a_later_evaluation("t3", 10)).ok());
  const auto json = compare_experiments(store, id, other);
  ASSERT_TRUE(json) << json.error().to_string();
  const Json& evaluations = (*json)["evaluations"];
  ASSERT_EQ(evaluations.size(), 3U);
  EXPECT_EQ(evaluations[1]["scales"], "exact");
  EXPECT_EQ(evaluations[1]["metrics"][0]["difference"], -1);
  EXPECT_EQ(evaluations[2]["scales"], "folded");
  EXPECT_TRUE(evaluations[2]["metrics"][0]["right"].is_null());
}

TEST_F(StoreTest, ComparesAllEvaluationsTextByText) {
  Store store = open();
  const auto left = record(store, "f1");
  const auto right = record(store, "f2");
  ASSERT_TRUE(store.add_evaluation(left, a_later_evaluation("t3", 11)));
  ASSERT_TRUE(store.add_evaluation(right, a_later_evaluation("t3", 10)));
  ASSERT_TRUE(store.add_evaluation(right, a_later_evaluation("t4", 9)));
  const auto json = compare_experiments(store, left, right);
  ASSERT_TRUE(json) << json.error().to_string();
  const Json& evaluations = (*json)["evaluations"];
  ASSERT_EQ(evaluations.size(), 3U);
  EXPECT_EQ(evaluations[0]["text"]["sha256"], "t2");  // both runs' own
  EXPECT_EQ(evaluations[0]["metrics"][0]["difference"], 0);
  EXPECT_EQ(evaluations[1]["text"]["sha256"], "t3");
  EXPECT_EQ(evaluations[1]["metrics"][0]["difference"], -1);
  EXPECT_EQ(evaluations[2]["text"]["sha256"], "t4");
  EXPECT_TRUE(evaluations[2]["metrics"][0]["left"].is_null());
  EXPECT_EQ(evaluations[2]["metrics"][0]["right"], 9);
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

TEST_F(StoreTest, BringsVersion1UpToDateAndKeepsItsExperiments) {
  write_version_1(file());
  {
    Store store = open();
    ASSERT_EQ(store.notes().size(), 1U);
    EXPECT_THAT(store.notes().front(), HasSubstr(".backup-v1"));
    const auto e = store.show(1);
    ASSERT_TRUE(e) << e.error().to_string();
    EXPECT_EQ(e->metric("quantized", "perplexity"), 12.5);
    EXPECT_TRUE(e->later.empty());
    ASSERT_TRUE(store.add_evaluation(**store.find_export("manifest-hash", ""), a_later_evaluation("t3", 11)));
    EXPECT_EQ(store.show(1)->later.size(), 1U);
  }
  EXPECT_TRUE(open().notes().empty());  // once
  std::vector<std::string> notes;
  const auto backup = schema::open(file().string() + ".backup-v1", false, schema::migrations().first(1), notes);
  ASSERT_TRUE(backup) << backup.error().to_string();
  EXPECT_EQ(*(*backup)->integer("SELECT count(*) FROM experiments"), 1);
}

TEST_F(StoreTest, BringsVersion2UpToDateAndKeepsItsLaterEvaluations) {
  write_version_1(file());
  std::vector<std::string> notes;
  ASSERT_TRUE(schema::open(file(), true, schema::migrations().first(2), notes).ok());
  tamper(file(),
         "INSERT INTO later_evaluations VALUES (7, 1, '2026', 1, 512, 3, 0, '/models/tiny', '0.1.0', 'cpu');"
         "INSERT INTO later_metrics VALUES (7, 'quantized', 'perplexity', 11.5, 0.5);"
         "INSERT INTO later_metrics VALUES (7, 'quantized', 'windows', 3, NULL);"
         "INSERT INTO later_window_nll VALUES (7, 'quantized', 0, 2.5);");
  Store store = open();
  const auto e = store.show(1);
  ASSERT_TRUE(e) << e.error().to_string();
  ASSERT_EQ(e->later.size(), 1U);
  EXPECT_EQ(e->later[0].id, 7);
  EXPECT_EQ(e->later[0].scales, ScaleMode::exact);
  EXPECT_EQ(e->later[0].reference, "/models/tiny");
  EXPECT_EQ(e->later[0].metric("quantized", "perplexity"), 11.5);
  ASSERT_EQ(e->later[0].windows.size(), 1U);
  EXPECT_EQ(e->later[0].windows[0].values, std::vector<double>{2.5});
  // What belongs to an experiment goes with it, as before.
  ASSERT_TRUE(store.remove(1));
  const auto raw = schema::open(file(), false, schema::migrations(), notes);
  ASSERT_TRUE(raw) << raw.error().to_string();
  for (const char* table : {"later_evaluations", "later_metrics", "later_window_nll"})
    EXPECT_EQ(*(*raw)->integer(std::string("SELECT count(*) FROM ") + table), 0) << table;
}

TEST_F(StoreTest, AReaderBringsAnOlderFileUpToDateToo) {
  write_version_1(file());
  auto store = Store::open(file(), Store::Access::read_only);
  ASSERT_TRUE(store) << store.error().to_string();
  EXPECT_FALSE(store->writing());
  EXPECT_EQ(store->notes().size(), 1U);
  EXPECT_EQ(store->list()->size(), 1U);
  EXPECT_FALSE(store->annotate(1, "x"));
  EXPECT_TRUE(fs::exists(file().string() + ".backup-v1"));
}

TEST_F(StoreTest, ReadOnlyAccessDoesNotCreate) {
  EXPECT_EQ(Store::open(file(), Store::Access::read_only).error().code, ErrorCode::not_found);
  EXPECT_FALSE(fs::exists(file()));
}

}  // namespace
}  // namespace salient
