// SPDX-License-Identifier: Apache-2.0
#include "core/search/allocation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "core/base/random.h"
#include "core/compute/quantized_matrix.h"

namespace salient {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

/// A decoder with odd shapes: K no multiple of the group, and linears of very different cost.
SalienceScores make_scores(int layers = 3, std::uint64_t seed = 7) {
  SalienceScores scores;
  scores.samples = 4;
  scores.length = 16;
  const std::int64_t hidden = 72;
  const std::int64_t shapes[7][2] = {{72, hidden},  {24, hidden},  {24, hidden}, {hidden, 72},
                                     {200, hidden}, {200, hidden}, {hidden, 200}};
  Random random(seed);
  for (int layer = 0; layer < layers; ++layer) {
    for (const LinearKind kind : kLinearKinds) {
      const auto& [rows, cols] = shapes[static_cast<int>(kind)];
      LinearScores linear{{layer, kind}, rows, cols, {}};
      for (std::int64_t row = 0; row < rows; ++row)
        linear.scores.push_back(std::exp(6 * random.uniform()) * static_cast<double>(cols));
      scores.linears.push_back(std::move(linear));
    }
  }
  return scores;
}

struct Feature {
  double key;
  std::size_t linear;
  std::uint32_t row;
};
std::vector<Feature> sorted_features(const SalienceScores& scores, bool density, std::int64_t group) {
  std::vector<Feature> features;
  for (std::size_t i = 0; i < scores.linears.size(); ++i) {
    const LinearScores& linear = scores.linears[i];
    const double extra = static_cast<double>(linear_size(1, linear.cols, 1, group).total_bytes -
                                             linear_size(1, linear.cols, 0, group).total_bytes);
    for (std::uint32_t row = 0; row < linear.scores.size(); ++row)
      features.push_back({linear.scores[row] / (density ? extra : 1), i, row});
  }
  std::stable_sort(features.begin(), features.end(), [](const Feature& a, const Feature& b) { return a.key > b.key; });
  return features;
}

std::vector<std::set<std::uint32_t>> rows_of(const BitMap& map) {
  std::vector<std::set<std::uint32_t>> rows;
  for (const LinearBits& linear : map.linears) {
    EXPECT_TRUE(std::is_sorted(linear.rows8.begin(), linear.rows8.end()));
    rows.emplace_back(linear.rows8.begin(), linear.rows8.end());
    EXPECT_EQ(rows.back().size(), linear.rows8.size());
    for (const std::uint32_t row : linear.rows8)
      EXPECT_LT(row, linear.rows);
  }
  return rows;
}

double loss_of(const SalienceScores& scores, const BitMap& map) {
  const auto rows = rows_of(map);
  double sum = 0;
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::uint32_t row = 0; row < scores.linears[i].scores.size(); ++row)
      if (!rows[i].contains(row)) sum += scores.linears[i].scores[row];
  return sum;
}

Ranking prepare(const SalienceScores& scores, const RankingOptions& options = {}) {
  auto ranking = Ranking::prepare(scores, options);
  EXPECT_TRUE(ranking) << ranking.error().to_string();
  return *std::move(ranking);
}

Allocation allocate(const Ranking& ranking, Budget::Kind kind, double value) {
  auto allocation = ranking.allocate({kind, value});
  EXPECT_TRUE(allocation) << allocation.error().to_string();
  const auto point = ranking.preview({kind, value});
  EXPECT_TRUE(point);
  EXPECT_EQ(point->predicted_loss, allocation->predicted_loss);
  EXPECT_EQ(point->rounding_loss, allocation->rounding_loss);
  EXPECT_EQ(point->size.total_bytes, allocation->size.total_bytes);
  EXPECT_EQ(point->percent, allocation->percent);
  for (std::size_t i = 0; i < allocation->map.linears.size(); ++i)
    EXPECT_EQ(point->rows8[i], static_cast<std::int64_t>(allocation->map.linears[i].rows8.size()));
  EXPECT_EQ(bit_map_size(allocation->map, 128).total_bytes, allocation->size.total_bytes);
  EXPECT_NEAR(
      allocation->percent,
      100.0 * static_cast<double>(allocation->map.features8()) / static_cast<double>(allocation->map.features()),
      1e-12);
  return *std::move(allocation);
}

TEST(LinearSize, CountsEveryStoredByte) {
  // K = 129, group 128: 65 code bytes, 2 groups, 1 byte of zeros a 4-bit row.
  const SizeReport size = linear_size(10, 129, 3, 128);
  EXPECT_EQ(size.weights, 1290);
  EXPECT_EQ(size.payload_bytes, 7 * 65 + 3 * 129);
  EXPECT_EQ(size.total_bytes, 7 * (65 + 4 + 1) + 3 * (129 + 4 + 4));
  EXPECT_DOUBLE_EQ(size.payload_bits(), 8.0 * (7 * 65 + 3 * 129) / 1290);
  EXPECT_DOUBLE_EQ(size.effective_bits(), 8.0 * (7 * 70 + 3 * 137) / 1290);
}

TEST(LinearSize, ThePapersRowsAtGroup128) {
  EXPECT_DOUBLE_EQ(linear_size(512, 4096, 0, 128).payload_bits(), 4);
  EXPECT_DOUBLE_EQ(linear_size(512, 4096, 0, 128).effective_bits(), 4 + 16.0 / 128 + 4.0 / 128);
  EXPECT_DOUBLE_EQ(linear_size(512, 4096, 512, 128).effective_bits(), 8 + 16.0 / 128 + 32.0 / 4096);
}

TEST(Allocation, PercentTakesExactlyTheBestFeatures) {
  const SalienceScores scores = make_scores();
  for (const bool density : {false, true}) {
    RankingOptions options;
    options.rank = density ? RankBy::density : RankBy::salience;
    const Ranking ranking = prepare(scores, options);
    const auto order = sorted_features(scores, density, 128);
    for (const double percent : {0.0, 0.03, 1.0, 10.0, 33.3, 50.0, 99.99, 100.0}) {
      const Allocation allocation = allocate(ranking, Budget::Kind::percent, percent);
      const std::size_t count =
          static_cast<std::size_t>(std::llround(percent * static_cast<double>(order.size()) / 100));
      ASSERT_EQ(allocation.map.features8(), static_cast<std::int64_t>(count));
      std::vector<std::set<std::uint32_t>> expected(scores.linears.size());
      for (std::size_t i = 0; i < count; ++i)
        expected[order[i].linear].insert(order[i].row);
      EXPECT_EQ(rows_of(allocation.map), expected);
      EXPECT_NEAR(allocation.predicted_loss, loss_of(scores, allocation.map), 1e-9 * loss_of(scores, {}) + 1e-6);
      EXPECT_EQ(allocation.rounding_loss, 0);
    }
    EXPECT_EQ(allocate(ranking, Budget::Kind::percent, 100).predicted_loss, 0);
  }
}

TEST(Allocation, DensityOrdersDifferentlyThanSalience) {
  const SalienceScores scores = make_scores();
  RankingOptions options;
  const Allocation by_salience = allocate(prepare(scores, options), Budget::Kind::percent, 20);
  options.rank = RankBy::density;
  const Allocation by_density = allocate(prepare(scores, options), Budget::Kind::percent, 20);
  EXPECT_LT(by_density.size.total_bytes, by_salience.size.total_bytes);
  EXPECT_GT(by_density.predicted_loss, by_salience.predicted_loss);
  // With the same bytes it must predict no more loss.
  const double bytes = static_cast<double>(by_salience.size.total_bytes);
  const Allocation equal_bytes = allocate(prepare(scores, options), Budget::Kind::bytes, bytes);
  EXPECT_LE(equal_bytes.predicted_loss, by_salience.predicted_loss);
}

TEST(Allocation, TiesGoToTheLowerLinearAndRow) {
  SalienceScores scores = make_scores(1);
  for (LinearScores& linear : scores.linears)
    std::fill(linear.scores.begin(), linear.scores.end(), 1.0);
  const Ranking ranking = prepare(scores);
  const Allocation allocation = allocate(ranking, Budget::Kind::percent, 100.0 * 75 / 664);
  EXPECT_THAT(allocation.map.linears[0].rows8, SizeIs(72));
  EXPECT_THAT(allocation.map.linears[1].rows8, ElementsAre(0, 1, 2));
  EXPECT_THAT(allocation.map.linears[2].rows8, SizeIs(0));
}

TEST(Allocation, BytesAreFilledGreedilyAndNeverExceeded) {
  const SalienceScores scores = make_scores();
  for (const bool density : {false, true}) {
    RankingOptions options;
    options.rank = density ? RankBy::density : RankBy::salience;
    const Ranking ranking = prepare(scores, options);
    const auto order = sorted_features(scores, density, 128);
    const std::int64_t least = ranking.smallest().total_bytes;
    const std::int64_t most = ranking.largest().total_bytes;
    for (std::int64_t bytes = least; bytes <= most; bytes += (most - least) / 97) {
      const Allocation allocation = allocate(ranking, Budget::Kind::bytes, static_cast<double>(bytes));
      EXPECT_LE(allocation.size.total_bytes, bytes);
      std::int64_t left = bytes - least;
      std::vector<std::set<std::uint32_t>> expected(scores.linears.size());
      for (const Feature& feature : order) {
        const std::int64_t cols = scores.linears[feature.linear].cols;
        const std::int64_t extra = linear_size(1, cols, 1, 128).total_bytes - linear_size(1, cols, 0, 128).total_bytes;
        if (extra > left) continue;
        left -= extra;
        expected[feature.linear].insert(feature.row);
      }
      EXPECT_EQ(rows_of(allocation.map), expected) << bytes;
    }
    EXPECT_EQ(allocate(ranking, Budget::Kind::bytes, static_cast<double>(most)).percent, 100);
    EXPECT_EQ(allocate(ranking, Budget::Kind::bytes, 1e18).percent, 100);
  }
}

TEST(Allocation, AverageBitsAreEffectiveBits) {
  const Ranking ranking = prepare(make_scores());
  for (const double bits : {4.4, 5.0, 6.5, 8.0}) {
    const Allocation allocation = allocate(ranking, Budget::Kind::average_bits, bits);
    EXPECT_LE(allocation.size.effective_bits(), bits);
    EXPECT_GT(allocation.size.effective_bits(), bits - 0.01);
  }
  // The bits of a known map give that map again.
  const Allocation known = allocate(ranking, Budget::Kind::percent, 37);
  const Allocation again = allocate(ranking, Budget::Kind::average_bits, known.size.effective_bits());
  EXPECT_EQ(again.size.total_bytes, known.size.total_bytes);
}

TEST(Allocation, PerLayerGivesEveryLinearTheSameShare) {
  const SalienceScores scores = make_scores();
  RankingOptions options;
  options.selection = Selection::per_layer;
  const Ranking ranking = prepare(scores, options);
  for (const double percent : {0.0, 10.0, 47.0, 100.0}) {
    const Allocation allocation = allocate(ranking, Budget::Kind::percent, percent);
    EXPECT_EQ(allocation.map.features8(), std::llround(percent * static_cast<double>(allocation.map.features()) / 100));
    for (std::size_t i = 0; i < allocation.map.linears.size(); ++i) {
      const LinearBits& linear = allocation.map.linears[i];
      EXPECT_NEAR(static_cast<double>(linear.rows8.size()), percent / 100 * static_cast<double>(linear.rows), 1.0);
      double worst_inside = std::numeric_limits<double>::infinity();
      double best_outside = 0;
      for (std::uint32_t row = 0; row < linear.rows; ++row) {
        const double score = scores.linears[i].scores[row];
        if (std::binary_search(linear.rows8.begin(), linear.rows8.end(), row))
          worst_inside = std::min(worst_inside, score);
        else
          best_outside = std::max(best_outside, score);
      }
      EXPECT_GE(worst_inside, best_outside);
    }
  }
}

TEST(Allocation, RandomFollowsItsSeedAndNotTheScores) {
  const SalienceScores scores = make_scores();
  RankingOptions options;
  options.selection = Selection::random;
  options.seed = 11;
  const Allocation first = allocate(prepare(scores, options), Budget::Kind::percent, 30);
  EXPECT_EQ(rows_of(allocate(prepare(make_scores(3, 99), options), Budget::Kind::percent, 30).map), rows_of(first.map));
  options.seed = 12;
  EXPECT_NE(rows_of(allocate(prepare(scores, options), Budget::Kind::percent, 30).map), rows_of(first.map));
  // No linear is far from its share (5 standard deviations of a binomial count).
  for (const LinearBits& linear : first.map.linears) {
    const double rows = static_cast<double>(linear.rows);
    EXPECT_NEAR(static_cast<double>(linear.rows8.size()), 0.3 * rows, 5 * std::sqrt(0.21 * rows));
  }
}

TEST(Allocation, WholeLinearsAreTied) {
  const SalienceScores scores = make_scores();
  for (const RankBy rank : {RankBy::salience, RankBy::density}) {
    for (const Selection selection : {Selection::global, Selection::random}) {
      RankingOptions options;
      options.granularity = Granularity::linear;
      options.rank = rank;
      options.selection = selection;
      const Ranking ranking = prepare(scores, options);
      for (const double percent : {0.0, 5.0, 30.0, 70.0, 100.0}) {
        const Allocation allocation = allocate(ranking, Budget::Kind::percent, percent);
        EXPECT_LE(allocation.percent, percent + 1e-3);
        EXPECT_GE(allocation.percent, percent - 100.0 * 400 / 1992);  // no more than gate and up are left over
        for (std::size_t i = 0; i < allocation.map.linears.size(); i += 7) {
          const auto whole = [&](std::size_t j) {
            const LinearBits& linear = allocation.map.linears[i + j];
            EXPECT_TRUE(linear.rows8.empty() || static_cast<std::int64_t>(linear.rows8.size()) == linear.rows);
            return !linear.rows8.empty();
          };
          EXPECT_EQ(whole(0), whole(1));
          EXPECT_EQ(whole(0), whole(2));
          EXPECT_EQ(whole(4), whole(5));
        }
        EXPECT_NEAR(allocation.predicted_loss, loss_of(scores, allocation.map), 1e-6);
      }
    }
  }
}

TEST(Allocation, WholeLinearsRankByTheirSumOrSumPerByte) {
  SalienceScores scores = make_scores(1);
  for (LinearScores& linear : scores.linears)
    std::fill(linear.scores.begin(), linear.scores.end(), 0.01);
  scores.linears[4].scores[3] = 100;  // gate: the largest sum, in the largest group
  scores.linears[3].scores[5] = 90;   // o: fewer bytes
  RankingOptions options;
  options.granularity = Granularity::linear;
  const double room = 100.0 * 400 / 664;
  const Allocation by_sum = allocate(prepare(scores, options), Budget::Kind::percent, room);
  EXPECT_THAT(by_sum.map.linears[4].rows8, SizeIs(200));
  EXPECT_THAT(by_sum.map.linears[5].rows8, SizeIs(200));
  EXPECT_THAT(by_sum.map.linears[3].rows8, SizeIs(0));
  options.rank = RankBy::density;
  const Allocation by_density = allocate(prepare(scores, options), Budget::Kind::percent, room);
  EXPECT_THAT(by_density.map.linears[3].rows8, SizeIs(72));
  EXPECT_THAT(by_density.map.linears[4].rows8, SizeIs(0));
  EXPECT_THAT(by_density.map.linears[0].rows8, SizeIs(72)) << "what still fits is taken";
}

TEST(Allocation, RoundsEachLinearToTheNearestMultiple) {
  const SalienceScores scores = make_scores();
  for (const std::int64_t multiple : {2, 3, 16, 64, 1000}) {
    RankingOptions options;
    const Ranking plain = prepare(scores, options);
    options.row_multiple = multiple;
    const Ranking rounded = prepare(scores, options);
    for (const double percent : {0.0, 7.0, 25.0, 60.0, 100.0}) {
      const Allocation exact = allocate(plain, Budget::Kind::percent, percent);
      const Allocation allocation = allocate(rounded, Budget::Kind::percent, percent);
      for (std::size_t i = 0; i < exact.map.linears.size(); ++i) {
        const std::int64_t rows = exact.map.linears[i].rows;
        const std::int64_t count = static_cast<std::int64_t>(exact.map.linears[i].rows8.size());
        const std::int64_t below = count / multiple * multiple;
        const std::int64_t above = std::min(below + multiple, rows);
        const std::int64_t nearest = count - below < above - count ? below : above;
        EXPECT_EQ(static_cast<std::int64_t>(allocation.map.linears[i].rows8.size()), count == rows ? rows : nearest);
      }
      EXPECT_NEAR(allocation.predicted_loss, loss_of(scores, allocation.map), 1e-6);
      EXPECT_DOUBLE_EQ(allocation.rounding_loss, allocation.predicted_loss - exact.predicted_loss);
    }
  }
}

TEST(Allocation, RoundingNeverExceedsABytesBudget) {
  const SalienceScores scores = make_scores();
  RankingOptions options;
  options.row_multiple = 16;
  const Ranking ranking = prepare(scores, options);
  const std::int64_t least = ranking.smallest().total_bytes;
  const std::int64_t most = ranking.largest().total_bytes;
  const std::int64_t largest_block = 16 * 200;
  double losses = 0;
  for (std::int64_t bytes = least; bytes <= most; bytes += (most - least) / 41) {
    const Allocation allocation = allocate(ranking, Budget::Kind::bytes, static_cast<double>(bytes));
    EXPECT_LE(allocation.size.total_bytes, bytes);
    EXPECT_GT(allocation.size.total_bytes, bytes - largest_block);
    losses += allocation.rounding_loss;
    for (const LinearBits& linear : allocation.map.linears)
      EXPECT_TRUE(linear.rows8.size() % 16 == 0 || static_cast<std::int64_t>(linear.rows8.size()) == linear.rows);
  }
  EXPECT_GT(losses, 0);
}

TEST(Allocation, RefusesWhatCannotBe) {
  const SalienceScores scores = make_scores();
  const Ranking ranking = prepare(scores);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const double percent : {-0.1, 100.1, nan}) {
    const auto refused = ranking.allocate({Budget::Kind::percent, percent});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::range);
    EXPECT_EQ(refused.error().key, "percent");
  }
  const std::int64_t least = ranking.smallest().total_bytes;
  for (const double bytes : {static_cast<double>(least - 1), 0.0, -5.0, nan}) {
    const auto refused = ranking.allocate({Budget::Kind::bytes, bytes});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::range);
    EXPECT_THAT(refused.error().expected, HasSubstr(std::to_string(least)));
    EXPECT_THAT(refused.error().expected, HasSubstr(std::to_string(ranking.largest().total_bytes)));
  }
  for (const double bits : {4.0, nan}) {
    const auto refused = ranking.preview({Budget::Kind::average_bits, bits});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().key, "average_bits");
  }
  RankingOptions options;
  options.row_multiple = 0;
  EXPECT_FALSE(Ranking::prepare(scores, options));
  options = {};
  options.group = 0;
  EXPECT_FALSE(Ranking::prepare(scores, options));
  options = {};
  options.granularity = Granularity::linear;
  options.selection = Selection::per_layer;
  EXPECT_FALSE(Ranking::prepare(scores, options));
  EXPECT_FALSE(Ranking::prepare({}, {}));
  for (const double bad : {nan, -1.0, std::numeric_limits<double>::infinity()}) {
    SalienceScores broken = scores;
    broken.linears[2].scores[4] = bad;
    const auto refused = Ranking::prepare(broken, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::numeric);
    EXPECT_EQ(refused.error().key, "model.layers.0.self_attn.v_proj");
  }
}

TEST(UniformMap, EveryRowIsStoredAlikeAndThePayloadIsTheWidth) {
  ModelConfig config;
  config.hidden_size = 64;
  config.intermediate_size = 160;
  config.layers = 2;
  config.heads = 4;
  config.kv_heads = 2;
  config.head_dim = 16;
  for (std::int32_t bits = 2; bits <= 8; ++bits) {
    const auto map = uniform_map(config, bits);
    ASSERT_TRUE(map);
    EXPECT_THAT(map->linears, SizeIs(14));
    EXPECT_EQ(map->features8(), bits > 4 ? map->features() : 0);
    const SizeReport size = bit_map_size(*map, 128);
    EXPECT_DOUBLE_EQ(size.payload_bits(), bits);
    EXPECT_EQ(size.total_bytes, bit_map_size(*uniform_map(config, bits > 4 ? 8 : 4), 128).total_bytes);
  }
  for (const std::int32_t bits : {-4, 0, 1, 9}) {
    const auto refused = uniform_map(config, bits);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().key, "uniform");
  }
}

TEST(SpreadMap, RowsAreEvenlySpaced) {
  ModelConfig config;
  config.hidden_size = 64;
  config.intermediate_size = 160;
  config.layers = 1;
  config.heads = 4;
  config.kv_heads = 2;
  config.head_dim = 16;
  const BitMap map = spread_map(config, 6.25);
  EXPECT_THAT(map.linears[1].rows8, ElementsAre(8, 24));
  EXPECT_EQ(map.uniform_bits, 0);
  rows_of(map);
  EXPECT_EQ(spread_map(config, 100).features8(), map.features());
}

}  // namespace
}  // namespace salient
