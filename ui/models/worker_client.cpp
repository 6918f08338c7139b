// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/worker_client.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QJsonDocument>
#include <QStandardPaths>
#include <csignal>
#include <cstring>

#include "ui/models/error_sentences.h"

namespace salient::ui {
namespace {

constexpr qsizetype kErrorTail = 4096;

}  // namespace

WorkerClient::WorkerClient(QString program, QObject* parent) : QObject(parent), program_(std::move(program)) {
  parser_.setMaxThreadCount(1);
}

WorkerClient::~WorkerClient() {
  pending_.clear();
  if (process_) process_->disconnect(this);
}

void WorkerClient::retire() {
  pending_.clear();
  disconnect();
  if (!process_ || !process_->isRunning()) return deleteLater();
  process_->disconnect(this);
  connect(process_.get(), &WorkerProcess::ended, this, &QObject::deleteLater);
  connect(process_.get(), &WorkerProcess::failedToStart, this, &QObject::deleteLater);
  setParent(QCoreApplication::instance());  // where that goes first, it waits as the destructor does
  process_->kill();
}

QString WorkerClient::findProgram() {
  const QString given = qEnvironmentVariable("SALIENT_PROGRAM");
  if (!given.isEmpty()) return given;
  const QString beside = QDir(QCoreApplication::applicationDirPath()).filePath(QStringLiteral("salient"));
  if (QFileInfo(beside).isExecutable()) return beside;
  const QString found = QStandardPaths::findExecutable(QStringLiteral("salient"));
  return found.isEmpty() ? beside : found;
}

qint64 WorkerClient::processId() const {
  return process_ ? process_->processId() : 0;
}

void WorkerClient::start() {
  if (process_ && process_->isRunning()) return;
  killed_ = false;
  errors_.clear();
  process_ = std::make_unique<WorkerProcess>(program_);
  connect(process_.get(), &WorkerProcess::output, this, &WorkerClient::parse);
  connect(process_.get(), &WorkerProcess::errors, this,
          [this](const QByteArray& said) { errors_ = (errors_ + said).right(kErrorTail); });
  connect(process_.get(), &WorkerProcess::ended, this, &WorkerClient::ended);
  connect(process_.get(), &WorkerProcess::failedToStart, this, [this](const QString& problem) {
    ErrorInfo error;
    error.code = QStringLiteral("not-found");
    error.file = program_;
    error.expected = tr("the program salient, which does the computing");
    error.found = problem;
    error.advice = tr("Install it beside salient-studio, or set SALIENT_PROGRAM to where it is.");
    error.message = tr("%1 could not be started: %2").arg(program_, error.found);
    // Whoever is told may ask again, which starts another process in the place of this one.
    QMetaObject::invokeMethod(
        this, [this, ids = pending_.keys(), error] { fail(ids, error); }, Qt::QueuedConnection);
  });
}

WorkerClient::Id WorkerClient::submit(const QJsonObject& request) {
  const Id id = next_++;
  pending_.insert(id, request.value(QLatin1String("op")).toString());
  start();
  QJsonObject message = request;
  message.insert(QLatin1String("id"), id);
  send(message);
  return id;
}

void WorkerClient::cancel(Id id) {
  if (!pending_.contains(id) || !process_ || !process_->isRunning()) return;
  send({{QStringLiteral("op"), QStringLiteral("cancel")}, {QStringLiteral("id"), id}});
}

void WorkerClient::kill() {
  if (!process_ || !process_->isRunning()) return;
  killed_ = true;
  process_->kill();
}

void WorkerClient::send(const QJsonObject& message) {
  process_->write(QJsonDocument(message).toJson(QJsonDocument::Compact) + '\n');
}

void WorkerClient::parse(const QByteArray& bytes) {
  parser_.start([this, bytes] {
    QList<QJsonObject> events;
    qsizetype begin = 0;
    for (qsizetype end = bytes.indexOf('\n'); end >= 0; end = bytes.indexOf('\n', begin)) {
      held_ += QByteArrayView(bytes).sliced(begin, end - begin);
      const QJsonDocument line = QJsonDocument::fromJson(held_);
      if (line.isObject()) events.append(line.object());
      held_.clear();
      begin = end + 1;
    }
    held_ += QByteArrayView(bytes).sliced(begin);
    if (events.isEmpty()) return;
    QMetaObject::invokeMethod(
        this,
        [this, events] {
          for (const QJsonObject& event : events)
            handle(event);
        },
        Qt::QueuedConnection);
  });
}

void WorkerClient::handle(const QJsonObject& event) {
  const auto string = [&](const char* key) { return event.value(QLatin1String(key)).toString(); };
  const auto number = [&](const char* key, double otherwise) {
    return event.value(QLatin1String(key)).toDouble(otherwise);
  };
  const QString name = string("event");
  const Id id = event.value(QLatin1String("id")).toInteger();
  // A line that was no request cannot come from here; an answer to what is answered is dropped.
  if (!pending_.contains(id)) return;
  if (name == QLatin1String("accepted")) {
    emit accepted(id);
  } else if (name == QLatin1String("progress")) {
    emit progress(id, {string("stage"), number("fraction", 0), number("eta_seconds", -1), number("elapsed_seconds", 0),
                       string("detail")});
  } else if (name == QLatin1String("warning")) {
    emit warning(id, string("message"));
  } else if (name == QLatin1String("snapshot")) {
    emit snapshot(id, event.value(QLatin1String("snapshot")).toObject());
  } else if (name == QLatin1String("text")) {
    emit text(id, string("source"), string("text"));
  } else if (name == QLatin1String("token")) {
    QJsonObject said = event;
    said.remove(QLatin1String("event"));
    said.remove(QLatin1String("id"));
    emit token(id, said);
  } else if (name == QLatin1String("done")) {
    pending_.remove(id);
    emit done(id, event.value(QLatin1String("result")).toObject());
  } else if (name == QLatin1String("failed")) {
    pending_.remove(id);
    const ErrorInfo error = ErrorInfo::from(event.value(QLatin1String("error")).toObject());
    if (error.code == QLatin1String("device") && pending_.isEmpty()) letGo();
    emit failed(id, error);
  } else if (name == QLatin1String("cancelled")) {
    pending_.remove(id);
    emit cancelled(id);
  }
}

void WorkerClient::letGo() {
  WorkerProcess* process = process_.release();
  process->setParent(this);
  process->letGo();
}

void WorkerClient::ended(int exitCode, QProcess::ExitStatus status) {
  const ErrorInfo error = describeEnd(exitCode, status);
  // Behind the answers that are still being parsed; a new child may have new requests by then.
  parser_.start([this, ids = pending_.keys(), error] {
    held_.clear();
    QMetaObject::invokeMethod(
        this, [this, ids, error] { fail(ids, error); }, Qt::QueuedConnection);
  });
}

ErrorInfo WorkerClient::describeEnd(int exitCode, QProcess::ExitStatus status) const {
  ErrorInfo error;
  error.file = program_;
  error.expected = tr("an answer");
  error.code = QStringLiteral("crashed");
  const QString kept = tr("What was finished is kept: resume goes on from there.");
  if (killed_) {
    error.code = QStringLiteral("killed");
    error.found = tr("the computing process did not answer and was ended from the studio");
    error.advice = kept;
  } else if (status == QProcess::CrashExit && exitCode == SIGKILL) {
    error.code = QStringLiteral("killed");
    error.found = tr("the computing process was killed (signal 9), as the system does when memory runs out");
    error.advice = tr("Close other programs, or use fewer or shorter sequences. %1").arg(kept);
  } else if (status == QProcess::CrashExit) {
    error.found = tr("the computing process crashed (signal %1, %2)")
                      .arg(exitCode)
                      .arg(errorSentence(QString::fromLatin1(::sigdescr_np(exitCode))));
    error.advice = kept;
  } else {
    error.found = tr("the computing process ended with exit code %1").arg(exitCode);
    error.advice = kept;
  }
  error.message = error.found;
  const QString said = QString::fromUtf8(errors_).trimmed();
  if (!said.isEmpty()) error.message += tr("; it said: %1").arg(said.section(QLatin1Char('\n'), -3));
  return error;
}

void WorkerClient::fail(const QList<Id>& ids, const ErrorInfo& error) {
  for (const Id id : ids) {
    if (pending_.remove(id) > 0) emit failed(id, error);
  }
}

}  // namespace salient::ui
