// SPDX-License-Identifier: Apache-2.0
// One block a row: a large one where rows are few, small ones where they fill the device many times over.
#include "cuda/kernels/kernels.h"
#include "cuda/kernels/row_output.cuh"

namespace salient::cuda::kernels {
namespace {

constexpr int kThreads = 256;
constexpr int kNormThreads = 1024;

/// Lane l of warp w holds columns 4 · (32 w + l) … of the first 4096 in registers, so that a warp's are one block of
/// 128; wider rows are read again. Everything is there once, because for a single row the time goes by in fetching
/// instructions. kWhole: `cols` is a multiple of 4.
template <class T, class Output, bool kWhole>
__global__ void __launch_bounds__(kNormThreads) norm_kernel(Norm n, Output out) {
  constexpr int kWarps = kNormThreads / kWarp;
  const int cols = static_cast<int>(n.cols);
  const int blocks = (cols + kRowBlock - 1) / kRowBlock;
  const int lane = static_cast<int>(threadIdx.x) % kWarp;
  const int warp = static_cast<int>(threadIdx.x) / kWarp;
  const auto* weight = static_cast<const T*>(n.weight);
  const auto load = [&](const auto* row, int block, float(&v)[4]) {
    const int column = block * kRowBlock + 4 * lane;
    if constexpr (kWhole) {
      v[0] = v[1] = v[2] = v[3] = 0;
      if (column < cols) load_four(row + column, v);
    } else {
      load_four(row, column, cols, false, v);
    }
  };
  float w[4] = {};
  if (warp < blocks) load(weight, warp, w);
  mixed::wait_for_previous();
  mixed::let_next_start();
  const std::int64_t row = blockIdx.x;
  if (row >= n.rows) {
#pragma unroll 1
    for (int block = warp; block < blocks; block += kWarps)
      out.fill_block(row, block, lane);
    return;
  }
  float* x = n.x + row * cols;
  const float* addend = n.addend == nullptr ? nullptr : n.addend + row * cols;
  float held[4] = {};
  float sum = 0;
#pragma unroll 1
  for (int block = warp; block < blocks; block += kWarps) {
    float v[4];
    load(x, block, v);
    if (addend != nullptr) {
      const int column = block * kRowBlock + 4 * lane;
      float a[4];
      load(addend, block, a);
#pragma unroll
      for (int i = 0; i < 4; ++i)
        v[i] += a[i];
      if constexpr (kWhole) {
        if (column < cols) store_four(x + column, v);
      } else {
        for (int i = 0; i < 4 && column + i < cols; ++i)
          x[column + i] = v[i];
      }
    }
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      sum = fmaf(v[i], v[i], sum);
      if (block == warp) held[i] = v[i];
    }
  }
  sum = reduce_block<kNormThreads>(sum, Sum());
  const float factor = 1.0F / sqrtf(sum / static_cast<float>(cols) + n.epsilon);
  const auto for_all = [&](const auto& use) {
#pragma unroll 1
    for (int block = warp; block < blocks; block += kWarps) {
      float v[4], factors[4];
      if (block == warp) {
#pragma unroll
        for (int i = 0; i < 4; ++i)
          v[i] = held[i], factors[i] = w[i];
      } else {  // each thread reads what it wrote itself
        load(x, block, v);
        load(weight, block, factors);
      }
#pragma unroll
      for (int i = 0; i < 4; ++i)
        v[i] = factors[i] * (v[i] * factor);
      use(v, block);
    }
  };
  if constexpr (kOneScale<Output>) {
    std::uint32_t largest = 0;
    for_all([&](const float(&v)[4], int) { largest = Output::widen(largest, v); });
    const ActivationScale scale = out.template scale_of<kNormThreads>(largest, row);
    for_all([&](const float(&v)[4], int block) { out.store_block(v, scale, row, block, lane); });
  } else {
    for_all([&](const float(&v)[4], int block) { out.store_block(v, row, block, lane); });
  }
}

/// The same for many rows of whole columns, each in the registers of a small CTA: while some wait for their sums,
/// others load or store. kHeld: blocks of 128 columns of a warp.
template <class T, class Output, int kHeld>
__global__ void __launch_bounds__(kThreads) norm_rows_kernel(Norm n, Output out) {
  constexpr int kWarps = kThreads / kWarp;
  const int cols = static_cast<int>(n.cols);
  const int lane = static_cast<int>(threadIdx.x) % kWarp;
  const int warp = static_cast<int>(threadIdx.x) / kWarp;
  const auto* weight = static_cast<const T*>(n.weight);
  const std::int64_t row = blockIdx.x;
  // body(i, block, column) for each block of this warp.
  const auto for_blocks = [&](const auto& body) {
#pragma unroll
    for (int i = 0; i < kHeld; ++i) {
      const int block = warp + i * kWarps;
      const int column = block * kRowBlock + 4 * lane;
      if (block * kRowBlock < cols) body(i, block, column);
    }
  };
  mixed::wait_for_previous();
  mixed::let_next_start();
  if (row >= n.rows) {
    for_blocks([&](int, int block, int) { out.fill_block(row, block, lane); });
    return;
  }
  float* x = n.x + row * cols;
  float v[kHeld][4] = {};
  for_blocks([&](int i, int, int column) {
    if (column < cols) load_four(x + column, v[i]);
  });
  if (n.addend != nullptr) {
    const float* addend = n.addend + row * cols;
    float added[kHeld][4] = {};
    for_blocks([&](int i, int, int column) {
      if (column < cols) load_four(addend + column, added[i]);
    });
    for_blocks([&](int i, int, int column) {
#pragma unroll
      for (int e = 0; e < 4; ++e)
        v[i][e] += added[i][e];
      if (column < cols) store_four(x + column, v[i]);
    });
  }
  float sum = 0;
#pragma unroll
  for (int i = 0; i < kHeld; ++i)
#pragma unroll
    for (int e = 0; e < 4; ++e)
      sum = fmaf(v[i][e], v[i][e], sum);
  sum = reduce_block<kThreads>(sum, Sum());
  const float factor = 1.0F / sqrtf(sum / static_cast<float>(cols) + n.epsilon);
  for_blocks([&](int i, int, int column) {
    float factors[4] = {};
    if (column < cols) load_four(weight + column, factors);
#pragma unroll
    for (int e = 0; e < 4; ++e)
      v[i][e] = factors[e] * (v[i][e] * factor);
  });
  if constexpr (kOneScale<Output>) {
    std::uint32_t largest = 0;
    for_blocks([&](int i, int, int) { largest = Output::widen(largest, v[i]); });
    const ActivationScale scale = out.template scale_of<kThreads>(largest, row);
    for_blocks([&](int i, int block, int) { out.store_block(v[i], scale, row, block, lane); });
  } else {
    for_blocks([&](int i, int block, int) { out.store_block(v[i], row, block, lane); });
  }
}

__device__ float inverse_rms(const float* row, std::int64_t cols, float epsilon) {
  float sum = 0;
  for (std::int64_t c = threadIdx.x; c < cols; c += kThreads)
    sum = fmaf(row[c], row[c], sum);
  sum = reduce_block<kThreads>(sum, Sum());
  return 1.0F / sqrtf(sum / static_cast<float>(cols) + epsilon);
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

cudaError_t rms_norm(cudaStream_t stream, const Norm& norm, const RowOutput& out, bool overlap) {
  if (norm.rows == 0 || norm.cols == 0) return cudaSuccess;
  return with_type(norm.weight_type, [&](auto* type) {
    using T = std::remove_cvref_t<decltype(*type)>;
    return with_row_output(out, norm.rows, norm.cols, [&](auto output) {
      using Output = decltype(output);
      const dim3 grid(static_cast<unsigned>(output_rows(out, norm.rows)));
      constexpr std::int64_t kMany = 512;                               // rows
      constexpr std::int64_t kHeldCols = kThreads / kWarp * kRowBlock;  // for each block of a warp
      if (norm.rows >= kMany && norm.cols % 4 == 0 && norm.cols <= 8 * kHeldCols) {
        const auto kernel =
            norm.cols <= 4 * kHeldCols ? norm_rows_kernel<T, Output, 4> : norm_rows_kernel<T, Output, 8>;
        return mixed::launch(kernel, grid, kThreads, 0, 1, overlap, stream, norm, output);
      }
      const auto kernel = norm.cols % 4 == 0 ? norm_kernel<T, Output, true> : norm_kernel<T, Output, false>;
      return mixed::launch(kernel, grid, kNormThreads, 0, 1, overlap, stream, norm, output);
    });
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
