// SPDX-License-Identifier: GPL-3.0-or-later
// Trade-off: all experiments of the store as points and as a table; filters; the chosen ones side by side; notes,
// deleting, reports.
#pragma once

#include <QSet>

#include "ui/models/experiments_model.h"
#include "ui/views/page.h"

class QComboBox;
class QLabel;
class QPushButton;
class QSplitter;
class QStackedWidget;
class QTableView;

namespace salient::ui {

class ComparisonView;
class ErrorPanel;
class TradeoffPlot;

class TradeoffPage : public Page {
  Q_OBJECT
 public:
  explicit TradeoffPage(Session& session, QWidget* parent = nullptr);
  ~TradeoffPage() override;

  [[nodiscard]] QString title() const override { return tr("Trade-off"); }
  [[nodiscard]] QList<QAction*> pageActions() const override;
  [[nodiscard]] const ExperimentsModel& experiments() const { return experiments_; }
  [[nodiscard]] QVector<qint64> chosen() const;  ///< in the table's order

 private:
  QWidget* makeFilters();
  QWidget* makeTable();
  QWidget* makeEmpty();
  QComboBox* makeCombo(const QString& name, const QString& label, const QString& tip);
  QAction* makeAction(const QString& name, const QString& text, const QString& tip, const QKeySequence& keys);
  void makeActions();

  void experimentsLoaded();
  void fillFilters();
  void applyFilters();
  void showPoints();
  void selectionChanged();
  /// Many experiments side by side take of the plot's width, as much as they need; fewer give it back.
  void shareWidth();
  void choose(const QVector<qint64>& ids, bool toggle);
  void annotate();
  void askToDelete();
  void report(const QString& suffix);
  void writeReport(const QString& file, bool pdf);

  ExperimentsModel experiments_;
  ExperimentsFilter filter_;
  QStackedWidget* stack_ = nullptr;
  QLabel* status_ = nullptr;
  ErrorPanel* error_ = nullptr;
  QComboBox* quality_ = nullptr;
  QComboBox* cost_ = nullptr;
  QComboBox* model_ = nullptr;
  QComboBox* method_ = nullptr;
  QComboBox* text_ = nullptr;
  QComboBox* state_ = nullptr;
  TradeoffPlot* plot_ = nullptr;
  QTableView* table_ = nullptr;
  QSplitter* upper_ = nullptr;
  QList<int> shares_;  ///< of upper_ before shareWidth() widened the comparison; none: it did not
  ComparisonView* comparison_ = nullptr;
  QList<QAction*> actions_;
  QAction* annotate_ = nullptr;
  QAction* delete_ = nullptr;
  QAction* html_ = nullptr;
  QAction* pdf_ = nullptr;
};

}  // namespace salient::ui
