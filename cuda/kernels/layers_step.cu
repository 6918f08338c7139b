// SPDX-License-Identifier: Apache-2.0
// A decoding step's layers in one launch that stays on the device, for one sequence on Hopper.
//
// What bounds such a step is reading the weights; what a launch for each operation loses is the time in which memory
// has nothing to do: while a kernel starts, ends, and computes a norm. Here a CTA on each multiprocessor goes through
// all layers. Weights depend on nothing, so four threads of it copy them into rings ahead of their use, across all
// operations that come between. CTAs meet five times a layer, at a counter; what they tell each other goes through the
// second-level cache. What each of them needs whole, a norm or a gate, each computes for itself.
//
// Apart from products everything is executed once a layer, and its time goes by in fetching instructions, some ten
// cycles for each: hence loops that are not unrolled, a table in the place of divisions, and nothing for other cases.
//
// Sums have a fixed order: parts of K and pieces of the past are added in the order of their numbers.
#include <algorithm>
#include <new>

#include "cuda/kernels/activation_codes.cuh"
#include "cuda/kernels/device.cuh"
#include "cuda/kernels/half_mma.cuh"
#include "cuda/kernels/layers_step.cuh"

// For other architectures the kernels are empty, and what they are made of is not used.
#pragma nv_diag_suppress 177

namespace salient::cuda::kernels {
namespace {

using step::kBlock;
using step::kConsumers;
using step::kQuads;
using step::kThreads;
using step::kWarps;

constexpr int kAttentionWarps = 4;
constexpr int kKeys = 16;                                                   ///< of a warp at a time
constexpr int kMostAdded = std::max(kMostStepParts[1], kMostStepParts[3]);  ///< parts of o and down

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

__device__ __forceinline__ const Own& own_of(const step::Cta& c) {
  return *reinterpret_cast<const Own*>(c.memory + c.p.room.own);
}

/// What other CTAs have written in this launch: not from the first-level cache.
__device__ __forceinline__ float4 load_shared_by_all(const float* from) {
  return __ldcg(reinterpret_cast<const float4*>(from));
}
/// Of four columns, `step` apart. All of them are asked for before the first one is needed.
template <int kMost>
__device__ __forceinline__ float4 sum_of_parts(const float* from, int parts, int step) {
  float4 v[kMost];
#pragma unroll
  for (int i = 0; i < kMost; ++i)
    v[i] = i < parts ? load_shared_by_all(from + i * step) : make_float4(0, 0, 0, 0);
#pragma unroll
  for (int i = 1; i < kMost; ++i)
    v[0].x += v[i].x, v[0].y += v[i].y, v[0].z += v[i].z, v[0].w += v[i].w;
  return v[0];
}
/// Four values of a norm's weight.
__device__ __forceinline__ void load_weights(const void* weight, mixed::Type type, int column, float (&w)[4]) {
  if (type == mixed::Type::f32) {
    load_four(static_cast<const float*>(weight) + column, w);
  } else if (type == mixed::Type::f16) {
    load_four(static_cast<const __half*>(weight) + column, w);
  } else {
    load_four(static_cast<const __nv_bfloat16*>(weight) + column, w);
  }
}

/// A warp's block, four columns a lane, into codes for the products.
__device__ __forceinline__ void store_codes(const step::Cta& c, float4 values, int block) {
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

/// x + what was added to it last, and RMSNorm of that into codes of all of K. Every CTA does it for itself; each stores
/// one block of the new x in the place that nobody reads now. `added`: parts of what is still being written to p.added.
/// kHeld: blocks of a warp.
template <int kHeld>
__device__ __forceinline__ void normalize(const step::Cta& c, const void* weight, const float* x, int added,
                                          float* new_x) {
  const LayersStep& p = c.p;
  const int blocks = p.hidden / kBlock;
  const int first = c.warp * kBlock + 4 * c.lane;
  const auto holds = [&](int i) { return c.warp + i * kWarps < blocks; };
  float w[kHeld][4];
  float4 v[kHeld];
#pragma unroll
  for (int i = 0; i < kHeld; ++i) {
    w[i][0] = w[i][1] = w[i][2] = w[i][3] = 0;
    if (holds(i)) load_weights(weight, p.norm_type, first + i * kWarps * kBlock, w[i]);
  }
  if (added > 0) c.await();
#pragma unroll
  for (int i = 0; i < kHeld; ++i) {
    v[i] = make_float4(0, 0, 0, 0);
    if (holds(i)) v[i] = load_shared_by_all(x + first + i * kWarps * kBlock);
  }
  if (added > 0) {
    float4 sums[kHeld];
#pragma unroll
    for (int i = 0; i < kHeld; ++i)
      if (holds(i)) sums[i] = sum_of_parts<kMostAdded>(p.added + first + i * kWarps * kBlock, added, p.hidden);
#pragma unroll
    for (int i = 0; i < kHeld; ++i) {
      if (!holds(i)) continue;
      v[i].x += sums[i].x, v[i].y += sums[i].y, v[i].z += sums[i].z, v[i].w += sums[i].w;
      if (static_cast<int>(blockIdx.x) == c.warp + i * kWarps) {
        *reinterpret_cast<float4*>(new_x + first + i * kWarps * kBlock) = v[i];
      }
    }
  }
  float squares = 0;
#pragma unroll
  for (int i = 0; i < kHeld; ++i)
    squares += fmaf(v[i].x, v[i].x, v[i].y * v[i].y) + fmaf(v[i].z, v[i].z, v[i].w * v[i].w);
  float* const sums = reinterpret_cast<float*>(c.memory + p.room.norms);
  squares = reduce_lanes(squares, Sum());
  if (c.lane == 0) sums[c.warp] = squares;
  c.meet();
  const float sum = reduce_lanes<kWarps>(sums[c.lane % kWarps], Sum());
  const float factor = 1.0F / sqrtf(sum / static_cast<float>(p.hidden) + p.epsilon);
#pragma unroll
  for (int i = 0; i < kHeld; ++i)
    if (holds(i)) {
      store_codes(c,
                  make_float4(w[i][0] * (v[i].x * factor), w[i][1] * (v[i].y * factor), w[i][2] * (v[i].z * factor),
                              w[i][3] * (v[i].w * factor)),
                  c.warp + i * kWarps);
    }
  c.meet();
}

/// x of the last layer.
__device__ void finish(const step::Cta& c, const float* x, int added, float* new_x) {
  const LayersStep& p = c.p;
  c.await();
  const int i = 4 * static_cast<int>(blockIdx.x * kConsumers + c.thread);
  if (i >= p.hidden) return;
  const float4 old = load_shared_by_all(x + i);
  const float4 sum = sum_of_parts<kMostAdded>(p.added + i, added, p.hidden);
  *reinterpret_cast<float4*>(new_x + i) = make_float4(old.x + sum.x, old.y + sum.y, old.z + sum.z, old.w + sum.w);
}

/// silu(gate) · up of the columns that this CTA multiplies, both rounded to f16 first.
__device__ __forceinline__ void gate(const step::Cta& c, const step::Walk& walk) {
  constexpr int kTogether = 2;  ///< blocks that a warp asks for at once
  const auto one = [](float g, float up) {
    const float half = __half2float(__float2half_rn(g));
    return half * sigmoid(half) * __half2float(__float2half_rn(up));
  };
  const float* from = c.p.gate_up + walk.first_block * kBlock + 4 * c.lane;
#pragma unroll 1
  for (int first = c.warp; first < walk.blocks; first += kTogether * kWarps) {
    float4 gates[kTogether], ups[kTogether];
#pragma unroll
    for (int i = 0; i < kTogether; ++i) {
      const int column = min(first + i * kWarps, walk.blocks - 1) * kBlock;
      gates[i] = load_shared_by_all(from + column);
      ups[i] = load_shared_by_all(from + c.p.intermediate + column);
    }
#pragma unroll 1
    for (int block = first; block < min(first + kTogether * kWarps, static_cast<int>(walk.blocks)); block += kWarps) {
      const float4 g = gates[0], u = ups[0];
#pragma unroll
      for (int i = 0; i + 1 < kTogether; ++i)
        gates[i] = gates[i + 1], ups[i] = ups[i + 1];
      store_codes(c, make_float4(one(g.x, u.x), one(g.y, u.y), one(g.z, u.z), one(g.w, u.w)), block);
    }
  }
  c.meet();
}

/// Attention's output in the columns that this CTA multiplies, from the pieces of the past.
template <int kDim>
__device__ __forceinline__ void join(const step::Cta& c, const step::Walk& walk) {
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
__device__ __forceinline__ void ask_for_keys(const step::Cta& c, const StepLayer& layer, int key) {
  const Own& own = own_of(c);
  key += c.lane / 2;
  if (key >= min(own.end, own.position)) return;
  const std::int64_t at =
      (static_cast<std::int64_t>(key) * c.p.kv_heads + own.kv_head) * kDim + c.lane % 2 * (kDim / 2);
  asm volatile("prefetch.global.L2 [%0];" ::"l"(layer.keys + at));
  asm volatile("prefetch.global.L2 [%0];" ::"l"(layer.values + at));
}

template <int kDim>
__device__ __forceinline__ void attend(const step::Cta& c, const StepLayer& layer) {
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
    float out[kDim / 16][4] = {};  // columns 16 t + r and 8 more, queries 2q and 2q + 1
    float peak[2] = {-INFINITY, -INFINITY}, sum[2] = {};
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
      float weights[4];
#pragma unroll
      for (int i = 0; i < 2; ++i) {
        const float a = key + r < end ? scores[i] * scale : -INFINITY;
        const float b = key + r + 8 < end ? scores[i + 2] * scale : -INFINITY;
        float largest = fmaxf(fmaxf(a, b), peak[i]);
#pragma unroll
        for (int distance = 4; distance < kWarp; distance *= 2)
          largest = fmaxf(largest, __shfl_xor_sync(0xffffffffU, largest, distance));
        const float correction = power_of_two(peak[i] - largest);
        peak[i] = largest;
        weights[i] = power_of_two(a - largest);
        weights[i + 2] = power_of_two(b - largest);
        sum[i] = sum[i] * correction + weights[i] + weights[i + 2];
#pragma unroll
        for (int t = 0; t < kDim / 16; ++t) {
          out[t][i] *= correction;
          out[t][i + 2] *= correction;
        }
      }
      const std::uint32_t low = transposed(pack_halves(weights[0], weights[1]));
      const std::uint32_t high = transposed(pack_halves(weights[2], weights[3]));
      {
        const int row = lane % 8 + lane / 16 * 8;
        const std::uint32_t value_row = values + row * kDim * 2;
#pragma unroll
        for (int t = 0; t < kDim / 16; ++t) {
          std::uint32_t a[4];
          load_matrices_transposed(a, value_row + (((2 * t + lane / 8 % 2) ^ (row & 7)) << 4));
          multiply_add(out[t], a, low, high);
        }
      }
      key += kAttentionWarps * kKeys;
      if (key >= end) break;
      __syncwarp();
      load();
      ask_for_keys<kDim>(c, layer, key + kAttentionWarps * kKeys);
    }
    __syncwarp();  // the tile is read, and holds the results now
#pragma unroll
    for (int i = 0; i < 2; ++i) {
#pragma unroll
      for (int distance = 4; distance < kWarp; distance *= 2)
        sum[i] += __shfl_xor_sync(0xffffffffU, sum[i], distance);
      const int query = 2 * q + i;
      if (r == 0) softmax[c.warp * kMostStepQueries + query] = make_float2(peak[i], sum[i]);
      if (query >= count) continue;
      float* const to = reinterpret_cast<float*>(tile) + query * A::kPitch + r;
#pragma unroll
      for (int t = 0; t < kDim / 16; ++t) {
        to[16 * t] = out[t][i];
        to[16 * t + 8] = out[t][i + 2];
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

template <int kDim, int kHeld>
__device__ void consume(const LayersStep& p, std::uint8_t* memory) {
  step::Consumer c(p, memory);
  const float* x = p.x;
  float* next_x = p.other_x;
  const auto* walks = reinterpret_cast<const step::Walk*>(memory + p.room.walks);
  constexpr int kQkv = static_cast<int>(StepLinear::qkv), kO = static_cast<int>(StepLinear::o);
  constexpr int kGateUp = static_cast<int>(StepLinear::gate_up), kDown = static_cast<int>(StepLinear::down);
  // One place for each operation: a norm, a product.
#pragma unroll 1
  for (int product = 0; product < kStepLinears * p.layers; ++product) {
    const StepLayer& layer = p.layer[product / kStepLinears];
    const int linear = product % kStepLinears;
    const step::Walk walk = walks[product];
    int origin = 0;
    int outputs = p.hidden;
    float* out = p.added;
    if (linear == kQkv || linear == kGateUp) {
      const bool first = linear == kQkv;
      const int added = first ? (product > 0 ? p.parts[kDown] : 0) : p.parts[kO];
      normalize<kHeld>(c, first ? layer.input_norm : layer.post_norm, x, added, next_x);
      if (added > 0) {
        float* const read = const_cast<float*>(x);
        x = next_x;
        next_x = read;
      }
      outputs = first ? (p.heads + 2 * p.kv_heads) * kDim : 2 * p.intermediate;
      out = first ? p.qkv : p.gate_up;
    } else {
      origin = walk.first_block;
      c.await();
      if (linear == kO) {
        join<kDim>(c, walk);
      } else {
        gate(c, walk);
      }
    }
    c.multiply(layer.linears[linear], walk, origin, outputs, out);
    c.arrive();
    if (linear == kQkv) {
      attend<kDim>(c, layer);
      c.arrive();
    }
  }
  finish(c, x, p.parts[kDown], p.x);
}

#endif

template <int kDim, int kHeld>
__global__ void __launch_bounds__(kThreads, 1) layers_step_kernel(const __grid_constant__ LayersStep p) {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  extern __shared__ __align__(1024) std::uint8_t memory[];
  const int thread = static_cast<int>(threadIdx.x);
  const int warp = __shfl_sync(0xffffffffU, thread / 32, 0);
  if (thread < kQuads) {
    step::Place at(p.room, step::ptx::shared_address(memory), thread);
#pragma unroll 1
    for (int slot = 0; slot < p.room.slots; ++slot, at.next(p.room.slots)) {
      step::ptx::barrier_init(at.loaded, 1);
      step::ptx::barrier_init(at.free(), 4);
    }
    step::ptx::barrier_init_done();
  }
  if (thread == 0) new (memory + p.room.own) Own(p);
  const std::array<int, kStepLinears> blocks = {p.hidden / kBlock, p.heads * kDim / kBlock, p.hidden / kBlock,
                                                p.intermediate / kBlock};
#pragma unroll 1
  for (int i = thread; i < p.layers * kStepLinears; i += kThreads) {
    const int linear = i % kStepLinears;
    new (memory + p.room.walks + i * sizeof(step::Walk))
        step::Walk(p.layer[i / kStepLinears].linears[linear], p.parts[linear], blocks[linear]);
  }
  __syncthreads();
  if (warp >= kWarps) {
    if (thread % kWarp == 0) step::produce(p, blocks, memory, warp - kWarps);
  } else {
    consume<kDim, kHeld>(p, memory);
  }
#endif
}

}  // namespace

int step_rounds(int tiles4, int tiles8, int members) {
  const int even = tiles8 / members;
  const int odd = tiles8 % members;
  const int beside = 2 * (members - odd);  // tiles of 4 bit in the two rounds in which `odd` CTAs have one of 8 bit
  const int rounds = 2 * even + (odd > 0 ? 2 : 0);
  if (odd == 0) return rounds + (tiles4 + members - 1) / members;
  return rounds + (std::max(tiles4 - beside, 0) + members - 1) / members;
}

StepRoom step_room(const LayersStep& p, int limit) {
  StepRoom room;
  int most = p.hidden / kBlock;  // blocks of activations at a time
  for (const StepLinear linear : {StepLinear::o, StepLinear::down}) {
    const int parts = p.parts[static_cast<std::size_t>(linear)];
    most = std::max(most, (step_blocks(p, linear) + parts - 1) / parts);
  }
  const int attention = p.dim == 64 ? AttentionRoom<64>::kBytes : AttentionRoom<128>::kBytes;
  const int sums = kQuads * kQuads * step::kTileRows * 4;
  const int codes = (std::max(most * kBlock, attention) + 127) / 128 * 128;
  const int scales = (most + 3) / 4 * 16;
  const int norms = kWarps * 4;
  const int walks = p.layers * kStepLinears * static_cast<int>(sizeof(step::Walk));
  const int rest = sums + codes + 2 * scales + norms + walks + static_cast<int>(sizeof(Own));
  room.slots = (limit - rest - 1024) / (kQuads * (step::kSlot + 16));
  if (room.slots < 3) return {};
  room.barriers = kQuads * room.slots * step::kSlot;
  room.sums = (room.barriers + kQuads * room.slots * 16 + 127) / 128 * 128;
  room.codes = room.sums + sums;
  room.scales = room.codes + codes;
  room.totals = room.scales + scales;
  room.norms = room.totals + scales;
  room.walks = room.norms + norms;
  room.own = room.walks + walks;
  room.bytes = room.own + static_cast<int>(sizeof(Own));
  return room;
}

cudaError_t layers_step(cudaStream_t stream, const LayersStep& p, int multiprocessors) {
  if (p.layers > kMostStepLayers || p.hidden > kMostStepHidden || p.heads / p.kv_heads > kMostStepQueries ||
      p.pieces > kMostStepPieces || p.pieces * p.kv_heads > multiprocessors || p.hidden / kBlock > multiprocessors ||
      p.room.slots == 0) {
    return cudaErrorInvalidValue;
  }
  const auto launch = [&]<int kDim>() {
    const auto kernel = p.hidden <= 2 * kWarps * kBlock ? layers_step_kernel<kDim, 2> : layers_step_kernel<kDim, 4>;
    const cudaError_t status = cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, p.room.bytes);
    if (status != cudaSuccess) return status;
    cudaLaunchAttribute together{};  // all CTAs wait for each other
    together.id = cudaLaunchAttributeCooperative;
    together.val.cooperative = 1;
    cudaLaunchConfig_t config{};
    config.gridDim = dim3(static_cast<unsigned>(multiprocessors));
    config.blockDim = dim3(kThreads);
    config.dynamicSmemBytes = static_cast<std::size_t>(p.room.bytes);
    config.stream = stream;
    config.attrs = &together;
    config.numAttrs = 1;
    return cudaLaunchKernelEx(&config, kernel, p);
  };
  switch (p.dim) {
    case 64: return launch.template operator()<64>();
    case 128: return launch.template operator()<128>();
    default: return cudaErrorInvalidValue;
  }
}

}  // namespace salient::cuda::kernels
