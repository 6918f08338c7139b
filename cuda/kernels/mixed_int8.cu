// SPDX-License-Identifier: Apache-2.0
// The product of many tokens on Hopper from a copy of the weights in int8 (`Weights::copy`): int8 times int8, both from
// shared memory, and at most two scales for each group left to apply.
//
// Y = X Wᵀ: 64 tokens of each of two warpgroups on the instruction's M side, so that a thread needs the scales of two
// tokens only; rows of weights on its N side, in their original order, so that outputs need no scattering. One thread
// of a third warpgroup copies activations and weights into a ring of stages. CTAs stay and walk over (tokens, rows).
#include <type_traits>

#include "cuda/kernels/mixed_common.cuh"
#include "cuda/kernels/mixed_hopper.cuh"

// For other architectures the kernels are empty, and what they are made of is not used.
#pragma nv_diag_suppress 177

namespace salient::cuda::mixed {
namespace {

constexpr int kThreads = 384;
constexpr int kConsumers = 256;
constexpr int kTokens = 128;            ///< of a CTA
constexpr int kTokensOfGroup = 64;      ///< of a warpgroup
constexpr int kTokenTilesInColumn = 8;  ///< token tiles that are walked together, for the second-level cache

/// Shared memory of a CTA of kTokens tokens and `kRows` rows of weights.
template <Mode kMode, int kRows, int kGroups>
struct Layout {
  static constexpr int kWeights = kTokens * kBlock;  ///< after the activations
  static constexpr int kTokenScales = kWeights + kRows * kBlock;
  static constexpr int kRowScales = kTokenScales + (kMode == Mode::folded_token ? 0 : kGroups * kTokens * 4);
  static constexpr int kEnd = kRowScales + (kMode == Mode::exact ? kGroups * kRows * 4 : 0);
  static constexpr int kStage = (kEnd + 1023) / 1024 * 1024;
  /// Outputs of a warp on their way: 16 tokens, 64 columns of 16 bits.
  static constexpr int kOutputs = 16 * 128;
  /// Scale and bias of each column, for each warpgroup.
  static constexpr int kTargets = kRows * 8;
  static constexpr int kFixed = 8 * kOutputs + 2 * kTargets + 1024 + 256;  ///< with room to align, and barriers
  static constexpr int kRoom = (227 * 1024 - kFixed) / kStage;
  static constexpr int kStages = kRoom < 8 ? kRoom : 8;
  static constexpr int kOutputsAt = kStages * kStage;
  static constexpr int kTargetsAt = kOutputsAt + 8 * kOutputs;
  static constexpr int kBarriersAt = kTargetsAt + 2 * kTargets;
  static constexpr int kBytes = kFixed + kStages * kStage;
  static_assert(kStages >= 3);
};

/// A position in the ring of stages.
template <int kStages>
struct Ring {
  int stage = 0;
  int parity = 0;
  __device__ void next() {
    if (++stage == kStages) {
      stage = 0;
      parity ^= 1;
    }
  }
};

/// The first token and the first row of what a CTA does at a time.
struct Unit {
  int token;
  int row;
};

#if defined(__CUDA_ARCH_FEAT_SM90_ALL)

template <Mode kMode, int kRows, int kGroups>
struct Kernel {
  using L = Layout<kMode, kRows, kGroups>;
  using Position = Ring<L::kStages>;
  static constexpr int kSums = kRows / 2;  ///< of a thread

  const Product& p;
  std::uint32_t start;   ///< shared address of the ring
  std::uint8_t* memory;  ///< its generic address

  [[nodiscard]] __device__ std::uint32_t loaded(int stage) const { return start + L::kBarriersAt + stage * 16; }
  [[nodiscard]] __device__ std::uint32_t free(int stage) const { return loaded(stage) + 8; }
  [[nodiscard]] __device__ int units() const { return token_tiles() * row_tiles(); }

  [[nodiscard]] __device__ int token_tiles() const { return (p.tokens + kTokens - 1) / kTokens; }
  [[nodiscard]] __device__ int row_tiles() const { return (p.columns + kRows - 1) / kRows; }

  [[nodiscard]] __device__ Unit unit(int index) const {
    const int tokens = token_tiles();
    const int rows = row_tiles();
    const int column = index / (rows * kTokenTilesInColumn);
    const int within = index - column * rows * kTokenTilesInColumn;
    const int width = min(kTokenTilesInColumn, tokens - column * kTokenTilesInColumn);
    return {(column * kTokenTilesInColumn + within % width) * kTokens, within / width * kRows};
  }

  // ---- The first warpgroup: one thread ----

  /// Weights and their scales need not wait for the kernel before; activations do.
  __device__ void produce() const {
    Position at;
    bool waited = false;
    const int scales_stride = (p.weights.copy_rows + 3) / 4 * 4;
    for (int index = static_cast<int>(blockIdx.x); index < units(); index += static_cast<int>(gridDim.x)) {
      const Unit u = unit(index);
      const auto scale_bytes = [](int count) { return static_cast<std::uint32_t>((count + 3) / 4 * 16); };
      const int tokens = min(kTokens, p.tokens - u.token);
      const int rows = min(kRows, p.columns - u.row);
      const std::uint32_t token_bytes = kMode == Mode::folded_token ? 0 : scale_bytes(tokens);
      const std::uint32_t row_bytes = kMode == Mode::exact ? scale_bytes(rows) : 0;
      const std::int8_t* activations = p.codes + static_cast<std::int64_t>(u.token) * kBlock;
      const std::int8_t* weights = p.weights.copy + static_cast<std::int64_t>(u.row) * kBlock;
      const float* token_scales = p.scales + u.token;
      const float* row_scales = p.weights.copy_scales + u.row;
      for (int i = 0; i < p.weights.blocks; ++i, at.next()) {
        ptx::barrier_sleep(free(at.stage), at.parity ^ 1);
        const std::uint32_t base = start + at.stage * L::kStage;
        const std::uint32_t barrier = loaded(at.stage);
        ptx::barrier_expect(barrier, (tokens + rows) * kBlock + kGroups * (token_bytes + row_bytes));
        ptx::copy(base + L::kWeights, weights, rows * kBlock, barrier);
        if constexpr (kMode == Mode::exact) {
#pragma unroll
          for (int g = 0; g < kGroups; ++g) {
            ptx::copy(base + L::kRowScales + g * kRows * 4, row_scales, row_bytes, barrier);
            row_scales += scales_stride;
          }
        }
        if (!waited) wait_for_previous();
        waited = true;
        ptx::copy(base, activations, tokens * kBlock, barrier);
        if constexpr (kMode != Mode::folded_token) {
#pragma unroll
          for (int g = 0; g < kGroups; ++g) {
            ptx::copy(base + L::kTokenScales + g * kTokens * 4, token_scales, token_bytes, barrier);
            token_scales += p.scale_stride;
          }
        }
        activations += static_cast<std::int64_t>(p.tokens) * kBlock;
        weights += static_cast<std::int64_t>(p.weights.copy_rows) * kBlock;
      }
    }
  }

  // ---- The other two ----

  __device__ void await(const Position& at) const {
    ptx::barrier_wait(loaded(at.stage), at.parity);
  }
  __device__ void release(int stage, int lane) const {
    __syncwarp();
    if (lane == 0) ptx::barrier_arrive(free(stage));
  }

  /// Starts the products of k-steps [from, from + kCount) of a stage with a part of its rows.
  template <int kCount, int kPartSums>
  __device__ void multiply(int (&d)[kPartSums], int stage, int side, int part, int from, bool accumulate) const {
    constexpr int kPart = 2 * kPartSums;
    const std::uint32_t base = start + stage * L::kStage;
    const std::uint64_t a = ptx::describe(base + side * kTokensOfGroup * kBlock) + 2 * from;
    const std::uint64_t b = ptx::describe(base + L::kWeights + part * kPart * kBlock) + 2 * from;
    ptx::hold(d);
    ptx::products_begin();
#pragma unroll
    for (int j = 0; j < kCount; ++j)
      ptx::MultiplyShared<kPart>::run(d, a + 2 * j, b + 2 * j, accumulate || j > 0 ? 1 : 0);
    ptx::products_commit();
  }
  /// Adds a group's scaled sums with that part of the rows; `token` are the scales of the thread's two tokens.
  template <int kPartSums>
  __device__ void scale(int (&d)[kPartSums], float (&out)[kSums], int stage, int g, int part, int lane,
                        float2 token) const {
    const float* rows = reinterpret_cast<const float*>(memory + stage * L::kStage + L::kRowScales) + g * kRows +
                        part * 2 * kPartSums + 2 * (lane & 3);
    ptx::hold(d);
#pragma unroll
    for (int n = 0; n < kPartSums / 4; ++n) {
      float2 row = make_float2(1, 1);
      if constexpr (kMode == Mode::exact) row = *reinterpret_cast<const float2*>(rows + 8 * n);
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        float& sum = out[part * kPartSums + 4 * n + i];
        float value = __int2float_rn(d[4 * n + i]);
        if constexpr (kMode == Mode::exact) value *= i % 2 == 0 ? row.x : row.y;
        sum = fmaf(value, i < 2 ? token.x : token.y, sum);
      }
    }
  }

  /// With one scale left to apply, the warpgroups take turns in starting products, half a group apart: left alone they
  /// run in step, and the tensor cores idle while both scale. With two scales, turns cost more than they bring.
  static constexpr bool kTurns = kMode == Mode::folded;
  __device__ static void await_turn(int side) {
    if constexpr (kTurns) ptx::meet(4 + side, kConsumers);
  }
  __device__ static void pass_turn(int side) {
    if constexpr (kTurns) ptx::meet_later(5 - side, kConsumers);
  }
  /// All blocks with scales for each group. The sums of one half of the rows are scaled while the other half's are
  /// under way.
  __device__ void sum_groups(Position& at, int side, int token, int lane, float (&out)[kSums]) const {
    constexpr int kSteps = 4 / kGroups;
    int d0[kSums / 2];
    int d1[kSums / 2];
#pragma unroll
    for (float& sum : out)
      sum = 0;
    for (int i = 0; i < p.weights.blocks; ++i, at.next()) {
      await(at);
      const int stage = at.stage;
#pragma unroll
      for (int g = 0; g < kGroups; ++g) {
        const float* scales =
            reinterpret_cast<const float*>(memory + stage * L::kStage + L::kTokenScales) + g * kTokens + token;
        const float2 token_scales = make_float2(scales[0], scales[8]);
        await_turn(side);
        multiply<kSteps>(d0, stage, side, 0, g * kSteps, false);
        multiply<kSteps>(d1, stage, side, 1, g * kSteps, false);
        ptx::products_wait<1>();
        pass_turn(side);
        scale(d0, out, stage, g, 0, lane, token_scales);
        ptx::products_wait<0>();
        if (kMode == Mode::folded && g == kGroups - 1) release(stage, lane);
        scale(d1, out, stage, g, 1, lane, token_scales);
        if (kMode == Mode::exact && g == kGroups - 1) release(stage, lane);
      }
    }
  }
  /// All blocks without any scale: `out` holds integers.
  __device__ void sum_through(Position& at, int side, int lane, float (&out)[kSums]) const {
    int d[kSums];
    int before = -1;
    for (int i = 0; i < p.weights.blocks; ++i, at.next()) {
      await(at);
      multiply<4>(d, at.stage, side, 0, 0, i > 0);
      ptx::products_wait<1>();
      if (before >= 0) release(before, lane);
      before = at.stage;
    }
    ptx::products_wait<0>();
    ptx::hold(d);
    release(before, lane);
#pragma unroll
    for (int i = 0; i < kSums; ++i)
      out[i] = __int_as_float(d[i]);
  }

  template <class T>
  __device__ static std::uint32_t pack_pair(float first, float second) {
    if constexpr (std::is_same_v<T, __half>) {
      const __half2 pair = __floats2half2_rn(first, second);
      return *reinterpret_cast<const std::uint32_t*>(&pair);
    } else {
      const __nv_bfloat162 pair = __floats2bfloat162_rn(first, second);
      return *reinterpret_cast<const std::uint32_t*>(&pair);
    }
  }
  /// Outputs by way of shared memory, 64 columns at a time, in pieces of 16 bytes. `targets`: scale and bias of
  /// columns.
  template <class T>
  __device__ void store(const Unit& u, int side, int warp, int lane, const float (&out)[kSums], const float2* targets,
                        float2 token_scales) const {
    std::uint8_t* own = memory + L::kOutputsAt + (side * 4 + warp) * L::kOutputs;
    const int token = u.token + side * kTokensOfGroup + warp * 16;
    const int row = lane & 15;
    const std::uint32_t to = ptx::shared_address(own) + row * 128;
#pragma unroll
    for (int chunk = 0; chunk < kRows / 64; ++chunk) {
#pragma unroll
      for (int n = 0; n < 8; n += 2) {
        std::uint32_t packed[4];
#pragma unroll
        for (int i = 0; i < 4; ++i) {
          const int column = (chunk * 8 + n + i / 2) * 8;
          const int at = column / 2 + i % 2 * 2;
          const float4 target = *reinterpret_cast<const float4*>(targets + column + 2 * (lane & 3));
          const float token_scale = i % 2 == 0 ? token_scales.x : token_scales.y;
          packed[i] = pack_pair<T>(finish<kMode>(out[at], {0, target.x, target.y}, token_scale),
                                   finish<kMode>(out[at + 1], {0, target.z, target.w}, token_scale));
        }
        ptx::store_matrices(to + (((n + (lane >> 4)) ^ (row & 7)) << 4), packed[0], packed[1], packed[2], packed[3]);
      }
      __syncwarp();
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        const int r = 4 * i + (lane >> 3);
        const int column = u.row + chunk * 64 + (lane & 7) * 8;
        if (token + r < p.tokens && column < p.columns) {
          *reinterpret_cast<uint4*>(static_cast<T*>(p.out) + static_cast<std::int64_t>(token + r) * p.columns +
                                    column) =
              *reinterpret_cast<const uint4*>(own + r * 128 + (((lane & 7) ^ (r & 7)) << 4));
        }
      }
      __syncwarp();
    }
  }
  /// The same for fp32 and for rows of outputs that do not start at multiples of 16 bytes.
  __device__ void store_singly(const Unit& u, int side, int warp, int lane, const float (&out)[kSums],
                               const float2* targets, float2 token_scales) const {
    const int token = u.token + side * kTokensOfGroup + warp * 16 + (lane >> 2);
#pragma unroll
    for (int i = 0; i < kSums; ++i) {
      const int column = i / 4 * 8 + 2 * (lane & 3) + i % 2;
      const bool upper = i % 4 >= 2;
      const float2 target = targets[column];
      if (token + upper * 8 < p.tokens && u.row + column < p.columns) {
        store_as(p.out, p.out_type, static_cast<std::int64_t>(token + upper * 8) * p.columns + u.row + column,
                 finish<kMode>(out[i], {0, target.x, target.y}, upper ? token_scales.y : token_scales.x));
      }
    }
  }

  __device__ void consume(int side, int warp, int lane) const {
    Position at;
    if (side == 1) pass_turn(1);  // the first one is side 0's
    auto* targets = reinterpret_cast<float2*>(memory + L::kTargetsAt + side * L::kTargets);
    const bool in_pieces =
        p.out_type != Type::f32 && p.columns % 8 == 0 && reinterpret_cast<std::uintptr_t>(p.out) % 16 == 0;
    const int token = side * kTokensOfGroup + warp * 16 + (lane >> 2);
    for (int index = static_cast<int>(blockIdx.x); index < units(); index += static_cast<int>(gridDim.x)) {
      const Unit u = unit(index);
      // Early, to have them when the sums are ready.
      constexpr int kOwn = (kRows + 127) / 128;
      float2 own[kOwn];
#pragma unroll
      for (int i = 0; i < kOwn; ++i) {
        const int column = u.row + i * 128 + warp * 32 + lane;
        own[i] = make_float2(0, 0);
        if (column < p.columns) {
          own[i].x = kMode == Mode::exact ? 1.0F : p.weights.copy_scales[column];
          if (p.bias != nullptr) own[i].y = read_as_float(p.bias, p.bias_type, column);
        }
      }
      float2 token_scales = make_float2(1, 1);
      if constexpr (kMode == Mode::folded_token) {
        if (u.token + token < p.tokens) token_scales.x = p.scales[u.token + token];
        if (u.token + token + 8 < p.tokens) token_scales.y = p.scales[u.token + token + 8];
      }
      float out[kSums];
      if constexpr (kMode == Mode::folded_token) {
        sum_through(at, side, lane, out);
      } else {
        sum_groups(at, side, token, lane, out);
      }
#pragma unroll
      for (int i = 0; i < kOwn; ++i) {
        const int column = i * 128 + warp * 32 + lane;
        if (column < kRows) targets[column] = own[i];
      }
      ptx::meet(2 + side, 128);
      if (!in_pieces) {
        store_singly(u, side, warp, lane, out, targets, token_scales);
      } else if (p.out_type == Type::f16) {
        store<__half>(u, side, warp, lane, out, targets, token_scales);
      } else {
        store<__nv_bfloat16>(u, side, warp, lane, out, targets, token_scales);
      }
      ptx::meet(2 + side, 128);
    }
    if (side == 0) await_turn(0);  // nothing stays behind in the barrier
  }
};

#endif

template <Mode kMode, int kRows, int kGroups>
__global__ void __launch_bounds__(kThreads, 1) int8_kernel(const __grid_constant__ Product p) {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  using L = Layout<kMode, kRows, kGroups>;
  extern __shared__ std::uint8_t shared[];
  const std::uint32_t start = ptx::shared_address(shared);
  const std::uint32_t aligned = (start + 1023U) & ~1023U;
  const Kernel<kMode, kRows, kGroups> kernel{p, aligned, shared + (aligned - start)};
  const int thread = static_cast<int>(threadIdx.x);
  const int group = __shfl_sync(0xffffffffU, thread / 128, 0);
  const int warp = __shfl_sync(0xffffffffU, thread / 32 % 4, 0);
  if (thread == 0) {
    for (int stage = 0; stage < L::kStages; ++stage) {
      ptx::barrier_init(kernel.loaded(stage), 1);
      ptx::barrier_init(kernel.free(stage), 8);
    }
    ptx::barrier_init_done();
  }
  __syncthreads();
  let_next_start();
  if (group == 0) {
    ptx::give_registers<40>();
    if (thread == 0) kernel.produce();
    __syncwarp();
  } else {
    ptx::take_registers<232>();
    wait_for_previous();
    kernel.consume(group - 1, warp, thread % 32);
  }
#endif
}

template <Mode kMode, int kRows, int kGroups>
cudaError_t run(const Product& p, bool overlap, int multiprocessors, cudaStream_t stream) {
  using L = Layout<kMode, kRows, kGroups>;
  const auto kernel = int8_kernel<kMode, kRows, kGroups>;
  const cudaError_t status = cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, L::kBytes);
  if (status != cudaSuccess) return status;
  const int units = ((p.tokens + kTokens - 1) / kTokens) * ((p.columns + kRows - 1) / kRows);
  const int ctas = units < multiprocessors ? units : multiprocessors;
  return launch(kernel, dim3(static_cast<unsigned>(ctas)), kThreads, L::kBytes, 1, overlap, stream, p);
}

using Run = cudaError_t (*)(const Product&, bool, int, cudaStream_t);
struct Entry {
  int rows;
  Mode mode;
  int groups;  ///< of a block that have a scale; 0: none does
  Run run;
};
template <Mode kMode, int kRows, int kGroups>
constexpr Entry entry() {
  return {kRows, kMode, kMode == Mode::folded_token ? 0 : kGroups, run<kMode, kRows, kGroups>};
}
constexpr Entry kEntries[] = {
    entry<Mode::exact, 128, 1>(),        entry<Mode::exact, 192, 1>(),        entry<Mode::folded, 128, 1>(),
    entry<Mode::folded, 192, 1>(),       entry<Mode::folded_token, 128, 1>(), entry<Mode::folded_token, 192, 1>(),
    entry<Mode::folded_token, 256, 1>(),
#if !defined(SALIENT_FEW_KERNELS)
    entry<Mode::exact, 128, 2>(),        entry<Mode::exact, 128, 4>(),        entry<Mode::folded, 128, 2>(),
    entry<Mode::folded, 128, 4>(),
#endif
};
bool suits(const Entry& e, Mode mode, int groups) {
  return e.mode == mode && (e.groups == groups || e.groups == 0);
}

}  // namespace

std::vector<Plan> int8_plans(Mode mode, int groups_in_block) {
  std::vector<Plan> plans;
  for (const Entry& e : kEntries) {
    if (suits(e, mode, groups_in_block)) plans.push_back({Plan::Kernel::int8, e.rows, kTokens, 0, 0, 1});
  }
  return plans;
}

cudaError_t int8_product(const Product& product, const Plan& plan, bool overlap, int multiprocessors,
                         cudaStream_t stream) {
  for (const Entry& e : kEntries) {
    if (suits(e, product.mode, product.weights.groups_in_block) && e.rows == plan.rows)
      return e.run(product, overlap, multiprocessors, stream);
  }
  return cudaErrorInvalidValue;
}

}  // namespace salient::cuda::mixed
