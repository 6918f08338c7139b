// SPDX-License-Identifier: Apache-2.0
// A linear layer for a few tokens, bound by reading the weight: each warp reads rows of it once, 16 bytes a lane, and
// holds a sum for every token. Activations come out of the cache.
#include "cuda/kernels/device.cuh"
#include "cuda/kernels/kernels.h"

namespace salient::cuda::kernels {
namespace {

constexpr int kThreads = 128;

template <class T>
constexpr int kVector = 16 / sizeof(T);

/// Sum of products of one row with each token, in `sums`; every lane gets the whole. kAligned: rows of the weight and
/// of x begin at multiples of 16 bytes.
template <int kTokens, bool kAligned, class T>
__device__ void dot_rows(const T* row, const float* x, std::int64_t cols, float (&sums)[kTokens]) {
  const int lane = threadIdx.x % kWarp;
#pragma unroll
  for (int t = 0; t < kTokens; ++t)
    sums[t] = 0;
  if constexpr (kAligned) {
    constexpr int kWidth = kVector<T>;
#pragma unroll 2
    for (std::int64_t k = lane * kWidth; k < cols; k += kWarp * kWidth) {
      const uint4 packed = __ldcs(reinterpret_cast<const uint4*>(row + k));
      const T* values = reinterpret_cast<const T*>(&packed);
#pragma unroll
      for (int t = 0; t < kTokens; ++t) {
#pragma unroll
        for (int i = 0; i < kWidth; i += 4) {
          const float4 a = __ldg(reinterpret_cast<const float4*>(x + t * cols + k + i));
          sums[t] = fmaf(to_float(values[i]), a.x, sums[t]);
          sums[t] = fmaf(to_float(values[i + 1]), a.y, sums[t]);
          sums[t] = fmaf(to_float(values[i + 2]), a.z, sums[t]);
          sums[t] = fmaf(to_float(values[i + 3]), a.w, sums[t]);
        }
      }
    }
  } else {
    for (std::int64_t k = lane; k < cols; k += kWarp) {
      const float value = to_float(row[k]);
#pragma unroll
      for (int t = 0; t < kTokens; ++t)
        sums[t] = fmaf(value, __ldg(x + t * cols + k), sums[t]);
    }
  }
#pragma unroll
  for (int t = 0; t < kTokens; ++t)
    sums[t] = reduce_lanes(sums[t], Sum());
}

template <int kTokens, bool kAligned, class T, class Bias>
__global__ void __launch_bounds__(kThreads) few_tokens_kernel(const float* x, const T* weight, std::int64_t rows,
                                                              std::int64_t cols, const Bias* bias, float* out) {
  const std::int64_t row = global_index() / kWarp;
  if (row >= rows) return;
  float sums[kTokens];
  dot_rows<kTokens, kAligned>(weight + row * cols, x, cols, sums);
  if (threadIdx.x % kWarp != 0) return;
  const float shift = bias == nullptr ? 0.0F : to_float(bias[row]);
#pragma unroll
  for (int t = 0; t < kTokens; ++t)
    out[t * rows + row] = sums[t] + shift;
}

bool aligned(const void* pointer) {
  return reinterpret_cast<std::uintptr_t>(pointer) % 16 == 0;
}

}  // namespace

cudaError_t linear_few_tokens(cudaStream_t stream, const float* x, std::int64_t tokens, DType dtype, const void* weight,
                              std::int64_t rows, std::int64_t cols, DType bias_dtype, const void* bias, float* out) {
  if (tokens == 0 || rows == 0) return cudaSuccess;
  const auto blocks = static_cast<unsigned>((rows + kThreads / kWarp - 1) / (kThreads / kWarp));
  const bool whole = cols % 8 == 0 && aligned(weight) && aligned(x);
  return with_type(dtype, [&](auto* type) {
    return with_type(bias_dtype, [&](auto* bias_type) {
      const auto launch = [&]<int kTokens>() {
        const auto kernel = whole ? few_tokens_kernel<kTokens, true, std::remove_cvref_t<decltype(*type)>,
                                                      std::remove_cvref_t<decltype(*bias_type)>>
                                  : few_tokens_kernel<kTokens, false, std::remove_cvref_t<decltype(*type)>,
                                                      std::remove_cvref_t<decltype(*bias_type)>>;
        kernel<<<blocks, kThreads, 0, stream>>>(x, static_cast<decltype(type)>(weight), rows, cols,
                                                static_cast<decltype(bias_type)>(bias), out);
        return cudaGetLastError();
      };
      switch (tokens) {
        case 1: return launch.template operator()<1>();
        case 2: return launch.template operator()<2>();
        case 3: return launch.template operator()<3>();
        case 4: return launch.template operator()<4>();
        default: return cudaErrorInvalidValue;
      }
    });
  });
}

}  // namespace salient::cuda::kernels
