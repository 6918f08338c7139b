// SPDX-License-Identifier: GPL-3.0-or-later
// One output feature: where its score stands among all of the model's, its weights' distribution and the scales of its
// groups in both widths. The weights are one row of the checkpoint, read in the background.
#pragma once

#include <QThreadPool>
#include <QWidget>
#include <memory>
#include <optional>

#include "ui/models/error_info.h"
#include "ui/models/feature_reader.h"
#include "ui/models/figure_table.h"
#include "ui/models/salience_figures.h"

class QCPBars;
class QCPGraph;
class QCPItemLine;
class QLabel;
class QToolButton;

namespace salient::ui {

class PlotPanel;
class Session;

class SalienceFeature : public QWidget {
  Q_OBJECT
 public:
  explicit SalienceFeature(Session& session, QWidget* parent = nullptr);
  ~SalienceFeature() override;

  /// What comes for an earlier feature is dropped.
  void show(const std::shared_ptr<const SalienceScores>& scores, std::size_t linear, std::uint32_t row);
  void setBits(std::optional<bool> eight);  ///< unknown, 4 or 8 bit under the recipe's budget
  void setNeighbours(bool before, bool after);

 signals:
  void stepped(int places);  ///< to the feature before or after this one in the linear's order

 private:
  void makeHeader();
  void makePlace();
  void makeWeights();
  void makeScales();
  void applyTheme();
  void takePlace(const FeaturePlace& place);
  void takeWeights(const std::shared_ptr<const FeatureWeights>& weights, const ErrorInfo& error);
  void describeFeature();
  void moveBin(PlotPanel& panel, const Histogram& histogram, std::size_t& bin, int step);
  [[nodiscard]] QString describeBin(const Histogram& histogram, std::size_t bin, bool powers) const;
  [[nodiscard]] QString describeGroup(std::size_t group) const;

  Session& session_;
  std::shared_ptr<FeatureReader> reader_;
  std::shared_ptr<const SalienceScores> scores_;
  std::size_t linear_ = 0;
  std::uint32_t row_ = 0;
  std::int64_t group_ = 128;
  std::optional<bool> eight_;
  std::optional<FeaturePlace> place_;
  std::shared_ptr<const FeatureWeights> weights_;
  std::size_t placeBin_ = 0;
  std::size_t weightBin_ = 0;
  std::size_t groupCursor_ = 0;

  QToolButton* previous_ = nullptr;
  QToolButton* next_ = nullptr;
  QLabel* facts_ = nullptr;
  PlotPanel* placePanel_ = nullptr;
  PlotPanel* weightPanel_ = nullptr;
  PlotPanel* scalePanel_ = nullptr;
  QCPBars* placeBars_ = nullptr;
  QCPItemLine* placeLine_ = nullptr;
  QCPBars* weightBars_ = nullptr;
  QCPGraph* scales4_ = nullptr;
  QCPGraph* scales8_ = nullptr;
  FigureTable placeTable_;
  FigureTable weightTable_;
  FigureTable scaleTable_;
  qint64 asked_ = 0;
  QThreadPool pool_;  ///< ends before the rest
};

}  // namespace salient::ui
