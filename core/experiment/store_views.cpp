// SPDX-License-Identifier: Apache-2.0
// Experiments for people and other programs: JSON, side by side, CSV.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/base/format.h"
#include "core/experiment/store.h"

namespace salient {
namespace {

Json text_json(const std::optional<TextRecord>& text) {
  if (!text) return nullptr;
  return Json{{"sha256", text->sha256}, {"path", text->path}, {"bytes", text->bytes}, {"documents", text->documents}};
}

Json metrics_json(const std::vector<Metric>& metrics) {
  Json list = Json::array();
  for (const Metric& metric : metrics) {
    Json entry{{"model", metric.model}, {"name", metric.name}, {"value", metric.value}};
    if (metric.standard_error) entry["stderr"] = *metric.standard_error;
    list.push_back(std::move(entry));
  }
  return list;
}

Json window_nll_json(const std::vector<WindowNll>& windows) {
  Json json = Json::object();
  for (const WindowNll& list : windows)
    json[list.model] = list.values;
  return json;
}

Json later_json(const std::vector<LaterEvaluation>& evaluations) {
  Json list = Json::array();
  for (const LaterEvaluation& evaluation : evaluations) {
    Json entry{{"id", evaluation.id},
               {"created", evaluation.created},
               {"text", text_json(evaluation.text)},
               {"length", evaluation.length},
               {"simulated", evaluation.simulated},
               {"scales", scale_mode_name(evaluation.scales)},
               {"reference", evaluation.reference},
               {"program_version", evaluation.version},
               {"backend", evaluation.backend},
               {"metrics", metrics_json(evaluation.metrics)}};
    if (!evaluation.windows.empty()) entry["window_nll"] = window_nll_json(evaluation.windows);
    list.push_back(std::move(entry));
  }
  return list;
}

std::optional<double> find_metric(const std::vector<Metric>& metrics, const std::string& model,
                                  const std::string& name) {
  for (const Metric& entry : metrics) {
    if (entry.model == model && entry.name == name) return entry.value;
  }
  return {};
}

/// One entry for each metric of either side, with the difference where both have it.
Json metrics_beside(const std::vector<Metric>& left, const std::vector<Metric>& right) {
  std::vector<std::pair<std::string, std::string>> names;
  for (const auto* metrics : {&left, &right}) {
    for (const Metric& m : *metrics) {
      if (std::find(names.begin(), names.end(), std::pair{m.model, m.name}) == names.end()) {
        names.emplace_back(m.model, m.name);
      }
    }
  }
  Json list = Json::array();
  for (const auto& [model, name] : names) {
    const auto x = find_metric(left, model, name);
    const auto y = find_metric(right, model, name);
    Json entry{{"model", model}, {"name", name}};
    entry["left"] = x ? Json(*x) : Json(nullptr);
    entry["right"] = y ? Json(*y) : Json(nullptr);
    if (x && y) entry["difference"] = *y - *x;
    list.push_back(std::move(entry));
  }
  return list;
}

/// What can be compared between experiments: the same windows of the same text, computed in the same way.
struct Measured {
  TextRecord text;
  std::int64_t length = 0;
  std::int64_t windows = 0;
  bool simulated = false;
  ScaleMode scales = ScaleMode::exact;
  std::vector<Metric> metrics;

  [[nodiscard]] bool same_windows(const Measured& other) const {
    return text.sha256 == other.text.sha256 && length == other.length && windows == other.windows &&
           simulated == other.simulated && scales == other.scales;
  }
};

std::int64_t windows_of(const std::vector<Metric>& metrics) {
  return static_cast<std::int64_t>(find_metric(metrics, "quantized", "windows").value_or(0));
}

/// The run's own evaluation first; of later ones on the same windows the newest.
std::vector<Measured> measurements(const Experiment& e) {
  std::vector<Measured> all;
  if (e.start.evaluation && e.metric("quantized", "windows")) {
    Measured own{*e.start.evaluation,
                 e.start.recipe.evaluation_length,
                 windows_of(e.metrics),
                 false,
                 e.start.recipe.evaluation_scales,
                 {}};
    for (const Metric& metric : e.metrics) {
      const bool of_size = metric.name == "percent" || metric.name == "payload_bits" ||
                           metric.name == "effective_bits" || metric.name == "bytes" || metric.name == "predicted_loss";
      if (!of_size) own.metrics.push_back(metric);
    }
    all.push_back(std::move(own));
  }
  const std::size_t own = all.size();
  for (const LaterEvaluation& later : e.later) {
    Measured measured{later.text,      later.length, windows_of(later.metrics),
                      later.simulated, later.scales, later.metrics};
    const auto known =
        std::find_if(all.begin(), all.end(), [&](const Measured& other) { return measured.same_windows(other); });
    if (known == all.end()) {
      all.push_back(std::move(measured));
    } else if (known - all.begin() >= static_cast<std::ptrdiff_t>(own)) {
      *known = std::move(measured);
    }
  }
  return all;
}

Json evaluations_beside(const Experiment& left, const Experiment& right) {
  struct Pair {
    Measured left;
    Measured right;
  };
  std::vector<Pair> pairs;
  for (Measured& measured : measurements(left)) {
    Pair& pair = pairs.emplace_back(Pair{std::move(measured), {}});
    pair.right = pair.left;
    pair.right.metrics.clear();
  }
  for (Measured& measured : measurements(right)) {
    const auto known =
        std::find_if(pairs.begin(), pairs.end(), [&](const Pair& pair) { return pair.left.same_windows(measured); });
    if (known != pairs.end()) {
      known->right = std::move(measured);
      continue;
    }
    Pair& pair = pairs.emplace_back(Pair{{}, std::move(measured)});
    pair.left = pair.right;
    pair.left.metrics.clear();
  }
  Json list = Json::array();
  for (const Pair& pair : pairs) {
    list.push_back(Json{{"text", text_json(pair.left.text)},
                        {"length", pair.left.length},
                        {"windows", pair.left.windows},
                        {"simulated", pair.left.simulated},
                        {"scales", scale_mode_name(pair.left.scales)},
                        {"metrics", metrics_beside(pair.left.metrics, pair.right.metrics)}});
  }
  return list;
}

/// "c4.txt#1a2b3c4d.512x20.": before a later evaluation's metrics in a CSV column's name.
std::string column_prefix(const LaterEvaluation& evaluation) {
  const bool exact = evaluation.scales == ScaleMode::exact;
  return fmt::format("{}#{}.{}x{}.{}{}", std::filesystem::path(evaluation.text.path).filename().string(),
                     evaluation.text.sha256.substr(0, 8), evaluation.length, windows_of(evaluation.metrics),
                     evaluation.simulated ? "simulated." : "",
                     exact ? "" : fmt::format("{}.", scale_mode_name(evaluation.scales)));
}

void flatten(const Json& json, const std::string& prefix, std::map<std::string, std::string>& out) {
  if (json.is_object()) {
    for (const auto& [key, value] : json.items())
      flatten(value, prefix + "." + key, out);
  } else {
    out[prefix] = json.is_string() ? json.get<std::string>() : json_line(json);
  }
}

}  // namespace

std::vector<LinearDifference> compare_bit_maps(const BitMap& left, const BitMap& right) {
  std::set<LinearId> ids;
  for (const auto* map : {&left, &right}) {
    for (const LinearBits& linear : map->linears)
      ids.insert(linear.id);
  }
  std::vector<LinearDifference> list;
  for (const LinearId id : ids) {
    const LinearBits* a = left.find(id);
    const LinearBits* b = right.find(id);
    std::vector<std::uint32_t> both;
    if (a != nullptr && b != nullptr) {
      std::set_intersection(a->rows8.begin(), a->rows8.end(), b->rows8.begin(), b->rows8.end(),
                            std::back_inserter(both));
    }
    const auto count = [](const LinearBits* linear) {
      return linear != nullptr ? static_cast<std::int64_t>(linear->rows8.size()) : 0;
    };
    const auto common = static_cast<std::int64_t>(both.size());
    list.push_back({id, (a != nullptr ? a : b)->rows, count(a), count(b), common, count(a) + count(b) - 2 * common});
  }
  return list;
}

std::optional<double> Experiment::metric(const std::string& model, const std::string& name) const {
  return find_metric(metrics, model, name);
}

std::optional<double> LaterEvaluation::metric(const std::string& model, const std::string& name) const {
  return find_metric(metrics, model, name);
}

TextRecord text_record(const std::filesystem::path& path, const Corpus& corpus) {
  return {corpus.sha256, std::filesystem::absolute(path).string(), static_cast<std::int64_t>(corpus.bytes),
          static_cast<std::int64_t>(corpus.documents)};
}

std::vector<Metric> evaluation_metrics(const std::string& model, const Evaluation& evaluation) {
  std::vector<Metric> metrics{
      {model, "perplexity", evaluation.perplexity, evaluation.perplexity_stderr},
      {model, "windows", static_cast<double>(evaluation.windows), {}},
      {model, "tokens", static_cast<double>(evaluation.tokens), {}},
      {model, "tokens_per_second", evaluation.tokens_per_second, {}},
  };
  if (evaluation.decode_tokens_per_second)
    metrics.push_back({model, "decode_tokens_per_second", *evaluation.decode_tokens_per_second, {}});
  if (const auto& d = evaluation.divergence) {
    metrics.push_back({model, "kl_forward", d->kl_forward, d->kl_forward_stderr});
    metrics.push_back({model, "kl_reverse", d->kl_reverse, d->kl_reverse_stderr});
    metrics.push_back({model, "top1", d->top1, {}});
    metrics.push_back({model, "top5", d->top5, {}});
  }
  return metrics;
}

Json experiment_json(const Experiment& e) {
  const ModelRecord& model = e.start.model;
  const MachineInfo& machine = e.start.machine;
  Json json{{"id", e.id},
            {"status", e.status},
            {"operation", e.start.operation},
            {"created", e.created},
            {"finished", e.finished},
            {"annotation", e.annotation},
            {"error", e.error},
            {"fingerprint", e.start.fingerprint},
            {"program_version", e.start.version},
            {"recipe", recipe_json(e.start.recipe)},
            {"output", e.start.output},
            {"model",
             {{"fingerprint", model.fingerprint},
              {"path", model.path},
              {"architecture", model.architecture},
              {"parameters", model.parameters}}},
            {"calibration", text_json(e.start.calibration)},
            {"evaluation", text_json(e.start.evaluation)},
            {"machine",
             {{"processor", machine.processor},
              {"cores", machine.cores},
              {"memory_bytes", machine.memory_bytes},
              {"system", machine.system},
              {"backend", e.start.backend}}},
            {"metrics", metrics_json(e.metrics)},
            {"later_evaluations", later_json(e.later)},
            {"stages", stages_json(e.stages)},
            {"notes", e.notes}};
  json["export"] = e.exported ? Json{{"path", e.exported->path},
                                     {"bytes", e.exported->bytes},
                                     {"manifest_sha256", e.exported->manifest_sha256}}
                              : Json(nullptr);
  if (!e.windows.empty()) json["window_nll"] = window_nll_json(e.windows);
  return json;
}

Result<Json> compare_experiments(Store& store, std::int64_t left, std::int64_t right) {
  SALIENT_ASSIGN(const Experiment a, store.show(left));
  SALIENT_ASSIGN(const Experiment b, store.show(right));
  const auto sources = [](const Experiment& e) {
    return Json{{"operation", e.start.operation},
                {"model", e.start.model.fingerprint},
                {"calibration", e.start.calibration ? e.start.calibration->sha256 : ""},
                {"evaluation", e.start.evaluation ? e.start.evaluation->sha256 : ""},
                {"program_version", e.start.version},
                {"backend", e.start.backend},
                {"recipe", recipe_json(e.start.recipe)}};
  };
  Json json{{"left", left},
            {"right", right},
            {"recipe", Json::array()},
            {"metrics", metrics_beside(a.metrics, b.metrics)},
            {"evaluations", evaluations_beside(a, b)}};
  for (const FieldDifference& field : differences(sources(a), sources(b))) {
    json["recipe"].push_back(Json{{"field", field.field}, {"left", field.left}, {"right", field.right}});
  }
  // An unfinished experiment has no bit map, which is nothing to fail over.
  const auto map_of = [&](std::int64_t id) -> Result<BitMap> {
    auto map = store.bit_map(id);
    if (!map && map.error().code == ErrorCode::not_found) return BitMap{};
    return map;
  };
  SALIENT_ASSIGN(const BitMap left_map, map_of(left));
  SALIENT_ASSIGN(const BitMap right_map, map_of(right));
  json["linears"] = Json::array();
  for (const LinearDifference& linear : compare_bit_maps(left_map, right_map)) {
    json["linears"].push_back(Json{{"name", linear_name(linear.id)},
                                   {"rows", linear.rows},
                                   {"rows8_left", linear.rows8_left},
                                   {"rows8_right", linear.rows8_right},
                                   {"rows8_both", linear.rows8_both},
                                   {"rows_that_differ", linear.rows_that_differ}});
  }
  return json;
}

std::string experiments_csv(const std::vector<Experiment>& experiments) {
  std::vector<std::map<std::string, std::string>> rows;
  std::vector<std::string> columns{"id",       "status",     "operation", "created",
                                   "finished", "annotation", "model",     "program_version"};
  std::set<std::string> more;
  for (const Experiment& e : experiments) {
    std::map<std::string, std::string> row{{"id", std::to_string(e.id)},     {"status", e.status},
                                           {"operation", e.start.operation}, {"created", e.created},
                                           {"finished", e.finished},         {"annotation", e.annotation},
                                           {"model", e.start.model.path},    {"program_version", e.start.version}};
    std::map<std::string, std::string> rest;
    flatten(recipe_json(e.start.recipe), "recipe", rest);
    const auto add = [&rest](const std::string& prefix, const std::vector<Metric>& metrics) {
      for (const Metric& metric : metrics) {
        const std::string name = prefix + metric.model + "." + metric.name;
        rest[name] = fmt::format("{}", metric.value);
        if (metric.standard_error) rest[name + ".stderr"] = fmt::format("{}", *metric.standard_error);
      }
    };
    add("", e.metrics);
    for (const LaterEvaluation& evaluation : e.later)
      add(column_prefix(evaluation), evaluation.metrics);
    for (const StageTime& stage : e.stages)
      rest["seconds." + stage.name] = fmt::format("{}", stage.seconds);
    for (const auto& [name, value] : rest)
      more.insert(name);
    row.merge(rest);
    rows.push_back(std::move(row));
  }
  columns.insert(columns.end(), more.begin(), more.end());
  std::string csv;
  const auto line = [&](const auto& value_of) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (i > 0) csv += ',';
      csv += csv_field(value_of(columns[i]));
    }
    csv += "\r\n";
  };
  line([](const std::string& name) { return name; });
  for (auto& row : rows)
    line([&](const std::string& name) { return row[name]; });
  return csv;
}

}  // namespace salient
