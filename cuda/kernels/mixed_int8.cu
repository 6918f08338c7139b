// SPDX-License-Identifier: Apache-2.0
// The product of many tokens on Hopper from a copy of the weights in int8 (`Weights::copy`): int8 times int8, both from
// shared memory, and at most two scales for each group left to apply.
//
// Y = X Wᵀ: 64 tokens of each of two warpgroups on the instruction's M side, so that a thread needs the scales of two
// tokens only; rows of weights on its N side, in their original order, so that outputs need no scattering. One thread
// of a third warpgroup, or two, copies weights and activations into a ring of stages. CTAs stay and walk over (tokens,
// rows). Two CTAs side by side may load their rows together, each half of them for both. Where tiles are few, a cluster
// shares the K of one instead (mixed_int8_parts.cuh), with 64 tokens and less both warpgroups of each CTA.
#include "cuda/kernels/mixed_common.cuh"
#include "cuda/kernels/mixed_hopper.cuh"
#include "cuda/kernels/mixed_int8_loads.cuh"

// For other architectures the kernels are empty, and what they are made of is not used.
#pragma nv_diag_suppress 177

namespace salient::cuda::mixed {
namespace {

#if defined(__CUDA_ARCH_FEAT_SM90_ALL)

template <Mode kMode, int kRows, int kGroups, bool kGated, Sharing kSharing>
struct Kernel : Loads<kMode, kRows, kGroups, kGated, kSharing> {
  using Base = Loads<kMode, kRows, kGroups, kGated, kSharing>;
  using L = Layout<kMode, kRows, kGroups>;
  using Base::first;
  using Base::free;
  using Base::kSides;
  using Base::kSplit;
  using Base::kSums;
  using Base::loaded;
  using Base::memory;
  using Base::p;
  using Base::parts;
  using Base::sharing;
  using Base::split;
  using Base::start;
  using Base::step;
  using Base::turn;
  using Base::unit;
  using Base::units;
  using typename Base::Position;

  int chain;  ///< kChained: blocks that sums run over

  __device__ void await(const Position& at) const { ptx::barrier_wait(loaded(at.stage), at.parity); }
  /// The PTX memory model asks for the fence between what this warp read by ordinary instructions and what the copy
  /// engine writes there next; no wrong result has been traced to its absence.
  __device__ void release(int stage, int lane) const {
    ptx::fence_async();
    __syncwarp();
    if constexpr (kSplit) {
      if (lane == 0) ptx::barrier_arrive(free(stage));
    } else {
      if (lane < sharing) ptx::barrier_arrive_at(free(stage), lane);
    }
  }

  /// Which 64 tokens of the tile a warpgroup has.
  [[nodiscard]] __device__ static int half_of(int side) { return kSides == 2 ? 0 : side; }
  /// Which part of the CTA's blocks.
  [[nodiscard]] __device__ static int part_of(int side) { return kSides == 2 ? side : 0; }
  /// The blocks of a warpgroup: body(stage) for each.
  template <class Body>
  __device__ void for_blocks(Position& at, int side, const Body& body) const {
    if (part_of(side) == 1) at.next();
    for (int i = part_of(side); i < split.blocks; i += kSides) {
      await(at);
      body(at.stage);
#pragma unroll
      for (int n = 0; n < kSides; ++n)
        at.next();
    }
  }

  /// Starts the products of k-steps [from, from + kCount) of a stage with a part of its rows.
  template <int kCount, int kPartSums>
  __device__ void multiply(int (&d)[kPartSums], int stage, int side, int part, int from, bool accumulate) const {
    constexpr int kPart = 2 * kPartSums;
    const std::uint32_t base = start + stage * L::kStage;
    const std::uint64_t a = ptx::describe(base + half_of(side) * kTokensOfGroup * kBlock) + 2 * from;
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
      const float2 row = *reinterpret_cast<const float2*>(rows + 8 * n);
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        float& sum = out[part * kPartSums + 4 * n + i];
        const float value = __int2float_rn(d[4 * n + i]) * (i % 2 == 0 ? row.x : row.y);
        sum = fmaf(value, i < 2 ? token.x : token.y, sum);
      }
    }
  }

  /// Token scales, which may be up to 2^63, are raised while they meet denormals (2^-149), and sums lowered again.
  static constexpr float kRaise = 0x1p64F;
  static constexpr float kLower = 0x1p85F;
  static constexpr int kStart = 1 << 23;
  static constexpr bool kChained = kMode == Mode::folded;
  /// The scales of a thread's two tokens, raised if sums are chained.
  [[nodiscard]] __device__ float2 scales_of_tokens(int stage, int g, int token) const {
    const float* scales =
        reinterpret_cast<const float*>(memory + stage * L::kStage + L::kTokenScales) + g * kTokens + token;
    constexpr float kFactor = kChained ? kRaise : 1;
    return make_float2(scales[0] * kFactor, scales[8] * kFactor);
  }

  /// Warpgroups in turns. A barrier in memory, waited for in a loop: ptxas moves what scales behind a barrier of the
  /// other kind.
  __device__ void await_turn(int side, int& parity) const {
    ptx::barrier_wait(turn(side), parity);
    parity ^= 1;
  }
  __device__ void pass_turn(int side, int lane) const {
    if (lane == 0) ptx::barrier_arrive(turn(1 - side));
  }

  /// All blocks with exact scales. The sums of one half of the rows are scaled while the other half's are under way.
  __device__ void sum_groups(Position& at, int side, int token, int lane, float (&out)[kSums]) const {
    constexpr int kSteps = 4 / kGroups;
    int d0[kSums / 2];
    int d1[kSums / 2];
#pragma unroll
    for (float& sum : out)
      sum = 0;
    for_blocks(at, side, [&](int stage) {
#pragma unroll
      for (int g = 0; g < kGroups; ++g) {
        const float2 token_scales = scales_of_tokens(stage, g, token);
        multiply<kSteps>(d0, stage, side, 0, g * kSteps, false);
        multiply<kSteps>(d1, stage, side, 1, g * kSteps, false);
        ptx::products_wait<1>();
        scale(d0, out, stage, g, 0, lane, token_scales);
        ptx::products_wait<0>();
        scale(d1, out, stage, g, 1, lane, token_scales);
        if (g == kGroups - 1) release(stage, lane);
      }
    });
  }

  /// The same with 128 rows in an instruction, which read less from shared memory for as many products, and no room for
  /// the sums of more, or with all of fewer: the warpgroups take turns, so that one scales while the products of the
  /// other are under way.
  __device__ void sum_in_turns(Position& at, int& turn_parity, int side, int token, int lane,
                               float (&out)[kSums]) const {
    constexpr int kSteps = 4 / kGroups;
    constexpr int kPart = kRows < 128 ? kRows : 128;
    int d[kPart / 2];
#pragma unroll
    for (float& sum : out)
      sum = 0;
    for_blocks(at, side, [&](int stage) {
#pragma unroll
      for (int g = 0; g < kGroups; ++g) {
        const float2 token_scales = scales_of_tokens(stage, g, token);
#pragma unroll
        for (int part = 0; part < kRows / kPart; ++part) {
          const bool last = g == kGroups - 1 && part == kRows / kPart - 1;
          await_turn(side, turn_parity);
          multiply<kSteps>(d, stage, side, part, g * kSteps, false);
          pass_turn(side, lane);
          ptx::products_wait<0>();
          scale(d, out, stage, g, part, lane, token_scales);
          if (last) release(stage, lane);
        }
      }
    });
  }

  /// With one scale t_g left for each group and token, sums S_g run on over the groups of a chain of blocks, whose
  /// scaled sum is Σ (t_g - t_g+1) S_g, the scale after the last one being 0. They start from 2^23 and stay within
  /// [0, 2^24], where the bits of an integer n are those of the float n 2^-149, denormal or not: they need no
  /// conversion. What the start has added, t_1 2^23, is taken away beforehand. Against a conversion of each group's sum
  /// an output moves by some 5e-6 of the outputs' root mean square.
  ///
  /// All rows of a block are in one instruction, which reads less of shared memory than two of half as many.
  __device__ void sum_chains(Position& at, int& turn_parity, int side, int token, int lane, float (&out)[kSums]) const {
    constexpr int kSteps = 4 / kGroups;
    int d[kSums];
#pragma unroll
    for (float& sum : out)
      sum = 0;
    const int end = split.first + split.blocks;
    for (int block = split.first; block < end;) {
      const int count = min(chain - block % chain, end - block);  // chains begin at multiples of their length
      block += count;
      await(at);
      float2 scales = scales_of_tokens(at.stage, 0, token);
      const float2 start = make_float2(-scales.x * __int_as_float(kStart), -scales.y * __int_as_float(kStart));
#pragma unroll
      for (int i = 0; i < kSums; ++i) {
        d[i] = kStart;
        out[i] += i % 4 < 2 ? start.x : start.y;
      }
      for (int left = count; left > 0; --left) {
        const int stage = at.stage;
        at.next();
#pragma unroll
        for (int g = 0; g < kGroups; ++g) {
          await_turn(side, turn_parity);
          multiply<kSteps>(d, stage, side, 0, g * kSteps, true);
          pass_turn(side, lane);
          float2 next = make_float2(0, 0);
          if (g < kGroups - 1) {
            next = scales_of_tokens(stage, g + 1, token);
          } else if (left > 1) {
            await(at);
            next = scales_of_tokens(at.stage, 0, token);
          }
          const float2 step = make_float2(scales.x - next.x, scales.y - next.y);
          scales = next;
          ptx::products_wait<0>();
          if (g == kGroups - 1) release(stage, lane);
          ptx::hold(d);
#pragma unroll
          for (int i = 0; i < kSums; ++i)
            out[i] = fmaf(__int_as_float(d[i]), i % 4 < 2 ? step.x : step.y, out[i]);
        }
      }
    }
#pragma unroll
    for (float& sum : out)
      sum *= kLower;
  }
  /// All blocks without any scale: `out` holds integers.
  __device__ void sum_through(Position& at, int side, int lane, float (&out)[kSums]) const {
    int d[kSums];
    int before = -1;
    for (int i = 0; i < split.blocks; ++i, at.next()) {
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

  __device__ void store_outputs(const Unit& u, int side, int warp, int lane, float (&out)[kSums], const float2* targets,
                                float2 token_scales) const {
    const bool in_pieces =
        p.columns % (p.out_type == Type::f32 ? 4 : 8) == 0 && reinterpret_cast<std::uintptr_t>(p.out) % 16 == 0;
    if constexpr (kGated) {
      this->store_gated(u, side, warp, lane, out, targets, token_scales);
    } else if (!in_pieces) {
      this->store_singly(u, side, warp, lane, out, targets, token_scales);
    } else if (p.out_type == Type::f32) {
      this->store_floats(u, side, warp, lane, out, targets, token_scales);
    } else if (p.out_type == Type::f16) {
      this->template store<__half>(u, side, warp, lane, out, targets, token_scales);
    } else {
      this->template store<__nv_bfloat16>(u, side, warp, lane, out, targets, token_scales);
    }
  }

  __device__ void consume(int side, int warp, int lane) const {
    Position at;
    int turn_parity = 0;
    if (side == 1) pass_turn(1, lane);  // the first one is side 0's
    auto* targets = reinterpret_cast<float2*>(memory + L::kTargetsAt + side * L::kTargets);
    const int token = half_of(side) * kTokensOfGroup + warp * 16 + (lane >> 2);
    for (int index = first(); index < units(); index += step()) {
      const Unit u = unit(index);
      // Early, to have them when the sums are ready.
      constexpr int kOwn = kGated ? 2 : (kRows + 127) / 128;
      constexpr int kInPass = kGated ? kRows / 2 : 128;  // columns; the second pass of a gated tile has another's
      const int place = warp * 32 + lane;
      float2 own[kOwn];
#pragma unroll
      for (int i = 0; i < kOwn; ++i) {
        const int column = u.row + i * (kGated ? p.columns / 2 : 128) + place;
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
        if constexpr (kChained) {
          sum_chains(at, turn_parity, side, token, lane, out);
        } else if constexpr (kRows == 256 || kRows < 128) {
          sum_in_turns(at, turn_parity, side, token, lane, out);
        } else {
          sum_groups(at, side, token, lane, out);
        }
      }
      const int strip = half_of(side) * 4 + warp;
      const bool exists = strip < strips_of(u, p.tokens);
      if constexpr (kSplit) {
        if (exists) {
          parts().await_room();
          parts().send(strip, part_of(side), lane, out);
        }
      }
#pragma unroll
      for (int i = 0; i < kOwn; ++i) {
        const int column = i * kInPass + place;
        if (place < kInPass && column < kRows) targets[column] = own[i];
      }
      // With parts of their own the warpgroups meet, and the first one adds.
      const auto meet = [&] { ptx::meet(kSides == 2 ? 2 : 2 + side, kSides * 128); };
      meet();
      if constexpr (kSplit) {
        if (exists && parts().owns(strip) && (kSides == 1 || side == 0)) {
          parts().template add<kMode>(strip, lane, out);
          store_outputs(u, side, warp, lane, out, targets, token_scales);
        }
      } else {
        store_outputs(u, side, warp, lane, out, targets, token_scales);
      }
      meet();
    }
  }
};

#endif

template <Mode kMode, int kRows, int kGroups, bool kGated, Sharing kSharing>
__global__ void __launch_bounds__(kThreads, 1) int8_kernel(const __grid_constant__ Product p, int sharing, int splits) {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  using L = Layout<kMode, kRows, kGroups>;
  extern __shared__ std::uint8_t shared[];
  const std::uint32_t start = ptx::shared_address(shared);
  const std::uint32_t aligned = (start + 1023U) & ~1023U;
  constexpr bool kSplit = kSharing != Sharing::none;
  const Kernel<kMode, kRows, kGroups, kGated, kSharing> kernel{
      {{p, shared + (aligned - start)},
       aligned,
       kSplit ? 1 : sharing,
       !kSplit && sharing > 1 ? ptx::cluster_rank() : 0,
       Split::of(p.weights.blocks, kSplit ? ptx::cluster_rank() : 0, kSplit ? splits : 1)},
      p.weights.copy_chain != nullptr ? *p.weights.copy_chain : 0};
  const int thread = static_cast<int>(threadIdx.x);
  const int group = __shfl_sync(0xffffffffU, thread / 128, 0);
  const int warp = __shfl_sync(0xffffffffU, thread / 32 % 4, 0);
  if (thread == 0) {
    for (int stage = 0; stage < kernel.kRing; ++stage) {
      ptx::barrier_init(kernel.loaded(stage), kernel.kLoaders);
      ptx::barrier_init(kernel.free(stage), 8 / kernel.kSides * kernel.sharing);
    }
    ptx::barrier_init(kernel.turn(0), 4);
    ptx::barrier_init(kernel.turn(1), 4);
    if constexpr (kSplit) kernel.parts().prepare(strips_of(kernel.unit(kernel.first()), p.tokens));
    ptx::barrier_init_done();
  }
  __syncthreads();
  if (kernel.sharing > 1) ptx::cluster_meet();
  if constexpr (kSplit) ptx::cluster_arrive_relaxed();
  let_next_start();
  if (group == 0) {
    ptx::give_registers<40>();
    if (thread == 0) kernel.template produce<true, kernel.kLoaders == 1>();
    if (kernel.kLoaders == 2 && thread == 32) kernel.template produce<false, true>();
    __syncwarp();
    if constexpr (kSplit) {
      ptx::cluster_wait();
      if (thread < splits) kernel.parts().offer_room(thread);
    }
  } else {
    ptx::take_registers<232>();
    if constexpr (kSplit) ptx::cluster_wait();  // all have begun
    wait_for_previous();
    kernel.consume(group - 1, warp, thread % 32);
  }
  // Nobody leaves while others write into its memory or arrive at its barriers, nor while what it sent is under way.
  if (kSplit || kernel.sharing > 1) ptx::cluster_meet();
#endif
}

template <Mode kMode, int kRows, int kGroups, bool kGated, Sharing kSharing>
cudaError_t run(const Product& p, int sharing, int splits, bool overlap, int multiprocessors, cudaStream_t stream) {
  using L = Layout<kMode, kRows, kGroups>;
  const auto kernel = int8_kernel<kMode, kRows, kGroups, kGated, kSharing>;
  const cudaError_t status = cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, L::kBytes);
  if (status != cudaSuccess) return status;
  const int tiles = (p.tokens + kTokens * sharing - 1) / (kTokens * sharing);
  const int units = tiles * ((p.columns + kRows - 1) / kRows);
  const int room = multiprocessors / sharing;
  const int ctas = kSharing != Sharing::none ? units * splits : (units < room ? units : room) * sharing;
  return launch(kernel, dim3(static_cast<unsigned>(ctas)), kThreads, L::kBytes, sharing * splits, overlap, stream, p,
                sharing, splits);
}

using Run = cudaError_t (*)(const Product&, int, int, bool, int, cudaStream_t);
struct Entry {
  int rows;
  Mode mode;
  int groups;  ///< of a block that have a scale; 0: none does
  int splits;  ///< at most: as many as pay somewhere
  Run run;
  Run run_split;  ///< null where K is not shared
  Run run_few;    ///< the same for at most 64 tokens
};
template <Mode kMode, int kRows, int kGroups, int kSplits = 1>
constexpr Entry entry() {
  Run split = nullptr;
  Run few = nullptr;
  if constexpr (kSplits > 1) split = few = run<kMode, kRows, kGroups, false, Sharing::cluster>;
  if constexpr (kSplits > 1 && kMode == Mode::exact) few = run<kMode, kRows, kGroups, false, Sharing::warpgroups>;
  return {kRows,
          kMode,
          kMode == Mode::folded_token ? 0 : kGroups,
          kSplits,
          run<kMode, kRows, kGroups, false, Sharing::none>,
          split,
          few};
}
constexpr Entry kEntries[] = {
    entry<Mode::exact, 96, 1, 3>(),         entry<Mode::exact, 112, 1, 3>(),     entry<Mode::exact, 128, 1, 3>(),
    entry<Mode::exact, 192, 1, 2>(),        entry<Mode::exact, 256, 1>(),        entry<Mode::folded, 128, 1, 3>(),
    entry<Mode::folded, 160, 1>(),          entry<Mode::folded, 176, 1>(),       entry<Mode::folded, 192, 1, 2>(),
    entry<Mode::folded_token, 128, 1, 3>(), entry<Mode::folded_token, 192, 1>(), entry<Mode::folded_token, 224, 1>(),
    entry<Mode::folded_token, 256, 1>(),
#if !defined(SALIENT_FEW_KERNELS)
    entry<Mode::exact, 128, 2>(),           entry<Mode::exact, 128, 4>(),        entry<Mode::folded, 128, 2>(),
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
    if (!suits(e, mode, groups_in_block)) continue;
    for (int splits = 1; splits <= e.splits; ++splits)
      plans.push_back({Plan::Kernel::int8, e.rows, kTokens, 0, 0, splits});
  }
  return plans;
}

cudaError_t int8_product(const Product& product, const Plan& plan, bool overlap, int multiprocessors,
                         cudaStream_t stream) {
  for (const Entry& e : kEntries) {
    if (!suits(e, product.mode, product.weights.groups_in_block) || e.rows != plan.rows || plan.splits > e.splits)
      continue;
    const Run run = plan.splits == 1 ? e.run : product.tokens <= kTokensOfGroup ? e.run_few : e.run_split;
    return run(product, 1, plan.splits, overlap, multiprocessors, stream);
  }
  return cudaErrorInvalidValue;
}

cudaError_t gated_product(const Product& product, bool overlap, int multiprocessors, cudaStream_t stream) {
  if (product.weights.groups_in_block != 1 || product.columns % (2 * kBlock) != 0) return cudaErrorInvalidValue;
  switch (product.mode) {
    case Mode::exact:
      return run<Mode::exact, 256, 1, true, Sharing::none>(product, 1, 1, overlap, multiprocessors, stream);
    case Mode::folded:
      return run<Mode::folded, 192, 1, true, Sharing::none>(product, 1, 1, overlap, multiprocessors, stream);
    case Mode::folded_token: {
      // Nearest to what tensor cores can do, and to the power a device may draw: it gains by fewer reads of weights.
      const bool even = (product.tokens + kTokens - 1) / kTokens % 2 == 0;
      return run<Mode::folded_token, 256, 1, true, Sharing::none>(product, even ? 2 : 1, 1, overlap, multiprocessors,
                                                                  stream);
    }
  }
  return cudaErrorInvalidValue;
}

}  // namespace salient::cuda::mixed
