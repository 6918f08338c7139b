// SPDX-License-Identifier: GPL-3.0-or-later
// Two ways to draw one number for each linear of a decoder: bars grouped by layer, one plottable for each projection
// class (the paper's Figure 2), and a grid of layers by projections. Both draw straight from the caller's values and
// are quick enough to follow a slider.
#pragma once

#include <qcustomplot.h>

#include <array>
#include <functional>
#include <optional>
#include <vector>

#include "core/model/linear_id.h"
#include "ui/plots/theme.h"
#include "ui/plots/tickers.h"

namespace salient::ui {

/// A number for each linear in order of LinearId: index layer · 7 + kind. NaN: none.
using LinearValues = std::vector<double>;

/// The bars of one class: at x = layer, beside those of the other classes.
class LinearBars : public QCPAbstractPlottable {
  Q_OBJECT
 public:
  LinearBars(QCPAxis* layers, QCPAxis* values, LinearKind kind, const LinearValues& figures);  ///< not copied

  void setTheme(const PlotTheme& theme) { theme_ = theme; }
  /// From where to where along the axis of layers.
  [[nodiscard]] static QCPRange span(LinearId id);
  /// The linear whose place is at x, if there is one.
  [[nodiscard]] static std::optional<LinearId> at(double x, std::int32_t layers);

  double selectTest(const QPointF& position, bool onlySelectable, QVariant* details = nullptr) const override;
  QCPRange getKeyRange(bool& found, QCP::SignDomain domain = QCP::sdBoth) const override;
  QCPRange getValueRange(bool& found, QCP::SignDomain domain = QCP::sdBoth,
                         const QCPRange& keys = QCPRange()) const override;

 protected:
  void draw(QCPPainter* painter) override;
  void drawLegendIcon(QCPPainter* painter, const QRectF& rect) const override;

 private:
  LinearKind kind_;
  const LinearValues& figures_;
  PlotTheme theme_;
};

/// Cells of layers (x) by projections (y = 0 for q_proj at the top, with a reversed axis). Each cell is coloured by the
/// gradient and, where there is room, says its number.
class LinearGrid : public QCPAbstractPlottable {
  Q_OBJECT
 public:
  LinearGrid(QCPAxis* layers, QCPAxis* projections, const LinearValues& figures);

  void setTheme(const PlotTheme& theme);
  void setRange(const QCPRange& range) { range_ = range; }  ///< of the gradient
  void setText(std::function<QString(double)> text) { text_ = std::move(text); }
  [[nodiscard]] static std::optional<LinearId> at(const QPointF& position, std::int32_t layers);

  double selectTest(const QPointF& position, bool onlySelectable, QVariant* details = nullptr) const override;
  QCPRange getKeyRange(bool& found, QCP::SignDomain domain = QCP::sdBoth) const override;
  QCPRange getValueRange(bool& found, QCP::SignDomain domain = QCP::sdBoth,
                         const QCPRange& keys = QCPRange()) const override;

 protected:
  void draw(QCPPainter* painter) override;
  void drawLegendIcon(QCPPainter* painter, const QRectF& rect) const override;

 private:
  const LinearValues& figures_;
  PlotTheme theme_;
  QCPColorGradient gradient_;
  QCPRange range_{0, 1};
  std::function<QString(double)> text_;
};

/// One bar for each class, at 0 … 6, drawn like the classes above.
class ClassBars : public QCPAbstractPlottable {
  Q_OBJECT
 public:
  ClassBars(QCPAxis* classes, QCPAxis* values);

  void setTheme(const PlotTheme& theme) { theme_ = theme; }
  void setValues(const std::array<double, kLinearKinds.size()>& values) { values_ = values; }

  double selectTest(const QPointF& position, bool onlySelectable, QVariant* details = nullptr) const override;
  QCPRange getKeyRange(bool& found, QCP::SignDomain domain = QCP::sdBoth) const override;
  QCPRange getValueRange(bool& found, QCP::SignDomain domain = QCP::sdBoth,
                         const QCPRange& keys = QCPRange()) const override;

 protected:
  void draw(QCPPainter* painter) override;
  void drawLegendIcon(QCPPainter* painter, const QRectF& rect) const override;

 private:
  std::array<double, kLinearKinds.size()> values_{};
  PlotTheme theme_;
};

/// Bars with a pattern, which grows with the screen's scale: QCPBars draws it in the screen's own pixels.
class PatternBars : public QCPBars {
  Q_OBJECT
 public:
  using QCPBars::QCPBars;

 protected:
  void draw(QCPPainter* painter) override;
  void drawLegendIcon(QCPPainter* painter, const QRectF& rect) const override;
};

/// "q_proj" … "down_proj" at 0 … 6.
[[nodiscard]] QSharedPointer<QCPAxisTicker> projectionTicker();

}  // namespace salient::ui
