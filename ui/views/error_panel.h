// SPDX-License-Identifier: GPL-3.0-or-later
// An error value in full: what went wrong, where, what was expected and found, and what to do. Hidden while there is
// none. Its text can be selected and copied.
#pragma once

#include <QFrame>

#include "ui/models/error_info.h"

class QFormLayout;
class QLabel;

namespace salient::ui {

class ErrorPanel : public QFrame {
  Q_OBJECT
 public:
  explicit ErrorPanel(const QString& name, QWidget* parent = nullptr);

  /// `what` in a few words: "This model cannot be opened".
  void show(const QString& what, const ErrorInfo& error);
  void clear();
  [[nodiscard]] const ErrorInfo& error() const { return error_; }

 private:
  void addRow(const QString& label, const QString& text);

  ErrorInfo error_;
  QLabel* title_ = nullptr;
  QFormLayout* rows_ = nullptr;
};

/// What kind of failure an error code is, in words: "No memory left".
[[nodiscard]] QString errorCodeText(const QString& code);

}  // namespace salient::ui
