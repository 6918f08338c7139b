// SPDX-License-Identifier: Apache-2.0
// Attention's gradients in fp32, by tiles: probabilities are formed again from the rows' log sums. One kernel goes over
// the keys of a tile of queries for dq, another over the queries of a tile of keys for dk and dv, so that every sum
// belongs to one block and has a fixed order.
#include "cuda/kernels/attention.cuh"

namespace salient::cuda::kernels {
namespace {

/// Σ out·dout of each head's row: a warp each.
__global__ void projections_kernel(AttentionBackward b) {
  const Attention& a = b.forward;
  const std::int64_t index = global_index() / kWarp;
  if (index >= a.tokens * a.heads) return;
  const std::int64_t token = index / a.heads;
  const std::int64_t head = index % a.heads;
  const std::int64_t begin = (token * a.heads + head) * a.dim;
  float sum = 0;
  for (int d = threadIdx.x % kWarp; d < a.dim; d += kWarp)
    sum = fmaf(a.out[begin + d], b.dout[begin + d], sum);
  sum = reduce_lanes(sum, Sum());
  if (threadIdx.x % kWarp == 0) b.projections[head * a.tokens + token] = sum;
}

/// What both kernels hold in shared memory.
template <int kSize, int kDim>
struct Tiles {
  static constexpr std::size_t kBytes = sizeof(float) * (4 * Tile<kSize, kDim>::kFloats + 2 * kSize * (kSize + 1));
  Tile<kSize, kDim> q, dout, k, v;
  float* first;   ///< [kSize, kSize + 1]
  float* second;  ///< likewise

  __device__ explicit Tiles(float* memory)
      : q{memory},
        dout{q.data + q.kFloats},
        k{dout.data + q.kFloats},
        v{k.data + q.kFloats},
        first(v.data + q.kFloats),
        second(first + kSize * (kSize + 1)) {}
};

/// Probability and the gradient of the score, of query `ty·n + i` and key `tx + 16 j` of the tiles.
template <int kSize, int kDim>
__device__ void score_gradients(const AttentionBackward& b, const Tiles<kSize, kDim>& tiles, int head,
                                std::int64_t query, std::int64_t key, float (&p)[kSize / kSide][kSize / kSide],
                                float (&ds)[kSize / kSide][kSize / kSide]) {
  constexpr int kN = kSize / kSide;
  const Attention& a = b.forward;
  const int tx = threadIdx.x % kSide;
  const int ty = threadIdx.x / kSide;
  const float scale = softmax_scale(a.dim);
  multiply_transposed(tiles.q, tiles.k, p);  // q is scaled already
  multiply_transposed(tiles.dout, tiles.v, ds);
#pragma unroll
  for (int i = 0; i < kN; ++i) {
    const std::int64_t row = query + ty * kN + i;
    const bool there = row < a.tokens;
    const float log_sum = there ? b.log_sums[head * a.tokens + row] : 0.0F;
    const float projection = there ? b.projections[head * a.tokens + row] : 0.0F;
#pragma unroll
    for (int j = 0; j < kN; ++j) {
      const bool seen = there && key + tx + kSide * j <= row;
      p[i][j] = seen ? expf(p[i][j] - log_sum) : 0.0F;
      ds[i][j] = seen ? p[i][j] * (ds[i][j] - projection) * scale : 0.0F;
    }
  }
}

template <int kSize, int kDim>
__global__ void __launch_bounds__(kTileThreads) query_gradients_kernel(AttentionBackward b) {
  constexpr int kN = kSize / kSide;
  extern __shared__ float4 memory[];
  const Tiles<kSize, kDim> tiles(reinterpret_cast<float*>(memory));
  const Attention& a = b.forward;
  const std::int64_t query = static_cast<std::int64_t>(gridDim.x - 1 - blockIdx.x) * kSize;
  const int head = static_cast<int>(blockIdx.y);
  const int kv_head = head / (a.heads / a.kv_heads);
  const std::int64_t count = min(static_cast<std::int64_t>(kSize), a.tokens - query);
  const std::int64_t q_stride = static_cast<std::int64_t>(a.heads) * a.dim;
  const std::int64_t kv_stride = static_cast<std::int64_t>(a.kv_heads) * a.dim;
  const std::int64_t q_begin = query * q_stride + head * a.dim;
  const int tx = threadIdx.x % kSide;
  const int ty = threadIdx.x / kSide;
  tiles.q.load(a.q + q_begin, q_stride, count, a.dim, softmax_scale(a.dim));
  tiles.dout.load(b.dout + q_begin, q_stride, count, a.dim, 1.0F);
  Accumulator<kSize, kDim> dq;
  dq.clear();
  for (std::int64_t key = 0; key < query + count; key += kSize) {
    const std::int64_t begin = key * kv_stride + kv_head * a.dim;
    const std::int64_t width = min(static_cast<std::int64_t>(kSize), a.tokens - key);
    __syncthreads();
    tiles.k.load(a.k + begin, kv_stride, width, a.dim, 1.0F);
    tiles.v.load(a.v + begin, kv_stride, width, a.dim, 1.0F);
    __syncthreads();
    float p[kN][kN], ds[kN][kN];
    score_gradients(b, tiles, head, query, key, p, ds);
#pragma unroll
    for (int i = 0; i < kN; ++i)
#pragma unroll
      for (int j = 0; j < kN; ++j)
        tiles.first[(ty * kN + i) * (kSize + 1) + tx + kSide * j] = ds[i][j];
    __syncthreads();
    dq.template add_product<kSize>(tiles.first, tiles.k);
  }
  dq.store(b.dq + q_begin, q_stride, count, a.dim);
}

template <int kSize, int kDim>
__global__ void __launch_bounds__(kTileThreads) key_gradients_kernel(AttentionBackward b) {
  constexpr int kN = kSize / kSide;
  extern __shared__ float4 memory[];
  const Tiles<kSize, kDim> tiles(reinterpret_cast<float*>(memory));
  const Attention& a = b.forward;
  const std::int64_t key = static_cast<std::int64_t>(blockIdx.x) * kSize;
  const int kv_head = static_cast<int>(blockIdx.y);
  const int group = a.heads / a.kv_heads;
  const std::int64_t count = min(static_cast<std::int64_t>(kSize), a.tokens - key);
  const std::int64_t q_stride = static_cast<std::int64_t>(a.heads) * a.dim;
  const std::int64_t kv_stride = static_cast<std::int64_t>(a.kv_heads) * a.dim;
  const std::int64_t begin = key * kv_stride + kv_head * a.dim;
  const int tx = threadIdx.x % kSide;
  const int ty = threadIdx.x / kSide;
  tiles.k.load(a.k + begin, kv_stride, count, a.dim, 1.0F);
  tiles.v.load(a.v + begin, kv_stride, count, a.dim, 1.0F);
  Accumulator<kSize, kDim> dk, dv;
  dk.clear();
  dv.clear();
  for (int head = kv_head * group; head < (kv_head + 1) * group; ++head) {
    for (std::int64_t query = key; query < a.tokens; query += kSize) {
      const std::int64_t q_begin = query * q_stride + head * a.dim;
      const std::int64_t rows = min(static_cast<std::int64_t>(kSize), a.tokens - query);
      __syncthreads();
      tiles.q.load(a.q + q_begin, q_stride, rows, a.dim, softmax_scale(a.dim));
      tiles.dout.load(b.dout + q_begin, q_stride, rows, a.dim, 1.0F);
      __syncthreads();
      float p[kN][kN], ds[kN][kN];
      score_gradients(b, tiles, head, query, key, p, ds);
      // Transposed: a row is a key. q holds the softmax's scale already, ds must not bring it a second time.
      const float unscale = 1.0F / softmax_scale(a.dim);
#pragma unroll
      for (int i = 0; i < kN; ++i)
#pragma unroll
        for (int j = 0; j < kN; ++j) {
          const int at = (tx + kSide * j) * (kSize + 1) + ty * kN + i;
          tiles.first[at] = p[i][j];
          tiles.second[at] = ds[i][j] * unscale;
        }
      __syncthreads();
      dv.template add_product<kSize>(tiles.first, tiles.dout);
      dk.template add_product<kSize>(tiles.second, tiles.q);
    }
  }
  dk.store(b.dk + begin, kv_stride, count, a.dim);
  dv.store(b.dv + begin, kv_stride, count, a.dim);
}

template <int kSize, int kDim>
cudaError_t launch(cudaStream_t stream, const AttentionBackward& b) {
  const auto tiles = static_cast<unsigned>((b.forward.tokens + kSize - 1) / kSize);
  constexpr std::size_t kBytes = Tiles<kSize, kDim>::kBytes;
  const cudaError_t status = launch_tiles(query_gradients_kernel<kSize, kDim>,
                                          dim3(tiles, static_cast<unsigned>(b.forward.heads)), kBytes, stream, b);
  if (status != cudaSuccess) return status;
  return launch_tiles(key_gradients_kernel<kSize, kDim>, dim3(tiles, static_cast<unsigned>(b.forward.kv_heads)), kBytes,
                      stream, b);
}

}  // namespace

cudaError_t attention_backward(cudaStream_t stream, const AttentionBackward& b) {
  const Attention& a = b.forward;
  if (a.tokens == 0) return cudaSuccess;
  if (a.dim > kLargestHeadDim) return cudaErrorInvalidValue;
  const std::int64_t threads = a.tokens * a.heads * kWarp;
  projections_kernel<<<static_cast<unsigned>((threads + kTileThreads - 1) / kTileThreads), kTileThreads, 0, stream>>>(
      b);
  const cudaError_t status = cudaGetLastError();
  if (status != cudaSuccess) return status;
  if (a.dim <= 64) return launch<32, 64>(stream, b);
  if (a.dim <= 128) return launch<32, 128>(stream, b);
  return launch<16, 256>(stream, b);
}

}  // namespace salient::cuda::kernels
