// SPDX-License-Identifier: Apache-2.0
#include "cuda/kernels/device.cuh"
#include "cuda/kernels/kernels.h"
#include "cuda/kernels/swiglu.cuh"

namespace salient::cuda::kernels {
namespace {

constexpr int kThreads = 256;

// `out` may be `gate`: no __restrict__.
__global__ void swiglu_kernel(const float* gate, const float* up, float* out, std::int64_t count) {
  for (std::int64_t i = global_index(); i < count; i += global_stride())
    out[i] = gate[i] * sigmoid(gate[i]) * up[i];
}

__global__ void swiglu_backward_kernel(const float* gate, const float* up, const float* dout, float* dgate, float* dup,
                                       std::int64_t count) {
  for (std::int64_t i = global_index(); i < count; i += global_stride()) {
    const float g = gate[i];
    const float u = up[i];
    const float d = dout[i];
    const float s = sigmoid(g);
    dgate[i] = d * u * s * (1.0F + g * (1.0F - s));
    dup[i] = d * g * s;
  }
}

}  // namespace

cudaError_t swiglu(cudaStream_t stream, const float* gate, const float* up, float* out, std::int64_t count) {
  if (count == 0) return cudaSuccess;
  swiglu_kernel<<<blocks_for(count, kThreads), kThreads, 0, stream>>>(gate, up, out, count);
  return cudaGetLastError();
}

cudaError_t swiglu_backward(cudaStream_t stream, const float* gate, const float* up, const float* dout, float* dgate,
                            float* dup, std::int64_t count) {
  if (count == 0) return cudaSuccess;
  swiglu_backward_kernel<<<blocks_for(count, kThreads), kThreads, 0, stream>>>(gate, up, dout, dgate, dup, count);
  return cudaGetLastError();
}

}  // namespace salient::cuda::kernels
