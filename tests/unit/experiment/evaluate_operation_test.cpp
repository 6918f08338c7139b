// SPDX-License-Identifier: Apache-2.0
// evaluate: what is measured of an experiment's export is kept with the experiment.
#include <gmock/gmock.h>

#include "core/experiment/operations.h"
#include "core/experiment/store.h"
#include "core/experiment/work_directory.h"
#include "tests/unit/experiment/operation_request.h"
#include "tests/unit/experiment/tiny_model.h"

namespace salient {
namespace {

namespace fs = std::filesystem;
using test::ask;
using test::done;
using test::TinyJob;
using ::testing::HasSubstr;

Experiment only_experiment(const TinyJob& job) {
  auto store = Store::open(job.path("experiments.db"));
  if (!store) throw std::runtime_error(store.error().to_string());
  const auto list = store->list();
  if (!list || list->size() != 1) throw std::runtime_error("not one experiment");
  return *store->show(list->front().id);
}

Json evaluation(const TinyJob& job, const std::string& model, const std::string& text) {
  return Json{{"op", "evaluate"},       {"model", job.path(model)},
              {"text", job.path(text)}, {"length", 32},
              {"threads", 1},           {"experiments", job.path("experiments.db")}};
}

TEST(EvaluateOperation, AddsToTheExperimentOfAnExportThatWasMoved) {
  const TinyJob job;
  const Json ran = done(job.run());
  fs::rename(job.path("packed"), job.path("moved"));
  test::write_file(job.path("other.txt"), test::tiny_text(21, 90));
  Json request = evaluation(job, "moved", "other.txt");
  request["against"] = job.path("model");
  const Json measured = done(request);
  EXPECT_EQ(measured["recorded"]["experiment"], ran["experiment"]);
  EXPECT_FALSE(measured.contains("not_recorded"));
  test::write_file(job.path("third.txt"), test::tiny_text(22, 70));
  const Json third = done(evaluation(job, "moved", "third.txt"));

  const Experiment e = only_experiment(job);
  EXPECT_EQ(e.metric("quantized", "perplexity"), ran["quantized"]["perplexity"].get<double>());
  ASSERT_EQ(e.later.size(), 2U);
  const LaterEvaluation& later = e.later[0];
  EXPECT_EQ(later.id, measured["recorded"]["evaluation"].get<std::int64_t>());
  EXPECT_EQ(later.text.sha256, measured["text_sha256"].get<std::string>());
  EXPECT_EQ(later.length, 32);
  EXPECT_EQ(later.backend, measured["device"].get<std::string>());
  EXPECT_EQ(later.reference, job.path("model"));
  for (const char* name :
       {"perplexity", "windows", "tokens", "tokens_per_second", "kl_forward", "kl_reverse", "top1", "top5"}) {
    EXPECT_EQ(later.metric("quantized", name), measured[name].get<double>()) << name;
  }
  EXPECT_EQ(later.metric("reference", "perplexity"), measured["reference"]["perplexity"].get<double>());
  EXPECT_EQ(later.metrics.size(), 12U);
  EXPECT_EQ(later.windows.size(), 2U);
  EXPECT_EQ(e.later[1].metric("quantized", "perplexity"), third["perplexity"].get<double>());
  EXPECT_EQ(e.later[1].metric("quantized", "kl_forward"), std::nullopt);
  EXPECT_EQ(e.later[1].reference, "");
}

TEST(EvaluateOperation, KeepsNoDivergenceFromAnotherModel) {
  const TinyJob job;
  done(job.run());
  test::write_tiny_model(job.path("other"), 2);
  Json request = evaluation(job, "packed", "calibration.txt");
  request["against"] = job.path("other");
  const Json measured = done(request);
  EXPECT_GT(measured["kl_forward"].get<double>(), 0);
  const Experiment e = only_experiment(job);
  ASSERT_EQ(e.later.size(), 1U);
  EXPECT_EQ(e.later[0].metric("quantized", "perplexity"), measured["perplexity"].get<double>());
  EXPECT_EQ(e.later[0].metric("quantized", "kl_forward"), std::nullopt);
  EXPECT_EQ(e.later[0].metric("reference", "perplexity"), std::nullopt);
  EXPECT_EQ(e.later[0].reference, "");
}

TEST(EvaluateOperation, NamesTheModeAndKeepsEachApart) {
  const TinyJob job;
  test::write_file(job.path("evaluation.txt"), test::tiny_text(8, 120));
  Json run = job.run();
  run["evaluation_scales"] = "folded";
  run["evaluation_length"] = 128;
  const Json ran = done(run);
  EXPECT_EQ(ran["quantized"]["scales"], "folded");
  EXPECT_EQ(ran["recipe"]["evaluation"]["scales"], "folded");
  std::vector<double> perplexities;
  for (const char* mode : {"exact", "folded", "folded-token"}) {
    Json request = evaluation(job, "packed", "evaluation.txt");
    request["length"] = 128;
    request["scales"] = mode;
    request["against"] = job.path("model");
    const Json measured = done(request);
    EXPECT_EQ(measured["scales"], mode);
    perplexities.push_back(measured["perplexity"].get<double>());
    EXPECT_GT(measured["kl_forward"].get<double>(), 0);
  }
  EXPECT_EQ(ran["quantized"]["perplexity"], perplexities[1]);
  EXPECT_NE(perplexities[0], perplexities[1]);
  EXPECT_NE(perplexities[1], perplexities[2]);
  const Experiment e = only_experiment(job);
  EXPECT_EQ(e.start.recipe.evaluation_scales, ScaleMode::folded);
  ASSERT_EQ(e.later.size(), 3U);
  EXPECT_EQ(e.later[2].scales, ScaleMode::folded_token);
  EXPECT_EQ(e.later[2].metric("quantized", "perplexity"), perplexities[2]);

  // Against the same model in the exact mode, what the mode alone changes.
  Json alone = evaluation(job, "packed", "evaluation.txt");
  alone["length"] = 128;
  alone["against"] = job.path("packed");
  EXPECT_EQ(done(alone)["kl_forward"], 0);
  alone["scales"] = "folded";
  const Json apart = done(alone);
  EXPECT_GT(apart["kl_forward"].get<double>(), 0);
  EXPECT_EQ(apart["reference"]["perplexity"], perplexities[0]);
}

TEST(EvaluateOperation, SaysWhereAModeMakesNoDifference) {
  const TinyJob job;
  done(job.run());
  std::vector<std::string> warnings;
  JobListener listener;
  listener.warning = [&](const std::string& warning) { warnings.push_back(warning); };
  Json request = evaluation(job, "packed", "evaluation.txt");
  const Json exact = *ask(request, nullptr, listener);
  EXPECT_TRUE(warnings.empty());
  request["scales"] = "folded";
  const Json folded = *ask(request, nullptr, listener);
  EXPECT_EQ(folded["perplexity"], exact["perplexity"]);
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_THAT(warnings.front(), HasSubstr("exact"));
}

TEST(EvaluateOperation, SaysWhereWindowsAreLongerThanTheModelIsMadeFor) {
  const TinyJob job;
  std::vector<std::string> warnings;
  JobListener listener;
  listener.warning = [&](const std::string& warning) { warnings.push_back(warning); };
  Json request = evaluation(job, "model", "evaluation.txt");
  const std::int64_t positions = done({{"op", "inspect"}, {"model", job.path("model")}})["config"]["max_positions"];
  request["length"] = positions;
  ASSERT_TRUE(ask(request, nullptr, listener));
  EXPECT_TRUE(warnings.empty());
  request["length"] = positions + 1;
  ASSERT_TRUE(ask(request, nullptr, listener));
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_THAT(warnings.front(),
              testing::AllOf(HasSubstr(std::to_string(positions)), HasSubstr("max_position_embeddings")));
}

TEST(EvaluateOperation, RefusesModesThatAreNone) {
  const TinyJob job;
  Json request = evaluation(job, "model", "evaluation.txt");
  request["scales"] = "fast";
  EXPECT_EQ(ask(request).error().key, "scales");
  request["scales"] = "folded";
  EXPECT_EQ(ask(request).error().code, ErrorCode::usage);
  EXPECT_THAT(ask(request).error().found, HasSubstr("16-bit"));
  request.erase("scales");
  request["simulate"] = true;
  EXPECT_EQ(ask(request).error().key, "simulate");
}

/// Without what depends on the clock and on where things are kept.
Json figures(Json result) {
  for (const char* key : {"tokens_per_second", "recorded", "not_recorded"})
    result.erase(key);
  if (result.contains("reference")) result["reference"].erase("tokens_per_second");
  return result;
}

TEST(EvaluateOperation, CancelledGoesOnAfterTheFinishedWindows) {
  const TinyJob job;
  done(job.run());
  test::write_file(job.path("long.txt"), test::tiny_text(23, 100));
  Json request = evaluation(job, "packed", "long.txt");
  request["against"] = job.path("model");
  const Json whole = done(request);
  const auto windows = whole["windows"].get<double>();
  ASSERT_GE(windows, 10);
  const fs::path kept = job.path("experiments.db.evaluations");
  EXPECT_FALSE(fs::exists(kept));

  CancelToken cancel;
  JobListener listener;
  listener.progress = [&](const ProgressEvent& event) {
    if (event.stage == "evaluate") cancel.cancel();
  };
  const auto stopped = ask(request, &cancel, listener);
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, ErrorCode::cancelled);
  EXPECT_TRUE(fs::exists(kept));
  // Another way of computing does not take up what is left.
  double first = -1;
  listener.progress = [&](const ProgressEvent& event) {
    if (event.stage == "evaluate" && first < 0) first = event.fraction;
  };
  Json simulated = request;
  simulated["simulate"] = true;
  ASSERT_TRUE(ask(simulated, nullptr, listener));
  EXPECT_DOUBLE_EQ(first, 1 / windows);
  first = -1;
  const auto resumed = ask(request, nullptr, listener);
  ASSERT_TRUE(resumed) << resumed.error().to_string();
  EXPECT_DOUBLE_EQ(first, 2 / windows) << "the first window was not run again";
  EXPECT_EQ(figures(*resumed), figures(whole));
  EXPECT_FALSE(fs::exists(kept));
}

TEST(EvaluateOperation, CancelledBeforeItsFirstWindowLeavesNothing) {
  const TinyJob job;
  CancelToken cancel;
  JobListener listener;
  listener.progress = [&](const ProgressEvent& event) {
    if (event.stage == "fingerprint" && event.fraction == 1) cancel.cancel();
  };
  EXPECT_FALSE(ask(evaluation(job, "model", "evaluation.txt"), &cancel, listener));
  EXPECT_FALSE(fs::exists(job.path("experiments.db.evaluations")));
}

TEST(EvaluateOperation, SaysWhyNothingWasRecorded) {
  const TinyJob job;
  Json result = done(evaluation(job, "model", "evaluation.txt"));
  EXPECT_TRUE(result["recorded"].is_null());
  EXPECT_THAT(result["not_recorded"].get<std::string>(), HasSubstr("no packed model"));
  done(job.run());
  Json request = evaluation(job, "packed", "evaluation.txt");
  request["experiments"] = job.path("others.db");
  result = done(request);
  EXPECT_THAT(result["not_recorded"].get<std::string>(), HasSubstr("no experiments"));
  EXPECT_FALSE(fs::exists(job.path("others.db")));
  test::write_file(job.path("others.db"), std::string(4096, 'x'));
  result = done(request);
  EXPECT_GT(result["perplexity"].get<double>(), 1);
  EXPECT_THAT(result["not_recorded"].get<std::string>(), HasSubstr("not an experiment file"));
  {
    auto store = Store::open(job.path("experiments.db"));
    ASSERT_TRUE(store->remove(store->list()->front().id));
  }
  result = done(evaluation(job, "packed", "evaluation.txt"));
  EXPECT_THAT(result["not_recorded"].get<std::string>(), HasSubstr("exported this model"));
}

}  // namespace
}  // namespace salient
