// SPDX-License-Identifier: GPL-3.0-or-later
// One child process `salient worker` in the keeping of a thread of its own. Whoever starts a program waits until it
// runs, and on a busy machine that takes longer than a window may stand still. All calls and signals are in the thread
// the object lives in.
#pragma once

#include <QByteArray>
#include <QObject>
#include <QProcess>
#include <QString>
#include <QThread>
#include <atomic>

namespace salient::ui {

class WorkerProcess : public QObject {
  Q_OBJECT
 public:
  explicit WorkerProcess(const QString& program, QObject* parent = nullptr);  ///< starts it
  ~WorkerProcess() override;  ///< ends the child: asks, then terminates, then kills; never leaves an orphan

  void write(const QByteArray& bytes);
  void kill();
  /// Ends its input and lets it end by itself; the object goes with it.
  void letGo();
  /// From the beginning until failedToStart() or ended().
  [[nodiscard]] bool isRunning() const { return running_; }
  [[nodiscard]] qint64 processId() const { return processId_; }  ///< 0 before it runs and after it ended

 signals:
  void output(const QByteArray& bytes);
  void errors(const QByteArray& bytes);  ///< of its standard error
  void failedToStart(const QString& problem);
  void ended(int exitCode, QProcess::ExitStatus status);  ///< after the last output() and errors()

 private:
  // In the thread
  void start(const QString& program);
  void read();
  void end();
  void leave();  ///< the process has ended: so does the thread
  /// Does `work` in the thread the object lives in.
  template <class Work>
  void tell(const Work& work);
  /// Does `work` with the process in its thread, unless the process has ended by then.
  template <class Work>
  void withProcess(const Work& work);

  QThread thread_;
  QObject* inside_;              ///< lives in the thread
  QProcess* process_ = nullptr;  ///< the thread's; null once it has ended
  std::atomic<qint64> processId_{0};
  bool running_ = true;
};

}  // namespace salient::ui
