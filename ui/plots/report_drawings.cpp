// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/report_drawings.h"

#include <algorithm>
#include <cmath>

#include "ui/models/numbers.h"

namespace salient::ui {
namespace {

QString shortName(LinearKind kind) {
  const std::string_view name = linear_kind_name(kind);
  return QString::fromLatin1(name.data(), static_cast<int>(name.size())).remove(QLatin1String("_proj"));
}

/// The painter's pen of one point of the paper, in device units.
double hairline(const QPainter& painter) {
  return 0.5 * painter.device()->logicalDpiX() / 72.0;
}

/// 1, 2 or 5 times a power of ten: at most about `steps` of them in `range`.
double niceStep(double range, int steps) {
  const double rough = range / std::max(steps, 1);
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= rough) return factor * power;
  }
  return 10 * power;
}

void drawLegend(QPainter& painter, QRectF area, const PlotTheme& theme) {
  const QFontMetricsF metrics(painter.font(), painter.device());
  const double box = 0.8 * metrics.ascent();
  double x = area.left();
  for (const LinearKind kind : kLinearKinds) {
    const QString name = shortName(kind);
    painter.setBrush(theme.brush(kind));
    painter.setPen(QPen(theme.axis, hairline(painter)));
    painter.drawRect(QRectF(x, area.top() + (area.height() - box) / 2, box, box));
    x += 1.4 * box;
    painter.setPen(theme.text);
    painter.drawText(QRectF(x, area.top(), metrics.horizontalAdvance(name) + box, area.height()), Qt::AlignVCenter,
                     name);
    x += metrics.horizontalAdvance(name) + 1.6 * box;
  }
}

}  // namespace

void drawShares(QPainter& painter, const QRectF& area, const BitMap& map, double most, const PlotTheme& theme) {
  painter.save();
  const QFontMetricsF metrics(painter.font(), painter.device());
  const double line = metrics.height();
  const double left = metrics.horizontalAdvance(QStringLiteral("100 %")) + 0.4 * line;
  const QRectF plot = area.adjusted(left, 0.5 * line, 0, -3.2 * line);
  const double step = niceStep(most, 4);
  for (double value = 0; value <= most + 1e-9; value += step) {
    const double y = plot.bottom() - plot.height() * value / most;
    painter.setPen(QPen(theme.grid, hairline(painter)));
    painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y));
    painter.setPen(theme.text);
    painter.drawText(QRectF(area.left(), y - line / 2, left - 0.3 * line, line), Qt::AlignRight | Qt::AlignVCenter,
                     numbers::percent(value, step < 1 ? 1 : 0));
  }
  std::int32_t layers = 1;
  for (const LinearBits& linear : map.linears)
    layers = std::max(layers, linear.id.layer + 1);
  const double group = plot.width() / layers;
  const double bar = 0.84 * group / static_cast<double>(kLinearKinds.size());
  for (const LinearBits& linear : map.linears) {
    if (linear.rows == 0) continue;
    const double share = 100.0 * static_cast<double>(linear.rows8.size()) / static_cast<double>(linear.rows);
    const double height = plot.height() * std::min(share, most) / most;
    const double x = plot.left() + group * linear.id.layer + 0.08 * group + bar * static_cast<double>(linear.id.kind);
    // The colour first: a pattern alone is mostly paper.
    const QRectF rect(x, plot.bottom() - height, bar, height);
    QColor tint = theme.brush(linear.id.kind).color();
    tint.setAlphaF(0.35F);
    painter.fillRect(rect, tint);
    painter.setBrush(theme.brush(linear.id.kind));
    painter.setPen(QPen(theme.brush(linear.id.kind).color(), 0.5 * hairline(painter)));
    painter.drawRect(rect);
  }
  painter.setPen(QPen(theme.axis, hairline(painter)));
  painter.drawLine(plot.bottomLeft(), plot.bottomRight());
  painter.setPen(theme.text);
  // As many layer numbers as fit without touching.
  const int every =
      std::max(1, static_cast<int>(std::ceil(1.6 * metrics.horizontalAdvance(QString::number(layers)) / group)));
  for (int layer = 0; layer < layers; layer += every) {
    const QRectF cell(plot.left() + group * layer - line, plot.bottom(), group + 2 * line, 1.2 * line);
    painter.drawText(cell, Qt::AlignCenter, QString::number(layer));
  }
  drawLegend(painter, QRectF(plot.left(), plot.bottom() + 1.6 * line, plot.width(), 1.4 * line), theme);
  painter.restore();
}

int intervalLines(int count) {
  return 2 * count + 3;
}

void drawIntervals(QPainter& painter, const QRectF& area, const QVector<Interval>& intervals, const PlotTheme& theme) {
  if (intervals.isEmpty()) return;
  painter.save();
  const QFontMetricsF metrics(painter.font(), painter.device());
  const double line = metrics.height();
  double left = 0;
  double right = 0;
  double least = intervals[0].value;
  double most = least;
  for (const Interval& one : intervals) {
    left = std::max(left, metrics.horizontalAdvance(one.label));
    right = std::max(right, metrics.horizontalAdvance(one.text));
    least = std::min(least, one.value - one.error);
    most = std::max(most, one.value + one.error);
  }
  const double margin = std::max(0.08 * (most - least), 1e-3 * std::abs(most) + 1e-9);
  least -= margin;
  most += margin;
  const QRectF plot = area.adjusted(left + line, 0.3 * line, -right - line, -2 * line);
  const auto place = [&](double value) { return plot.left() + plot.width() * (value - least) / (most - least); };
  const double step = niceStep(most - least, 5);
  const int decimals = std::max(0, static_cast<int>(std::ceil(-std::log10(step))));
  for (double value = std::ceil(least / step) * step; value <= most; value += step) {
    painter.setPen(QPen(theme.grid, hairline(painter)));
    painter.drawLine(QPointF(place(value), plot.top()), QPointF(place(value), plot.bottom()));
    painter.setPen(theme.text);
    painter.drawText(QRectF(place(value) - 5 * line, plot.bottom(), 10 * line, 1.3 * line), Qt::AlignCenter,
                     numbers::fixed(value, decimals));
  }
  const double height = plot.height() / static_cast<double>(intervals.size());
  for (int i = 0; i < intervals.size(); ++i) {
    const Interval& one = intervals[i];
    const double y = plot.top() + height * (i + 0.5);
    const double tick = 0.25 * line;
    painter.setPen(QPen(theme.series(i), 2 * hairline(painter)));
    painter.drawLine(QPointF(place(one.value - one.error), y), QPointF(place(one.value + one.error), y));
    for (const double end : {one.value - one.error, one.value + one.error})
      painter.drawLine(QPointF(place(end), y - tick), QPointF(place(end), y + tick));
    painter.setBrush(theme.series(i));
    painter.drawEllipse(QPointF(place(one.value), y), 0.8 * tick, 0.8 * tick);
    painter.setPen(theme.text);
    painter.drawText(QRectF(area.left(), y - line, left + 0.5 * line, 2 * line), Qt::AlignLeft | Qt::AlignVCenter,
                     one.label);
    painter.drawText(QRectF(plot.right() + 0.5 * line, y - line, right + line, 2 * line),
                     Qt::AlignLeft | Qt::AlignVCenter, one.text);
  }
  painter.restore();
}

}  // namespace salient::ui
