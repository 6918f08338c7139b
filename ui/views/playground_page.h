// SPDX-License-Identifier: GPL-3.0-or-later
// One prompt, two models: the 16-bit one and a packed one write side by side, and each token shows how far the two are
// apart in its place.
#pragma once

#include <array>

#include "ui/models/packed_models.h"
#include "ui/models/play_token_table.h"
#include "ui/models/playground_run.h"
#include "ui/views/page.h"

class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QPlainTextEdit;
class QPushButton;
class QSpinBox;
class QStackedWidget;
class QTableView;

namespace salient::ui {

class DivergenceLegend;
class ErrorPanel;
class EmptyState;
class TokenFlow;

class PlaygroundPage : public Page {
  Q_OBJECT
 public:
  explicit PlaygroundPage(Session& session, QWidget* parent = nullptr);

  [[nodiscard]] QString title() const override { return tr("Playground"); }
  [[nodiscard]] QList<QAction*> pageActions() const override;
  void activated() override;
  /// Adds a packed model to the choice and chooses it.
  void choosePacked(const QString& directory);

 protected:
  void changeEvent(QEvent* event) override;

 private:
  struct Pane {
    QLabel* title = nullptr;
    QLabel* speed = nullptr;
    TokenFlow* flow = nullptr;
    QTableView* table = nullptr;
    QStackedWidget* stack = nullptr;
    int shown = 0;  ///< tokens handed to the flow
  };
  QWidget* makePane(PlaygroundRun::Side side);
  QWidget* makeControls();
  void showModel();
  void loadPackedModels();
  void showPackedModels();
  void browse();
  void start();
  void showStarted();
  void showTokens(PlaygroundRun::Side side);
  void showSpeed(PlaygroundRun::Side side);
  void showFinished();
  void showCurrent(PlaygroundRun::Side side, int index);
  void showTables(bool tables);
  [[nodiscard]] QString packedPath() const;
  [[nodiscard]] QString referencePath() const;

  PlaygroundRun run_;
  PackedModels packed_;
  PlayTokenTable tables_[2];
  std::array<Pane, 2> panes_;
  QString added_;  ///< a directory chosen by hand

  QStackedWidget* stack_ = nullptr;
  EmptyState* empty_ = nullptr;
  QPlainTextEdit* prompt_ = nullptr;
  QComboBox* model_ = nullptr;
  QSpinBox* tokens_ = nullptr;
  QDoubleSpinBox* temperature_ = nullptr;
  QDoubleSpinBox* topP_ = nullptr;
  QSpinBox* seed_ = nullptr;
  QComboBox* scales_ = nullptr;
  QLabel* readout_ = nullptr;
  QLabel* message_ = nullptr;
  ErrorPanel* error_ = nullptr;
  DivergenceLegend* legend_ = nullptr;
  QAction* startAction_ = nullptr;
  QAction* stopAction_ = nullptr;
  QAction* tableAction_ = nullptr;
  QAction* browseAction_ = nullptr;
};

}  // namespace salient::ui
