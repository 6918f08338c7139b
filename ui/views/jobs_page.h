// SPDX-License-Identifier: GPL-3.0-or-later
// The queue: what runs, what waits, what ended and how; pause, cancel, resume, reorder; the log of each job.
#pragma once

#include <functional>

#include "ui/views/page.h"

class QLabel;
class QPushButton;
class QStackedWidget;
class QTableView;

namespace salient::ui {

class ErrorPanel;
class JobsModel;
class LogView;

class JobsPage : public Page {
  Q_OBJECT
 public:
  explicit JobsPage(Session& session, QWidget* parent = nullptr);

  [[nodiscard]] QString title() const override { return tr("Jobs"); }
  [[nodiscard]] QList<QAction*> pageActions() const override { return actions_; }
  void activated() override;
  void select(qint64 id);

 private:
  QAction* addJobAction(const QString& name, const QString& text, const QString& tip, const QKeySequence& shortcut,
                        const std::function<void(const JobRecord&)>& act);
  [[nodiscard]] QWidget* makeButtons();
  [[nodiscard]] const JobRecord* current() const;
  void refresh();

  JobsModel* model_ = nullptr;
  QStackedWidget* stack_ = nullptr;
  QTableView* table_ = nullptr;
  QLabel* summary_ = nullptr;
  ErrorPanel* error_ = nullptr;
  LogView* log_ = nullptr;
  QList<QAction*> actions_;
  QAction* pause_ = nullptr;
  QAction* resume_ = nullptr;
  QAction* restart_ = nullptr;
  QAction* cancel_ = nullptr;
  QAction* kill_ = nullptr;
  QAction* up_ = nullptr;
  QAction* down_ = nullptr;
  QAction* remove_ = nullptr;
  QAction* hold_ = nullptr;
};

}  // namespace salient::ui
