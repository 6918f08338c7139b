// SPDX-License-Identifier: GPL-3.0-or-later
// A line edit for a path. While nobody types in it, a path too long for it is shown by both of its ends,
// "/home/…/a.txt": where it lies and what it is called; pointing at it tells the whole.
#pragma once

#include <QLineEdit>

namespace salient::ui {

class PathEdit : public QLineEdit {
 public:
  explicit PathEdit(QWidget* parent = nullptr) : QLineEdit(parent) {}

  [[nodiscard]] QString shown() const;  ///< text() itself where there is room for it, or somebody types

 protected:
  bool event(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;

 private:
  [[nodiscard]] QRect textRect() const;
};

}  // namespace salient::ui
