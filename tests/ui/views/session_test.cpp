// SPDX-License-Identifier: GPL-3.0-or-later
// Searches on the sample by the buttons a person presses, and what goes wrong with them.
#include <gtest/gtest.h>

#include <QFileInfo>
#include <QLabel>
#include <QMessageBox>
#include <QStatusBar>
#include <QTableView>
#include <csignal>

#include "core/experiment/store.h"
#include "core/search/scores.h"
#include "tests/ui/support/experiments.h"
#include "tests/ui/support/fake_worker.h"
#include "tests/ui/support/session_fixture.h"
#include "tests/ui/support/watchdog.h"

namespace salient::ui {
namespace {

using State = JobRecord::State;

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

TEST_F(SessionTest, AnEstimateOfOtherSettingsIsForgotten) {
  Studio studio(folder_.path());
  openSample(studio, 2);
  press(studio.window(), "search.estimate.button");
  const auto* estimate = findIn<QLabel>(studio.window(), "search.estimateText");
  ASSERT_TRUE(waitFor([&] { return estimate->text().contains(QStringLiteral("Memory:")); }));
  studio.session().recipe().set(QStringLiteral("percent"), 40, QStringLiteral("Percent"));
  EXPECT_FALSE(estimate->text().isEmpty()) << "a search does not depend on the budget";
  type(studio.window(), "search.samples", QStringLiteral("3"));
  EXPECT_TRUE(estimate->text().isEmpty()) << qPrintable(estimate->text());
}

TEST_F(SessionTest, TakesTheSamplesTextsForAnotherModel) {
  Studio studio(folder_.path());
  ASSERT_TRUE(studio.ready());
  studio.session().takeSampleTexts();  // salient-studio MODEL_DIR --sample
  const QString sample = Session::sampleDirectory();
  EXPECT_EQ(studio.session().calibrationText(), sample + QStringLiteral("/calibration.txt"));
  EXPECT_EQ(studio.session().evaluationText(), sample + QStringLiteral("/evaluation.txt"));
  EXPECT_EQ(studio.session().recipe().value(QStringLiteral("length")).toInt(), 512);
  EXPECT_FALSE(studio.session().hasModel());
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
  EXPECT_FALSE(studio.window().statusBar()->currentMessage().contains(QStringLiteral("killed"))) << "said once";
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

TEST_F(SessionTest, TwoStudiosRecordInOneExperimentFile) {
  Studio first(folder_.path());
  Studio second(folder_.path());
  const QString sample = Session::sampleDirectory();
  for (Studio* studio : {&first, &second}) {
    const QString output = folder_.filePath(studio == &first ? QStringLiteral("a") : QStringLiteral("b"));
    studio->session().jobs().add(QStringLiteral("Run"), {{"op", "run"},
                                                         {"model", sample},
                                                         {"calibration", sample + QStringLiteral("/calibration.txt")},
                                                         {"evaluation", sample + QStringLiteral("/evaluation.txt")},
                                                         {"output", output},
                                                         {"experiments", studio->session().experimentsFile()},
                                                         {"samples", 2},
                                                         {"length", 64},
                                                         {"evaluation_length", 64},
                                                         {"evaluation_windows", 2}});
  }
  ASSERT_TRUE(first.lastJobIs(State::done)) << first.lastJob()->error.message.toStdString();
  ASSERT_TRUE(second.lastJobIs(State::done)) << second.lastJob()->error.message.toStdString();
  auto store = Store::open(folder_.filePath(QStringLiteral("experiments.db")).toStdString(), Store::Access::read_only);
  ASSERT_TRUE(store) << store.error().to_string();
  const auto experiments = store->list();
  ASSERT_TRUE(experiments) << experiments.error().to_string();
  ASSERT_EQ(experiments->size(), 2U);
  for (const Experiment& experiment : *experiments)
    EXPECT_EQ(experiment.status, "done");
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

TEST_F(SessionTest, TheWindowAnswersWhileAHundredExperimentsLoad) {
  addExperiments(folder_.filePath(QStringLiteral("experiments.db")), 100);
  Studio studio(folder_.path());
  ASSERT_TRUE(studio.ready());
  const Watchdog watchdog;
  trigger(studio.window(), "view.tradeoff");
  const auto* table = findIn<QTableView>(studio.window(), "tradeoff.table");
  studio.session().notifyExperiments();
  ASSERT_TRUE(waitFor([&] { return table->model()->rowCount() == 100; }));
  QTest::qWait(200);
  EXPECT_GT(watchdog.answers(), 5);
  EXPECT_LT(watchdog.longestMilliseconds(), 50.0);
}

}  // namespace
}  // namespace salient::ui
