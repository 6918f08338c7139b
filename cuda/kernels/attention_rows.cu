// SPDX-License-Identifier: Apache-2.0
// Decoding's attention for many sequences, for compute capability 9.0: a block takes a piece of one sequence's past for
// four key heads at once, whose keys lie side by side in memory. One warp copies them row by row into a ring in shared
// memory; each of the others has a head, and nothing to add to others' results. So what is under way does not depend on
// what the warps do meanwhile, and memory is read in longer runs.
//
// The first copies are asked for before the kernel in front, which multiplies q, k and v, has ended: earlier steps have
// written what they read.
#include "cuda/kernels/attention_step.cuh"
#include "cuda/kernels/mixed_hopper.cuh"
#include "cuda/kernels/mixed_warpgroup.cuh"

// For other architectures the kernels are empty.
#pragma nv_diag_suppress 177

namespace salient::cuda::kernels {
namespace {

namespace ptx = mixed::ptx;

constexpr int kDim = 128;
constexpr int kStages = 3;
constexpr int kThreads = (kRowHeads + 1) * kWarp;

// Shared memory of a block, in bytes. Rows of keys and of values are so far apart that what eight lanes read together,
// of two keys or of four values, falls into different banks.
constexpr int kRow = kRowHeads * kDim * 2;
constexpr int kKeyPitch = kRow + 64;
constexpr int kValuePitch = kRow + 16;
constexpr int kValues = kKeys * kKeyPitch;  ///< in a stage, after the keys
constexpr int kStage = kValues + kKeys * kValuePitch;
constexpr int kHeadBytes = (kQueries + 2) * kDim * 2;  ///< a head's queries, new key and new value
constexpr int kHeadsAt = kStages * kStage;
constexpr int kBarriersAt = kHeadsAt + kRowHeads * kHeadBytes;
constexpr int kBytes = kBarriersAt + kStages * 16;

/// Grid: pieces, sets of key heads, sequences.
template <class T>
__global__ void __launch_bounds__(kThreads, 2) rows_kernel(Projected p, Partial partial) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  extern __shared__ __align__(128) std::uint8_t memory[];
  const int lane = static_cast<int>(threadIdx.x) % kWarp;
  const int warp = __shfl_sync(0xffffffffU, static_cast<int>(threadIdx.x) / kWarp, 0);
  const std::int64_t sequence = blockIdx.z;
  const Piece piece = partial.piece(p.positions[sequence], static_cast<int>(blockIdx.x));
  if (piece.empty()) {
    mixed::wait_for_previous();  // the kernels behind this one count on all those before it
    return;
  }
  const auto [position, first, end, stored] = piece;
  const std::int64_t stride = static_cast<std::int64_t>(p.kv_heads) * kDim;
  const std::int64_t begin = sequence * p.capacity * stride + blockIdx.y * kRowHeads * kDim;
  auto* k = static_cast<__half*>(p.keys) + begin;
  auto* v = static_cast<__half*>(p.values) + begin;
  const std::uint32_t shared = ptx::shared_address(memory);
  const std::uint32_t barriers = shared + kBarriersAt;
  const auto loaded = [&](int stage) { return barriers + stage * 16; };
  const auto free = [&](int stage) { return barriers + stage * 16 + 8; };
  if (threadIdx.x == 0) {
    for (int stage = 0; stage < kStages; ++stage) {
      ptx::barrier_init(loaded(stage), 1);
      ptx::barrier_init(free(stage), kRowHeads);
    }
    ptx::barrier_init_done();
  }
  __syncthreads();
  mixed::Ring<kStages> at;
  if (warp == kRowHeads) {
    const bool of_keys = lane < kKeys;
    const int row = lane % kKeys;
    for (int key = first; key < end; key += kKeys, at.next()) {
      const int rows = min(kKeys, stored - key);
      ptx::barrier_wait(free(at.stage), at.parity ^ 1);
      if (lane == 0) ptx::barrier_expect(loaded(at.stage), static_cast<std::uint32_t>(max(rows, 0) * 2 * kRow));
      __syncwarp();
      if (row < rows) {
        const std::uint32_t to = shared + at.stage * kStage + (of_keys ? row * kKeyPitch : kValues + row * kValuePitch);
        ptx::copy(to, (of_keys ? k : v) + (key + row) * stride, kRow, loaded(at.stage));
      }
      __syncwarp();
    }
    mixed::wait_for_previous();
    return;
  }

  mixed::wait_for_previous();
  mixed::let_next_start();
  const int r = lane / 4;
  const int c = lane % 4;
  const int kv_head = static_cast<int>(blockIdx.y) * kRowHeads + warp;
  const int count = p.heads / p.kv_heads;
  const int head = kv_head * count;
  auto* const queries = reinterpret_cast<__half*>(memory + kHeadsAt + warp * kHeadBytes);
  __half* const new_key = queries + kQueries * kDim;
  __half* const new_value = new_key + kDim;
  const T* projected = static_cast<const T*>(p.data) + sequence * (p.heads + 2 * p.kv_heads) * kDim;
  for (int i = count * kDim / 8 + lane; i < kQueries * kDim / 8; i += kWarp)
    reinterpret_cast<uint4*>(queries)[i] = make_uint4(0, 0, 0, 0);
  turn<4, kWarp>(p, projected, head, count, kv_head, end > position, position, queries, kDim, new_key, new_value, lane);
  __syncwarp();
  if (end > position) {  // for later steps; this one reads them here
    const std::int64_t row = position * stride + warp * kDim;
    if (lane < kDim / 8) {
      reinterpret_cast<uint4*>(k + row)[lane] = reinterpret_cast<const uint4*>(new_key)[lane];
    } else {
      reinterpret_cast<uint4*>(v + row)[lane - kDim / 8] = reinterpret_cast<const uint4*>(new_value)[lane - kDim / 8];
    }
  }
  uint4 q[kDim / 32];
#pragma unroll
  for (int j = 0; j < kDim / 32; ++j)
    q[j] = *reinterpret_cast<const uint4*>(queries + r * kDim + 32 * j + 8 * c);
  Sums<kDim> all;
  const float scale = binary_softmax_scale(kDim);
  for (int key = first; key < end; key += kKeys, at.next()) {
    const std::uint8_t* keys = memory + at.stage * kStage + warp * kDim * 2;
    const std::uint8_t* values = keys + kValues;
    uint4 low[kDim / 32], high[kDim / 32];
    uint4 vectors[kDim / 64][4];
    ptx::barrier_wait(loaded(at.stage), at.parity);
#pragma unroll
    for (int j = 0; j < kDim / 32; ++j) {
      low[j] = *reinterpret_cast<const uint4*>(keys + r * kKeyPitch + 64 * j + 16 * c);
      high[j] = *reinterpret_cast<const uint4*>(keys + (r + 8) * kKeyPitch + 64 * j + 16 * c);
    }
#pragma unroll
    for (int j = 0; j < kDim / 64; ++j)
#pragma unroll
      for (int i = 0; i < 4; ++i)
        vectors[j][i] =
            *reinterpret_cast<const uint4*>(values + (2 * c + i % 2 + i / 2 * 8) * kValuePitch + 128 * j + 16 * r);
    mixed::release_to_copies(free(at.stage), lane);
    if (stored < key + kKeys) {  // the new one is among them, or none
#pragma unroll
      for (int j = 0; j < kDim / 32; ++j) {
        if (key + r == position) low[j] = *reinterpret_cast<const uint4*>(new_key + 32 * j + 8 * c);
        if (key + r + 8 == position) high[j] = *reinterpret_cast<const uint4*>(new_key + 32 * j + 8 * c);
      }
#pragma unroll
      for (int j = 0; j < kDim / 64; ++j)
#pragma unroll
        for (int i = 0; i < 4; ++i) {
          const int own = key + 2 * c + i % 2 + i / 2 * 8;
          if (own >= stored) vectors[j][i] = make_uint4(0, 0, 0, 0);
          if (own == position) vectors[j][i] = *reinterpret_cast<const uint4*>(new_value + 64 * j + 8 * r);
        }
    }
    float scores[4] = {};
    add_scores<kDim>(low, high, q, scores);
    all.add(scores, key, end, scale, r, vectors);
  }
  all.finish();
  all.template store<true>(partial, (sequence * p.heads + head) * partial.pieces + blockIdx.x, count, kDim, r, c);
#endif
}

}  // namespace

bool can_attend_rows(const Projected& p) {
  return p.dim == kDim && p.kv_heads % kRowHeads == 0 && p.heads / p.kv_heads <= kQueries;
}

cudaError_t attend_rows(cudaStream_t stream, const Projected& p, const Partial& partial, bool overlap) {
  if (!can_attend_rows(p)) return cudaErrorInvalidValue;
  const dim3 grid(static_cast<unsigned>(partial.pieces), static_cast<unsigned>(p.kv_heads / kRowHeads),
                  static_cast<unsigned>(p.tokens));
  return with_type(p.type, [&](auto* type) {
    const auto kernel = rows_kernel<std::remove_cvref_t<decltype(*type)>>;
    const cudaError_t status = cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, kBytes);
    return status != cudaSuccess ? status
                                 : mixed::launch(kernel, grid, kThreads, kBytes, 1, overlap, stream, p, partial);
  });
}

}  // namespace salient::cuda::kernels
