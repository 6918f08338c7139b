// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/faults/sample_jobs.h"

#include <QCryptographicHash>
#include <QDir>
#include <QDirIterator>
#include <QElapsedTimer>
#include <QJsonArray>
#include <QJsonDocument>
#include <algorithm>

#include "tests/ui/support/waiting.h"
#include "ui/models/session.h"

namespace salient::ui {
namespace {

QByteArray digestOfFile(const QString& path) {
  QFile file(path);
  QCryptographicHash hash(QCryptographicHash::Sha256);
  if (!file.open(QIODevice::ReadOnly) || !hash.addData(&file)) return {};
  return hash.result().toHex();
}

/// Names and bytes of all files below a directory.
QByteArray digestOfDirectory(const QString& path) {
  QStringList files;
  QDirIterator found(path, QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
  while (found.hasNext())
    files.append(found.next());
  std::sort(files.begin(), files.end());
  QByteArray all;
  for (const QString& file : files)
    all += QDir(path).relativeFilePath(file).toUtf8() + ' ' + digestOfFile(file) + '\n';
  return all;
}

}  // namespace

SampleJobs::SampleJobs(const QString& folder)
    : folder_(folder),
      scores_(folder + QStringLiteral("/undisturbed/a.scores")),
      packed_(folder + QStringLiteral("/undisturbed/packed")) {
  JobQueue queue(folder + QStringLiteral("/undisturbed/state"), WorkerClient::findProgram());
  for (const QString& kind : kinds()) {
    QElapsedTimer timer;
    timer.start();
    const qint64 id = queue.add(kind, request(kind, folder + QStringLiteral("/undisturbed")));
    const bool ended = waitFor([&] { return queue.running() == nullptr; });
    const JobRecord& job = *queue.find(id);
    if (!ended || job.state != JobRecord::State::done) {
      problem_ = kind + QStringLiteral(" undisturbed: ") + job.error.message;
      return;
    }
    undisturbed_[kind] = {static_cast<int>(timer.elapsed()), digest(job)};
  }
}

QVector<QString> SampleJobs::kinds() {
  return {QStringLiteral("search"), QStringLiteral("quantize"), QStringLiteral("evaluate"), QStringLiteral("export")};
}

QJsonObject SampleJobs::request(const QString& kind, const QString& folder) const {
  QDir().mkpath(folder);
  const QString sample = Session::sampleDirectory();
  QJsonObject request{{"op", kind}};
  if (kind == QLatin1String("search")) {
    request.insert("model", sample);
    request.insert("calibration", sample + QStringLiteral("/calibration.txt"));
    request.insert("scores", folder + QStringLiteral("/a.scores"));
    request.insert("samples", 12);
    request.insert("length", 64);
  } else if (kind == QLatin1String("quantize")) {
    request.insert("model", sample);
    request.insert("scores", scores_);
    request.insert("output", folder + QStringLiteral("/packed"));
    request.insert("experiments", folder_ + QStringLiteral("/experiments.db"));
  } else if (kind == QLatin1String("evaluate")) {
    request.insert("model", packed_);
    request.insert("against", sample);
    request.insert("text", sample + QStringLiteral("/evaluation.txt"));
    request.insert("length", 64);
    request.insert("windows", 24);
    request.insert("experiments", folder_ + QStringLiteral("/experiments.db"));
  } else {
    request.insert("model", packed_);
    request.insert("format", QStringLiteral("fp32"));
    request.insert("output", folder + QStringLiteral("/export"));
    request.insert("verify", true);
  }
  return request;
}

QByteArray SampleJobs::digest(const JobRecord& job) {
  const auto path = [&](const char* key) { return job.request.value(QLatin1String(key)).toString(); };
  if (job.operation() == QLatin1String("search")) return digestOfFile(path("scores"));
  if (job.operation() != QLatin1String("evaluate")) return digestOfDirectory(path("output"));
  QByteArray figures;
  for (const char* key : {"perplexity", "perplexity_stderr", "windows", "tokens", "kl_forward", "kl_reverse", "top1"})
    figures += key + QByteArray::number(job.result.value(QLatin1String(key)).toDouble(), 'g', 17) + '\n';
  return figures;
}

bool SampleJobs::same(const JobRecord& job) const {
  const QByteArray left = digest(job);
  return !left.isEmpty() && left == undisturbed_.at(job.operation()).digest;
}

}  // namespace salient::ui
