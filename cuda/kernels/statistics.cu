// SPDX-License-Identifier: Apache-2.0
// What salience and the quantizers need to know: rounding errors of weights, sums of products in double, and the sums
// of the Gram matrix.
#include "cuda/kernels/device.cuh"
#include "cuda/kernels/kernels.h"
#include "cuda/kernels/rounding.cuh"

namespace salient::cuda::kernels {
namespace {

constexpr int kThreads = 256;

/// One warp a group of a row.
template <class T>
__global__ void quantization_delta_kernel(const T* weight, std::int64_t rows, std::int64_t cols, std::int64_t group,
                                          float* out) {
  const std::int64_t groups = (cols + group - 1) / group;
  const int lane = threadIdx.x % kWarp;
  for (std::int64_t i = global_index() / kWarp; i < rows * groups; i += global_stride() / kWarp) {
    const std::int64_t first = i % groups * group;
    const std::int64_t width = min(group, cols - first);
    const std::int64_t begin = i / groups * cols + first;
    float low = INFINITY;
    float high = -INFINITY;
    for (std::int64_t k = lane; k < width; k += kWarp) {
      const float value = to_float(weight[begin + k]);
      low = fminf(low, value);
      high = fmaxf(high, value);
    }
    const WeightGrid grid(reduce_lanes(low, Smallest()), reduce_lanes(high, Largest()), 15.0F);
    for (std::int64_t k = lane; k < width; k += kWarp) {
      const float value = to_float(weight[begin + k]);
      out[begin + k] = __fsub_rn(grid.nearest(value), value);
    }
  }
}

/// A block takes kWarp columns and one piece of the rows.
__global__ void column_dot_kernel(const float* a, const float* b, std::int64_t rows, std::int64_t cols,
                                  double* partial) {
  constexpr int kLines = kThreads / kWarp;
  __shared__ double sums[kLines][kWarp];
  const std::int64_t column = blockIdx.x * static_cast<std::int64_t>(kWarp) + threadIdx.x % kWarp;
  const int line = threadIdx.x / kWarp;
  const std::int64_t height = (rows + gridDim.y - 1) / gridDim.y;
  const std::int64_t first = blockIdx.y * height;
  const std::int64_t end = min(first + height, rows);
  double sum = 0;
  if (column < cols) {
    for (std::int64_t t = first + line; t < end; t += kLines)
      sum = fma(static_cast<double>(a[t * cols + column]), static_cast<double>(b[t * cols + column]), sum);
  }
  sums[line][threadIdx.x % kWarp] = sum;
  __syncthreads();
  if (line != 0 || column >= cols) return;
  for (int other = 1; other < kLines; ++other)
    sum += sums[other][threadIdx.x];
  partial[blockIdx.y * cols + column] = sum;
}

__global__ void join_pieces_kernel(const double* partial, std::int64_t pieces, std::int64_t cols, double* sums) {
  for (std::int64_t c = global_index(); c < cols; c += global_stride()) {
    double sum = 0;
    for (std::int64_t piece = 0; piece < pieces; ++piece)
      sum += partial[piece * cols + c];
    sums[c] = sum;
  }
}

__global__ void squared_products_kernel(const float* a, const float* b, std::int64_t cols, double* sums) {
  const std::int64_t begin = blockIdx.x * cols;
  double sum = 0;
  for (std::int64_t k = threadIdx.x; k < cols; k += kThreads) {
    const double product = static_cast<double>(a[begin + k]) * static_cast<double>(b[begin + k]);
    sum = fma(product, product, sum);
  }
  sum = reduce_block<kThreads>(sum, Sum());
  if (threadIdx.x == 0) sums[blockIdx.x] = sum;
}

__global__ void add_gram_strip_kernel(const float* product, std::int64_t first, std::int64_t rows, std::int64_t cols,
                                      double* gram) {
  for (std::int64_t i = global_index(); i < rows * cols; i += global_stride()) {
    const std::int64_t r = first + i / cols;
    const std::int64_t c = i % cols;
    if (c >= r) gram[r * cols + c] += static_cast<double>(product[i]);
  }
}

/// A block a tile below the diagonal or on it, through shared memory so that both sides are read and written in rows.
__global__ void mirror_upper_kernel(std::int64_t cols, double* gram) {
  __shared__ double tile[kWarp][kWarp + 1];
  if (blockIdx.x > blockIdx.y) return;
  const std::int64_t top = blockIdx.x * static_cast<std::int64_t>(kWarp);   // of the tile above the diagonal
  const std::int64_t left = blockIdx.y * static_cast<std::int64_t>(kWarp);  // its column
  for (std::int64_t r = threadIdx.y; r < kWarp; r += blockDim.y) {
    if (top + r < cols && left + threadIdx.x < cols) tile[r][threadIdx.x] = gram[(top + r) * cols + left + threadIdx.x];
  }
  __syncthreads();
  for (std::int64_t r = threadIdx.y; r < kWarp; r += blockDim.y) {
    const std::int64_t row = left + r;
    const std::int64_t column = top + threadIdx.x;
    if (row < cols && column < row) gram[row * cols + column] = tile[threadIdx.x][r];
  }
}

}  // namespace

cudaError_t quantization_delta(cudaStream_t stream, DType dtype, const void* weight, std::int64_t rows,
                               std::int64_t cols, std::int64_t group, float* out) {
  if (rows * cols == 0) return cudaSuccess;
  const std::int64_t warps = rows * ((cols + group - 1) / group);
  return with_type(dtype, [&](auto* type) {
    quantization_delta_kernel<<<blocks_for(warps * kWarp, kThreads), kThreads, 0, stream>>>(
        static_cast<decltype(type)>(weight), rows, cols, group, out);
    return cudaGetLastError();
  });
}

cudaError_t column_dot(cudaStream_t stream, const float* a, const float* b, std::int64_t rows, std::int64_t cols,
                       double* partial, double* sums) {
  if (cols == 0) return cudaSuccess;
  const dim3 grid(static_cast<unsigned>((cols + kWarp - 1) / kWarp), static_cast<unsigned>(kColumnPieces));
  column_dot_kernel<<<grid, kThreads, 0, stream>>>(a, b, rows, cols, partial);
  const cudaError_t status = cudaGetLastError();
  if (status != cudaSuccess) return status;
  join_pieces_kernel<<<blocks_for(cols, kThreads), kThreads, 0, stream>>>(partial, kColumnPieces, cols, sums);
  return cudaGetLastError();
}

cudaError_t squared_products(cudaStream_t stream, const float* a, const float* b, std::int64_t rows, std::int64_t cols,
                             double* sums) {
  if (rows == 0) return cudaSuccess;
  squared_products_kernel<<<static_cast<unsigned>(rows), kThreads, 0, stream>>>(a, b, cols, sums);
  return cudaGetLastError();
}

cudaError_t add_gram_strip(cudaStream_t stream, const float* product, std::int64_t first, std::int64_t rows,
                           std::int64_t cols, double* gram) {
  if (rows * cols == 0) return cudaSuccess;
  add_gram_strip_kernel<<<blocks_for(rows * cols, kThreads), kThreads, 0, stream>>>(product, first, rows, cols, gram);
  return cudaGetLastError();
}

cudaError_t mirror_upper(cudaStream_t stream, std::int64_t cols, double* gram) {
  if (cols == 0) return cudaSuccess;
  const auto side = static_cast<unsigned>((cols + kWarp - 1) / kWarp);
  mirror_upper_kernel<<<dim3(side, side), dim3(kWarp, 8), 0, stream>>>(cols, gram);
  return cudaGetLastError();
}

}  // namespace salient::cuda::kernels
