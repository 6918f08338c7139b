// SPDX-License-Identifier: GPL-3.0-or-later
// The log of one job: what is on disk already, then every line as it comes.
#pragma once

#include <QPlainTextEdit>

#include "ui/models/job_queue.h"

namespace salient::ui {

class LogView : public QPlainTextEdit {
  Q_OBJECT
 public:
  LogView(JobQueue& jobs, const QString& name, QWidget* parent = nullptr);

  void setJob(qint64 id);  ///< 0: nothing
  [[nodiscard]] qint64 job() const { return job_; }

 private:
  void append(const QString& lines);

  bool following_ = true;  ///< the end is seen, and stays seen

  JobQueue& jobs_;
  qint64 job_ = 0;
  qint64 wanted_ = 0;     ///< counts setJob(), so that a late answer is dropped
  bool reading_ = false;  ///< lines that come meanwhile wait in early_
  QString early_;
};

}  // namespace salient::ui
