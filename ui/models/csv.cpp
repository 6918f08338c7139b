// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/csv.h"

#include <QAbstractItemModel>
#include <QItemSelectionModel>
#include <QLocale>
#include <QStringList>
#include <algorithm>
#include <string>

#include "core/base/format.h"

namespace salient::ui {
namespace {

QString field(const QVariant& raw, const QString& shown) {
  switch (raw.metaType().id()) {
    case QMetaType::Double:
    case QMetaType::Float: return QString::number(raw.toDouble(), 'g', QLocale::FloatingPointShortest);
    case QMetaType::Int:
    case QMetaType::UInt:
    case QMetaType::LongLong:
    case QMetaType::ULongLong: return raw.toString();
    default: return shown;
  }
}

}  // namespace

QByteArray csvOf(const QAbstractItemModel& model) {
  std::string csv;
  const int columns = model.columnCount();
  const auto line = [&](const auto& fieldOf) {
    for (int column = 0; column < columns; ++column) {
      if (column > 0) csv += ',';
      csv += csv_field(fieldOf(column).toStdString());
    }
    csv += "\r\n";
  };
  line([&](int column) { return model.headerData(column, Qt::Horizontal).toString(); });
  for (int row = 0; row < model.rowCount(); ++row) {
    line([&](int column) {
      const QModelIndex index = model.index(row, column);
      return field(index.data(Qt::EditRole), index.data().toString());
    });
  }
  return QByteArray::fromStdString(csv);
}

QString selectedText(const QItemSelectionModel& selection) {
  QModelIndexList rows = selection.selectedRows();
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.row() < b.row(); });
  QStringList lines;
  for (const QModelIndex& row : rows) {
    QStringList fields;
    for (int column = 0; column < row.model()->columnCount(); ++column)
      fields << row.siblingAtColumn(column).data().toString();
    lines << fields.join(QLatin1Char('\t'));
  }
  return lines.join(QLatin1Char('\n'));
}

}  // namespace salient::ui
