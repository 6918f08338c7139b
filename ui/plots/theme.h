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
  QColor accent;  ///< the chosen point, selections

  [[nodiscard]] static PlotTheme of(const QPalette& palette);
  [[nodiscard]] QColor series(int index) const;           ///< any index; wraps
  [[nodiscard]] Qt::BrushStyle pattern(int index) const;  ///< goes with series()
  [[nodiscard]] QCPScatterStyle marker(int index, double size = 9) const;
  [[nodiscard]] QBrush brush(LinearKind kind) const;  ///< colour and pattern of a projection class (q, k, v, …)
  [[nodiscard]] QCPColorGradient heat() const;        ///< monotone in lightness
};

}  // namespace salient::ui
