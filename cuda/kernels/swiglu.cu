// SPDX-License-Identifier: Apache-2.0
#include "cuda/kernels/kernels.h"
#include "cuda/kernels/row_output.cuh"

namespace salient::cuda::kernels {
namespace {

constexpr int kThreads = 256;

__device__ inline float sigmoid(float x) {
  return 1.0F / (1.0F + expf(-x));
}

// `out` may be `gate`: no __restrict__.
__global__ void swiglu_kernel(const float* gate, const float* up, float* out, std::int64_t count) {
  for (std::int64_t i = global_index(); i < count; i += global_stride())
    out[i] = gate[i] * sigmoid(gate[i]) * up[i];
}

__global__ void swiglu_backward_kernel(const float* gate, const float* up, const float* dout, float* dgate, float* dup,
                                       std::int64_t count) {
  for (std::int64_t i = global_index(); i < count; i += global_stride()) {
    const float g = gate[i];
    const float u = up[i];
    const float d = dout[i];
    const float s = sigmoid(g);
    dgate[i] = d * u * s * (1.0F + g * (1.0F - s));
    dup[i] = d * g * s;
  }
}

/// A warp for each block of 128 columns of each row; gate and up side by side.
template <class T, class Output>
__global__ void __launch_bounds__(kThreads)
    swiglu_rows_kernel(const T* projected, int rows, int cols, std::int64_t all_rows, Output out) {
  const int blocks = (cols + kRowBlock - 1) / kRowBlock;
  const int lane = static_cast<int>(threadIdx.x) % kWarp;
  const std::int64_t unit = global_index() / kWarp;
  const std::int64_t row = unit / blocks;
  const int block = static_cast<int>(unit % blocks);
  mixed::wait_for_previous();
  mixed::let_next_start();
  if (row >= all_rows) return;
  if (row >= rows) {
    out.fill_block(row, block, lane);
    return;
  }
  const T* gate = projected + row * 2 * cols;
  const int column = block * kRowBlock + 4 * lane;
  float v[4], up[4];
  load_four(gate, column, cols, cols % 4 == 0, v);
  load_four(gate + cols, column, cols, cols % 4 == 0, up);
#pragma unroll
  for (int i = 0; i < 4; ++i)
    v[i] = v[i] * sigmoid(v[i]) * up[i];
  out.store_block(v, row, block, lane);
}

}  // namespace

cudaError_t swiglu_rows(cudaStream_t stream, DType dtype, const void* projected, std::int64_t rows, std::int64_t cols,
                        const RowOutput& out, bool overlap) {
  if (rows == 0 || cols == 0) return cudaSuccess;
  const std::int64_t all_rows = output_rows(out, rows);
  const std::int64_t warps = all_rows * ((cols + kRowBlock - 1) / kRowBlock);
  const auto grid = static_cast<unsigned>((warps * kWarp + kThreads - 1) / kThreads);
  return with_type(dtype, [&](auto* type) {
    using T = std::remove_cvref_t<decltype(*type)>;
    return with_output(out, rows, cols, [&](auto output) {
      return mixed::launch(swiglu_rows_kernel<T, decltype(output)>, dim3(grid), kThreads, 0, 1, overlap, stream,
                           static_cast<const T*>(projected), static_cast<int>(rows), static_cast<int>(cols), all_rows,
                           output);
    });
  });
}

cudaError_t swiglu(cudaStream_t stream, const float* gate, const float* up, float* out, std::int64_t count) {
  if (count == 0) return cudaSuccess;
  swiglu_kernel<<<blocks_for(count, kThreads), kThreads, 0, stream>>>(gate, up, out, count);
  return cudaGetLastError();
}

cudaError_t swiglu_backward(cudaStream_t stream, const float* gate, const float* up, const float* dout, float* dgate,
                            float* dup, std::int64_t count) {
  if (count == 0) return cudaSuccess;
  swiglu_backward_kernel<<<blocks_for(count, kThreads), kThreads, 0, stream>>>(gate, up, dout, dgate, dup, count);
  return cudaGetLastError();
}

}  // namespace salient::cuda::kernels
