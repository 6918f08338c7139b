// SPDX-License-Identifier: Apache-2.0
// Activations into 8 bit: the codes and scales of rounding::activations(), bit for bit.
#include "cuda/kernels/activation_codes.cuh"

namespace salient::cuda::mixed {
namespace {

/// A warp for each block of each token.
template <class T, int kGroup>
__global__ void __launch_bounds__(256) quantize_groups(Quantization w, int blocks, int stride) {
  const int lane = static_cast<int>(threadIdx.x) & 31;
  const std::int64_t unit = static_cast<std::int64_t>(blockIdx.x) * 8 + (threadIdx.x >> 5);
  const int token = static_cast<int>(unit / blocks);
  const int block = static_cast<int>(unit % blocks);
  wait_for_previous();
  let_next_start();
  if (token >= stride) return;
  constexpr int kGroups = kBlock / kGroup;
  constexpr int kLanes = kGroup / 4;
  float* scale_at = w.scales + static_cast<std::int64_t>(block * kGroups + lane / kLanes) * stride + token;
  if (token >= w.tokens) {  // the scales' rows are filled up
    if (lane % kLanes == 0) *scale_at = 0.0F;
    return;
  }
  float v[4];
  load_four(static_cast<const T*>(w.x) + static_cast<std::int64_t>(token) * w.cols, block * kBlock + 4 * lane, w.cols,
            w.cols % 4 == 0, v);
  round_block<kGroup>(v, w.codes, w.scales, w.transposed, w.tokens, stride, block, token, lane);
}

/// A CTA for each token.
template <class T>
__global__ void __launch_bounds__(256) quantize_tokens(Quantization w, int blocks) {
  constexpr int kHeld = 4;  // pieces of four columns in registers: rows of up to 4096 columns are read once
  const int lane = static_cast<int>(threadIdx.x) & 31;
  const int warp = static_cast<int>(threadIdx.x) >> 5;
  const int token = static_cast<int>(blockIdx.x);
  const TokenCodes out{w.codes, w.scales, w.transposed, w.tokens};
  wait_for_previous();
  let_next_start();
  if (token >= w.tokens) {
    out.fill_block(token, warp, lane);
    return;
  }
  const T* row = static_cast<const T*>(w.x) + static_cast<std::int64_t>(token) * w.cols;
  const auto load = [&](int block, float(&v)[4]) {
    load_four(row, block * kBlock + 4 * lane, w.cols, w.cols % 4 == 0, v);
  };
  std::uint32_t largest = 0;
  float held[kHeld][4];
#pragma unroll
  for (int i = 0; i < kHeld; ++i)
    if (warp + 8 * i < blocks) load(warp + 8 * i, held[i]);
#pragma unroll
  for (int i = 0; i < kHeld; ++i)
    if (warp + 8 * i < blocks) largest = TokenCodes::widen(largest, held[i]);
  for (int block = warp + 8 * kHeld; block < blocks; block += 8) {
    float v[4];
    load(block, v);
    largest = TokenCodes::widen(largest, v);
  }
  const ActivationScale scale = out.template scale_of<256>(largest, token);
#pragma unroll
  for (int i = 0; i < kHeld; ++i)
    if (warp + 8 * i < blocks) out.store_block(held[i], scale, token, warp + 8 * i, lane);
  for (int block = warp + 8 * kHeld; block < blocks; block += 8) {
    float v[4];
    load(block, v);
    out.store_block(v, scale, token, block, lane);
  }
}

template <class T>
cudaError_t quantize(const Quantization& work, bool overlap, cudaStream_t stream) {
  const int blocks = (work.cols + kBlock - 1) / kBlock;
  const int stride = (work.tokens + 7) / 8 * 8;
  if (work.group == 0) {
    return launch(quantize_tokens<T>, dim3(static_cast<unsigned>(stride)), 256, 0, 1, overlap, stream, work, blocks);
  }
  const auto ctas = static_cast<unsigned>((static_cast<std::int64_t>(stride) * blocks + 7) / 8);
  const auto in_groups = [&](auto kernel) {
    return launch(kernel, dim3(ctas), 256, 0, 1, overlap, stream, work, blocks, stride);
  };
  switch (work.group) {
    case 128: return in_groups(quantize_groups<T, 128>);
    case 64: return in_groups(quantize_groups<T, 64>);
    case 32: return in_groups(quantize_groups<T, 32>);
    default: return cudaErrorInvalidValue;
  }
}

}  // namespace

cudaError_t quantize_activations(const Quantization& work, bool overlap, cudaStream_t stream) {
  if (work.type == Type::f16) return quantize<__half>(work, overlap, stream);
  if (work.type == Type::bf16) return quantize<__nv_bfloat16>(work, overlap, stream);
  return quantize<float>(work, overlap, stream);
}

}  // namespace salient::cuda::mixed
