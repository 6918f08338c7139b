// SPDX-License-Identifier: Apache-2.0
// GPTQ (Frantar et al. 2022): columns are rounded one after another, and what rounding costs is made up for by
// the columns still to come, as the inverse Hessian says. Groups are taken in the Hessian's order; block = group.
#pragma once

#include "core/base/job.h"
#include "core/base/threads.h"
#include "core/quant/hessian.h"
#include "core/quant/quantized_rows.h"

namespace salient {

/// `hessian` holds a factor. The grid of a group, with its clip ratio where `clip`, is found when the group is
/// reached, from the weights as updated so far. What is returned after a request to stop is of no use.
[[nodiscard]] QuantizedRows gptq(const RowSelection& selection, RowFormat format, const Hessian& hessian, bool clip,
                                 ThreadPool& threads, const Job* job);

}  // namespace salient
