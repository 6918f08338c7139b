// SPDX-License-Identifier: GPL-3.0-or-later
// The figures of a table for other programs.
#pragma once

#include <QByteArray>
#include <QString>

class QAbstractItemModel;
class QItemSelectionModel;

namespace salient::ui {

/// RFC 4180 in UTF-8: the headers, then every row of the root. A number under Qt::EditRole is written unrounded with a
/// point; everything else as displayed.
[[nodiscard]] QByteArray csvOf(const QAbstractItemModel& model);

/// The selected rows as displayed, columns parted by tabs: for the clipboard.
[[nodiscard]] QString selectedText(const QItemSelectionModel& selection);

}  // namespace salient::ui
