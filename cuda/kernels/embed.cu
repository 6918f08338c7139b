// SPDX-License-Identifier: Apache-2.0
#include "cuda/kernels/device.cuh"
#include "cuda/kernels/kernels.h"

namespace salient::cuda::kernels {
namespace {

constexpr int kThreads = 256;

template <class T>
__global__ void embed_kernel(const std::int32_t* ids, const T* table, std::int64_t cols, float* out) {
  const T* row = table + ids[blockIdx.x] * cols;
  float* target = out + blockIdx.x * cols;
  for (std::int64_t c = threadIdx.x; c < cols; c += kThreads)
    target[c] = to_float(row[c]);
}

}  // namespace

cudaError_t embed(cudaStream_t stream, const std::int32_t* ids, std::int64_t tokens, DType dtype, const void* table,
                  std::int64_t cols, float* out) {
  if (tokens == 0) return cudaSuccess;
  return with_type(dtype, [&](auto* type) {
    embed_kernel<<<static_cast<unsigned>(tokens), kThreads, 0, stream>>>(ids, static_cast<decltype(type)>(table), cols,
                                                                         out);
    return cudaGetLastError();
  });
}

}  // namespace salient::cuda::kernels
