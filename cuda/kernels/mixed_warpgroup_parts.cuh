// SPDX-License-Identifier: Apache-2.0
// How the CTAs of a cluster that share the K of one tile of mixed_warpgroup.cu add their parts of its sums: each eight
// tokens belong to one CTA, into whose memory both warpgroups of every CTA store theirs as soon as they have them.
#pragma once

#include <algorithm>

#include "cuda/kernels/mixed_common.cuh"
#include "cuda/kernels/mixed_hopper.cuh"

namespace salient::cuda::mixed {

template <int kTokens>
struct TileParts {
  static constexpr int kEights = kTokens / 8;
  static constexpr int kPart = 128 * 16;                     ///< bytes of a warpgroup's sums for eight tokens
  static constexpr int kMostSplits = kTokens == 16 ? 4 : 8;  ///< 1, 2, 3, 4 or 8; more would take room from the ring
  /// Of all parts that belong to a CTA.
  static constexpr int bytes(int splits) { return (kEights + splits - 1) / splits * 2 * splits * kPart; }
  static constexpr int kBytes = std::max({bytes(2), bytes(3), bytes(4), bytes(kMostSplits)});

  int splits;
  int rank;
  std::uint8_t* memory;   ///< where parts come to lie
  std::uint32_t start;    ///< its shared address
  std::uint32_t barrier;  ///< of what others send

  [[nodiscard]] __device__ bool owns(int eight) const { return eight % splits == rank; }
  /// In the owner's memory; `source`: two for each CTA.
  [[nodiscard]] __device__ int place(int eight, int source) const {
    return (eight / splits * 2 * splits + source) * kPart;
  }

  /// For one thread, before the cluster meets. `eights`: that have tokens.
  __device__ void prepare(int eights) const {
    ptx::barrier_init(barrier, 1);
    const int own = (eights - rank + splits - 1) / splits;
    ptx::barrier_expect(barrier, own * (splits - 1) * 2 * kPart);
  }
  /// The sums of thread `lane` of `warp` of a warpgroup, of which d[4n] to d[4n + 3] are of rows r, r, r + 8, r + 8.
  __device__ void send(int eights, int side, int warp, int lane, const float (&d)[kTokens / 2]) const {
    const int chunk = (warp * 32 + (lane & 3) * 8 + (lane >> 2)) * 16;  // for add(): rows side by side
#pragma unroll
    for (int n = 0; n < kEights; ++n) {
      if (n >= eights) continue;
      const int to = place(n, 2 * rank + side) + chunk;
      if (owns(n)) {
        *reinterpret_cast<float4*>(memory + to) = make_float4(d[4 * n], d[4 * n + 1], d[4 * n + 2], d[4 * n + 3]);
      } else {
        const int owner = n % splits;
        ptx::store_at_rank(ptx::address_at_rank(start + to, owner), d[4 * n], d[4 * n + 1], d[4 * n + 2], d[4 * n + 3],
                           ptx::address_at_rank(barrier, owner));
      }
    }
  }
  /// Until all parts that others send are there. Those of this CTA want a meeting.
  __device__ void await() const {
    ptx::barrier_wait_cluster(barrier, 0);
  }
  /// One sum of the tile, in the order of the CTAs.
  [[nodiscard]] __device__ float add(int token, int row) const {
    const int chunk = (row / 16 * 32 + token % 8 / 2 * 8 + row % 8) * 16;
    const std::uint8_t* from = memory + place(token / 8, 0) + chunk + (row / 8 % 2 * 2 + token % 2) * 4;
    const auto part = [&](int source) { return *reinterpret_cast<const float*>(from + source * kPart); };
    float sum = part(0) + part(1);
    for (int other = 1; other < splits; ++other)
      sum += part(2 * other) + part(2 * other + 1);
    return sum;
  }
};

}  // namespace salient::cuda::mixed
