// SPDX-License-Identifier: Apache-2.0
// One block a row.
#include "cuda/kernels/device.cuh"
#include "cuda/kernels/kernels.h"

namespace salient::cuda::kernels {
namespace {

constexpr int kThreads = 256;

__device__ float inverse_rms(const float* row, std::int64_t cols, float epsilon) {
  float sum = 0;
  for (std::int64_t c = threadIdx.x; c < cols; c += kThreads)
    sum = fmaf(row[c], row[c], sum);
  sum = reduce_block<kThreads>(sum, Sum());
  return 1.0F / sqrtf(sum / static_cast<float>(cols) + epsilon);
}

template <class T>
__global__ void rms_norm_kernel(const float* x, const T* weight, float epsilon, float* out, std::int64_t cols) {
  const float* row = x + blockIdx.x * cols;
  float* target = out + blockIdx.x * cols;
  const float factor = inverse_rms(row, cols, epsilon);
  for (std::int64_t c = threadIdx.x; c < cols; c += kThreads)
    target[c] = to_float(weight[c]) * (row[c] * factor);
}

template <class T>
__global__ void add_rms_norm_kernel(float* x, const float* addend, const T* weight, float epsilon, float* out,
                                    std::int64_t cols) {
  float* row = x + blockIdx.x * cols;
  for (std::int64_t c = threadIdx.x; c < cols; c += kThreads)  // each thread reads again what it wrote itself
    row[c] += addend[blockIdx.x * cols + c];
  float* target = out + blockIdx.x * cols;
  const float factor = inverse_rms(row, cols, epsilon);
  for (std::int64_t c = threadIdx.x; c < cols; c += kThreads)
    target[c] = to_float(weight[c]) * (row[c] * factor);
}

/// With r = 1/rms(x) and g = weight·dy: dx = r·g − x · r³/n · Σ g·x.
template <class T>
__global__ void rms_norm_backward_kernel(const float* x, const T* weight, float epsilon, const float* dy, float* dx,
                                         bool accumulate, std::int64_t cols) {
  const std::int64_t begin = blockIdx.x * cols;
  const float r = inverse_rms(x + begin, cols, epsilon);
  float sum = 0;
  for (std::int64_t c = threadIdx.x; c < cols; c += kThreads)
    sum = fmaf(to_float(weight[c]) * (dy[begin + c] * r), x[begin + c], sum);
  const float projection = reduce_block<kThreads>(sum, Sum()) * r * r / static_cast<float>(cols);
  for (std::int64_t c = threadIdx.x; c < cols; c += kThreads) {
    const float gradient = to_float(weight[c]) * (dy[begin + c] * r) - x[begin + c] * projection;
    dx[begin + c] = accumulate ? dx[begin + c] + gradient : gradient;
  }
}

}  // namespace

cudaError_t rms_norm(cudaStream_t stream, const float* x, DType dtype, const void* weight, float epsilon, float* out,
                     std::int64_t rows, std::int64_t cols) {
  if (rows == 0) return cudaSuccess;
  return with_type(dtype, [&](auto* type) {
    rms_norm_kernel<<<static_cast<unsigned>(rows), kThreads, 0, stream>>>(x, static_cast<decltype(type)>(weight),
                                                                          epsilon, out, cols);
    return cudaGetLastError();
  });
}

cudaError_t add_rms_norm(cudaStream_t stream, float* x, const float* addend, DType dtype, const void* weight,
                         float epsilon, float* out, std::int64_t rows, std::int64_t cols) {
  if (rows == 0) return cudaSuccess;
  return with_type(dtype, [&](auto* type) {
    add_rms_norm_kernel<<<static_cast<unsigned>(rows), kThreads, 0, stream>>>(
        x, addend, static_cast<decltype(type)>(weight), epsilon, out, cols);
    return cudaGetLastError();
  });
}

cudaError_t rms_norm_backward(cudaStream_t stream, const float* x, DType dtype, const void* weight, float epsilon,
                              const float* dy, float* dx, bool accumulate, std::int64_t rows, std::int64_t cols) {
  if (rows == 0) return cudaSuccess;
  return with_type(dtype, [&](auto* type) {
    rms_norm_backward_kernel<<<static_cast<unsigned>(rows), kThreads, 0, stream>>>(
        x, static_cast<decltype(type)>(weight), epsilon, dy, dx, accumulate, cols);
    return cudaGetLastError();
  });
}

}  // namespace salient::cuda::kernels
