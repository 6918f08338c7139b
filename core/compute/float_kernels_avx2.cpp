// SPDX-License-Identifier: Apache-2.0
// FloatKernels for AVX2, FMA and F16C.
#if defined(__x86_64__)
#include "core/compute/float_kernels.h"

#include <immintrin.h>

namespace salient {
namespace {

constexpr int kLanes = 8;
#include "core/compute/float_kernels.inc"

}  // namespace

const FloatKernels kFloatKernelsAvx2 = kTable;

}  // namespace salient
#endif
