// SPDX-License-Identifier: Apache-2.0
// What the first warpgroup of mixed_int8.cu does: weights and activations into a ring of stages.
#pragma once

#include "cuda/kernels/mixed_common.cuh"
#include "cuda/kernels/mixed_hopper.cuh"
#include "cuda/kernels/mixed_int8_outputs.cuh"
#include "cuda/kernels/mixed_int8_parts.cuh"

namespace salient::cuda::mixed {
namespace {

/// Where a cluster shares the K of a tile nobody shares rows.
template <Mode kMode, int kRows, int kGroups, bool kGated, Sharing kSharing>
struct Loads : Outputs<kMode, kRows, kGroups, kGated> {
  using Base = Outputs<kMode, kRows, kGroups, kGated>;
  using L = Layout<kMode, kRows, kGroups>;
  static constexpr bool kSplit = kSharing != Sharing::none;
  /// Warpgroups that take blocks in turn. A stage always belongs to the same one then: else one of them could take the
  /// other's turn with a stage for its own, whose barrier looks the same.
  static constexpr int kSides = kSharing == Sharing::warpgroups ? 2 : 1;
  static constexpr int kRing = L::kStages / kSides * kSides;
  using Position = Ring<kRing>;
  using Base::columns;
  using Base::kColumns;
  using Base::kSums;
  using Base::memory;
  using Base::p;

  std::uint32_t start;  ///< shared address of the ring
  int sharing;          ///< CTAs of the cluster that share rows
  int rank;             ///< among them
  Split split;          ///< the part of K that this CTA takes

  [[nodiscard]] __device__ std::uint32_t loaded(int stage) const { return start + L::kBarriersAt + stage * 16; }
  [[nodiscard]] __device__ std::uint32_t free(int stage) const { return loaded(stage) + 8; }
  [[nodiscard]] __device__ std::uint32_t turn(int side) const {
    return start + L::kBarriersAt + L::kStages * 16 + side * 8;
  }
  using PartsOfSums = Parts<L, kSums, kSides, kRing>;
  [[nodiscard]] __device__ PartsOfSums parts() const {
    return {split, p.weights.blocks, start, memory, turn(2), turn(3)};
  }
  [[nodiscard]] __device__ int units() const { return token_tiles() * row_tiles(); }

  /// A multiple of the cluster's CTAs, each of which has one of as many tiles side by side.
  [[nodiscard]] __device__ int token_tiles() const {
    return (p.tokens + kTokens * sharing - 1) / (kTokens * sharing) * sharing;
  }
  [[nodiscard]] __device__ int row_tiles() const { return (columns() + kColumns - 1) / kColumns; }

  /// The units of this CTA are first(), first() + step(), …
  [[nodiscard]] __device__ int first() const { return static_cast<int>(blockIdx.x) / split.splits; }
  [[nodiscard]] __device__ int step() const { return static_cast<int>(gridDim.x) / split.splits; }
  [[nodiscard]] __device__ Unit unit(int index) const {
    const int tokens = token_tiles();
    const int rows = row_tiles();
    const int column = index / (rows * kTokenTilesInColumn);
    const int within = index - column * rows * kTokenTilesInColumn;
    const int width = min(kTokenTilesInColumn, tokens - column * kTokenTilesInColumn);
    return {(column * kTokenTilesInColumn + within % width) * kTokens, within / width * kColumns};
  }

  [[nodiscard]] __device__ static std::uint32_t scale_bytes(int count) {
    return static_cast<std::uint32_t>((count + 3) / 4 * 16);
  }
  __device__ void await_room(const Position& at) const { ptx::barrier_sleep(free(at.stage), at.parity ^ 1); }

  /// Folded sums of many blocks gain by two threads that load, one of them weights; all others lose by it.
  static constexpr int kLoaders = kMode == Mode::folded ? 2 : 1;
  /// Weights and their scales need not wait for the kernel before; activations do.
  template <bool kLoadWeights, bool kLoadActivations>
  __device__ void produce() const {
    Position at;
    bool waited = false;
    const int scales_stride = (p.weights.copy_rows + 3) / 4 * 4;
    for (int index = first(); index < units(); index += step()) {
      const Unit u = unit(index);
      const int tokens = kLoadActivations ? max(min(kTokens, p.tokens - u.token), 0) : 0;
      const int all_rows = kGated ? 2 * min(kColumns, columns() - u.row) : min(kRows, p.columns - u.row);
      const int rows = kLoadWeights ? all_rows : 0;
      const std::uint32_t token_bytes = kMode == Mode::folded_token ? 0 : scale_bytes(tokens);
      const std::uint32_t row_bytes = kMode == Mode::exact ? scale_bytes(rows) : 0;
      const int half = rows / 2;                       // what is loaded first
      const int other = kGated ? kColumns : half;      // where the other half comes to lie
      const int to_other = kGated ? columns() : half;  // from the first half's rows to the other's
      const auto from = static_cast<std::int64_t>(split.first);
      const std::int8_t* activations = p.codes + (from * p.tokens + u.token) * kBlock;
      const std::int8_t* weights = p.weights.copy + (from * p.weights.copy_rows + u.row) * kBlock;
      const float* token_scales = p.scales + from * kGroups * p.scale_stride + u.token;
      const float* row_scales = p.weights.copy_scales + from * kGroups * scales_stride + u.row;
      for (int i = 0; i < split.blocks; ++i, at.next()) {
        await_room(at);
        const std::uint32_t base = start + at.stage * L::kStage;
        const std::uint32_t barrier = loaded(at.stage);
        ptx::barrier_expect(barrier, (tokens + rows) * kBlock + kGroups * (token_bytes + row_bytes));
        if constexpr (kLoadWeights) {
          const auto load = [&](int row, int to, int count) {
            const std::uint32_t target = base + L::kWeights + to * kBlock;
            const std::int8_t* source = weights + static_cast<std::int64_t>(row) * kBlock;
            if (sharing == 1) {
              ptx::copy(target, source, count * kBlock, barrier);
            } else {
              ptx::copy_to_ranks(target, source, count * kBlock, barrier, 3);
            }
          };
          if (half > 0 && rank == 0) load(0, 0, half);
          if (sharing == 1 || rank == 1) load(to_other, other, rows - half);
          if constexpr (kMode == Mode::exact) {
#pragma unroll
            for (int g = 0; g < kGroups; ++g) {
              const std::uint32_t target = base + L::kRowScales + g * kRows * 4;
              if constexpr (kGated) {
                ptx::copy(target, row_scales, row_bytes / 2, barrier);
                ptx::copy(target + kColumns * 4, row_scales + to_other, row_bytes / 2, barrier);
              } else {
                ptx::copy(target, row_scales, row_bytes, barrier);
              }
              row_scales += scales_stride;
            }
          }
          weights += static_cast<std::int64_t>(p.weights.copy_rows) * kBlock;
        }
        if constexpr (kLoadActivations) {
          if (!waited) wait_for_previous();
          waited = true;
          if (tokens > 0) ptx::copy(base, activations, tokens * kBlock, barrier);
          if constexpr (kMode != Mode::folded_token) {
#pragma unroll
            for (int g = 0; g < kGroups; ++g) {
              if (tokens > 0) ptx::copy(base + L::kTokenScales + g * kTokens * 4, token_scales, token_bytes, barrier);
              token_scales += p.scale_stride;
            }
          }
          activations += static_cast<std::int64_t>(p.tokens) * kBlock;
        }
      }
      if constexpr (kSplit) break;  // a unit only
    }
    if constexpr (kSplit && kLoadWeights) {  // room for the parts of others, as for more blocks
      for (int i = 0; i < PartsOfSums::kStages; ++i, at.next())
        await_room(at);
    }
  }
};

}  // namespace
}  // namespace salient::cuda::mixed
