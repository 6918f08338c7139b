// SPDX-License-Identifier: Apache-2.0
// One token of each sequence on tensor cores, against a cache of f16. The past is cut into pieces that fill the device;
// each block reads a piece of one key head once for up to 8 of its query heads, and the block of the last piece turns
// and appends the new key and value as well. A second kernel joins the pieces in their order (attention_join.cu). Many
// sequences have another kernel for the pieces where the device can (attention_rows.cu).
//
// A block asks for its first keys and values before the kernel in front, which multiplies q, k and v, has ended:
// earlier steps have written them.
//
// Keys and values go from memory straight into the fragments of mma.sync, 16 bytes a lane. A warp forms, for 16 keys,
// Sᵀ = K Qᵀ and Oᵀ += Vᵀ Pᵀ, where the order of the columns inside a head is ours to choose: in K's products lane
// 4r + c holds columns 32 j + 8 c …, in V's it holds columns 64 j + 8 r ….
#include "cuda/kernels/attention_step.cuh"
#include "cuda/kernels/device.cuh"
#include "cuda/kernels/half_mma.cuh"

namespace salient::cuda::kernels {
namespace {

constexpr int kWarps = 4;
constexpr int kThreads = kWarps * kWarp;

/// Where the result of `query` for `column` lies in its row in shared memory: pairs of columns change places, so that
/// those that a warp stores together, of every second query, fall into different banks.
__device__ __forceinline__ int place_of_result(int query, int column) {
  return (column & ~6) | ((column + (query & 6)) & 6);
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
  const int thread = static_cast<int>(threadIdx.x);
  const int kv_head = static_cast<int>(blockIdx.y) / groups;
  const int first_query = static_cast<int>(blockIdx.y) % groups * kQueries;
  const int group = p.heads / p.kv_heads;
  const int count = min(kQueries, group - first_query);
  const int head = kv_head * group + first_query;
  const std::int64_t sequence = blockIdx.z;
  const int lane = thread % kWarp;
  const int warp = thread / kWarp;
  const int r = lane / 4;
  const int c = lane % 4;

  const Piece piece = partial.piece(p.positions[sequence], static_cast<int>(blockIdx.x));
  if (piece.empty()) {
    mixed::wait_for_previous();  // the kernels behind this one count on all those before it
    return;
  }
  const auto [position, first, end, stored] = piece;
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
  for (int i = thread; i < kQueries * kDim / 8; i += kThreads) {
    const int column = i % (kDim / 8) * 8;
    if (i / (kDim / 8) >= count || column + 8 > dim) {
      *reinterpret_cast<uint4*>(&queries[i / (kDim / 8)][column]) = make_uint4(0, 0, 0, 0);
    }
  }
  if constexpr (!kWhole) __syncthreads();  // the first columns of such eight are written again
  turn<kWhole ? 4 : 1, kThreads>(p, projected, head, count, kv_head, end > position, position, queries[0], kDim,
                                 new_key, new_value, thread);
  __syncthreads();
  if (end > position && first_query == 0) {  // for later steps; this one reads them here
    __half* const key_row = k + position * stride;
    __half* const value_row = v + position * stride;
    if constexpr (kWhole) {
      for (int i = 8 * thread; i < dim; i += 8 * kThreads) {
        *reinterpret_cast<uint4*>(key_row + i) = *reinterpret_cast<const uint4*>(new_key + i);
        *reinterpret_cast<uint4*>(value_row + i) = *reinterpret_cast<const uint4*>(new_value + i);
      }
    } else {
#pragma unroll 1
      for (int i = thread; i < dim; i += kThreads) {
        key_row[i] = new_key[i];
        value_row[i] = new_value[i];
      }
    }
  }

  uint4 q[kDim / 32];
#pragma unroll
  for (int j = 0; j < kDim / 32; ++j)
    q[j] = *reinterpret_cast<const uint4*>(&queries[r][32 * j + 8 * c]);
  Sums<kDim> all;
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
    float scores[4] = {};
    add_scores<kDim>(low, high, q, scores);
    load_keys(key + kWarps * kKeys);  // they arrive while this turn's values are added
    all.add(scores, key, end, scale, r, vectors);
    load_values(key + kWarps * kKeys);
  }
  all.finish();
  const std::int64_t first_row = (sequence * p.heads + head) * partial.pieces + blockIdx.x;
  constexpr int kWidth = kWhole ? 4 : 1;
#pragma unroll
  for (int i = 0; i < 2; ++i) {
    if (r == 0) sums[warp][2 * c + i] = make_float2(all.peak[i], all.sum[i]);
#pragma unroll
    for (int n = 0; n < kDim / 16; ++n) {
      const int column = n / 4 * 64 + 8 * r + n % 4 * 2;
      *reinterpret_cast<float2*>(&results[warp][2 * c + i][place_of_result(2 * c + i, column)]) =
          make_float2(all.out[n][i], all.out[n][i + 2]);
    }
  }
  __syncthreads();
#pragma unroll 1
  for (int i = thread; i < count * kDim / kWidth; i += kThreads) {
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
      const float2 of_warp = sums[w][query];
      const float factor = power_of_two(of_warp.x - largest);
      const float* row = results[w][query];
      float part[kWidth];
      if constexpr (kWhole) {
#pragma unroll
        for (int e = 0; e < kWidth; e += 2) {
          const float2 pair = *reinterpret_cast<const float2*>(row + place_of_result(query, column + e));
          part[e] = pair.x, part[e + 1] = pair.y;
        }
      } else {
        part[0] = row[place_of_result(query, column)];
      }
#pragma unroll
      for (int e = 0; e < kWidth; ++e)
        value[e] = fmaf(part[e], factor, value[e]);
      total = fmaf(of_warp.y, factor, total);
    }
    const std::int64_t row = first_row + static_cast<std::int64_t>(query) * partial.pieces;
    if (column < dim) store_some(partial.values + row * dim + column, value);
    if (column == 0) partial.sums[row] = make_float2(largest, total);
  }
}

int group_count(const Projected& p) {
  return (p.heads / p.kv_heads + kQueries - 1) / kQueries;
}

/// How a step is cut: by which kernel, and into how many pieces of a sequence at most.
struct Cut {
  bool rows;
  int pieces;
  int step;  ///< keys
};
Cut cut_of(const Projected& p, int multiprocessors, bool hopper) {
  constexpr std::int64_t kMostPiecesOfRows = 8;  // more are for few sequences, which have too few rows of keys
  const auto pieces = [&](std::int64_t wanted, int step) {
    const std::int64_t most = (p.capacity + step - 1) / step;
    return static_cast<int>(std::clamp<std::int64_t>(wanted, 1, std::min<std::int64_t>(most, kMostPieces)));
  };
  if (hopper && can_attend_rows(p)) {
    // Two blocks on each multiprocessor, all of them at once.
    const std::int64_t wanted = 2 * static_cast<std::int64_t>(multiprocessors) / (p.tokens * (p.kv_heads / kRowHeads));
    if (wanted <= kMostPiecesOfRows) return {true, pieces(wanted, kKeys), kKeys};
  }
  // A little more than fill the three blocks that a multiprocessor holds, each with work for its warps. More of them
  // balance better, but cost more in joining than they gain.
  const std::int64_t blocks = p.tokens * p.kv_heads * group_count(p);
  const std::int64_t wanted = (4 * static_cast<std::int64_t>(multiprocessors) + blocks - 1) / blocks;
  return {false, pieces(wanted, kWarps * kKeys), kWarps * kKeys};
}

}  // namespace

std::int64_t step_partial_floats(const Projected& p, int multiprocessors, bool hopper) {
  return p.tokens * p.heads * cut_of(p, multiprocessors, hopper).pieces * (2 + static_cast<std::int64_t>(p.dim));
}

cudaError_t half_attention_step(cudaStream_t stream, const Projected& p, int multiprocessors, bool hopper,
                                float* partial_memory, const RowOutput& out, bool overlap) {
  if (p.dim > kLargestHeadDim || p.cache_type != DType::f16 || p.positions == nullptr) return cudaErrorInvalidValue;
  if (p.tokens == 0) return cudaSuccess;
  const Cut cut = cut_of(p, multiprocessors, hopper);
  Partial partial;
  partial.pieces = cut.pieces;
  partial.step = cut.step;
  partial.values = partial_memory;
  partial.sums = reinterpret_cast<float2*>(partial_memory + p.tokens * p.heads * partial.pieces * p.dim);
  const auto attend = [&]() -> cudaError_t {
    if (cut.rows) return attend_rows(stream, p, partial, overlap);
    const int groups = group_count(p);
    const dim3 grid(static_cast<unsigned>(partial.pieces), static_cast<unsigned>(p.kv_heads * groups),
                    static_cast<unsigned>(p.tokens));
    return with_type(p.type, [&](auto* type) {
      using T = std::remove_cvref_t<decltype(*type)>;
      const auto of = [&]<bool kWhole>() {
        return p.dim <= 64    ? step_kernel<T, 64, kWhole>
               : p.dim <= 128 ? step_kernel<T, 128, kWhole>
                              : step_kernel<T, 256, kWhole>;
      };
      return mixed::launch(p.dim % 8 == 0 ? of.template operator()<true>() : of.template operator()<false>(), grid,
                           kThreads, 0, 1, overlap, stream, p, groups, partial);
    });
  };
  const cudaError_t status = attend();
  return status != cudaSuccess ? status : join_pieces(stream, p, partial, out, overlap);
}

}  // namespace salient::cuda::kernels
