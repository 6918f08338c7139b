// SPDX-License-Identifier: GPL-3.0-or-later
// The figures behind a chart as a table: rows are counted, columns are functions of the row. Nothing is copied; whoever
// owns the figures says when they changed.
#pragma once

#include <QAbstractTableModel>
#include <QString>
#include <QVariant>
#include <QVector>
#include <functional>

namespace salient::ui {

class FigureTable : public QAbstractTableModel {
  Q_OBJECT
 public:
  struct Column {
    QString title;                        ///< with its unit: the CSV's header
    std::function<QVariant(int)> value;   ///< of a row: a number, or text; invalid = nothing to say
    std::function<QString(double)> text;  ///< how a number is shown; without it QLocale's spelling
  };

  explicit FigureTable(QObject* parent = nullptr) : QAbstractTableModel(parent) {}
  explicit FigureTable(QVector<Column> columns, QObject* parent = nullptr)
      : QAbstractTableModel(parent), columns_(std::move(columns)) {}

  void setColumns(QVector<Column> columns);
  void setRows(int rows);  ///< other figures altogether
  void touch();            ///< the same rows with other values

  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
  /// DisplayRole: for people; EditRole: the value itself; TextAlignmentRole: numbers to the right.
  [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  QVector<Column> columns_;
  int rows_ = 0;
};

}  // namespace salient::ui
