// SPDX-License-Identifier: GPL-3.0-or-later
// A whole session on the sample by the buttons a person presses: open, search, slide, quantize, compare, export,
// verify, play, close during a job, reopen and resume. tests/ui/screenshots.sh photographs it.
#include <QComboBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QLabel>
#include <QMessageBox>
#include <QSlider>
#include <QTabWidget>
#include <QTableView>

#include "tests/ui/support/camera.h"
#include "tests/ui/support/session_fixture.h"
#include "ui/plots/plot_panel.h"
#include "ui/views/language.h"

namespace salient::ui {
namespace {

using State = JobRecord::State;

class WholeWay : public SessionTest {
 public:
  void SetUp() override {
    const QString language = qEnvironmentVariable("SALIENT_LANGUAGE");  // of the photographs
    if (!language.isEmpty()) installLanguage(language);
  }
  static void allJobsEndWell(Studio& studio) {
    ASSERT_TRUE(waitFor([&] {
      for (const JobRecord& job : studio.session().jobs().jobs())
        if (job.state == State::waiting || job.state == State::running) return false;
      return true;
    }));
    for (const JobRecord& job : studio.session().jobs().jobs())
      EXPECT_EQ(job.state, State::done) << job.title.toStdString() << ": " << job.error.message.toStdString();
  }
  static bool photographing() { return !qEnvironmentVariableIsEmpty("SALIENT_SCREENSHOTS"); }
  static void photographed(Studio& studio, const char* name) { photograph(studio.window(), QString::fromLatin1(name)); }

  void search(Studio& studio) {
    photographed(studio, "start");
    // Figures worth a look take some seconds, which the test need not.
    openSample(studio, photographing() ? 48 : 4);
    type(studio.window(), "search.evaluationLength", photographing() ? QStringLiteral("256") : QStringLiteral("64"));
    type(studio.window(), "search.evaluationWindows", photographing() ? QStringLiteral("24") : QStringLiteral("4"));
    trigger(studio.window(), "view.model");
    ASSERT_TRUE(waitFor([&] { return findIn<QTableView>(studio.window(), "model.tensors")->model()->rowCount() > 0; }));
    if (photographing()) {
      const auto* values = findIn<QLabel>(studio.window(), "model.fact.values");  // are read in the background
      ASSERT_TRUE(waitFor([&] { return !values->text().contains(QLatin1Char('%')); }));
    }
    photographed(studio, "model");
    if (photographing()) photographTabs(studio, "model.tabs", {"", "model-tokenizer", "model-estimates"});
    trigger(studio.window(), "view.search");
    photographed(studio, "search");
    startSearch(studio);
    photographed(studio, "search-running");
    allJobsEndWell(studio);
    ASSERT_TRUE(waitFor([&] { return studio.session().scores() != nullptr; }));
    photographed(studio, "search-done");
    press(studio.window(), "search.goSalience");
    ASSERT_TRUE(waitFor([&] { return findIn<QWidget>(studio.window(), "salience.bars")->isVisible(); }));
    photographed(studio, "salience");
    if (photographing()) drillDown(studio);
  }

  /// Pictures of the tabs that are named; the first is chosen again afterwards.
  static void photographTabs(Studio& studio, const char* tabs, std::initializer_list<const char*> names) {
    auto* widget = findIn<QTabWidget>(studio.window(), tabs);
    int index = 0;
    for (const char* name : names) {
      widget->setCurrentIndex(index++);
      QTest::qWait(1000);  // what the tab asks the worker for
      if (*name != '\0') photographed(studio, name);
    }
    widget->setCurrentIndex(0);
  }
  static void drillDown(Studio& studio) {
    auto* bars = findIn<QWidget>(studio.window(), "salience.bars.chart");
    QTest::keyClick(bars, Qt::Key_Right, Qt::ControlModifier);
    QTest::keyClick(bars, Qt::Key_Return);
    auto* order = findIn<QWidget>(studio.window(), "salience.order.chart");
    ASSERT_TRUE(waitFor([&] { return order->isVisible(); }));
    photographed(studio, "salience-linear");
    QTest::keyClick(order, Qt::Key_Return);
    auto* weights = findIn<QWidget>(studio.window(), "salience.weights.chart");
    ASSERT_TRUE(waitFor([&] { return weights->isVisible(); }));
    QTest::qWait(500);
    photographed(studio, "salience-feature");
  }

  void measure(Studio& studio) {
    trigger(studio.window(), "view.budget");
    auto* slider = findIn<QSlider>(studio.window(), "budget.slider");
    ASSERT_TRUE(waitFor([&] { return slider->isVisible(); }));
    const QJsonObject before = studio.session().recipe().values();
    slider->setFocus();
    QTest::keyClick(slider, Qt::Key_PageUp);
    EXPECT_NE(studio.session().recipe().values(), before);
    trigger(studio.window(), "edit.undo");
    EXPECT_EQ(studio.session().recipe().values(), before);
    type(studio.window(), "budget.name", QStringLiteral("A tenth"));  // Return keeps it
    studio.session().recipe().set(QStringLiteral("percent"), 40, QStringLiteral("Percent"));
    ASSERT_TRUE(waitFor([&] { return enabled(studio.window(), "budget.keep.button"); }));
    press(studio.window(), "budget.keep.button");
    auto* kept = findIn<QTableView>(studio.window(), "budget.kept");
    ASSERT_EQ(kept->model()->rowCount(), 2);
    kept->clearSelection();
    press(studio.window(), "budget.queue.button");
    allJobsEndWell(studio);
    // Both measured points land beside the curve.
    auto* panel = findIn<PlotPanel>(studio.window(), "budget.curve");
    panel->showTable(true);
    const QTableView* figures = &panel->table();
    const auto measured = [&] {
      constexpr int kDivergence = 6;  // empty for the predicted points
      int count = 0;
      for (int row = 0; row < figures->model()->rowCount(); ++row)
        if (!figures->model()->index(row, kDivergence).data().toString().isEmpty()) ++count;
      return count;
    };
    EXPECT_TRUE(waitFor([&] { return measured() == 2; }));
    panel->showTable(false);
    photographed(studio, "budget");
  }

  void compare(Studio& studio) {
    trigger(studio.window(), "view.tradeoff");
    auto* table = findIn<QTableView>(studio.window(), "tradeoff.table");
    ASSERT_TRUE(waitFor([&] { return table->model()->rowCount() == 2; }));
    table->selectAll();
    ASSERT_TRUE(waitFor(
        [&] { return findIn<QTableView>(studio.window(), "tradeoff.compare.recipe")->model()->rowCount() > 0; }));
    photographed(studio, "tradeoff");
    if (photographing()) photographTabs(studio, "tradeoff.compare", {"", "tradeoff-recipe", "tradeoff-map"});
    press(studio.window(), "tradeoff.report.html.button");
    auto* dialog = findIn<QFileDialog>(studio.window(), "tradeoff.report.file");
    const QString report = folder_.filePath(QStringLiteral("report.html"));
    emit dialog->fileSelected(report);
    dialog->close();
    EXPECT_TRUE(waitFor([&] { return QFileInfo::exists(report); }));
    EXPECT_TRUE(waitFor([&] { return notice(studio).contains(QStringLiteral("report.html")); }));
    EXPECT_TRUE(enabled(studio.window(), "notice.open") && enabled(studio.window(), "notice.folder"));
    photographed(studio, "tradeoff-report");
    press(studio.window(), "notice.close");
    if (photographing()) keepReports(studio, report);
  }

  /// Beside the pictures.
  void keepReports(Studio& studio, const QString& html) {
    press(studio.window(), "tradeoff.report.pdf.button");
    QFileDialog* dialog = nullptr;
    for (auto* one : studio.window().findChildren<QFileDialog*>(QStringLiteral("tradeoff.report.file")))
      if (one->isVisible()) dialog = one;
    ASSERT_NE(dialog, nullptr);
    const QString pdf = folder_.filePath(QStringLiteral("report.pdf"));
    emit dialog->fileSelected(pdf);
    dialog->close();
    ASSERT_TRUE(waitFor([&] { return notice(studio).contains(QStringLiteral("report.pdf")); }));
    press(studio.window(), "notice.close");
    const QDir folder(qEnvironmentVariable("SALIENT_SCREENSHOTS"));
    for (const QString& file : {html, pdf}) {
      const QString kept = folder.filePath(QFileInfo(file).fileName());
      QFile::remove(kept);
      EXPECT_TRUE(QFile::copy(file, kept));
    }
  }

  void exportAndVerify(Studio& studio) {
    trigger(studio.window(), "view.export");
    auto* source = findIn<QComboBox>(studio.window(), "export.source");
    ASSERT_TRUE(waitFor([&] { return source->count() == 3; }));  // the budget and two experiments
    source->setCurrentIndex(1);
    press(studio.window(), "export.start.button");
    allJobsEndWell(studio);
    EXPECT_EQ(studio.lastJob()->operation(), QStringLiteral("export"));
    press(studio.window(), "export.check.button");
    allJobsEndWell(studio);
    EXPECT_EQ(studio.lastJob()->operation(), QStringLiteral("verify"));
    photographed(studio, "export");
  }

  void play(Studio& studio) {
    trigger(studio.window(), "view.playground");
    auto* model = findIn<QComboBox>(studio.window(), "playground.model");
    ASSERT_TRUE(waitFor([&] { return !model->currentData().toString().isEmpty(); }));
    type(studio.window(), "playground.tokens", QStringLiteral("48"));
    press(studio.window(), "playground.start.button");
    const auto* speed = findIn<QLabel>(studio.window(), "playground.packed.speed");
    ASSERT_TRUE(waitFor([&] { return enabled(studio.window(), "playground.start.button"); }));
    EXPECT_TRUE(speed->text().contains(QStringLiteral("/s"))) << speed->text().toStdString();
    photographed(studio, "playground");
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

TEST_F(WholeWay, FromTheSampleToAComparedAndExportedModel) {
  {
    Studio studio(folder_.path());
    ASSERT_TRUE(studio.ready());
    for (const auto step : {&WholeWay::search, &WholeWay::measure, &WholeWay::compare, &WholeWay::exportAndVerify,
                            &WholeWay::play, &WholeWay::closeDuringAJob}) {
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
