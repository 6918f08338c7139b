// SPDX-License-Identifier: Apache-2.0
// FloatKernels for AVX-512 F, BW and VL.
#if defined(__x86_64__)
#include "core/compute/float_kernels.h"

#include <immintrin.h>

namespace salient {
namespace {

constexpr int kLanes = 16;
#include "core/compute/float_kernels.inc"

}  // namespace

const FloatKernels kFloatKernelsAvx512 = kTable;

}  // namespace salient
#endif
