// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/salience_figures.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "ui/models/numbers.h"

namespace salient::ui {
namespace {

constexpr int kScoreBins = 48;

template <class Value, class Transform>
Histogram distribution(std::span<const Value> values, int bins, const Transform& transform) {
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  for (const Value value : values) {
    const double x = transform(value);
    if (!std::isfinite(x)) continue;
    low = std::min(low, x);
    high = std::max(high, x);
  }
  Histogram made;
  if (low > high) return made;
  made.low = low;
  made.high = high;
  made.counts.assign(static_cast<std::size_t>(low == high ? 1 : bins), 0);
  for (const Value value : values) {
    const double x = transform(value);
    if (std::isfinite(x)) made.counts[made.bin(x)] += 1;
  }
  return made;
}

double logarithm(double score) {
  return score > 0 ? std::log10(score) : -std::numeric_limits<double>::infinity();
}

}  // namespace

QString kindLabel(LinearKind kind) {
  const auto name = linear_kind_name(kind);
  return QString::fromLatin1(name.data(), static_cast<qsizetype>(name.size()));
}

QString scoreText(double score) {
  return numbers::significant(score);
}

QString linearLabel(LinearId id) {
  return QCoreApplication::translate("salience", "Layer %1 · %2").arg(id.layer).arg(kindLabel(id.kind));
}

std::size_t Histogram::bin(double value) const {
  if (counts.empty() || !(width() > 0)) return 0;
  const double place = std::clamp((value - low) / width(), 0.0, static_cast<double>(counts.size() - 1));
  return static_cast<std::size_t>(place);
}

Histogram histogram(std::span<const float> values, int bins) {
  return distribution(values, bins, [](float value) { return static_cast<double>(value); });
}

Histogram logHistogram(std::span<const double> scores, int bins) {
  return distribution(scores, bins, logarithm);
}

LinearOrder orderOf(const LinearScores& linear) {
  LinearOrder order;
  order.rows.resize(linear.scores.size());
  std::iota(order.rows.begin(), order.rows.end(), 0U);
  std::stable_sort(order.rows.begin(), order.rows.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return linear.scores[a] > linear.scores[b]; });
  order.scores.reserve(order.rows.size());
  for (const std::uint32_t row : order.rows)
    order.scores.push_back(linear.scores[row]);
  order.distribution = logHistogram(linear.scores, kScoreBins);
  order.zeros = std::count(linear.scores.begin(), linear.scores.end(), 0.0);
  return order;
}

FeaturePlace placeOf(const SalienceScores& scores, std::size_t linear, std::uint32_t row) {
  FeaturePlace place;
  place.score = scores.linears[linear].scores[row];
  place.rows = scores.linears[linear].rows;
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  std::int64_t greater = 0;
  std::int64_t smaller = 0;
  for (const LinearScores& one : scores.linears) {
    for (const double score : one.scores) {
      greater += score > place.score ? 1 : 0;
      smaller += score < place.score ? 1 : 0;
      const double x = logarithm(score);
      if (!std::isfinite(x)) continue;
      low = std::min(low, x);
      high = std::max(high, x);
    }
  }
  const auto& own = scores.linears[linear].scores;
  place.rankInLinear = 1 + std::count_if(own.begin(), own.end(), [&](double score) { return score > place.score; });
  place.features = scores.features();
  place.rank = greater + 1;
  if (place.features > 1)
    place.percentile = 100.0 * static_cast<double>(smaller) / static_cast<double>(place.features - 1);
  if (low <= high) {
    place.distribution.low = low;
    place.distribution.high = high;
    place.distribution.counts.assign(static_cast<std::size_t>(low == high ? 1 : kScoreBins), 0);
    for (const LinearScores& one : scores.linears)
      for (const double score : one.scores)
        if (score > 0) place.distribution.counts[place.distribution.bin(std::log10(score))] += 1;
  }
  return place;
}

}  // namespace salient::ui
