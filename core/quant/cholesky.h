// SPDX-License-Identifier: Apache-2.0
// Inverse of a Cholesky factor in double, blocked over BLAS calls in fixed tiles: the same result on any number
// of threads, and a request to stop is answered between tiles even for matrices that take minutes.
#pragma once

#include <cstdint>
#include <span>

#include "core/base/job.h"
#include "core/base/result.h"
#include "core/base/threads.h"

namespace salient {

/// `matrix` [n, n] row-major, of which the lower triangle is read: in, a symmetric A; out, L⁻¹ of A = L Lᵀ with
/// zeros above the diagonal. False where A is not positive definite (then `matrix` holds nothing of use).
[[nodiscard]] Result<bool> invert_cholesky_factor(std::span<double> matrix, std::int64_t n, ThreadPool& threads,
                                                  const Job* job = nullptr);

}  // namespace salient
