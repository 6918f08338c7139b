// SPDX-License-Identifier: Apache-2.0
// The mixed-precision product on the CPU (METHOD §5), y[t,c] = Σ_g sa·sw·(Σ qa·(qw − z)): activations rounded to
// 8 bit for each token and group, int32 sums inside a group, fp32 across groups in ascending order. Reference, AVX2
// and AVX-512 VNNI give the same integer sums; results do not depend on the number of threads.
//
// The folded modes (core/compute/folded_scales.h) run through the same kernels, as the reference for devices where they
// are faster, beside the exact one: every row in 8 bit, the groups' scales 1 and the row's at the end. With activations
// rounded for a token as a whole, the integer sums of the groups are added up as floats: exact below 2²⁴, else rounded
// to 24 bits.
#pragma once

#include <cstdint>
#include <memory>

#include "core/base/result.h"
#include "core/base/threads.h"
#include "core/compute/backend.h"
#include "core/compute/folded_scales.h"
#include "core/compute/quantized_matrix.h"

namespace salient {

using CpuKernels = CpuOptions::Kernels;

/// The fastest kernels this processor has; what `automatic` stands for.
[[nodiscard]] CpuKernels best_cpu_kernels();
/// Whether this processor (and this build) can run them.
[[nodiscard]] bool cpu_kernels_available(CpuKernels kernels);

/// Re-tiles a matrix for the kernels; codes stay 4 and 8 bit, folded ones have 8. Error{unsupported} when this
/// processor lacks the kernels asked for, Error{range} for a group size other than 32, 64, 128.
[[nodiscard]] Result<std::shared_ptr<const PackedWeights>> pack_cpu(const QuantizedMatrix& matrix, ScaleMode mode,
                                                                    CpuKernels kernels, ThreadPool& threads);

/// y [tokens, N] = x [tokens, K] Wᵀ + bias, rows in their original order. `bias` [N] may be null. `weights` must
/// come from pack_cpu().
void packed_linear_cpu(const PackedWeights& weights, const float* x, std::int64_t tokens, const float* bias, float* y,
                       ThreadPool& threads);

}  // namespace salient
