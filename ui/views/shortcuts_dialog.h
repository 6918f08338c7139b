// SPDX-License-Identifier: GPL-3.0-or-later
// All actions with their shortcuts; each can be changed, and all set back.
#pragma once

#include <QDialog>

class QKeySequenceEdit;
class QLabel;
class QLineEdit;
class QTreeWidget;
class QTreeWidgetItem;

namespace salient::ui {

class Shortcuts;

class ShortcutsDialog : public QDialog {
  Q_OBJECT
 public:
  explicit ShortcutsDialog(Shortcuts& shortcuts, QWidget* parent = nullptr);

 private:
  void fill();
  void addChartKeys();
  void select(QTreeWidgetItem* item);
  void apply();
  void filter(const QString& text);
  [[nodiscard]] QAction* chosen() const;

  Shortcuts& shortcuts_;
  QLineEdit* search_ = nullptr;
  QTreeWidget* list_ = nullptr;
  QKeySequenceEdit* edit_ = nullptr;
  QLabel* problem_ = nullptr;
};

}  // namespace salient::ui
