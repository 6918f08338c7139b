// SPDX-License-Identifier: GPL-3.0-or-later
// One child process `salient worker` and its JSON lines (core/experiment/PROTOCOL.md). The child starts with the first
// request and again after it died; a crash, a kill or an out-of-memory ends the child and reaches the studio as
// failed() of each unfinished request, in words. All signals come in the thread the client lives in; the JSON, which
// can be many megabytes, is parsed in another.
#pragma once

#include <QByteArray>
#include <QHash>
#include <QJsonObject>
#include <QObject>
#include <QString>
#include <QThreadPool>
#include <memory>

#include "ui/models/error_info.h"
#include "ui/models/worker_process.h"

namespace salient::ui {

struct WorkerProgress {
  QString stage;
  double fraction = 0;     ///< of the stage, 0 to 1
  double etaSeconds = -1;  ///< of the stage; negative while unknown
  double elapsedSeconds = 0;
  QString detail;
};

class WorkerClient : public QObject {
  Q_OBJECT
 public:
  using Id = qint64;

  /// `program`: the salient executable; findProgram() by default.
  explicit WorkerClient(QString program = findProgram(), QObject* parent = nullptr);
  ~WorkerClient() override;  ///< ends the child: asks, then terminates, then kills; never leaves an orphan

  /// Beside this executable, then PATH; $SALIENT_PROGRAM wins.
  [[nodiscard]] static QString findProgram();

  /// `request` as in PROTOCOL.md without id. Answered by exactly one of done, failed, cancelled.
  Id submit(const QJsonObject& request);
  void cancel(Id id);
  /// Kills the child at once (a request that does not answer its cancel): its requests fail with code "killed".
  void kill();
  /// Kills the child, forgets its requests and deletes the client, which must be on the heap, once the child has ended.
  /// Unlike the destructor it waits for nothing.
  void retire();
  [[nodiscard]] bool busy() const { return !pending_.isEmpty(); }
  [[nodiscard]] qint64 processId() const;  ///< 0 while no child runs

 signals:
  void accepted(salient::ui::WorkerClient::Id id);
  void progress(salient::ui::WorkerClient::Id id, const salient::ui::WorkerProgress& progress);
  void warning(salient::ui::WorkerClient::Id id, const QString& message);
  void snapshot(salient::ui::WorkerClient::Id id, const QJsonObject& snapshot);
  void text(salient::ui::WorkerClient::Id id, const QString& source, const QString& text);
  /// A generated token with what both models make of it: the `token` event without its event and id.
  void token(salient::ui::WorkerClient::Id id, const QJsonObject& token);
  void done(salient::ui::WorkerClient::Id id, const QJsonObject& result);
  void failed(salient::ui::WorkerClient::Id id, const salient::ui::ErrorInfo& error);
  void cancelled(salient::ui::WorkerClient::Id id);

 private:
  void start();
  void send(const QJsonObject& message);
  void parse(const QByteArray& bytes);  ///< of the child's standard output
  void handle(const QJsonObject& event);
  /// A worker whose GPU failed for good ends by itself: the next request starts another.
  void letGo();
  void ended(int exitCode, QProcess::ExitStatus status);
  [[nodiscard]] ErrorInfo describeEnd(int exitCode, QProcess::ExitStatus status) const;
  void fail(const QList<Id>& ids, const ErrorInfo& error);

  QString program_;
  std::unique_ptr<WorkerProcess> process_;
  QHash<Id, QString> pending_;  ///< id → op
  QByteArray errors_;           ///< the end of the child's standard error
  Id next_ = 1;
  bool killed_ = false;  ///< by kill()
  QByteArray held_;      ///< the beginning of an unfinished line; the parser's own
  QThreadPool parser_;   ///< one thread, so that events stay in order; last member: ends before the others do
};

}  // namespace salient::ui
