// SPDX-License-Identifier: Apache-2.0
// The finished windows of an evaluation in a job's work directory, so that one that was killed or cancelled goes on
// after them.
#pragma once

#include <string>

#include "core/eval/evaluate.h"
#include "core/experiment/work_directory.h"

namespace salient {

/// What evaluate() needs to go on from what is kept in `work` under `key`, and to keep more there durably; from the
/// beginning where nothing is kept, or another key's. `key` stands for everything that the figures depend on: models,
/// windows, way of computing, program version. `work` must outlive what is returned. A file that is none of ours →
/// Error{format}.
[[nodiscard]] Result<EvaluationKeeper> evaluation_keeper(const WorkDirectory& work, const std::string& key);

}  // namespace salient
