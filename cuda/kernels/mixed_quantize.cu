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
  __shared__ std::uint32_t maxima[8];
  const int lane = static_cast<int>(threadIdx.x) & 31;
  const int warp = static_cast<int>(threadIdx.x) >> 5;
  const int token = static_cast<int>(blockIdx.x);
  wait_for_previous();
  let_next_start();
  if (token >= w.tokens) {
    if (threadIdx.x == 0) w.scales[token] = 0.0F;
    return;
  }
  const T* row = static_cast<const T*>(w.x) + static_cast<std::int64_t>(token) * w.cols;
  std::uint32_t largest = 0;
  for (int column = static_cast<int>(threadIdx.x); column < w.cols; column += 256)
    largest = max(largest, magnitude_bits(to_float(row[column])));
  largest = largest_of<32>(largest);
  if (lane == 0) maxima[warp] = largest;
  __syncthreads();
  const ActivationScale scale(largest_of<8>(maxima[lane & 7]));
  if (threadIdx.x == 0) w.scales[token] = scale.scale;
  for (int block = warp; block < blocks; block += 8) {
    float v[4];
    load_four(row, block * kBlock + 4 * lane, w.cols, w.cols % 4 == 0, v);
    *word_of(w.codes, w.tokens, w.transposed, block, token, lane) = codes_of(v, scale);
  }
}

template <class T>
cudaError_t quantize(const Quantization& work, cudaStream_t stream) {
  const int blocks = (work.cols + kBlock - 1) / kBlock;
  const int stride = (work.tokens + 7) / 8 * 8;
  if (work.group == 0) {
    quantize_tokens<T><<<static_cast<unsigned>(stride), 256, 0, stream>>>(work, blocks);
    return cudaGetLastError();
  }
  const auto ctas = static_cast<unsigned>((static_cast<std::int64_t>(stride) * blocks + 7) / 8);
  if (work.group == 128) {
    quantize_groups<T, 128><<<ctas, 256, 0, stream>>>(work, blocks, stride);
  } else if (work.group == 64) {
    quantize_groups<T, 64><<<ctas, 256, 0, stream>>>(work, blocks, stride);
  } else if (work.group == 32) {
    quantize_groups<T, 32><<<ctas, 256, 0, stream>>>(work, blocks, stride);
  } else {
    return cudaErrorInvalidValue;
  }
  return cudaGetLastError();
}

}  // namespace

cudaError_t quantize_activations(const Quantization& work, cudaStream_t stream) {
  if (work.type == Type::f16) return quantize<__half>(work, stream);
  if (work.type == Type::bf16) return quantize<__nv_bfloat16>(work, stream);
  return quantize<float>(work, stream);
}

}  // namespace salient::cuda::mixed
