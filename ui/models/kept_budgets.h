// SPDX-License-Identifier: GPL-3.0-or-later
// Budgets kept under a name, each with all that quantizing takes, to be measured one after the other. They belong to
// the scores they were chosen on and are there again at the next start. Rows stand in the order they were kept in.
#pragma once

#include <QAbstractTableModel>
#include <QJsonObject>
#include <QThreadPool>
#include <QVector>

#include "ui/models/error_info.h"

namespace salient::ui {

class BudgetModel;
class Session;
struct JobRecord;

struct KeptBudget {
  QString name;
  QString scores;      ///< which scores it was chosen on
  QJsonObject recipe;  ///< the recipe's values
  double percent = 0;
  double payloadBits = 0;
  double effectiveBits = 0;
  double bytes = 0;
  double salienceLeft = 0;  ///< nats a sequence

  [[nodiscard]] QJsonObject json() const;
  [[nodiscard]] static KeptBudget from(const QJsonObject& json);
};

class KeptBudgets : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Column { Name, Share, Payload, Effective, Size, Salience, State, ColumnCount };

  KeptBudgets(Session& session, BudgetModel& budget, QObject* parent = nullptr);
  ~KeptBudgets() override;

  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
  [[nodiscard]] Qt::ItemFlags flags(const QModelIndex& index) const override;
  bool setData(const QModelIndex& index, const QVariant& value, int role = Qt::EditRole) override;  ///< the name

  [[nodiscard]] const KeptBudget& at(int row) const { return rows_.at(row); }
  [[nodiscard]] QString proposedName() const;  ///< of the recipe's budget: "12.5 %"
  /// The recipe's budget as it is now; -1 while there is none. A name that is taken gets a number.
  int keep(const QString& name);
  void remove(int row);
  void use(int row);                                 ///< becomes the recipe, undoable
  qint64 queue(int row);                             ///< the job's id; the one that is there already, unless it is over
  [[nodiscard]] bool measured(int row) const;        ///< its job is done
  [[nodiscard]] QJsonObject request(int row) const;  ///< quantize with kept scores, and measure where there is a text

 signals:
  void storageFailed(const salient::ui::ErrorInfo& error);

 private:
  void load();
  void save();
  void showScores();
  void jobChanged();
  [[nodiscard]] QString scoresKey() const;
  [[nodiscard]] QString file() const;
  /// What of a request decides what is made: the model, the scores and the recipe; not the name, nor where it goes.
  [[nodiscard]] QJsonObject made(const KeptBudget& budget) const;
  [[nodiscard]] QString output(const KeptBudget& budget) const;
  [[nodiscard]] const JobRecord* jobOf(const KeptBudget& budget) const;
  [[nodiscard]] QString stateText(const KeptBudget& budget) const;
  [[nodiscard]] QString freeName(const QString& wanted, int except) const;

  Session& session_;
  BudgetModel& budget_;
  QVector<KeptBudget> rows_;    ///< of the session's scores
  QVector<KeptBudget> others_;  ///< of other scores
  QThreadPool writer_;          ///< one thread, so that saves stay in order; ends before the rest
};

}  // namespace salient::ui
