// SPDX-License-Identifier: GPL-3.0-or-later
// Export: a finished experiment's packed model, or the current budget, in a format that others load. Says what each
// format loses, who can load it and whether there is room; afterwards the export is read back and compared.
#pragma once

#include <QTimer>

#include "ui/models/experiments_model.h"
#include "ui/models/export_jobs.h"
#include "ui/views/page.h"

class QButtonGroup;
class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QTableView;

namespace salient::ui {

class ErrorPanel;

class ExportPage : public Page {
  Q_OBJECT
 public:
  explicit ExportPage(Session& session, QWidget* parent = nullptr);
  ~ExportPage() override;

  [[nodiscard]] QString title() const override { return tr("Export"); }
  [[nodiscard]] QList<QAction*> pageActions() const override;

 private:
  QWidget* makeSource();
  QWidget* makeFormats();
  QWidget* makeTarget();
  QWidget* makeResults();
  QAction* makeAction(const QString& name, const QString& text, const QString& tip, const QKeySequence& keys);

  void fillSources();
  void addSource(const QString& directory);
  void suggestOutput();
  void ask();  ///< for size and space, of the worker
  void answered(const QJsonObject& plan);
  void start();
  void startWithBudget();
  void refreshActions();
  void verifyAgain();
  void openFolder();
  void chooseDirectory(const QString& name, const QString& title, QLineEdit* into);

  [[nodiscard]] bool fromBudget() const;
  [[nodiscard]] bool hasBudget() const;
  [[nodiscard]] QString source() const;  ///< the packed model's directory; empty: the current budget
  [[nodiscard]] QString format() const;
  [[nodiscard]] QString output() const;
  [[nodiscard]] QJsonObject request(const QString& model) const;
  [[nodiscard]] int resultRow() const;  ///< the chosen one, or the newest; −1: none

  ExperimentsModel experiments_;
  ExportJobs jobs_;
  QTimer asking_;
  WorkerClient::Id question_ = 0;
  QString suggested_;  ///< the output last proposed: replaced as long as nobody edited it
  QStringList more_;   ///< directories the person named

  ErrorPanel* error_ = nullptr;
  QComboBox* source_ = nullptr;
  QButtonGroup* formats_ = nullptr;
  QLineEdit* output_ = nullptr;
  QLabel* space_ = nullptr;
  QCheckBox* verify_ = nullptr;
  QTableView* results_ = nullptr;
  QLabel* outcome_ = nullptr;
  QList<QAction*> actions_;
  QAction* export_ = nullptr;
  QAction* check_ = nullptr;
  QAction* folder_ = nullptr;
};

}  // namespace salient::ui
