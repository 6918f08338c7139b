// SPDX-License-Identifier: Apache-2.0
// Keeping a later evaluation with the experiment whose export was evaluated.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "core/base/job.h"
#include "core/experiment/store.h"

namespace salient {

/// The recorded experiment that a model directory is the export of, wherever the directory is now.
struct RecordedExport {
  std::int64_t experiment = 0;    ///< 0: none
  std::string model_fingerprint;  ///< of the 16-bit model it was made from
  std::string unknown;            ///< without an experiment: why, for people
};

/// Never fails: a model that nothing is recorded of can be evaluated as well. No store is created; what is wrong with
/// one is the reason in `unknown`.
[[nodiscard]] RecordedExport find_recorded_export(const std::filesystem::path& model,
                                                  const std::filesystem::path& experiments, Job& job);

/// Adds the evaluation to that experiment → its id there. Error{io} for a store that can only be read.
[[nodiscard]] Result<std::int64_t> record_evaluation(const RecordedExport& exported,
                                                     const std::filesystem::path& experiments,
                                                     const LaterEvaluation& evaluation);

}  // namespace salient
