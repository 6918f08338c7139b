// SPDX-License-Identifier: Apache-2.0
// No memory at the k-th allocation: an error value, and nothing else.
#include <filesystem>

#include "core/base/random.h"
#include "tests/faults/attempt.h"
#include "tests/faults/job_state.h"
#include "tests/unit/experiment/tiny_model.h"

namespace salient::faults {
namespace {

namespace fs = std::filesystem;

struct Memory : testing::TestWithParam<const char*> {
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

  test::TinyJob job_;
};

TEST_P(Memory, EndsAtAnyAllocation) {
  const Json json = request(GetParam());
  const auto clean = [this] {
    for (const char* name : {"new", "new.safetensors"}) {
      fs::remove_all(job_.directory / name);
      fs::remove_all(default_work_directory(job_.directory / name));
    }
  };
  const Attempt whole = attempt(json);
  ASSERT_TRUE(whole.done) << whole.error;
  const long allocations = whole.counters.allocations;
  ASSERT_GT(allocations, 100);
  Random random(7);
  // The first allocations are the most various ones: half of the points lie there.
  long tried = 0;
  int in_json = 0;
  for (long at = 1; at <= allocations; ++tried) {
    SCOPED_TRACE(testing::Message() << "allocation " << at << " of " << allocations);
    clean();
    Plan plan;
    plan.allocation = at;
    const Attempt failed = attempt(json, plan);
    in_json += failed.json_ended_it;
    EXPECT_TRUE(failed.answered || failed.json_ended_it) << "status " << failed.status;
    // Some can be done without: a cache, a log line, a name that is only looked up.
    EXPECT_THAT(failed.code, testing::AnyOf("", "memory", "io")) << failed.error;
    const long step = stride(allocations, 20);
    at += tried < 10 && !long_run() ? 1 + static_cast<long>(random.below(200))
                                    : 1 + static_cast<long>(random.below(static_cast<std::uint64_t>(2 * step)));
  }
  RecordProperty("tried", static_cast<int>(tried));
  RecordProperty("ended in a JSON value's destructor", in_json);
  EXPECT_LT(in_json, tried / 4 + 1);
  // What could not be removed for want of memory is removed by the next writer.
  clean();
  EXPECT_TRUE(attempt(json).done);
  expect_no_temporary_file(job_.directory.path());
}

INSTANTIATE_TEST_SUITE_P(Operations, Memory, testing::Values("inspect", "search", "quantize", "evaluate", "generate"),
                         [](const auto& parameter) { return std::string(parameter.param); });

}  // namespace
}  // namespace salient::faults
