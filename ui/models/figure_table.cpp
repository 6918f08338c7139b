// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/figure_table.h"

#include <QLocale>

#include "ui/models/numbers.h"

namespace salient::ui {
namespace {

bool isNumber(const QVariant& value) {
  switch (value.metaType().id()) {
    case QMetaType::Int:
    case QMetaType::UInt:
    case QMetaType::LongLong:
    case QMetaType::ULongLong:
    case QMetaType::Double:
    case QMetaType::Float: return true;
    default: return false;
  }
}

bool isWhole(const QVariant& value) {
  return value.metaType().id() != QMetaType::Double && value.metaType().id() != QMetaType::Float;
}

}  // namespace

void FigureTable::setColumns(QVector<Column> columns) {
  beginResetModel();
  columns_ = std::move(columns);
  endResetModel();
}

void FigureTable::setRows(int rows) {
  beginResetModel();
  rows_ = rows;
  endResetModel();
}

void FigureTable::touch() {
  if (rows_ == 0 || columns_.isEmpty()) return;
  emit dataChanged(index(0, 0), index(rows_ - 1, columnCount() - 1));
}

int FigureTable::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : rows_;
}

int FigureTable::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(columns_.size());
}

QVariant FigureTable::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  if (role != Qt::DisplayRole && role != Qt::EditRole && role != Qt::TextAlignmentRole) return {};
  const Column& column = columns_.at(index.column());
  QVariant value = column.value(index.row());
  const bool number = isNumber(value);
  if (role == Qt::TextAlignmentRole)
    return number ? QVariant::fromValue(Qt::Alignment(Qt::AlignRight | Qt::AlignVCenter)) : QVariant();
  if (role == Qt::EditRole || !number) return value;
  if (column.text) return column.text(value.toDouble());
  return isWhole(value) ? numbers::count(value.toLongLong()) : numbers::significant(value.toDouble());
}

QVariant FigureTable::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
    return QAbstractTableModel::headerData(section, orientation, role);
  return section >= 0 && section < columns_.size() ? QVariant(columns_.at(section).title) : QVariant();
}

}  // namespace salient::ui
