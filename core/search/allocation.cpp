// SPDX-License-Identifier: Apache-2.0
#include "core/search/allocation.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "core/base/random.h"
#include "core/compute/quantized_matrix.h"

namespace salient {
namespace {

std::int64_t half_up(std::int64_t count) {
  return (count + 1) / 2;
}

/// Bytes that a row takes more in 8 bit than in 4 bit; always positive, and the same for every row of a linear.
std::int64_t extra_bytes(std::int64_t cols, std::int64_t group) {
  return linear_size(1, cols, 1, group).total_bytes - linear_size(1, cols, 0, group).total_bytes;
}

SizeReport& operator+=(SizeReport& sum, const SizeReport& part) {
  sum.weights += part.weights;
  sum.payload_bytes += part.payload_bytes;
  sum.total_bytes += part.total_bytes;
  return sum;
}

/// A thing to be ranked: the greatest key first, then the lowest index.
struct Ranked {
  double key = 0;
  std::uint32_t index = 0;
};
void sort_by_rank(std::vector<Ranked>& items) {
  std::sort(items.begin(), items.end(),
            [](const Ranked& a, const Ranked& b) { return a.key != b.key ? a.key > b.key : a.index < b.index; });
}

/// Rows of one linear, best first.
std::vector<Ranked> rank_rows(const std::vector<double>& scores) {
  std::vector<Ranked> rows(scores.size());
  for (std::size_t row = 0; row < rows.size(); ++row)
    rows[row] = {scores[row], static_cast<std::uint32_t>(row)};
  sort_by_rank(rows);
  return rows;
}

/// q, k, v share their input, as do gate and up: engines that fuse them need one width for all.
bool tied(LinearId a, LinearId b) {
  const auto leader = [](LinearKind kind) {
    if (kind == LinearKind::k || kind == LinearKind::v) return LinearKind::q;
    return kind == LinearKind::up ? LinearKind::gate : kind;
  };
  return a.layer == b.layer && leader(a.kind) == leader(b.kind);
}

Error budget_error(std::string key, std::string expected, std::string found) {
  return {ErrorCode::range, "", std::move(key), std::move(expected), std::move(found), "choose a budget in this range"};
}

/// What a budget of bytes or bits allows.
double bytes_of(const Budget& budget, const SizeReport& smallest) {
  if (budget.kind == Budget::Kind::bytes) return budget.value;
  // A hair's breadth, so that the bits of a known size, printed and read back, give that size again.
  const double exact = budget.value * static_cast<double>(smallest.weights) / 8;
  return std::floor(exact * (1 + 1e-12));
}

}  // namespace

std::int64_t BitMap::features() const {
  std::int64_t sum = 0;
  for (const LinearBits& linear : linears)
    sum += linear.rows;
  return sum;
}

const LinearBits* BitMap::find(LinearId id) const {
  const auto found = std::lower_bound(linears.begin(), linears.end(), id,
                                      [](const LinearBits& linear, LinearId wanted) { return linear.id < wanted; });
  return found != linears.end() && found->id == id ? &*found : nullptr;
}

std::int64_t BitMap::features8() const {
  std::int64_t sum = 0;
  for (const LinearBits& linear : linears)
    sum += static_cast<std::int64_t>(linear.rows8.size());
  return sum;
}

Status check_budget(const Budget& budget, const SizeReport& smallest, const SizeReport& largest) {
  if (budget.kind == Budget::Kind::percent) {
    if (budget.value >= 0 && budget.value <= 100) return {};
    return budget_error("percent", "0 to 100", fmt::to_string(budget.value));
  }
  if (bytes_of(budget, smallest) >= static_cast<double>(smallest.total_bytes)) return {};
  if (budget.kind == Budget::Kind::average_bits) {
    return budget_error("average_bits",
                        fmt::format("{:.4f} (everything in 4 bit) to {:.4f} (everything in 8 bit), scales, zeros and "
                                    "row indices counted",
                                    smallest.effective_bits(), largest.effective_bits()),
                        fmt::to_string(budget.value));
  }
  return budget_error(
      "size",
      fmt::format("{} (everything in 4 bit) to {} (everything in 8 bit)", smallest.total_bytes, largest.total_bytes),
      fmt::format("{:.0f}", budget.value));
}

SizeReport linear_size(std::int64_t rows, std::int64_t cols, std::int64_t rows8, std::int64_t group) {
  const std::int64_t rows4 = rows - rows8;
  const std::int64_t groups = group_count(cols, group);
  SizeReport size;
  size.weights = rows * cols;
  size.payload_bytes = rows4 * half_up(cols) + rows8 * cols;
  const std::int64_t row_index_bytes = 4;
  size.total_bytes = size.payload_bytes + rows * 2 * groups + rows4 * half_up(groups) + rows8 * row_index_bytes;
  return size;
}

SizeReport bit_map_size(const BitMap& map, std::int64_t group) {
  SizeReport sum;
  for (const LinearBits& linear : map.linears)
    sum += linear_size(linear.rows, linear.cols, static_cast<std::int64_t>(linear.rows8.size()), group);
  if (map.uniform_bits != 0) sum.payload_bytes = (sum.weights * map.uniform_bits + 7) / 8;
  return sum;
}

/// A budget in the terms of take().
struct Ranking::Limit {
  bool by_bytes = false;
  std::int64_t target = 0;  ///< extra bytes over all-4-bit, or features in 8 bit
};

Status Ranking::check(const RankingOptions& options) {
  if (options.group < 1)
    return Error{ErrorCode::usage, "", "group", "1 or more", fmt::to_string(options.group), "use 32, 64 or 128"};
  if (options.row_multiple < 1)
    return Error{ErrorCode::usage,       "", "row_multiple", "1 or more", fmt::to_string(options.row_multiple),
                 "use 1 for no rounding"};
  if (options.granularity == Granularity::linear && options.selection == Selection::per_layer)
    return Error{ErrorCode::usage,
                 "",
                 "selection",
                 "global or random with whole linears",
                 "per-layer, the same share of every linear",
                 "use granularity feature, or another selection"};
  return {};
}

Result<Ranking> Ranking::prepare(const SalienceScores& scores, const RankingOptions& options) {
  SALIENT_CHECK(check_scores(scores, ""));
  SALIENT_CHECK(check(options));
  if (scores.features() > std::numeric_limits<std::uint32_t>::max())
    return Error{ErrorCode::unsupported, "", "features", "fewer than 2^32", fmt::to_string(scores.features()), ""};

  Ranking ranking;
  ranking.options_ = options;
  ranking.features_ = scores.features();
  for (const LinearScores& linear : scores.linears) {
    ranking.linears_.push_back({linear.id, linear.rows, linear.cols, {}, {}});
    ranking.smallest_ += linear_size(linear.rows, linear.cols, 0, options.group);
    ranking.largest_ += linear_size(linear.rows, linear.cols, linear.rows, options.group);
  }
  if (options.granularity == Granularity::linear)
    SALIENT_CHECK(ranking.rank_linears(scores));
  else
    ranking.rank_features(scores);
  return ranking;
}

void Ranking::rank_features(const SalienceScores& scores) {
  std::vector<Ranked> order;
  order.reserve(static_cast<std::size_t>(features_));
  Random random(options_.seed);
  for (const LinearScores& linear : scores.linears) {
    const std::size_t first = order.size();
    const double extra = static_cast<double>(extra_bytes(linear.cols, options_.group));
    for (const double score : linear.scores) {
      double key = score;
      if (options_.selection == Selection::random)
        key = random.uniform();
      else if (options_.rank == RankBy::density)
        key = score / extra;
      order.push_back({key, static_cast<std::uint32_t>(order.size())});
    }
    if (options_.selection == Selection::per_layer) {
      // The j-th best of N features enters when the share reaches (j + ½)/N: shares stay equal to half a feature.
      const std::vector<Ranked> rows = rank_rows(linear.scores);
      for (std::size_t j = 0; j < rows.size(); ++j)
        order[first + rows[j].index].key = -(static_cast<double>(j) + 0.5) / static_cast<double>(rows.size());
    }
  }
  sort_by_rank(order);
  order_size_ = features_;

  std::vector<std::uint32_t> first_of_linear;
  std::vector<std::uint32_t> linear_of(order.size());
  for (std::size_t i = 0; i < linears_.size(); ++i) {
    LinearRank& linear = linears_[i];
    const std::size_t rows = static_cast<std::size_t>(linear.rows);
    const std::size_t first = i == 0 ? 0 : first_of_linear.back() + scores.linears[i - 1].scores.size();
    first_of_linear.push_back(static_cast<std::uint32_t>(first));
    std::fill_n(linear_of.begin() + static_cast<std::ptrdiff_t>(first), rows, static_cast<std::uint32_t>(i));
    linear.rank.resize(rows);
    linear.loss.assign(rows + 1, 0);
    series_.push_back({i, 1, linear.rows, 1, extra_bytes(linear.cols, options_.group), {}});
    series_.back().places.reserve(rows);
  }
  for (std::size_t place = 0; place < order.size(); ++place) {
    const std::uint32_t i = linear_of[order[place].index];
    const std::uint32_t row = order[place].index - first_of_linear[i];
    std::vector<std::uint32_t>& places = series_[i].places;
    linears_[i].rank[row] = static_cast<std::uint32_t>(places.size());
    linears_[i].loss[places.size()] = scores.linears[i].scores[row];
    places.push_back(static_cast<std::uint32_t>(place));
  }
  for (LinearRank& linear : linears_)  // summed from the smallest up
    for (std::size_t n = linear.loss.size() - 1; n-- > 0;)
      linear.loss[n] += linear.loss[n + 1];

  if (options_.row_multiple == 1) return;
  for (const Series& rows : series_) {
    Series blocks = rows;
    blocks.rows_per_item = std::min(options_.row_multiple, std::max<std::int64_t>(rows.rows, 1));
    blocks.places.clear();
    for (std::int64_t first = 0; first < rows.rows; first += blocks.rows_per_item) {
      const std::int64_t last = std::min(first + blocks.rows_per_item, rows.rows) - 1;
      blocks.places.push_back(rows.places[static_cast<std::size_t>((first + last) / 2)]);
    }
    blocks_.push_back(std::move(blocks));
  }
}

Status Ranking::rank_linears(const SalienceScores& scores) {
  std::vector<Ranked> order;
  Random random(options_.seed);
  for (std::size_t i = 0; i < linears_.size(); ++i) {
    LinearRank& linear = linears_[i];
    const std::vector<double>& values = scores.linears[i].scores;
    const double sum = std::accumulate(values.begin(), values.end(), 0.0);
    linear.rank.resize(values.size());
    std::iota(linear.rank.begin(), linear.rank.end(), 0U);
    linear.loss.assign(values.size() + 1, sum);
    linear.loss.back() = 0;
    if (i == 0 || !tied(linears_[i - 1].id, linear.id)) {
      series_.push_back({i, 0, 0, 0, extra_bytes(linear.cols, options_.group), {}});
      order.push_back({0, static_cast<std::uint32_t>(order.size())});
    } else if (linears_[i - 1].cols != linear.cols) {
      return Error{
          ErrorCode::mismatch,         "",
          linear_name(linear.id),      fmt::format("{} inputs, as the linear it is tied to", linears_[i - 1].cols),
          fmt::to_string(linear.cols), "search again"};
    }
    Series& unit = series_.back();
    unit.linears += 1;
    unit.rows += linear.rows;
    unit.rows_per_item = unit.rows;
    order.back().key += sum;
  }
  for (Ranked& unit : order) {
    const Series& series = series_[unit.index];
    if (options_.selection == Selection::random)
      unit.key = random.uniform();
    else if (options_.rank == RankBy::density)
      unit.key /= static_cast<double>(series.rows * series.bytes_per_row);
  }
  sort_by_rank(order);
  order_size_ = static_cast<std::int64_t>(order.size());
  for (std::size_t place = 0; place < order.size(); ++place)
    series_[order[place].index].places.push_back(static_cast<std::uint32_t>(place));
  return {};
}

Ranking::Limit Ranking::limit(const Budget& budget) const {
  if (budget.kind == Budget::Kind::percent)
    return {false, std::llround(budget.value * static_cast<double>(features_) / 100)};
  const double most = static_cast<double>(largest_.total_bytes);
  return {true, static_cast<std::int64_t>(std::min(bytes_of(budget, smallest_), most)) - smallest_.total_bytes};
}

std::vector<std::int64_t> Ranking::take(const std::vector<Series>& series, const Limit& limit) const {
  std::vector<std::int64_t> items(series.size());
  const auto cost_of = [&](const Series& one, std::int64_t count) {
    return one.rows_of(count) * (limit.by_bytes ? one.bytes_per_row : 1);
  };
  // items[i] = how many of series i come before `place`, known to lie in [least[i], most[i]].
  std::vector<std::int64_t> least(series.size());
  std::vector<std::int64_t> most;
  for (const Series& one : series)
    most.push_back(static_cast<std::int64_t>(one.places.size()));
  const auto cut_at = [&](std::int64_t place) {
    std::int64_t cost = 0;
    for (std::size_t i = 0; i < series.size(); ++i) {
      const auto begin = series[i].places.begin();
      items[i] = std::lower_bound(begin + least[i], begin + most[i], place) - begin;
      cost += cost_of(series[i], items[i]);
    }
    return cost;
  };

  if (!limit.by_bytes && options_.granularity == Granularity::feature) {
    cut_at(limit.target);
  } else {
    std::int64_t low = 0;  // the largest cut that fits
    for (std::int64_t high = order_size_; low < high;) {
      const std::int64_t middle = low + (high - low + 1) / 2;
      if (cut_at(middle) <= limit.target) {
        low = middle;
        least = items;
      } else {
        high = middle - 1;
        most = items;
      }
    }
    std::int64_t left = limit.target - cut_at(low);
    for (;;) {  // then, in order of rank, whatever still fits
      std::size_t best = series.size();
      for (std::size_t i = 0; i < series.size(); ++i) {
        const std::size_t next = static_cast<std::size_t>(items[i]);
        if (next == series[i].places.size()) continue;
        if (cost_of(series[i], items[i] + 1) - cost_of(series[i], items[i]) > left) continue;
        if (best == series.size() ||
            series[i].places[next] < series[best].places[static_cast<std::size_t>(items[best])])
          best = i;
      }
      if (best == series.size()) break;
      left -= cost_of(series[best], items[best] + 1) - cost_of(series[best], items[best]);
      items[best] += 1;
    }
  }

  std::vector<std::int64_t> rows8(linears_.size());
  for (std::size_t i = 0; i < series.size(); ++i)
    for (std::size_t j = 0; j < series[i].linears; ++j) {
      const std::size_t linear = series[i].first_linear + j;
      rows8[linear] = std::min(series[i].rows_of(items[i]), linears_[linear].rows);
    }
  return rows8;
}

double Ranking::loss(std::span<const std::int64_t> rows8) const {
  double sum = 0;
  for (std::size_t i = 0; i < linears_.size(); ++i)
    sum += linears_[i].loss[static_cast<std::size_t>(rows8[i])];
  return sum;
}

Result<Ranking::Point> Ranking::preview(const Budget& budget) const {
  SALIENT_CHECK(check_budget(budget, smallest_, largest_));
  const Limit limit = this->limit(budget);
  Point point;
  point.rows8 = take(blocks_.empty() ? series_ : blocks_, limit);
  point.predicted_loss = loss(point.rows8);
  if (!blocks_.empty()) point.rounding_loss = point.predicted_loss - loss(take(series_, limit));
  std::int64_t features8 = 0;
  for (std::size_t i = 0; i < linears_.size(); ++i) {
    features8 += point.rows8[i];
    point.size += linear_size(linears_[i].rows, linears_[i].cols, point.rows8[i], options_.group);
  }
  if (features_ > 0) point.percent = 100 * static_cast<double>(features8) / static_cast<double>(features_);
  return point;
}

Result<Allocation> Ranking::allocate(const Budget& budget) const {
  SALIENT_ASSIGN(const Point point, preview(budget));
  Allocation allocation{{}, point.size, point.percent, point.predicted_loss, point.rounding_loss};
  allocation.map.linears.reserve(linears_.size());
  std::vector<std::uint32_t> chosen;
  for (std::size_t i = 0; i < linears_.size(); ++i) {
    const LinearRank& linear = linears_[i];
    const std::uint32_t count = static_cast<std::uint32_t>(point.rows8[i]);
    // Without a branch: every row is written, and only the chosen ones advance.
    chosen.resize(std::max(chosen.size(), linear.rank.size()));
    std::uint32_t written = 0;
    for (std::size_t row = 0; row < linear.rank.size(); ++row) {
      chosen[written] = static_cast<std::uint32_t>(row);
      written += linear.rank[row] < count ? 1 : 0;
    }
    allocation.map.linears.push_back({linear.id, linear.rows, linear.cols, {chosen.begin(), chosen.begin() + count}});
  }
  return allocation;
}

Result<BitMap> uniform_map(const ModelConfig& config, std::int32_t bits) {
  if (bits < 2 || bits > 8) return Error{ErrorCode::range, "", "uniform", "2 to 8 bits", fmt::to_string(bits), ""};
  BitMap map = spread_map(config, bits > 4 ? 100 : 0);
  map.uniform_bits = bits;
  return map;
}

BitMap spread_map(const ModelConfig& config, double percent) {
  BitMap map;
  for (std::int32_t layer = 0; layer < config.layers; ++layer) {
    for (const LinearKind kind : kLinearKinds) {
      const auto [rows, cols] = linear_shape(config, kind);
      LinearBits linear{{layer, kind}, rows, cols, {}};
      const std::int64_t count = std::llround(percent / 100 * static_cast<double>(rows));
      for (std::int64_t i = 0; i < count; ++i)
        linear.rows8.push_back(static_cast<std::uint32_t>((2 * i + 1) * rows / (2 * count)));
      map.linears.push_back(std::move(linear));
    }
  }
  return map;
}

}  // namespace salient
