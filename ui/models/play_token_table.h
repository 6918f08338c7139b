// SPDX-License-Identifier: GPL-3.0-or-later
// The tokens of one side of the playground as rows: what the coloured text shows, in numbers.
#pragma once

#include <QAbstractTableModel>

#include "ui/models/playground_run.h"

namespace salient::ui {

class PlayTokenTable : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Column { position, id, text, kl, own, other, agreement, columns };

  explicit PlayTokenTable(QObject* parent = nullptr) : QAbstractTableModel(parent) {}

  /// Follows a side that only grows; a shorter one begins anew.
  void show(const QVector<PlayToken>& tokens);

  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
  /// DisplayRole: for people; EditRole: the value.
  [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  QVector<PlayToken> tokens_;
};

}  // namespace salient::ui
