// SPDX-License-Identifier: GPL-3.0-or-later
// Colours and patterns of plots for a light or dark palette. The colours are told apart with any colour vision (Okabe
// and Ito's set, adjusted to each background), and no meaning rests on colour alone: each class has a brush pattern
// and each method a marker as well.
#pragma once

#include <qcustomplot.h>

#include <QBrush>
#include <QColor>
#include <QPalette>

#include "core/model/linear_id.h"

namespace salient::ui {

struct PlotTheme {
  bool dark = false;
  QColor background;
  QColor text;
  QColor axis;
  QColor grid;
  QColor accent;  ///< the chosen point, selections; stands out from the background in any palette

  [[nodiscard]] static PlotTheme of(const QPalette& palette);
  [[nodiscard]] QColor series(int index) const;           ///< any index; wraps
  [[nodiscard]] Qt::BrushStyle pattern(int index) const;  ///< goes with series()
  [[nodiscard]] QCPScatterStyle marker(int index, double size = 9) const;
  [[nodiscard]] QBrush brush(LinearKind kind) const;  ///< colour and pattern of a projection class (q, k, v, …)
  [[nodiscard]] QCPColorGradient heat() const;        ///< monotone in lightness; the background's end is the smallest

  /// Pens, label colours and fonts of an axis (PlotPanel does so for those of the chart's axis rects).
  void style(QCPAxis& axis, const QFont& font) const;

  /// Contrast of two colours after WCAG 2: 1 to 21.
  [[nodiscard]] static double contrast(const QColor& a, const QColor& b);
};

}  // namespace salient::ui
