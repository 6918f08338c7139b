// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/tickers.h"

#include <algorithm>
#include <cmath>

#include "ui/models/numbers.h"

namespace salient::ui {
namespace {

constexpr int kMostDecimals = 6;
constexpr double kMostPlain = 1e9;  ///< beyond it, and below the last decimal, powers of ten are shorter
constexpr int kFewMarks = 3;

/// Decimals that write `step` and its multiples in full; more than kMostDecimals: too many.
int decimalsOf(double step) {
  double scaled = step;
  for (int decimals = 0; decimals <= kMostDecimals; ++decimals, scaled *= 10)
    if (std::abs(scaled - std::round(scaled)) < 1e-6 * std::max(1.0, scaled) && std::round(scaled) != 0)
      return decimals;
  return kMostDecimals + 1;
}

}  // namespace

double EvenTicker::getTickStep(const QCPRange& range) {
  step_ = QCPAxisTicker::getTickStep(range);
  return step_;
}

QString EvenTicker::getTickLabel(double tick, const QLocale& locale, QChar formatChar, int precision) {
  const int decimals = decimalsOf(step_);
  if (decimals > kMostDecimals || std::abs(tick) >= kMostPlain)
    return QCPAxisTicker::getTickLabel(tick, locale, formatChar, precision);
  const bool zero = std::abs(tick) < step_ / 2;  // not "-0.00"
  return numbers::fixed(zero ? 0 : tick, decimals);
}

double CountTicker::getTickStep(const QCPRange& range) {
  // A range that is seen closely has steps below one.
  step_ = std::max(1.0, std::ceil(EvenTicker::getTickStep(range)));
  return step_;
}

int CountTicker::getSubTickCount(double step) {
  return step > 1 ? EvenTicker::getSubTickCount(step) : 0;
}

double PowerTicker::getTickStep(const QCPRange& range) {
  return std::max(1.0, std::ceil(range.size() / 8));
}

QVector<double> PowerTicker::createTickVector(double step, const QCPRange& range) {
  QVector<double> ticks = QCPAxisTicker::createTickVector(step, range);
  const auto seen = std::count_if(ticks.begin(), ticks.end(), [&](double tick) { return range.contains(tick); });
  parts_ = step == 1 && seen < kFewMarks;
  if (!parts_) return ticks;
  ticks.clear();
  for (double power = std::floor(range.lower); power <= range.upper; ++power) {
    for (const double part : {1.0, 2.0, 5.0})
      ticks.append(power + std::log10(part));
  }
  return ticks;
}

QString PowerTicker::getTickLabel(double tick, const QLocale&, QChar, int) {
  if (!parts_) return numbers::powerOfTen(static_cast<int>(std::lround(tick)));
  return numbers::significant(std::pow(10, tick), 2);
}

}  // namespace salient::ui
