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
  /// Inserts what belongs to an experiment and can be there more than once.
  [[nodiscard]] Status insert_metrics(std::int64_t id, const std::vector<Metric>& metrics,
                                      const std::vector<WindowNll>& windows) const;
  /// The id of these scores' set, inserted unless it is there.
  [[nodiscard]] Result<std::int64_t> score_set(const SalienceScores& scores) const;
  /// Rows of an experiment's details into `experiment`.
  [[nodiscard]] Status read_details(Experiment& experiment, bool with_windows) const;
};

}  // namespace salient
