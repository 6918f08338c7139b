// SPDX-License-Identifier: GPL-3.0-or-later
// The long jobs: one runs, the others wait. The queue is written to disk at every change, so that what was waiting or
// running when the studio ended (closed, crashed, killed) is there again, resumable, at the next start. Each job has
// a log file. A second studio that runs at the same time keeps a queue of its own.
#pragma once

#include <QDateTime>
#include <QJsonObject>
#include <QObject>
#include <QString>
#include <QVector>
#include <memory>

#include "ui/models/error_info.h"
#include "ui/models/worker_client.h"

class QLockFile;

namespace salient::ui {

struct JobRecord {
  enum class State { waiting, running, paused, done, failed, cancelled, interrupted };
  qint64 id = 0;        ///< unique in this queue, ascending
  QString title;        ///< for people: "Search sample-5m"
  QJsonObject request;  ///< PROTOCOL.md, without id
  State state = State::waiting;
  QString stage;
  double fraction = 0;  ///< of the stage
  double etaSeconds = -1;
  QString detail;
  QDateTime created;
  QDateTime started;
  QDateTime finished;
  ErrorInfo error;     ///< failed, or interrupted by the worker's death
  QJsonObject result;  ///< done
  QString logFile;

  /// Paused, failed, cancelled, interrupted: the same request goes on where it stopped.
  [[nodiscard]] bool resumable() const;
  [[nodiscard]] bool finishedForGood() const { return state == State::done; }
};

class JobQueue : public QObject {
  Q_OBJECT
 public:
  /// `directory` (created): the queue's file and the logs. `program` as for WorkerClient.
  JobQueue(const QString& directory, const QString& program, QObject* parent = nullptr);
  ~JobQueue() override;

  [[nodiscard]] const QVector<JobRecord>& jobs() const { return jobs_; }
  [[nodiscard]] const JobRecord* find(qint64 id) const;
  [[nodiscard]] const JobRecord* running() const;

  qint64 add(const QString& title, const QJsonObject& request);
  void cancel(qint64 id);
  void pause(qint64 id);         ///< stops it, keeps its place and what it has done
  void resume(qint64 id);        ///< waiting again
  void move(qint64 id, int to);  ///< index in jobs(); the running job keeps running
  void remove(qint64 id);        ///< not while it runs
  void setHeld(bool held);       ///< true: nothing new starts
  [[nodiscard]] bool held() const { return held_; }
  /// Stops the running job and returns once it is on disk as interrupted (closing the window). At most `milliseconds`,
  /// then the child is killed.
  void stopForClosing(int milliseconds = 3000);

 signals:
  void jobAdded(qint64 id, int index);
  void jobChanged(qint64 id);
  void jobRemoved(qint64 id, int index);
  void jobMoved(qint64 id, int from, int to);
  void jobEnded(qint64 id);  ///< done, failed, cancelled or interrupted: after jobChanged
  void snapshot(qint64 id, const QJsonObject& snapshot);
  void logLine(qint64 id, const QString& line);

 private:
  void load();
  void save();
  void startNext();
  void finish(JobRecord::State state, const ErrorInfo& error, const QJsonObject& result);
  int indexOf(qint64 id) const;
  void appendLog(const JobRecord& job, const QString& line);

  QString directory_;
  QString file_;
  std::unique_ptr<QLockFile> lock_;
  WorkerClient worker_;
  QVector<JobRecord> jobs_;
  qint64 next_ = 1;
  qint64 runningJob_ = 0;         ///< 0: none
  WorkerClient::Id request_ = 0;  ///< of the running job
  bool pausing_ = false;
  bool held_ = false;
};

}  // namespace salient::ui
