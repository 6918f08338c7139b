// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/worker_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <QSignalSpy>
#include <QTemporaryDir>
#include <csignal>

#include "tests/ui/support/fake_worker.h"
#include "tests/ui/support/waiting.h"

namespace salient::ui {
namespace {

const QString kSample = QStringLiteral(SALIENT_RESOURCES "/sample");

QJsonObject longSearch(const QTemporaryDir& directory) {
  return {{"op", "search"},
          {"model", kSample},
          {"calibration", kSample + QStringLiteral("/calibration.txt")},
          {"scores", directory.filePath(QStringLiteral("x.scores"))},
          {"samples", 1000},
          {"length", 256}};
}

ErrorInfo errorOf(const QSignalSpy& failed) {
  return failed.isEmpty() ? ErrorInfo() : failed.first().at(1).value<ErrorInfo>();
}

TEST(WorkerClient, AnswersARequest) {
  WorkerClient client;
  const QSignalSpy done(&client, &WorkerClient::done);
  const auto id = client.submit({{"op", "inspect"}, {"model", kSample}});
  EXPECT_TRUE(client.busy());
  ASSERT_TRUE(waitFor([&] { return done.size() == 1; }));
  EXPECT_EQ(done.first().at(0).toLongLong(), id);
  EXPECT_EQ(done.first().at(1).toJsonObject().value(QStringLiteral("format")).toString(), QStringLiteral("checkpoint"));
  EXPECT_FALSE(client.busy());
}

TEST(WorkerClient, PassesOnAnErrorInFull) {
  WorkerClient client;
  const QSignalSpy failed(&client, &WorkerClient::failed);
  client.submit({{"op", "inspect"}, {"model", "/no/such/model"}});
  ASSERT_TRUE(waitFor([&] { return failed.size() == 1; }));
  EXPECT_FALSE(errorOf(failed).code.isEmpty());
  EXPECT_TRUE(errorOf(failed).message.contains(QStringLiteral("/no/such/model")));
}

TEST(WorkerClient, CancelsARunningRequest) {
  const QTemporaryDir directory;
  WorkerClient client;
  const QSignalSpy progress(&client, &WorkerClient::progress);
  const QSignalSpy cancelled(&client, &WorkerClient::cancelled);
  const auto id = client.submit(longSearch(directory));
  ASSERT_TRUE(waitFor([&] { return !progress.isEmpty(); }));
  client.cancel(id);
  ASSERT_TRUE(waitFor([&] { return cancelled.size() == 1; }));
  EXPECT_FALSE(client.busy());
}

TEST(WorkerClient, AKilledWorkerIsAnErrorInWordsAndTheNextRequestStartsAnother) {
  const QTemporaryDir directory;
  WorkerClient client;
  const QSignalSpy progress(&client, &WorkerClient::progress);
  const QSignalSpy failed(&client, &WorkerClient::failed);
  const QSignalSpy done(&client, &WorkerClient::done);
  client.submit(longSearch(directory));
  ASSERT_TRUE(waitFor([&] { return !progress.isEmpty(); }));
  ASSERT_EQ(::kill(static_cast<pid_t>(client.processId()), SIGKILL), 0);
  ASSERT_TRUE(waitFor([&] { return failed.size() == 1; }));
  EXPECT_EQ(errorOf(failed).code, QStringLiteral("killed"));
  EXPECT_TRUE(errorOf(failed).found.contains(QStringLiteral("memory")));
  EXPECT_TRUE(errorOf(failed).advice.contains(QStringLiteral("resume")));
  client.submit({{"op", "inspect"}, {"model", kSample}});
  EXPECT_TRUE(waitFor([&] { return done.size() == 1; }));
}

TEST(WorkerClient, ACrashNamesTheSignalAndWhatWasSaid) {
  const FakeWorker worker("read line\necho 'double free' >&2\nkill -ABRT $$\n");
  WorkerClient client(worker.program());
  const QSignalSpy failed(&client, &WorkerClient::failed);
  client.submit({{"op", "inspect"}});
  ASSERT_TRUE(waitFor([&] { return failed.size() == 1; }));
  EXPECT_EQ(errorOf(failed).code, QStringLiteral("crashed"));
  EXPECT_TRUE(errorOf(failed).found.contains(QStringLiteral("signal 6")));
  EXPECT_TRUE(errorOf(failed).message.contains(QStringLiteral("double free")));
}

TEST(WorkerClient, AnEndWithoutAnswerFailsWhatIsOpen) {
  const FakeWorker worker("read line\nexit 3\n");
  WorkerClient client(worker.program());
  const QSignalSpy failed(&client, &WorkerClient::failed);
  client.submit({{"op", "inspect"}});
  ASSERT_TRUE(waitFor([&] { return failed.size() == 1; }));
  EXPECT_TRUE(errorOf(failed).found.contains(QStringLiteral("exit code 3")));
}

TEST(WorkerClient, AMissingProgramIsAnError) {
  WorkerClient client(QStringLiteral("/no/such/program"));
  const QSignalSpy failed(&client, &WorkerClient::failed);
  const auto id = client.submit({{"op", "inspect"}});
  EXPECT_TRUE(failed.isEmpty());  // not before the number is known
  ASSERT_TRUE(waitFor([&] { return failed.size() == 1; }));
  EXPECT_EQ(failed.first().at(0).toLongLong(), id);
  EXPECT_EQ(errorOf(failed).code, QStringLiteral("not-found"));
}

TEST(WorkerClient, AStuckWorkerCanBeKilled) {
  const FakeWorker worker(kStuckWorker);
  WorkerClient client(worker.program());
  const QSignalSpy progress(&client, &WorkerClient::progress);
  const QSignalSpy failed(&client, &WorkerClient::failed);
  client.submit({{"op", "search"}});
  ASSERT_TRUE(waitFor([&] { return !progress.isEmpty(); }));
  EXPECT_DOUBLE_EQ(progress.first().at(1).value<WorkerProgress>().fraction, 0.25);
  client.kill();
  ASSERT_TRUE(waitFor([&] { return failed.size() == 1; }));
  EXPECT_EQ(errorOf(failed).code, QStringLiteral("killed"));
}

TEST(WorkerClient, LinesInPiecesAndNonsenseBetweenThemAreRead) {
  const FakeWorker worker(R"(read line
printf 'not json\n[1]\n{"event":"acc'
sleep 0.05
printf 'epted","id":1}\n{"event":"done","id":7,"result":{}}\n{"event":"done","id":1,"result":{"ok":true}}\n'
)");
  WorkerClient client(worker.program());
  const QSignalSpy accepted(&client, &WorkerClient::accepted);
  const QSignalSpy done(&client, &WorkerClient::done);
  const QSignalSpy failed(&client, &WorkerClient::failed);
  client.submit({{"op", "inspect"}});
  ASSERT_TRUE(waitFor([&] { return done.size() == 1; }));
  EXPECT_EQ(accepted.size(), 1);
  EXPECT_TRUE(done.first().at(1).toJsonObject().value(QStringLiteral("ok")).toBool());
  EXPECT_TRUE(failed.isEmpty());
}

TEST(WorkerClient, LeavesNoProcessBehind) {
  const FakeWorker worker(kStuckWorker);
  qint64 process = 0;
  {
    WorkerClient client(worker.program());
    const QSignalSpy accepted(&client, &WorkerClient::accepted);
    client.submit({{"op", "search"}});
    ASSERT_TRUE(waitFor([&] { return !accepted.isEmpty(); }));
    process = client.processId();
  }
  ASSERT_GT(process, 0);
  EXPECT_NE(::kill(static_cast<pid_t>(process), 0), 0);
}

}  // namespace
}  // namespace salient::ui
