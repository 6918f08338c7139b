// SPDX-License-Identifier: Apache-2.0
// Element by element: widening to float, bias, sums, and activations rounded to 8 bit and back.
#include "cuda/kernels/device.cuh"
#include "cuda/kernels/kernels.h"
#include "cuda/kernels/rounding.cuh"

namespace salient::cuda::kernels {
namespace {

constexpr int kThreads = 256;

template <class T>
__global__ void widen_kernel(const T* source, float* out, std::int64_t count) {
  for (std::int64_t i = global_index(); i < count; i += global_stride())
    out[i] = to_float(source[i]);
}

template <class T>
__global__ void narrow_kernel(const float* source, T* out, std::int64_t count) {
  for (std::int64_t i = global_index(); i < count; i += global_stride())
    store(out + i, source[i]);
}

template <class T, class Out>
__global__ void add_bias_kernel(const T* bias, Out* out, std::int64_t count, std::int64_t cols) {
  for (std::int64_t i = global_index(); i < count; i += global_stride())
    store(out + i, to_float(out[i]) + to_float(bias[i % cols]));
}

__global__ void add_kernel(const float* x, float* accumulator, std::int64_t count) {
  for (std::int64_t i = global_index(); i < count; i += global_stride())
    accumulator[i] += x[i];
}

/// One warp a group of a row.
__global__ void round_activations_kernel(const float* x, std::int64_t rows, std::int64_t cols, std::int64_t group,
                                         float* out) {
  const std::int64_t groups = (cols + group - 1) / group;
  const int lane = threadIdx.x % kWarp;
  for (std::int64_t i = global_index() / kWarp; i < rows * groups; i += global_stride() / kWarp) {
    const std::int64_t first = i % groups * group;
    const std::int64_t width = min(group, cols - first);
    const std::int64_t begin = i / groups * cols + first;
    unsigned largest = 0;
    for (std::int64_t k = lane; k < width; k += kWarp)
      largest = max(largest, magnitude_bits(x[begin + k]));
    const ActivationScale scale(__reduce_max_sync(0xffffffffU, largest));
    for (std::int64_t k = lane; k < width; k += kWarp)
      out[begin + k] = static_cast<float>(static_cast<int>(scale.code(x[begin + k]))) * scale.scale;
  }
}

}  // namespace

cudaError_t widen(cudaStream_t stream, DType dtype, const void* source, float* out, std::int64_t count) {
  if (count == 0) return cudaSuccess;
  return with_type(dtype, [&](auto* type) {
    widen_kernel<<<blocks_for(count, kThreads), kThreads, 0, stream>>>(static_cast<decltype(type)>(source), out, count);
    return cudaGetLastError();
  });
}

cudaError_t narrow(cudaStream_t stream, DType dtype, const float* source, void* out, std::int64_t count) {
  if (count == 0) return cudaSuccess;
  const unsigned blocks = blocks_for(count, kThreads);
  if (dtype == DType::f16) {
    narrow_kernel<<<blocks, kThreads, 0, stream>>>(source, static_cast<__half*>(out), count);
  } else if (dtype == DType::bf16) {
    narrow_kernel<<<blocks, kThreads, 0, stream>>>(source, static_cast<__nv_bfloat16*>(out), count);
  } else {
    return cudaErrorInvalidValue;
  }
  return cudaGetLastError();
}

cudaError_t add_bias(cudaStream_t stream, DType dtype, const void* bias, DType out_dtype, void* out, std::int64_t rows,
                     std::int64_t cols) {
  if (rows * cols == 0) return cudaSuccess;
  return with_type(dtype, [&](auto* type) {
    return with_type(out_dtype, [&](auto* out_type) {
      using Out = std::remove_cvref_t<decltype(*out_type)>;
      add_bias_kernel<<<blocks_for(rows * cols, kThreads), kThreads, 0, stream>>>(
          static_cast<decltype(type)>(bias), static_cast<Out*>(out), rows * cols, cols);
      return cudaGetLastError();
    });
  });
}

cudaError_t add(cudaStream_t stream, const float* x, float* accumulator, std::int64_t count) {
  if (count == 0) return cudaSuccess;
  add_kernel<<<blocks_for(count, kThreads), kThreads, 0, stream>>>(x, accumulator, count);
  return cudaGetLastError();
}

cudaError_t round_activations(cudaStream_t stream, const float* x, std::int64_t rows, std::int64_t cols,
                              std::int64_t group, float* out) {
  if (rows * cols == 0) return cudaSuccess;
  const std::int64_t warps = rows * ((cols + group - 1) / group);
  round_activations_kernel<<<blocks_for(warps * kWarp, kThreads), kThreads, 0, stream>>>(x, rows, cols, group, out);
  return cudaGetLastError();
}

}  // namespace salient::cuda::kernels
