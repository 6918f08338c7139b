// SPDX-License-Identifier: Apache-2.0
#include "core/experiment/recipe.h"

#include <gmock/gmock.h>

#include "core/experiment/results.h"

namespace salient {
namespace {

Result<Recipe> read(const Json& request) {
  Recipe recipe;
  RequestReader reader(request);
  read_calibration(reader, recipe);
  read_search(reader, recipe);
  read_allocation(reader, recipe);
  read_quantization(reader, recipe);
  read_evaluation(reader, recipe);
  if (auto status = reader.finish(); !status) return status.error();
  return recipe;
}

TEST(Recipe, SurvivesTheWayThroughJson) {
  const Json requests[] = {
      Json::object(),
      Json{{"samples", 3},
           {"length", 64},
           {"seed", 9},
           {"variant", "second-order"},
           {"average_bits", 4.75},
           {"rank", "density"},
           {"selection", "random"},
           {"row_multiple", 16},
           {"group", 32},
           {"method", "gptq"}},
      Json{{"size", 123456}, {"granularity", "linear"}, {"clip", false}, {"damping", 0.05}, {"evaluation_length", 77}},
      Json{{"uniform", 5}, {"method", "rtn"}, {"evaluation_windows", 12}, {"evaluation_scales", "folded-token"}},
  };
  for (const Json& request : requests) {
    const auto recipe = read(request);
    ASSERT_TRUE(recipe) << recipe.error().to_string();
    const auto again = recipe_from_json(recipe_json(*recipe), "test");
    ASSERT_TRUE(again) << again.error().to_string();
    EXPECT_EQ(json_line(recipe_json(*again)), json_line(recipe_json(*recipe)));
  }
}

TEST(Recipe, ClipSearchIsOnForMixllmOnlyUnlessAskedFor) {
  EXPECT_TRUE(read(Json::object())->quant.clip);
  EXPECT_FALSE(read(Json{{"method", "gptq"}})->quant.clip);
  EXPECT_FALSE(read(Json{{"method", "rtn"}})->quant.clip);
  EXPECT_TRUE(read(Json{{"method", "rtn"}, {"clip", true}})->quant.clip);
  EXPECT_FALSE(read(Json{{"clip", false}})->quant.clip);
}

TEST(Recipe, ExportLeavesOutWhatCannotChangeTheWeights) {
  Recipe recipe;
  const Json before = export_recipe_json(recipe);
  recipe.evaluation_length = 99;
  recipe.evaluation_windows = 3;
  recipe.evaluation_scales = ScaleMode::folded;
  EXPECT_EQ(export_recipe_json(recipe), before);
  EXPECT_NE(recipe_json(recipe), recipe_json(Recipe{}));
}

TEST(Recipe, FingerprintFollowsEveryPartOfTheIdentity) {
  const Identity base{"run", {}, "model", "calibration", "evaluation", "", "0.1.0"};
  std::vector<Identity> changed(7, base);
  changed[0].operation = "quantize";
  changed[1].recipe.seed = 1;
  changed[2].model = "other";
  changed[3].calibration = "other";
  changed[4].evaluation = "other";
  changed[5].scores = "other";
  changed[6].version = "0.2.0";
  EXPECT_EQ(fingerprint(base), fingerprint(Identity(base)));
  EXPECT_EQ(fingerprint(base).size(), 64U);
  for (const Identity& identity : changed)
    EXPECT_NE(fingerprint(identity), fingerprint(base));
}

TEST(Recipe, DifferencesNameFieldsByPath) {
  Recipe left;
  Recipe right;
  right.quant.group = 64;
  right.budget = {Budget::Kind::average_bits, 5};
  const auto fields = differences(recipe_json(left), recipe_json(right));
  ASSERT_EQ(fields.size(), 3U);
  EXPECT_EQ(fields[0].field, "allocation.budget");
  EXPECT_EQ(fields[0].left, "percent");
  EXPECT_EQ(fields[0].right, "average-bits");
  EXPECT_EQ(fields[1].field, "allocation.value");
  EXPECT_EQ(fields[2].field, "quantization.group");
  EXPECT_EQ(fields[2].right, "64");
  EXPECT_TRUE(differences(recipe_json(left), recipe_json(left)).empty());
  EXPECT_EQ(differences(Json{{"a", 1}}, Json{{"b", 2}}).size(), 2U);
}

TEST(Recipe, RefusesWhatMakesNoSense) {
  const std::pair<Json, const char*> cases[] = {
      {Json{{"samples", 0}}, "samples"},
      {Json{{"samples", 1.5}}, "samples"},
      {Json{{"length", "long"}}, "length"},
      {Json{{"seed", -1}}, "seed"},
      {Json{{"seed", 18446744073709551615ULL}}, "seed"},
      {Json{{"group", 48}}, "group"},
      {Json{{"variant", "thorough"}}, "variant"},
      {Json{{"method", "awq"}}, "method"},
      {Json{{"percent", 101}}, "percent"},
      {Json{{"percent", 10}, {"size", 5}}, "size"},
      {Json{{"uniform", 9}}, "uniform"},
      {Json{{"uniform", 4.5}}, "uniform"},
      {Json{{"rank", 1}}, "rank"},
      {Json{{"clip", "yes"}}, "clip"},
      {Json{{"row_multiple", 0}}, "row_multiple"},
      {Json{{"precent", 10}}, "precent"},
  };
  for (const auto& [request, key] : cases) {
    const auto recipe = read(request);
    ASSERT_FALSE(recipe) << request;
    EXPECT_EQ(recipe.error().code, ErrorCode::usage) << request;
    EXPECT_EQ(recipe.error().key, key) << request;
    EXPECT_FALSE(recipe.error().expected.empty()) << request;
  }
}

TEST(Recipe, RefusesAStoredRecipeThatWasTamperedWith) {
  Json json = recipe_json(Recipe{});
  json["quantization"]["group"] = "128; DROP TABLE";
  const auto recipe = recipe_from_json(json, "experiments.db");
  ASSERT_FALSE(recipe);
  EXPECT_EQ(recipe.error().code, ErrorCode::format);
  EXPECT_EQ(recipe.error().file, "experiments.db");
}

}  // namespace
}  // namespace salient
