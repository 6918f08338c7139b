// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/job_file.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <array>

#include "core/base/file.h"

namespace salient::ui {
namespace {

constexpr auto kSchema = "salient.jobs/1";
constexpr std::uint64_t kMostBytes = std::uint64_t{64} << 20;
constexpr std::array<std::pair<JobRecord::State, const char*>, 7> kStates{{
    {JobRecord::State::waiting, "waiting"},
    {JobRecord::State::running, "running"},
    {JobRecord::State::paused, "paused"},
    {JobRecord::State::done, "done"},
    {JobRecord::State::failed, "failed"},
    {JobRecord::State::cancelled, "cancelled"},
    {JobRecord::State::interrupted, "interrupted"},
}};

QJsonObject withoutArrays(const QJsonObject& object) {
  QJsonObject kept;
  for (auto entry = object.begin(); entry != object.end(); ++entry) {
    if (entry->isObject()) {
      kept.insert(entry.key(), withoutArrays(entry->toObject()));
    } else if (!entry->isArray()) {
      kept.insert(entry.key(), *entry);
    }
  }
  return kept;
}

QJsonObject toJson(const JobRecord& job) {
  return {{"title", job.title},
          {"request", job.request},
          {"state", stateName(job.state)},
          {"stage", job.stage},
          {"fraction", job.fraction},
          {"created", job.created.toString(Qt::ISODateWithMs)},
          {"started", job.started.toString(Qt::ISODateWithMs)},
          {"finished", job.finished.toString(Qt::ISODateWithMs)},
          {"error", job.error.json()},
          {"result", withoutArrays(job.result)},
          {"log", job.logFile}};
}

JobRecord fromJson(const QJsonObject& json) {
  const auto time = [&](const char* key) {
    return QDateTime::fromString(json.value(QLatin1String(key)).toString(), Qt::ISODateWithMs);
  };
  JobRecord job;
  job.title = json.value(QLatin1String("title")).toString();
  job.request = json.value(QLatin1String("request")).toObject();
  const QString state = json.value(QLatin1String("state")).toString();
  for (const auto& [value, name] : kStates) {
    if (state == QLatin1String(name)) job.state = value;
  }
  job.stage = json.value(QLatin1String("stage")).toString();
  job.fraction = json.value(QLatin1String("fraction")).toDouble();
  job.created = time("created");
  job.started = time("started");
  job.finished = time("finished");
  job.error = ErrorInfo::from(json.value(QLatin1String("error")).toObject());
  job.result = json.value(QLatin1String("result")).toObject();
  job.logFile = json.value(QLatin1String("log")).toString();
  return job;
}

}  // namespace

QString stateName(JobRecord::State state) {
  for (const auto& [value, name] : kStates) {
    if (value == state) return QLatin1String(name);
  }
  return {};
}

Result<QVector<JobRecord>> readJobs(const QString& file) {
  if (!QFile::exists(file)) return QVector<JobRecord>();
  SALIENT_ASSIGN(const std::string text, read_text_file(QFile::encodeName(file).toStdString(), kMostBytes));
  const QJsonObject json = QJsonDocument::fromJson(QByteArray::fromStdString(text)).object();
  if (json.value(QLatin1String("schema")).toString() != QLatin1String(kSchema)) {
    return Error{ErrorCode::format, escape_for_message(file.toStdString()), "schema", kSchema, "something else", ""};
  }
  QVector<JobRecord> jobs;
  const QJsonArray records = json.value(QLatin1String("jobs")).toArray();
  for (const QJsonValue& record : records)
    jobs.append(fromJson(record.toObject()));
  return jobs;
}

Status writeJobs(const QString& file, const QVector<JobRecord>& jobs) {
  QJsonArray records;
  for (const JobRecord& job : jobs)
    records.append(toJson(job));
  const QJsonObject json{{"schema", QLatin1String(kSchema)}, {"jobs", records}};
  return write_file_durably(QFile::encodeName(file).toStdString(), QJsonDocument(json).toJson().toStdString());
}

}  // namespace salient::ui
