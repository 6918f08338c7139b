// SPDX-License-Identifier: Apache-2.0
// What several kernels share: element types, sums over a warp and a block, launch sizes.
#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include <algorithm>
#include <cstdint>

#include "core/base/dtype.h"

namespace salient::cuda {

constexpr int kWarp = 32;

__device__ inline float to_float(float value) {
  return value;
}
__device__ inline float to_float(__half value) {
  return __half2float(value);
}
__device__ inline float to_float(__nv_bfloat16 value) {
  return __bfloat162float(value);
}

__device__ inline void store(float* to, float value) {
  *to = value;
}
__device__ inline void store(__half* to, float value) {
  *to = __float2half_rn(value);
}
__device__ inline void store(__nv_bfloat16* to, float value) {
  *to = __float2bfloat16_rn(value);
}

/// Four elements in one access: from and to addresses that are multiples of their size.
template <class T>
__device__ inline void load_four(const T* from, float (&v)[4]) {
  if constexpr (sizeof(T) == 4) {
    const float4 packed = *reinterpret_cast<const float4*>(from);
    v[0] = packed.x, v[1] = packed.y, v[2] = packed.z, v[3] = packed.w;
  } else {
    const uint2 packed = *reinterpret_cast<const uint2*>(from);
    const T* parts = reinterpret_cast<const T*>(&packed);
#pragma unroll
    for (int i = 0; i < 4; ++i)
      v[i] = to_float(parts[i]);
  }
}
template <class T>
__device__ inline void store_four(T* to, const float (&v)[4]) {
  if constexpr (sizeof(T) == 4) {
    *reinterpret_cast<float4*>(to) = make_float4(v[0], v[1], v[2], v[3]);
  } else {
    uint2 packed;
    T* parts = reinterpret_cast<T*>(&packed);
#pragma unroll
    for (int i = 0; i < 4; ++i)
      store(parts + i, v[i]);
    *reinterpret_cast<uint2*>(to) = packed;
  }
}
/// Columns `column` … of a row of `cols`, zeros beyond. `whole`: rows are multiples of four elements, and so is
/// `column`.
template <class T>
__device__ inline void load_four(const T* row, int column, int cols, bool whole, float (&v)[4]) {
  if (whole && column < cols) {
    load_four(row + column, v);
    return;
  }
#pragma unroll
  for (int i = 0; i < 4; ++i)
    v[i] = column + i < cols ? to_float(row[column + i]) : 0.0F;
}

/// Four elements as they are stored.
template <class T>
struct alignas(4 * sizeof(T)) Four {
  T values[4];
};

/// Calls body with a null pointer of the element type of `dtype`: f32, f16 or bf16.
template <class Body>
cudaError_t with_type(DType dtype, const Body& body) {
  switch (dtype) {
    case DType::f32: return body(static_cast<const float*>(nullptr));
    case DType::f16: return body(static_cast<const __half*>(nullptr));
    case DType::bf16: return body(static_cast<const __nv_bfloat16*>(nullptr));
    default: return cudaErrorInvalidValue;
  }
}

struct Sum {
  template <class T>
  __device__ T operator()(T a, T b) const {
    return a + b;
  }
};
struct Largest {
  __device__ float operator()(float a, float b) const { return fmaxf(a, b); }
};
struct Smallest {
  __device__ float operator()(float a, float b) const { return fminf(a, b); }
};

/// 1 / (1 + e^−x). The division as the compiler would make it, without the branch for what is out of its range: there,
/// at x < −86, the result is 2^−125.
__device__ __forceinline__ float sigmoid(float x) {
  const float divisor = fminf(1.0F + expf(-x), 0x1p125F);
  float inverse;
  asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(inverse) : "f"(divisor));
  return fmaf(inverse, fmaf(-divisor, inverse, 1.0F), inverse);
}

/// Over groups of kLanes neighbouring lanes; every lane gets the result, in an order that does not vary.
template <int kLanes = kWarp, class T, class Op>
__device__ T reduce_lanes(T value, Op op) {
#pragma unroll
  for (int step = kLanes / 2; step > 0; step /= 2)
    value = op(value, __shfl_xor_sync(0xffffffffU, value, step));
  return value;
}

/// Over a block of kThreads; every thread gets the result. To be called by all threads; begins with a barrier, so that
/// calls may follow one another.
template <int kThreads, class T, class Op>
__device__ T reduce_block(T value, Op op) {
  constexpr int kWarps = kThreads / kWarp;
  static_assert(kThreads % kWarp == 0 && kWarps <= kWarp && (kWarps & (kWarps - 1)) == 0);
  __shared__ T shared[kWarps];
  value = reduce_lanes(value, op);
  __syncthreads();
  if (threadIdx.x % kWarp == 0) shared[threadIdx.x / kWarp] = value;
  __syncthreads();
  return reduce_lanes<kWarps>(shared[threadIdx.x % kWarps], op);
}

/// Blocks of `threads` for a grid-stride loop over `count` elements.
inline unsigned blocks_for(std::int64_t count, int threads) {
  return static_cast<unsigned>(std::clamp<std::int64_t>((count + threads - 1) / threads, 1, 65535));
}

__device__ inline std::int64_t global_index() {
  return static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
}
__device__ inline std::int64_t global_stride() {
  return static_cast<std::int64_t>(gridDim.x) * blockDim.x;
}

}  // namespace salient::cuda
