// SPDX-License-Identifier: Apache-2.0
// How the CTAs of a cluster that share the K of a tile add their parts of its sums: each 16 tokens belong to one CTA,
// into whose ring the others store their parts as if these were its next blocks, so that they need not wait for its
// last products. Where a CTA's warpgroups share its part in turn, each has parts of its own.
#pragma once

#include "cuda/kernels/mixed_common.cuh"
#include "cuda/kernels/mixed_hopper.cuh"
#include "cuda/kernels/mixed_int8_outputs.cuh"

namespace salient::cuda::mixed {
namespace {

/// The blocks of K that CTA `rank` of `splits` takes.
struct Split {
  int splits;
  int rank;
  int first;
  int blocks;

  __device__ static Split of(int blocks, int rank, int splits) {
    const int first = blocks * rank / splits;
    return {splits, rank, first, blocks * (rank + 1) / splits - first};
  }
};

/// Strips of 16 tokens, one for each warp, that a unit has.
__device__ __forceinline__ int strips_of(const Unit& u, int tokens) {
  return min(kTokens, tokens - u.token + kTokensOfWarp - 1) / kTokensOfWarp;
}

/// kSides: warpgroups that have parts of their own. kRing: stages.
template <class L, int kSums, int kSides, int kRing>
struct Parts {
  static constexpr int kPart = kSums * 128;  ///< bytes of a warp's sums
  static constexpr int kInStage = L::kStage / kPart;
  /// That reach a CTA: three strips of 16 tokens from three CTAs, or eight; of 64 tokens two strips from both
  /// warpgroups of three CTAs.
  static constexpr int kMost = kSides == 1 ? 9 : 12;
  static constexpr int kStages = (kMost + kInStage - 1) / kInStage;  ///< that they take
  static_assert(kStages <= kRing);

  const Split& split;
  int total;              ///< blocks of K
  std::uint32_t start;    ///< shared address of the ring
  std::uint8_t* memory;   ///< its generic address
  std::uint32_t barrier;  ///< of what others send
  std::uint32_t room;     ///< barrier at which each CTA arrives when it has room

  [[nodiscard]] __device__ bool owns(int strip) const { return strip % split.splits == split.rank; }

  /// Where the owner of a strip takes a part, from the start of its ring: behind its own blocks.
  [[nodiscard]] __device__ int place(int strip, int source) const {
    const int owner = strip % split.splits;
    const int index = strip / split.splits * split.splits * kSides + source;
    const int stage = (Split::of(total, owner, split.splits).blocks + index / kInStage) % kRing;
    return stage * L::kStage + index % kInStage * kPart;
  }
  /// For one thread, before the cluster meets. `strips`: that exist.
  __device__ void prepare(int strips) const {
    ptx::barrier_init(barrier, 1);
    ptx::barrier_init(room, split.splits);
    const int own = (strips - split.rank + split.splits - 1) / split.splits;
    ptx::barrier_expect(barrier, own * (split.splits - 1) * kSides * kPart);
  }
  /// When the stages behind this CTA's blocks are free: CTA `rank` may send. Not by the cluster's own barrier in two
  /// steps, because under compute-sanitizer nobody gets beyond the first step until all have.
  __device__ void offer_room(int rank) const { ptx::barrier_arrive_cluster(ptx::address_at_rank(room, rank)); }
  __device__ void await_room() const { ptx::barrier_wait_cluster(room, 0); }
  /// `side`: among kSides.
  __device__ void send(int strip, int side, int lane, const float (&out)[kSums]) const {
    const int to = place(strip, split.rank * kSides + side) + lane * 16;
    if (owns(strip)) {
#pragma unroll
      for (int i = 0; i < kSums; i += 4)
        *reinterpret_cast<float4*>(memory + to + i * 128) = make_float4(out[i], out[i + 1], out[i + 2], out[i + 3]);
    } else {
      const std::uint32_t remote = ptx::address_at_rank(start + to, strip % split.splits);
      const std::uint32_t done = ptx::address_at_rank(barrier, strip % split.splits);
#pragma unroll
      for (int i = 0; i < kSums; i += 4)
        ptx::store_at_rank(remote + i * 128, out[i], out[i + 1], out[i + 2], out[i + 3], done);
    }
  }
  /// All parts of the owner's strip, in the order of CTAs and warpgroups: the same whoever owns it.
  template <Mode kMode>
  __device__ void add(int strip, int lane, float (&out)[kSums]) const {
    ptx::barrier_wait_cluster(barrier, 0);
#pragma unroll
    for (float& sum : out)
      sum = 0;
    for (int source = 0; source < split.splits * kSides; ++source) {
      const std::uint8_t* from = memory + place(strip, source) + lane * 16;
#pragma unroll
      for (int i = 0; i < kSums; i += 4) {
        const float4 part = *reinterpret_cast<const float4*>(from + i * 128);
        out[i] = add_partial<kMode>(out[i], part.x);
        out[i + 1] = add_partial<kMode>(out[i + 1], part.y);
        out[i + 2] = add_partial<kMode>(out[i + 2], part.z);
        out[i + 3] = add_partial<kMode>(out[i + 3], part.w);
      }
    }
  }
};

}  // namespace
}  // namespace salient::cuda::mixed
