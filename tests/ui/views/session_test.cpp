// SPDX-License-Identifier: GPL-3.0-or-later
// A whole session on the sample, by the buttons a person presses.
#include <gtest/gtest.h>

#include <QFileInfo>
#include <QLabel>
#include <QMessageBox>
#include <csignal>

#include "core/search/scores.h"
#include "tests/ui/support/camera.h"
#include "tests/ui/support/fake_worker.h"
#include "tests/ui/support/hands.h"
#include "tests/ui/support/studio.h"
#include "tests/ui/support/watchdog.h"
#include "ui/views/notice_bar.h"

namespace salient::ui {
namespace {

using State = JobRecord::State;

class SessionTest : public ::testing::Test {
 protected:
  /// Opens the sample by its button and goes to the search with settings that take moments.
  static void openSample(Studio& studio, int samples) {
    ASSERT_TRUE(studio.ready());
    press(studio.window(), "start.openSample");
    ASSERT_TRUE(waitFor([&] { return studio.session().hasModel(); }));
    trigger(studio.window(), "view.search");
    type(studio.window(), "search.samples", QString::number(samples));
    type(studio.window(), "search.length", QStringLiteral("64"));
    EXPECT_EQ(studio.session().recipe().value(QStringLiteral("samples")), samples);
    EXPECT_EQ(studio.session().recipe().value(QStringLiteral("length")), 64);
  }
  static void startSearch(Studio& studio) {
    press(studio.window(), "search.start.button");
    ASSERT_TRUE(waitFor([&] {
      return studio.lastJob() != nullptr && studio.lastJob()->fraction > 0 &&
             studio.lastJob()->stage == QLatin1String("search");
    }));
  }
  static QString notice(Studio& studio) { return findIn<NoticeBar>(studio.window(), "notice")->text(); }

  QTemporaryDir folder_;
};

TEST_F(SessionTest, TheWholeWay) {
  Studio studio(folder_.path());
  ASSERT_TRUE(studio.ready());
  photograph(studio.window(), QStringLiteral("start"));
  openSample(studio, 4);
  photograph(studio.window(), QStringLiteral("search"));
  startSearch(studio);
  photograph(studio.window(), QStringLiteral("search-running"));
  ASSERT_TRUE(studio.lastJobIs(State::done));
  photograph(studio.window(), QStringLiteral("search-done"));
  trigger(studio.window(), "view.jobs");
  photograph(studio.window(), QStringLiteral("jobs"));
  studio.session().openPath(folder_.path());
  ASSERT_TRUE(waitFor([&] { return findIn<QWidget>(studio.window(), "start.error")->isVisible(); }));
  photograph(studio.window(), QStringLiteral("start-refused"));
  trigger(studio.window(), "help.shortcuts");
  photograph(*findIn<QWidget>(studio.window(), "shortcuts"), QStringLiteral("shortcuts"));
}

TEST_F(SessionTest, SearchesTheSample) {
  Studio studio(folder_.path());
  openSample(studio, 2);
  press(studio.window(), "search.estimate.button");
  const auto* estimate = findIn<QLabel>(studio.window(), "search.estimateText");
  ASSERT_TRUE(waitFor([&] { return estimate->text().contains(QStringLiteral("Memory:")); }));
  EXPECT_EQ(studio.lastJob(), nullptr);  // an estimate starts nothing
  press(studio.window(), "search.start.button");
  ASSERT_TRUE(studio.lastJobIs(State::done));
  ASSERT_TRUE(waitFor([&] { return studio.session().scores() != nullptr; }));
  EXPECT_EQ(studio.session().scores()->samples, 2);
  EXPECT_TRUE(enabled(studio.window(), "search.goSalience"));
}

TEST_F(SessionTest, CancelsAndResumes) {
  Studio studio(folder_.path());
  openSample(studio, 32);
  startSearch(studio);
  press(studio.window(), "search.cancel.button");
  ASSERT_TRUE(studio.lastJobIs(State::cancelled));
  press(studio.window(), "search.resume.button");
  ASSERT_TRUE(studio.lastJobIs(State::done)) << studio.lastJob()->error.message.toStdString();
}

TEST_F(SessionTest, AKilledWorkerIsSaidInWordsAndResumed) {
  Studio studio(folder_.path());
  openSample(studio, 32);
  startSearch(studio);
  ASSERT_EQ(::kill(static_cast<pid_t>(studio.session().jobs().processId()), SIGKILL), 0);
  ASSERT_TRUE(studio.lastJobIs(State::interrupted));
  EXPECT_TRUE(notice(studio).contains(QStringLiteral("killed")));
  press(studio.window(), "notice.resume");
  ASSERT_TRUE(studio.lastJobIs(State::done)) << studio.lastJob()->error.message.toStdString();
}

TEST_F(SessionTest, AStuckWorkerIsOfferedToBeEnded) {
  const FakeWorker worker(kStuckWorker);
  Studio studio(folder_.path(), worker.program());
  ASSERT_TRUE(studio.ready());
  studio.session().jobs().setPatience(50);
  studio.session().jobs().add(QStringLiteral("Stuck"), {{"op", "search"}});
  ASSERT_TRUE(waitFor([&] { return studio.lastJob()->fraction > 0; }));
  trigger(studio.window(), "view.jobs");
  press(studio.window(), "jobs.cancel.button");
  ASSERT_TRUE(waitFor([&] { return notice(studio).contains(QStringLiteral("does not answer")); }));
  press(studio.window(), "notice.kill");
  ASSERT_TRUE(studio.lastJobIs(State::interrupted));
}

TEST_F(SessionTest, ClosingDuringAJobAsksAndTheNextStudioResumes) {
  {
    Studio studio(folder_.path());
    openSample(studio, 32);
    startSearch(studio);
    studio.window().close();
    ASSERT_TRUE(waitFor([&] { return studio.window().findChild<QMessageBox*>(QStringLiteral("closing")) != nullptr; }));
    press(studio.window(), "closing.stay");
    EXPECT_TRUE(studio.window().isVisible());
    EXPECT_NE(studio.session().jobs().running(), nullptr);
    ASSERT_TRUE(waitFor([&] { return studio.window().findChild<QMessageBox*>(QStringLiteral("closing")) == nullptr; }));

    studio.window().close();
    press(studio.window(), "closing.stop");
    ASSERT_TRUE(waitFor([&] { return !studio.window().isVisible(); }));
    EXPECT_EQ(studio.lastJob()->state, State::interrupted);
  }
  Studio studio(folder_.path());
  ASSERT_TRUE(studio.ready());
  ASSERT_NE(studio.lastJob(), nullptr);
  EXPECT_EQ(studio.lastJob()->state, State::interrupted);
  press(studio.window(), QStringLiteral("start.resume%1").arg(studio.lastJob()->id));
  ASSERT_TRUE(studio.lastJobIs(State::done)) << studio.lastJob()->error.message.toStdString();
}

TEST_F(SessionTest, TheWindowAnswersWhileASearchRuns) {
  Studio studio(folder_.path());
  openSample(studio, 32);
  const Watchdog watchdog;
  startSearch(studio);
  for (const char* name : {"view.start", "view.search", "view.jobs"})
    trigger(studio.window(), name);
  ASSERT_TRUE(studio.lastJobIs(State::done));
  EXPECT_GT(watchdog.answers(), 10);
  EXPECT_LT(watchdog.longestMilliseconds(), 50.0);
}

}  // namespace
}  // namespace salient::ui
