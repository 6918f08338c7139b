// SPDX-License-Identifier: Apache-2.0
#include "cuda/kernels/kernels.h"
#include "cuda/kernels/row_output.cuh"

namespace salient::cuda::kernels {
namespace {

constexpr int kThreads = 256;

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

/// A warp for each block of 128 columns of each row, grid (rows, columns); gate and up side by side. kWhole: `cols` is
/// a multiple of 4.
template <class T, class Output, bool kWhole>
__global__ void __launch_bounds__(kThreads) swiglu_rows_kernel(const T* projected, int rows, int cols, Output out) {
  const int lane = static_cast<int>(threadIdx.x) % kWarp;
  const int block = static_cast<int>((blockIdx.y * kThreads + threadIdx.x) / kWarp);
  const int row = static_cast<int>(blockIdx.x);
  mixed::wait_for_previous();
  mixed::let_next_start();
  if (block * kRowBlock >= cols) return;
  if (row >= rows) {
    out.fill_block(row, block, lane);
    return;
  }
  const T* gate = projected + static_cast<std::int64_t>(row) * 2 * cols;
  const int column = block * kRowBlock + 4 * lane;
  float v[4] = {}, up[4] = {};
  if constexpr (kWhole) {
    if (column < cols) {
      load_four(gate + column, v);
      load_four(gate + cols + column, up);
    }
  } else {
    load_four(gate, column, cols, false, v);
    load_four(gate + cols, column, cols, false, up);
  }
#pragma unroll
  for (int i = 0; i < 4; ++i)
    v[i] = v[i] * sigmoid(v[i]) * up[i];
  out.store_block(v, row, block, lane);
}

/// Pieces of four columns that a thread loads together.
constexpr int kTogether = 4;

/// A CTA for each row of whole blocks, with one scale for all of it; values are rounded to T first.
template <class T>
__global__ void __launch_bounds__(kThreads, 4)
    swiglu_tokens_kernel(const T* projected, int rows, int cols, TokenCodes out) {
  constexpr int kWarps = kThreads / kWarp;
  constexpr int kHeld = 32 / sizeof(T);  // pieces in registers: rows of up to 16384 halves are read once
  const int blocks = cols / kRowBlock;
  const int lane = static_cast<int>(threadIdx.x) % kWarp;
  const int warp = static_cast<int>(threadIdx.x) / kWarp;
  const std::int64_t row = blockIdx.x;
  mixed::wait_for_previous();
  mixed::let_next_start();
  if (row >= rows) {
    out.fill_block(row, warp, lane);
    return;
  }
  const T* gate = projected + row * 2 * cols + 4 * lane;
  const auto load = [&](int block) { return *reinterpret_cast<const Four<T>*>(gate + block * kRowBlock); };
  const auto load_up = [&](int block) { return *reinterpret_cast<const Four<T>*>(gate + cols + block * kRowBlock); };
  const auto multiply = [](Four<T>& gates, const Four<T>& ups) {
    float v[4], up[4];
    load_four(gates.values, v);
    load_four(ups.values, up);
#pragma unroll
    for (int i = 0; i < 4; ++i)
      v[i] = v[i] * sigmoid(v[i]) * up[i];
    store_four(gates.values, v);
  };
  std::uint32_t largest = 0;
  const auto widen = [&](const Four<T>& four) {
    float v[4];
    load_four(four.values, v);
    largest = TokenCodes::widen(largest, v);
  };
  Four<T> held[kHeld];
#pragma unroll
  for (int first = 0; first < kHeld; first += kTogether) {
    Four<T> ups[kTogether];
#pragma unroll
    for (int i = 0; i < kTogether; ++i) {
      const int block = warp + (first + i) * kWarps;
      if (block < blocks) held[first + i] = load(block), ups[i] = load_up(block);
    }
#pragma unroll
    for (int i = 0; i < kTogether; ++i) {
      if (warp + (first + i) * kWarps >= blocks) continue;
      multiply(held[first + i], ups[i]);
      widen(held[first + i]);
    }
  }
  const auto further = [&](const auto& use) {
    for (int block = warp + kHeld * kWarps; block < blocks; block += kWarps) {
      Four<T> four = load(block);
      multiply(four, load_up(block));
      use(four, block);
    }
  };
  further([&](const Four<T>& four, int) { widen(four); });
  const ActivationScale scale = out.template scale_of<kThreads>(largest, row);
  const auto store_codes = [&](const Four<T>& four, int block) {
    float v[4];
    load_four(four.values, v);
    out.store_block(v, scale, row, block, lane);
  };
#pragma unroll
  for (int i = 0; i < kHeld; ++i)
    if (warp + i * kWarps < blocks) store_codes(held[i], warp + i * kWarps);
  further(store_codes);
}

}  // namespace

cudaError_t swiglu_rows(cudaStream_t stream, DType dtype, const void* projected, std::int64_t rows, std::int64_t cols,
                        const RowOutput& out, bool overlap) {
  if (rows == 0 || cols == 0) return cudaSuccess;
  constexpr int kColumns = kThreads / kWarp * kRowBlock;  // of a block of threads
  const dim3 grid(static_cast<unsigned>(output_rows(out, rows)),
                  static_cast<unsigned>((cols + kColumns - 1) / kColumns));
  return with_type(dtype, [&](auto* type) {
    using T = std::remove_cvref_t<decltype(*type)>;
    if (out.codes != nullptr && out.group == 0) {
      if (cols % kRowBlock != 0) return cudaErrorInvalidValue;
      return mixed::launch(swiglu_tokens_kernel<T>, dim3(grid.x), kThreads, 0, 1, overlap, stream,
                           static_cast<const T*>(projected), static_cast<int>(rows), static_cast<int>(cols),
                           TokenCodes{out.codes, out.scales, out.transposed, static_cast<int>(rows)});
    }
    return with_output(out, rows, cols, [&](auto output) {
      using Output = decltype(output);
      const auto kernel = cols % 4 == 0 ? swiglu_rows_kernel<T, Output, true> : swiglu_rows_kernel<T, Output, false>;
      return mixed::launch(kernel, grid, kThreads, 0, 1, overlap, stream, static_cast<const T*>(projected),
                           static_cast<int>(rows), static_cast<int>(cols), output);
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
