// SPDX-License-Identifier: Apache-2.0
// experiments: list, show, compare, delete, annotate and export what was recorded.
#include <fmt/format.h>

#include "core/base/file.h"
#include "core/experiment/operations_detail.h"
#include "core/experiment/store.h"

namespace salient::operations {
namespace {

struct Action {
  std::string name;
  std::vector<std::int64_t> ids;
  std::string text;
  std::string format;
  std::filesystem::path output;
  ExperimentFilter filter;
};

Result<Json> list(Store& store, const Action& action) {
  SALIENT_ASSIGN(const auto all, store.list(action.filter));
  Json result = result_header("experiments");
  result["experiments"] = Json::array();
  for (const Experiment& experiment : all)
    result["experiments"].push_back(experiment_json(experiment));
  return result;
}

/// With the bit map where the experiment got that far.
Result<Json> full(Store& store, std::int64_t id) {
  SALIENT_ASSIGN(const Experiment experiment, store.show(id));
  Json json = experiment_json(experiment);
  auto map = store.bit_map(id);
  if (map) {
    json["linears"] = linears_json(*map);
  } else if (map.error().code != ErrorCode::not_found) {
    return std::move(map).error();
  }
  return json;
}

Result<Json> show(Store& store, const Action& action) {
  Json result = result_header("experiment");
  SALIENT_ASSIGN(const Json experiment, full(store, action.ids.front()));
  result.update(experiment);
  return result;
}

Result<Json> compare(Store& store, const Action& action) {
  Json result = result_header("comparison");
  SALIENT_ASSIGN(const Json comparison, compare_experiments(store, action.ids[0], action.ids[1]));
  result.update(comparison);
  return result;
}

Result<Json> remove(Store& store, const Action& action) {
  for (const std::int64_t id : action.ids)
    SALIENT_CHECK(store.remove(id));
  Json result = result_header("experiments-deleted");
  result["deleted"] = action.ids;
  return result;
}

Result<Json> annotate(Store& store, const Action& action) {
  SALIENT_CHECK(store.annotate(action.ids.front(), action.text));
  return show(store, action);
}

/// What `read` makes of each chosen record. One that was listed here and that somebody else has deleted since is left
/// out; one that was asked for by its number must be there.
template <class Read>
auto read_chosen(Store& store, const Action& action, const Read& read)
    -> Result<std::vector<std::decay_t<decltype(*read(store, 0))>>> {
  std::vector<std::int64_t> ids = action.ids;
  if (action.ids.empty()) {
    SALIENT_ASSIGN(const auto all, store.list(action.filter));
    for (const Experiment& experiment : all)
      ids.push_back(experiment.id);
  }
  std::vector<std::decay_t<decltype(*read(store, 0))>> chosen;
  for (const std::int64_t id : ids) {
    auto record = read(store, id);
    if (!record && record.error().code == ErrorCode::not_found && action.ids.empty()) continue;
    if (!record) return std::move(record).error();
    chosen.push_back(*std::move(record));
  }
  return chosen;
}

Result<Json> export_as(Store& store, const Action& action) {
  std::string content;
  std::size_t count = 0;
  if (action.format == "csv") {
    SALIENT_ASSIGN(const auto chosen,
                   read_chosen(store, action, [](Store& from, std::int64_t id) { return from.show(id); }));
    count = chosen.size();
    content = experiments_csv(chosen);
  } else {
    SALIENT_ASSIGN(const auto chosen, read_chosen(store, action, full));
    count = chosen.size();
    Json json = result_header("experiments");
    json["experiments"] = chosen;
    content = json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  }
  Json result = result_header("experiments-export");
  result["format"] = action.format;
  result["experiments"] = count;
  result["bytes"] = content.size();
  if (action.output.empty()) {
    result["content"] = content;
  } else {
    SALIENT_CHECK(write_file_durably(action.output, content));
    result["output"] = action.output.string();
  }
  return result;
}

}  // namespace

Result<Json> experiments(const Json& request, OperationContext&, Job& job) {
  RequestReader read(request);
  Action action;
  const auto path = read.experiments();
  action.name = read.string("action");
  action.ids = read.integers("ids");
  action.text = read.string_or("text", "");
  action.format = read.choice_or("format", "json", {"json", "csv"});
  action.output = read.path_or("output", {});
  action.filter.status = read.choice_or("status", "", {"running", "done", "failed", "cancelled"});
  action.filter.operation = read.choice_or("operation", "", {"run", "quantize"});
  action.filter.model = read.string_or("for_model", "");
  action.filter.limit = read.integer_or("limit", 0, 0, 1'000'000'000);
  SALIENT_CHECK(read.finish());

  struct Known {
    const char* name;
    Result<Json> (*carry_out)(Store&, const Action&);
    std::size_t least;
    std::size_t most;
  };
  constexpr std::size_t kAny = 1'000'000;
  static constexpr Known kActions[] = {{"list", list, 0, 0},         {"show", show, 1, 1},
                                       {"compare", compare, 2, 2},   {"delete", remove, 1, kAny},
                                       {"annotate", annotate, 1, 1}, {"export", export_as, 0, kAny}};
  for (const Known& known : kActions) {
    if (action.name != known.name) continue;
    if (action.ids.size() < known.least || action.ids.size() > known.most) {
      return Error{ErrorCode::usage,
                   "",
                   "ids",
                   fmt::format("{}{} experiment number{}", known.least == known.most ? "" : "at least ", known.least,
                               known.least == 1 ? "" : "s"),
                   std::to_string(action.ids.size()),
                   "`salient experiments list` shows them"};
    }
    // Where somebody mistyped the name of a file, none is made of it.
    std::error_code failed;
    const bool mistyped = read.has("experiments") && !std::filesystem::exists(path, failed);
    SALIENT_ASSIGN(Store store, Store::open(path, mistyped ? Store::Access::read_only : Store::Access::read_write));
    for (const std::string& note : store.notes())
      job.warn(note);
    return known.carry_out(store, action);
  }
  return Error{ErrorCode::usage,
               "",
               "action",
               "one of list, show, compare, delete, annotate, export",
               escape_for_message(action.name),
               ""};
}

}  // namespace salient::operations
