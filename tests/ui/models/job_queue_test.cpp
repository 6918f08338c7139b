// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/job_queue.h"

#include <gtest/gtest.h>

#include <QAbstractItemModelTester>
#include <QFile>
#include <QFileInfo>
#include <QProcess>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <csignal>

#include "tests/ui/support/fake_worker.h"
#include "tests/ui/support/waiting.h"
#include "ui/models/jobs_model.h"

namespace salient::ui {
namespace {

using State = JobRecord::State;

const QString kSample = QStringLiteral(SALIENT_RESOURCES "/sample");

class JobQueueTest : public ::testing::Test {
 protected:
  [[nodiscard]] QString state() const { return directory_.filePath(QStringLiteral("state")); }
  [[nodiscard]] QJsonObject search(const char* name, int samples) const {
    return {{"op", "search"},
            {"model", kSample},
            {"calibration", kSample + QStringLiteral("/calibration.txt")},
            {"scores", directory_.filePath(QString::fromLatin1(name))},
            {"samples", samples},
            {"length", 64}};
  }
  static QString program() { return WorkerClient::findProgram(); }
  static bool ended(const JobQueue& queue, qint64 id) {
    return waitFor([&] { return queue.find(id)->state != State::running && queue.find(id)->state != State::waiting; });
  }
  static bool started(const JobQueue& queue, qint64 id) {
    return waitFor([&] { return queue.find(id)->stage == QLatin1String("search"); });
  }

  /// Whether a process runs; one that ended and that nobody asked about does not.
  static bool alive(qint64 process) {
    QFile file(QStringLiteral("/proc/%1/stat").arg(process));
    if (!file.open(QIODevice::ReadOnly)) return false;
    const QByteArray text = file.readAll();
    return !text.mid(text.lastIndexOf(')')).startsWith(") Z");
  }

  QTemporaryDir directory_;
};

TEST_F(JobQueueTest, RunsOneJobAfterTheOtherAndLogs) {
  JobQueue queue(state(), program());
  JobsModel model(queue);
  const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
  const qint64 first = queue.add(QStringLiteral("First"), search("a.scores", 2));
  const qint64 second = queue.add(QStringLiteral("Second"), search("b.scores", 2));
  EXPECT_EQ(queue.find(first)->state, State::running);
  EXPECT_EQ(queue.find(second)->state, State::waiting);
  ASSERT_TRUE(ended(queue, second));
  EXPECT_EQ(queue.find(first)->state, State::done);
  EXPECT_EQ(queue.find(second)->state, State::done) << queue.find(second)->error.message.toStdString();
  EXPECT_TRUE(QFile::exists(directory_.filePath(QStringLiteral("a.scores"))));
  EXPECT_GT(queue.find(first)->result.value(QStringLiteral("features")).toInteger(), 0);
  EXPECT_EQ(model.rowCount(), 2);

  QString log;
  queue.readLog(first, &queue, [&](const QString& text) { log = text; });
  ASSERT_TRUE(waitFor([&] { return !log.isEmpty(); }));
  EXPECT_TRUE(log.contains(QStringLiteral("start: First\n    Model: ") + kSample)) << qPrintable(log);
  EXPECT_TRUE(log.contains(QStringLiteral("    Samples: 2\n    Tokens of a sequence: 64\n"))) << qPrintable(log);
  EXPECT_FALSE(log.contains(QLatin1Char('{')));
  EXPECT_TRUE(log.contains(QStringLiteral("Searching: ")));
  EXPECT_TRUE(log.contains(QStringLiteral("end: done")));
}

TEST_F(JobQueueTest, PausesResumesAndReorders) {
  JobQueue queue(state(), program());
  JobsModel model(queue);
  const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
  const qint64 first = queue.add(QStringLiteral("First"), search("a.scores", 24));
  const qint64 second = queue.add(QStringLiteral("Second"), search("b.scores", 2));
  const qint64 third = queue.add(QStringLiteral("Third"), search("c.scores", 2));
  queue.move(third, 1);
  EXPECT_EQ(queue.jobs().at(1).id, third);
  queue.setHeld(true);
  ASSERT_TRUE(started(queue, first));
  queue.pause(first);
  EXPECT_TRUE(queue.find(first)->stopping);
  ASSERT_TRUE(ended(queue, first));
  EXPECT_EQ(queue.find(first)->state, State::paused);
  EXPECT_TRUE(queue.find(first)->resumable());
  EXPECT_EQ(queue.running(), nullptr);  // held
  queue.remove(second);
  EXPECT_EQ(model.rowCount(), 2);
  queue.resume(first);
  queue.setHeld(false);
  ASSERT_TRUE(ended(queue, first));
  EXPECT_EQ(queue.find(first)->state, State::done) << queue.find(first)->error.message.toStdString();
  ASSERT_TRUE(ended(queue, third));
}

TEST_F(JobQueueTest, AKilledWorkerLeavesAJobThatResumes) {
  JobQueue queue(state(), program());
  const qint64 id = queue.add(QStringLiteral("Search"), search("a.scores", 24));
  ASSERT_TRUE(
      waitFor([&] { return queue.find(id)->fraction > 0.05 && queue.find(id)->stage == QLatin1String("search"); }));
  ASSERT_EQ(::kill(static_cast<pid_t>(queue.processId()), SIGKILL), 0);
  ASSERT_TRUE(ended(queue, id));
  EXPECT_EQ(queue.find(id)->state, State::interrupted);
  EXPECT_TRUE(queue.find(id)->error.message.contains(QStringLiteral("killed")));
  queue.resume(id);
  double first = -1;
  QObject::connect(&queue, &JobQueue::jobChanged, &queue, [&](qint64) {
    const JobRecord* job = queue.find(id);
    if (first < 0 && job->state == State::running && job->stage == QLatin1String("search")) first = job->fraction;
  });
  ASSERT_TRUE(ended(queue, id));
  EXPECT_EQ(queue.find(id)->state, State::done) << queue.find(id)->error.message.toStdString();
  EXPECT_GT(first, 0.0);  // what was searched before the kill is not searched again
}

TEST_F(JobQueueTest, ClosingLeavesAJobThatTheNextStudioResumes) {
  {
    JobQueue queue(state(), program());
    const qint64 id = queue.add(QStringLiteral("Search"), search("a.scores", 24));
    queue.add(QStringLiteral("Waits"), search("b.scores", 2));
    ASSERT_TRUE(started(queue, id));
    queue.stopForClosing();
    EXPECT_EQ(queue.find(id)->state, State::interrupted);
  }
  JobQueue queue(state(), program());
  ASSERT_EQ(queue.jobs().size(), 2);
  EXPECT_EQ(queue.running(), nullptr);  // nothing computes before somebody says so
  EXPECT_EQ(queue.jobs().at(0).state, State::interrupted);
  EXPECT_EQ(queue.jobs().at(1).state, State::paused);
  const qint64 id = queue.jobs().at(0).id;
  queue.resume(id);
  ASSERT_TRUE(ended(queue, id));
  EXPECT_EQ(queue.find(id)->state, State::done) << queue.find(id)->error.message.toStdString();
}

TEST_F(JobQueueTest, AStudioThatWasKilledLeavesAJobThatResumes) {
  const FakeWorker worker(kStuckWorker);
  JobQueue queue(state(), worker.program());
  const qint64 id = queue.add(QStringLiteral("Search"), {{"op", "search"}});
  ASSERT_TRUE(started(queue, id));
  // What a killed studio leaves behind is the file as it is now.
  const QString left = directory_.filePath(QStringLiteral("left"));
  QDir().mkpath(left);
  ASSERT_TRUE(waitFor([&] {
    QFile file(state() + QStringLiteral("/queue.json"));
    return file.open(QIODevice::ReadOnly) && file.readAll().contains("\"running\"");
  }));
  ASSERT_TRUE(QFile::copy(state() + QStringLiteral("/queue.json"), left + QStringLiteral("/queue.json")));
  const JobQueue next(left, worker.program());
  ASSERT_EQ(next.jobs().size(), 1);
  EXPECT_EQ(next.jobs().first().state, State::interrupted);
  EXPECT_TRUE(next.jobs().first().resumable());
}

TEST_F(JobQueueTest, AKilledStudioLeavesNoWorkerBehind) {
  const FakeWorker worker(kStuckWorker);
  QProcess studio;
  studio.start(QStringLiteral(SALIENT_DOOMED_STUDIO), {QFileInfo(worker.program()).absolutePath()});
  qint64 process = 0;
  ASSERT_TRUE(waitFor([&] {
    QFile file(worker.file("process"));
    if (file.open(QIODevice::ReadOnly)) process = file.readAll().trimmed().toLongLong();
    return process > 0;
  }));
  ASSERT_TRUE(alive(process));
  studio.kill();
  ASSERT_TRUE(studio.waitForFinished());
  EXPECT_TRUE(waitFor([&] { return !alive(process); }));
}

TEST_F(JobQueueTest, AStuckWorkerIsReportedAndCanBeEnded) {
  const FakeWorker worker(kStuckWorker);
  JobQueue queue(state(), worker.program());
  queue.setPatience(50);
  const QSignalSpy silent(&queue, &JobQueue::jobNotAnswering);
  const qint64 id = queue.add(QStringLiteral("Stuck"), {{"op", "search"}});
  ASSERT_TRUE(started(queue, id));
  queue.cancel(id);
  ASSERT_TRUE(waitFor([&] { return silent.size() == 1; }));
  EXPECT_TRUE(queue.find(id)->notAnswering);
  queue.kill();
  ASSERT_TRUE(ended(queue, id));
  EXPECT_EQ(queue.find(id)->state, State::interrupted);
  EXPECT_FALSE(queue.find(id)->notAnswering);
}

TEST_F(JobQueueTest, ClosingEndsAStuckWorker) {
  const FakeWorker worker(kStuckWorker);
  JobQueue queue(state(), worker.program());
  const qint64 id = queue.add(QStringLiteral("Stuck"), {{"op", "search"}});
  ASSERT_TRUE(started(queue, id));
  queue.stopForClosing(50);
  EXPECT_EQ(queue.find(id)->state, State::interrupted);
}

TEST_F(JobQueueTest, TwoStudiosKeepQueuesOfTheirOwnAndTheNextTakesOver) {
  const FakeWorker worker(kStuckWorker);
  {
    JobQueue first(state(), worker.program());
    JobQueue second(state(), worker.program());
    first.setHeld(true);
    second.setHeld(true);
    first.add(QStringLiteral("Of the first"), {{"op", "search"}});
    second.add(QStringLiteral("Of the second"), {{"op", "search"}});
    JobQueue third(state(), worker.program());
    EXPECT_TRUE(third.jobs().isEmpty());
  }
  const JobQueue next(state(), worker.program());
  ASSERT_EQ(next.jobs().size(), 2);
  EXPECT_EQ(next.jobs().at(0).title, QStringLiteral("Of the first"));
  EXPECT_EQ(next.jobs().at(1).title, QStringLiteral("Of the second"));
  EXPECT_NE(next.jobs().at(0).id, next.jobs().at(1).id);
}

TEST_F(JobQueueTest, AnUnreadableFileIsPutAsideAndSaid) {
  QDir().mkpath(state());
  QFile file(state() + QStringLiteral("/queue.json"));
  ASSERT_TRUE(file.open(QIODevice::WriteOnly));
  file.write("{\"half\": ");
  file.close();
  const JobQueue queue(state(), program());
  EXPECT_TRUE(queue.jobs().isEmpty());
  EXPECT_TRUE(queue.notice().contains(QStringLiteral("queue.json.unreadable")));
  EXPECT_TRUE(QFile::exists(state() + QStringLiteral("/queue.json.unreadable")));
}

TEST_F(JobQueueTest, WhatFitsNoLongerIsStartedAfresh) {
  JobQueue queue(state(), program());
  const qint64 first = queue.add(QStringLiteral("First"), search("a.scores", 24));
  ASSERT_TRUE(started(queue, first));
  queue.cancel(first);
  ASSERT_TRUE(ended(queue, first));
  // Another search with the same target finds what the first one left.
  const qint64 second = queue.add(QStringLiteral("Second"), search("a.scores", 2));
  ASSERT_TRUE(ended(queue, second));
  ASSERT_EQ(queue.find(second)->state, State::failed);
  EXPECT_EQ(queue.find(second)->error.code, QStringLiteral("mismatch"));
  queue.restart(second);
  ASSERT_TRUE(ended(queue, second));
  EXPECT_EQ(queue.find(second)->state, State::done) << queue.find(second)->error.message.toStdString();
  EXPECT_FALSE(queue.find(second)->request.contains(QStringLiteral("fresh")));
}

TEST_F(JobQueueTest, JobsComputeWhereTheSessionSays) {
  const FakeWorker worker(kStuckWorker);
  JobQueue queue(state(), worker.program());
  queue.setHeld(true);
  queue.setComputeKeys({{"device", "cuda:0"}, {"threads", 3}});
  const qint64 search = queue.add(QStringLiteral("Search"), {{"op", "search"}, {"threads", 1}});
  EXPECT_EQ(queue.find(search)->request.value(QStringLiteral("device")), QStringLiteral("cuda:0"));
  EXPECT_EQ(queue.find(search)->request.value(QStringLiteral("threads")), 1);
  const qint64 checked = queue.add(QStringLiteral("Export"), {{"op", "export"}, {"verify", true}});
  EXPECT_EQ(queue.find(checked)->request.value(QStringLiteral("device")), QStringLiteral("cuda:0"))
      << "its check computes";
  const qint64 list = queue.add(QStringLiteral("List"), {{"op", "experiments"}});
  EXPECT_FALSE(queue.find(list)->request.contains(QStringLiteral("device")));
}

TEST_F(JobQueueTest, AFailedJobKeepsItsError) {
  QString log;
  {
    JobQueue queue(state(), program());
    QJsonObject request = search("a.scores", 2);
    request.insert(QStringLiteral("model"), QStringLiteral("/no/such/model"));
    const qint64 id = queue.add(QStringLiteral("Search"), request);
    ASSERT_TRUE(ended(queue, id));
    EXPECT_EQ(queue.find(id)->state, State::failed);
  }
  const JobQueue queue(state(), program());
  ASSERT_EQ(queue.jobs().size(), 1);
  EXPECT_EQ(queue.jobs().at(0).state, State::failed);
  EXPECT_TRUE(queue.jobs().at(0).error.message.contains(QStringLiteral("/no/such/model")));
}

}  // namespace
}  // namespace salient::ui
