// SPDX-License-Identifier: Apache-2.0
// Ctrl-C and a polite kill ask the running job to stop where it can be resumed.
#pragma once

#include "core/base/job.h"

namespace salient::cli {

/// SIGPIPE is ignored: a reader that goes away is seen as a failed write, and does not kill a long job.
void ignore_broken_pipes();

/// SIGINT and SIGTERM set the token; the second one ends the process at once with exit code 130.
[[nodiscard]] CancelToken& cancel_on_signals();

}  // namespace salient::cli
