// SPDX-License-Identifier: GPL-3.0-or-later
// Calibrate & search: the text, how much of it, the method's options; the estimate before, the stages and the log while
// a search runs.
#pragma once

#include <functional>

#include "ui/views/page.h"

class QComboBox;
class QGroupBox;
class QLabel;
class QPushButton;
class QScrollArea;
class QStackedWidget;

namespace salient::ui {

class EmptyState;
class ErrorPanel;
class LogView;
class PathField;
class StageList;

class SearchPage : public Page {
  Q_OBJECT
 public:
  explicit SearchPage(Session& session, QWidget* parent = nullptr);

  [[nodiscard]] QString title() const override { return tr("Calibrate and search"); }
  [[nodiscard]] QList<QAction*> pageActions() const override { return actions_; }
  void activated() override;

 private:
  [[nodiscard]] QScrollArea* makeSettings();
  [[nodiscard]] QWidget* makeRunning();
  void makeActions();
  QAction* addPageAction(const QString& name, const QString& text, const QString& tip, const QKeySequence& shortcut,
                         const std::function<void()>& act);
  [[nodiscard]] QGroupBox* makeTexts();
  [[nodiscard]] QGroupBox* makeSequences();
  [[nodiscard]] QGroupBox* makeSearch();
  [[nodiscard]] QGroupBox* makeLater();
  [[nodiscard]] QGroupBox* makeMachine();
  void showDevices(const QJsonObject& answer);

  [[nodiscard]] QJsonObject request() const;
  void ask(bool thenStart);  ///< the preflight
  void preflightAnswered(const QJsonObject& estimate);
  void forgetOldEstimate();  ///< one of other settings
  void follow(qint64 id);
  void refresh();
  void refreshModel();

  QStackedWidget* stack_ = nullptr;
  EmptyState* empty_ = nullptr;
  PathField* calibration_ = nullptr;
  PathField* evaluation_ = nullptr;
  QComboBox* device_ = nullptr;
  QLabel* target_ = nullptr;
  QLabel* estimate_ = nullptr;
  ErrorPanel* error_ = nullptr;
  StageList* stages_ = nullptr;
  LogView* log_ = nullptr;
  QLabel* state_ = nullptr;
  QPushButton* next_ = nullptr;
  QList<QAction*> actions_;
  QAction* estimateAction_ = nullptr;
  QAction* start_ = nullptr;
  QAction* pause_ = nullptr;
  QAction* cancel_ = nullptr;
  QAction* resume_ = nullptr;
  WorkerClient::Id askedDevices_ = 0;
  qint64 job_ = 0;              ///< the search that is shown
  WorkerClient::Id asked_ = 0;  ///< the preflight under way
  QJsonObject estimated_;       ///< the request that was estimated last
  bool starting_ = false;       ///< start when it answers
};

}  // namespace salient::ui
