// SPDX-License-Identifier: Apache-2.0
// Reading a prompt: rotation and the cache, and causal attention on tensor cores by tiles of queries and keys with a
// running softmax (Dao 2023, FlashAttention-2): scores and probabilities stay in registers.
#include "cuda/kernels/device.cuh"
#include "cuda/kernels/half_mma.cuh"
#include "cuda/kernels/kernels.h"
#include "cuda/kernels/mixed_common.cuh"

namespace salient::cuda::kernels {
namespace {

// ---- Rotation and cache ----

constexpr int kAppendThreads = 256;

/// A block for each token; kWidth columns of each half of a head a thread: first of the queries, then of the keys, then
/// of the values.
template <class T, class Cache, int kWidth>
__global__ void __launch_bounds__(kAppendThreads) append_kernel(Projected p, Cache* queries) {
  const int half = p.dim / 2;
  const int in_head = half / kWidth;
  const int heads = p.heads + 2 * p.kv_heads;
  const std::int64_t token = blockIdx.x;
  mixed::wait_for_previous();
  mixed::let_next_start();
  const std::int64_t position = p.positions != nullptr ? p.positions[token] : p.first_position + token;
  for (int i = static_cast<int>(threadIdx.x); i < heads * in_head; i += kAppendThreads) {
    const int head = i / in_head;
    const int frequency = i % in_head * kWidth;
    const T* from = static_cast<const T*>(p.data) + (token * heads + head) * p.dim + frequency;
    float a[kWidth], b[kWidth];
    if constexpr (kWidth == 4) {
      load_four(from, a);
      load_four(from + half, b);
    } else {
      a[0] = to_float(from[0]);
      b[0] = to_float(from[half]);
    }
    if (head < p.heads + p.kv_heads) {
#pragma unroll
      for (int e = 0; e < kWidth; ++e) {
        const float c = p.cosine[position * half + frequency + e];
        const float s = p.sine[position * half + frequency + e];
        const float turned = a[e] * c - b[e] * s;
        b[e] = b[e] * c + a[e] * s;
        a[e] = turned;
      }
    }
    Cache* to;
    if (head < p.heads) {
      to = queries + (token * p.heads + head) * p.dim + frequency;
    } else {
      const bool value = head >= p.heads + p.kv_heads;
      const std::int64_t row = p.positions != nullptr ? token * p.capacity + position : position;
      const int kv_head = head - p.heads - (value ? p.kv_heads : 0);
      to = static_cast<Cache*>(value ? p.values : p.keys) + (row * p.kv_heads + kv_head) * p.dim + frequency;
    }
    if constexpr (kWidth == 4) {
      store_four(to, a);
      store_four(to + half, b);
    } else {
      store(to, a[0]);
      store(to + half, b[0]);
    }
  }
}

// ---- Attention ----

constexpr int kWarps = 4;
constexpr int kThreads = kWarps * kWarp;
constexpr int kKeys = 64;

/// kRows rows of kDim halves in shared memory; the 16-byte chunks of row r lie in the order chunk ^ (r & 7), so that
/// eight rows of the same chunk meet no bank twice.
template <int kRows, int kDim>
struct HalfTile {
  static constexpr int kChunks = kDim / 8;
  static constexpr int kHalves = kRows * kDim;
  __half* data;

  __device__ __half* chunk(int row, int index) const { return data + row * kDim + ((index ^ (row & 7)) << 3); }
  __device__ std::uint32_t address(int row, int index) const { return shared_address(chunk(row, index)); }
  /// From the address of chunk `index` < 2 of a row to that of chunk 2 · pair + index, and `rows` (of 8) further.
  __device__ static std::uint32_t further(std::uint32_t address, int pair, int rows) {
    return (address ^ static_cast<std::uint32_t>(pair << 5)) + static_cast<std::uint32_t>(rows * kDim * 2);
  }

  /// From a head's columns of a matrix; zeros from row `count` and from column `dim` on. `whole`: dim and the stride
  /// are multiples of 8; then it arrives with wait_for_copies().
  __device__ void load(const __half* first_row, std::int64_t stride, std::int64_t count, int dim, bool whole) const {
    if (whole) {
      constexpr int kStep = kThreads / kChunks;
      static_assert(kThreads % kChunks == 0 && kRows % kStep == 0);
      const int first = static_cast<int>(threadIdx.x) / kChunks;
      const int index = static_cast<int>(threadIdx.x) % kChunks;
      const __half* from = first_row + first * stride + index * 8;
#pragma unroll
      for (int row = 0; row < kRows; row += kStep) {
        const bool exists = first + row < count && index * 8 < dim;
        copy_in_background(address(first + row, index), exists ? from : first_row, exists);
        from += kStep * stride;
      }
      return;
    }
    for (int i = threadIdx.x; i < kRows * kDim; i += kThreads) {
      const int row = i / kDim;
      const int column = i % kDim;
      chunk(row, column / 8)[column % 8] =
          row < count && column < dim ? first_row[row * stride + column] : __float2half_rn(0.0F);
    }
  }
};

/// A block of 4 warps: kStrips · 16 queries a warp, of one head.
template <int kDim, int kStrips, class Out>
__global__ void __launch_bounds__(kThreads) half_attention_kernel(HalfAttention a) {
  constexpr int kQueries = kWarps * kStrips * 16;
  extern __shared__ __align__(1024) unsigned char memory[];
  const HalfTile<kQueries, kDim> queries{reinterpret_cast<__half*>(memory)};
  const HalfTile<kKeys, kDim> keys{queries.data + queries.kHalves};
  const HalfTile<kKeys, kDim> values{keys.data + keys.kHalves};
  const int lane = threadIdx.x % kWarp;
  const int warp_row = threadIdx.x / kWarp * (kStrips * 16);
  const int r = lane / 4;
  const int c = lane % 4;

  // The last tiles have the most keys: they go first.
  const std::int64_t first = static_cast<std::int64_t>(gridDim.y - 1 - blockIdx.y) * kQueries;
  const int head = static_cast<int>(blockIdx.x);
  const int kv_head = head / (a.heads / a.kv_heads);
  const std::int64_t count = min(static_cast<std::int64_t>(kQueries), a.tokens - first);
  const std::int64_t q_stride = static_cast<std::int64_t>(a.heads) * a.dim;
  const std::int64_t kv_stride = static_cast<std::int64_t>(a.kv_heads) * a.dim;
  const std::int64_t position = a.first_position + first;
  const std::int64_t all_keys = position + count;
  const bool whole = a.dim % 8 == 0;
  const auto* k = static_cast<const __half*>(a.k) + kv_head * a.dim;
  const auto* v = static_cast<const __half*>(a.v) + kv_head * a.dim;

  const std::uint32_t query_rows = queries.address(warp_row + lane % 16, lane / 16);
  const std::uint32_t key_rows = keys.address(lane % 8 + lane / 16 * 8, lane / 8 % 2);
  const std::uint32_t value_rows = values.address(lane % 16, lane / 16);
  mixed::wait_for_previous();
  mixed::let_next_start();
  queries.load(static_cast<const __half*>(a.q) + first * q_stride + head * a.dim, q_stride, count, a.dim, whole);
  keys.load(k, kv_stride, all_keys, a.dim, whole);
  const float scale = binary_softmax_scale(a.dim);
  float out[kStrips][kDim / 8][4] = {};
  float peak[kStrips][2], sum[kStrips][2] = {};
#pragma unroll
  for (int m = 0; m < kStrips; ++m)
    peak[m][0] = peak[m][1] = -INFINITY;

  for (std::int64_t key = 0; key < all_keys; key += kKeys) {
    wait_for_copies();
    __syncthreads();  // the keys are there, and the last values have been read
    values.load(v + key * kv_stride, kv_stride, all_keys - key, a.dim, whole);
    float scores[kStrips][kKeys / 8][4] = {};
#pragma unroll
    for (int d = 0; d < kDim / 16; ++d) {
      std::uint32_t q[kStrips][4];
#pragma unroll
      for (int m = 0; m < kStrips; ++m)
        load_matrices(q[m], queries.further(query_rows, d, m * 16));
#pragma unroll
      for (int n = 0; n < kKeys / 16; ++n) {
        std::uint32_t b[4];
        load_matrices(b, keys.further(key_rows, d, n * 16));
#pragma unroll
        for (int m = 0; m < kStrips; ++m) {
          multiply_add(scores[m][2 * n], q[m], b[0], b[1]);
          multiply_add(scores[m][2 * n + 1], q[m], b[2], b[3]);
        }
      }
    }
    wait_for_copies();
    __syncthreads();  // the values are there, and the keys have been read
    if (key + kKeys < all_keys)
      keys.load(k + (key + kKeys) * kv_stride, kv_stride, all_keys - key - kKeys, a.dim, whole);

      // Rows r and r + 8 of each strip, shared by the four lanes of a quad.
#pragma unroll
    for (int m = 0; m < kStrips; ++m) {
#pragma unroll
      for (int row = 0; row < 2; ++row) {
        if (key + kKeys > position + warp_row) {  // else every query of this warp sees every key
          const std::int64_t visible = position + warp_row + m * 16 + row * 8 + r - key;  // the last key it sees
#pragma unroll
          for (int n = 0; n < kKeys / 8; ++n)
#pragma unroll
            for (int e = 0; e < 2; ++e)
              if (n * 8 + 2 * c + e > visible) scores[m][n][2 * row + e] = -INFINITY;
        }
        float largest = peak[m][row];
#pragma unroll
        for (int n = 0; n < kKeys / 8; ++n)
          largest = fmaxf(largest, fmaxf(scores[m][n][2 * row], scores[m][n][2 * row + 1]));
        // The first tile holds key 0, which every query sees: no row is without a maximum.
        largest = reduce_lanes<4>(largest, Largest());
        const float correction = power_of_two((peak[m][row] - largest) * scale);
        const float shift = largest * scale;
        peak[m][row] = largest;
        float part = 0;
#pragma unroll
        for (int n = 0; n < kKeys / 8; ++n)
#pragma unroll
          for (int e = 0; e < 2; ++e) {
            float& score = scores[m][n][2 * row + e];
            score = power_of_two(fmaf(score, scale, -shift));
            part += score;
          }
        sum[m][row] = sum[m][row] * correction + part;
        if (__any_sync(0xffffffffU, correction != 1.0F)) {  // seldom behind the first tiles
#pragma unroll
          for (int n = 0; n < kDim / 8; ++n) {
            out[m][n][2 * row] *= correction;
            out[m][n][2 * row + 1] *= correction;
          }
        }
      }
    }
#pragma unroll
    for (int t = 0; t < kKeys / 16; ++t) {
      std::uint32_t p[kStrips][4];
#pragma unroll
      for (int m = 0; m < kStrips; ++m) {
        p[m][0] = pack_halves(scores[m][2 * t][0], scores[m][2 * t][1]);
        p[m][1] = pack_halves(scores[m][2 * t][2], scores[m][2 * t][3]);
        p[m][2] = pack_halves(scores[m][2 * t + 1][0], scores[m][2 * t + 1][1]);
        p[m][3] = pack_halves(scores[m][2 * t + 1][2], scores[m][2 * t + 1][3]);
      }
#pragma unroll
      for (int n = 0; n < kDim / 16; ++n) {
        std::uint32_t b[4];
        load_matrices_transposed(b, values.further(value_rows, n, t * 16));
#pragma unroll
        for (int m = 0; m < kStrips; ++m) {
          multiply_add(out[m][2 * n], p[m], b[0], b[1]);
          multiply_add(out[m][2 * n + 1], p[m], b[2], b[3]);
        }
      }
    }
  }
#pragma unroll
  for (int m = 0; m < kStrips; ++m)
#pragma unroll
    for (int row = 0; row < 2; ++row) {
      const float factor = 1.0F / reduce_lanes<4>(sum[m][row], Sum());
      const int query = warp_row + m * 16 + row * 8 + r;
      if (query >= count) continue;
      Out* to = static_cast<Out*>(a.out.values) + (first + query) * q_stride + head * a.dim;
#pragma unroll
      for (int n = 0; n < kDim / 8; ++n)
#pragma unroll
        for (int e = 0; e < 2; ++e) {
          const int column = n * 8 + 2 * c + e;
          if (column < a.dim) store(to + column, out[m][n][2 * row + e] * factor);
        }
    }
}

template <int kDim, int kStrips, class Out>
cudaError_t launch(cudaStream_t stream, const HalfAttention& a, bool overlap) {
  constexpr int kQueries = kWarps * kStrips * 16;
  constexpr std::size_t kBytes = sizeof(__half) * (kQueries + 2 * kKeys) * kDim;
  const auto kernel = half_attention_kernel<kDim, kStrips, Out>;
  const cudaError_t status =
      cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(kBytes));
  if (status != cudaSuccess) return status;
  const dim3 grid(static_cast<unsigned>(a.heads), static_cast<unsigned>((a.tokens + kQueries - 1) / kQueries));
  return mixed::launch(kernel, grid, kThreads, kBytes, 1, overlap, stream, a);
}

template <class T, class Cache>
cudaError_t append(cudaStream_t stream, const Projected& p, Cache* queries, bool overlap) {
  const bool wide = p.dim % 8 == 0;
  const auto kernel = wide ? append_kernel<T, Cache, 4> : append_kernel<T, Cache, 1>;
  return mixed::launch(kernel, dim3(static_cast<unsigned>(p.tokens)), kAppendThreads, 0, 1, overlap, stream, p,
                       queries);
}

}  // namespace

cudaError_t append_to_cache(cudaStream_t stream, const Projected& p, void* queries, bool overlap) {
  if (p.tokens == 0) return cudaSuccess;
  return with_type(p.type, [&](auto* type) {
    using T = std::remove_cvref_t<decltype(*type)>;
    if (p.cache_type == DType::f16) return append<T>(stream, p, static_cast<__half*>(queries), overlap);
    if (p.cache_type == DType::f32) return append<T>(stream, p, static_cast<float*>(queries), overlap);
    return cudaErrorInvalidValue;
  });
}

cudaError_t half_attention(cudaStream_t stream, const HalfAttention& a, bool overlap) {
  if (a.dim > kLargestHeadDim || a.out.codes != nullptr) return cudaErrorInvalidValue;
  if (a.tokens == 0) return cudaSuccess;
  return with_type(a.out.type, [&](auto* type) {
    using Out = std::remove_cvref_t<decltype(*type)>;
    if (a.dim <= 64) return launch<64, 2, Out>(stream, a, overlap);
    if (a.dim <= 128) return launch<128, 2, Out>(stream, a, overlap);
    return launch<256, 1, Out>(stream, a, overlap);
  });
}

}  // namespace salient::cuda::kernels
