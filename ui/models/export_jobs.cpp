// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/export_jobs.h"

#include <QDir>
#include <QFileInfo>
#include <algorithm>

#include "ui/models/jobs_model.h"
#include "ui/models/numbers.h"

namespace salient::ui {
namespace {

bool isExport(const JobRecord& job) {
  return job.operation() == QLatin1String("export") || job.operation() == QLatin1String("verify");
}

QString text(const QJsonObject& object, const char* key) {
  return object.value(QLatin1String(key)).toString();
}

double number(const QJsonObject& object, const char* key) {
  return object.value(QLatin1String(key)).toDouble();
}

}  // namespace

ExportJobs::ExportJobs(JobQueue& queue, QObject* parent) : QAbstractTableModel(parent), queue_(queue) {
  for (const JobRecord& job : queue.jobs())
    if (isExport(job)) rows_.append(job);
  std::sort(rows_.begin(), rows_.end(), [](const JobRecord& a, const JobRecord& b) { return a.id > b.id; });
  connect(&queue, &JobQueue::jobAdded, this, &ExportJobs::add);
  connect(&queue, &JobQueue::jobChanged, this, &ExportJobs::refresh);
  connect(&queue, &JobQueue::jobRemoved, this, &ExportJobs::remove);
}

int ExportJobs::rowOf(qint64 id) const {
  const auto found = std::find_if(rows_.begin(), rows_.end(), [id](const JobRecord& job) { return job.id == id; });
  return found == rows_.end() ? -1 : static_cast<int>(found - rows_.begin());
}

void ExportJobs::add(qint64 id) {
  const JobRecord* job = queue_.find(id);
  if (job == nullptr || !isExport(*job) || rowOf(id) >= 0) return;
  beginInsertRows({}, 0, 0);
  rows_.prepend(*job);
  endInsertRows();
}

void ExportJobs::refresh(qint64 id) {
  const JobRecord* job = queue_.find(id);
  const int row = rowOf(id);
  if (job == nullptr || row < 0) return;
  rows_[row] = *job;
  emit dataChanged(index(row, 0), index(row, columns - 1));
}

void ExportJobs::remove(qint64 id) {
  const int row = rowOf(id);
  if (row < 0) return;
  beginRemoveRows({}, row, row);
  rows_.removeAt(row);
  endRemoveRows();
}

QString ExportJobs::directoryOf(const JobRecord& job) {
  return text(job.request, job.operation() == QLatin1String("export") ? "output" : "model");
}

QString ExportJobs::checkText(const JobRecord& job) {
  const QJsonObject found = job.operation() == QLatin1String("verify")
                                ? job.result
                                : job.result.value(QLatin1String("verification")).toObject();
  if (found.isEmpty()) return {};
  if (found.contains(QLatin1String("logit_error"))) {
    const double rounding = number(found, "rounding_error");
    const QString weights = rounding > 0
                                ? tr("weights rounded by %1 of their norm").arg(numbers::significant(rounding, 2))
                                : tr("weights exact");
    return tr("Read back: %1; logits within %2; against the engine KL %3, same token %4")
        .arg(weights, numbers::significant(number(found, "logit_error"), 2), numbers::nats(number(found, "kl")),
             numbers::percent(100 * number(found, "top1")));
  }
  return found.value(QLatin1String("identical")).toBool() ? tr("Read back: every tensor and file is the same")
                                                          : tr("Read back: every hash and value");
}

int ExportJobs::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(rows_.size());
}

int ExportJobs::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : columns;
}

QVariant ExportJobs::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid)) return {};
  const JobRecord& job = rows_[index.row()];
  if (role == Qt::ToolTipRole) {
    if (index.column() == output) return QDir::toNativeSeparators(directoryOf(job));
    return job.error.message.isEmpty() ? data(index, Qt::DisplayRole) : QVariant(job.error.message);
  }
  if (role != Qt::DisplayRole) return {};
  switch (index.column()) {
    case format: {
      const QString name = text(job.request, "format");
      return name.isEmpty() ? tr("Check") : name;
    }
    case state:
      return job.state == JobRecord::State::running
                 ? tr("%1, %2").arg(JobsModel::stateText(job), numbers::percent(100 * job.fraction, 0))
                 : JobsModel::stateText(job);
    case size:
      return job.result.contains(QLatin1String("bytes")) ? numbers::bytes(number(job.result, "bytes")) : QString();
    case check: return job.error.message.isEmpty() ? checkText(job) : job.error.message;
    case output: return QFileInfo(directoryOf(job)).fileName();
    default: return {};
  }
}

QVariant ExportJobs::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || role != Qt::DisplayRole) return {};
  switch (section) {
    case format: return tr("Format");
    case state: return tr("State");
    case size: return tr("Size");
    case check: return tr("Check");
    case output: return tr("Folder");
    default: return {};
  }
}

}  // namespace salient::ui
