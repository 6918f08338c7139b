// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/job_status.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QStyle>
#include <QToolButton>

#include "ui/models/jobs_model.h"

namespace salient::ui {

JobStatus::JobStatus(JobQueue& jobs, QWidget* parent) : QWidget(parent), jobs_(jobs) {
  setObjectName(QStringLiteral("status.job"));
  text_ = new QLabel(this);
  bar_ = new QProgressBar(this);
  bar_->setObjectName(QStringLiteral("status.progress"));
  bar_->setRange(0, 1000);
  bar_->setTextVisible(false);
  bar_->setFixedWidth(fontMetrics().averageCharWidth() * 20);
  bar_->setAccessibleName(tr("Progress of the running job's stage"));
  stop_ = new QToolButton(this);
  stop_->setObjectName(QStringLiteral("status.cancel"));
  stop_->setAutoRaise(true);
  stop_->setIcon(style()->standardIcon(QStyle::SP_BrowserStop));
  stop_->setToolTip(tr("Cancel the running job; it can be resumed"));
  stop_->setAccessibleName(stop_->toolTip());
  connect(stop_, &QToolButton::clicked, this, [this] {
    if (const JobRecord* job = jobs_.running()) jobs_.cancel(job->id);
  });
  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(text_);
  layout->addWidget(bar_);
  layout->addWidget(stop_);
  connect(&jobs, &JobQueue::jobChanged, this, &JobStatus::refresh);
  refresh();
}

void JobStatus::refresh() {
  const JobRecord* job = jobs_.running();
  setVisible(job != nullptr);
  if (job == nullptr) return;
  QString text = job->stopping ? tr("%1: stopping …").arg(job->title)
                               : tr("%1: %2").arg(job->title, JobsModel::progressText(*job));
  const QString remaining = JobsModel::durationText(job->etaSeconds);
  if (!remaining.isEmpty() && !job->stopping) text = tr("%1, %2 left").arg(text, remaining);
  text_->setText(text);
  bar_->setValue(static_cast<int>(1000 * job->fraction));
  stop_->setEnabled(!job->stopping);
}

}  // namespace salient::ui
