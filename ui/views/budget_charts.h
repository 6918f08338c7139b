// SPDX-License-Identifier: GPL-3.0-or-later
// The budget in pictures: the predicted curve with the chosen, kept and measured points, and the map of 8-bit shares.
// Both follow the slider by drawing only what moves.
#pragma once

#include <QVector>
#include <QWidget>

#include "ui/models/figure_table.h"
#include "ui/models/measured_points.h"
#include "ui/plots/linear_charts.h"

class QComboBox;

namespace salient::ui {

class BudgetModel;
struct CurvePoint;
class KeptBudgets;
class PlotPanel;

class BudgetCurve : public QWidget {
  Q_OBJECT
 public:
  BudgetCurve(BudgetModel& budget, KeptBudgets& kept, MeasuredPoints& measured, QWidget* parent = nullptr);

  void refresh();       ///< other scores or options: another curve
  void refreshPoint();  ///< the budget moved
  void refreshKept();
  void setEvaluationText(const QString& file);  ///< the one to show measured points of, where there are any

 signals:
  void chosen(double percent);
  void stepped(int steps);

 private:
  enum class Metric { divergence, loss };

  void makeTable();
  void refreshTexts();
  void refreshMeasured();
  void fitHome();
  void applyTheme();
  [[nodiscard]] double measuredValue(const MeasuredPoint& point) const;  ///< negative or NaN: not measured
  [[nodiscard]] const CurvePoint* curveAt(double bits) const;
  void hover(const QPointF& position);
  [[nodiscard]] QString describeChosen() const;

  BudgetModel& budget_;
  KeptBudgets& kept_;
  MeasuredPoints& measured_;
  QVector<MeasuredPoint> shown_;
  double scale_ = 1;  ///< measured over predicted: how the right axis relates to the left one
  QString text_;

  PlotPanel* panel_ = nullptr;
  QComboBox* metric_ = nullptr;
  QComboBox* texts_ = nullptr;
  QCPGraph* curve_ = nullptr;
  QCPGraph* keptPoints_ = nullptr;
  QVector<QCPGraph*> methods_;  ///< measured points, one graph a method
  QCPItemTracer* marker_ = nullptr;
  QCPItemLine* dropX_ = nullptr;
  QCPItemLine* dropY_ = nullptr;
  FigureTable table_;
};

class BudgetMap : public QWidget {
  Q_OBJECT
 public:
  explicit BudgetMap(BudgetModel& budget, QWidget* parent = nullptr);

  void refresh();
  void refreshPoint();

 private:
  void applyTheme();
  void setCursor(LinearId id);
  [[nodiscard]] bool fill();  ///< whether the range of the colours changed
  [[nodiscard]] std::int32_t layers() const;
  [[nodiscard]] QString describe(LinearId id) const;

  BudgetModel& budget_;
  LinearValues shares_;
  double most_ = 0;
  LinearId cursor_;
  PlotPanel* panel_ = nullptr;
  LinearGrid* cells_ = nullptr;
  QCPColorScale* scale_ = nullptr;
  QCPItemRect* cursorRect_ = nullptr;
  FigureTable table_;
};

}  // namespace salient::ui
