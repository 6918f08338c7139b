// SPDX-License-Identifier: Apache-2.0
// How long a budget takes on a 70B model's output features: prepared once, allocated and previewed many times.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "core/search/allocation.h"
#include "tests/bench/synthetic_scores.h"

namespace {

using namespace salient;

template <class Body>
double milliseconds(Body body) {
  const auto start = std::chrono::steady_clock::now();
  body();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

int fail(const Error& error) {
  fmt::print(stderr, "{}\n", error.to_string());
  return 1;
}

}  // namespace

int main() {
  const SalienceScores scores = synthetic_scores(llama70b_config(), 1);
  fmt::print("{} features in {} linears\n", scores.features(), scores.linears.size());
  for (const std::int64_t multiple : {1, 64}) {
    RankingOptions options;
    options.row_multiple = multiple;
    options.rank = RankBy::density;
    Result<Ranking> ranking = Error{};
    const double prepared = milliseconds([&] { ranking = Ranking::prepare(scores, options); });
    if (!ranking) return fail(ranking.error());
    fmt::print("row multiple {}: prepare {:.0f} ms\n", multiple, prepared);
    const double least = static_cast<double>(ranking->smallest().total_bytes);
    const double most = static_cast<double>(ranking->largest().total_bytes);
    for (const double share : {0.1, 0.2, 0.5, 0.9}) {
      for (const Budget budget :
           {Budget{Budget::Kind::percent, 100 * share}, Budget{Budget::Kind::bytes, least + share * (most - least)}}) {
        std::vector<double> previews;
        std::vector<double> allocations;
        for (int repeat = 0; repeat < 10; ++repeat) {
          Result<Ranking::Point> point = Error{};
          previews.push_back(milliseconds([&] { point = ranking->preview(budget); }));
          Result<Allocation> allocation = Error{};
          allocations.push_back(milliseconds([&] { allocation = ranking->allocate(budget); }));
          if (!point) return fail(point.error());
          if (!allocation) return fail(allocation.error());
        }
        std::sort(previews.begin(), previews.end());
        std::sort(allocations.begin(), allocations.end());
        fmt::print("  {:>7} {:>14.0f}: preview {:.2f} to {:.2f} ms, allocate {:.2f} to {:.2f} ms\n",
                   budget.kind == Budget::Kind::percent ? "percent" : "bytes", budget.value, previews.front(),
                   previews.back(), allocations.front(), allocations.back());
      }
    }
  }
  return 0;
}
