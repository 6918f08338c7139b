// SPDX-License-Identifier: GPL-3.0-or-later
// The whole model's salience: the share of 8-bit features of each linear as grouped bars, a grid of layers by
// projections, averages by projection class. One keyboard cursor goes over the linears in all of them.
#pragma once

#include <QWidget>
#include <array>

#include "ui/models/figure_table.h"
#include "ui/plots/linear_charts.h"

class QComboBox;

namespace salient::ui {

class BudgetModel;
class PlotPanel;

class SalienceOverview : public QWidget {
  Q_OBJECT
 public:
  explicit SalienceOverview(BudgetModel& budget, QWidget* parent = nullptr);

  void refresh();  ///< other scores, options or budget
  void setCursor(LinearId id);

 signals:
  void chosen(salient::LinearId id);

 private:
  enum class Measure { share, mean, sum };

  void makeBars();
  void makeGrid();
  void makeClasses();
  void applyTheme();
  void fillValues();
  void fillGrid();
  void fillClasses();
  void moveCursor(int dx, int dy);
  void showCursor();
  [[nodiscard]] bool valid(LinearId id) const;
  [[nodiscard]] QString describe(LinearId id) const;
  [[nodiscard]] QString describe(LinearKind kind) const;
  [[nodiscard]] std::int32_t layers() const;
  [[nodiscard]] Measure measure() const;
  [[nodiscard]] double gridFigure(LinearId id) const;  ///< NaN: none
  [[nodiscard]] QString gridText(double figure) const;

  struct ClassFigures {
    std::int64_t features = 0;
    std::int64_t features8 = 0;
    double salience = 0;
    [[nodiscard]] double share() const { return features > 0 ? 100.0 * double(features8) / double(features) : 0; }
    [[nodiscard]] double mean() const { return features > 0 ? salience / double(features) : 0; }
  };

  BudgetModel& budget_;
  LinearValues shares_;
  LinearValues gridValues_;
  std::array<ClassFigures, kLinearKinds.size()> classes_;
  double salience_ = 0;
  LinearId cursor_;
  std::size_t classCursor_ = 0;

  PlotPanel* bars_ = nullptr;
  PlotPanel* grid_ = nullptr;
  PlotPanel* averages_ = nullptr;
  QComboBox* measure_ = nullptr;
  std::array<LinearBars*, kLinearKinds.size()> barsOf_{};
  ClassBars* classBars_ = nullptr;
  LinearGrid* cells_ = nullptr;
  QCPColorScale* scale_ = nullptr;
  QCPItemRect* barCursor_ = nullptr;
  QCPItemRect* cellCursor_ = nullptr;
  FigureTable linearTable_;
  FigureTable gridTable_;
  FigureTable classTable_;
};

}  // namespace salient::ui
