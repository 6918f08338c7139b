// SPDX-License-Identifier: GPL-3.0-or-later
// How tables of the studio look that are read row by row.
#pragma once

#include <QHeaderView>
#include <QTableView>

namespace salient::ui {

/// Whole rows, nothing to edit, one line of text high.
inline void lookLikeAList(QTableView& table) {
  table.setSelectionBehavior(QAbstractItemView::SelectRows);
  table.setEditTriggers(QAbstractItemView::NoEditTriggers);
  table.setAlternatingRowColors(true);
  table.setWordWrap(false);
  table.verticalHeader()->hide();
  table.horizontalHeader()->setHighlightSections(false);
  table.verticalHeader()->setDefaultSectionSize(table.fontMetrics().height() * 3 / 2);
}

}  // namespace salient::ui
