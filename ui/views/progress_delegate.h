// SPDX-License-Identifier: GPL-3.0-or-later
// Draws the progress column of the jobs: a bar with the text in it while the job runs, the text alone otherwise.
#pragma once

#include <QStyledItemDelegate>

namespace salient::ui {

class ProgressDelegate : public QStyledItemDelegate {
  Q_OBJECT
 public:
  using QStyledItemDelegate::QStyledItemDelegate;
  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
  [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

}  // namespace salient::ui
