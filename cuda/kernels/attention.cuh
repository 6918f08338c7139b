// SPDX-License-Identifier: Apache-2.0
// Tiles of attention in shared memory. A block of 256 threads is a square of 16 by 16: a thread holds kRows/16 rows
// (queries, or keys in the backward pass) and of each of them every 16th column of a product.
#pragma once

#include "cuda/kernels/device.cuh"
#include "cuda/kernels/kernels.h"

namespace salient::cuda::kernels {

constexpr int kSide = 16;
constexpr int kTileThreads = kSide * kSide;
/// Behind each row of a tile: rows of 16 bytes more than a power of two meet fewer bank conflicts.
constexpr int kPad = 4;

/// kRows rows of kDim floats; columns from `dim` on and rows from `count` on are zero.
template <int kRows, int kDim>
struct Tile {
  static constexpr int kStride = kDim + kPad;
  static constexpr int kFloats = kRows * kStride;
  float* data;

  __device__ float* row(int index) const { return data + index * kStride; }
  __device__ float4 at(int index, int column) const { return *reinterpret_cast<const float4*>(row(index) + column); }

  /// From a head's columns of a matrix; `first_row` points at them in the first row.
  __device__ void load(const float* first_row, std::int64_t stride, std::int64_t count, int dim, float factor) const {
    for (int i = threadIdx.x; i < kRows * kDim; i += kTileThreads) {
      const int r = i / kDim;
      const int c = i % kDim;
      row(r)[c] = r < count && c < dim ? first_row[r * stride + c] * factor : 0.0F;
    }
  }
};

__device__ inline float dot4(float4 a, float4 b, float sum) {
  return fmaf(a.w, b.w, fmaf(a.z, b.z, fmaf(a.y, b.y, fmaf(a.x, b.x, sum))));
}

/// products[i][j] = a[ty·kA + i] · b[tx + 16 j]
template <int kRowsA, int kRowsB, int kDim>
__device__ void multiply_transposed(const Tile<kRowsA, kDim>& a, const Tile<kRowsB, kDim>& b,
                                    float (&products)[kRowsA / kSide][kRowsB / kSide]) {
  constexpr int kA = kRowsA / kSide;
  constexpr int kB = kRowsB / kSide;
  const int tx = threadIdx.x % kSide;
  const int ty = threadIdx.x / kSide;
#pragma unroll
  for (int i = 0; i < kA; ++i)
#pragma unroll
    for (int j = 0; j < kB; ++j)
      products[i][j] = 0;
#pragma unroll 8
  for (int d = 0; d < kDim; d += 4) {
    float4 left[kA];
#pragma unroll
    for (int i = 0; i < kA; ++i)
      left[i] = a.at(ty * kA + i, d);
#pragma unroll
    for (int j = 0; j < kB; ++j) {
      const float4 right = b.at(tx + kSide * j, d);
#pragma unroll
      for (int i = 0; i < kA; ++i)
        products[i][j] = dot4(left[i], right, products[i][j]);
    }
  }
}

/// Of a [kRows, kDim] result a thread holds rows ty·kRows/16 + i and columns 4·tx + 64·j + 0…3.
template <int kRows, int kDim>
struct Accumulator {
  static constexpr int kR = kRows / kSide;
  static constexpr int kC = kDim / (4 * kSide);
  float4 values[kR][kC];

  __device__ void clear() {
#pragma unroll
    for (int i = 0; i < kR; ++i)
#pragma unroll
      for (int j = 0; j < kC; ++j)
        values[i][j] = make_float4(0, 0, 0, 0);
  }
  __device__ void scale(int i, float factor) {
#pragma unroll
    for (int j = 0; j < kC; ++j) {
      values[i][j].x *= factor;
      values[i][j].y *= factor;
      values[i][j].z *= factor;
      values[i][j].w *= factor;
    }
  }
  /// += left · right, `left` [kRows, kInner] with rows of kInner + 1 floats.
  template <int kInner>
  __device__ void add_product(const float* left, const Tile<kInner, kDim>& right) {
    const int tx = threadIdx.x % kSide;
    const int ty = threadIdx.x / kSide;
#pragma unroll 4
    for (int k = 0; k < kInner; ++k) {
      float4 b[kC];
#pragma unroll
      for (int j = 0; j < kC; ++j)
        b[j] = right.at(k, 4 * tx + 4 * kSide * j);
#pragma unroll
      for (int i = 0; i < kR; ++i) {
        const float a = left[(ty * kR + i) * (kInner + 1) + k];
#pragma unroll
        for (int j = 0; j < kC; ++j) {
          values[i][j].x = fmaf(a, b[j].x, values[i][j].x);
          values[i][j].y = fmaf(a, b[j].y, values[i][j].y);
          values[i][j].z = fmaf(a, b[j].z, values[i][j].z);
          values[i][j].w = fmaf(a, b[j].w, values[i][j].w);
        }
      }
    }
  }
  /// To a head's columns of a matrix.
  __device__ void store(float* first_row, std::int64_t stride, std::int64_t count, int dim) const {
    const int tx = threadIdx.x % kSide;
    const int ty = threadIdx.x / kSide;
#pragma unroll
    for (int i = 0; i < kR; ++i) {
      const int r = ty * kR + i;
      if (r >= count) continue;
#pragma unroll
      for (int j = 0; j < kC; ++j) {
        const int c = 4 * tx + 4 * kSide * j;
        const float parts[4] = {values[i][j].x, values[i][j].y, values[i][j].z, values[i][j].w};
#pragma unroll
        for (int e = 0; e < 4; ++e)
          if (c + e < dim) first_row[r * stride + c + e] = parts[e];
      }
    }
  }
};

/// Where a block works: a tile of rows of one head.
struct Place {
  std::int64_t first = 0;  ///< row of the tile
  std::int64_t count = 0;  ///< rows of it that exist
  int head = 0;
  int kv_head = 0;
};

__device__ inline float softmax_scale(int dim) {
  return static_cast<float>(1.0 / sqrt(static_cast<double>(dim)));
}

/// Opts in to the shared memory a kernel needs and launches it.
template <class... Parameters, class... Arguments>
cudaError_t launch_tiles(void (*kernel)(Parameters...), dim3 grid, std::size_t shared_bytes, cudaStream_t stream,
                         const Arguments&... arguments) {
  const cudaError_t status =
      cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(shared_bytes));
  if (status != cudaSuccess) return status;
  kernel<<<grid, kTileThreads, shared_bytes, stream>>>(arguments...);
  return cudaGetLastError();
}

}  // namespace salient::cuda::kernels
