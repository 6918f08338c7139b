// SPDX-License-Identifier: GPL-3.0-or-later
// Budget: choose how much may be stored and see at once what it gives; keep several and have them measured.
#pragma once

#include "ui/models/measured_points.h"
#include "ui/views/page.h"

class QLineEdit;
class QPushButton;
class QStackedWidget;
class QTableView;

namespace salient::ui {

class BudgetControls;
class BudgetCurve;
class BudgetMap;
class BudgetModel;
class EmptyState;
class ErrorPanel;
class KeptBudgets;

class BudgetPage : public Page {
  Q_OBJECT
 public:
  explicit BudgetPage(Session& session, QWidget* parent = nullptr);

  [[nodiscard]] QString title() const override { return tr("Budget"); }
  [[nodiscard]] QList<QAction*> pageActions() const override { return actions_; }
  void activated() override;

 protected:
  void showEvent(QShowEvent* event) override;

 private:
  [[nodiscard]] QWidget* makeKept();
  QAction* addPageAction(const QString& name, const QString& text, const QString& tip, const QKeySequence& shortcut,
                         void (BudgetPage::*act)());
  void refresh();
  void refreshPoint();
  void refreshActions();
  void showState();
  void keep();
  void use();
  void remove();
  void queue();
  [[nodiscard]] QVector<int> selectedRows() const;

  BudgetModel& budget_;
  MeasuredPoints measured_;
  KeptBudgets* keptBudgets_ = nullptr;
  bool stale_ = false;  ///< the budget moved while the page was hidden

  QStackedWidget* stack_ = nullptr;
  EmptyState* empty_ = nullptr;
  QWidget* content_ = nullptr;
  BudgetControls* controls_ = nullptr;
  BudgetCurve* curve_ = nullptr;
  BudgetMap* map_ = nullptr;
  ErrorPanel* error_ = nullptr;
  QTableView* table_ = nullptr;
  QLineEdit* name_ = nullptr;
  QAction* keep_ = nullptr;
  QAction* use_ = nullptr;
  QAction* remove_ = nullptr;
  QAction* queue_ = nullptr;
  QList<QAction*> actions_;
};

}  // namespace salient::ui
