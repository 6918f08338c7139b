// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/play_token_table.h"

#include "ui/models/numbers.h"

namespace salient::ui {

void PlayTokenTable::show(const QVector<PlayToken>& tokens) {
  const auto before = static_cast<int>(tokens_.size());
  const auto now = static_cast<int>(tokens.size());
  if (now < before) {
    beginResetModel();
    tokens_ = tokens;
    endResetModel();
  } else if (now > before) {
    beginInsertRows({}, before, now - 1);
    tokens_ = tokens;
    endInsertRows();
  }
}

int PlayTokenTable::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(tokens_.size());
}

int PlayTokenTable::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : columns;
}

QVariant PlayTokenTable::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const PlayToken& token = tokens_[index.row()];
  const bool words = index.column() == text || index.column() == agreement;
  if (role == Qt::TextAlignmentRole) {
    return words ? QVariant(Qt::AlignLeft | Qt::AlignVCenter) : QVariant(Qt::AlignRight | Qt::AlignVCenter);
  }
  if (role != Qt::DisplayRole && role != Qt::EditRole) return {};
  const auto figure = [&](double value) -> QVariant {
    if (!token.compared) return {};
    return role == Qt::EditRole ? QVariant(value) : QVariant(numbers::significant(value));
  };
  switch (index.column()) {
    case position: return index.row() + 1;
    case id: return token.id >= 0 ? QVariant(token.id) : QVariant();
    case text: return token.text;
    case kl: return figure(token.kl);
    case own: return figure(token.logProbability);
    case other: return figure(token.otherLogProbability);
    case agreement: return token.compared ? QVariant(token.sameFirst ? tr("yes") : tr("no")) : QVariant();
    default: return {};
  }
}

QVariant PlayTokenTable::headerData(int section, Qt::Orientation orientation, int role) const {
  // Two such tables stand side by side: titles are short, and pointing at one tells the whole.
  const bool whole = role == Qt::ToolTipRole;
  if (orientation != Qt::Horizontal || (role != Qt::DisplayRole && !whole)) return {};
  switch (section) {
    case position: return whole ? tr("Position") : tr("No.");
    case id: return whole ? tr("Token id") : tr("Id");
    case text: return tr("Text");
    case kl: return whole ? tr("KL divergence (nats)") : tr("KL, nats");
    case own: return whole ? tr("Log-probability (nats)") : tr("ln p, nats");
    case other: return whole ? tr("By the other model (nats)") : tr("other, nats");
    case agreement: return whole ? tr("Same first choice") : tr("same");
    default: return {};
  }
}

}  // namespace salient::ui
