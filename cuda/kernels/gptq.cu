// SPDX-License-Identifier: Apache-2.0
// The steps of GPTQ (Frantar et al. 2022) between its matrix products: the factor's blocks, the grid of each row's
// group with its clip ratio, and rounding a group column by column. A warp takes a row; a lane holds four neighbouring
// columns of the group. The arithmetic of rounding is that of core/quant, operation by operation.
#include "cuda/kernels/device.cuh"
#include "cuda/kernels/gptq.h"
#include "cuda/kernels/rounding.cuh"

namespace salient::cuda::kernels {
namespace {

constexpr int kThreads = 128;
constexpr int kWarps = kThreads / kWarp;
constexpr int kColumns = 4;  ///< of a lane
constexpr int kRatios = 11;
constexpr int kRatioStride = 12;  ///< three times four floats
constexpr int kLargestGroup = kWarp * kColumns;

__global__ void diagonal_kernel(const double* matrix, std::int64_t n, double* diagonal) {
  for (std::int64_t i = global_index(); i < n; i += global_stride())
    diagonal[i] = matrix[i * n + i];
}

/// Symmetric, so that rows first or columns first makes no difference.
__global__ void permute_kernel(const double* gram, const std::int32_t* order, const double* diagonal, double scale,
                               double damping, std::int64_t n, double* out) {
  for (std::int64_t i = global_index(); i < n * n; i += global_stride()) {
    const std::int64_t r = i / n;
    const std::int64_t c = i % n;
    const std::int64_t row = order[r];
    out[i] = r == c ? diagonal[row] + damping : scale * gram[row * n + order[c]];
  }
}

/// The lower Cholesky factor of a block on the diagonal, columns first, by one thread block.
__global__ void factor_block_kernel(double* matrix, std::int64_t n, int size, int* failed) {
  __shared__ double block[kFactorBlock][kFactorBlock + 1];
  for (int i = threadIdx.x; i < size * size; i += kThreads)
    block[i % size][i / size] = matrix[i / size * n + i % size];
  __syncthreads();
  for (int c = 0; c < size; ++c) {
    const double pivot = block[c][c];
    const bool good = pivot > 0 && isfinite(pivot);
    if (!good && threadIdx.x == 0) *failed = 1;
    __syncthreads();
    const double root = good ? sqrt(pivot) : 1.0;
    for (int r = c + static_cast<int>(threadIdx.x); r < size; r += kThreads)
      block[r][c] = r == c ? root : block[r][c] / root;
    __syncthreads();
    const int rest = size - c - 1;
    for (int i = threadIdx.x; i < rest * rest; i += kThreads) {
      const int r = c + 1 + i % rest;
      const int k = c + 1 + i / rest;
      if (r >= k) block[r][k] -= block[r][c] * block[k][c];
    }
    __syncthreads();
  }
  for (int i = threadIdx.x; i < size * size; i += kThreads)
    if (i % size >= i / size) matrix[i / size * n + i % size] = block[i % size][i / size];
}

__global__ void identity_kernel(double* matrix, std::int64_t n) {
  for (std::int64_t i = global_index(); i < n * n; i += global_stride())
    matrix[i] = i / n == i % n ? 1.0 : 0.0;
}

/// Row i, column j ≥ i of the factor is what stands in row n−1−i and column n−1−j of the inverse, columns first.
__global__ void upper_factor_kernel(const double* inverse, std::int64_t n, float* factor, int* failed) {
  for (std::int64_t at = global_index(); at < n * n; at += global_stride()) {
    const std::int64_t i = at / n;
    const std::int64_t j = at % n;
    const float value = j >= i ? static_cast<float>(inverse[(n - 1 - j) * n + n - 1 - i]) : 0.0F;
    factor[at] = value;
    if (i == j && !(value > 0 && isfinite(value))) *failed = 1;
  }
}

__global__ void diagonal_blocks_kernel(const double* gram, double scale, std::int64_t n, std::int64_t group,
                                       float* blocks) {
  for (std::int64_t at = global_index(); at < n * group; at += global_stride()) {
    const std::int64_t row = at / group;
    const std::int64_t column = row / group * group + at % group;
    blocks[at] = column < n ? static_cast<float>(scale * gram[row * n + column]) : 0.0F;
  }
}

__global__ void doubles_to_floats_kernel(const double* source, std::int64_t count, float* out) {
  for (std::int64_t i = global_index(); i < count; i += global_stride())
    out[i] = static_cast<float>(source[i]);
}

template <class T>
__global__ void gather_kernel(const T* weight, const std::uint32_t* rows, const std::int32_t* order, std::int64_t count,
                              std::int64_t n, float* out) {
  for (std::int64_t at = global_index(); at < count * n; at += global_stride()) {
    const std::int32_t column = order[at % n];  // dead inputs: the column's complement
    out[at] = column < 0 ? 0.0F : to_float(weight[static_cast<std::int64_t>(rows[at / n]) * n + column]);
  }
}

struct Grid {
  float scale;
  float zero;
};

/// core/quant's fit_grid().
__device__ Grid fit_grid(RowFormat format, float low, float high, float ratio) {
  if (format.symmetric) {
    const float half = __fmul_rn(fmaxf(fabsf(low), fabsf(high)), ratio);
    const float scale = fminf(__fdiv_rn(fmaxf(half, 1e-5F), 127.0F), 65504.0F);
    return {__half2float(__float2half_rn(scale)), 0.0F};
  }
  const WeightGrid grid(__fmul_rn(low, ratio), __fmul_rn(high, ratio), static_cast<float>(format.highest()));
  return {grid.scale, grid.zero};
}

__device__ float code_of(RowFormat format, const Grid& grid, float value) {
  return round_to_code(__fdiv_rn(value, grid.scale), grid.zero, static_cast<float>(format.lowest()),
                       static_cast<float>(format.highest()));
}
__device__ float value_of(const Grid& grid, float code) {
  return __fmul_rn(__fsub_rn(code, grid.zero), grid.scale);
}

/// A group's columns of one row: those behind its width are 0.
__device__ void load_columns(const float* row, int width, float (&values)[kColumns]) {
  const int first = threadIdx.x % kWarp * kColumns;
#pragma unroll
  for (int i = 0; i < kColumns; ++i)
    values[i] = first + i < width ? row[first + i] : 0.0F;
}

template <bool kClip>
__global__ void __launch_bounds__(kThreads) grids_kernel(GptqGroup g) {
  extern __shared__ float4 memory[];
  float* const block = reinterpret_cast<float*>(memory);  // [width, group]
  float* const deltas = block + (kClip ? g.width * g.group : 0) + threadIdx.x / kWarp * kLargestGroup * kRatioStride;
  const int lane = threadIdx.x % kWarp;
  if constexpr (kClip) {
    for (int i = threadIdx.x; i < g.width * g.group; i += kThreads)
      block[i] = g.block[i];
    __syncthreads();
  }
  for (std::int64_t row = global_index() / kWarp; row < g.rows; row += global_stride() / kWarp) {
    float values[kColumns];
    load_columns(g.weights + row * g.stride, g.width, values);
    float low = INFINITY, high = -INFINITY;
#pragma unroll
    for (int i = 0; i < kColumns; ++i) {
      if (lane * kColumns + i >= g.width) continue;
      low = fminf(low, values[i]);
      high = fmaxf(high, values[i]);
    }
    low = reduce_lanes(low, Smallest());
    high = reduce_lanes(high, Largest());
    Grid best = fit_grid(g.format, low, high, 1.0F);
    bool clipped = false;
    if constexpr (kClip) {
      __syncwarp();
      for (int r = 0; r < kRatios; ++r) {
        const Grid grid = fit_grid(g.format, low, high, __fdiv_rn(static_cast<float>(100 - 2 * r), 100.0F));
#pragma unroll
        for (int i = 0; i < kColumns; ++i) {
          const int k = lane * kColumns + i;
          const float delta = __fsub_rn(value_of(grid, code_of(g.format, grid, values[i])), values[i]);
          deltas[k * kRatioStride + r] = k < g.width ? delta : 0.0F;
        }
      }
#pragma unroll
      for (int i = 0; i < kColumns; ++i)
        deltas[(lane * kColumns + i) * kRatioStride + kRatios] = 0;
      __syncwarp();
      // The products of all ratios' differences with the block; a lane forms its four columns of them.
      float products[kRatios][kColumns] = {};
      const bool inside = lane * kColumns < g.group;
      for (int k = 0; k < g.width; ++k) {
        const float4 h =
            inside ? *reinterpret_cast<const float4*>(block + k * g.group + lane * kColumns) : make_float4(0, 0, 0, 0);
        const auto* parts = reinterpret_cast<const float4*>(deltas + k * kRatioStride);
        const float4 a = parts[0], b = parts[1], c = parts[2];
        const float d[kRatioStride] = {a.x, a.y, a.z, a.w, b.x, b.y, b.z, b.w, c.x, c.y, c.z, c.w};
#pragma unroll
        for (int r = 0; r < kRatios; ++r) {
          products[r][0] = fmaf(d[r], h.x, products[r][0]);
          products[r][1] = fmaf(d[r], h.y, products[r][1]);
          products[r][2] = fmaf(d[r], h.z, products[r][2]);
          products[r][3] = fmaf(d[r], h.w, products[r][3]);
        }
      }
      double smallest = 0;
#pragma unroll
      for (int r = 0; r < kRatios; ++r) {
        double error = 0;
#pragma unroll
        for (int i = 0; i < kColumns; ++i) {
          const float delta = deltas[(lane * kColumns + i) * kRatioStride + r];
          error += static_cast<double>(delta) * static_cast<double>(products[r][i]);
        }
        error = reduce_lanes(error, Sum());
        if (r > 0 && !(error < smallest)) continue;
        smallest = error;
        clipped = r > 0;
        best = fit_grid(g.format, low, high, __fdiv_rn(static_cast<float>(100 - 2 * r), 100.0F));
      }
    }
    if (lane == 0) {
      const std::int64_t at = row * g.groups + g.index;
      g.scales[at] = __half_as_ushort(__float2half_rn(best.scale));
      g.zeros[at] = static_cast<std::uint8_t>(best.zero);
      if (clipped) g.clipped[row] += 1;
    }
  }
}

__global__ void __launch_bounds__(kThreads) round_kernel(GptqGroup g) {
  extern __shared__ float4 memory[];
  float* const factor = reinterpret_cast<float*>(memory);  // [width, kLargestGroup]
  for (int i = threadIdx.x; i < g.width * kLargestGroup; i += kThreads) {
    const int r = i / kLargestGroup;
    const int c = i % kLargestGroup;
    factor[i] = c < g.width ? g.factor[r * g.stride + c] : 0.0F;
  }
  __syncthreads();
  const int lane = threadIdx.x % kWarp;
  for (std::int64_t row = global_index() / kWarp; row < g.rows; row += global_stride() / kWarp) {
    const std::int64_t at = row * g.groups + g.index;
    const Grid grid{__half2float(__ushort_as_half(g.scales[at])), static_cast<float>(g.zeros[at])};
    float values[kColumns], codes[kColumns] = {}, errors[kColumns] = {};
    load_columns(g.weights + row * g.stride, g.width, values);
    for (int owner = 0; owner * kColumns < g.width; ++owner) {
#pragma unroll
      for (int i = 0; i < kColumns; ++i) {
        const int j = owner * kColumns + i;
        if (j >= g.width) break;
        const float value = __shfl_sync(0xffffffffU, values[i], owner);
        const float code = code_of(g.format, grid, value);
        const float error = __fdiv_rn(__fsub_rn(value, value_of(grid, code)), factor[j * kLargestGroup + j]);
        if (lane == owner) {
          codes[i] = code;
          errors[i] = error;
        }
        const float4 spread = *reinterpret_cast<const float4*>(factor + j * kLargestGroup + lane * kColumns);
        const float shares[kColumns] = {spread.x, spread.y, spread.z, spread.w};
#pragma unroll
        for (int c = 0; c < kColumns; ++c)
          if (lane * kColumns + c > j) values[c] = __fsub_rn(values[c], __fmul_rn(error, shares[c]));
      }
    }
#pragma unroll
    for (int i = 0; i < kColumns; ++i) {
      const int k = lane * kColumns + i;
      if (k >= g.width) continue;
      g.codes[row * g.stride + g.first_column + k] = static_cast<std::int8_t>(codes[i]);
      g.errors[row * g.width + k] = errors[i];
    }
  }
}

template <class T>
__global__ void difference_kernel(const T* weight, const std::uint32_t* rows, const std::int8_t* codes,
                                  const std::uint16_t* scales, const std::uint8_t* zeros, std::int64_t count,
                                  std::int64_t n, std::int64_t group, float* out) {
  const std::int64_t groups = (n + group - 1) / group;
  for (std::int64_t at = global_index(); at < count * n; at += global_stride()) {
    const std::int64_t row = at / n;
    const std::int64_t column = at % n;
    const float original =
        to_float(weight[(rows == nullptr ? row : static_cast<std::int64_t>(rows[row])) * n + column]);
    if (codes == nullptr) {
      out[at] = original;
      continue;
    }
    const std::int64_t grid = row * groups + column / group;
    const Grid of_group{__half2float(__ushort_as_half(scales[grid])), static_cast<float>(zeros[grid])};
    out[at] = __fsub_rn(value_of(of_group, static_cast<float>(codes[at])), original);
  }
}

__global__ void row_dots_kernel(const float* a, const float* b, std::int64_t n, double* sums) {
  const std::int64_t begin = blockIdx.x * n;
  double sum = 0;
  for (std::int64_t k = threadIdx.x; k < n; k += kThreads)
    sum = fma(static_cast<double>(a[begin + k]), static_cast<double>(b[begin + k]), sum);
  sum = reduce_block<kThreads>(sum, Sum());
  if (threadIdx.x == 0) sums[blockIdx.x] = sum;
}

/// Blocks that fill the device a few times over: each one loads its share of shared memory once.
unsigned row_blocks(std::int64_t rows) {
  return static_cast<unsigned>(std::clamp<std::int64_t>((rows + kWarps - 1) / kWarps, 1, 1024));
}

template <class Kernel>
cudaError_t launch_rows(Kernel kernel, const GptqGroup& g, std::size_t bytes, cudaStream_t stream) {
  const cudaError_t status =
      cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(bytes));
  if (status != cudaSuccess) return status;
  kernel<<<row_blocks(g.rows), kThreads, bytes, stream>>>(g);
  return cudaGetLastError();
}

}  // namespace

cudaError_t diagonal(cudaStream_t stream, const double* matrix, std::int64_t n, double* out) {
  diagonal_kernel<<<blocks_for(n, kThreads), kThreads, 0, stream>>>(matrix, n, out);
  return cudaGetLastError();
}

cudaError_t permute(cudaStream_t stream, const double* gram, const std::int32_t* order, const double* diagonal,
                    double scale, double damping, std::int64_t n, double* out) {
  permute_kernel<<<blocks_for(n * n, kThreads), kThreads, 0, stream>>>(gram, order, diagonal, scale, damping, n, out);
  return cudaGetLastError();
}

cudaError_t factor_block(cudaStream_t stream, double* matrix, std::int64_t n, int size, int* failed) {
  factor_block_kernel<<<1, kThreads, 0, stream>>>(matrix, n, size, failed);
  return cudaGetLastError();
}

cudaError_t identity(cudaStream_t stream, double* matrix, std::int64_t n) {
  identity_kernel<<<blocks_for(n * n, kThreads), kThreads, 0, stream>>>(matrix, n);
  return cudaGetLastError();
}

cudaError_t upper_factor(cudaStream_t stream, const double* inverse, std::int64_t n, float* factor, int* failed) {
  upper_factor_kernel<<<blocks_for(n * n, kThreads), kThreads, 0, stream>>>(inverse, n, factor, failed);
  return cudaGetLastError();
}

cudaError_t diagonal_blocks(cudaStream_t stream, const double* gram, double scale, std::int64_t n, std::int64_t group,
                            float* blocks) {
  diagonal_blocks_kernel<<<blocks_for(n * group, kThreads), kThreads, 0, stream>>>(gram, scale, n, group, blocks);
  return cudaGetLastError();
}

cudaError_t doubles_to_floats(cudaStream_t stream, const double* source, std::int64_t count, float* out) {
  doubles_to_floats_kernel<<<blocks_for(count, kThreads), kThreads, 0, stream>>>(source, count, out);
  return cudaGetLastError();
}

cudaError_t gather_rows(cudaStream_t stream, DType dtype, const void* weight, const std::uint32_t* rows,
                        const std::int32_t* order, std::int64_t count, std::int64_t n, float* out) {
  return with_type(dtype, [&](auto* type) {
    gather_kernel<<<blocks_for(count * n, kThreads), kThreads, 0, stream>>>(static_cast<decltype(type)>(weight), rows,
                                                                            order, count, n, out);
    return cudaGetLastError();
  });
}

cudaError_t choose_grids(cudaStream_t stream, const GptqGroup& g, bool clip) {
  if (!clip) return launch_rows(grids_kernel<false>, g, 0, stream);
  const std::size_t floats = static_cast<std::size_t>(g.width) * static_cast<std::size_t>(g.group) +
                             std::size_t{kWarps} * kLargestGroup * kRatioStride;
  return launch_rows(grids_kernel<true>, g, floats * sizeof(float), stream);
}

cudaError_t round_group(cudaStream_t stream, const GptqGroup& g) {
  return launch_rows(round_kernel, g, static_cast<std::size_t>(g.width) * kLargestGroup * sizeof(float), stream);
}

cudaError_t differences(cudaStream_t stream, DType dtype, const void* weight, const std::uint32_t* rows,
                        const std::int8_t* codes, const std::uint16_t* scales, const std::uint8_t* zeros,
                        std::int64_t count, std::int64_t n, std::int64_t group, float* out) {
  return with_type(dtype, [&](auto* type) {
    difference_kernel<<<blocks_for(count * n, kThreads), kThreads, 0, stream>>>(
        static_cast<decltype(type)>(weight), rows, codes, scales, zeros, count, n, group, out);
    return cudaGetLastError();
  });
}

cudaError_t row_dots(cudaStream_t stream, const float* a, const float* b, std::int64_t rows, std::int64_t n,
                     double* sums) {
  if (rows == 0) return cudaSuccess;
  row_dots_kernel<<<static_cast<unsigned>(rows), kThreads, 0, stream>>>(a, b, n, sums);
  return cudaGetLastError();
}

}  // namespace salient::cuda::kernels
