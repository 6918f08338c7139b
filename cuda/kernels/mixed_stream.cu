// SPDX-License-Identifier: Apache-2.0
// The product for few tokens, bound by reading the weights: every warp streams its own columns of K from device memory
// straight into the fragments of mma.sync m16n8k32, several blocks ahead, and the warps of a CTA add their sums in
// shared memory in a fixed order. Runs on every GPU from sm_80 on; more tokens than a CTA takes become more CTAs. Up to
// 16 tokens mixed_ring.cu is faster.
#include "cuda/kernels/mixed_stream.cuh"

namespace salient::cuda::mixed {
namespace {

/// A lane's 32 columns of a token: words 2j and 2j + 1 belong to k-step j.
__device__ __forceinline__ void load_token(const std::int8_t* row, int swizzle, int q, std::uint32_t (&v)[8]) {
#pragma unroll
  for (int h = 0; h < 2; ++h) {
    const uint4 x = __ldg(reinterpret_cast<const uint4*>(row + (((4 * h + q) ^ swizzle) << 4)));
    v[4 * h] = x.x;
    v[4 * h + 1] = x.y;
    v[4 * h + 2] = x.z;
    v[4 * h + 3] = x.w;
  }
}
__device__ __forceinline__ void load_words(const std::uint8_t* from, std::uint32_t* v) {
  const uint4 x = load_once(from);
  v[0] = x.x;
  v[1] = x.y;
  v[2] = x.z;
  v[3] = x.w;
}

/// One block of a strip as it comes from memory.
template <int kBits, int kGroups>
struct Raw {
  std::uint32_t codes[8];
  std::uint32_t more[kBits == 4 ? 1 : 8];  ///< rows r + 8 of 8-bit codes
  std::uint32_t scales[kGroups];           ///< rows r and r + 8: two fp16 scales or two multipliers
  std::uint32_t zeros[kGroups];            ///< one byte, two nibbles
};

template <int kBits, int kGroups>
__device__ __forceinline__ void load_raw(const Strips& strips, int strip, int block, int lane,
                                         Raw<kBits, kGroups>& raw) {
  const int r = lane >> 2;
  if constexpr (kBits == 4) {
    const std::uint8_t* from = strips.codes + (block * kCodes4Bytes + strip * 1024 + lane * 16);
    load_words(from, raw.codes);
    load_words(from + 512, raw.codes + 4);
  } else {
    const std::uint8_t* from = strips.codes + (block * kCodes8Bytes + strip * 2048 + lane * 16);
    load_words(from, raw.codes);
    load_words(from + 512, raw.more);
    load_words(from + 1024, raw.codes + 4);
    load_words(from + 1536, raw.more + 4);
  }
  const int pair = (strips.first + strip) * 8 + r;
  const std::uint8_t* meta = strips.meta + block * meta_bytes(kBits, kGroups);
#pragma unroll
  for (int g = 0; g < kGroups; ++g) {
    raw.scales[g] = __ldg(reinterpret_cast<const std::uint32_t*>(meta + g * kScaleBytes) + pair);
    if constexpr (kBits == 4) raw.zeros[g] = __ldg(meta + kGroups * kScaleBytes + g * kZeroBytes + pair);
  }
}

/// The sums of a warp over its blocks. With folded_token they are int32 in the bits of a float.
template <int kBits, int kStrips, int kColumns, int kWarps, int kAhead, Mode kMode, int kGroups>
__device__ __forceinline__ void sum_blocks(const Product& p, const Strips& strips, int warp, int lane, int first_token,
                                           float (&out)[kStrips][kColumns][4]) {
  const int q = lane & 3;
  const int tokens = p.tokens - first_token;
  const int blocks = p.weights.blocks;
  Raw<kBits, kGroups> raw[kAhead][kStrips];
#pragma unroll
  for (int slot = 0; slot < kAhead; ++slot) {
#pragma unroll
    for (int s = 0; s < kStrips; ++s) {
      if (warp + slot * kWarps < blocks) load_raw<kBits, kGroups>(strips, s, warp + slot * kWarps, lane, raw[slot][s]);
    }
  }
  wait_for_previous();
  for (int base = warp; base < blocks; base += kAhead * kWarps) {
#pragma unroll
    for (int slot = 0; slot < kAhead; ++slot) {
      const int block = base + slot * kWarps;
      if (block >= blocks) break;
      std::uint32_t x[kStrips][8];
      std::uint32_t y[kStrips][8];
      std::uint32_t scales[kStrips][kGroups];
#pragma unroll
      for (int s = 0; s < kStrips; ++s) {
        constexpr int kWords = 8 / kGroups;
        const Raw<kBits, kGroups>& from = raw[slot][s];
#pragma unroll
        for (int g = 0; g < kGroups; ++g) {
          convert<kBits, kMode, kWords>(from.codes + g * kWords, kBits == 4 ? from.more : from.more + g * kWords,
                                        from.scales[g], from.zeros[g], x[s] + g * kWords, y[s] + g * kWords);
          scales[s][g] = from.scales[g];
        }
        const int next = block + kAhead * kWarps;
        if (next < blocks) load_raw<kBits, kGroups>(strips, s, next, lane, raw[slot][s]);
      }
      const std::int8_t* codes = p.codes + static_cast<std::int64_t>(block) * p.tokens * kBlock;
#pragma unroll
      for (int n = 0; n < kColumns; ++n) {
        if (8 * n >= tokens) break;
        const int token = min(first_token + 8 * n + (lane >> 2), p.tokens - 1);
        std::uint32_t b[8];
        load_token(codes + token * kBlock, token & 7, q, b);
#pragma unroll
        for (int g = 0; g < kGroups; ++g) {
          float2 scale = make_float2(0, 0);
          if constexpr (kMode != Mode::folded_token) {
            scale = __ldg(reinterpret_cast<const float2*>(
                p.scales + static_cast<std::int64_t>(block * kGroups + g) * p.scale_stride + first_token + 8 * n +
                2 * q));
          }
#pragma unroll
          for (int s = 0; s < kStrips; ++s)
            add_products<kMode, kGroups>(x[s], y[s], b, g, scales[s][g], scale, out[s][n]);
        }
      }
    }
  }
}

template <int kStrips, int kColumns, int kWarps, int kAhead, int kResident, Mode kMode, int kGroups>
__global__ void __launch_bounds__(kWarps * 32, kResident) stream_kernel(const __grid_constant__ Product p) {
  using S = Sums<kStrips, kColumns, kWarps, kMode>;
  constexpr int kAhead8 = kAhead / 2;  // twice the bytes
  extern __shared__ float partial[];

  let_next_start();
  const int lane = static_cast<int>(threadIdx.x) & 31;
  const int warp = static_cast<int>(threadIdx.x) >> 5;
  const int first_token = static_cast<int>(blockIdx.y) * S::kTokens;
  const auto share = Share<kStrips, kMode, kGroups>::of(p.weights, static_cast<int>(blockIdx.x));
  float out[kStrips][kColumns][4] = {};
  if (share.wide) {
    sum_blocks<8, kStrips, kColumns, kWarps, kAhead8, kMode, kGroups>(p, share.strips, warp, lane, first_token, out);
  } else {
    sum_blocks<4, kStrips, kColumns, kWarps, kAhead, kMode, kGroups>(p, share.strips, warp, lane, first_token, out);
  }
  S::store(p, S::target(p, share.slot), first_token, partial, out);
}

template <int kStrips, int kColumns, int kWarps, int kAhead, int kResident, Mode kMode, int kGroups>
cudaError_t run(const Product& p, bool overlap, cudaStream_t stream) {
  const auto kernel = stream_kernel<kStrips, kColumns, kWarps, kAhead, kResident, kMode, kGroups>;
  constexpr int kShared = Sums<kStrips, kColumns, kWarps, kMode>::kBytes;
  if constexpr (kShared > 48 * 1024) {
    const cudaError_t status = cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, kShared);
    if (status != cudaSuccess) return status;
  }
  const dim3 grid(static_cast<unsigned>((p.weights.tiles4 + p.weights.tiles8) * 4 / kStrips),
                  static_cast<unsigned>((p.tokens + 8 * kColumns - 1) / (8 * kColumns)));
  return launch(kernel, grid, kWarps * 32, kShared, 1, overlap, stream, p);
}

using Run = cudaError_t (*)(const Product&, bool, cudaStream_t);
struct Entry {
  Plan plan;
  Mode mode;
  int groups;
  Run run;
};
/// kResident: CTAs that a multiprocessor of 65536 registers shall hold.
template <int kStrips, int kColumns, int kWarps, int kAhead, int kResident, Mode kMode = Mode::exact, int kGroups = 1>
constexpr Entry entry() {
  return {{Plan::Kernel::stream, 16 * kStrips, 8 * kColumns, kWarps, kAhead, 1},
          kMode,
          kGroups,
          run<kStrips, kColumns, kWarps, kAhead, kResident, kMode, kGroups>};
}

constexpr Entry kEntries[] = {
    // Exact, groups of 128: what is worth choosing from beside mixed_ring.cu, the better ones first.
    entry<2, 4, 8, 2, 1>(),
    entry<1, 4, 8, 2, 2>(),
    entry<2, 8, 8, 2, 1>(),
    // Everything else.
    entry<1, 1, 8, 2, 2, Mode::exact, 2>(),
    entry<2, 4, 8, 2, 1, Mode::exact, 2>(),
    entry<1, 1, 8, 2, 2, Mode::exact, 4>(),
    entry<2, 4, 8, 2, 1, Mode::exact, 4>(),
    entry<2, 4, 8, 2, 1, Mode::folded, 1>(),
    entry<2, 4, 8, 2, 1, Mode::folded, 2>(),
    entry<2, 4, 8, 2, 1, Mode::folded, 4>(),
    entry<2, 4, 8, 2, 1, Mode::folded_token, 1>(),
    entry<2, 4, 8, 2, 1, Mode::folded_token, 2>(),
    entry<2, 4, 8, 2, 1, Mode::folded_token, 4>(),
};

const Entry* find(const Plan& plan, Mode mode, int groups) {
  for (const Entry& e : kEntries) {
    if (e.plan == plan && e.mode == mode && e.groups == groups) return &e;
  }
  return nullptr;
}

}  // namespace

std::vector<Plan> stream_plans(Mode mode, int groups_in_block) {
  std::vector<Plan> plans = ring_plans(mode, groups_in_block);
  for (const Entry& e : kEntries) {
    if (e.mode == mode && e.groups == groups_in_block) plans.push_back(e.plan);
  }
  return plans;
}

cudaError_t stream_product(const Product& product, const Plan& plan, bool overlap, cudaStream_t stream) {
  const Entry* e = find(plan, product.mode, product.weights.groups_in_block);
  if (e == nullptr) return ring_product(product, plan, overlap, stream);
  return e->run(product, overlap, stream);
}

}  // namespace salient::cuda::mixed
