// SPDX-License-Identifier: Apache-2.0
// Causal attention for prompts on Hopper's warpgroup products (Shah et al. 2024, FlashAttention-3): two warpgroups of
// 64 queries each, and one that copies keys and values into two stages for them. The softmax of a tile of keys runs
// while the products of the tile before with its values are under way.
#include "cuda/kernels/activation_codes.cuh"
#include "cuda/kernels/device.cuh"
#include "cuda/kernels/half_mma.cuh"
#include "cuda/kernels/half_warpgroup.cuh"
#include "cuda/kernels/kernels.h"
#include "cuda/kernels/mixed_common.cuh"
#include "cuda/kernels/mixed_hopper.cuh"

// For other architectures the kernels are empty, and what they are made of is not used.
#pragma nv_diag_suppress 177

namespace salient::cuda::kernels {
namespace {

namespace ptx = mixed::ptx;

constexpr int kThreads = 384;
constexpr int kQueries = 128;  ///< of a CTA
constexpr int kOwnQueries = 64;
constexpr int kKeys = 128;  ///< of a tile
constexpr int kStages = 2;
constexpr int kLoaders = 64;  ///< threads that copy keys, and as many that copy values

/// 128 rows of kDim halves in shared memory: 64 columns of all rows, then the next; the 16-byte chunks of row r in the
/// order chunk ^ (r & 7).
template <int kDim>
struct Layout {
  static constexpr int kColumns = 128 * 128;  ///< bytes of 64 columns
  static constexpr int kTile = kDim / 64 * kColumns;
  static constexpr int kKeysAt = kTile;  ///< behind the queries
  static constexpr int kValuesAt = kKeysAt + kStages * kTile;
  static constexpr int kBarriersAt = kValuesAt + kStages * kTile;
  static constexpr int kBytes = kBarriersAt + 1024 + 128;  ///< with room to align
};

#if defined(__CUDA_ARCH_FEAT_SM90_ALL)

template <int kDim, class Out>
struct Kernel {
  using L = Layout<kDim>;
  const HalfAttention& a;
  std::uint32_t start;
  std::int64_t first;     ///< query
  std::int64_t position;  ///< of the first query
  int count;              ///< queries
  int tiles;              ///< of keys
  int head;

  enum Barrier { keys_loaded, keys_free, values_loaded, values_free };
  [[nodiscard]] __device__ std::uint32_t barrier(Barrier which, int stage) const {
    return start + L::kBarriersAt + (which * kStages + stage) * 8;
  }
  [[nodiscard]] __device__ std::uint32_t tile(int base, int stage) const { return start + base + stage * L::kTile; }
  [[nodiscard]] __device__ std::int64_t kv_stride() const { return static_cast<std::int64_t>(a.kv_heads) * a.dim; }

  // ---- The first warpgroup ----

  /// 128 rows of a head's columns by 64 threads; zeros from row `rows` on.
  __device__ static void load(std::uint32_t to, const __half* from, std::int64_t stride, std::int64_t rows,
                              int thread) {
    constexpr int kChunks = kDim / 8;
    constexpr int kStep = kLoaders / kChunks;
    const int chunk = thread % kChunks;
    const std::uint32_t column = to + chunk / 8 * L::kColumns;
    const __half* at = from + thread / kChunks * stride + chunk * 8;
#pragma unroll 8
    for (int row = thread / kChunks; row < 128; row += kStep, at += kStep * stride) {
      const bool exists = row < rows;
      copy_in_background(column + row * 128 + ((chunk % 8 ^ (row & 7)) << 4), exists ? at : from, exists);
    }
  }
  /// Copies of this thread are there for the tensor cores.
  __device__ static void arrive_loaded(std::uint32_t barrier) {
    wait_for_copies();
    ptx::fence_async();
    ptx::barrier_arrive(barrier);
  }
  __device__ void produce(const void* matrix, int base, Barrier loaded, Barrier free, int thread) const {
    const __half* from = static_cast<const __half*>(matrix) + head / (a.heads / a.kv_heads) * a.dim;
    const std::int64_t keys = position + count;
    for (int i = 0; i < tiles; ++i) {
      const int stage = i % kStages;
      ptx::barrier_wait(barrier(free, stage), i / kStages % 2 ^ 1);
      const std::int64_t key = static_cast<std::int64_t>(i) * kKeys;
      load(tile(base, stage), from + key * kv_stride(), kv_stride(), keys - key, thread);
      arrive_loaded(barrier(loaded, stage));
    }
  }
  __device__ void load_queries(int thread) const {
    const std::int64_t stride = static_cast<std::int64_t>(a.heads) * a.dim;
    load(start, static_cast<const __half*>(a.q) + first * stride + head * a.dim, stride, count, thread);
  }

  // ---- The other two ----

  __device__ void release(Barrier free, int stage, int lane) const {
    __syncwarp();
    if (lane == 0) ptx::barrier_arrive(barrier(free, stage));
  }
  __device__ void await(Barrier loaded, int i) const {
    ptx::barrier_wait(barrier(loaded, i % kStages), i / kStages % 2);
  }
  __device__ void start_scores(float (&scores)[64], int i, int side) const {
    const std::uint64_t q = warpgroup::describe_rows(start + side * kOwnQueries * 128);
    const std::uint64_t k = warpgroup::describe_rows(tile(L::kKeysAt, i % kStages));
    warpgroup::hold(scores);
    ptx::products_begin();
#pragma unroll
    for (int step = 0; step < kDim / 16; ++step) {
      const int at = (step / 4 * L::kColumns + step % 4 * 32) >> 4;
      warpgroup::multiply(scores, q + at, k + at, step > 0 ? 1 : 0);
    }
    ptx::products_commit();
  }
  __device__ void start_outputs(float (&out)[kDim / 2], const std::uint32_t (&p)[kKeys / 16][4], int i) const {
    const std::uint64_t v = warpgroup::describe_columns(tile(L::kValuesAt, i % kStages), L::kColumns);
    warpgroup::hold(out);
    ptx::products_begin();
#pragma unroll
    for (int step = 0; step < kKeys / 16; ++step)
      warpgroup::multiply_add(out, p[step], v + (step * 16 * 128 >> 4));
    ptx::products_commit();
  }

  struct Softmax {
    float peak[2] = {-INFINITY, -INFINITY};
    float sum[2] = {0, 0};  ///< of this thread's columns
    float correction[2];
  };
  /// Scores into probabilities, but for the division by their sum. `visible`: the last key of the tile that row r sees.
  __device__ static void soften(float (&scores)[64], Softmax& softmax, bool masked, std::int64_t visible, int q,
                                float scale) {
#pragma unroll
    for (int row = 0; row < 2; ++row) {
      if (masked) {
#pragma unroll
        for (int n = 0; n < kKeys / 8; ++n)
#pragma unroll
          for (int e = 0; e < 2; ++e)
            if (n * 8 + 2 * q + e > visible + 8 * row) scores[4 * n + 2 * row + e] = -INFINITY;
      }
      float largest = softmax.peak[row];
#pragma unroll
      for (int n = 0; n < kKeys / 8; ++n)
        largest = fmaxf(largest, fmaxf(scores[4 * n + 2 * row], scores[4 * n + 2 * row + 1]));
      // The first tile holds key 0, which every query sees: no row is without a maximum.
      largest = reduce_lanes<4>(largest, Largest());
      softmax.correction[row] = power_of_two((softmax.peak[row] - largest) * scale);
      softmax.peak[row] = largest;
      const float shift = largest * scale;
      float part = 0;
#pragma unroll
      for (int n = 0; n < kKeys / 8; ++n)
#pragma unroll
        for (int e = 0; e < 2; ++e) {
          float& score = scores[4 * n + 2 * row + e];
          score = power_of_two(fmaf(score, scale, -shift));
          part += score;
        }
      softmax.sum[row] = softmax.sum[row] * softmax.correction[row] + part;
    }
  }
  __device__ static void pack(const float (&scores)[64], std::uint32_t (&p)[kKeys / 16][4]) {
#pragma unroll
    for (int t = 0; t < kKeys / 16; ++t)
#pragma unroll
      for (int i = 0; i < 4; ++i)
        p[t][i] = pack_halves(scores[8 * t + 2 * i], scores[8 * t + 2 * i + 1]);
  }

  __device__ void consume(int side, int warp, int lane) const {
    const int r = lane / 4;
    const int q = lane % 4;
    const int own = side * kOwnQueries + warp * 16;  // the first query of this warp
    const float scale = binary_softmax_scale(kDim);
    float scores[64];
    float out[kDim / 2];
    std::uint32_t p[kKeys / 16][4];
    Softmax softmax;
#pragma unroll
    for (float& value : out)
      value = 0;
    const auto soften_tile = [&](int i) {
      const std::int64_t key = static_cast<std::int64_t>(i) * kKeys;
      soften(scores, softmax, key + kKeys > position + own, position + own + r - key, q, scale);
    };
    await(keys_loaded, 0);
    start_scores(scores, 0, side);
    ptx::products_wait<0>();
    warpgroup::hold(scores);
    release(keys_free, 0, lane);
    soften_tile(0);
    pack(scores, p);
    if (tiles > 1) await(keys_loaded, 1);
    for (int i = 1; i < tiles; ++i) {
      start_scores(scores, i, side);
      await(values_loaded, i - 1);
      start_outputs(out, p, i - 1);
      ptx::products_wait<1>();
      warpgroup::hold(scores);
      release(keys_free, i % kStages, lane);
      soften_tile(i);
      warpgroup::hold(scores);
      // Here, so that ptxas keeps the softmax in front of it: while the tensor cores are busy.
      if (i + 1 < tiles) await(keys_loaded, i + 1);
      ptx::products_wait<0>();
      warpgroup::hold(out);
      release(values_free, (i - 1) % kStages, lane);
      if (__any_sync(0xffffffffU, softmax.correction[0] != 1.0F || softmax.correction[1] != 1.0F)) {
#pragma unroll
        for (int n = 0; n < kDim / 2; ++n)
          out[n] *= softmax.correction[n / 2 % 2];
      }
      pack(scores, p);
    }
    await(values_loaded, tiles - 1);
    start_outputs(out, p, tiles - 1);
    ptx::products_wait<0>();
    warpgroup::hold(out);
#pragma unroll
    for (int row = 0; row < 2; ++row) {
      const float factor = 1.0F / reduce_lanes<4>(softmax.sum[row], Sum());
#pragma unroll
      for (int n = 0; n < kDim / 8; ++n) {
        out[4 * n + 2 * row] *= factor;
        out[4 * n + 2 * row + 1] *= factor;
      }
      const int query = own + r + 8 * row;
      if constexpr (std::is_same_v<Out, std::int8_t>) {
        const auto value = [&](int n, int e) { return __half2float(__float2half_rn(out[4 * n + 2 * row + e])); };
        mixed::round_quad<kDim>(value, a.out.codes, a.out.scales, a.out.transposed, static_cast<int>(a.tokens),
                                head * kDim, static_cast<int>(first) + query, q);
      } else if (query < count) {
        Out* to = static_cast<Out*>(a.out.values) + ((first + query) * a.heads + head) * kDim + 2 * q;
#pragma unroll
        for (int n = 0; n < kDim / 8; ++n)
          store_two(to + 8 * n, out[4 * n + 2 * row], out[4 * n + 2 * row + 1]);
      }
    }
  }
  __device__ static void store_two(float* to, float x, float y) {
    *reinterpret_cast<float2*>(to) = make_float2(x, y);
  }
  __device__ static void store_two(__half* to, float x, float y) {
    *reinterpret_cast<__half2*>(to) = __floats2half2_rn(x, y);
  }
  __device__ static void store_two(__nv_bfloat16* to, float x, float y) {
    *reinterpret_cast<__nv_bfloat162*>(to) = __floats2bfloat162_rn(x, y);
  }
};

#endif

/// x: heads; y: tiles of queries, the last ones first, which have the most keys.
template <int kDim, class Out>
__global__ void __launch_bounds__(kThreads, 1) hopper_attention_kernel(const __grid_constant__ HalfAttention a) {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  using K = Kernel<kDim, Out>;
  using L = Layout<kDim>;
  extern __shared__ std::uint8_t shared[];
  const std::uint32_t start = (shared_address(shared) + 1023U) & ~1023U;
  const std::int64_t first = static_cast<std::int64_t>(gridDim.y - 1 - blockIdx.y) * kQueries;
  const int count = static_cast<int>(min(static_cast<std::int64_t>(kQueries), a.tokens - first));
  const std::int64_t position = a.first_position + first;
  const int tiles = static_cast<int>((position + count + kKeys - 1) / kKeys);
  const K kernel{a, start, first, position, count, tiles, static_cast<int>(blockIdx.x)};
  const int thread = static_cast<int>(threadIdx.x);
  const int group = __shfl_sync(0xffffffffU, thread / 128, 0);
  const int warp = __shfl_sync(0xffffffffU, thread / 32 % 4, 0);
  if (thread == 0) {
    for (int stage = 0; stage < kStages; ++stage) {
      ptx::barrier_init(kernel.barrier(K::keys_loaded, stage), kLoaders);
      ptx::barrier_init(kernel.barrier(K::values_loaded, stage), kLoaders);
      ptx::barrier_init(kernel.barrier(K::keys_free, stage), 8);
      ptx::barrier_init(kernel.barrier(K::values_free, stage), 8);
    }
    ptx::barrier_init_done();
  }
  __syncthreads();
  mixed::wait_for_previous();
  mixed::let_next_start();
  if (group == 0) {
    ptx::give_registers<40>();
    if (warp < 2) {
      kernel.load_queries(thread);  // with the first keys
      kernel.produce(a.k, L::kKeysAt, K::keys_loaded, K::keys_free, thread);
    } else {
      kernel.produce(a.v, L::kValuesAt, K::values_loaded, K::values_free, thread - kLoaders);
    }
  } else {
    ptx::take_registers<232>();
    kernel.consume(group - 1, warp, thread % 32);
  }
#endif
}

template <int kDim, class Out>
cudaError_t launch(cudaStream_t stream, const HalfAttention& a, bool overlap) {
  using L = Layout<kDim>;
  const auto kernel = hopper_attention_kernel<kDim, Out>;
  const cudaError_t status = cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, L::kBytes);
  if (status != cudaSuccess) return status;
  const dim3 grid(static_cast<unsigned>(a.heads), static_cast<unsigned>((a.tokens + kQueries - 1) / kQueries));
  return mixed::launch(kernel, grid, kThreads, L::kBytes, 1, overlap, stream, a);
}

}  // namespace

cudaError_t hopper_attention(cudaStream_t stream, const HalfAttention& a, bool overlap) {
  if (a.tokens == 0) return cudaSuccess;
  const auto for_output = [&]<class Out>() {
    if (a.dim == 64) return launch<64, Out>(stream, a, overlap);
    if (a.dim == 128) return launch<128, Out>(stream, a, overlap);
    return cudaErrorInvalidValue;
  };
  if (a.out.codes != nullptr) {
    if (a.out.group != a.dim || a.heads * a.dim % mixed::kBlock != 0) return cudaErrorInvalidValue;
    return for_output.template operator()<std::int8_t>();
  }
  return with_type(a.out.type,
                   [&](auto* type) { return for_output.template operator()<std::remove_cvref_t<decltype(*type)>>(); });
}

}  // namespace salient::cuda::kernels
