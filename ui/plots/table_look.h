// SPDX-License-Identifier: GPL-3.0-or-later
// How tables of the studio look that are read row by row.
#pragma once

#include <QTableView>

#include "ui/plots/table_header.h"

namespace salient::ui {

/// Whole rows, nothing to edit, one line of text high; titles stand like their cells, a text that is cut is shown in
/// full by pointing at it. Called before anything else is asked of the table's header, which is another one afterwards.
TableHeader& lookLikeAList(QTableView& table);

/// Shows `text` where the rows would be while the table has none. After setModel().
void sayWhenEmpty(QTableView& table, const QString& text);

}  // namespace salient::ui
