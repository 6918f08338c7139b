// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace salient::cuda {

__device__ inline float sigmoid(float x) {
  return 1.0F / (1.0F + expf(-x));
}

}  // namespace salient::cuda
