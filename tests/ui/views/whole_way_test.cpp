// SPDX-License-Identifier: GPL-3.0-or-later
// A whole session on the sample by the buttons a person presses: open, search, close during a job, reopen and resume.
// tests/ui/screenshots.sh photographs it.
#include <QMessageBox>

#include "tests/ui/support/camera.h"
#include "tests/ui/support/session_fixture.h"

namespace salient::ui {
namespace {

using State = JobRecord::State;

class WholeWay : public SessionTest {
 public:
  static void allJobsEndWell(Studio& studio) {
    ASSERT_TRUE(waitFor([&] {
      for (const JobRecord& job : studio.session().jobs().jobs())
        if (job.state == State::waiting || job.state == State::running) return false;
      return true;
    }));
    for (const JobRecord& job : studio.session().jobs().jobs())
      EXPECT_EQ(job.state, State::done) << job.title.toStdString() << ": " << job.error.message.toStdString();
  }
  static void photographed(Studio& studio, const char* name) { photograph(studio.window(), QString::fromLatin1(name)); }

  void search(Studio& studio) {
    photographed(studio, "start");
    openSample(studio, 4);
    type(studio.window(), "search.evaluationLength", QStringLiteral("64"));
    type(studio.window(), "search.evaluationWindows", QStringLiteral("4"));
    photographed(studio, "search");
    startSearch(studio);
    photographed(studio, "search-running");
    allJobsEndWell(studio);
    ASSERT_TRUE(waitFor([&] { return studio.session().scores() != nullptr; }));
    photographed(studio, "search-done");
  }

  void closeDuringAJob(Studio& studio) {
    trigger(studio.window(), "view.search");
    type(studio.window(), "search.samples", QStringLiteral("64"));
    startSearch(studio);
    trigger(studio.window(), "view.jobs");
    photographed(studio, "jobs");
    studio.window().close();
    ASSERT_TRUE(waitFor([&] { return studio.window().findChild<QMessageBox*>(QStringLiteral("closing")) != nullptr; }));
    press(studio.window(), "closing.stop");
    ASSERT_TRUE(waitFor([&] { return !studio.window().isVisible(); }));
    EXPECT_EQ(studio.lastJob()->state, State::interrupted);
  }
};

TEST_F(WholeWay, FromTheSampleThroughASearchAndAnInterruption) {
  {
    Studio studio(folder_.path());
    ASSERT_TRUE(studio.ready());
    for (const auto step : {&WholeWay::search, &WholeWay::closeDuringAJob}) {
      (this->*step)(studio);
      if (HasFatalFailure()) return;
    }
  }
  Studio studio(folder_.path());
  ASSERT_TRUE(studio.ready());
  photographed(studio, "start-interrupted");
  press(studio.window(), QStringLiteral("start.resume%1").arg(studio.lastJob()->id));
  ASSERT_TRUE(studio.lastJobIs(State::done)) << studio.lastJob()->error.message.toStdString();
  studio.session().openPath(folder_.path());
  ASSERT_TRUE(waitFor([&] { return findIn<QWidget>(studio.window(), "start.error")->isVisible(); }));
  photographed(studio, "start-refused");
  trigger(studio.window(), "help.shortcuts");
  photograph(*findIn<QWidget>(studio.window(), "shortcuts"), QStringLiteral("shortcuts"));
}

}  // namespace
}  // namespace salient::ui
