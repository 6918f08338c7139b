// SPDX-License-Identifier: Apache-2.0
#include "cuda/mixed_plan.h"

#include <algorithm>
#include <limits>

namespace salient::cuda::mixed {
namespace {

int ceil_divide(int a, int b) {
  return (a + b - 1) / b;
}

bool has_warpgroups(const Shape& shape) {
  return shape.capability == 90;
}

/// Microseconds a CTA of the warpgroup kernel takes for a block of K, as measured on an H100 with all multiprocessors
/// busy (tests/bench/results).
double block_microseconds(const Plan& plan, Mode mode) {
  if (plan.tokens <= 32) return 0.34;
  if (plan.tokens == 64) return plan.rows == kTileRows ? 0.48 : 0.47;
  if (plan.tokens == 256) return 0.76;
  if (plan.expanded) return mode == Mode::folded ? 0.56 : 0.42;
  return mode == Mode::exact ? 0.65 : mode == Mode::folded ? 0.7 : 0.5;
}
/// Of a launch.
constexpr double kLaunchMicroseconds = 3;
/// For each unit: filling the pipeline and storing outputs; and adding the parts of a cluster.
double unit_microseconds(const Plan& plan) {
  const double part = plan.rows * plan.tokens / 16384.0;
  return 3 * part + (plan.splits > 1 ? 1 + 4 * part : 0);
}
/// Read and written in a microsecond by expand_folded().
constexpr double kExpandedBytes = 3e6;

/// What the warpgroup kernel should take. Clusters do not fill every multiprocessor.
double estimate(const Plan& plan, const Shape& shape) {
  const int resident = plan.rows == kTileRows ? 2 : 1;
  const int units = ceil_divide(shape.tiles * kTileRows, plan.rows) * ceil_divide(shape.tokens, plan.tokens);
  const int room = shape.multiprocessors * resident;
  const int usable = plan.splits > 2 ? room * 15 / 16 : room;
  const int rounds = ceil_divide(units * plan.splits, std::max(usable, 1));
  const double round = ceil_divide(shape.blocks, plan.splits) * block_microseconds(plan, shape.mode);
  const double microseconds = rounds * (round + unit_microseconds(plan)) + kLaunchMicroseconds;
  const double expansion =
      plan.expanded ? 3 + static_cast<double>(shape.tiles) * shape.blocks * kCodes8Bytes * 1.6 / kExpandedBytes : 0;
  return microseconds + expansion;
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

}  // namespace

bool wants_transposed(const Shape& shape) {
  if (!has_warpgroups(shape) || shape.tokens <= 8) return true;
  return shape.tokens <= 16 && shape.tiles < shape.multiprocessors && shape.mode == Mode::exact &&
         shape.groups_in_block == 1;
}

std::vector<Plan> possible_plans(const Shape& shape, bool transposed) {
  if (transposed) return stream_plans(shape.mode, shape.groups_in_block);
  std::vector<Plan> plans = warpgroup_plans(shape.mode, shape.groups_in_block);
  std::erase_if(plans, [&](const Plan& plan) { return plan.splits > shape.blocks; });
  return plans;
}

Plan choose_plan(const Shape& shape, bool transposed) {
  if (transposed) return stream_plan(shape);
  Plan best;
  double least = std::numeric_limits<double>::infinity();
  for (const Plan& plan : possible_plans(shape, false)) {
    const double microseconds = estimate(plan, shape);
    if (microseconds < least) {
      least = microseconds;
      best = plan;
    }
  }
  return best;
}

}  // namespace salient::cuda::mixed
