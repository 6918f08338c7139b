// SPDX-License-Identifier: GPL-3.0-or-later
// The first screen: open a model, go on with a recent one, take up what was interrupted, or try the sample.
#pragma once

#include "ui/views/page.h"

class QGroupBox;
class QLabel;
class QListWidget;
class QProgressBar;
class QVBoxLayout;

namespace salient::ui {

class ErrorPanel;

class StartPage : public Page {
  Q_OBJECT
 public:
  explicit StartPage(Session& session, QWidget* parent = nullptr);

  [[nodiscard]] QString title() const override { return tr("Start"); }
  void activated() override;

 public slots:
  void chooseModel();
  void chooseFile();

 private:
  [[nodiscard]] QWidget* makeOpening();
  [[nodiscard]] QListWidget* makeRecent(const char* kind, const QString& name, const QString& label);
  void fill(QListWidget* list, const char* kind);
  void showInterrupted();

  QLabel* busy_ = nullptr;
  QProgressBar* progress_ = nullptr;
  ErrorPanel* error_ = nullptr;
  QListWidget* models_ = nullptr;
  QListWidget* experiments_ = nullptr;
  QGroupBox* interrupted_ = nullptr;
  QVBoxLayout* interruptedRows_ = nullptr;
};

}  // namespace salient::ui
