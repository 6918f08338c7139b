// SPDX-License-Identifier: Apache-2.0
// The worker: operations over JSON lines (PROTOCOL.md). Requests are read on their own thread, so that a
// cancel is answered while a job runs; jobs run one after another in the order they came.
#pragma once

#include <cstddef>

#include "core/base/result.h"

namespace salient {

struct WorkerOptions {
  std::size_t line_bytes = std::size_t{16} << 20;  ///< a longer line is answered with `failed` and skipped
};

/// Serves until {"op": "shutdown"} or the end of input, which cancels the running job. An Error when the output cannot
/// be written; one of code `device` when the device failed for good: then this process is of no more use.
[[nodiscard]] Status serve(int input, int output, const WorkerOptions& options = {});

}  // namespace salient
