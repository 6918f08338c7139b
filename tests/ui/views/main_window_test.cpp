// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/main_window.h"

#include <gtest/gtest.h>

#include <QDragEnterEvent>
#include <QDropEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMenu>
#include <QMimeData>
#include <QSignalSpy>
#include <QSpinBox>
#include <QSplitter>
#include <QStatusBar>
#include <QTreeWidget>
#include <QUrl>
#include <algorithm>

#include "tests/ui/support/hands.h"
#include "tests/ui/support/studio.h"
#include "ui/models/recent.h"
#include "ui/plots/theme.h"
#include "ui/views/appearance.h"
#include "ui/views/error_panel.h"
#include "ui/views/notice_bar.h"
#include "ui/views/page.h"
#include "ui/views/shortcuts_dialog.h"

namespace salient::ui {
namespace {

const QString kSample = QStringLiteral(SALIENT_RESOURCES "/sample");

class MainWindowTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(studio_.ready()); }

  void drop(QWidget* onto, const QString& path) {
    QMimeData data;
    data.setUrls({QUrl::fromLocalFile(path)});
    const QPoint place(5, 5);
    QDragEnterEvent enter(place, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(onto, &enter);
    ASSERT_TRUE(enter.isAccepted());
    EXPECT_TRUE(window_.statusBar()->currentMessage().contains(QFileInfo(path).fileName()));
    QDropEvent event(place, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(onto, &event);
  }

  QTemporaryDir folder_;
  Studio studio_{folder_.path()};
  MainWindow& window_ = studio_.window();
};

TEST_F(MainWindowTest, ShortcutsLeadToThePages) {
  QTest::keyClick(&window_, Qt::Key_2, Qt::ControlModifier);
  EXPECT_NE(window_.currentPage()->objectName(), QLatin1String(page::start));
  QTest::keyClick(&window_, Qt::Key_1, Qt::ControlModifier);
  EXPECT_EQ(window_.currentPage()->objectName(), QLatin1String(page::start));
}

TEST_F(MainWindowTest, TheNoticeOfAFailedJobSaysWhatToDoOnce) {
  studio_.session().jobs().add(QStringLiteral("Search"), {{"op", "search"},
                                                          {"model", "/no/such/model"},
                                                          {"calibration", kSample + "/calibration.txt"},
                                                          {"scores", folder_.filePath(QStringLiteral("s.scores"))}});
  ASSERT_TRUE(studio_.lastJobIs(JobRecord::State::failed));
  const QString text = findIn<NoticeBar>(window_, "notice")->text();
  const QString advice = studio_.lastJob()->error.advice;
  ASSERT_FALSE(advice.isEmpty());
  EXPECT_EQ(text.count(advice), 1) << qPrintable(text);
}

TEST_F(MainWindowTest, TheEndOfALongJobIsNoticed) {
  JobQueue& jobs = studio_.session().jobs();
  const QJsonObject search{
      {"op", "search"}, {"model", kSample}, {"calibration", kSample + "/calibration.txt"},
      {"samples", 2},   {"length", 64},     {"scores", folder_.filePath(QStringLiteral("s.scores"))}};
  jobs.add(QStringLiteral("Short"), search);
  ASSERT_TRUE(studio_.lastJobIs(JobRecord::State::done));
  auto* notice = findIn<NoticeBar>(window_, "notice");
  EXPECT_EQ(notice->text(), QString()) << "the status bar's line is enough";
  const qint64 id = jobs.add(QStringLiteral("Long"), search);
  const_cast<JobRecord*>(jobs.find(id))->started = QDateTime::currentDateTime().addSecs(-60);
  ASSERT_TRUE(studio_.lastJobIs(JobRecord::State::done));
  EXPECT_TRUE(notice->text().contains(QStringLiteral("Long is done"))) << qPrintable(notice->text());
  press(window_, "notice.details");
  EXPECT_EQ(window_.currentPage()->objectName(), QLatin1String(page::jobs));
}

TEST(Appearance, FieldsHaveAnEdgeThatCanBeSeen) {
  for (const auto appearance : {Appearance::light, Appearance::dark}) {
    applyAppearance(appearance);
    QLineEdit line;
    QSpinBox number;
    for (QWidget* field : {static_cast<QWidget*>(&line), static_cast<QWidget*>(&number)}) {
      field->resize(120, field->sizeHint().height());
      const QImage image = field->grab().toImage();
      double most = 0;
      for (int x = 0; x < 4; ++x)  // Fusion's edge is not in the first pixel
        most = std::max(
            most, PlotTheme::contrast(image.pixelColor(x, image.height() / 2), field->palette().color(QPalette::Base)));
      EXPECT_GE(most, appearance == Appearance::dark ? 3.0 : 1.3) << field->metaObject()->className();
    }
  }
  applyAppearance(Appearance::system);
}

TEST_F(MainWindowTest, ARefusedModelShowsItsErrorInFull) {
  const QString directory = folder_.filePath(QStringLiteral("empty"));
  QDir().mkpath(directory);
  studio_.session().openPath(directory);
  auto* panel = findIn<ErrorPanel>(window_, "start.error");
  ASSERT_TRUE(waitFor([&] { return panel->isVisible(); }));
  EXPECT_EQ(window_.currentPage()->objectName(), QLatin1String(page::start));
  QString shown;
  for (const QLabel* label : panel->findChildren<QLabel*>())
    shown += label->text() + QLatin1Char('\n');
  const ErrorInfo& error = panel->error();
  for (const QString& part : {error.file, error.expected, error.found, error.advice}) {
    EXPECT_FALSE(part.isEmpty() && part.isNull());
    EXPECT_TRUE(shown.contains(part)) << part.toStdString();
  }
  EXPECT_TRUE(shown.contains(QStringLiteral("What to do")));
  press(window_, "start.error.close");
  EXPECT_FALSE(panel->isVisible());
}

TEST_F(MainWindowTest, DropsAnywhereOpenWhatTheyAre) {
  const QSignalSpy opened(&studio_.session(), &Session::modelOpened);
  const QSignalSpy experiments(&studio_.session(), &Session::experimentsChanged);
  const QSignalSpy refused(&studio_.session(), &Session::refused);
  drop(findIn<QWidget>(window_, "sidebar"), kSample);
  ASSERT_TRUE(waitFor([&] { return opened.size() == 1; }));
  EXPECT_EQ(recent::list(recent::models).value(0), kSample);

  drop(&window_, kSample + QStringLiteral("/model.safetensors"));
  ASSERT_TRUE(waitFor([&] { return opened.size() == 2; }));
  EXPECT_EQ(studio_.session().modelPath(), kSample);

  drop(&window_, kSample + QStringLiteral("/calibration.txt"));
  ASSERT_TRUE(waitFor([&] { return studio_.session().calibrationText().endsWith(QStringLiteral("calibration.txt")); }));
  EXPECT_TRUE(waitFor([&] { return window_.currentPage()->objectName() == QLatin1String(page::search); }));

  const QString store = folder_.filePath(QStringLiteral("other.db"));
  studio_.session().openExperiments(store);  // made, as by --experiments
  const QString before = studio_.session().experimentsFile();
  ASSERT_TRUE(waitFor([&] { return studio_.session().experimentsFile() == store; }));
  EXPECT_EQ(recent::list(recent::experiments).mid(0, 2), QStringList({store, before})) << "there is a way back";
  drop(&window_, store);
  ASSERT_TRUE(waitFor([&] { return experiments.size() >= 2; }));

  drop(&window_, folder_.path() + QStringLiteral("/nothing.xyz"));
  ASSERT_TRUE(waitFor([&] { return refused.size() == 1; }));
  EXPECT_FALSE(refused.first().first().value<ErrorInfo>().advice.isEmpty());
}

TEST_F(MainWindowTest, ALaterModelWinsOverAnEarlierOne) {
  const QSignalSpy opened(&studio_.session(), &Session::modelOpened);
  const QSignalSpy refused(&studio_.session(), &Session::modelRefused);
  studio_.session().openModel(folder_.path());
  studio_.session().openModel(kSample);
  ASSERT_TRUE(waitFor([&] { return opened.size() == 1; }));
  QTest::qWait(100);
  EXPECT_EQ(studio_.session().modelPath(), kSample);
  EXPECT_TRUE(refused.isEmpty());
}

TEST_F(MainWindowTest, RecipeEditsAreUndoneFromTheMenu) {
  RecipeDocument& recipe = studio_.session().recipe();
  recipe.set(QStringLiteral("samples"), 7, QStringLiteral("Samples"));
  trigger(window_, "edit.undo");
  EXPECT_EQ(recipe.value(QStringLiteral("samples")), 128);
  trigger(window_, "edit.redo");
  EXPECT_EQ(recipe.value(QStringLiteral("samples")), 7);
  trigger(window_, "edit.defaults");
  EXPECT_EQ(recipe.values(), RecipeDocument::defaults());
}

TEST_F(MainWindowTest, TheAppearanceIsSwitchedAndRemembered) {
  trigger(window_, "view.dark");
  EXPECT_LT(QApplication::palette().color(QPalette::Window).lightness(), 128);
  EXPECT_EQ(savedAppearance(), Appearance::dark);
  trigger(window_, "view.light");
  EXPECT_GT(QApplication::palette().color(QPalette::Window).lightness(), 128);
  EXPECT_EQ(savedAppearance(), Appearance::light);
}

TEST_F(MainWindowTest, TheLayoutIsRemembered) {
  const QTemporaryDir other;
  QSize size;
  const auto splitter = [](Studio& studio) { return findIn<QSplitter>(studio.window(), "jobs.splitter"); };
  const auto upperIsLarger = [&](Studio& studio) {
    const QList<int> sizes = splitter(studio)->sizes();
    return sizes.value(0) > sizes.value(1);
  };
  {
    Studio second(other.path());
    ASSERT_TRUE(second.ready());
    second.window().resize(780, 700);  // as far as the pages let it
    second.session().jobs().add(QStringLiteral("Nothing"), {{"op", "nothing"}});
    ASSERT_TRUE(second.lastJobIs(JobRecord::State::failed));
    trigger(second.window(), "view.jobs");
    EXPECT_FALSE(upperIsLarger(second));
    splitter(second)->setSizes({1000, 1});
    EXPECT_TRUE(upperIsLarger(second));
    size = second.window().size();
    second.window().close();
  }
  Studio third(other.path());
  ASSERT_TRUE(third.ready());
  EXPECT_EQ(third.window().size(), size);
  trigger(third.window(), "view.jobs");
  EXPECT_TRUE(upperIsLarger(third));
}

TEST_F(MainWindowTest, ShortcutsCanBeChangedAndAreRemembered) {
  const QKeySequence before = findIn<QAction>(window_, "file.openSample")->shortcut();
  trigger(window_, "help.shortcuts");
  auto* dialog = findIn<ShortcutsDialog>(window_, "shortcuts");
  auto* list = findIn<QTreeWidget>(*dialog, "shortcuts.list");
  EXPECT_FALSE(list->findItems(QStringLiteral("Zoom in"), Qt::MatchExactly | Qt::MatchRecursive).isEmpty())
      << "keys of charts are listed as well";
  QTreeWidgetItem* sample = nullptr;
  for (QTreeWidgetItem* item :
       list->findItems(QStringLiteral("Open the sample"), Qt::MatchExactly | Qt::MatchRecursive))
    sample = item;
  ASSERT_NE(sample, nullptr);
  list->setCurrentItem(sample);
  auto* edit = findIn<QWidget>(*dialog, "shortcuts.edit");
  edit->setFocus();
  QTest::keyClick(edit, Qt::Key_O, Qt::ControlModifier);  // belongs to "Open a model"
  press(*dialog, "shortcuts.change");
  EXPECT_TRUE(findIn<QLabel>(*dialog, "shortcuts.problem")->text().contains(QStringLiteral("Open a model")));
  press(*dialog, "shortcuts.none");
  QTest::keyClick(edit, Qt::Key_Y, Qt::ControlModifier | Qt::AltModifier);
  press(*dialog, "shortcuts.change");
  const QKeySequence changed(QStringLiteral("Ctrl+Alt+Y"));
  EXPECT_EQ(findIn<QAction>(window_, "file.openSample")->shortcut(), changed);
  {
    const QTemporaryDir other;
    Studio second(other.path());
    EXPECT_EQ(findIn<QAction>(second.window(), "file.openSample")->shortcut(), changed);
  }
  press(*dialog, "shortcuts.reset");
  EXPECT_EQ(findIn<QAction>(window_, "file.openSample")->shortcut(), before);
  dialog->close();
}

}  // namespace
}  // namespace salient::ui
