// SPDX-License-Identifier: Apache-2.0
// From scores to a bit map (METHOD §3): which output features get 8 bits under a budget. A Ranking is
// prepared once; each budget afterwards is a re-thresholding that does not touch the model.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "core/base/result.h"
#include "core/checkpoint/model_config.h"
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
  /// 0: rows have 4 or 8 bits. Otherwise the grid of every row has so many, and rows8 says how they are stored.
  std::int32_t uniform_bits = 0;
  [[nodiscard]] std::int64_t features() const;
  [[nodiscard]] std::int64_t features8() const;
  [[nodiscard]] const LinearBits* find(LinearId id) const;  ///< null where it is not there
};

/// Exact size of linears in the packed format (core/pack/packed_model.h): payload only, and with scales, zeros and
/// row indices. A row takes ceil(K/2) + 2G + ceil(G/2) bytes in 4 bit, K + 2G + 4 bytes in 8 bit, G = ceil(K/group).
struct SizeReport {
  std::int64_t weights = 0;        ///< elements
  std::int64_t payload_bytes = 0;  ///< codes only; of the grid's width where a bit map is uniform
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

/// What may be spent. Bytes and bits are upper limits that no rounding exceeds; a limit above what all-8-bit takes is
/// all-8-bit. Percent is a count: round(percent/100 · features) exactly, unless the row multiple or whole linears
/// forbid it.
struct Budget {
  enum class Kind {
    percent,       ///< value: percent of all output features in 8 bit, 0 to 100
    average_bits,  ///< value: effective bits a weight (scales, zeros and indices counted)
    bytes          ///< value: bytes of all quantized linears as stored
  } kind = Kind::percent;
  double value = 10;
};

/// Whether anything satisfies the budget, from the sizes of everything in 4 bit and everything in 8 bit alone:
/// Error{range} for percent outside 0 to 100, or fewer bytes or bits than all-4-bit takes.
[[nodiscard]] Status check_budget(const Budget& budget, const SizeReport& smallest, const SizeReport& largest);

enum class RankBy { salience, density };             ///< density: salience per extra byte, for every kind of budget
enum class Selection { global, per_layer, random };  ///< per_layer (same share of every linear) and random: controls
enum class Granularity { feature, linear };          ///< linear: whole linears, q/k/v tied, gate/up tied

struct RankingOptions {
  RankBy rank = RankBy::salience;
  Selection selection = Selection::global;
  Granularity granularity = Granularity::feature;
  std::int64_t group = 128;
  /// 8-bit rows of a linear come in multiples of this; all rows of a linear count as a multiple. The features of a
  /// linear, best first, are cut into blocks, and a block ranks where its middle feature does. A percent budget takes
  /// the blocks above the unrounded cut, so each linear's count is rounded to the nearest multiple (halves up) and
  /// the total may differ a little from what was asked for; a bytes or bits budget fills up with whole blocks in
  /// order of rank and never exceeds its limit.
  std::int64_t row_multiple = 1;
  std::uint64_t seed = 0;  ///< of the random control
};

/// Losses are in the unit of the scores: a sum over the calibration sequences. Divide by SalienceScores::samples for
/// the predicted increase of the mean loss of one sequence, in nats a token.
struct Allocation {
  BitMap map;
  SizeReport size;
  double percent = 0;         ///< share of features in 8 bit
  double predicted_loss = 0;  ///< Σ S over the features left in 4 bit
  double rounding_loss = 0;   ///< of it: salience lost (negative: won) by rounding to the row multiple
};

/// All features in order of rank. Where keys tie, the lower LinearId and then the lower row comes first.
class Ranking {
 public:
  /// Error{usage} for options that make no sense.
  static Status check(const RankingOptions& options);
  /// Error{numeric} for scores that are negative, NaN or infinite; otherwise as check().
  static Result<Ranking> prepare(const SalienceScores& scores, const RankingOptions& options);

  /// Error{range} as check_budget().
  [[nodiscard]] Result<Allocation> allocate(const Budget& budget) const;

  /// What allocate() would give without building the row lists: for a slider and its curve.
  struct Point {
    double percent = 0;
    SizeReport size;
    double predicted_loss = 0;
    double rounding_loss = 0;
    std::vector<std::int64_t> rows8;  ///< one a linear
  };
  [[nodiscard]] Result<Point> preview(const Budget& budget) const;

  [[nodiscard]] const SizeReport& smallest() const { return smallest_; }  ///< everything in 4 bit
  [[nodiscard]] const SizeReport& largest() const { return largest_; }    ///< everything in 8 bit

 private:
  struct LinearRank {
    LinearId id;
    std::int64_t rows = 0;
    std::int64_t cols = 0;
    std::vector<std::uint32_t> rank;  ///< of each row within its linear, 0 = best
    std::vector<double> loss;         ///< [n]: Σ S of what is left in 4 bit when the n best rows are in 8 bit
  };
  /// What is taken one item after the other: the rows of a linear, its blocks of rows, or tied linears at once.
  struct Series {
    std::size_t first_linear = 0;
    std::size_t linears = 1;
    std::int64_t rows = 0;
    std::int64_t rows_per_item = 1;     ///< the last item may be shorter
    std::int64_t bytes_per_row = 0;     ///< that 8 bit takes more than 4 bit
    std::vector<std::uint32_t> places;  ///< of each item in the order of rank, ascending

    [[nodiscard]] std::int64_t rows_of(std::int64_t items) const { return std::min(items * rows_per_item, rows); }
  };
  struct Limit;

  void rank_features(const SalienceScores& scores);
  [[nodiscard]] Status rank_linears(const SalienceScores& scores);
  [[nodiscard]] Limit limit(const Budget& budget) const;  ///< of a budget that passed check_budget()
  [[nodiscard]] std::vector<std::int64_t> take(const std::vector<Series>& series, const Limit& limit) const;
  [[nodiscard]] double loss(std::span<const std::int64_t> rows8) const;

  RankingOptions options_;
  std::int64_t features_ = 0;
  std::int64_t order_size_ = 0;  ///< places: features, or groups of tied linears
  SizeReport smallest_;
  SizeReport largest_;
  std::vector<LinearRank> linears_;
  std::vector<Series> series_;
  std::vector<Series> blocks_;  ///< empty where nothing is rounded
};

/// `quantize --uniform bits`, 2 to 8 (else Error{range}): every row of every linear has so many bits. Rows up to 4 bits
/// are stored as 4-bit rows, wider ones as 8-bit rows (core/compute/quantized_matrix.h).
[[nodiscard]] Result<BitMap> uniform_map(const ModelConfig& config, std::int32_t bits);
/// Evenly spaced 8-bit rows, `percent` of every linear: a stand-in for a map where only its size matters.
[[nodiscard]] BitMap spread_map(const ModelConfig& config, double percent);

}  // namespace salient
