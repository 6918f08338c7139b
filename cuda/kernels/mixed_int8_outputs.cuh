// SPDX-License-Identifier: Apache-2.0
// What mixed_int8.cu keeps in shared memory, and how its outputs leave: from the accumulators of two warpgroups of 64
// tokens by way of shared memory in pieces of 16 bytes, or gated and in 8 bit for the next product.
#pragma once

#include <type_traits>

#include "cuda/kernels/activation_codes.cuh"
#include "cuda/kernels/mixed_common.cuh"
#include "cuda/kernels/mixed_hopper.cuh"

namespace salient::cuda::mixed {
namespace {

constexpr int kThreads = 384;
constexpr int kConsumers = 256;
constexpr int kTokens = 128;        ///< of a CTA
constexpr int kTokensOfGroup = 64;  ///< of a warpgroup
constexpr int kTokensOfWarp = 16;
constexpr int kTokenTilesInColumn = 16;  ///< token tiles that are walked together, for the second-level cache

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

/// Who takes the K of a tile: a CTA; the CTAs of a cluster; the same with a part for each of a CTA's warpgroups, every
/// second block, where tokens are too few for both.
enum class Sharing : int { none, cluster, warpgroups };

/// The first token and the first row of what a CTA does at a time.
struct Unit {
  int token;
  int row;
};

/// kGated: the first half of a tile's rows are a gate's, the other half the rows of what it gates.
template <Mode kMode, int kRows, int kGroups, bool kGated>
struct Outputs {
  using L = Layout<kMode, kRows, kGroups>;
  static constexpr int kSums = kRows / 2;                      ///< of a thread
  static constexpr int kColumns = kGated ? kRows / 2 : kRows;  ///< of outputs

  const Product& p;
  std::uint8_t* memory;  ///< generic address of the ring

  [[nodiscard]] __device__ int columns() const { return kGated ? p.columns / 2 : p.columns; }

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
  /// Outputs by way of shared memory, 64 columns at a time, in pieces of 16 bytes. pair(at, column): two neighbours,
  /// whose sums are at `at` and whose columns begin there.
  template <class T, class Pair>
  __device__ void store_chunks(const Unit& u, int side, int warp, int lane, int columns, T* to_values,
                               const Pair& pair) const {
    std::uint8_t* own = memory + L::kOutputsAt + (side * 4 + warp) * L::kOutputs;
    const int token = u.token + side * kTokensOfGroup + warp * 16;
    const int row = lane & 15;
    const std::uint32_t to = ptx::shared_address(own) + row * 128;
#pragma unroll
    for (int chunk = 0; chunk < (kColumns + 63) / 64; ++chunk) {
      const int eights = min(8, kColumns / 8 - chunk * 8);
#pragma unroll
      for (int n = 0; n < eights; n += 2) {
        std::uint32_t packed[4];
#pragma unroll
        for (int i = 0; i < 4; ++i) {
          const int column = (chunk * 8 + n + i / 2) * 8;
          packed[i] = pair(column / 2 + i % 2 * 2, column);
        }
        ptx::store_matrices(to + (((n + (lane >> 4)) ^ (row & 7)) << 4), packed[0], packed[1], packed[2], packed[3]);
      }
      __syncwarp();
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        const int r = 4 * i + (lane >> 3);
        const int column = u.row + chunk * 64 + (lane & 7) * 8;
        if (token + r < p.tokens && (lane & 7) < eights && column < columns) {
          *reinterpret_cast<uint4*>(to_values + static_cast<std::int64_t>(token + r) * columns + column) =
              *reinterpret_cast<const uint4*>(own + r * 128 + (((lane & 7) ^ (r & 7)) << 4));
        }
      }
      __syncwarp();
    }
  }
  /// `targets`: scale and bias of columns.
  template <class T>
  __device__ void store(const Unit& u, int side, int warp, int lane, const float (&out)[kSums], const float2* targets,
                        float2 token_scales) const {
    store_chunks(u, side, warp, lane, p.columns, static_cast<T*>(p.out), [&](int at, int column) {
      const float4 target = *reinterpret_cast<const float4*>(targets + column + 2 * (lane & 3));
      const float token_scale = at % 4 == 0 ? token_scales.x : token_scales.y;
      return pack_pair<T>(finish<kMode>(out[at], {0, target.x, target.y}, token_scale),
                          finish<kMode>(out[at + 1], {0, target.z, target.w}, token_scale));
    });
  }
  /// The same in fp32, 32 columns at a time.
  __device__ void store_floats(const Unit& u, int side, int warp, int lane, const float (&out)[kSums],
                               const float2* targets, float2 token_scales) const {
    std::uint8_t* own = memory + L::kOutputsAt + (side * 4 + warp) * L::kOutputs;
    const int token = u.token + side * kTokensOfGroup + warp * 16;
    const auto piece = [&](int row, int index) { return own + row * 128 + ((index ^ (2 * (row & 3))) << 4); };
#pragma unroll
    for (int chunk = 0; chunk < (kRows + 31) / 32; ++chunk) {
      const int eights = min(4, kRows / 8 - chunk * 4);
#pragma unroll
      for (int n = 0; n < eights; ++n) {
        const int at = (chunk * 4 + n) * 4;
        const float4 target = *reinterpret_cast<const float4*>(targets + (chunk * 4 + n) * 8 + 2 * (lane & 3));
        const int index = 2 * n + ((lane & 3) >> 1);
#pragma unroll
        for (int upper = 0; upper < 2; ++upper) {
          const float token_scale = upper == 0 ? token_scales.x : token_scales.y;
          const int sum = at + 2 * upper;
          *reinterpret_cast<float2*>(piece((lane >> 2) + 8 * upper, index) + 8 * (lane & 1)) =
              make_float2(finish<kMode>(out[sum], {0, target.x, target.y}, token_scale),
                          finish<kMode>(out[sum + 1], {0, target.z, target.w}, token_scale));
        }
      }
      __syncwarp();
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        const int r = 4 * i + (lane >> 3);
        const int column = u.row + chunk * 32 + (lane & 7) * 4;
        if (token + r < p.tokens && (lane & 7) < 2 * eights && column < p.columns) {
          *reinterpret_cast<float4*>(static_cast<float*>(p.out) + static_cast<std::int64_t>(token + r) * p.columns +
                                     column) = *reinterpret_cast<const float4*>(piece(r, lane & 7));
        }
      }
      __syncwarp();
    }
  }
  /// For rows of outputs that do not start at multiples of 16 bytes.
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

  /// silu(gate) · up.
  __device__ void store_gated(const Unit& u, int side, int warp, int lane, float (&out)[kSums], const float2* targets,
                              float2 token_scales) const {
    const auto half = [&](float sum, float scale, float bias, float token_scale) {
      return __half2float(__float2half_rn(finish<kMode>(sum, {0, scale, bias}, token_scale)));
    };
#pragma unroll
    for (int n = 0; n < kSums / 8; ++n) {
      const float4 of_gate = *reinterpret_cast<const float4*>(targets + 8 * n + 2 * (lane & 3));
      const float4 of_up = *reinterpret_cast<const float4*>(targets + kColumns + 8 * n + 2 * (lane & 3));
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        const float token_scale = i < 2 ? token_scales.x : token_scales.y;
        const float gate = i % 2 == 0 ? half(out[4 * n + i], of_gate.x, of_gate.y, token_scale)
                                      : half(out[4 * n + i], of_gate.z, of_gate.w, token_scale);
        const float up = i % 2 == 0 ? half(out[kSums / 2 + 4 * n + i], of_up.x, of_up.y, token_scale)
                                    : half(out[kSums / 2 + 4 * n + i], of_up.z, of_up.w, token_scale);
        out[4 * n + i] = gate * sigmoid(gate) * up;
      }
    }
    if constexpr (kMode != Mode::exact) {
      store_chunks(u, side, warp, lane, columns(), static_cast<__half*>(p.out),
                   [&](int at, int) { return pack_pair<__half>(out[at], out[at + 1]); });
    } else {
      const int token = u.token + side * kTokensOfGroup + warp * 16 + (lane >> 2);
#pragma unroll
      for (int upper = 0; upper < 2; ++upper) {
        round_quad<kColumns>([&](int n, int e) { return out[4 * n + 2 * upper + e]; }, p.out_codes, p.out_scales,
                             p.out_transposed, p.tokens, u.row, token + 8 * upper, lane & 3);
      }
    }
  }
};

}  // namespace
}  // namespace salient::cuda::mixed
