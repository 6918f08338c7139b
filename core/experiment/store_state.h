// SPDX-License-Identifier: Apache-2.0
// What the parts of Store share. Private to core/experiment.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/experiment/sqlite.h"
#include "core/experiment/store.h"

namespace salient {

struct Store::State {
  std::unique_ptr<sqlite::Database> database;
  std::filesystem::path path;
  bool writing = false;
  std::vector<std::string> notes;

  [[nodiscard]] Error missing(std::int64_t id) const;
  /// Where the metrics and windows of runs, and those of later evaluations, are kept.
  struct MetricTables {
    const char* metrics;
    const char* windows;
    const char* owner;  ///< the column that says whose they are
  };
  static constexpr MetricTables kOfRuns{"metrics", "window_nll", "experiment_id"};
  static constexpr MetricTables kOfLater{"later_metrics", "later_window_nll", "evaluation_id"};
  [[nodiscard]] Status insert_metrics(const MetricTables& tables, std::int64_t owner,
                                      const std::vector<Metric>& metrics, const std::vector<WindowNll>& windows) const;
  [[nodiscard]] Result<std::vector<Metric>> read_metrics(const MetricTables& tables, std::int64_t owner) const;
  [[nodiscard]] Result<std::vector<WindowNll>> read_windows(const MetricTables& tables, std::int64_t owner) const;
  [[nodiscard]] Status read_later(Experiment& experiment, bool with_windows) const;
  /// The id of these scores' set, inserted unless it is there.
  [[nodiscard]] Result<std::int64_t> score_set(const SalienceScores& scores) const;
  /// Rows of an experiment's details into `experiment`.
  [[nodiscard]] Status read_details(Experiment& experiment, bool with_windows) const;
};

}  // namespace salient
