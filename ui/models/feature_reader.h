// SPDX-License-Identifier: GPL-3.0-or-later
// One output feature's weights, read from the checkpoint off the GUI thread. The directory is opened once and kept.
#pragma once

#include <QString>
#include <memory>
#include <mutex>

#include "core/base/result.h"
#include "core/search/scores.h"
#include "ui/models/salience_figures.h"

namespace salient {
class Checkpoint;
}

namespace salient::ui {

class FeatureReader {
 public:
  /// Row `row` of the linear's weight in the model directory, and the scales of groups of `group`. Error{mismatch} when
  /// the weight has another shape than the scores say, Error{not_found} when there is none (a packed model).
  [[nodiscard]] Result<FeatureWeights> read(const QString& directory, const LinearScores& linear, std::uint32_t row,
                                            std::int64_t group);

 private:
  [[nodiscard]] Result<std::shared_ptr<const Checkpoint>> checkpoint(const QString& directory);

  std::mutex mutex_;
  QString directory_;
  std::shared_ptr<const Checkpoint> checkpoint_;
};

}  // namespace salient::ui
