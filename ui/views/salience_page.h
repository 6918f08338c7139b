// SPDX-License-Identifier: GPL-3.0-or-later
// Salience, from the whole model down to one output feature, with a path back up.
#pragma once

#include <optional>

#include "core/model/linear_id.h"
#include "ui/views/page.h"

class QLabel;
class QPushButton;
class QStackedWidget;
class QToolButton;

namespace salient::ui {

class BudgetModel;
class EmptyState;
class SalienceFeature;
class SalienceLinear;
class SalienceOverview;

class SaliencePage : public Page {
  Q_OBJECT
 public:
  explicit SaliencePage(Session& session, QWidget* parent = nullptr);

  [[nodiscard]] QString title() const override;
  [[nodiscard]] QList<QAction*> pageActions() const override { return {up_, top_}; }
  void activated() override;

  void openModelLevel();
  void openLinear(LinearId id);
  void openFeature(std::uint32_t row);

 protected:
  void showEvent(QShowEvent* event) override;

 private:
  void makeHeader();
  void refresh();
  void refreshBudget();
  void showLevel();
  void focusChart();  ///< the first of the level that is shown
  void goUp();
  void stepFeature(int places);
  void showNeighbours();
  void showBits();

  BudgetModel& budget_;
  std::shared_ptr<const SalienceScores> scores_;  ///< what is shown belongs to these
  std::optional<LinearId> linear_;
  std::optional<std::uint32_t> row_;
  bool stale_ = true;  ///< something changed while the page was hidden

  QToolButton* modelCrumb_ = nullptr;
  QLabel* firstArrow_ = nullptr;
  QToolButton* linearCrumb_ = nullptr;
  QLabel* secondArrow_ = nullptr;
  QLabel* featureCrumb_ = nullptr;
  QLabel* summary_ = nullptr;
  QPushButton* change_ = nullptr;
  QWidget* header_ = nullptr;
  QStackedWidget* levels_ = nullptr;
  EmptyState* empty_ = nullptr;
  SalienceOverview* overview_ = nullptr;
  SalienceLinear* linearView_ = nullptr;
  SalienceFeature* featureView_ = nullptr;
  QAction* up_ = nullptr;
  QAction* top_ = nullptr;
};

}  // namespace salient::ui
