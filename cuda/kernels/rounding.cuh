// SPDX-License-Identifier: Apache-2.0
// core/compute/rounding.h for the device: the same operations on the same values give the same codes. nvcc must neither
// fuse nor approximate them, hence the intrinsics.
#pragma once

#include <cuda_fp16.h>
#include <cuda_runtime.h>

namespace salient::cuda {

__device__ inline unsigned magnitude_bits(float x) {
  return __float_as_uint(x) & 0x7fffffffU;
}

/// clamp(round(x) + zero, low, high), half to even; NaN falls to `low`.
__device__ inline float round_to_code(float x, float zero, float low, float high) {
  const float bounded = fminf(fmaxf(x, -1024.0F), 1024.0F);
  return fminf(fmaxf(__fadd_rn(rintf(bounded), zero), low), high);
}

/// 8 bit symmetric, for one token and group.
struct ActivationScale {
  /// `largest`: the magnitudes' bits, which order as the magnitudes do, NaN last.
  // Not in an initializer list: the host's compiler would look at the intrinsics there.
  __device__ explicit ActivationScale(unsigned largest) {
    scale = __fdiv_rn(__uint_as_float(largest), 127.0F);
    divisor = scale == 0.0F ? 1.0F : scale;
    // Far from the smallest floats, whose inverses have no place among them.
    inverse = divisor > 1e-30F ? __fdiv_rn(1.0F, divisor) : 0.0F;
  }
  /// round(x / divisor) as the processor divides. A product with the inverse differs from the quotient, which is at
  /// most 127 or so, by less than 1e-4: only near the middle between two codes is a division needed.
  __device__ float code(float x) const {
    float quotient = __fmul_rn(x, inverse);
    const float distance = fabsf(__fsub_rn(quotient, rintf(quotient)));
    if (distance > kNearMiddle || inverse == 0.0F) quotient = __fdiv_rn(x, divisor);
    return round_to_code(quotient, 0.0F, -127.0F, 127.0F);
  }

  static constexpr float kNearMiddle = 0.4999F;
  float scale;
  float divisor;
  float inverse;
};

/// Asymmetric with codes from 0 to `highest` (asymmetric_grid): the scale as stored in fp16, and the zero point.
struct WeightGrid {
  __device__ WeightGrid(float smallest, float largest, float highest_code) : highest(highest_code) {
    const float range = fmaxf(__fsub_rn(largest, smallest), 1e-5F);
    scale = __half2float(__float2half_rn(fminf(__fdiv_rn(range, highest), 65504.0F)));
    zero = round_to_code(__fdiv_rn(-smallest, scale), 0.0F, 0.0F, highest);
  }
  /// The nearest value of the grid.
  __device__ float nearest(float value) const {
    const float code = round_to_code(__fdiv_rn(value, scale), zero, 0.0F, highest);
    return __fmul_rn(__fsub_rn(code, zero), scale);
  }

  float highest;
  float scale;
  float zero;
};

}  // namespace salient::cuda
