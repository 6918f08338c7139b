// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/job_queue.h"

#include <QDir>
#include <QEventLoop>
#include <QFile>
#include <QFileInfo>
#include <QLocale>
#include <QLockFile>
#include <QPointer>

#include "ui/models/core_sentences.h"
#include "ui/models/job_file.h"
#include "ui/models/jobs_model.h"
#include "ui/models/request_words.h"

namespace salient::ui {
namespace {

constexpr int kPatienceMilliseconds = 5000;
constexpr qint64 kLogEveryMilliseconds = 2000;
constexpr qint64 kLogTail = qint64{256} << 10;
constexpr int kMostStudios = 64;
constexpr int kMostFinished = 200;

using State = JobRecord::State;

const QString kUnder = QStringLiteral("\n    ");  ///< more of a line of the log

const QStringList kComputing{QStringLiteral("search"),   QStringLiteral("quantize"), QStringLiteral("run"),
                             QStringLiteral("evaluate"), QStringLiteral("export"),   QStringLiteral("verify"),
                             QStringLiteral("bench")};
/// Those that know the key `fresh`.
const QStringList kPipelines{QStringLiteral("search"), QStringLiteral("quantize"), QStringLiteral("run")};

}  // namespace

bool JobRecord::resumable() const {
  return state == State::paused || state == State::failed || state == State::cancelled || state == State::interrupted;
}

bool JobRecord::restartable() const {
  return resumable() && kPipelines.contains(operation());
}

JobQueue::JobQueue(const QString& directory, const QString& program, QObject* parent)
    : QObject(parent), directory_(directory), worker_(program) {
  writer_.setMaxThreadCount(1);
  patience_.setSingleShot(true);
  patience_.setInterval(kPatienceMilliseconds);
  connect(&patience_, &QTimer::timeout, this, [this] {
    JobRecord* job = mutableJob(runningJob_);
    if (job == nullptr) return;
    job->notAnswering = true;
    appendLog(*job, tr("no answer to the request to stop"));
    emit jobChanged(job->id);
    emit jobNotAnswering(job->id);
  });
  connectWorker();
  openFile();
  if (file_.isEmpty()) return;
  load(file_);
  takeOverAbandoned();
  save();
}

JobQueue::~JobQueue() {
  worker_.disconnect(this);
  writer_.waitForDone();
}

void JobQueue::connectWorker() {
  const auto mine = [this](WorkerClient::Id id) { return runningJob_ != 0 && id == request_; };
  connect(&worker_, &WorkerClient::progress, this, [this, mine](WorkerClient::Id id, const WorkerProgress& progress) {
    if (mine(id)) showProgress(progress);
  });
  connect(&worker_, &WorkerClient::warning, this, [this, mine](WorkerClient::Id id, const QString& message) {
    if (mine(id)) appendLog(*find(runningJob_), tr("warning: %1").arg(coreSentence(message)));
  });
  connect(&worker_, &WorkerClient::snapshot, this, [this, mine](WorkerClient::Id id, const QJsonObject& partial) {
    if (mine(id)) emit snapshot(runningJob_, partial);
  });
  connect(&worker_, &WorkerClient::done, this, [this, mine](WorkerClient::Id id, const QJsonObject& result) {
    if (mine(id)) finish(State::done, {}, result);
  });
  connect(&worker_, &WorkerClient::failed, this, [this, mine](WorkerClient::Id id, const ErrorInfo& error) {
    if (!mine(id)) return;
    const bool died = error.code == QLatin1String("killed") || error.code == QLatin1String("crashed");
    finish(died ? State::interrupted : State::failed, error, {});
  });
  connect(&worker_, &WorkerClient::cancelled, this, [this, mine](WorkerClient::Id id) {
    if (mine(id)) finish(closing_ ? State::interrupted : pausing_ ? State::paused : State::cancelled, {}, {});
  });
}

// The file

void JobQueue::openFile() {
  if (!QDir().mkpath(directory_ + QStringLiteral("/logs"))) {
    notice_ = tr("%1 cannot be written: jobs will not survive the end of the studio.").arg(directory_);
    return;
  }
  for (int number = 1; number <= kMostStudios; ++number) {
    const QString name = number == 1 ? QStringLiteral("queue.json") : QStringLiteral("queue-%1.json").arg(number);
    const QString file = QDir(directory_).filePath(name);
    auto lock = std::make_unique<QLockFile>(file + QStringLiteral(".lock"));
    lock->setStaleLockTime(0);  // a studio may run for days; one that is gone is recognised by its process
    if (lock->tryLock()) {
      lock_ = std::move(lock);
      file_ = file;
      return;
    }
    if (lock->error() != QLockFile::LockFailedError) break;
  }
  notice_ = tr("%1 cannot be locked: jobs will not survive the end of the studio.").arg(directory_);
}

void JobQueue::load(const QString& file) {
  auto records = readJobs(file);
  if (!records) {
    const QString aside = file + QStringLiteral(".unreadable");
    QFile::remove(aside);
    QFile::rename(file, aside);
    notice_ = tr("The list of jobs could not be read and was put aside as %1: %2")
                  .arg(aside, ErrorInfo::from(records.error()).message);
    return;
  }
  for (JobRecord& job : *records) {
    job.id = next_++;
    // Nothing computes before somebody says so.
    if (job.state == State::running) job.state = State::interrupted;
    if (job.state == State::waiting) job.state = State::paused;
    jobs_.append(std::move(job));
  }
}

void JobQueue::takeOverAbandoned() {
  const auto files = QDir(directory_).entryInfoList({QStringLiteral("queue*.json")}, QDir::Files, QDir::Name);
  for (const QFileInfo& info : files) {
    const QString file = info.filePath();
    if (file == file_) continue;
    QLockFile lock(file + QStringLiteral(".lock"));
    lock.setStaleLockTime(0);
    if (!lock.tryLock()) continue;
    load(file);
    QFile::remove(file);
  }
}

void JobQueue::save() {
  if (file_.isEmpty()) return;
  const qint64 number = ++saves_;
  // A copy of its own: a shared list is changed in place once the writer has let go of it, and Qt's look at whether it
  // has is not ordered with what the writer read.
  const QVector<JobRecord> copies(jobs_.cbegin(), jobs_.cend());
  writer_.start([this, number, file = file_, records = copies] {
    if (number != saves_) return;
    const Status written = writeJobs(file, records);
    if (written) return;
    const ErrorInfo error = ErrorInfo::from(written.error());
    QMetaObject::invokeMethod(
        this, [this, error] { emit storageFailed(error); }, Qt::QueuedConnection);
  });
}

void JobQueue::appendLog(const JobRecord& job, const QString& line) {
  const QString stamped = QDateTime::currentDateTime().toString(QStringLiteral("yyyy-MM-dd HH:mm:ss ")) + line;
  lastLogged_.start();
  if (!job.logFile.isEmpty()) {
    writer_.start([file = job.logFile, bytes = stamped.toUtf8() + '\n'] {
      QFile log(file);
      // A log that cannot be written is no reason to stop the job; the line is shown all the same.
      if (log.open(QIODevice::WriteOnly | QIODevice::Append)) log.write(bytes);
    });
  }
  emit logLine(job.id, stamped);
}

void JobQueue::readLog(qint64 id, QObject* receiver, std::function<void(const QString&)> receive) {
  const JobRecord* job = find(id);
  const QString name = job == nullptr ? QString() : job->logFile;
  writer_.start([this, name, guard = QPointer<QObject>(receiver), receive = std::move(receive)] {
    QFile log(name);
    QByteArray bytes;
    if (!name.isEmpty() && log.open(QIODevice::ReadOnly)) {
      if (log.size() > kLogTail) {
        log.seek(log.size() - kLogTail);
        log.readLine();  // the rest of a line
      }
      bytes = log.readAll();
    }
    QMetaObject::invokeMethod(
        this,
        [guard, receive, text = QString::fromUtf8(bytes)] {
          if (guard) receive(text);
        },
        Qt::QueuedConnection);
  });
}

// The list

int JobQueue::indexOf(qint64 id) const {
  for (qsizetype i = 0; i < jobs_.size(); ++i) {
    if (jobs_[i].id == id) return static_cast<int>(i);
  }
  return -1;
}

const JobRecord* JobQueue::find(qint64 id) const {
  const int index = indexOf(id);
  return index < 0 ? nullptr : &jobs_[index];
}

JobRecord* JobQueue::mutableJob(qint64 id) {
  const int index = indexOf(id);
  return index < 0 ? nullptr : &jobs_[index];
}

const JobRecord* JobQueue::running() const {
  return find(runningJob_);
}

qint64 JobQueue::add(const QString& title, const QJsonObject& request) {
  JobRecord job;
  job.id = next_++;
  job.title = title;
  job.request = request;
  if (kComputing.contains(job.operation())) {
    for (auto key = computeKeys_.begin(); key != computeKeys_.end(); ++key) {
      if (!request.contains(key.key())) job.request.insert(key.key(), *key);
    }
  }
  job.created = QDateTime::currentDateTime();
  if (!file_.isEmpty()) {
    // Two studios share the directory, so the number alone would not do.
    job.logFile = QStringLiteral("%1/logs/%2-%3-%4.log")
                      .arg(directory_, job.created.toString(QStringLiteral("yyyyMMdd-HHmmss-zzz")), job.operation())
                      .arg(job.id);
  }
  jobs_.append(job);
  emit jobAdded(job.id, static_cast<int>(jobs_.size()) - 1);
  forgetOldest();
  save();
  startNext();
  return job.id;
}

void JobQueue::forgetOldest() {
  const auto finished =
      std::count_if(jobs_.begin(), jobs_.end(), [](const auto& job) { return job.finishedForGood(); });
  if (finished <= kMostFinished) return;
  const auto oldest = std::find_if(jobs_.begin(), jobs_.end(), [](const auto& job) { return job.finishedForGood(); });
  remove(oldest->id);
}

void JobQueue::remove(qint64 id) {
  const int index = indexOf(id);
  if (index < 0 || id == runningJob_) return;
  const QString log = jobs_[index].logFile;
  jobs_.removeAt(index);
  if (!log.isEmpty()) writer_.start([log] { QFile::remove(log); });
  emit jobRemoved(id, index);
  save();
}

void JobQueue::move(qint64 id, int to) {
  const int from = indexOf(id);
  to = std::clamp(to, 0, static_cast<int>(jobs_.size()) - 1);
  if (from < 0 || from == to) return;
  jobs_.move(from, to);
  emit jobMoved(id, from, to);
  save();
}

void JobQueue::change(JobRecord& job, State state) {
  job.state = state;
  emit jobChanged(job.id);
  save();
}

// Running them

void JobQueue::startNext() {
  if (runningJob_ != 0 || held_ || closing_) return;
  const auto next =
      std::find_if(jobs_.begin(), jobs_.end(), [](const auto& job) { return job.state == State::waiting; });
  if (next == jobs_.end()) return;
  next->started = QDateTime::currentDateTime();
  next->finished = {};
  next->stage.clear();
  next->detail.clear();
  next->fraction = 0;
  next->etaSeconds = -1;
  next->error = {};
  runningJob_ = next->id;
  pausing_ = false;
  QJsonObject request = next->request;
  if (std::exchange(next->fresh, false)) request.insert(QStringLiteral("fresh"), true);
  request_ = worker_.submit(request);
  appendLog(*next, tr("start: %1").arg((QStringList{next->title} + requestInWords(request)).join(kUnder)));
  change(*next, State::running);
}

void JobQueue::showProgress(const WorkerProgress& progress) {
  JobRecord& job = *mutableJob(runningJob_);
  const bool newStage = job.stage != progress.stage;
  const bool complete = progress.fraction >= 1 && job.fraction < 1;
  job.stage = progress.stage;
  job.fraction = progress.fraction;
  job.etaSeconds = progress.etaSeconds;
  job.detail = coreSentence(progress.detail);
  if (newStage || complete || lastLogged_.hasExpired(kLogEveryMilliseconds)) {
    const QString percent = QLocale().toString(100 * progress.fraction, 'f', 0);
    const QString stage = JobsModel::stageText(job.stage);
    appendLog(job, job.detail.isEmpty() ? tr("%1: %2 %").arg(stage, percent)
                                        : tr("%1: %2 %, %3").arg(stage, percent, job.detail));
  }
  emit jobChanged(job.id);
}

void JobQueue::finish(State state, const ErrorInfo& error, const QJsonObject& result) {
  JobRecord& job = *mutableJob(runningJob_);
  const qint64 id = std::exchange(runningJob_, 0);
  patience_.stop();
  job.stopping = false;
  job.notAnswering = false;
  job.finished = QDateTime::currentDateTime();
  job.etaSeconds = -1;
  job.error = error;
  job.result = result;
  if (state == State::done) job.fraction = 1;
  job.state = state;
  const QString message = error.message.isEmpty() ? QString() : QStringLiteral(": ") + error.message;
  appendLog(job, tr("end: %1").arg(JobsModel::stateText(job)) + message);
  change(job, state);
  emit jobEnded(id);
  startNext();
}

void JobQueue::stop(bool pausing) {
  JobRecord* job = mutableJob(runningJob_);
  if (job == nullptr) return;
  pausing_ = pausing;
  worker_.cancel(request_);
  if (job->stopping) return;
  job->stopping = true;
  patience_.start();
  emit jobChanged(job->id);
}

void JobQueue::cancel(qint64 id) {
  if (id != 0 && id == runningJob_) return stop(false);
  JobRecord* job = mutableJob(id);
  if (job == nullptr || job->finishedForGood() || job->state == State::cancelled) return;
  change(*job, State::cancelled);
  emit jobEnded(id);
}

void JobQueue::pause(qint64 id) {
  if (id != 0 && id == runningJob_) return stop(true);
  JobRecord* job = mutableJob(id);
  if (job != nullptr && job->state == State::waiting) change(*job, State::paused);
}

void JobQueue::resume(qint64 id) {
  JobRecord* job = mutableJob(id);
  if (job == nullptr || !job->resumable()) return;
  change(*job, State::waiting);
  startNext();
}

void JobQueue::restart(qint64 id) {
  JobRecord* job = mutableJob(id);
  if (job == nullptr || !job->restartable()) return;
  job->fresh = true;
  resume(id);
}

void JobQueue::kill() {
  worker_.kill();
}

void JobQueue::setHeld(bool held) {
  if (held_ == held) return;
  held_ = held;
  emit heldChanged(held);
  startNext();
}

void JobQueue::stopForClosing(int milliseconds) {
  closing_ = true;
  if (runningJob_ != 0) {
    QEventLoop loop;
    connect(this, &JobQueue::jobEnded, &loop, &QEventLoop::quit);
    QTimer::singleShot(milliseconds, &loop, [this] { worker_.kill(); });
    stop(false);
    loop.exec();
  }
  writer_.waitForDone();
  closing_ = false;
}

}  // namespace salient::ui
