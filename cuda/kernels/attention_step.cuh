// SPDX-License-Identifier: Apache-2.0
// What the kernels of decoding's attention share: the pieces that the past is cut into, and how a warp goes through
// keys.
#pragma once

#include "cuda/kernels/device.cuh"
#include "cuda/kernels/half_mma.cuh"
#include "cuda/kernels/kernels.h"
#include "cuda/kernels/mixed_common.cuh"

namespace salient::cuda::kernels {

constexpr int kMostPieces = 32;
constexpr int kQueries = 8;  ///< of a key head at a time
constexpr int kKeys = 16;    ///< of a warp at a time

/// The part of a sequence's keys that a block takes.
struct Piece {
  int position;  ///< of the step's token: no kernel in the step writes it
  int first;
  int end;
  int stored;  ///< of the keys before this one the cache has all

  [[nodiscard]] __device__ bool empty() const { return first > position; }
};

/// Of each piece, sequence and head: the largest score times log2 e / √dim and the sum of exponentials, then the sums
/// of values.
struct Partial {
  float2* sums;   ///< [sequences, heads, pieces]
  float* values;  ///< [sequences, heads, pieces, dim]
  int pieces;     ///< at most, for each sequence
  int step;       ///< keys that a piece is a multiple of

  /// Keys of a piece of `keys` in all; the last one may have fewer.
  [[nodiscard]] __host__ __device__ int piece_keys(int keys) const {
    return ((keys + pieces - 1) / pieces + step - 1) / step * step;
  }
  [[nodiscard]] __device__ Piece piece(int position, int index) const {
    const int length = piece_keys(position + 1);
    const int first = index * length;
    const int end = min(first + length, position + 1);
    return {position, first, end, min(end, position)};
  }
};

/// 8 halves of a row from `column` on; zeros where there are none. kWhole: rows are multiples of 8 columns.
template <bool kWhole>
__device__ __forceinline__ uint4 load_halves(const __half* row, int column, int dim) {
  uint4 v = make_uint4(0, 0, 0, 0);
  if (column >= dim) return v;
  if constexpr (kWhole) return *reinterpret_cast<const uint4*>(row + column);
  __half* parts = reinterpret_cast<__half*>(&v);
  for (int i = 0; i < 8; ++i)
    if (column + i < dim) parts[i] = row[column + i];
  return v;
}
__device__ __forceinline__ std::uint32_t word(const uint4& v, int index) {
  return index == 0 ? v.x : index == 1 ? v.y : index == 2 ? v.z : v.w;
}

/// One or four elements.
template <class T, int kWidth>
__device__ __forceinline__ void load_some(const T* from, float (&v)[kWidth]) {
  if constexpr (kWidth == 4) {
    load_four(from, v);
  } else {
    v[0] = to_float(*from);
  }
}
template <class T, int kWidth>
__device__ __forceinline__ void store_some(T* to, const float (&v)[kWidth]) {
  if constexpr (kWidth == 4) {
    store_four(to, v);
  } else {
    store(to, v[0]);
  }
}

/// What kTogether threads make of the projected token: their query heads and, where they have the `newest` key, that
/// key turned and the new value, all in f16. kWidth columns at a time: 4, or 1 where rows are not multiples of 8.
template <int kWidth, int kTogether, class T>
__device__ __forceinline__ void turn(const Projected& p, const T* token, int first_head, int count, int kv_head,
                                     bool newest, std::int64_t position, __half* queries, int pitch, __half* new_key,
                                     __half* new_value, int thread) {
  const int dim = p.dim;
  const int half = dim / 2;
  const int in_head = half / kWidth;
  const int turned = (count + (newest ? 1 : 0)) * in_head;
  const int all = turned + (newest ? dim / kWidth : 0);
  const float* cosine = p.cosine + position * half;
  const float* sine = p.sine + position * half;
#pragma unroll 1
  for (int i = thread; i < all; i += kTogether) {
    if (i < turned) {
      const int head = i / in_head;
      const int column = i % in_head * kWidth;
      const T* from = token + (head < count ? first_head + head : p.heads + kv_head) * dim + column;
      __half* to = (head < count ? queries + head * pitch : new_key) + column;
      float a[kWidth], b[kWidth], c[kWidth], s[kWidth];
      load_some(from, a);
      load_some(from + half, b);
      load_some(cosine + column, c);
      load_some(sine + column, s);
#pragma unroll
      for (int e = 0; e < kWidth; ++e) {
        const float first = a[e] * c[e] - b[e] * s[e];
        b[e] = b[e] * c[e] + a[e] * s[e];
        a[e] = first;
      }
      store_some(to, a);
      store_some(to + half, b);
    } else {
      float v[kWidth];
      load_some(token + (p.heads + p.kv_heads + kv_head) * dim + (i - turned) * kWidth, v);
      store_some(new_value + (i - turned) * kWidth, v);
    }
  }
}

/// scores [16 keys, 8 queries] += K Qᵀ: `low` and `high` are lane 4r + c's columns 32 j + 8 c … of keys r and r + 8,
/// `q` of query r. A lane gets keys r and r + 8, queries 2c and 2c + 1.
template <int kDim>
__device__ __forceinline__ void add_scores(const uint4 (&low)[kDim / 32], const uint4 (&high)[kDim / 32],
                                           const uint4 (&q)[kDim / 32], float (&scores)[4]) {
#pragma unroll
  for (int j = 0; j < kDim / 32; ++j) {
    multiply_add(scores, {low[j].x, high[j].x, low[j].y, high[j].y}, q[j].x, q[j].y);
    multiply_add(scores, {low[j].z, high[j].z, low[j].w, high[j].w}, q[j].z, q[j].w);
  }
}

/// What a warp knows of the keys so far.
template <int kDim>
struct Sums {
  /// As add() leaves it, of tile 4 j + t: columns 64 j + 8 r + 2 t and the next one, queries 2c and 2c + 1.
  float out[kDim / 16][4] = {};
  float peak[2] = {-INFINITY, -INFINITY};
  float sum[2] = {};

  /// The weights of 16 keys from `key` on, of which those from `end` on do not count, as the right factor of the
  /// product with their values; what there is already is weighed anew. `scores`: as of add_scores().
  __device__ __forceinline__ void weigh(const float (&scores)[4], int key, int end, float scale, int r,
                                        std::uint32_t& low, std::uint32_t& high) {
    float weights[4];
#pragma unroll
    for (int i = 0; i < 2; ++i) {
      const float a = key + r < end ? scores[i] * scale : -INFINITY;
      const float b = key + r + 8 < end ? scores[i + 2] * scale : -INFINITY;
      float largest = fmaxf(fmaxf(a, b), peak[i]);
#pragma unroll
      for (int step = 4; step < kWarp; step *= 2)
        largest = fmaxf(largest, __shfl_xor_sync(0xffffffffU, largest, step));
      const float correction = power_of_two(peak[i] - largest);
      peak[i] = largest;
      weights[i] = power_of_two(a - largest);
      weights[i + 2] = power_of_two(b - largest);
      sum[i] = sum[i] * correction + weights[i] + weights[i + 2];
#pragma unroll
      for (int n = 0; n < kDim / 16; ++n) {
        out[n][i] *= correction;
        out[n][i + 2] *= correction;
      }
    }
    low = transposed(pack_halves(weights[0], weights[1]));
    high = transposed(pack_halves(weights[2], weights[3]));
  }
  /// 16 keys with their values. `vectors`: columns 64 j + 8 r … of the values 2c, 2c + 1, 2c + 8, 2c + 9.
  __device__ __forceinline__ void add(const float (&scores)[4], int key, int end, float scale, int r,
                                      const uint4 (&vectors)[kDim / 64][4]) {
    std::uint32_t weights_low, weights_high;
    weigh(scores, key, end, scale, r, weights_low, weights_high);
#pragma unroll
    for (int j = 0; j < kDim / 64; ++j)
#pragma unroll
      for (int t = 0; t < 4; ++t) {
        const std::uint32_t a = word(vectors[j][0], t), b = word(vectors[j][1], t);
        const std::uint32_t d = word(vectors[j][2], t), e = word(vectors[j][3], t);
        multiply_add(out[4 * j + t],
                     {__byte_perm(a, b, 0x5410), __byte_perm(a, b, 0x7632), __byte_perm(d, e, 0x5410),
                      __byte_perm(d, e, 0x7632)},
                     weights_low, weights_high);
      }
  }
  /// The sums of all lanes' keys.
  __device__ __forceinline__ void finish() {
#pragma unroll
    for (int i = 0; i < 2; ++i) {
#pragma unroll
      for (int step = 4; step < kWarp; step *= 2)
        sum[i] += __shfl_xor_sync(0xffffffffU, sum[i], step);
    }
  }
  /// As a piece's result; `first_row`: the first query's.
  template <bool kWhole>
  __device__ __forceinline__ void store(const Partial& partial, std::int64_t first_row, int count, int dim, int r,
                                        int c) const {
#pragma unroll
    for (int i = 0; i < 2; ++i) {
      if (2 * c + i >= count) continue;
      const std::int64_t row = first_row + static_cast<std::int64_t>(2 * c + i) * partial.pieces;
      if (r == 0) partial.sums[row] = make_float2(peak[i], sum[i]);
#pragma unroll
      for (int n = 0; n < kDim / 16; n += 2) {  // four columns in a row
        const float value[4] = {out[n][i], out[n][i + 2], out[n + 1][i], out[n + 1][i + 2]};
        const int column = n / 4 * 64 + 8 * r + n % 4 * 2;
        float* to = partial.values + row * dim + column;
        if constexpr (kWhole) {
          if (column < dim) store_four(to, value);
        } else {
#pragma unroll
          for (int e = 0; e < 4; ++e)
            if (column + e < dim) to[e] = value[e];
        }
      }
    }
  }
};

/// Joins the pieces of each sequence in their order.
[[nodiscard]] cudaError_t join_pieces(cudaStream_t stream, const Projected& p, const Partial& partial,
                                      const RowOutput& out, bool overlap);

// attention_rows.cu
inline constexpr int kRowHeads = 4;  ///< key heads of a block
/// Whether whole rows of keys can be read at once.
[[nodiscard]] bool can_attend_rows(const Projected& p);
/// The pieces, for compute capability 9.0.
[[nodiscard]] cudaError_t attend_rows(cudaStream_t stream, const Projected& p, const Partial& partial, bool overlap);

}  // namespace salient::cuda::kernels
