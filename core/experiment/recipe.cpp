// SPDX-License-Identifier: Apache-2.0
#include "core/experiment/recipe.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/base/hash.h"
#include "core/experiment/results.h"

namespace salient {
namespace {

template <class Enum, std::size_t N>
using Names = std::array<std::pair<Enum, const char*>, N>;

constexpr Names<Budget::Kind, 3> kBudgets{
    {{Budget::Kind::percent, "percent"}, {Budget::Kind::average_bits, "average-bits"}, {Budget::Kind::bytes, "bytes"}}};
constexpr Names<RankBy, 2> kRanks{{{RankBy::salience, "salience"}, {RankBy::density, "density"}}};
constexpr Names<Selection, 3> kSelections{
    {{Selection::global, "global"}, {Selection::per_layer, "per-layer"}, {Selection::random, "random"}}};
constexpr Names<Granularity, 2> kGranularities{{{Granularity::feature, "feature"}, {Granularity::linear, "linear"}}};

template <class Enum, std::size_t N>
std::string name_of(const Names<Enum, N>& names, Enum value) {
  return std::find_if(names.begin(), names.end(), [&](const auto& entry) { return entry.first == value; })->second;
}

template <class Enum, std::size_t N>
std::vector<std::string> choices(const Names<Enum, N>& names) {
  std::vector<std::string> all;
  for (const auto& entry : names)
    all.emplace_back(entry.second);
  return all;
}

template <class Enum, std::size_t N>
void read_choice(RequestReader& read, const char* key, const Names<Enum, N>& names, Enum& value) {
  const std::string name = read.choice_or(key, name_of(names, value), choices(names));
  for (const auto& entry : names) {
    if (name == entry.second) value = entry.first;
  }
}

/// Objects with their keys sorted, all the way down.
Json canonical(const Json& json) {
  if (!json.is_object()) return json;
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items())
    keys.push_back(key);
  std::sort(keys.begin(), keys.end());
  Json sorted = Json::object();
  for (const std::string& key : keys)
    sorted[key] = canonical(json.at(key));
  return sorted;
}

void flatten(const Json& json, const std::string& prefix, std::vector<std::pair<std::string, std::string>>& out) {
  if (json.is_object()) {
    for (const auto& [key, value] : json.items())
      flatten(value, prefix.empty() ? key : prefix + "." + key, out);
  } else {
    out.emplace_back(prefix, json.is_string() ? json.get<std::string>() : json_line(json));
  }
}

}  // namespace

RankingOptions Recipe::ranking() const {
  RankingOptions options;
  options.rank = rank;
  options.selection = selection;
  options.granularity = granularity;
  options.group = quant.group;
  options.row_multiple = row_multiple;
  options.seed = seed;
  return options;
}

Json export_recipe_json(const Recipe& recipe) {
  const std::int32_t uniform = recipe.quant.uniform_bits;
  Json json{
      {"calibration", {{"samples", recipe.samples}, {"length", recipe.length}, {"seed", recipe.seed}}},
      {"search", {{"variant", salience_variant_name(recipe.variant)}}},
      {"quantization",
       {{"method", quant_method_name(recipe.quant.method)},
        {"clip", recipe.quant.clip},
        {"group", recipe.quant.group},
        {"damping", recipe.quant.damping}}},
  };
  json["allocation"] = uniform != 0 ? Json{{"uniform", uniform}}
                                    : Json{{"budget", name_of(kBudgets, recipe.budget.kind)},
                                           {"value", recipe.budget.value},
                                           {"rank", name_of(kRanks, recipe.rank)},
                                           {"selection", name_of(kSelections, recipe.selection)},
                                           {"granularity", name_of(kGranularities, recipe.granularity)},
                                           {"row_multiple", recipe.row_multiple}};
  return canonical(json);
}

Json recipe_json(const Recipe& recipe) {
  Json json = export_recipe_json(recipe);
  json["evaluation"] = {{"length", recipe.evaluation_length},
                        {"windows", recipe.evaluation_windows},
                        {"scales", scale_mode_name(recipe.evaluation_scales)}};
  return canonical(json);
}

Result<Recipe> recipe_from_json(const Json& json, const std::string& file) {
  // The stored form holds the same fields as a request, grouped: flattened, the readers below check it.
  Json request = Json::object();
  for (const char* group : {"calibration", "search", "quantization", "allocation", "evaluation"}) {
    const auto part = json.find(group);
    if (part == json.end()) continue;
    if (!part->is_object()) return Error{ErrorCode::format, file, group, "an object", "something else", ""};
    for (const auto& [key, value] : part->items()) {
      request[std::string(group) == "evaluation" ? "evaluation_" + key : key] = value;
    }
  }
  if (request.contains("budget") && request["budget"].is_string()) {
    const auto kind = request["budget"].get<std::string>();
    request[kind == "bytes" ? "size" : kind == "average-bits" ? "average_bits" : "percent"] = request["value"];
    request.erase("budget");
    request.erase("value");
  }
  Recipe recipe;
  RequestReader read(request);
  read_calibration(read, recipe);
  read_search(read, recipe);
  read_allocation(read, recipe);
  read_quantization(read, recipe);
  read_evaluation(read, recipe);
  if (auto status = read.finish(); !status) {
    Error error = std::move(status).error();
    error.code = ErrorCode::format;
    error.file = file;
    return error;
  }
  return recipe;
}

void read_calibration(RequestReader& read, Recipe& recipe) {
  recipe.samples = read.integer_or("samples", recipe.samples, 1, 1'000'000);
  recipe.length = read.integer_or("length", recipe.length, 2, 1'048'576);
  recipe.seed = static_cast<std::uint64_t>(
      read.integer_or("seed", static_cast<std::int64_t>(recipe.seed), 0, std::numeric_limits<std::int64_t>::max()));
}

void read_group(RequestReader& read, Recipe& recipe) {
  recipe.quant.group = read.integer_or("group", recipe.quant.group, 32, 128);
  if (recipe.quant.group != 32 && recipe.quant.group != 64 && recipe.quant.group != 128) {
    read.refuse(Error{ErrorCode::usage, "", "group", "32, 64 or 128", std::to_string(recipe.quant.group), ""});
  }
}

void read_search(RequestReader& read, Recipe& recipe) {
  read_group(read, recipe);
  auto variant =
      salience_variant_from_name(read.string_or("variant", std::string(salience_variant_name(recipe.variant))));
  if (!variant) {
    Error error = std::move(variant).error();
    error.key = "variant";
    read.refuse(std::move(error));
  } else {
    recipe.variant = *variant;
  }
}

void read_allocation(RequestReader& read, Recipe& recipe) {
  read_choice(read, "rank", kRanks, recipe.rank);
  read_choice(read, "selection", kSelections, recipe.selection);
  read_choice(read, "granularity", kGranularities, recipe.granularity);
  recipe.row_multiple = read.integer_or("row_multiple", recipe.row_multiple, 1, 4096);
  std::vector<std::string> given;
  for (const char* key : {"percent", "average_bits", "size", "uniform"}) {
    if (read.has(key)) given.emplace_back(key);
  }
  if (given.size() > 1) {
    read.refuse(Error{ErrorCode::usage, "", given[1], "one of percent, average_bits, size and uniform",
                      fmt::format("{}", fmt::join(given, " and ")), "give one budget"});
    return;
  }
  if (given.empty()) return;
  if (given[0] == "percent") {
    recipe.budget = {Budget::Kind::percent, read.number_or("percent", 10, 0, 100)};
  } else if (given[0] == "average_bits") {
    recipe.budget = {Budget::Kind::average_bits, read.number_or("average_bits", 4.5, 1, 16)};
  } else if (given[0] == "size") {
    constexpr std::int64_t kMost = std::int64_t{1} << 50;
    recipe.budget = {Budget::Kind::bytes, read.number_or("size", 0, 1, static_cast<double>(kMost))};
  } else {
    recipe.quant.uniform_bits = static_cast<std::int32_t>(read.integer_or("uniform", 4, 2, 8));
  }
}

void read_quantization(RequestReader& read, Recipe& recipe) {
  read_group(read, recipe);
  auto method = quant_method_from_name(read.string_or("method", std::string(quant_method_name(recipe.quant.method))));
  if (!method) {
    Error error = std::move(method).error();
    error.key = "method";
    read.refuse(std::move(error));
    return;
  }
  recipe.quant.method = *method;
  recipe.quant.clip = read.boolean_or("clip", *method == QuantMethod::mixllm);
  recipe.quant.damping = read.number_or("damping", recipe.quant.damping, 0, 10);
}

void read_evaluation(RequestReader& read, Recipe& recipe) {
  recipe.evaluation_length = read.integer_or("evaluation_length", recipe.evaluation_length, 2, 1'048'576);
  recipe.evaluation_windows = read.integer_or("evaluation_windows", recipe.evaluation_windows, 0, 100'000'000);
  recipe.evaluation_scales = read.scales_or_exact("evaluation_scales");
}

Json identity_json(const Identity& identity) {
  return canonical(Json{{"operation", identity.operation},
                        {"recipe", recipe_json(identity.recipe)},
                        {"model", identity.model},
                        {"calibration", identity.calibration},
                        {"evaluation", identity.evaluation},
                        {"scores", identity.scores},
                        {"version", identity.version}});
}

std::string fingerprint(const Identity& identity) {
  return sha256_hex(json_line(identity_json(identity)));
}

std::vector<FieldDifference> differences(const Json& left, const Json& right) {
  std::vector<std::pair<std::string, std::string>> a;
  std::vector<std::pair<std::string, std::string>> b;
  flatten(left, "", a);
  flatten(right, "", b);
  const auto value_in = [](const auto& fields, const std::string& name) {
    const auto found = std::find_if(fields.begin(), fields.end(), [&](const auto& f) { return f.first == name; });
    return found == fields.end() ? std::string("(absent)") : found->second;
  };
  std::vector<FieldDifference> result;
  for (const auto& [name, value] : a) {
    if (auto other = value_in(b, name); other != value) result.push_back({name, value, other});
  }
  for (const auto& [name, value] : b) {
    if (value_in(a, name) == "(absent)" && value != "(absent)") result.push_back({name, "(absent)", value});
  }
  return result;
}

}  // namespace salient
