// SPDX-License-Identifier: Apache-2.0
// Causal attention in fp32 by tiles of queries and keys with a running softmax (Milakov and Gimelshein 2018; Dao et al.
// 2022): nothing of the size of tokens × tokens is kept, and tiles above the diagonal are never touched.
#include "cuda/kernels/attention.cuh"

namespace salient::cuda::kernels {
namespace {

/// kSums: only the log sums of the rows, to `sums` [heads, tokens]; otherwise only the output.
template <int kQueries, int kKeys, int kDim, bool kSums>
__global__ void __launch_bounds__(kTileThreads) attention_kernel(Attention a, float* sums) {
  constexpr int kR = kQueries / kSide;
  constexpr int kC = kKeys / kSide;
  extern __shared__ float4 memory[];
  const Tile<kQueries, kDim> queries{reinterpret_cast<float*>(memory)};
  const Tile<kKeys, kDim> keys{queries.data + queries.kFloats};  // then the values
  float* scores = keys.data + keys.kFloats;                      // [kQueries, kKeys + 1]

  // The last tiles have the most keys: they go first.
  const std::int64_t first = static_cast<std::int64_t>(gridDim.x - 1 - blockIdx.x) * kQueries;
  const int head = static_cast<int>(blockIdx.y);
  const int kv_head = head / (a.heads / a.kv_heads);
  const std::int64_t count = min(static_cast<std::int64_t>(kQueries), a.tokens - first);
  const std::int64_t q_stride = static_cast<std::int64_t>(a.heads) * a.dim;
  const std::int64_t kv_stride = static_cast<std::int64_t>(a.kv_heads) * a.dim;
  const std::int64_t position = a.first_position + first;
  const std::int64_t all_keys = position + count;
  const int tx = threadIdx.x % kSide;
  const int ty = threadIdx.x / kSide;

  queries.load(a.q + first * q_stride + head * a.dim, q_stride, count, a.dim, softmax_scale(a.dim));
  Accumulator<kQueries, kDim> out;
  out.clear();
  float peak[kR], sum[kR];
#pragma unroll
  for (int i = 0; i < kR; ++i) {
    peak[i] = -INFINITY;
    sum[i] = 0;
  }
  for (std::int64_t key = 0; key < all_keys; key += kKeys) {
    const std::int64_t width = min(static_cast<std::int64_t>(kKeys), all_keys - key);
    __syncthreads();  // the last tile of values has been read
    keys.load(a.k + key * kv_stride + kv_head * a.dim, kv_stride, width, a.dim, 1.0F);
    __syncthreads();
    float products[kR][kC];
    multiply_transposed(queries, keys, products);
#pragma unroll
    for (int i = 0; i < kR; ++i) {
      const std::int64_t visible = position + ty * kR + i - key;  // the last key this query sees
      float largest = peak[i];
#pragma unroll
      for (int j = 0; j < kC; ++j) {
        if (tx + kSide * j > visible) products[i][j] = -INFINITY;
        largest = fmaxf(largest, products[i][j]);
      }
      largest = reduce_lanes<kSide>(largest, Largest());
      // The first tile holds key 0, which every query sees: no row is without a maximum.
      const float correction = expf(peak[i] - largest);
      peak[i] = largest;
      float row = 0;
#pragma unroll
      for (int j = 0; j < kC; ++j) {
        const float p = expf(products[i][j] - largest);
        row += p;
        if constexpr (!kSums) scores[(ty * kR + i) * (kKeys + 1) + tx + kSide * j] = p;
      }
      sum[i] = sum[i] * correction + reduce_lanes<kSide>(row, Sum());
      if constexpr (!kSums) out.scale(i, correction);
    }
    if constexpr (!kSums) {
      __syncthreads();  // the keys have been read, the scores are there
      keys.load(a.v + key * kv_stride + kv_head * a.dim, kv_stride, width, a.dim, 1.0F);
      __syncthreads();
      out.template add_product<kKeys>(scores, keys);
    }
  }
  if constexpr (kSums) {
#pragma unroll
    for (int i = 0; i < kR; ++i) {
      if (tx == 0 && ty * kR + i < count) sums[head * a.tokens + first + ty * kR + i] = peak[i] + logf(sum[i]);
    }
  } else {
#pragma unroll
    for (int i = 0; i < kR; ++i)
      out.scale(i, 1.0F / sum[i]);
    out.store(a.out + first * q_stride + head * a.dim, q_stride, count, a.dim);
  }
}

template <int kQueries, int kKeys, int kDim, bool kSums>
cudaError_t launch(cudaStream_t stream, const Attention& a, float* sums) {
  constexpr std::size_t kBytes =
      sizeof(float) * (Tile<kQueries, kDim>::kFloats + Tile<kKeys, kDim>::kFloats + kQueries * (kKeys + 1));
  const dim3 grid(static_cast<unsigned>((a.tokens + kQueries - 1) / kQueries), static_cast<unsigned>(a.heads));
  return launch_tiles(attention_kernel<kQueries, kKeys, kDim, kSums>, grid, kBytes, stream, a, sums);
}

template <bool kSums>
cudaError_t choose(cudaStream_t stream, const Attention& a, float* sums) {
  if (a.tokens == 0) return cudaSuccess;
  if (a.dim <= 64) return launch<64, 64, 64, kSums>(stream, a, sums);
  if (a.dim <= 128) return launch<64, 32, 128, kSums>(stream, a, sums);
  if (a.dim <= kLargestHeadDim) return launch<32, 32, 256, kSums>(stream, a, sums);
  return cudaErrorInvalidValue;
}

}  // namespace

cudaError_t attention(cudaStream_t stream, const Attention& a) {
  return choose<false>(stream, a, nullptr);
}

cudaError_t attention_log_sums(cudaStream_t stream, const Attention& a, float* sums) {
  return choose<true>(stream, a, sums);
}

}  // namespace salient::cuda::kernels
