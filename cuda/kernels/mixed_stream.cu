// SPDX-License-Identifier: Apache-2.0
// The product for few tokens, bound by reading the weights: every warp streams its own columns of K from device memory
// straight into the fragments of mma.sync m16n8k32, several blocks ahead, and the warps of a CTA add their sums in
// shared memory in a fixed order. Runs on every GPU from sm_80 on; more tokens than a CTA takes become more CTAs.
#include "cuda/kernels/mixed_common.cuh"

namespace salient::cuda::mixed {
namespace {

__device__ __forceinline__ void mma(int (&d)[4], std::uint32_t a0, std::uint32_t a1, std::uint32_t a2, std::uint32_t a3,
                                    std::uint32_t b0, std::uint32_t b1) {
  asm volatile("mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
               : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3])
               : "r"(a0), "r"(a1), "r"(a2), "r"(a3), "r"(b0), "r"(b1));
}

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

/// Where a CTA's strip lies.
struct Strip {
  const std::uint8_t* codes;  ///< first block; blocks are a tile's block apart
  const std::uint8_t* meta;
  int strip;  ///< in its tile
};

template <int kBits, int kGroups>
__device__ __forceinline__ void load_raw(const Strip& s, int block, int lane, Raw<kBits, kGroups>& raw) {
  const int r = lane >> 2;
  if constexpr (kBits == 4) {
    const std::uint8_t* from = s.codes + (block * kCodes4Bytes + s.strip * 1024 + lane * 16);
    load_words(from, raw.codes);
    load_words(from + 512, raw.codes + 4);
  } else {
    const std::uint8_t* from = s.codes + (block * kCodes8Bytes + s.strip * 2048 + lane * 16);
    load_words(from, raw.codes);
    load_words(from + 512, raw.more);
    load_words(from + 1024, raw.codes + 4);
    load_words(from + 1536, raw.more + 4);
  }
  const std::uint8_t* meta = s.meta + block * meta_bytes(kBits, kGroups);
#pragma unroll
  for (int g = 0; g < kGroups; ++g) {
    raw.scales[g] = __ldg(reinterpret_cast<const std::uint32_t*>(meta + g * kScaleBytes) + s.strip * 8 + r);
    if constexpr (kBits == 4) raw.zeros[g] = __ldg(meta + kGroups * kScaleBytes + g * kZeroBytes + s.strip * 8 + r);
  }
}

/// The sums of a warp over its blocks. With folded_token they are int32 in the bits of a float.
template <int kBits, int kStrips, int kColumns, int kWarps, int kAhead, Mode kMode, int kGroups>
__device__ __forceinline__ void sum_blocks(const Product& p, const Strip (&strips)[kStrips], int warp, int lane,
                                           int first_token, float (&out)[kStrips][kColumns][4]) {
  const int q = lane & 3;
  const int tokens = p.tokens - first_token;
  const int blocks = p.weights.blocks;
  Raw<kBits, kGroups> raw[kAhead][kStrips];
#pragma unroll
  for (int slot = 0; slot < kAhead; ++slot) {
#pragma unroll
    for (int s = 0; s < kStrips; ++s) {
      if (warp + slot * kWarps < blocks) load_raw<kBits, kGroups>(strips[s], warp + slot * kWarps, lane, raw[slot][s]);
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
        if (next < blocks) load_raw<kBits, kGroups>(strips[s], next, lane, raw[slot][s]);
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
          for (int s = 0; s < kStrips; ++s) {
            float(&sum)[4] = out[s][n];
            int d[4] = {0, 0, 0, 0};
            if constexpr (kMode == Mode::folded_token) {
#pragma unroll
              for (int i = 0; i < 4; ++i)
                d[i] = __float_as_int(sum[i]);
            }
#pragma unroll
            for (int j = g * 4 / kGroups; j < (g + 1) * 4 / kGroups; ++j)
              mma(d, x[s][2 * j], y[s][2 * j], x[s][2 * j + 1], y[s][2 * j + 1], b[2 * j], b[2 * j + 1]);
            if constexpr (kMode == Mode::exact) {
              const float2 row = __half22float2(*reinterpret_cast<const __half2*>(&scales[s][g]));
              sum[0] = fmaf(__int2float_rn(d[0]) * row.x, scale.x, sum[0]);
              sum[1] = fmaf(__int2float_rn(d[1]) * row.x, scale.y, sum[1]);
              sum[2] = fmaf(__int2float_rn(d[2]) * row.y, scale.x, sum[2]);
              sum[3] = fmaf(__int2float_rn(d[3]) * row.y, scale.y, sum[3]);
            } else if constexpr (kMode == Mode::folded) {
#pragma unroll
              for (int i = 0; i < 4; ++i)
                sum[i] = fmaf(__int2float_rn(d[i]), i % 2 == 0 ? scale.x : scale.y, sum[i]);
            } else {
#pragma unroll
              for (int i = 0; i < 4; ++i)
                sum[i] = __int_as_float(d[i]);
            }
          }
        }
      }
    }
  }
}

template <int kStrips, int kColumns, int kWarps>
constexpr int shared_bytes() {
  return kWarps * 8 * kColumns * (16 * kStrips + 4) * static_cast<int>(sizeof(float));
}

template <int kStrips, int kColumns, int kWarps, int kAhead, int kResident, Mode kMode, int kGroups>
__global__ void __launch_bounds__(kWarps * 32, kResident) stream_kernel(const __grid_constant__ Product p) {
  constexpr int kRows = 16 * kStrips;
  constexpr int kTokens = 8 * kColumns;
  constexpr int kPitch = kRows + 4;    // tokens 2q apart then fall into different banks
  constexpr int kAhead8 = kAhead / 2;  // twice the bytes
  extern __shared__ float partial[];   // [warp][token][row]

  let_next_start();
  const Weights& w = p.weights;
  const int lane = static_cast<int>(threadIdx.x) & 31;
  const int warp = static_cast<int>(threadIdx.x) >> 5;
  const int first_token = static_cast<int>(blockIdx.y) * kTokens;
  // The 8-bit tiles take longest and go first.
  constexpr int kParts = 4 / kStrips;
  const int unit = static_cast<int>(blockIdx.x);
  const int tile = unit / kParts;
  const bool wide = tile < w.tiles8;
  const int in_class = wide ? tile : tile - w.tiles8;
  const int first_strip = unit % kParts * kStrips;

  float out[kStrips][kColumns][4];
#pragma unroll
  for (int s = 0; s < kStrips; ++s) {
#pragma unroll
    for (int n = 0; n < kColumns; ++n) {
#pragma unroll
      for (int i = 0; i < 4; ++i)
        out[s][n][i] = 0;
    }
  }
  Strip strips[kStrips];
#pragma unroll
  for (int s = 0; s < kStrips; ++s) {
    const std::int64_t at = static_cast<std::int64_t>(in_class) * w.blocks;
    if (wide) {
      strips[s] = {w.codes8 + at * kCodes8Bytes,
                   (kMode == Mode::exact ? w.meta8 : w.fold8) + at * meta_bytes(8, kGroups), first_strip + s};
    } else {
      strips[s] = {w.codes4 + at * kCodes4Bytes,
                   (kMode == Mode::exact ? w.meta4 : w.fold4) + at * meta_bytes(4, kGroups), first_strip + s};
    }
  }
  if (wide) {
    sum_blocks<8, kStrips, kColumns, kWarps, kAhead8, kMode, kGroups>(p, strips, warp, lane, first_token, out);
  } else {
    sum_blocks<4, kStrips, kColumns, kWarps, kAhead, kMode, kGroups>(p, strips, warp, lane, first_token, out);
  }

  float* mine = partial + warp * kTokens * kPitch + (lane & 3) * 2 * kPitch + (lane >> 2);
#pragma unroll
  for (int s = 0; s < kStrips; ++s) {
#pragma unroll
    for (int n = 0; n < kColumns; ++n) {
#pragma unroll
      for (int i = 0; i < 4; ++i)
        mine[(8 * n + i % 2) * kPitch + 16 * s + i / 2 * 8] = out[s][n][i];
    }
  }
  __syncthreads();
  const int slot = ((wide ? w.tiles4 : 0) + in_class) * kTileRows + first_strip * 16;
  const int tokens = min(kTokens, p.tokens - first_token);
  for (int i = static_cast<int>(threadIdx.x); i < tokens * kRows; i += kWarps * 32) {
    const int token = i / kRows;
    const int row = i % kRows;
    float sum = partial[token * kPitch + row];
#pragma unroll
    for (int other = 1; other < kWarps; ++other)
      sum = add_partial<kMode>(sum, partial[(other * kTokens + token) * kPitch + row]);
    store_output<kMode>(p, target_of<kMode>(p, slot + row), first_token + token, sum);
  }
}

template <int kStrips, int kColumns, int kWarps, int kAhead, int kResident, Mode kMode, int kGroups>
cudaError_t run(const Product& p, bool overlap, cudaStream_t stream) {
  const auto kernel = stream_kernel<kStrips, kColumns, kWarps, kAhead, kResident, kMode, kGroups>;
  constexpr int kShared = shared_bytes<kStrips, kColumns, kWarps>();
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
    // Exact, groups of 128: what is worth choosing from, the better ones first.
    entry<2, 1, 8, 2, 2>(),
    entry<1, 1, 16, 2, 2>(),
    entry<2, 2, 8, 2, 2>(),
    entry<1, 2, 8, 4, 2>(),
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
  std::vector<Plan> plans;
  for (const Entry& e : kEntries) {
    if (e.mode == mode && e.groups == groups_in_block) plans.push_back(e.plan);
  }
  return plans;
}

cudaError_t stream_product(const Product& product, const Plan& plan, bool overlap, cudaStream_t stream) {
  const Entry* e = find(plan, product.mode, product.weights.groups_in_block);
  return e != nullptr ? e->run(product, overlap, stream) : cudaErrorInvalidValue;
}

}  // namespace salient::cuda::mixed
