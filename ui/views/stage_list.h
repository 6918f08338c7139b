// SPDX-License-Identifier: GPL-3.0-or-later
// The stages of a job, one row each: what is finished, how far the present one is and how long it still takes.
#pragma once

#include <QVector>
#include <QWidget>

#include "ui/models/job_queue.h"

class QLabel;
class QProgressBar;

namespace salient::ui {

class StageList : public QWidget {
  Q_OBJECT
 public:
  /// `stages` by the worker's names, in order.
  StageList(const QStringList& stages, const QString& name, QWidget* parent = nullptr);

  void show(const JobRecord& job);
  void clear();

 private:
  struct Row {
    QString stage;
    QLabel* label = nullptr;
    QProgressBar* bar = nullptr;
    QLabel* note = nullptr;
  };
  QVector<Row> rows_;
};

}  // namespace salient::ui
