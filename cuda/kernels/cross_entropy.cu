// SPDX-License-Identifier: Apache-2.0
// Losses of rows of logits: one block a row, in fp32 with the row's maximum taken out, the logarithm in double.
#include "cuda/kernels/device.cuh"
#include "cuda/kernels/kernels.h"

namespace salient::cuda::kernels {
namespace {

constexpr int kThreads = 512;

__device__ float row_maximum(const float* row, std::int64_t cols) {
  float largest = -INFINITY;
  for (std::int64_t c = threadIdx.x; c < cols; c += kThreads)
    largest = fmaxf(largest, row[c]);
  return reduce_block<kThreads>(largest, Largest());
}

__device__ float row_sum(const float* row, std::int64_t cols, float peak) {
  float sum = 0;
  for (std::int64_t c = threadIdx.x; c < cols; c += kThreads)
    sum += expf(row[c] - peak);
  return reduce_block<kThreads>(sum, Sum());
}

__global__ void cross_entropy_kernel(const float* logits, const std::int32_t* targets, float* nll, std::int64_t cols) {
  const float* row = logits + blockIdx.x * cols;
  const float peak = row_maximum(row, cols);
  const float sum = row_sum(row, cols, peak);
  if (threadIdx.x != 0) return;
  const double log_sum = log(static_cast<double>(sum)) + static_cast<double>(peak);
  nll[blockIdx.x] = static_cast<float>(log_sum - static_cast<double>(row[targets[blockIdx.x]]));
}

__global__ void cross_entropy_backward_kernel(float* logits, const std::int32_t* targets, float scale,
                                              std::int64_t cols) {
  float* row = logits + blockIdx.x * cols;
  const float peak = row_maximum(row, cols);
  const float factor = scale / row_sum(row, cols, peak);
  const std::int64_t target = targets[blockIdx.x];
  for (std::int64_t c = threadIdx.x; c < cols; c += kThreads) {
    const float gradient = expf(row[c] - peak) * factor;
    row[c] = c == target ? gradient - scale : gradient;
  }
}

}  // namespace

cudaError_t cross_entropy(cudaStream_t stream, const float* logits, const std::int32_t* targets, float* nll,
                          std::int64_t rows, std::int64_t cols) {
  if (rows == 0) return cudaSuccess;
  cross_entropy_kernel<<<static_cast<unsigned>(rows), kThreads, 0, stream>>>(logits, targets, nll, cols);
  return cudaGetLastError();
}

cudaError_t cross_entropy_backward(cudaStream_t stream, float* logits, const std::int32_t* targets, float scale,
                                   std::int64_t rows, std::int64_t cols) {
  if (rows == 0) return cudaSuccess;
  cross_entropy_backward_kernel<<<static_cast<unsigned>(rows), kThreads, 0, stream>>>(logits, targets, scale, cols);
  return cudaGetLastError();
}

}  // namespace salient::cuda::kernels
