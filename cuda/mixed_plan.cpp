// SPDX-License-Identifier: Apache-2.0
#include "cuda/mixed_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace salient::cuda::mixed {
namespace {

int ceil_divide(int a, int b) {
  return (a + b - 1) / b;
}

/// Microseconds a CTA takes for a block of K, as measured on an H100 and an H200 with all multiprocessors busy
/// (tests/bench/results).
double block_microseconds(const Plan& plan, const Shape& shape) {
  if (plan.kernel == Plan::Kernel::int8) {
    switch (shape.mode) {
      case Mode::exact: {
        if (plan.rows == 256) return 1.09;
        if (plan.rows == 192) return 0.79;
        // The warpgroups of a cluster's CTA take every second block where tokens are too few for both.
        const bool alternating = plan.splits > 1 && shape.tokens <= plan.tokens / 2;
        return (0.1 + plan.rows * 0.00375) * (alternating ? 0.55 : 1);
      }
      case Mode::folded: return 0.17 + plan.rows * 0.00172;
      case Mode::folded_token: return 0.07 + plan.rows * 0.0021;
    }
  }
  if (plan.tokens <= 32) return 0.34;
  if (plan.tokens == 64) return plan.rows == kTileRows ? 0.48 : 0.47;
  return 0.65;
}
/// Bytes a second; an H100's where the device does not say.
double memory_rate(const Shape& shape) {
  return shape.memory_rate > 0 ? shape.memory_rate : 3.35e12;
}
/// What a block takes at least, if `rows` of a copy are read for it.
double read_microseconds(const Plan& plan, const Shape& shape, int rows) {
  if (plan.kernel != Plan::Kernel::int8) return 0;
  constexpr double kShare = 0.92;  // of the device's rate
  return static_cast<double>(rows) * kBlock / (kShare * memory_rate(shape)) * 1e6;
}
/// Of a launch.
constexpr double kLaunchMicroseconds = 3;
/// For each unit: filling the pipeline and storing outputs; and adding the parts of a cluster.
double unit_microseconds(const Plan& plan, const Shape& shape) {
  const int tokens = plan.kernel == Plan::Kernel::int8 ? std::min(plan.tokens, shape.tokens) : plan.tokens;
  const double part = plan.rows * tokens / 16384.0;
  if (plan.kernel == Plan::Kernel::int8) return 1 + part + (plan.splits > 1 ? 1.5 + part : 0);
  return 3 * part + (plan.splits > 1 ? 1 + 0.25 * plan.splits + 4 * part : 0);
}

/// What a kernel for many tokens should take. Clusters do not fill every multiprocessor.
double estimate(const Plan& plan, const Shape& shape) {
  const int resident = plan.rows == kTileRows ? 2 : 1;
  const int rows = plan.kernel == Plan::Kernel::int8 ? shape.rows : shape.tiles * kTileRows;
  const int token_tiles = ceil_divide(shape.tokens, plan.tokens);
  const int units = ceil_divide(rows, plan.rows) * token_tiles;
  const int room = shape.multiprocessors * resident;
  const int usable = plan.splits > 2 ? room * 15 / 16 : room;
  const int rounds = ceil_divide(units * plan.splits, std::max(usable, 1));
  const int read = std::min(rows * plan.splits, usable / token_tiles * plan.rows);
  const double block = std::max(block_microseconds(plan, shape), read_microseconds(plan, shape, read));
  const double round = ceil_divide(shape.blocks, plan.splits) * block;
  return rounds * (round + unit_microseconds(plan, shape)) + kLaunchMicroseconds;
}

/// The stream kernel: tokens in one CTA as far as they fit; long rows shared by more warps where there are few of them.
Plan stream_plan(const Shape& shape) {
  const std::vector<Plan> plans = stream_plans(shape.mode, shape.groups_in_block);
  const auto waste = [&](const Plan& plan) {
    return std::pair(ceil_divide(shape.tokens, plan.tokens), std::max(plan.tokens - shape.tokens, 0));
  };
  const bool narrow = shape.tiles * 4 <= 2 * shape.multiprocessors && shape.blocks >= 64;
  const auto better = [&](const Plan& a, const Plan& b) {
    if (waste(a) != waste(b)) return waste(a) < waste(b);
    if (narrow && a.rows != b.rows) return a.rows < b.rows;
    if (narrow && a.warps != b.warps) return a.warps > b.warps;
    return false;  // the first one in the kernels' own order of preference
  };
  return *std::min_element(plans.begin(), plans.end(), better);
}

/// Whether activations that stay pay, as far as it was measured: at 32 tokens with more than three tiles for each
/// multiprocessor, where memory is fast; not with fewer tiles than multiprocessors, nor on an H100
/// (tests/bench/results).
bool suits_resident(const Shape& shape) {
  constexpr double kFast = 4e12;
  return shape.tokens > 16 && shape.tiles >= 3 * shape.multiprocessors && memory_rate(shape) >= kFast;
}

/// Whether two plans add a sum's parts in the same order. What differs otherwise is which outputs a CTA has.
bool same_order(const Plan& a, const Plan& b, Mode mode) {
  // One warpgroup goes through all of K.
  const auto straight = [](const Plan& plan) {
    return plan.splits == 1 && (plan.kernel == Plan::Kernel::int8 || plan.kernel == Plan::Kernel::resident ||
                                (plan.kernel == Plan::Kernel::warpgroup && plan.rows > kTileRows));
  };
  const bool copied = a.kernel == Plan::Kernel::int8 && b.kernel == Plan::Kernel::int8;
  if (copied && mode == Mode::folded_token) return true;  // sums of integers
  if (straight(a) || straight(b)) return straight(a) && straight(b);
  if (a.kernel != b.kernel) return false;
  if (copied) return a.splits == b.splits;
  // Two warpgroups share K where they share a tile, and so do a cluster's CTAs and a stream's warps.
  return a.kernel == Plan::Kernel::warpgroup ? a.rows == b.rows && a.splits == b.splits : a.warps == b.warps;
}

}  // namespace

bool has_warpgroups(int capability) {
  return capability == 90;
}

bool wants_transposed(const Shape& shape) {
  if (!has_warpgroups(shape.capability)) return true;
  if (shape.mode != Mode::exact) return false;
  return shape.tokens <= 8 || (shape.tokens <= 16 && shape.tiles < shape.multiprocessors && shape.groups_in_block == 1);
}

std::vector<Plan> possible_plans(const Shape& shape, bool transposed) {
  if (transposed) return stream_plans(shape.mode, shape.groups_in_block);
  std::vector<Plan> plans;
  const auto add = [&](const std::vector<Plan>& more) { plans.insert(plans.end(), more.begin(), more.end()); };
  if (shape.copied) add(int8_plans(shape.mode, shape.groups_in_block));
  if (shape.mode == Mode::exact) {
    add(warpgroup_plans(shape.groups_in_block));
    if (shape.groups_in_block == 1 && resident_fits(shape.tokens, shape.blocks)) add(resident_plans());
  }
  // Each CTA has a block.
  std::erase_if(plans, [&](const Plan& plan) { return plan.splits > shape.blocks; });
  return plans;
}

Plan choose_plan(const Shape& shape, bool transposed) {
  if (transposed) return stream_plan(shape);
  Plan best;
  double least = std::numeric_limits<double>::infinity();
  for (const Plan& plan : possible_plans(shape, false)) {
    if (plan.kernel == Plan::Kernel::resident) {
      if (suits_resident(shape)) return plan;
      continue;
    }
    if (plan.kernel == Plan::Kernel::int8 && shape.mode == Mode::exact && shape.tokens <= kFewFromCopy) continue;
    const double microseconds = estimate(plan, shape);
    if (microseconds < least) {
      least = microseconds;
      best = plan;
    }
  }
  return best;
}

std::vector<Plan> rival_plans(const Shape& shape, bool transposed) {
  std::vector<Plan> plans{choose_plan(shape, transposed)};
  for (const Plan& plan : possible_plans(shape, transposed)) {
    if (plan != plans.front() && same_order(plan, plans.front(), shape.mode)) plans.push_back(plan);
  }
  return plans;
}

std::string plan_name(const Plan& plan) {
  if (plan.kernel == Plan::Kernel::int8) {
    const std::string shared = plan.splits > 1 ? fmt::format(", K in {}", plan.splits) : std::string();
    return fmt::format("int8 {}x{}{}", plan.rows, plan.tokens, shared);
  }
  if (plan.kernel == Plan::Kernel::stream) {
    return fmt::format("stream {}x{}, {} warps, {} ahead", plan.rows, plan.tokens, plan.warps, plan.ahead);
  }
  if (plan.kernel == Plan::Kernel::resident) return fmt::format("resident {}x{}", plan.rows, plan.tokens);
  return fmt::format("wgmma {}x{}, K in {}", plan.rows, plan.tokens, plan.splits);
}

}  // namespace salient::cuda::mixed
