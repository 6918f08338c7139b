// SPDX-License-Identifier: GPL-3.0-or-later
// The job queue as a table: title, state, progress, time left, added. Rows stand in the queue's order.
#pragma once

#include <QAbstractTableModel>

#include "ui/models/job_queue.h"

namespace salient::ui {

class JobsModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Column { Title, State, Progress, Remaining, Created, ColumnCount };
  enum Role { IdRole = Qt::UserRole, FractionRole };  ///< FractionRole: 0 to 1 while running, otherwise invalid

  explicit JobsModel(JobQueue& queue, QObject* parent = nullptr);

  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

  [[nodiscard]] static QString stateText(const JobRecord& job);  ///< translated, in words
  [[nodiscard]] static QString stageText(const QString& stage);  ///< translated: "Searching"
  [[nodiscard]] static QString durationText(double seconds);     ///< "1 h 05 min"; empty for a negative one
  [[nodiscard]] static QString progressText(const JobRecord& job);

 private:
  [[nodiscard]] QVariant text(const JobRecord& job, int column) const;

  JobQueue& queue_;
  QVector<JobRecord> rows_;  ///< as told by the queue's signals
};

}  // namespace salient::ui
