// SPDX-License-Identifier: GPL-3.0-or-later
// The long jobs: one runs, the others wait. The queue is written to disk at every change, so that what was waiting or
// running when the studio ended (closed, crashed, killed) is there again, resumable, at the next start. Each job has
// a log file. A second studio that runs at the same time keeps a queue of its own, which the next studio takes over
// once that one is gone. Files are written in the background, in order.
#pragma once

#include <QDateTime>
#include <QElapsedTimer>
#include <QJsonObject>
#include <QObject>
#include <QString>
#include <QThreadPool>
#include <QTimer>
#include <QVector>
#include <atomic>
#include <functional>
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
  bool stopping = false;      ///< asked to stop, has not answered yet
  bool fresh = false;         ///< restart() was asked for: the next start forgets what was finished
  bool notAnswering = false;  ///< asked to stop some seconds ago: JobQueue::kill() would help
  QString stage;
  double fraction = 0;  ///< of the stage
  double etaSeconds = -1;
  QString detail;
  QDateTime created;
  QDateTime started;
  QDateTime finished;
  ErrorInfo error;     ///< failed, or interrupted by the worker's death
  QJsonObject result;  ///< done; after a restart of the studio without its arrays
  QString logFile;

  /// Paused, failed, cancelled, interrupted: the same request goes on where it stopped.
  [[nodiscard]] bool resumable() const;
  /// Resumable, and of an operation that keeps finished parts which restart() can make it forget.
  [[nodiscard]] bool restartable() const;
  [[nodiscard]] bool finishedForGood() const { return state == State::done; }
  [[nodiscard]] QString operation() const { return request.value(QLatin1String("op")).toString(); }
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
  /// Something to tell about loading: taken over from another studio, unreadable, not writable. Mostly empty.
  [[nodiscard]] const QString& notice() const { return notice_; }

  /// Where to compute (device, threads) is filled in for operations that compute and do not say it.
  qint64 add(const QString& title, const QJsonObject& request);
  void setComputeKeys(const QJsonObject& keys) { computeKeys_ = keys; }
  void cancel(qint64 id);
  void pause(qint64 id);         ///< stops it, keeps its place and what it has done
  void resume(qint64 id);        ///< waiting again
  void restart(qint64 id);       ///< waiting again, from the beginning (after an Error{mismatch} for instance)
  void move(qint64 id, int to);  ///< index in jobs(); the running job keeps running
  void remove(qint64 id);        ///< not while it runs; with its log
  void kill();                   ///< ends a worker that does not answer; the running job becomes interrupted
  void setHeld(bool held);       ///< true: nothing new starts
  [[nodiscard]] bool held() const { return held_; }
  /// Stops the running job and returns once it is on disk as interrupted (closing the window). At most `milliseconds`,
  /// then the child is killed. Events are processed meanwhile.
  void stopForClosing(int milliseconds = 3000);
  /// The last part of a job's log as it is on disk, and from then on logLine() tells the rest. `receive` is called
  /// later in this thread, unless `receiver` is gone by then.
  void readLog(qint64 id, QObject* receiver, std::function<void(const QString&)> receive);
  /// How long a running job may take to answer a cancel before jobNotAnswering().
  void setPatience(int milliseconds) { patience_.setInterval(milliseconds); }
  [[nodiscard]] qint64 processId() const { return worker_.processId(); }  ///< of the worker; 0 while there is none

 signals:
  void jobAdded(qint64 id, int index);
  void jobChanged(qint64 id);
  void jobRemoved(qint64 id, int index);
  void jobMoved(qint64 id, int from, int to);
  void jobEnded(qint64 id);  ///< done, failed, cancelled or interrupted: after jobChanged
  void jobNotAnswering(qint64 id);
  void heldChanged(bool held);
  void snapshot(qint64 id, const QJsonObject& snapshot);
  void logLine(qint64 id, const QString& line);
  void storageFailed(const salient::ui::ErrorInfo& error);  ///< the queue or a log could not be written

 private:
  void connectWorker();
  void openFile();
  void load(const QString& file);
  void takeOverAbandoned();
  void save();
  void startNext();
  void stop(bool pausing);
  void showProgress(const WorkerProgress& progress);
  void finish(JobRecord::State state, const ErrorInfo& error, const QJsonObject& result);
  void change(JobRecord& job, JobRecord::State state);
  void forgetOldest();
  [[nodiscard]] int indexOf(qint64 id) const;
  [[nodiscard]] JobRecord* mutableJob(qint64 id);
  void appendLog(const JobRecord& job, const QString& line);

  QString directory_;
  QString file_;  ///< empty: nothing can be written
  QString notice_;
  std::unique_ptr<QLockFile> lock_;
  WorkerClient worker_;
  QVector<JobRecord> jobs_;
  qint64 next_ = 1;
  qint64 runningJob_ = 0;         ///< 0: none
  WorkerClient::Id request_ = 0;  ///< of the running job
  QJsonObject computeKeys_;
  bool pausing_ = false;
  bool closing_ = false;
  bool held_ = false;
  QTimer patience_;
  QElapsedTimer lastLogged_;
  std::atomic<qint64> saves_{0};  ///< a save that is not the newest is skipped
  QThreadPool writer_;            ///< one thread, so that lines and saves stay in order; ends before the rest
};

}  // namespace salient::ui
