// SPDX-License-Identifier: GPL-3.0-or-later
// One linear's salience: its features in order of their scores, with those in 8 bit and the threshold between, and the
// distribution of the scores.
#pragma once

#include <QThreadPool>
#include <QWidget>
#include <memory>
#include <vector>

#include "core/search/allocation.h"
#include "core/search/scores.h"
#include "ui/models/figure_table.h"
#include "ui/models/salience_figures.h"

class QCPBars;
class QCPGraph;
class QCPItemLine;
class QCPItemTracer;
class QLabel;

namespace salient::ui {

class BudgetModel;
class PlotPanel;

class SalienceLinear : public QWidget {
  Q_OBJECT
 public:
  explicit SalienceLinear(BudgetModel& budget, QWidget* parent = nullptr);
  ~SalienceLinear() override;

  /// Ordered in the background; what comes for an earlier linear is dropped.
  void show(const std::shared_ptr<const SalienceScores>& scores, std::size_t linear);
  void refreshBits();  ///< the budget is another
  /// The row at a place of the order, for going from feature to feature; -1 outside.
  [[nodiscard]] std::int64_t rowAt(std::int64_t place) const;
  [[nodiscard]] std::int64_t placeOfRow(std::uint32_t row) const;
  void setPlace(std::int64_t place);
  [[nodiscard]] bool inEightBit(std::uint32_t row) const { return row < eightBit_.size() && eightBit_[row]; }

 signals:
  void chosen(std::uint32_t row);
  void ordered();
  void bitsChanged();

 private:
  void makeOrder();
  void makeDistribution();
  void applyTheme();
  void take(qint64 number, const std::shared_ptr<const LinearOrder>& order);
  void takeMap(const std::shared_ptr<const BitMap>& map);
  void drawOrder();
  void drawDistribution();
  void showPlace();
  void describeLinear();
  [[nodiscard]] QString describe(std::int64_t place) const;
  [[nodiscard]] QString describeBin(std::size_t bin) const;

  BudgetModel& budget_;
  std::shared_ptr<const SalienceScores> scores_;
  std::size_t linear_ = 0;
  std::shared_ptr<const LinearOrder> order_;
  std::vector<std::int64_t> places_;  ///< of each row
  std::vector<bool> eightBit_;        ///< of each row; empty while unknown
  std::vector<std::int64_t> bins8_;   ///< 8-bit features in each bin of the distribution
  double threshold_ = -1;             ///< between the two widths; negative: none
  std::int64_t place_ = 0;
  std::size_t bin_ = 0;

  QLabel* facts_ = nullptr;
  PlotPanel* sorted_ = nullptr;
  PlotPanel* distribution_ = nullptr;
  QCPGraph* eight_ = nullptr;
  QCPGraph* four_ = nullptr;
  QCPItemLine* thresholdLine_ = nullptr;
  QCPItemLine* binThreshold_ = nullptr;
  QCPItemTracer* marker_ = nullptr;
  QCPBars* bars8_ = nullptr;
  QCPBars* bars4_ = nullptr;
  FigureTable orderTable_;
  FigureTable binTable_;
  qint64 asked_ = 0;
  QThreadPool pool_;  ///< ends before the rest
};

}  // namespace salient::ui
