// SPDX-License-Identifier: GPL-3.0-or-later
// The open model: what it is, its tensors, its tokenizer at work, and what the whole job would take on each device.
#pragma once

#include "ui/models/device_estimates.h"
#include "ui/models/tensor_table_model.h"
#include "ui/models/tokenizer_trial.h"
#include "ui/models/weight_scan.h"
#include "ui/views/page.h"

class QCheckBox;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QPushButton;
class QStackedWidget;
class QTableView;
class QTabWidget;
class QVBoxLayout;

namespace salient::ui {

class EmptyState;
class TokenFlow;

class ModelPage : public Page {
  Q_OBJECT
 public:
  explicit ModelPage(Session& session, QWidget* parent = nullptr);

  [[nodiscard]] QString title() const override { return tr("Model"); }
  [[nodiscard]] QList<QAction*> pageActions() const override;
  void activated() override;

 protected:
  void changeEvent(QEvent* event) override;

 private:
  QWidget* makeFacts();
  QWidget* makeTensors();
  QWidget* makeTokenizer();
  QWidget* makeEstimates();
  void showModel();
  void showFacts();
  void showScan();
  void showCount();
  void showTokens();
  void showCurrentToken(int index);
  void showEstimates();
  void showStages();
  void copyTensors();
  void saveTensors();

  TensorTableModel tensors_;
  TokenizerTrial trial_;
  DeviceEstimates estimates_;
  WeightScan scan_;

  QStackedWidget* stack_ = nullptr;
  EmptyState* empty_ = nullptr;
  QLabel* name_ = nullptr;
  QLabel* path_ = nullptr;
  QLabel* notes_ = nullptr;
  QVBoxLayout* facts_ = nullptr;
  QTabWidget* tabs_ = nullptr;
  QLineEdit* filter_ = nullptr;
  QLabel* count_ = nullptr;
  QTableView* table_ = nullptr;
  QPlainTextEdit* text_ = nullptr;
  QCheckBox* special_ = nullptr;
  QLabel* summary_ = nullptr;
  QLabel* token_ = nullptr;
  TokenFlow* flow_ = nullptr;
  QTableView* estimateTable_ = nullptr;
  QLabel* stages_ = nullptr;
  QLabel* estimateText_ = nullptr;
  QAction* copy_ = nullptr;
  QAction* save_ = nullptr;
  QAction* find_ = nullptr;
};

}  // namespace salient::ui
