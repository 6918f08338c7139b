// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/jobs_model.h"

#include <QLocale>
#include <array>
#include <cmath>

namespace salient::ui {

JobsModel::JobsModel(JobQueue& queue, QObject* parent) : QAbstractTableModel(parent), queue_(queue) {
  rows_ = queue.jobs();
  connect(&queue, &JobQueue::jobAdded, this, [this](qint64 id, int row) {
    beginInsertRows({}, row, row);
    rows_.insert(row, *queue_.find(id));
    endInsertRows();
  });
  connect(&queue, &JobQueue::jobRemoved, this, [this](qint64, int row) {
    beginRemoveRows({}, row, row);
    rows_.removeAt(row);
    endRemoveRows();
  });
  connect(&queue, &JobQueue::jobMoved, this, [this](qint64, int from, int to) {
    // Qt names the row before which the moved one goes, counted before it is taken out.
    beginMoveRows({}, from, from, {}, to > from ? to + 1 : to);
    rows_.move(from, to);
    endMoveRows();
  });
  connect(&queue, &JobQueue::jobChanged, this, [this](qint64 id) {
    for (qsizetype row = 0; row < rows_.size(); ++row) {
      if (rows_[row].id != id) continue;
      rows_[row] = *queue_.find(id);
      emit dataChanged(index(static_cast<int>(row), 0), index(static_cast<int>(row), ColumnCount - 1));
    }
  });
}

int JobsModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(rows_.size());
}

int JobsModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : ColumnCount;
}

QVariant JobsModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const JobRecord& job = rows_[index.row()];
  switch (role) {
    case Qt::DisplayRole: return text(job, index.column());
    case IdRole: return job.id;
    case FractionRole: return job.state == JobRecord::State::running ? QVariant(job.fraction) : QVariant();
    case Qt::ToolTipRole: return job.error.message.isEmpty() ? QVariant() : job.error.message;
    default: return {};
  }
}

QVariant JobsModel::text(const JobRecord& job, int column) const {
  switch (column) {
    case Title: return job.title;
    case State: return stateText(job);
    case Progress: return progressText(job);
    case Remaining: return job.state == JobRecord::State::running ? durationText(job.etaSeconds) : QString();
    case Created: return QLocale().toString(job.created, QLocale::ShortFormat);
    default: return {};
  }
}

QVariant JobsModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (role != Qt::DisplayRole || orientation != Qt::Horizontal || section < 0 || section >= ColumnCount) return {};
  const std::array names{tr("Job"), tr("State"), tr("Progress"), tr("Stage ends in"), tr("Added")};
  return names[static_cast<std::size_t>(section)];
}

QString JobsModel::stateText(const JobRecord& job) {
  if (job.notAnswering) return tr("does not answer");
  if (job.stopping) return tr("stopping");
  switch (job.state) {
    case JobRecord::State::waiting: return tr("waiting");
    case JobRecord::State::running: return tr("running");
    case JobRecord::State::paused: return tr("paused");
    case JobRecord::State::done: return tr("done");
    case JobRecord::State::failed: return tr("failed");
    case JobRecord::State::cancelled: return tr("cancelled");
    case JobRecord::State::interrupted: return tr("interrupted");
  }
  return {};
}

QString JobsModel::stageText(const QString& stage) {
  const std::array<std::pair<const char*, QString>, 18> names{{
      {"open", tr("Opening")},
      {"tokenize", tr("Reading the text")},
      {"fingerprint", tr("Fingerprinting the weights")},
      {"search", tr("Searching")},
      {"allocate", tr("Allocating bits")},
      {"quantize", tr("Quantizing")},
      {"pack", tr("Writing the model")},
      {"evaluate", tr("Evaluating")},
      {"load", tr("Loading")},
      {"verify", tr("Verifying")},
      {"compare", tr("Comparing")},
      {"engine", tr("Loading the engine")},
      {"logits", tr("Comparing logits")},
      {"export", tr("Exporting")},
      {"generate", tr("Writing")},
      {"scan", tr("Looking at values")},
      {"benchmark", tr("Measuring the speed")},
      {"bench", tr("Measuring the speed")},
  }};
  for (const auto& [name, words] : names) {
    if (stage == QLatin1String(name)) return words;
  }
  return stage;
}

QString JobsModel::durationText(double seconds) {
  if (seconds < 0 || !std::isfinite(seconds)) return {};
  const auto whole = static_cast<qint64>(std::llround(seconds));
  if (whole == 0) return tr("less than a second");
  if (whole < 60) return tr("%1 s").arg(whole);
  if (whole < 3600) return tr("%1 min %2 s").arg(whole / 60).arg(whole % 60);
  return tr("%1 h %2 min").arg(whole / 3600).arg(whole % 3600 / 60);
}

QString JobsModel::progressText(const JobRecord& job) {
  if (job.stage.isEmpty() || job.state == JobRecord::State::done) return {};
  return tr("%1, %2 %").arg(stageText(job.stage), QLocale().toString(std::floor(100 * job.fraction), 'f', 0));
}

}  // namespace salient::ui
