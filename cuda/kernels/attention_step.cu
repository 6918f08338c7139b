// SPDX-License-Identifier: Apache-2.0
// One token of each sequence on tensor cores, against a cache of f16. The past is cut into pieces that fill the device;
// each block reads a piece of one key head once for up to 8 of its query heads, and the block of the last piece turns
// and appends the new key and value as well. A second kernel joins the pieces in their order.
//
// A block asks for its first keys and values before the kernel in front, which multiplies q, k and v, has ended:
// earlier steps have written them.
//
// Keys and values go from memory straight into the fragments of mma.sync, 16 bytes a lane. A warp forms, for 16 keys,
// Sᵀ = K Qᵀ and Oᵀ += Vᵀ Pᵀ, where the order of the columns inside a head is ours to choose: in K's products lane
// 4r + c holds columns 32 j + 8 c …, in V's it holds columns 64 j + 8 r ….
#include "cuda/kernels/half_mma.cuh"
#include "cuda/kernels/row_output.cuh"

namespace salient::cuda::kernels {
namespace {

constexpr int kWarps = 4;
constexpr int kThreads = kWarps * kWarp;
constexpr int kQueries = 8;  ///< of a block
constexpr int kKeys = 16;    ///< of a warp at a time
constexpr int kMostPieces = 32;

/// Keys of a piece; the last one may have fewer.
__host__ __device__ inline int piece_keys(int keys, int most_pieces) {
  constexpr int kStep = kWarps * kKeys;
  return ((keys + most_pieces - 1) / most_pieces + kStep - 1) / kStep * kStep;
}

/// Of each piece, sequence and head: the largest score times log2 e / √dim and the sum of exponentials, then the sums
/// of values.
struct Partial {
  float2* sums;   ///< [sequences, heads, pieces]
  float* values;  ///< [sequences, heads, pieces, dim]
  int pieces;     ///< at most, for each sequence
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

/// What a block makes of the projected token: its query heads and, where it is `newest`'s block, the new key turned,
/// the new value, all in f16. kWidth columns at a time: 4, or 1 where rows are not multiples of 8.
template <int kWidth, class T>
__device__ __forceinline__ void turn(const Projected& p, const T* token, int first_head, int count, int kv_head,
                                     bool newest, std::int64_t position, __half* queries, int pitch, __half* new_key,
                                     __half* new_value) {
  const int dim = p.dim;
  const int half = dim / 2;
  const int in_head = half / kWidth;
  const int turned = (count + (newest ? 1 : 0)) * in_head;
  const int all = turned + (newest ? dim / kWidth : 0);
  const float* cosine = p.cosine + position * half;
  const float* sine = p.sine + position * half;
#pragma unroll 1
  for (int i = static_cast<int>(threadIdx.x); i < all; i += kThreads) {
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

/// Grid: pieces, key heads times groups of query heads, sequences. dim at most kDim.
template <class T, int kDim, bool kWhole>
__global__ void __launch_bounds__(kThreads) step_kernel(Projected p, int groups, Partial partial) {
  static_assert(kDim % 64 == 0);
  __shared__ __align__(16) __half queries[kQueries][kDim];
  __shared__ __align__(16) __half new_key[kDim];
  __shared__ __align__(16) __half new_value[kDim];
  __shared__ float2 sums[kWarps][kQueries];
  __shared__ __align__(16) float results[kWarps][kQueries][kDim];
  const int dim = p.dim;
  const int kv_head = static_cast<int>(blockIdx.y) / groups;
  const int first_query = static_cast<int>(blockIdx.y) % groups * kQueries;
  const int group = p.heads / p.kv_heads;
  const int count = min(kQueries, group - first_query);
  const int head = kv_head * group + first_query;
  const std::int64_t sequence = blockIdx.z;
  const int lane = threadIdx.x % kWarp;
  const int warp = threadIdx.x / kWarp;
  const int r = lane / 4;
  const int c = lane % 4;

  const int position = p.positions[sequence];  // of the step: no kernel in it writes them
  const int length = piece_keys(position + 1, partial.pieces);
  const int first = static_cast<int>(blockIdx.x) * length;
  if (first > position) {
    mixed::wait_for_previous();  // the kernels behind this one count on all those before it
    return;
  }
  const int end = min(first + length, position + 1);
  const int stored = min(end, position);  // of these keys the cache has all
  const std::int64_t stride = static_cast<std::int64_t>(p.kv_heads) * dim;
  const std::int64_t begin = sequence * p.capacity * stride + kv_head * dim;
  auto* k = static_cast<__half*>(p.keys) + begin;
  auto* v = static_cast<__half*>(p.values) + begin;

  uint4 low[kDim / 32], high[kDim / 32];  // of keys r and r + 8
  uint4 vectors[kDim / 64][4];            // of keys 2c, 2c + 1, 2c + 8, 2c + 9
  const auto value_key = [&](int key, int i) { return key + 2 * c + i % 2 + i / 2 * 8; };
  const auto load_keys = [&](int key) {
#pragma unroll
    for (int j = 0; j < kDim / 32; ++j) {
      const int column = 32 * j + 8 * c;
      low[j] = high[j] = make_uint4(0, 0, 0, 0);
      if (key + r < stored) low[j] = load_halves<kWhole>(k + (key + r) * stride, column, dim);
      if (key + r + 8 < stored) high[j] = load_halves<kWhole>(k + (key + r + 8) * stride, column, dim);
    }
  };
  const auto load_values = [&](int key) {
#pragma unroll
    for (int j = 0; j < kDim / 64; ++j)
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        const int at = value_key(key, i);
        vectors[j][i] = make_uint4(0, 0, 0, 0);
        if (at < stored) vectors[j][i] = load_halves<kWhole>(v + at * stride, 64 * j + 8 * r, dim);
      }
  };
  load_keys(first + warp * kKeys);
  load_values(first + warp * kKeys);
  mixed::wait_for_previous();
  mixed::let_next_start();

  const T* projected = static_cast<const T*>(p.data) + sequence * (p.heads + 2 * p.kv_heads) * dim;
  for (int i = threadIdx.x; i < kQueries * kDim / 8; i += kThreads) {
    const int column = i % (kDim / 8) * 8;
    if (i / (kDim / 8) >= count || column + 8 > dim) {
      *reinterpret_cast<uint4*>(&queries[i / (kDim / 8)][column]) = make_uint4(0, 0, 0, 0);
    }
  }
  if constexpr (!kWhole) __syncthreads();  // the first columns of such eight are written again
  turn<kWhole ? 4 : 1>(p, projected, head, count, kv_head, end > position, position, queries[0], kDim, new_key,
                       new_value);
  __syncthreads();
  if (end > position && first_query == 0) {  // for later steps; this one reads them here
    __half* const key_row = k + position * stride;
    __half* const value_row = v + position * stride;
    if constexpr (kWhole) {
      for (int i = 8 * threadIdx.x; i < dim; i += 8 * kThreads) {
        *reinterpret_cast<uint4*>(key_row + i) = *reinterpret_cast<const uint4*>(new_key + i);
        *reinterpret_cast<uint4*>(value_row + i) = *reinterpret_cast<const uint4*>(new_value + i);
      }
    } else {
#pragma unroll 1
      for (int i = threadIdx.x; i < dim; i += kThreads) {
        key_row[i] = new_key[i];
        value_row[i] = new_value[i];
      }
    }
  }

  uint4 q[kDim / 32];
#pragma unroll
  for (int j = 0; j < kDim / 32; ++j)
    q[j] = *reinterpret_cast<const uint4*>(&queries[r][32 * j + 8 * c]);
  float out[kDim / 16][4] = {};  // of tile 4 j + t: columns 64 j + 8 r + 2 t and the next one, queries 2c and 2c + 1
  float peak[2] = {-INFINITY, -INFINITY}, sum[2] = {};
  const float scale = binary_softmax_scale(dim);
  for (int key = first + warp * kKeys; key < end; key += kWarps * kKeys) {
    if (position < key + kKeys) {  // the new one is among them
#pragma unroll
      for (int j = 0; j < kDim / 32; ++j) {
        if (key + r == position) low[j] = load_halves<kWhole>(new_key, 32 * j + 8 * c, dim);
        if (key + r + 8 == position) high[j] = load_halves<kWhole>(new_key, 32 * j + 8 * c, dim);
      }
#pragma unroll
      for (int j = 0; j < kDim / 64; ++j)
#pragma unroll
        for (int i = 0; i < 4; ++i)
          if (value_key(key, i) == position) vectors[j][i] = load_halves<kWhole>(new_value, 64 * j + 8 * r, dim);
    }
    float scores[4] = {};  // keys r and r + 8, queries 2c and 2c + 1
#pragma unroll
    for (int j = 0; j < kDim / 32; ++j) {
      multiply_add(scores, {low[j].x, high[j].x, low[j].y, high[j].y}, q[j].x, q[j].y);
      multiply_add(scores, {low[j].z, high[j].z, low[j].w, high[j].w}, q[j].z, q[j].w);
    }
    load_keys(key + kWarps * kKeys);  // they arrive while this turn's values are added
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
    const std::uint32_t weights_low = transposed(pack_halves(weights[0], weights[1]));
    const std::uint32_t weights_high = transposed(pack_halves(weights[2], weights[3]));
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
    load_values(key + kWarps * kKeys);
  }
#pragma unroll
  for (int i = 0; i < 2; ++i) {
#pragma unroll
    for (int step = 4; step < kWarp; step *= 2)
      sum[i] += __shfl_xor_sync(0xffffffffU, sum[i], step);
    if (r == 0) sums[warp][2 * c + i] = make_float2(peak[i], sum[i]);
#pragma unroll
    for (int n = 0; n < kDim / 16; ++n) {
      const int column = n / 4 * 64 + 8 * r + n % 4 * 2;
      results[warp][2 * c + i][column] = out[n][i];
      results[warp][2 * c + i][column + 1] = out[n][i + 2];
    }
  }
  __syncthreads();
  const std::int64_t first_row = (sequence * p.heads + head) * partial.pieces + blockIdx.x;
  constexpr int kWidth = kWhole ? 4 : 1;
#pragma unroll 1
  for (int i = threadIdx.x; i < count * kDim / kWidth; i += kThreads) {
    const int query = i / (kDim / kWidth);
    const int column = i % (kDim / kWidth) * kWidth;
    float largest = -INFINITY;
#pragma unroll
    for (int w = 0; w < kWarps; ++w)
      largest = fmaxf(largest, sums[w][query].x);
    float value[kWidth] = {};
    float total = 0;
#pragma unroll
    for (int w = 0; w < kWarps; ++w) {
      const float factor = power_of_two(sums[w][query].x - largest);
      float part[kWidth];
      load_some(&results[w][query][column], part);
#pragma unroll
      for (int e = 0; e < kWidth; ++e)
        value[e] = fmaf(part[e], factor, value[e]);
      total = fmaf(sums[w][query].y, factor, total);
    }
    const std::int64_t row = first_row + static_cast<std::int64_t>(query) * partial.pieces;
    if (column < dim) store_some(partial.values + row * dim + column, value);
    if (column == 0) partial.sums[row] = make_float2(largest, total);
  }
}

constexpr int kPartsAtOnce = 16;

/// A warp for each 128 columns of each sequence: grid (columns, sequences). kWhole: heads are multiples of 4 columns.
template <class Output, bool kWhole>
__global__ void __launch_bounds__(kThreads) join_kernel(Projected p, Partial partial, Output out) {
  const int dim = p.dim;
  const int cols = p.heads * dim;
  const int lane = static_cast<int>(threadIdx.x) % kWarp;
  const int block = static_cast<int>(blockIdx.x * kWarps + threadIdx.x / kWarp);
  const int sequence = static_cast<int>(blockIdx.y);
  mixed::wait_for_previous();
  mixed::let_next_start();
  const int keys = sequence < p.tokens ? p.positions[sequence] + 1 : 1;
  const int length = piece_keys(keys, partial.pieces);
  const int pieces = (keys + length - 1) / length;
  if (block * kRowBlock >= cols) return;
  if (sequence >= p.tokens) {
    out.fill_block(sequence, block, lane);
    return;
  }
  float v[4] = {};
  const int column = block * kRowBlock + 4 * lane;
  const int end = min((block + 1) * kRowBlock, cols);
#pragma unroll 1
  for (int head = block * kRowBlock / dim; head * dim < end; ++head) {  // the heads that these columns belong to
    const int row = (sequence * p.heads + head) * partial.pieces;
    const int in_head = column - head * dim;
    const float* values = partial.values + static_cast<std::int64_t>(row) * dim + in_head;
    static_assert(kMostPieces <= kWarp);
    const float2 sum = lane < pieces ? partial.sums[row + lane] : make_float2(-INFINITY, 0);
    float factor = 0;
#pragma unroll 1
    for (int first = 0; first < pieces; first += kPartsAtOnce) {
      float parts[kPartsAtOnce][4] = {};
#pragma unroll
      for (int i = 0; i < kPartsAtOnce; ++i) {
        if (first + i >= pieces) continue;
        const float* from = values + (first + i) * dim;
        if constexpr (kWhole) {
          if (in_head >= 0 && in_head < dim) load_four(from, parts[i]);
        } else {
          for (int e = 0; e < 4; ++e)
            if (in_head + e >= 0 && in_head + e < dim) parts[i][e] = from[e];
        }
      }
      if (first == 0) {  // while the first parts are on their way
        const float largest = reduce_lanes(sum.x, Largest());
        factor = power_of_two(sum.x - largest);
        factor /= reduce_lanes(sum.y * factor, Sum());
      }
#pragma unroll
      for (int i = 0; i < kPartsAtOnce; ++i) {
        // Behind the last piece both parts and weights are zeros.
        const float weight = __shfl_sync(0xffffffffU, factor, first + i);
#pragma unroll
        for (int e = 0; e < 4; ++e)
          v[e] = fmaf(parts[i][e], weight, v[e]);
      }
    }
  }
  out.store_block(v, sequence, block, lane);
}

int group_count(const Projected& p) {
  return (p.heads / p.kv_heads + kQueries - 1) / kQueries;
}

/// Pieces of each sequence: a little more than fill the three blocks that a multiprocessor holds, each with work for
/// its warps. More of them balance better, but cost more in joining than they gain.
int piece_count(const Projected& p, int multiprocessors) {
  const std::int64_t blocks = p.tokens * p.kv_heads * group_count(p);
  const std::int64_t wanted = (4 * static_cast<std::int64_t>(multiprocessors) + blocks - 1) / blocks;
  const std::int64_t most = (p.capacity + kWarps * kKeys - 1) / (kWarps * kKeys);
  return static_cast<int>(std::clamp<std::int64_t>(wanted, 1, std::min<std::int64_t>(most, kMostPieces)));
}

}  // namespace

std::int64_t step_partial_floats(const Projected& p, int multiprocessors) {
  return p.tokens * p.heads * piece_count(p, multiprocessors) * (2 + static_cast<std::int64_t>(p.dim));
}

cudaError_t half_attention_step(cudaStream_t stream, const Projected& p, int multiprocessors, float* partial_memory,
                                const RowOutput& out, bool overlap) {
  if (p.dim > kLargestHeadDim || p.cache_type != DType::f16 || p.positions == nullptr) return cudaErrorInvalidValue;
  if (p.tokens == 0) return cudaSuccess;
  const int groups = group_count(p);
  Partial partial;
  partial.pieces = piece_count(p, multiprocessors);
  partial.values = partial_memory;
  partial.sums = reinterpret_cast<float2*>(partial_memory + p.tokens * p.heads * partial.pieces * p.dim);
  const dim3 grid(static_cast<unsigned>(partial.pieces), static_cast<unsigned>(p.kv_heads * groups),
                  static_cast<unsigned>(p.tokens));
  const bool whole = p.dim % 8 == 0;
  const cudaError_t status = with_type(p.type, [&](auto* type) {
    using T = std::remove_cvref_t<decltype(*type)>;
    const auto of = [&]<bool kWhole>() {
      return p.dim <= 64    ? step_kernel<T, 64, kWhole>
             : p.dim <= 128 ? step_kernel<T, 128, kWhole>
                            : step_kernel<T, 256, kWhole>;
    };
    return mixed::launch(whole ? of.template operator()<true>() : of.template operator()<false>(), grid, kThreads, 0, 1,
                         overlap, stream, p, groups, partial);
  });
  if (status != cudaSuccess) return status;
  const int cols = p.heads * p.dim;
  const dim3 join_grid(static_cast<unsigned>((cols + kWarps * kRowBlock - 1) / (kWarps * kRowBlock)),
                       static_cast<unsigned>(output_rows(out, p.tokens)));
  return with_output(out, p.tokens, cols, [&](auto output) {
    using Output = decltype(output);
    return mixed::launch(whole ? join_kernel<Output, true> : join_kernel<Output, false>, join_grid, kThreads, 0, 1,
                         overlap, stream, p, partial, output);
  });
}

}  // namespace salient::cuda::kernels
