// SPDX-License-Identifier: Apache-2.0
// Rotary positions in the layout that turns halves of a head against each other.
#include "cuda/kernels/device.cuh"
#include "cuda/kernels/kernels.h"

namespace salient::cuda::kernels {
namespace {

constexpr int kThreads = 256;

__global__ void rope_kernel(float* x, const float* cosine, const float* sine, std::int64_t pairs, std::int64_t cols,
                            std::int64_t half, std::int64_t first_position, float direction) {
  for (std::int64_t i = global_index(); i < pairs; i += global_stride()) {
    const std::int64_t token = i / (cols / 2);
    const std::int64_t within = i % (cols / 2);
    const std::int64_t head = within / half;
    const std::int64_t frequency = within % half;
    float* pair = x + token * cols + head * 2 * half + frequency;
    const std::int64_t at = (first_position + token) * half + frequency;
    const float c = cosine[at];
    const float s = direction * sine[at];
    const float a = pair[0];
    const float b = pair[half];
    pair[0] = a * c - b * s;
    pair[half] = b * c + a * s;
  }
}

}  // namespace

cudaError_t rope(cudaStream_t stream, float* x, const float* cosine, const float* sine, std::int64_t tokens,
                 std::int64_t cols, std::int64_t head_dim, std::int64_t first_position, bool inverse) {
  const std::int64_t pairs = tokens * cols / 2;
  if (pairs == 0) return cudaSuccess;
  rope_kernel<<<blocks_for(pairs, kThreads), kThreads, 0, stream>>>(x, cosine, sine, pairs, cols, head_dim / 2,
                                                                    first_position, inverse ? -1.0F : 1.0F);
  return cudaGetLastError();
}

}  // namespace salient::cuda::kernels
