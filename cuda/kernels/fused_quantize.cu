// SPDX-License-Identifier: Apache-2.0
// Operations whose result only a mixed-precision product reads: it leaves in 8 bit and never exists as floats.
#include "cuda/kernels/activation_codes.cuh"
#include "cuda/kernels/kernels.h"
#include "cuda/kernels/swiglu.cuh"

namespace salient::cuda::kernels {
namespace {

using mixed::kBlock;
using mixed::round_block;

constexpr int kNormThreads = 512;
constexpr int kThreads = 256;

/// Rows of scales are filled up to a multiple of 8 tokens.
int padded(std::int64_t tokens) {
  return static_cast<int>((tokens + 7) / 8 * 8);
}

struct Norm {
  float* x;
  const float* addend;
  const void* weight;
  float epsilon;
  int tokens;
  int cols;
  RoundedTarget target;
};

/// A block a token. The sum of squares is formed in another order than rms_norm's.
template <class T, int kGroup>
__global__ void __launch_bounds__(kNormThreads) add_norm_round_kernel(Norm n) {
  const int token = static_cast<int>(blockIdx.x);
  const int stride = static_cast<int>(gridDim.x);
  const int blocks = (n.cols + kBlock - 1) / kBlock;
  mixed::wait_for_previous();
  mixed::let_next_start();
  if (token >= n.tokens) {
    for (int g = threadIdx.x; g < blocks * (kBlock / kGroup); g += kNormThreads)
      n.target.scales[static_cast<std::int64_t>(g) * stride + token] = 0.0F;
    return;
  }
  const std::int64_t begin = static_cast<std::int64_t>(token) * n.cols;
  auto* row = reinterpret_cast<float4*>(n.x + begin);
  const auto* addend = reinterpret_cast<const float4*>(n.addend == nullptr ? nullptr : n.addend + begin);
  float sum = 0;
  for (int i = threadIdx.x; i < n.cols / 4; i += kNormThreads) {
    float4 v = row[i];
    if (addend != nullptr) {
      const float4 a = addend[i];
      v = make_float4(v.x + a.x, v.y + a.y, v.z + a.z, v.w + a.w);
      row[i] = v;
    }
    sum = fmaf(v.x, v.x, fmaf(v.y, v.y, fmaf(v.z, v.z, fmaf(v.w, v.w, sum))));
  }
  sum = reduce_block<kNormThreads>(sum, Sum());
  const float factor = 1.0F / sqrtf(sum / static_cast<float>(n.cols) + n.epsilon);
  // Lane l of warp w holds columns 4·(32w + l) …: a warp's are one block of 128, and each thread meets its own again.
  const int lane = static_cast<int>(threadIdx.x) % kWarp;
  const auto* weight = static_cast<const T*>(n.weight);
  for (int block = static_cast<int>(threadIdx.x) / kWarp; block < blocks; block += kNormThreads / kWarp) {
    const int column = block * kBlock + 4 * lane;
    float v[4] = {};
    if (column < n.cols) {
      const float4 x = row[column / 4];
      const float values[4] = {x.x, x.y, x.z, x.w};
#pragma unroll
      for (int i = 0; i < 4; ++i)
        v[i] = to_float(weight[column + i]) * (values[i] * factor);
    }
    round_block<kGroup>(v, n.target.codes, n.target.scales, n.target.transposed, n.tokens, stride, block, token, lane);
  }
}

/// A warp for each block of each token.
template <int kGroup>
__global__ void __launch_bounds__(kThreads)
    swiglu_round_kernel(const float* gate, const float* up, int tokens, int cols, int stride, RoundedTarget target) {
  const int blocks = (cols + kBlock - 1) / kBlock;
  const int lane = static_cast<int>(threadIdx.x) % kWarp;
  const std::int64_t unit = global_index() / kWarp;
  const int token = static_cast<int>(unit / blocks);
  const int block = static_cast<int>(unit % blocks);
  mixed::wait_for_previous();
  mixed::let_next_start();
  if (token >= stride) return;
  if (token >= tokens) {
    constexpr int kGroups = kBlock / kGroup;
    if (lane < kGroups) target.scales[static_cast<std::int64_t>(block * kGroups + lane) * stride + token] = 0.0F;
    return;
  }
  float v[4];
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    const int column = block * kBlock + 4 * lane + i;
    const std::int64_t at = static_cast<std::int64_t>(token) * cols + column;
    v[i] = column < cols ? gate[at] * sigmoid(gate[at]) * up[at] : 0.0F;
  }
  round_block<kGroup>(v, target.codes, target.scales, target.transposed, tokens, stride, block, token, lane);
}

/// Calls body with the group size as a type's value.
template <class Body>
cudaError_t with_group(int group, const Body& body) {
  switch (group) {
    case 32: return body(std::integral_constant<int, 32>());
    case 64: return body(std::integral_constant<int, 64>());
    case 128: return body(std::integral_constant<int, 128>());
    default: return cudaErrorInvalidValue;
  }
}

}  // namespace

cudaError_t add_norm_round(cudaStream_t stream, float* x, const float* addend, DType dtype, const void* weight,
                           float epsilon, std::int64_t rows, std::int64_t cols, const RoundedTarget& target) {
  if (cols % 4 != 0) return cudaErrorInvalidValue;
  if (rows == 0) return cudaSuccess;
  const Norm work{x, addend, weight, epsilon, static_cast<int>(rows), static_cast<int>(cols), target};
  return with_type(dtype, [&](auto* type) {
    using T = std::remove_cvref_t<decltype(*type)>;
    return with_group(target.group, [&](auto group) {
      add_norm_round_kernel<T, group()><<<static_cast<unsigned>(padded(rows)), kNormThreads, 0, stream>>>(work);
      return cudaGetLastError();
    });
  });
}

cudaError_t swiglu_round(cudaStream_t stream, const float* gate, const float* up, std::int64_t rows, std::int64_t cols,
                         const RoundedTarget& target) {
  if (rows == 0 || cols == 0) return cudaSuccess;
  const std::int64_t warps = padded(rows) * ((cols + kBlock - 1) / kBlock);
  const auto grid = static_cast<unsigned>((warps * kWarp + kThreads - 1) / kThreads);
  return with_group(target.group, [&](auto group) {
    swiglu_round_kernel<group()>
        <<<grid, kThreads, 0, stream>>>(gate, up, static_cast<int>(rows), static_cast<int>(cols), padded(rows), target);
    return cudaGetLastError();
  });
}

}  // namespace salient::cuda::kernels
