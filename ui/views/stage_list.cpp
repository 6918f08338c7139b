// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/stage_list.h"

#include <QGridLayout>
#include <QLabel>
#include <QProgressBar>

#include "ui/models/jobs_model.h"

namespace salient::ui {
namespace {

constexpr int kSteps = 1000;

}  // namespace

StageList::StageList(const QStringList& stages, const QString& name, QWidget* parent) : QWidget(parent) {
  setObjectName(name);
  auto* grid = new QGridLayout(this);
  grid->setContentsMargins(0, 0, 0, 0);
  grid->setColumnStretch(1, 1);
  grid->setColumnMinimumWidth(2, fontMetrics().averageCharWidth() * 32);
  for (const QString& stage : stages) {
    Row row{stage, new QLabel(JobsModel::stageText(stage), this), new QProgressBar(this), new QLabel(this)};
    row.bar->setObjectName(name + QLatin1Char('.') + stage);
    row.bar->setRange(0, kSteps);
    row.bar->setTextVisible(false);
    row.bar->setAccessibleName(row.label->text());
    row.bar->setMaximumHeight(fontMetrics().height());
    row.note->setForegroundRole(QPalette::PlaceholderText);
    const int line = static_cast<int>(rows_.size());
    grid->addWidget(row.label, line, 0);
    grid->addWidget(row.bar, line, 1);
    grid->addWidget(row.note, line, 2);
    rows_.append(row);
  }
  clear();
}

void StageList::show(const JobRecord& job) {
  const bool done = job.state == JobRecord::State::done;
  const auto at = std::find_if(rows_.begin(), rows_.end(), [&](const Row& row) { return row.stage == job.stage; });
  for (auto row = rows_.begin(); row != rows_.end(); ++row) {
    const bool past = done || (at != rows_.end() && row < at);
    const bool present = !done && row == at;
    row->bar->setValue(past ? kSteps : present ? static_cast<int>(kSteps * job.fraction) : 0);
    QString note;
    if (past) {
      note = tr("done");
    } else if (present && job.state == JobRecord::State::running) {
      const QString remaining = JobsModel::durationText(job.etaSeconds);
      note = remaining.isEmpty() ? job.detail : tr("%1, %2 left").arg(job.detail, remaining);
    } else if (present) {
      note = JobsModel::stateText(job);
    }
    row->note->setText(note);
  }
}

void StageList::clear() {
  for (const Row& row : rows_) {
    row.bar->setValue(0);
    row.note->clear();
  }
}

}  // namespace salient::ui
