// SPDX-License-Identifier: Apache-2.0
// The softmax between two products of attention, and its gradient: one block a row.
#include "cuda/kernels/device.cuh"
#include "cuda/kernels/kernels.h"

namespace salient::cuda::kernels {
namespace {

constexpr int kThreads = 256;

__global__ void softmax_rows_kernel(ScoreRows shape, const float* scores, __nv_bfloat16* probabilities) {
  const std::int64_t begin = (static_cast<std::int64_t>(blockIdx.y) * shape.rows + blockIdx.x) * shape.stride;
  const std::int64_t visible = shape.visible + blockIdx.x;
  const float* row = scores + begin;
  float peak = -INFINITY;
  for (std::int64_t k = threadIdx.x; k < visible; k += kThreads)
    peak = fmaxf(peak, row[k]);
  peak = reduce_block<kThreads>(peak, Largest());
  float sum = 0;
  for (std::int64_t k = threadIdx.x; k < visible; k += kThreads)
    sum += expf(row[k] - peak);
  const float factor = 1.0F / reduce_block<kThreads>(sum, Sum());
  for (std::int64_t k = threadIdx.x; k < shape.stride; k += kThreads)
    probabilities[begin + k] = __float2bfloat16_rn(k < visible ? expf(row[k] - peak) * factor : 0.0F);
}

__global__ void softmax_rows_backward_kernel(ScoreRows shape, const __nv_bfloat16* probabilities,
                                             const float* gradients, float scale, __nv_bfloat16* out) {
  const std::int64_t begin = (static_cast<std::int64_t>(blockIdx.y) * shape.rows + blockIdx.x) * shape.stride;
  const std::int64_t visible = shape.visible + blockIdx.x;
  float sum = 0;
  for (std::int64_t k = threadIdx.x; k < visible; k += kThreads)
    sum = fmaf(__bfloat162float(probabilities[begin + k]), gradients[begin + k], sum);
  const float projection = reduce_block<kThreads>(sum, Sum());
  for (std::int64_t k = threadIdx.x; k < shape.stride; k += kThreads) {
    const float value =
        k < visible ? __bfloat162float(probabilities[begin + k]) * (gradients[begin + k] - projection) * scale : 0.0F;
    out[begin + k] = __float2bfloat16_rn(value);
  }
}

dim3 grid_of(const ScoreRows& shape) {
  return {static_cast<unsigned>(shape.rows), static_cast<unsigned>(shape.heads)};
}

}  // namespace

cudaError_t softmax_rows(cudaStream_t stream, const ScoreRows& shape, const float* scores, void* probabilities) {
  if (shape.rows * shape.heads == 0) return cudaSuccess;
  softmax_rows_kernel<<<grid_of(shape), kThreads, 0, stream>>>(shape, scores,
                                                               static_cast<__nv_bfloat16*>(probabilities));
  return cudaGetLastError();
}

cudaError_t softmax_rows_backward(cudaStream_t stream, const ScoreRows& shape, const void* probabilities,
                                  const float* gradients, float scale, void* out) {
  if (shape.rows * shape.heads == 0) return cudaSuccess;
  softmax_rows_backward_kernel<<<grid_of(shape), kThreads, 0, stream>>>(
      shape, static_cast<const __nv_bfloat16*>(probabilities), gradients, scale, static_cast<__nv_bfloat16*>(out));
  return cudaGetLastError();
}

}  // namespace salient::cuda::kernels
