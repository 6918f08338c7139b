// SPDX-License-Identifier: Apache-2.0
// Attention within the kernel of layers_step.cu: CTAs take pieces of the past, and those that need a head join its
// pieces.
#pragma once

#include "cuda/kernels/activation_codes.cuh"
#include "cuda/kernels/attention_step.cuh"
#include "cuda/kernels/layers_step.cuh"

namespace salient::cuda::kernels::step {

constexpr int kAttentionWarps = 4;  ///< each with shared memory of its own; more of them leave the rings less

/// What does not change from layer to layer: the CTA's piece of the past.
struct Own {
  int position;
  int pieces;  ///< that the past has
  int piece;
  int kv_head;
  int first;  ///< key
  int end;    ///< behind the last key; 0: none

  __device__ explicit Own(const LayersStep& p) {
    position = *p.position;
    const int keys = position + 1;
    // Each warp should have some.
    const int length = max((keys + p.pieces - 1) / p.pieces + kKeys - 1, kAttentionWarps * kKeys) / kKeys * kKeys;
    pieces = (keys + length - 1) / length;
    piece = static_cast<int>(blockIdx.x) % p.pieces;
    kv_head = static_cast<int>(blockIdx.x) / p.pieces;
    first = piece * length;
    end = kv_head < p.kv_heads && first < keys ? min(first + length, keys) : 0;
  }
};

/// Attention's own shared memory: for each warp 16 keys and values, whose rows have their chunks of 16 bytes in the
/// order chunk ^ (row & 7), and later its results; then the queries, likewise; the new key and value; sums of the
/// warps.
template <int kDim>
struct AttentionRoom {
  static constexpr int kMatrix = kKeys * kDim * 2;
  static constexpr int kTile = 2 * kMatrix;
  static constexpr int kPitch = kDim + 4;  ///< of results; queries 2q then fall into different banks
  static constexpr int kQueries = kAttentionWarps * kTile;
  static constexpr int kNewest = kQueries + kMostStepQueries * kDim * 2;
  static constexpr int kSoftmax = kNewest + 2 * kDim * 2;
  static constexpr int kBytes = kSoftmax + kAttentionWarps * kMostStepQueries * 8;
  static_assert(kMostStepQueries * kPitch * 4 <= kTile);
};

#if defined(__CUDA_ARCH_FEAT_SM90_ALL)

__device__ __forceinline__ const Own& own_of(const Cta& c) {
  return *reinterpret_cast<const Own*>(c.memory + c.p.room.own);
}

/// What other CTAs have written in this launch: not from the first-level cache.
__device__ __forceinline__ float4 load_shared_by_all(const float* from) {
  return __ldcg(reinterpret_cast<const float4*>(from));
}

/// A warp's block, four columns a lane, into codes for the products.
__device__ __forceinline__ void store_codes(const Cta& c, float4 values, int block) {
  const float v[4] = {values.x, values.y, values.z, values.w};
  const ActivationScale scale(__reduce_max_sync(0xffffffffU, max(max(magnitude_bits(v[0]), magnitude_bits(v[1])),
                                                                 max(magnitude_bits(v[2]), magnitude_bits(v[3])))));
  const std::uint32_t word = mixed::codes_of(v, scale);
  *mixed::word_of(reinterpret_cast<std::int8_t*>(c.codes()), 1, true, block, 0, c.lane) = word;
  const int total = __reduce_add_sync(0xffffffffU, __dp4a(static_cast<int>(word), 0x01010101, 0));
  if (c.lane == 0) {
    c.scales()[block] = scale.scale;
    c.totals()[block] = total;
  }
}

/// Attention's output in the columns that this CTA multiplies, from the pieces of the past.
template <int kDim>
__device__ __forceinline__ void join(const Cta& c, const Walk& walk) {
  const LayersStep& p = c.p;
  constexpr int kHeads = kBlock / kDim;  ///< of a block
  constexpr int kTogether = 8;           ///< pieces
  const int pieces = own_of(c).pieces;
  const int own = c.lane / (kWarp / kHeads);  ///< of its four columns
#pragma unroll 1
  for (int block = c.warp; block < walk.blocks; block += kWarps) {
    float4 v = make_float4(0, 0, 0, 0);
#pragma unroll
    for (int head = 0; head < kHeads; ++head) {
      const int row = ((walk.first_block + block) * kHeads + head) * p.pieces;
      const float2 sum = c.lane < pieces ? __ldcg(p.softmax + row + c.lane) : make_float2(-INFINITY, 0);
      const float* from = p.values + row * kDim + 4 * c.lane % kDim;
      float factor = 0;
#pragma unroll 1
      for (int first = 0; first < pieces; first += kTogether) {
        float4 values[kTogether];
#pragma unroll
        for (int i = 0; i < kTogether; ++i)
          values[i] = own == head && first + i < pieces ? load_shared_by_all(from + (first + i) * kDim)
                                                        : make_float4(0, 0, 0, 0);
        if (first == 0) {  // while the first values are on their way
          const float largest = reduce_lanes(sum.x, Largest());
          factor = power_of_two(sum.x - largest);
          factor /= reduce_lanes(sum.y * factor, Sum());
        }
#pragma unroll
        for (int i = 0; i < kTogether; ++i) {
          const float weight = __shfl_sync(0xffffffffU, factor, first + i);
          v.x = fmaf(values[i].x, weight, v.x);
          v.y = fmaf(values[i].y, weight, v.y);
          v.z = fmaf(values[i].z, weight, v.z);
          v.w = fmaf(values[i].w, weight, v.w);
        }
      }
    }
    store_codes(c, v, block);
  }
  c.meet();
}

/// 16 keys of a warp from `key` on, and their values, into the second-level cache.
template <int kDim>
__device__ __forceinline__ void ask_for_keys(const Cta& c, const StepLayer& layer, int key) {
  const Own& own = own_of(c);
  key += c.lane / 2;
  if (key >= min(own.end, own.position)) return;
  const std::int64_t at =
      (static_cast<std::int64_t>(key) * c.p.kv_heads + own.kv_head) * kDim + c.lane % 2 * (kDim / 2);
  asm volatile("prefetch.global.L2 [%0];" ::"l"(layer.keys + at));
  asm volatile("prefetch.global.L2 [%0];" ::"l"(layer.values + at));
}

/// The CTA's piece of the past for the query heads of its key head: their largest scores, sums and values to p.softmax
/// and p.values, the new key and value to the caches where they are this piece's. What is stored already is copied into
/// shared memory before the queries are known.
template <int kDim>
__device__ __forceinline__ void attend(const Cta& c, const StepLayer& layer) {
  const LayersStep& p = c.p;
  using A = AttentionRoom<kDim>;
  const Own& own = own_of(c);
  const int end = own.end;
  if (end == 0) {
    c.await();
    return;
  }
  const int lane = c.lane;
  const int r = lane / 4;
  const int q = lane % 4;
  const int first = own.first;
  const int position = own.position;
  const int count = p.heads / p.kv_heads;
  std::uint8_t* const room = c.codes();
  auto* const queries = reinterpret_cast<__half*>(room + A::kQueries);
  auto* const newest = reinterpret_cast<__half*>(room + A::kNewest);
  auto* const softmax = reinterpret_cast<float2*>(room + A::kSoftmax);
  std::uint8_t* const tile = room + c.warp * A::kTile;
  const std::uint32_t keys = shared_address(tile);
  const std::uint32_t values = keys + A::kMatrix;
  const std::int64_t stride = static_cast<std::int64_t>(p.kv_heads) * kDim;
  int key = first + c.warp * kKeys;
  const bool works = c.warp < kAttentionWarps && key < end;
  const auto load = [&] {
    constexpr int kChunks = kDim / 8;  // of a row
    constexpr int kRows = kWarp / kChunks;
    const int chunk = lane % kChunks;
    const int row = lane / kChunks;
    const std::int64_t at = (static_cast<std::int64_t>(key + row) * p.kv_heads + own.kv_head) * kDim + chunk * 8;
    const __half* k = layer.keys + at;
    const __half* v = layer.values + at;
    std::uint32_t to = row * kDim * 2;
#pragma unroll 2
    for (int i = row; i < kKeys; i += kRows) {
      const bool exists = key + i < min(end, position);
      const std::uint32_t place = to + ((chunk ^ (i & 7)) << 4);
      copy_in_background(keys + place, exists ? k : layer.keys, exists);
      copy_in_background(values + place, exists ? v : layer.values, exists);
      k += kRows * stride;
      v += kRows * stride;
      to += kRows * kDim * 2;
    }
  };
  if (works) {
    load();
    ask_for_keys<kDim>(c, layer, key + kAttentionWarps * kKeys);
  }
  c.await();

  // Queries turned, and where it is this piece's the new key and the new value.
  const bool has_new = end > position;
  const int outputs = (p.heads + 2 * p.kv_heads) * kDim;
  const bool two_parts = p.parts[static_cast<int>(StepLinear::qkv)] > 1;
  const auto projected = [&](int column) {
    float sum = __ldcg(p.qkv + column);
    if (two_parts) sum += __ldcg(p.qkv + outputs + column);
    return __half2float(__float2half_rn(sum));
  };
  constexpr int kHalf = kDim / 2;
  const int turned = (count + (has_new ? 1 : 0)) * kHalf;
  const int all = turned + (has_new ? kHalf : 0);
#pragma unroll 1
  for (int i = c.thread; i < all; i += kConsumers) {
    const int head = i / kHalf;
    const int column = i % kHalf;
    const bool query = head < count;
    const int row = query ? own.kv_head * count + head : p.heads + (i < turned ? 0 : p.kv_heads) + own.kv_head;
    float a = projected(row * kDim + column), b = projected(row * kDim + column + kHalf);
    if (i < turned) {
      const float cosine = __ldg(p.cosine + position * kHalf + column),
                  sine = __ldg(p.sine + position * kHalf + column);
      const float turned_a = a * cosine - b * sine;
      b = b * cosine + a * sine;
      a = turned_a;
    }
    // Rows of chunks in the order of the tiles; new key and value as they are.
    __half* const to = query ? queries + head * kDim : newest + (i < turned ? 0 : kDim);
    const int swizzle = query ? head * 8 : 0;
    to[column ^ swizzle] = __float2half_rn(a);
    to[(column + kHalf) ^ swizzle] = __float2half_rn(b);
  }
  c.meet();
  if (works) {
    Sums<kDim> all;  // of out: columns 16 t + r and 8 more, queries 2q and 2q + 1
    const float scale = binary_softmax_scale(kDim);
#pragma unroll 1
    while (true) {
      wait_for_copies();
      if (position >= key && position < key + kKeys) {  // for this step in the tile, for later ones in the cache
        const int row = position - key;
        const int chunk = lane % (kDim / 8);
#pragma unroll
        for (int matrix = 0; matrix < 2; ++matrix) {
          if (lane >= kDim / 8) continue;
          const uint4 v = *reinterpret_cast<const uint4*>(newest + matrix * kDim + chunk * 8);
          *reinterpret_cast<uint4*>(tile + matrix * A::kMatrix + row * kDim * 2 + ((chunk ^ (row & 7)) << 4)) = v;
          *reinterpret_cast<uint4*>((matrix == 0 ? layer.keys : layer.values) +
                                    (static_cast<std::int64_t>(position) * p.kv_heads + own.kv_head) * kDim +
                                    chunk * 8) = v;
        }
      }
      __syncwarp();
      float scores[4] = {};  // keys r and r + 8, queries 2q and 2q + 1
      {
        const int row = lane % 16;
        const std::uint32_t key_row = keys + row * kDim * 2;
        const std::uint32_t query_row = shared_address(queries) + lane % 8 * kDim * 2;
#pragma unroll
        for (int step = 0; step < kDim / 16; step += 2) {
          std::uint32_t b[4];
          load_matrices(b, query_row + (((2 * step + lane / 8) ^ (lane & 7)) << 4));
#pragma unroll
          for (int n = 0; n < 2; ++n) {
            std::uint32_t a[4];
            load_matrices(a, key_row + (((2 * (step + n) + lane / 16) ^ (row & 7)) << 4));
            multiply_add(scores, a, b[2 * n], b[2 * n + 1]);
          }
        }
      }
      std::uint32_t low, high;
      all.weigh(scores, key, end, scale, r, low, high);
      {
        const int row = lane % 8 + lane / 16 * 8;
        const std::uint32_t value_row = values + row * kDim * 2;
#pragma unroll
        for (int t = 0; t < kDim / 16; ++t) {
          std::uint32_t a[4];
          load_matrices_transposed(a, value_row + (((2 * t + lane / 8 % 2) ^ (row & 7)) << 4));
          multiply_add(all.out[t], a, low, high);
        }
      }
      key += kAttentionWarps * kKeys;
      if (key >= end) break;
      __syncwarp();
      load();
      ask_for_keys<kDim>(c, layer, key + kAttentionWarps * kKeys);
    }
    __syncwarp();  // the tile is read, and holds the results now
    all.finish();
#pragma unroll
    for (int i = 0; i < 2; ++i) {
      const int query = 2 * q + i;
      if (r == 0) softmax[c.warp * kMostStepQueries + query] = make_float2(all.peak[i], all.sum[i]);
      if (query >= count) continue;
      float* const to = reinterpret_cast<float*>(tile) + query * A::kPitch + r;
#pragma unroll
      for (int t = 0; t < kDim / 16; ++t) {
        to[16 * t] = all.out[t][i];
        to[16 * t + 8] = all.out[t][i + 2];
      }
    }
  }
  c.meet();
  const int active = min(kAttentionWarps, (end - first + kKeys - 1) / kKeys);
  const int row = own.kv_head * count * p.pieces + own.piece;
#pragma unroll 1
  for (int i = c.thread; i < count * kDim; i += kConsumers) {
    const int query = i / kDim;
    const int column = i % kDim;
    const float* from_tile = reinterpret_cast<const float*>(room) + query * A::kPitch + column;
    float largest = softmax[query].x;
#pragma unroll
    for (int w = 1; w < kAttentionWarps; ++w)
      if (w < active) largest = fmaxf(largest, softmax[w * kMostStepQueries + query].x);
    float value = 0;
    float total = 0;
#pragma unroll
    for (int w = 0; w < kAttentionWarps; ++w) {
      if (w >= active) continue;
      const float2 of_warp = softmax[w * kMostStepQueries + query];
      const float factor = power_of_two(of_warp.x - largest);
      value = fmaf(from_tile[w * (A::kTile / 4)], factor, value);
      total = fmaf(of_warp.y, factor, total);
    }
    p.values[(row + query * p.pieces) * kDim + column] = value;
    if (column == 0) p.softmax[row + query * p.pieces] = make_float2(largest, total);
  }
}

#endif

}  // namespace salient::cuda::kernels::step
