// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/progress_delegate.h"

#include <QApplication>
#include <QStyleOptionProgressBar>
#include <algorithm>

#include "ui/models/jobs_model.h"

namespace salient::ui {
namespace {

constexpr int kLetters = 34;  ///< a bar says something by its length as well

}  // namespace

void ProgressDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
  const QVariant fraction = index.data(JobsModel::FractionRole);
  if (!fraction.isValid()) return QStyledItemDelegate::paint(painter, option, index);
  QStyleOptionViewItem background = option;
  initStyleOption(&background, index);
  background.text.clear();
  QStyle* style = option.widget != nullptr ? option.widget->style() : QApplication::style();
  style->drawControl(QStyle::CE_ItemViewItem, &background, painter, option.widget);
  QStyleOptionProgressBar bar;
  bar.rect = option.rect.adjusted(2, 2, -2, -2);
  bar.palette = option.palette;
  bar.fontMetrics = option.fontMetrics;
  bar.state = QStyle::State_Enabled | QStyle::State_Horizontal;
  bar.minimum = 0;
  bar.maximum = 1000;
  bar.progress = static_cast<int>(1000 * fraction.toDouble());
  bar.text = index.data().toString();
  bar.textVisible = true;
  bar.textAlignment = Qt::AlignCenter;
  style->drawControl(QStyle::CE_ProgressBar, &bar, painter, option.widget);
}

QSize ProgressDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const {
  QSize size = QStyledItemDelegate::sizeHint(option, index);
  const int ends = 2 * option.fontMetrics.height();  // of the bar, around its text
  size.setWidth(std::max(size.width() + ends, kLetters * option.fontMetrics.averageCharWidth()));
  return size;
}

}  // namespace salient::ui
