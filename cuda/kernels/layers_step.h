// SPDX-License-Identifier: Apache-2.0
// All layers of a decoding step of one sequence in one launch: see layers_step.cu.
#pragma once

#include <cuda_fp16.h>
#include <cuda_runtime_api.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "cuda/kernels/mixed_kernels.h"

namespace salient::cuda::kernels {

/// A linear's rows as in mixed_kernels.h: exact scales, groups of 128.
struct StepMatrix {
  const std::uint8_t* codes4 = nullptr;
  const std::uint8_t* codes8 = nullptr;
  const std::uint8_t* meta4 = nullptr;
  const std::uint8_t* meta8 = nullptr;
  const std::int32_t* rows = nullptr;
  const void* bias = nullptr;  ///< [outputs], or null
  int tiles4 = 0;
  int tiles8 = 0;
  int first = 0;  ///< the CTA that takes the first unit
};

/// What a layer multiplies with, in this order; `qkv` and `gate_up` are several linears' rows one behind the other.
enum class StepLinear : int { qkv, o, gate_up, down };
inline constexpr int kStepLinears = 4;

struct StepLayer {
  std::array<StepMatrix, kStepLinears> linears;
  const void* input_norm = nullptr;  ///< [hidden]
  const void* post_norm = nullptr;
  __half* keys = nullptr;  ///< [positions, kv_heads · dim]
  __half* values = nullptr;
};

inline constexpr int kMostStepLayers = 96;  ///< that the launch's arguments have room for
inline constexpr int kMostStepHidden = 8192;
inline constexpr int kMostStepQueries = 8;  ///< query heads of a key head
inline constexpr int kMostStepPieces = 32;  ///< of the past
/// Into how many parts K of each product may be cut: those who read the sums ask for all parts at once.
inline constexpr std::array<int, kStepLinears> kMostStepParts = {2, 5, 1, 5};

/// Where a CTA's shared memory begins to hold what, in bytes.
struct StepRoom {
  int slots = 0;  ///< of each ring of weights; the rings come first
  int barriers = 0;
  int sums = 0;
  int codes = 0;  ///< activations; while attention runs, its own
  int scales = 0;
  int totals = 0;  ///< sums of the activations' codes
  int norms = 0;
  int walks = 0;  ///< which units the CTA has of each product
  int own = 0;    ///< which piece of the past
  int bytes = 0;
};

/// Dims of 64 or 128; hidden, intermediate and heads · dim multiples of 128; no more key heads than multiprocessors.
struct LayersStep {
  int layers = 0;
  int hidden = 0;
  int intermediate = 0;
  int heads = 0;
  int kv_heads = 0;
  int dim = 0;
  float epsilon = 0;
  mixed::Type norm_type = mixed::Type::f32;
  mixed::Type bias_type = mixed::Type::f32;
  float* x = nullptr;             ///< [hidden], read and written
  const float* cosine = nullptr;  ///< [positions, dim / 2]
  const float* sine = nullptr;
  const std::int32_t* position = nullptr;  ///< of the token, in device memory

  std::array<int, kStepLinears> parts{};  ///< of K, each for other CTAs
  int pieces = 1;                         ///< of the past, at most
  StepRoom room;

  // Scratch
  float* qkv = nullptr;          ///< [parts, outputs]
  float* gate_up = nullptr;      ///< [2 · intermediate]
  float* added = nullptr;        ///< [parts, hidden]: what o, then down, adds to x
  float* other_x = nullptr;      ///< [hidden]: half layers read x and write this, or the other way round
  float* values = nullptr;       ///< [heads, pieces, dim]
  float2* softmax = nullptr;     ///< [heads, pieces]: largest score, sum of exponentials
  unsigned* arrivals = nullptr;  ///< zero at the start

  std::array<StepLayer, kMostStepLayers> layer;
};
static_assert(sizeof(LayersStep) < 32764, "what a launch has room for");

[[nodiscard]] inline int step_outputs(const LayersStep& step, StepLinear linear) {
  switch (linear) {
    case StepLinear::qkv: return (step.heads + 2 * step.kv_heads) * step.dim;
    case StepLinear::gate_up: return 2 * step.intermediate;
    default: return step.hidden;
  }
}
/// Blocks of K.
[[nodiscard]] inline int step_blocks(const LayersStep& step, StepLinear linear) {
  switch (linear) {
    case StepLinear::o: return step.heads * step.dim / mixed::kBlock;
    case StepLinear::down: return step.intermediate / mixed::kBlock;
    default: return step.hidden / mixed::kBlock;
  }
}

/// Lays out `limit` bytes of shared memory for step.parts. No slots where there is no room for three.
[[nodiscard]] StepRoom step_room(const LayersStep& step, int limit);

/// sm_90a only. A CTA for each multiprocessor.
[[nodiscard]] cudaError_t layers_step(cudaStream_t stream, const LayersStep& step, int multiprocessors);

}  // namespace salient::cuda::kernels
