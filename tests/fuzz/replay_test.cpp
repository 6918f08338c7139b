// SPDX-License-Identifier: Apache-2.0
// Every committed seed and every file that once made a target fail, with each target, in each build.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <vector>

#include "tests/fuzz/targets.h"
#include "tests/unit/support/temporary_directory.h"

namespace salient::fuzz {
namespace {

struct Target {
  const char* name;
  bool (*run)(std::string_view input);
};
constexpr std::array targets{Target{"safetensors", safetensors},
                             Target{"index_json", index_json},
                             Target{"config_json", config_json},
                             Target{"tokenizer_json", tokenizer_json},
                             Target{"tokenizer_model", tokenizer_model},
                             Target{"tokenizer_side_files", tokenizer_side_files},
                             Target{"packed_model", packed_model},
                             Target{"experiment_database", experiment_database},
                             Target{"worker", worker},
                             Target{"corpus", corpus}};

class Replay : public testing::TestWithParam<Target> {};

TEST_P(Replay, SeedsAndWhatIsLeftOfThemAreAnswered) {
  const Target& target = GetParam();
  std::vector<std::filesystem::path> seeds;
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(SALIENT_SEEDS) / target.name))
    seeds.push_back(entry.path());
  std::sort(seeds.begin(), seeds.end());
  ASSERT_GE(seeds.size(), 2U);
  std::size_t accepted = 0;
  for (const auto& path : seeds) {
    SCOPED_TRACE(path.filename().string());
    const std::string seed = test::read_file(path);
    const auto begin = std::chrono::steady_clock::now();
    if (target.run(seed)) ++accepted;
    target.run(std::string_view(seed).substr(0, seed.size() / 2));
    target.run(seed + seed);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
  }
  EXPECT_GT(accepted, 0U) << "no seed gets past the first check";
}

INSTANTIATE_TEST_SUITE_P(Targets, Replay, testing::ValuesIn(targets),
                         [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace salient::fuzz
