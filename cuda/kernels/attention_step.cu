// SPDX-License-Identifier: Apache-2.0
// One token of each sequence on tensor cores, against a cache of f16. The past is cut into pieces that fill the device;
// each block reads a piece of one key head once for up to 8 of its query heads, and the block of the last piece turns
// and appends the new key and value as well. A second kernel joins the pieces in their order.
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
__host__ __device__ inline std::int64_t piece_keys(std::int64_t keys, int most_pieces) {
  constexpr std::int64_t kStep = kWarps * kKeys;
  return ((keys + most_pieces - 1) / most_pieces + kStep - 1) / kStep * kStep;
}

/// Of each piece, sequence and head: the largest score times log2 e / √dim and the sum of exponentials, then the sums
/// of values.
struct Partial {
  float2* sums;   ///< [sequences, heads, pieces]
  float* values;  ///< [sequences, heads, pieces, dim]
  int pieces;     ///< at most, for each sequence
};

/// 8 halves of a row from `column` on; zeros where there are none.
__device__ __forceinline__ uint4 load_halves(const __half* row, int column, int dim, bool whole) {
  uint4 v = make_uint4(0, 0, 0, 0);
  if (column >= dim) return v;
  if (whole) return *reinterpret_cast<const uint4*>(row + column);
  __half* parts = reinterpret_cast<__half*>(&v);
  for (int i = 0; i < 8; ++i)
    if (column + i < dim) parts[i] = row[column + i];
  return v;
}
__device__ __forceinline__ std::uint32_t word(const uint4& v, int index) {
  return index == 0 ? v.x : index == 1 ? v.y : index == 2 ? v.z : v.w;
}

/// A pair of columns after its rotation.
template <class T>
__device__ __forceinline__ float2 turned(const Projected& p, const T* head, int frequency, std::int64_t position) {
  const int half = p.dim / 2;
  const float a = to_float(head[frequency]);
  const float b = to_float(head[frequency + half]);
  const float c = p.cosine[position * half + frequency];
  const float s = p.sine[position * half + frequency];
  return make_float2(a * c - b * s, b * c + a * s);
}

/// Grid: pieces, key heads times groups of query heads, sequences. dim at most kDim.
template <class T, int kDim>
__global__ void __launch_bounds__(kThreads) step_kernel(Projected p, int groups, Partial partial) {
  static_assert(kDim % 64 == 0);
  __shared__ __align__(16) __half queries[kQueries][kDim];
  __shared__ __align__(16) __half new_key[kDim];
  __shared__ __align__(16) __half new_value[kDim];
  __shared__ float2 sums[kWarps][kQueries];
  __shared__ float results[kWarps][kQueries][kDim];
  const int dim = p.dim;
  const int half = dim / 2;
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
  const bool whole = dim % 8 == 0;

  // Only the projected token is the kernel before's. Positions came by a copy, behind all that had filled the caches.
  const int position = p.positions[sequence];
  const int length = static_cast<int>(piece_keys(position + 1, partial.pieces));
  const int first = static_cast<int>(blockIdx.x) * length;
  if (first > position) return;
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
      if (key + r < stored) low[j] = load_halves(k + (key + r) * stride, column, dim, whole);
      if (key + r + 8 < stored) high[j] = load_halves(k + (key + r + 8) * stride, column, dim, whole);
    }
  };
  const auto load_values = [&](int key) {
#pragma unroll
    for (int j = 0; j < kDim / 64; ++j)
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        const int at = value_key(key, i);
        vectors[j][i] = make_uint4(0, 0, 0, 0);
        if (at < stored) vectors[j][i] = load_halves(v + at * stride, 64 * j + 8 * r, dim, whole);
      }
  };
  load_keys(first + warp * kKeys);
  load_values(first + warp * kKeys);
  mixed::wait_for_previous();
  mixed::let_next_start();

  const T* projected = static_cast<const T*>(p.data) + sequence * (p.heads + 2 * p.kv_heads) * dim;
  for (int i = threadIdx.x; i < kQueries * kDim; i += kThreads) {
    if (i / kDim >= count || i % kDim >= dim) queries[i / kDim][i % kDim] = __half();
  }
  for (int i = threadIdx.x; i < count * half; i += kThreads) {
    const int query = i / half;
    const int frequency = i % half;
    const float2 pair = turned(p, projected + (head + query) * dim, frequency, position);
    queries[query][frequency] = __float2half_rn(pair.x);
    queries[query][frequency + half] = __float2half_rn(pair.y);
  }
  if (end > position) {
    for (int i = threadIdx.x; i < half; i += kThreads) {
      const float2 pair = turned(p, projected + (p.heads + kv_head) * dim, i, position);
      new_key[i] = __float2half_rn(pair.x);
      new_key[i + half] = __float2half_rn(pair.y);
    }
    const T* value = projected + (p.heads + p.kv_heads + kv_head) * dim;
    for (int i = threadIdx.x; i < dim; i += kThreads)
      new_value[i] = __float2half_rn(to_float(value[i]));
  }
  __syncthreads();
  if (end > position && first_query == 0) {  // for later steps; this one reads them here
    for (int i = threadIdx.x; i < dim; i += kThreads) {
      k[position * stride + i] = new_key[i];
      v[position * stride + i] = new_value[i];
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
        if (key + r == position) low[j] = load_halves(new_key, 32 * j + 8 * c, dim, whole);
        if (key + r + 8 == position) high[j] = load_halves(new_key, 32 * j + 8 * c, dim, whole);
      }
#pragma unroll
      for (int j = 0; j < kDim / 64; ++j)
#pragma unroll
        for (int i = 0; i < 4; ++i)
          if (value_key(key, i) == position) vectors[j][i] = load_halves(new_value, 64 * j + 8 * r, dim, whole);
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
  for (int i = threadIdx.x; i < count * kDim; i += kThreads) {
    const int query = i / kDim;
    const int column = i % kDim;
    float largest = -INFINITY;
#pragma unroll
    for (int w = 0; w < kWarps; ++w)
      largest = fmaxf(largest, sums[w][query].x);
    float value = 0, total = 0;
#pragma unroll
    for (int w = 0; w < kWarps; ++w) {
      const float factor = power_of_two(sums[w][query].x - largest);
      value = fmaf(results[w][query][column], factor, value);
      total = fmaf(sums[w][query].y, factor, total);
    }
    const std::int64_t row = first_row + static_cast<std::int64_t>(query) * partial.pieces;
    if (column < dim) partial.values[row * dim + column] = value;
    if (column == 0) partial.sums[row] = make_float2(largest, total);
  }
}

constexpr int kPartsAtOnce = 8;

/// A warp for each 128 columns of each sequence.
template <class Output>
__global__ void __launch_bounds__(kThreads) join_kernel(Projected p, Partial partial, int all_rows, Output out) {
  const int dim = p.dim;
  const int cols = p.heads * dim;
  const int blocks = (cols + kRowBlock - 1) / kRowBlock;
  const int lane = static_cast<int>(threadIdx.x) % kWarp;
  const std::int64_t unit = global_index() / kWarp;
  const std::int64_t sequence = unit / blocks;
  const int block = static_cast<int>(unit % blocks);
  const std::int64_t keys = sequence < p.tokens ? p.positions[sequence] + 1 : 1;
  const std::int64_t length = piece_keys(keys, partial.pieces);
  const int pieces = static_cast<int>((keys + length - 1) / length);
  mixed::wait_for_previous();
  mixed::let_next_start();
  if (sequence >= all_rows) return;
  if (sequence >= p.tokens) {
    out.fill_block(sequence, block, lane);
    return;
  }
  float v[4] = {};
  const int column = block * kRowBlock + 4 * lane;
  const int end = min((block + 1) * kRowBlock, cols);
  for (int head = block * kRowBlock / dim; head * dim < end; ++head) {  // the heads that these columns belong to
    const std::int64_t row = (sequence * p.heads + head) * partial.pieces;
    const float* values = partial.values + row * dim - head * dim;
    float parts[kPartsAtOnce][4];
    const auto load_parts = [&](int first) {
#pragma unroll
      for (int i = 0; i < kPartsAtOnce; ++i) {
        parts[i][0] = parts[i][1] = parts[i][2] = parts[i][3] = 0;
        if (first + i >= pieces) continue;
        const float* from = values + static_cast<std::int64_t>(first + i) * dim;
        if (dim % 4 == 0) {
          if (column / dim == head && column < cols) load_four(from + column, parts[i]);
        } else {
          for (int e = 0; e < 4; ++e)
            if ((column + e) / dim == head && column + e < cols) parts[i][e] = from[column + e];
        }
      }
    };
    static_assert(kMostPieces <= kWarp);
    const float2 sum = lane < pieces ? partial.sums[row + lane] : make_float2(-INFINITY, 0);
    load_parts(0);
    const float largest = reduce_lanes(sum.x, Largest());
    float factor = power_of_two(sum.x - largest);
    factor /= reduce_lanes(sum.y * factor, Sum());
    for (int first = 0; first < pieces; first += kPartsAtOnce) {
#pragma unroll
      for (int i = 0; i < kPartsAtOnce; ++i) {
        const float weight = __shfl_sync(0xffffffffU, factor, (first + i) % kWarp);
        if (first + i >= pieces) continue;
#pragma unroll
        for (int e = 0; e < 4; ++e)
          v[e] = fmaf(parts[i][e], weight, v[e]);
      }
      if (first + kPartsAtOnce < pieces) load_parts(first + kPartsAtOnce);
    }
  }
  out.store_block(v, sequence, block, lane);
}

int group_count(const Projected& p) {
  return (p.heads / p.kv_heads + kQueries - 1) / kQueries;
}

/// Pieces of each sequence: several times the three blocks that a multiprocessor holds, so that few idle while the last
/// ones end; but each with work for its warps.
int piece_count(const Projected& p, int multiprocessors) {
  const std::int64_t blocks = p.tokens * p.kv_heads * group_count(p);
  const std::int64_t wanted = (12 * static_cast<std::int64_t>(multiprocessors) + blocks - 1) / blocks;
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
  const cudaError_t status = with_type(p.type, [&](auto* type) {
    using T = std::remove_cvref_t<decltype(*type)>;
    const auto kernel = p.dim <= 64 ? step_kernel<T, 64> : p.dim <= 128 ? step_kernel<T, 128> : step_kernel<T, 256>;
    return mixed::launch(kernel, grid, kThreads, 0, 1, overlap, stream, p, groups, partial);
  });
  if (status != cudaSuccess) return status;
  const std::int64_t cols = static_cast<std::int64_t>(p.heads) * p.dim;
  const std::int64_t rows = output_rows(out, p.tokens);
  const std::int64_t warps = rows * ((cols + kRowBlock - 1) / kRowBlock);
  const dim3 join_grid(static_cast<unsigned>((warps + kWarps - 1) / kWarps));
  return with_output(out, p.tokens, cols, [&](auto output) {
    return mixed::launch(join_kernel<decltype(output)>, join_grid, kThreads, 0, 1, overlap, stream, p, partial,
                         static_cast<int>(rows), output);
  });
}

}  // namespace salient::cuda::kernels
