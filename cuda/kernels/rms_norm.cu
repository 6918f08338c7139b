// SPDX-License-Identifier: Apache-2.0
// One block a row.
#include "cuda/kernels/kernels.h"
#include "cuda/kernels/row_output.cuh"

namespace salient::cuda::kernels {
namespace {

constexpr int kThreads = 256;
constexpr int kNormThreads = 512;
/// Pieces of four columns that a thread keeps in registers: rows up to 8192 columns are read once.
constexpr int kHeld = 4;

/// Lane l of warp w holds columns 4 · (32 w + l) … of every 2048, so that a warp's are one block of 128.
template <class T, class Output>
__global__ void __launch_bounds__(kNormThreads) norm_kernel(Norm n, Output out) {
  const int cols = static_cast<int>(n.cols);
  const bool whole = cols % 4 == 0;
  const int blocks = (cols + kRowBlock - 1) / kRowBlock;
  const int lane = static_cast<int>(threadIdx.x) % kWarp;
  const int warp = static_cast<int>(threadIdx.x) / kWarp;
  constexpr int kWarps = kNormThreads / kWarp;
  const auto* weight = static_cast<const T*>(n.weight);
  const auto column_of = [&](int block) { return block * kRowBlock + 4 * lane; };
  float weights[kHeld][4];
#pragma unroll
  for (int i = 0; i < kHeld; ++i)
    if (warp + i * kWarps < blocks) load_four(weight, column_of(warp + i * kWarps), cols, whole, weights[i]);
  mixed::wait_for_previous();
  mixed::let_next_start();
  const std::int64_t row = blockIdx.x;
  if (row >= n.rows) {
    for (int block = warp; block < blocks; block += kWarps)
      out.fill_block(row, block, lane);
    return;
  }
  float* x = n.x + row * cols;
  const float* addend = n.addend == nullptr ? nullptr : n.addend + row * cols;
  float held[kHeld][4];
  float sum = 0;
  const auto read = [&](int block, float(&v)[4]) {
    const int column = column_of(block);
    load_four(x, column, cols, whole, v);
    if (addend != nullptr && column < cols) {
      float a[4];
      load_four(addend, column, cols, whole, a);
#pragma unroll
      for (int i = 0; i < 4; ++i)
        v[i] += a[i];
      if (whole) {
        store_four(x + column, v);
      } else {
        for (int i = 0; i < 4 && column + i < cols; ++i)
          x[column + i] = v[i];
      }
    }
#pragma unroll
    for (int i = 0; i < 4; ++i)
      sum = fmaf(v[i], v[i], sum);
  };
#pragma unroll
  for (int i = 0; i < kHeld; ++i)
    if (warp + i * kWarps < blocks) read(warp + i * kWarps, held[i]);
  for (int block = warp + kHeld * kWarps; block < blocks; block += kWarps) {
    float v[4];
    read(block, v);
  }
  sum = reduce_block<kNormThreads>(sum, Sum());
  const float factor = 1.0F / sqrtf(sum / static_cast<float>(cols) + n.epsilon);
  const auto turn = [&](const float(&w)[4], float(&v)[4]) {
#pragma unroll
    for (int i = 0; i < 4; ++i)
      v[i] = w[i] * (v[i] * factor);
  };
#pragma unroll
  for (int i = 0; i < kHeld; ++i)
    if (warp + i * kWarps < blocks) turn(weights[i], held[i]);
  const auto turned = [&](int block, float(&v)[4]) {  // each thread reads what it wrote itself
    float w[4];
    load_four(x, column_of(block), cols, whole, v);
    load_four(weight, column_of(block), cols, whole, w);
    turn(w, v);
  };
  const auto for_all = [&](const auto& use) {
#pragma unroll
    for (int i = 0; i < kHeld; ++i)
      if (warp + i * kWarps < blocks) use(held[i], warp + i * kWarps);
    for (int block = warp + kHeld * kWarps; block < blocks; block += kWarps) {
      float v[4];
      turned(block, v);
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
      return mixed::launch(norm_kernel<T, decltype(output)>, dim3(static_cast<unsigned>(output_rows(out, norm.rows))),
                           kNormThreads, 0, 1, overlap, stream, norm, output);
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
