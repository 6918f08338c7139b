// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/device_estimates.h"

#include <QJsonArray>

#include "core/base/format.h"
#include "ui/models/core_sentences.h"
#include "ui/models/jobs_model.h"
#include "ui/models/numbers.h"

namespace salient::ui {
namespace {

const QString kProcessor = QStringLiteral("cpu");

}  // namespace

DeviceEstimates::DeviceEstimates(Session& session, QObject* parent) : QAbstractTableModel(parent), session_(session) {
  WorkerClient& helper = session_.helper();
  connect(&helper, &WorkerClient::done, this, &DeviceEstimates::answered);
  connect(&helper, &WorkerClient::failed, this, &DeviceEstimates::refused);
}

QJsonObject DeviceEstimates::questionFor(const QString& device) const {
  QJsonObject question;
  if (!session_.calibrationText().isEmpty() && !session_.evaluationText().isEmpty()) {
    question = session_.recipe().requestKeys(QStringLiteral("run"));
    question.insert(QStringLiteral("op"), QStringLiteral("run"));
    question.insert(QStringLiteral("calibration"), session_.calibrationText());
    question.insert(QStringLiteral("evaluation"), session_.evaluationText());
    question.insert(QStringLiteral("output"), session_.defaultOutput(QStringLiteral("estimate")));
    question.insert(QStringLiteral("preflight"), true);
  } else {
    question.insert(QStringLiteral("op"), QStringLiteral("inspect"));
  }
  question.insert(QStringLiteral("model"), session_.modelPath());
  question.insert(QStringLiteral("device"), device);
  return question;
}

void DeviceEstimates::refresh() {
  const bool possible = session_.hasModel() && !session_.isPacked();
  const QJsonObject question = possible ? questionFor(kProcessor) : QJsonObject();
  if (question == asked_) return;
  asked_ = question;
  withTexts_ = question.value(QLatin1String("op")) == QLatin1String("run");
  deviceNote_.clear();
  beginResetModel();
  rows_.clear();
  devicesQuestion_ = 0;
  if (possible) {
    rows_.append({kProcessor, tr("Processor")});
    ask(rows_.front());
  }
  endResetModel();
  if (possible) {
    devicesQuestion_ = session_.helper().submit({{QStringLiteral("op"), QStringLiteral("devices")}});
  }
  emit changed();
}

void DeviceEstimates::ask(Row& row) {
  const QJsonObject known = session_.inspect().value(QLatin1String("estimate")).toObject();
  if (!withTexts_ && row.id == kProcessor && !known.isEmpty()) {
    row.state = State::fits;
    row.estimate = known;
    return;
  }
  row.question = session_.helper().submit(questionFor(row.id));
}

void DeviceEstimates::setDevices(const QJsonObject& result) {
  for (const QJsonValue value : result.value(QLatin1String("devices")).toArray()) {
    const QJsonObject device = value.toObject();
    const QString id = device.value(QLatin1String("id")).toString();
    const QString name = device.value(QLatin1String("name")).toString();
    if (id == kProcessor) {
      rows_.front().name = name;
      continue;
    }
    beginInsertRows({}, static_cast<int>(rows_.size()), static_cast<int>(rows_.size()));
    rows_.append({id, name});
    ask(rows_.back());
    endInsertRows();
  }
  QStringList notes;
  for (const QJsonValue note : result.value(QLatin1String("notes")).toArray())
    notes << gpuNote(note.toString());
  deviceNote_ = notes.join(QLatin1Char('\n'));
  emit dataChanged(index(0, 0), index(static_cast<int>(rows_.size()) - 1, columns - 1));
  emit changed();
}

void DeviceEstimates::answered(WorkerClient::Id id, const QJsonObject& result) {
  if (id == devicesQuestion_ && !rows_.isEmpty()) {
    devicesQuestion_ = 0;
    return setDevices(result);
  }
  for (int i = 0; i < rows_.size(); ++i) {
    Row& row = rows_[i];
    if (row.question != id) continue;
    row.question = 0;
    row.estimate = withTexts_ ? result : result.value(QLatin1String("estimate")).toObject();
    row.state = row.estimate.isEmpty() ? State::refused : State::fits;
    if (row.estimate.isEmpty()) {
      // `inspect` tells what stands in the way among its notes.
      row.error.message = coreSentence(result.value(QLatin1String("notes")).toArray().last().toString());
    }
    emit dataChanged(index(i, 0), index(i, columns - 1));
    emit changed();
  }
}

void DeviceEstimates::refused(WorkerClient::Id id, const ErrorInfo& error) {
  if (id == devicesQuestion_) devicesQuestion_ = 0;
  for (int i = 0; i < rows_.size(); ++i) {
    if (rows_[i].question != id) continue;
    rows_[i].question = 0;
    rows_[i].state = State::refused;
    rows_[i].error = error;
    emit dataChanged(index(i, 0), index(i, columns - 1));
    emit changed();
  }
}

int DeviceEstimates::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(rows_.size());
}

int DeviceEstimates::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : columns;
}

QString DeviceEstimates::stagesText(const Row& row) const {
  QStringList lines;
  for (const QJsonValue value : row.estimate.value(QLatin1String("stages")).toArray()) {
    const QJsonObject stage = value.toObject();
    const double seconds = stage.value(QLatin1String("seconds")).toDouble();
    lines << tr("%1: %2, %3")
                 .arg(JobsModel::stageText(stage.value(QLatin1String("name")).toString()),
                      numbers::bytes(stage.value(QLatin1String("memory_bytes")).toDouble()),
                      JobsModel::durationText(seconds));
  }
  return lines.join(QLatin1Char('\n'));
}

QVariant DeviceEstimates::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const Row& row = rows_[index.row()];
  const auto amount = [&](const char* key) -> QString {
    const QJsonValue value = row.estimate.value(QLatin1String(key));
    return value.isUndefined() ? QStringLiteral("–") : numbers::bytes(value.toDouble());
  };
  if (role == Qt::ToolTipRole) return row.state == State::refused ? row.error.message : stagesText(row);
  if (role == Qt::TextAlignmentRole) {
    return index.column() <= verdictColumn ? QVariant(Qt::AlignLeft | Qt::AlignVCenter)
                                           : QVariant(Qt::AlignRight | Qt::AlignVCenter);
  }
  if (role != Qt::DisplayRole) return {};
  switch (index.column()) {
    case deviceColumn: return row.name.isEmpty() ? row.id : tr("%1 (%2)").arg(row.name, row.id);
    case verdictColumn:
      if (row.state == State::asking) return tr("asking …");
      return row.state == State::fits ? tr("fits") : tr("does not fit: %1").arg(row.error.message);
    case memoryColumn: return amount("memory_bytes");
    case memoryFreeColumn: return amount("memory_available");
    case diskColumn: return amount("disk_bytes");
    case diskFreeColumn: return amount("disk_available");
    case timeColumn:
      return row.estimate.isEmpty() ? QStringLiteral("–")
                                    : JobsModel::durationText(row.estimate.value(QLatin1String("seconds")).toDouble());
    default: return {};
  }
}

QVariant DeviceEstimates::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || role != Qt::DisplayRole) return {};
  switch (section) {
    case deviceColumn: return tr("Device");
    case verdictColumn: return tr("Verdict");
    case memoryColumn: return tr("Memory needed");
    case memoryFreeColumn: return tr("Memory free");
    case diskColumn: return tr("Disk needed");
    case diskFreeColumn: return tr("Disk free");
    case timeColumn: return tr("Time");
    default: return {};
  }
}

}  // namespace salient::ui
