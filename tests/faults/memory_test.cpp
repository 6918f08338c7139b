// SPDX-License-Identifier: Apache-2.0
// No memory at the k-th allocation: an error value, and nothing else. And as much as the preflight promised.
#include <filesystem>
#include <tuple>
#include <vector>

#include "core/base/random.h"
#include "tests/faults/attempt.h"
#include "tests/faults/job_state.h"
#include "tests/unit/experiment/tiny_model.h"

namespace salient::faults {
namespace {

namespace fs = std::filesystem;

struct Memory : testing::TestWithParam<std::tuple<const char*, bool>> {
  Memory() {
    EXPECT_TRUE(attempt(job_.search()).done);
    EXPECT_TRUE(attempt(job_.run("packed")).done);
  }
  [[nodiscard]] Json request(const std::string& op) const {
    if (op == "search") return job_.search("new.safetensors");
    if (op == "run") return job_.run("new");
    if (op == "quantize") {
      return {{"op", op},
              {"model", job_.path("model")},
              {"scores", job_.path("scores.safetensors")},
              {"percent", 10},
              {"group", 32},
              {"output", job_.path("new")},
              {"threads", 2},
              {"experiments", job_.path("experiments.db")}};
    }
    if (op == "evaluate") {
      return {{"op", op},
              {"model", job_.path("packed")},
              {"text", job_.path("evaluation.txt")},
              {"length", 32},
              {"against", job_.path("model")},
              {"threads", 2},
              {"experiments", job_.path("experiments.db")}};
    }
    Json json{{"op", op}, {"model", job_.path("packed")}};
    if (op == "generate") json.update({{"prompt", "The old house"}, {"tokens", 8}, {"threads", 2}});
    return json;
  }
  void clean_up() {
    for (const char* name : {"new", "new.safetensors"}) {
      fs::remove_all(job_.directory / name);
      fs::remove_all(default_work_directory(job_.directory / name));
    }
  }

  test::TinyJob job_;
};

TEST_P(Memory, EndsAtAnyAllocation) {
  const auto [op, exhausted] = GetParam();
  const Json json = request(op);
  const Attempt whole = attempt(json);
  ASSERT_TRUE(whole.done) << whole.error;
  const long allocations = whole.counters.allocations;
  ASSERT_GT(allocations, 100);
  Random random(7);
  // The first allocations are the most various ones: half of the points lie there.
  std::vector<long> points;
  for (long at = 1; at <= allocations;) {
    points.push_back(at);
    const auto most = static_cast<std::uint64_t>(points.size() <= 10 ? 200 : 2 * stride(allocations, 20));
    at += long_run() ? 1 : 1 + static_cast<long>(random.below(most));
  }
  const Lane lane = faults::lane();
  int tried = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (!lane.has(static_cast<long>(i))) continue;
    const long at = points[i];
    SCOPED_TRACE(testing::Message() << "allocation " << at << " of " << allocations);
    clean_up();
    Plan plan;
    plan.allocation = at;
    plan.exhausted = exhausted;
    const Attempt failed = attempt(json, plan);
    EXPECT_TRUE(failed.answered) << "status " << failed.status;
    // Some can be done without: a cache, a log line, a name that is only looked up.
    EXPECT_THAT(failed.code, testing::AnyOf("", "memory", "io")) << failed.error;
    ++tried;
  }
  RecordProperty("allocations", static_cast<int>(allocations));
  RecordProperty("tried", tried);
  // What could not be removed for want of memory is removed by the next writer.
  clean_up();
  EXPECT_TRUE(attempt(json).done);
  expect_no_temporary_file(job_.directory.path());
}

INSTANTIATE_TEST_SUITE_P(Operations, Memory,
                         testing::Combine(testing::Values("inspect", "search", "quantize", "evaluate", "generate"),
                                          testing::Bool()),
                         [](const auto& parameter) {
                           return std::string(std::get<0>(parameter.param)) +
                                  (std::get<1>(parameter.param) ? "AndAllThatFollow" : "");
                         });

TEST(Preflight, PromisesThePeak) {
  const test::TemporaryDirectory directory;
  const Attempt done = attempt(sample_run(directory.path(), 4, 1024));
  ASSERT_TRUE(done.done) << done.error;
  const auto peak = static_cast<double>(done.peak_memory);
  EXPECT_NEAR(static_cast<double>(done.promised_memory), peak, 0.1 * peak);
}

}  // namespace
}  // namespace salient::faults
