// SPDX-License-Identifier: GPL-3.0-or-later
// What a page shows while it has nothing to show: what is missing, and a button that leads there.
#pragma once

#include <QString>
#include <QWidget>

class QLabel;
class QPushButton;

namespace salient::ui {

class EmptyState : public QWidget {
  Q_OBJECT
 public:
  /// `name` + ".action" is the button, + ".text" the sentence.
  explicit EmptyState(const QString& name, QWidget* parent = nullptr);

  /// Without `action` there is no button.
  void set(const QString& title, const QString& text, const QString& action = {});

 signals:
  void pressed();

 private:
  QLabel* title_ = nullptr;
  QLabel* text_ = nullptr;
  QPushButton* button_ = nullptr;
};

}  // namespace salient::ui
