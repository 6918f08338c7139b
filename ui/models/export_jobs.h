// SPDX-License-Identifier: GPL-3.0-or-later
// The queue's exports and verifications of exports as a table, newest first: what, where, how far, what the check
// found.
#pragma once

#include <QAbstractTableModel>
#include <QVector>

#include "ui/models/job_queue.h"

namespace salient::ui {

class ExportJobs : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Column { format, state, size, check, output, columns };

  explicit ExportJobs(JobQueue& queue, QObject* parent = nullptr);

  [[nodiscard]] const JobRecord& at(int row) const { return rows_[row]; }
  [[nodiscard]] int rowOf(qint64 id) const;  ///< −1: not there
  /// The directory a job writes or checks.
  [[nodiscard]] static QString directoryOf(const JobRecord& job);
  /// What the read-back found, in a sentence; empty where nothing was checked.
  [[nodiscard]] static QString checkText(const JobRecord& job);

  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  void add(qint64 id);
  void refresh(qint64 id);
  void remove(qint64 id);

  JobQueue& queue_;
  QVector<JobRecord> rows_;
};

}  // namespace salient::ui
