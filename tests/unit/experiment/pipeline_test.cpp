// SPDX-License-Identifier: Apache-2.0
// The main job on a tiny model: complete, cancelled, killed at its durable writes, resumed, refused.
#include "core/experiment/pipeline.h"

#include <gmock/gmock.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <map>

#include "core/experiment/results.h"
#include "core/experiment/store.h"
#include "core/experiment/work_directory.h"
#include "core/pack/packed_model.h"
#include "tests/unit/experiment/operation_request.h"
#include "tests/unit/experiment/tiny_model.h"

namespace {
std::atomic<long> g_syncs{0};
std::atomic<long> g_kill_at{-1};
}  // namespace

// Everything durable passes through fsync, SQLite's commits included: the place to be killed at.
extern "C" int fsync(int descriptor) {
  if (++g_syncs == g_kill_at) raise(SIGKILL);
  return static_cast<int>(syscall(SYS_fsync, descriptor));
}
extern "C" int fdatasync(int descriptor) {
  if (++g_syncs == g_kill_at) raise(SIGKILL);
  return static_cast<int>(syscall(SYS_fdatasync, descriptor));
}

namespace salient {
namespace {

namespace fs = std::filesystem;
using test::ask;
using test::done;
using test::TinyJob;
using ::testing::HasSubstr;

std::map<std::string, std::string> contents(const fs::path& directory) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::directory_iterator(directory)) {
    files[entry.path().filename().string()] = test::read_file(entry.path());
  }
  return files;
}

/// Carries out the request in a child of its own that is killed at its n-th sync (0: not at all).
/// True when it was killed.
bool in_child(const Json& request, long kill_at, long* syncs = nullptr) {
  int report[2];
  if (pipe(report) != 0) throw std::runtime_error("pipe");
  const pid_t child = fork();
  if (child == 0) {
    g_syncs = 0;
    g_kill_at = kill_at;
    const auto result = ask(request);
    const long count = g_syncs;
    const bool told = write(report[1], &count, sizeof count) == sizeof count;
    if (!result) fprintf(stderr, "%s\n", result.error().to_string().c_str());
    _exit(result && told ? 0 : 1);
  }
  close(report[1]);
  long count = 0;
  const auto got = read(report[0], &count, sizeof count);
  close(report[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (syncs != nullptr && got == sizeof count) *syncs = count;
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) return true;
  EXPECT_EQ(status, 0);
  return false;
}

TEST(Pipeline, RunsEndToEnd) {
  const TinyJob job;
  const Json result = done(job.run());
  EXPECT_EQ(result["schema"], "salient.run/1");
  EXPECT_FALSE(result["version"].get<std::string>().empty());
  EXPECT_NEAR(result["percent"].get<double>(), 10, 0.2);
  EXPECT_EQ(result["linears"].size(), 14U);
  std::int64_t rows8 = 0;
  std::int64_t rows = 0;
  for (const Json& linear : result["linears"]) {
    rows8 += linear["rows8"].get<std::int64_t>();
    rows += linear["rows"].get<std::int64_t>();
    EXPECT_GE(linear["output_error"].get<double>(), 0);
  }
  EXPECT_EQ(rows, 896);
  EXPECT_EQ(rows8, 90);
  EXPECT_GT(result["effective_bits"].get<double>(), result["payload_bits"].get<double>());
  EXPECT_EQ(result["output"], job.path("packed"));
  const Json& reference = result["reference"];
  const Json& quantized = result["quantized"];
  EXPECT_GT(reference["perplexity"].get<double>(), 1);
  EXPECT_NEAR(quantized["perplexity"].get<double>() / reference["perplexity"].get<double>(), 1, 0.05);
  EXPECT_EQ(quantized["window_nll"].size(), quantized["windows"].get<std::size_t>());
  EXPECT_EQ(reference["window_nll"].size(), quantized["windows"].get<std::size_t>());
  EXPECT_GT(quantized["kl_forward"].get<double>(), 0);
  EXPECT_GT(quantized["top1"].get<double>(), 0.5);
  std::vector<std::string> stages;
  for (const Json& stage : result["stages"])
    stages.push_back(stage["name"]);
  EXPECT_THAT(stages,
              ::testing::ElementsAre("tokenize", "fingerprint", "search", "allocate", "quantize", "pack", "evaluate"));
  EXPECT_FALSE(fs::exists(default_work_directory(job.path("packed"))));

  auto store = Store::open(job.path("experiments.db"));
  ASSERT_TRUE(store);
  const auto e = store->show(result["experiment"].get<std::int64_t>());
  ASSERT_TRUE(e) << e.error().to_string();
  EXPECT_EQ(e->status, "done");
  EXPECT_EQ(e->start.fingerprint, result["fingerprint"].get<std::string>());
  EXPECT_EQ(e->metric("quantized", "perplexity"), quantized["perplexity"].get<double>());
  EXPECT_EQ(e->metric("reference", "perplexity"), reference["perplexity"].get<double>());
  EXPECT_EQ(e->windows.size(), 2U);
  EXPECT_EQ(store->bit_map(e->id)->features8(), 90);
  EXPECT_EQ(store->scores(e->id)->features(), 896);
  EXPECT_TRUE(PackedModel::open(job.path("packed")));
}

TEST(Pipeline, SearchThenQuantizeGivesTheBytesOfARun) {
  const TinyJob job;
  done(job.run("whole"));
  const Json searched = done(job.search());
  EXPECT_EQ(searched["schema"], "salient.search/1");
  EXPECT_EQ(searched["features"], 896);
  const Json quantized = done(Json{{"op", "quantize"},
                                   {"model", job.path("model")},
                                   {"scores", job.path("scores.safetensors")},
                                   {"percent", 10},
                                   {"group", 32},
                                   {"output", job.path("parts")},
                                   {"threads", 1},
                                   {"experiments", job.path("experiments.db")}});
  EXPECT_EQ(quantized["schema"], "salient.quantize/1");
  EXPECT_EQ(contents(job.path("whole")), contents(job.path("parts")));
  const Json allocated = done(Json{{"op", "allocate"}, {"scores", job.path("scores.safetensors")}, {"percent", 10}});
  EXPECT_EQ(allocated["bytes"], quantized["bytes"]);
  EXPECT_EQ(allocated["predicted_loss"], quantized["predicted_loss"]);
}

TEST(Pipeline, QuantizeFromKeptScoresMeasuresWhereATextIsGiven) {
  const TinyJob job;
  const Json whole = done(job.run("whole"));
  done(job.search());
  Json request{{"op", "quantize"},
               {"model", job.path("model")},
               {"scores", job.path("scores.safetensors")},
               {"percent", 10},
               {"group", 32},
               {"output", job.path("measured")},
               {"threads", 1},
               {"evaluation_length", 32},
               {"experiments", job.path("experiments.db")}};
  const auto refused = ask(request);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().key, "evaluation_length");
  request["evaluation"] = job.run("")["evaluation"];
  request["evaluation_length"] = job.run("")["evaluation_length"];
  const Json measured = done(request);
  EXPECT_EQ(measured["quantized"]["perplexity"], whole["quantized"]["perplexity"]);
  EXPECT_EQ(measured["quantized"]["kl_forward"], whole["quantized"]["kl_forward"]);
  EXPECT_GT(measured["quantized"]["decode_tokens_per_second"].get<double>(), 0);
  auto store = Store::open(job.path("experiments.db"));
  ASSERT_TRUE(store);
  const auto e = store->show(measured["experiment"].get<std::int64_t>());
  ASSERT_TRUE(e);
  EXPECT_EQ(e->start.operation, "quantize");
  ASSERT_TRUE(e->start.evaluation);
  EXPECT_EQ(e->metric("quantized", "perplexity"), measured["quantized"]["perplexity"].get<double>());
  EXPECT_GT(e->metric("quantized", "decode_tokens_per_second").value_or(0), 0);
}

TEST(Pipeline, DoesNotDependOnTheNumberOfThreads) {
  const TinyJob job;
  done(job.run("one"));
  Json request = job.run("three");
  request["threads"] = 3;
  done(request);
  EXPECT_EQ(contents(job.path("one")), contents(job.path("three")));
}

TEST(Pipeline, KilledAnywhereAndResumedGivesTheSameBytes) {
  const TinyJob job;
  long syncs = 0;
  ASSERT_FALSE(in_child(job.run("whole"), 0));  // makes the experiment file as well
  ASSERT_FALSE(in_child(job.run("again"), 0, &syncs));
  ASSERT_GT(syncs, 40);
  const auto expected = contents(job.path("whole"));
  ASSERT_TRUE(expected.contains("manifest.json"));
  const Json request = job.run("killed");
  for (long kill_at = 1; kill_at <= syncs; kill_at += 9) {
    SCOPED_TRACE(kill_at);
    fs::remove_all(job.path("killed"));
    ASSERT_TRUE(in_child(request, kill_at));
    // Killed again a little later, then left to finish.
    in_child(request, 5);
    ASSERT_FALSE(in_child(request, 0));
    EXPECT_EQ(contents(job.path("killed")), expected);
    EXPECT_FALSE(fs::exists(default_work_directory(job.path("killed"))));
    for (const auto& entry : fs::directory_iterator(job.directory.path())) {
      EXPECT_THAT(entry.path().filename().string(), ::testing::Not(HasSubstr(".part-")));
    }
  }
  // Each resumed run is one experiment, not two.
  auto store = Store::open(job.path("experiments.db"));
  ASSERT_TRUE(store) << store.error().to_string();
  const auto experiments = store->list();
  for (const Experiment& experiment : *experiments)
    EXPECT_EQ(experiment.status, "done") << experiment.id;
}

TEST(Pipeline, AResumedSearchRepeatsNoSequence) {
  const TinyJob job;
  const Json request = job.search();
  done(request);
  const std::string expected = test::read_file(job.path("scores.safetensors"));
  fs::remove(job.path("scores.safetensors"));
  ASSERT_TRUE(in_child(request, 9));  // two syncs a durable file: the identity, then a state after each sequence
  ASSERT_TRUE(fs::exists(default_work_directory(job.path("scores.safetensors")) / "search.safetensors"));
  double first = -1;
  JobListener watching;
  watching.progress = [&](const ProgressEvent& event) {
    if (event.stage == "search" && first < 0) first = event.fraction;
  };
  ASSERT_TRUE(ask(request, nullptr, watching));
  EXPECT_GE(first, 0.5);
  EXPECT_EQ(test::read_file(job.path("scores.safetensors")), expected);
}

TEST(Pipeline, AResumedEvaluationRepeatsNoWindow) {
  const TinyJob job;
  const Json whole = done(job.run("whole"));
  const Json request = job.run("parts");
  CancelToken cancel;
  JobListener listener;
  listener.progress = [&](const ProgressEvent& event) {
    if (event.stage == "evaluate") cancel.cancel();
  };
  ASSERT_FALSE(ask(request, &cancel, listener));
  double first = -1;
  listener.progress = [&](const ProgressEvent& event) {
    if (event.stage == "evaluate" && first < 0) first = event.fraction;
  };
  const auto resumed = ask(request, nullptr, listener);
  ASSERT_TRUE(resumed) << resumed.error().to_string();
  EXPECT_DOUBLE_EQ(first, 2 / whole["quantized"]["windows"].get<double>());
  const auto figures = [](Json evaluation) {
    evaluation.erase("tokens_per_second");
    evaluation.erase("decode_tokens_per_second");
    return evaluation;
  };
  EXPECT_EQ(figures((*resumed)["quantized"]), figures(whole["quantized"]));
  EXPECT_EQ(figures((*resumed)["reference"]), figures(whole["reference"]));
}

TEST(Pipeline, CancelledInEachStageIsRecordedAndResumes) {
  const TinyJob job;
  done(job.run("whole"));
  const auto expected = contents(job.path("whole"));
  for (const std::string stage : {"search", "allocate", "quantize", "pack", "evaluate"}) {
    SCOPED_TRACE(stage);
    const std::string output = "cancelled-in-" + stage;
    Json request = job.run(output);
    request["percent"] = 20;
    request["experiments"] = job.path(stage + ".db");
    CancelToken cancel;
    JobListener listener;
    listener.progress = [&](const ProgressEvent& event) {
      if (event.stage == stage) cancel.cancel();
    };
    const auto result = ask(request, &cancel, listener);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::cancelled);
    {
      auto store = Store::open(job.path(stage + ".db"));
      ASSERT_EQ(store->list()->size(), 1U);
      EXPECT_EQ(store->list()->front().status, "cancelled");
    }
    // Another recipe does not take up what is left; the difference is shown.
    Json other = request;
    other["percent"] = 10;
    const auto refused = ask(other);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::mismatch);
    EXPECT_THAT(refused.error().to_string(), HasSubstr("recipe.allocation.value"));
    EXPECT_THAT(refused.error().to_string(), HasSubstr("--fresh"));
    if (stage == "quantize") {
      other["fresh"] = true;
      done(other);
      EXPECT_EQ(contents(job.path(output)), expected);
      continue;
    }
    const Json finished = done(request);
    EXPECT_NEAR(finished["percent"].get<double>(), 20, 0.2);
    auto store = Store::open(job.path(stage + ".db"));
    EXPECT_EQ(store->list()->size(), 1U);
    EXPECT_EQ(store->list()->front().status, "done");
  }
}

TEST(Pipeline, RefusesToShareAWorkDirectory) {
  const TinyJob job;
  const auto held = WorkDirectory::open(default_work_directory(job.path("packed")), false);
  ASSERT_TRUE(held);
  const auto refused = ask(job.run());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::busy);
}

TEST(Pipeline, RefusesAChangedModelOrText) {
  const TinyJob job;
  const Json request = job.run();
  CancelToken cancel;
  JobListener listener;
  listener.progress = [&](const ProgressEvent& event) {
    if (event.stage == "quantize") cancel.cancel();
  };
  ASSERT_FALSE(ask(request, &cancel, listener));
  test::write_file(job.path("evaluation.txt"), test::tiny_text(99, 60));
  auto refused = ask(request);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::mismatch);
  EXPECT_THAT(refused.error().expected, HasSubstr("evaluation "));
  test::write_file(job.path("evaluation.txt"), test::tiny_text(8, 60));
  test::write_tiny_model(job.path("model"), 2);
  refused = ask(request);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().expected, HasSubstr("model "));
}

TEST(Pipeline, RefusesScoresOfAnotherModel) {
  const TinyJob job;
  done(job.search());
  test::write_tiny_model(job.path("other"), 2);
  const auto refused = ask(Json{{"op", "quantize"},
                                {"model", job.path("other")},
                                {"scores", job.path("scores.safetensors")},
                                {"group", 32},
                                {"output", job.path("packed")},
                                {"experiments", job.path("experiments.db")}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::mismatch);
  EXPECT_EQ(refused.error().key, "model fingerprint");
}

TEST(Pipeline, UniformBitsNeedNoScores) {
  const TinyJob job;
  const Json request{{"op", "quantize"},
                     {"model", job.path("model")},
                     {"uniform", 8},
                     {"method", "rtn"},
                     {"group", 32},
                     {"output", job.path("packed")},
                     {"experiments", job.path("experiments.db")}};
  const Json result = done(request);
  EXPECT_EQ(result["percent"], 100);
  EXPECT_EQ(result["payload_bits"], 8);
  Json five = request;
  five["uniform"] = 5;
  const Json fifth = done(five);
  EXPECT_NEAR(fifth["payload_bits"].get<double>(), 5, 1e-3);
  EXPECT_GT(fifth["effective_bits"].get<double>(), 8);
  // The packed model says so itself, computes what was simulated, and its experiment remembers.
  const Json inspected = done({{"op", "inspect"}, {"model", job.path("packed")}});
  EXPECT_EQ(inspected["payload_bits"], fifth["payload_bits"]);
  EXPECT_EQ(inspected["uniform_bits"], 5);
  EXPECT_EQ(inspected["recipe"]["allocation"]["uniform"], 5);
  const Json verified = done({{"op", "verify"}, {"model", job.path("packed")}, {"against", job.path("model")}});
  EXPECT_LT(verified["engine_logit_error"].get<double>(), 1e-3);
  auto store = Store::open(job.path("experiments.db"));
  ASSERT_TRUE(store);
  const auto map = store->bit_map(fifth["experiment"].get<std::int64_t>());
  ASSERT_TRUE(map) << map.error().to_string();
  EXPECT_EQ(map->uniform_bits, 5);
  Json everything = request;
  everything.erase("uniform");
  everything["percent"] = 100;
  EXPECT_EQ(done(everything)["payload_bits"], 8);
  everything["percent"] = 50;
  EXPECT_EQ(ask(everything).error().key, "scores");
  Json gptq = request;
  gptq["method"] = "gptq";
  const auto refused = ask(gptq);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().key, "calibration");
}

TEST(Pipeline, RunsWithUniformBitsWithoutASearch) {
  const TinyJob job;
  Json request = job.run();
  request.erase("percent");
  request["uniform"] = 4;
  const Json result = done(request);
  EXPECT_EQ(result["uniform_bits"], 4);
  std::vector<std::string> stages;
  for (const Json& entry : result["stages"])
    stages.push_back(entry["name"]);
  EXPECT_EQ(std::count(stages.begin(), stages.end(), "search"), 0);
  EXPECT_EQ(std::count(stages.begin(), stages.end(), "evaluate"), 1);
  request["scores"] = job.path("kept.safetensors");
  const auto refused = ask(request);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().key, "scores");
}

TEST(Pipeline, RefusesBeforeItWorks) {
  const TinyJob job;
  fs::create_directories(job.path("thesis"));
  test::write_file(job.path("thesis/chapter.tex"), "precious");
  const std::pair<Json, const char*> cases[] = {
      {Json{{"output", job.path("thesis")}}, "output"},
      {Json{{"output", job.path("calibration.txt")}}, "output"},
      {Json{{"output", job.path("model/packed")}}, "output"},
      {Json{{"length", 4096}}, "length"},
      {Json{{"evaluation_length", 4096}}, "evaluation_length"},
      {Json{{"device", "abacus"}}, ""},
      {Json{{"model", job.path("nowhere")}}, ""},
      {Json{{"calibration", job.path("nowhere.txt")}}, ""},
      {Json{{"smaples", 3}}, "smaples"},
      {Json{{"percent", nullptr}, {"average_bits", 3}}, "average_bits"},
      {Json{{"percent", nullptr}, {"size", 1}}, "size"},
      {Json{{"granularity", "linear"}, {"selection", "per-layer"}}, "selection"},
  };
  for (const auto& [change, key] : cases) {
    Json request = job.run();
    request.update(change);
    const auto refused = ask(request);
    ASSERT_FALSE(refused) << change;
    if (*key != '\0') {
      EXPECT_EQ(refused.error().key, key) << refused.error().to_string();
    }
    EXPECT_FALSE(fs::exists(default_work_directory(request["output"].get<std::string>()))) << change;
  }
  EXPECT_EQ(test::read_file(job.path("thesis/chapter.tex")), "precious");
}

TEST(Pipeline, NamesTheWeightThatIsNoNumber) {
  const TinyJob job;
  const std::string name = "model.layers.1.mlp.up_proj.weight";
  std::string bytes = test::read_file(job.path("model/model.safetensors"));
  std::uint64_t header = 0;
  std::memcpy(&header, bytes.data(), sizeof header);
  const Json tensors = Json::parse(bytes.substr(8, header));
  const std::size_t begin = 8 + header + tensors.at(name)["data_offsets"][0].get<std::size_t>();
  bytes.replace(begin + 2 * 70, 2, "\xC0\x7F");  // a NaN in bf16
  test::write_file(job.path("model/model.safetensors"), bytes);
  const auto refused = ask(job.run());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::numeric);
  EXPECT_EQ(refused.error().key, name);
  EXPECT_THAT(refused.error().found, HasSubstr("1 NaN or infinite, the first at index 70"));
}

TEST(Pipeline, PreflightRefusesWithFigures) {
  const TinyJob job;
  Json request = job.run();
  request["memory_limit"] = 1 << 20;
  const auto refused = ask(request);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::memory);
  EXPECT_THAT(refused.error().expected, HasSubstr("MiB"));
  EXPECT_THAT(refused.error().found, HasSubstr("1.0 MiB) available"));
  EXPECT_FALSE(fs::exists(default_work_directory(job.path("packed"))));
}

TEST(Pipeline, PreflightAloneLeavesNothingBehind) {
  const TinyJob job;
  Json request = job.run();
  request["preflight"] = true;
  const Json result = done(request);
  EXPECT_EQ(result["schema"], "salient.preflight/1");
  ASSERT_EQ(result["stages"].size(), 3U);
  for (const Json& stage : result["stages"]) {
    EXPECT_GT(stage["memory_bytes"].get<double>(), 0);
    EXPECT_GT(stage["seconds"].get<double>(), 0);
  }
  EXPECT_GT(result["disk_bytes"].get<double>(), 0);
  EXPECT_FALSE(fs::exists(job.path("packed")));
  EXPECT_FALSE(fs::exists(job.path("experiments.db")));
  EXPECT_FALSE(fs::exists(default_work_directory(job.path("packed"))));
}

}  // namespace
}  // namespace salient
