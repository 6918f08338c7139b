// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/table_look.h"

#include <QAbstractItemView>
#include <QHelpEvent>
#include <QStyledItemDelegate>
#include <QToolTip>

namespace salient::ui {
namespace {

/// Where a cell has no room for its text, its tool tip begins with it.
class WholeTexts : public QStyledItemDelegate {
 public:
  using QStyledItemDelegate::QStyledItemDelegate;

  bool helpEvent(QHelpEvent* event, QAbstractItemView* view, const QStyleOptionViewItem& option,
                 const QModelIndex& index) override {
    const bool cut = event->type() == QEvent::ToolTip && sizeHint(option, index).width() > option.rect.width();
    if (!cut) return QStyledItemDelegate::helpEvent(event, view, option, index);
    const QString text = index.data(Qt::DisplayRole).toString();
    const QString tip = index.data(Qt::ToolTipRole).toString();
    QToolTip::showText(event->globalPos(), tip.isEmpty() || tip == text ? text : text + QLatin1Char('\n') + tip, view);
    return true;
  }
};

}  // namespace

TableHeader& lookLikeAList(QTableView& table) {
  auto* header = new TableHeader(&table);
  table.setHorizontalHeader(header);
  table.setItemDelegate(new WholeTexts(&table));
  table.setSelectionBehavior(QAbstractItemView::SelectRows);
  table.setEditTriggers(QAbstractItemView::NoEditTriggers);
  table.setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
  table.setAlternatingRowColors(true);
  table.setWordWrap(false);
  table.verticalHeader()->hide();
  table.verticalHeader()->setDefaultSectionSize(table.fontMetrics().height() * 3 / 2);
  return *header;
}

}  // namespace salient::ui
