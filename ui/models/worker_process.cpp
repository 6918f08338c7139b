// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/worker_process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>

namespace salient::ui {
namespace {

constexpr int kAskMilliseconds = 2000;  // a cancel is answered within a second on the sample
constexpr int kTerminateMilliseconds = 500;

/// In the child, before the program starts: only calls that are safe between fork and exec.
void prepareChild(pid_t parent) {
  // The end of its standard input already ends a worker; this ends one that is stuck as well. The thread that started
  // it ends after it or with the whole studio.
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(1);
  // Long computations in the background give way to windows.
  ::setpriority(PRIO_PROCESS, 0, 5);
  // Where memory ends, the system ends the worker, which can be resumed, before the studio.
  const int file = ::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (file >= 0) {
    [[maybe_unused]] const ssize_t written = ::write(file, "500", 3);
    ::close(file);
  }
}

}  // namespace

WorkerProcess::WorkerProcess(const QString& program, QObject* parent) : QObject(parent), inside_(new QObject) {
  inside_->moveToThread(&thread_);
  thread_.start();
  QMetaObject::invokeMethod(
      inside_, [this, program] { start(program); }, Qt::QueuedConnection);
}

WorkerProcess::~WorkerProcess() {
  QMetaObject::invokeMethod(
      inside_, [this] { end(); }, Qt::QueuedConnection);
  thread_.wait();
  delete inside_;
}

template <class Work>
void WorkerProcess::tell(const Work& work) {
  QMetaObject::invokeMethod(this, work, Qt::QueuedConnection);
}

template <class Work>
void WorkerProcess::withProcess(const Work& work) {
  QMetaObject::invokeMethod(
      inside_,
      [this, work] {
        if (process_ != nullptr) work(*process_);
      },
      Qt::QueuedConnection);
}

void WorkerProcess::start(const QString& program) {
  process_ = new QProcess(inside_);
  process_->setChildProcessModifier([parent = ::getpid()] { prepareChild(parent); });
  for (const auto ready : {&QProcess::readyReadStandardOutput, &QProcess::readyReadStandardError})
    connect(process_, ready, inside_, [this] { read(); });
  connect(process_, &QProcess::finished, inside_, [this](int exitCode, QProcess::ExitStatus status) {
    read();
    tell([this, exitCode, status] {
      running_ = false;
      emit ended(exitCode, status);
    });
    leave();
  });
  connect(process_, &QProcess::errorOccurred, inside_, [this](QProcess::ProcessError problem) {
    if (problem != QProcess::FailedToStart) return;
    tell([this, words = process_->errorString()] {
      running_ = false;
      emit failedToStart(words);
    });
    leave();
  });
  process_->start(program, {QStringLiteral("worker")});
  if (process_ != nullptr) processId_ = process_->processId();
}

void WorkerProcess::leave() {
  processId_ = 0;
  process_->deleteLater();  // one of its signals may have led here
  process_ = nullptr;
  thread_.quit();
}

void WorkerProcess::read() {
  const QByteArray bytes = process_->readAllStandardOutput();
  if (!bytes.isEmpty()) tell([this, bytes] { emit output(bytes); });
  const QByteArray said = process_->readAllStandardError();
  if (!said.isEmpty()) tell([this, said] { emit errors(said); });
}

void WorkerProcess::write(const QByteArray& bytes) {
  withProcess([bytes](QProcess& process) { process.write(bytes); });
}

void WorkerProcess::kill() {
  withProcess([](QProcess& process) { process.kill(); });
}

void WorkerProcess::letGo() {
  disconnect();
  connect(this, &WorkerProcess::ended, this, &QObject::deleteLater);
  if (!running_) return deleteLater();
  withProcess([](QProcess& process) { process.closeWriteChannel(); });
}

void WorkerProcess::end() {
  if (process_ == nullptr) return;
  process_->disconnect();
  if (process_->state() != QProcess::NotRunning) {
    process_->closeWriteChannel();
    if (!process_->waitForFinished(kAskMilliseconds)) process_->terminate();
    if (process_->state() != QProcess::NotRunning && !process_->waitForFinished(kTerminateMilliseconds)) {
      process_->kill();
      process_->waitForFinished(-1);
    }
  }
  leave();
}

}  // namespace salient::ui
