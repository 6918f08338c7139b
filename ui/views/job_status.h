// SPDX-License-Identifier: GPL-3.0-or-later
// The running job in the status line: what, how far, how long still, and a button that stops it.
#pragma once

#include <QWidget>

#include "ui/models/job_queue.h"

class QLabel;
class QProgressBar;
class QToolButton;

namespace salient::ui {

class JobStatus : public QWidget {
  Q_OBJECT
 public:
  explicit JobStatus(JobQueue& jobs, QWidget* parent = nullptr);

 private:
  void refresh();

  JobQueue& jobs_;
  QLabel* text_ = nullptr;
  QProgressBar* bar_ = nullptr;
  QToolButton* stop_ = nullptr;
};

}  // namespace salient::ui
