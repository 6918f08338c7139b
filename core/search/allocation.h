// SPDX-License-Identifier: Apache-2.0
// From scores to a bit map (METHOD §3): which output features get 8 bits under a budget. A Ranking is
// prepared once; each budget afterwards is a re-thresholding that does not touch the model.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/search/scores.h"

namespace salient {

struct LinearBits {
  LinearId id;
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  std::vector<std::uint32_t> rows8;  ///< ascending
};

struct BitMap {
  std::vector<LinearBits> linears;  ///< in order of LinearId
  [[nodiscard]] std::int64_t features() const;
  [[nodiscard]] std::int64_t features8() const;
};

/// Exact size of linears in the packed format: payload only, and with scales, zeros and row indices.
struct SizeReport {
  std::int64_t weights = 0;        ///< elements
  std::int64_t payload_bytes = 0;  ///< codes only
  std::int64_t total_bytes = 0;    ///< codes, scales, zeros, row indices, as stored
  [[nodiscard]] double payload_bits() const {
    return weights ? 8.0 * static_cast<double>(payload_bytes) / static_cast<double>(weights) : 0;
  }
  [[nodiscard]] double effective_bits() const {
    return weights ? 8.0 * static_cast<double>(total_bytes) / static_cast<double>(weights) : 0;
  }
};
[[nodiscard]] SizeReport linear_size(std::int64_t rows, std::int64_t cols, std::int64_t rows8, std::int64_t group);
[[nodiscard]] SizeReport bit_map_size(const BitMap& map, std::int64_t group);

struct Budget {
  enum class Kind {
    percent,       ///< value: percent of all output features in 8 bit, 0 to 100
    average_bits,  ///< value: effective bits a weight (scales, zeros and indices counted)
    bytes          ///< value: bytes of all quantized linears as stored
  } kind = Kind::percent;
  double value = 10;
};

enum class RankBy { salience, density };             ///< density: salience per extra byte
enum class Selection { global, per_layer, random };  ///< per_layer and random are the paper's controls
enum class Granularity { feature, linear };          ///< linear: whole linears, q/k/v tied, gate/up tied

struct RankingOptions {
  RankBy rank = RankBy::salience;
  Selection selection = Selection::global;
  Granularity granularity = Granularity::feature;
  std::int64_t group = 128;
  std::int64_t row_multiple =
      1;                   ///< 8-bit rows a linear rounded to the nearest multiple (all rows count as a multiple)
  std::uint64_t seed = 0;  ///< of the random control
};

struct Allocation {
  BitMap map;
  SizeReport size;
  double percent = 0;         ///< share of features in 8 bit
  double predicted_loss = 0;  ///< Σ S over the features left in 4 bit
  double rounding_loss = 0;   ///< of it: salience lost (negative: won) by rounding to the row multiple
};

class Ranking {
 public:
  static Result<Ranking> prepare(const SalienceScores& scores, const RankingOptions& options);
  /// Error{range} when no map satisfies the budget (fewer bytes than all-4-bit takes).
  [[nodiscard]] Result<Allocation> allocate(const Budget& budget) const;
  /// What allocate() would give without building the row lists: for a slider and its curve.
  struct Point {
    double percent = 0;
    SizeReport size;
    double predicted_loss = 0;
    std::vector<std::int64_t> rows8;  ///< one a linear
  };
  [[nodiscard]] Result<Point> preview(const Budget& budget) const;

 private:
  RankingOptions options_;
  // Owned by the implementer of allocation.cpp: order, ranks, prefix sums.
  struct Unit;
  std::vector<LinearBits> shapes_;
};

}  // namespace salient
