// SPDX-License-Identifier: Apache-2.0
// Which kernel multiplies, and in which shape.
#pragma once

#include <string>
#include <vector>

#include "cuda/kernels/mixed_kernels.h"

namespace salient::cuda::mixed {

/// Whether devices of this compute capability have the instructions that the kernels for many tokens are made of.
[[nodiscard]] bool has_warpgroups(int capability);

/// Exact products of so many tokens are never read from the copy: tiles of 4 bits were as fast or faster, and half as
/// many bytes are read.
inline constexpr int kFewFromCopy = 32;

/// What the choice depends on.
struct Shape {
  int rows = 0;    ///< of weights
  int tiles = 0;   ///< of 64 rows of one class
  int blocks = 0;  ///< of K
  int groups_in_block = 1;
  int tokens = 0;
  Mode mode = Mode::exact;
  bool copied = false;  ///< there is a copy of the weights in int8 for this mode
  int capability = 80;
  int multiprocessors = 1;
  double memory_rate = 0;  ///< of the device, bytes a second; 0 if it is not known
};

/// Whether a product of this shape reads transposed activations, which are the stream kernel's.
[[nodiscard]] bool wants_transposed(const Shape& shape);

/// All plans that compute a shape, for activations in that order.
[[nodiscard]] std::vector<Plan> possible_plans(const Shape& shape, bool transposed);
/// The one that should be fastest.
[[nodiscard]] Plan choose_plan(const Shape& shape, bool transposed);
/// That one, and behind it all others whose sums have the same order: their results have the same bits.
[[nodiscard]] std::vector<Plan> rival_plans(const Shape& shape, bool transposed);

/// Kernel and shape, for people and for files: "int8 192x128". Different plans have different names.
[[nodiscard]] std::string plan_name(const Plan& plan);

}  // namespace salient::cuda::mixed
