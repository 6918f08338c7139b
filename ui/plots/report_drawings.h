// SPDX-License-Identifier: GPL-3.0-or-later
// The report's charts, drawn with a painter on paper. Lengths follow the painter's font; each function draws inside
// `area` and leaves nothing but ink there.
#pragma once

#include <QPainter>
#include <QRectF>
#include <QString>
#include <QVector>

#include "core/search/allocation.h"
#include "ui/plots/theme.h"

namespace salient::ui {

/// Share of 8-bit features of each linear, bars grouped by layer, colour and pattern by projection, legend below.
void drawShares(QPainter& painter, const QRectF& area, const BitMap& map, double most, const PlotTheme& theme);

struct Interval {
  QString label;
  double value = 0;
  double error = 0;  ///< one standard error; 0: unknown
  QString text;
};
/// Points with whiskers of one standard error, one line each, on a common axis that need not begin at zero.
void drawIntervals(QPainter& painter, const QRectF& area, const QVector<Interval>& intervals, const PlotTheme& theme);

/// Lines of text that drawIntervals() needs.
[[nodiscard]] int intervalLines(int count);

}  // namespace salient::ui
