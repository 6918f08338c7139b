// SPDX-License-Identifier: GPL-3.0-or-later
// Forms that stand below each other as if they were one.
#pragma once

#include <QFormLayout>
#include <QWidget>
#include <algorithm>

namespace salient::ui {

/// Gives the labels of all forms below `parent` the width of the widest, so that their fields begin in one line.
inline void alignForms(QWidget& parent) {
  int widest = 0;
  const auto forms = parent.findChildren<QFormLayout*>();
  const auto forEachLabel = [&](const auto& act) {
    for (const QFormLayout* form : forms) {
      for (int row = 0; row < form->rowCount(); ++row) {
        const QLayoutItem* item = form->itemAt(row, QFormLayout::LabelRole);
        if (item != nullptr && item->widget() != nullptr) act(*item->widget());
      }
    }
  };
  forEachLabel([&](QWidget& label) { widest = std::max(widest, label.sizeHint().width()); });
  forEachLabel([&](QWidget& label) { label.setMinimumWidth(widest); });
}

}  // namespace salient::ui
