// SPDX-License-Identifier: Apache-2.0
// Round-to-nearest: every weight to the nearest point of its group's grid, independently of all others.
#pragma once

#include "core/base/job.h"
#include "core/base/threads.h"
#include "core/quant/hessian.h"
#include "core/quant/quantized_rows.h"

namespace salient {

/// `hessian` may be null; where given, the weights of dead inputs count as 0. `clip` needs it. What is returned
/// after a request to stop is of no use.
[[nodiscard]] QuantizedRows round_to_nearest(const RowSelection& selection, RowFormat format, std::int64_t group,
                                             const Hessian* hessian, bool clip, ThreadPool& threads, const Job* job);

}  // namespace salient
