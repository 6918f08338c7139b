// SPDX-License-Identifier: Apache-2.0
#include "core/experiment/kept_evaluation.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace salient {
namespace {

constexpr const char* kName = "evaluation-windows";

/// One window as an array, in this order.
Json window_json(const WindowFigures& window) {
  return Json::array({window.positions, window.nll, window.reference_nll, window.sums.kl_forward,
                      window.sums.kl_reverse, window.sums.top1, window.sums.top5});
}

Json state_json(const EvaluationState& state, const std::string& key) {
  Json windows = Json::array();
  for (const WindowFigures& window : state.windows)
    windows.push_back(window_json(window));
  return Json{{"key", key},
              {"seconds", state.seconds},
              {"reference_seconds", state.reference_seconds},
              {"windows", std::move(windows)}};
}

Result<WindowFigures> window_from(const Json& json, const std::string& file) {
  std::array<double, 7> values{};
  bool good = json.is_array() && json.size() == values.size() && json[0].is_number_integer();
  for (std::size_t i = 0; good && i < values.size(); ++i) {
    good = json[i].is_number();
    if (good) values[i] = json[i].get<double>();
  }
  if (!good || !(values[0] >= 1)) {
    return Error{ErrorCode::format,   file,
                 "windows",           "seven numbers a window, positions first",
                 json_describe(json), "start over with --fresh"};
  }
  return WindowFigures{json[0].get<std::int64_t>(), values[1], values[2], {values[3], values[4], values[5], values[6]}};
}

Result<EvaluationState> state_from(const Json& json, const std::string& file) {
  EvaluationState state;
  SALIENT_ASSIGN(state.seconds, json_number(json, "seconds", file));
  SALIENT_ASSIGN(state.reference_seconds, json_number(json, "reference_seconds", file));
  const auto windows = json.find("windows");
  if (windows == json.end() || !windows->is_array()) {
    return Error{ErrorCode::format, file, "windows", "an array", "something else", "start over with --fresh"};
  }
  for (const Json& entry : *windows) {
    SALIENT_ASSIGN(const WindowFigures window, window_from(entry, file));
    state.windows.push_back(window);
  }
  return state;
}

}  // namespace

Result<EvaluationKeeper> evaluation_keeper(const WorkDirectory& work, const std::string& key) {
  EvaluationKeeper keeper;
  keeper.save = [&work, key](const EvaluationState& state) { return work.keep(kName, state_json(state, key)); };
  SALIENT_ASSIGN(const auto kept, work.recall(kName));
  if (!kept || !kept->is_object() || kept->value("key", Json()) != Json(key)) return keeper;
  SALIENT_ASSIGN(keeper.state, state_from(*kept, escape_for_message((work.path() / kName).string())));
  return keeper;
}

}  // namespace salient
