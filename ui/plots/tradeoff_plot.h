// SPDX-License-Identifier: GPL-3.0-or-later
// Experiments as points: quality over cost, marker and colour by method, the Pareto front, the 16-bit model as a line.
// Points are chosen by click (with Ctrl added or taken away), with Shift and a rubber band, or by arrow keys and Enter.
#pragma once

#include <QSet>
#include <QVector>
#include <optional>

#include "ui/models/experiment_figures.h"
#include "ui/plots/plot_panel.h"

namespace salient::ui {

struct TradeoffItem {
  qint64 id = 0;
  double cost = 0;  ///< in the axis' unit
  double quality = 0;
  double error = 0;  ///< one standard error; 0: unknown
  QString method;
  QString readout;
};

class TradeoffPlot : public PlotPanel {
  Q_OBJECT
 public:
  explicit TradeoffPlot(const QString& name, QWidget* parent = nullptr);

  /// `methods`: all there are, so that a method keeps its marker whatever is filtered.
  void setItems(QVector<TradeoffItem> items, const QStringList& methods, Quality quality, Cost cost);
  /// The 16-bit model, where all points have the same one.
  void setReference(std::optional<double> cost, std::optional<double> quality, const QString& label);
  void setSelected(const QSet<qint64>& ids);
  void draw();

  [[nodiscard]] const QVector<TradeoffItem>& items() const { return items_; }
  [[nodiscard]] const QVector<int>& front() const { return front_; }
  [[nodiscard]] qint64 current() const;  ///< under the keyboard's cursor; 0: none

 signals:
  void chosen(const QVector<qint64>& ids, bool toggle);

 private:
  void drawMethods();
  void drawReference();
  void drawRings();
  void goHome();
  void moveCursor(int dx, int dy);
  void chooseWithin(const QRect& area);  ///< in pixels
  [[nodiscard]] QPointF pixels(double cost, double quality);
  [[nodiscard]] int nearest(const QPointF& position);  ///< −1: none near

  QVector<TradeoffItem> items_;
  QStringList methods_;
  QVector<int> front_;
  QSet<qint64> selected_;
  Quality quality_ = Quality::perplexity;
  Cost cost_ = Cost::effectiveBits;
  std::optional<double> referenceCost_;
  std::optional<double> referenceQuality_;
  QString referenceLabel_;
  qint64 current_ = 0;
};

}  // namespace salient::ui
