// SPDX-License-Identifier: Apache-2.0
// The product for up to 16 tokens, bound by reading the weights: every warp streams its own columns of K, and the
// activations that belong to them, through a ring of its own in shared memory into the fragments of mma.sync m16n8k32;
// the warps of a CTA add their sums in a fixed order. Exact scales, groups of 128; every GPU from sm_80 on.
//
// Few blocks are under way at a time although there would be room: what is requested before the kernel in front has
// ended delays that kernel's own accesses, and the time of a small one is made of nothing else.
#include "cuda/kernels/mixed_stream.cuh"

namespace salient::cuda::mixed {
namespace {

/// 16 bytes into shared memory in the background.
__device__ __forceinline__ void copy_in_background(std::uint32_t to, const void* from) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(to), "l"(from) : "memory");
}
/// The same for what is read once: the first to leave the second-level cache.
__device__ __forceinline__ void copy_once(std::uint32_t to, const void* from, std::uint64_t policy) {
  asm volatile("cp.async.cg.shared.global.L2::cache_hint [%0], [%1], 16, %2;" ::"r"(to), "l"(from), "l"(policy)
               : "memory");
}
__device__ __forceinline__ void end_group_of_copies() {
  asm volatile("cp.async.commit_group;" ::: "memory");
}
/// Until at most `kPending` groups of this thread's copies are under way.
template <int kPending>
__device__ __forceinline__ void wait_for_copies() {
  asm volatile("cp.async.wait_group %0;" ::"n"(kPending) : "memory");
}

/// A slot holds a block of codes (of 8-bit codes twice as much: two slots) as they lie in memory, so that a lane reads
/// what it has copied itself; and the block's activations and their scales.
template <int kStrips, int kColumns, int kWarps, int kAhead>
struct Layout {
  static constexpr int kTokens = 8 * kColumns;
  static constexpr int kCodes = kStrips * 1024;
  static constexpr int kScales = kTokens * kBlock;  ///< after a slot's activations
  static constexpr int kTokenBytes = kScales + kTokens * 4;
  static constexpr int kRing = kAhead * (kCodes + kTokenBytes);  ///< of a warp
  static constexpr int kSums =
      Sums<kStrips, kColumns, kWarps, Mode::exact>::kBytes;  ///< in the rings' place in the end
  static constexpr int kBytes = kWarps * kRing > kSums ? kWarps* kRing : kSums;
  static_assert(kBytes <= 99 * 1024, "what every device has for a CTA");
};

/// Scales of rows r and r + 8 as two fp16, and their zero points as two nibbles.
struct Meta {
  std::uint32_t scales;
  std::uint32_t zeros;
};
template <int kBits>
__device__ __forceinline__ Meta load_meta(const Strips& strips, int strip, int block, int lane) {
  const std::uint8_t* meta = strips.meta + block * meta_bytes(kBits, 1);
  const int pair = (strips.first + strip) * 8 + (lane >> 2);
  Meta loaded{__ldg(reinterpret_cast<const std::uint32_t*>(meta) + pair), 0};
  if constexpr (kBits == 4) loaded.zeros = __ldg(meta + kScaleBytes + pair);
  return loaded;
}

/// A lane's 32 columns of a token: words 2j and 2j + 1 belong to k-step j.
__device__ __forceinline__ void load_token(const std::uint8_t* row, int swizzle, int q, std::uint32_t (&v)[8]) {
#pragma unroll
  for (int h = 0; h < 2; ++h) {
    const uint4 x = load_words(row + (((4 * h + q) ^ swizzle) << 4));
    v[4 * h] = x.x, v[4 * h + 1] = x.y, v[4 * h + 2] = x.z, v[4 * h + 3] = x.w;
  }
}

/// The sums of a warp over its blocks. `target` is read while the first blocks are on their way.
template <int kBits, int kStrips, int kColumns, int kWarps, int kAhead>
__device__ __forceinline__ void sum_blocks(const Product& p, const Strips& strips, int slot_of_rows, std::uint8_t* ring,
                                           int first_token, Target& target, float (&out)[kStrips][kColumns][4]) {
  using L = Layout<kStrips, kColumns, kWarps, kAhead>;
  constexpr int kSlots = kBits == 4 ? kAhead : kAhead / 2;
  constexpr int kCodes = kBits == 4 ? L::kCodes : 2 * L::kCodes;
  const int lane = static_cast<int>(threadIdx.x) & 31;
  const int warp = static_cast<int>(threadIdx.x) >> 5;
  const int q = lane & 3;
  const int blocks = p.weights.blocks;
  const int tokens = min(L::kTokens, p.tokens - first_token);
  const std::uint64_t once = once_policy();
  const auto shared = static_cast<std::uint32_t>(__cvta_generic_to_shared(ring));
  const auto copy_codes = [&](int slot, int block) {
    const std::uint8_t* from = strips.codes + block * (kBits == 4 ? kCodes4Bytes : kCodes8Bytes) + lane * 16;
#pragma unroll
    for (int i = 0; i < kCodes; i += 512)
      copy_once(shared + slot * kCodes + i + lane * 16, from + i, once);
  };
  const auto copy_tokens = [&](int slot, int block) {
    const std::uint32_t to = shared + kAhead * L::kCodes + slot * L::kTokenBytes;
    const std::int8_t* codes = p.codes + (static_cast<std::int64_t>(block) * p.tokens + first_token) * kBlock;
#pragma unroll
    for (int i = 0; i < L::kTokens * 8; i += 32)
      if (i + lane < tokens * 8) copy_in_background(to + (i + lane) * 16, codes + (i + lane) * 16);
    if (lane < (tokens + 7) / 8 * 2) {  // rows of scales are filled up to multiples of 8 tokens
      copy_in_background(to + L::kScales + lane * 16,
                         p.scales + static_cast<std::int64_t>(block) * p.scale_stride + first_token + lane * 4);
    }
  };

  Meta meta[kSlots][kStrips];
#pragma unroll
  for (int slot = 0; slot < kSlots; ++slot) {
    const int block = warp + slot * kWarps;
    if (block < blocks) {
      copy_codes(slot, block);
#pragma unroll
      for (int s = 0; s < kStrips; ++s)
        meta[slot][s] = load_meta<kBits>(strips, s, block, lane);
    }
    end_group_of_copies();
  }
  target = Sums<kStrips, kColumns, kWarps, Mode::exact>::target(p, slot_of_rows);
  wait_for_previous();
#pragma unroll
  for (int slot = 0; slot < kSlots; ++slot) {
    if (warp + slot * kWarps < blocks) copy_tokens(slot, warp + slot * kWarps);
    end_group_of_copies();
  }
  for (int base = warp; base < blocks; base += kSlots * kWarps) {
#pragma unroll
    for (int slot = 0; slot < kSlots; ++slot) {
      const int block = base + slot * kWarps;
      if (block >= blocks) break;
      const int next = block + kSlots * kWarps;
      wait_for_copies<kSlots - 1>();
      __syncwarp();
      std::uint32_t x[kStrips][8];
      std::uint32_t y[kStrips][8];
      std::uint32_t scales[kStrips];
#pragma unroll
      for (int s = 0; s < kStrips; ++s) {
        std::uint32_t codes[8];
        std::uint32_t more[kBits == 4 ? 1 : 8];  // rows r + 8 of 8-bit codes
        const std::uint8_t* from = ring + slot * kCodes + s * (kCodes / kStrips) + lane * 16;
#pragma unroll
        for (int h = 0; h < 2; ++h) {
          const uint4 v = load_words(from + h * (kBits == 4 ? 512 : 1024));
          codes[4 * h] = v.x, codes[4 * h + 1] = v.y, codes[4 * h + 2] = v.z, codes[4 * h + 3] = v.w;
          if constexpr (kBits == 8) {
            const uint4 w = load_words(from + h * 1024 + 512);
            more[4 * h] = w.x, more[4 * h + 1] = w.y, more[4 * h + 2] = w.z, more[4 * h + 3] = w.w;
          }
        }
        scales[s] = meta[slot][s].scales;
        convert<kBits, Mode::exact, 8>(codes, more, scales[s], meta[slot][s].zeros, x[s], y[s]);
        if (next < blocks) meta[slot][s] = load_meta<kBits>(strips, s, next, lane);
      }
      if (next < blocks) copy_codes(slot, next);
      const std::uint8_t* staged = ring + kAhead * L::kCodes + slot * L::kTokenBytes;
#pragma unroll
      for (int n = 0; n < kColumns; ++n) {
        if (8 * n >= tokens) break;
        const int token = min(8 * n + (lane >> 2), tokens - 1);
        std::uint32_t b[8];
        load_token(staged + token * kBlock, token & 7, q, b);
        const float2 scale = reinterpret_cast<const float2*>(staged + L::kScales)[4 * n + q];
#pragma unroll
        for (int s = 0; s < kStrips; ++s)
          add_products<Mode::exact, 1>(x[s], y[s], b, 0, scales[s], scale, out[s][n]);
      }
      __syncwarp();  // all have read the slot's tokens
      if (next < blocks) copy_tokens(slot, next);
      end_group_of_copies();
    }
  }
}

template <int kStrips, int kColumns, int kWarps, int kAhead>
__global__ void __launch_bounds__(kWarps * 32, 2) ring_kernel(const __grid_constant__ Product p) {
  using L = Layout<kStrips, kColumns, kWarps, kAhead>;
  extern __shared__ __align__(16) std::uint8_t rings[];
  let_next_start();
  const int first_token = static_cast<int>(blockIdx.y) * L::kTokens;
  const auto share = Share<kStrips, Mode::exact, 1>::of(p.weights, static_cast<int>(blockIdx.x));
  std::uint8_t* const ring = rings + (threadIdx.x >> 5) * L::kRing;
  float out[kStrips][kColumns][4] = {};
  Target target;
  if (share.wide) {
    sum_blocks<8, kStrips, kColumns, kWarps, kAhead>(p, share.strips, share.slot, ring, first_token, target, out);
  } else {
    sum_blocks<4, kStrips, kColumns, kWarps, kAhead>(p, share.strips, share.slot, ring, first_token, target, out);
  }
  __syncthreads();  // no ring is in use any more
  Sums<kStrips, kColumns, kWarps, Mode::exact>::store(p, target, first_token, reinterpret_cast<float*>(rings), out);
}

template <int kStrips, int kColumns, int kWarps, int kAhead>
cudaError_t run(const Product& p, bool overlap, cudaStream_t stream) {
  using L = Layout<kStrips, kColumns, kWarps, kAhead>;
  const auto kernel = ring_kernel<kStrips, kColumns, kWarps, kAhead>;
  if constexpr (L::kBytes > 48 * 1024) {
    const cudaError_t status = cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, L::kBytes);
    if (status != cudaSuccess) return status;
  }
  const dim3 grid(static_cast<unsigned>((p.weights.tiles4 + p.weights.tiles8) * 4 / kStrips),
                  static_cast<unsigned>((p.tokens + L::kTokens - 1) / L::kTokens));
  return launch(kernel, grid, kWarps * 32, L::kBytes, 1, overlap, stream, p);
}

struct Entry {
  Plan plan;
  cudaError_t (*run)(const Product&, bool, cudaStream_t);
};
template <int kStrips, int kColumns, int kWarps, int kAhead>
constexpr Entry entry() {
  return {{Plan::Kernel::stream, 16 * kStrips, 8 * kColumns, kWarps, kAhead, 1},
          run<kStrips, kColumns, kWarps, kAhead>};
}
/// The better ones first.
constexpr Entry kEntries[] = {entry<2, 1, 8, 2>(), entry<1, 1, 16, 2>(), entry<2, 2, 8, 2>(), entry<1, 2, 8, 4>()};

}  // namespace

std::vector<Plan> ring_plans(Mode mode, int groups_in_block) {
  std::vector<Plan> plans;
  if (mode != Mode::exact || groups_in_block != 1) return plans;
  for (const Entry& e : kEntries)
    plans.push_back(e.plan);
  return plans;
}

cudaError_t ring_product(const Product& product, const Plan& plan, bool overlap, cudaStream_t stream) {
  if (product.mode != Mode::exact || product.weights.groups_in_block != 1) return cudaErrorInvalidValue;
  for (const Entry& e : kEntries)
    if (e.plan == plan) return e.run(product, overlap, stream);
  return cudaErrorInvalidValue;
}

}  // namespace salient::cuda::mixed
