// SPDX-License-Identifier: GPL-3.0-or-later
// The chosen experiments: their measures, recipes and bit maps side by side. One alone is shown as it is.
#pragma once

#include <QWidget>
#include <memory>

#include "ui/models/comparison.h"
#include "ui/plots/linear_charts.h"

class QComboBox;
class QLabel;
class QTabWidget;
class QTableView;
class QCPColorScale;

namespace salient::ui {

class PlotPanel;

class ComparisonView : public QWidget {
  Q_OBJECT
 public:
  explicit ComparisonView(QWidget* parent = nullptr);

  void setSubjects(std::shared_ptr<const Subjects> subjects);
  [[nodiscard]] const std::shared_ptr<const Subjects>& subjects() const { return subjects_; }
  /// That shows the measures of all experiments side by side.
  [[nodiscard]] int wantedWidth() const;

 private:
  QTableView* addTable(const QString& name, const QString& title, ComparisonTable& model, int most);
  void drawMap();
  void fillMap();

  std::shared_ptr<const Subjects> subjects_;
  ComparisonTable metrics_;
  ComparisonTable recipe_;
  ComparisonTable linears_;
  QLabel* title_ = nullptr;
  QTabWidget* tabs_ = nullptr;
  QVector<QTableView*> tables_;
  PlotPanel* map_ = nullptr;
  LinearGrid* cells_ = nullptr;
  LinearValues shares_;  ///< percent, of what the map shows
  QCPColorScale* scale_ = nullptr;
  QComboBox* which_ = nullptr;  ///< which experiment's map, and the differences from the first
};

}  // namespace salient::ui
