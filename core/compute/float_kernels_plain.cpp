// SPDX-License-Identifier: Apache-2.0
// FloatKernels for the compiler's baseline.
#include "core/compute/float_kernels.h"

namespace salient {
namespace {

constexpr int kLanes = 4;
#include "core/compute/float_kernels.inc"

}  // namespace

const FloatKernels kFloatKernelsPlain = kTable;

}  // namespace salient
