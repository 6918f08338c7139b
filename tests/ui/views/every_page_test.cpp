// SPDX-License-Identifier: GPL-3.0-or-later
// What holds for every page: inputs with names for screen readers, actions with keys, plots with a table, an export and
// a sentence for emptiness, item models that keep Qt's rules. The pages and their models are found, not listed.
#include <cxxabi.h>
#include <QAbstractItemModelTester>
#include <QAbstractProxyModel>
#include <QAccessible>
#include <QComboBox>
#include <QDirIterator>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QRadioButton>
#include <QRegularExpression>
#include <QScrollArea>
#include <QScrollBar>
#include <QSet>
#include <QSplitter>
#include <QTableView>
#include <QTextEdit>
#include <QToolButton>
#include <QTreeView>

#include <array>
#include <cstdlib>
#include <memory>
#include <typeinfo>

#include "tests/ui/support/hands.h"
#include "tests/ui/support/sample_scores.h"
#include "tests/ui/support/session_fixture.h"
#include "tests/ui/support/session_options.h"
#include "tests/ui/support/studio.h"
#include "ui/plots/plot_panel.h"
#include "ui/views/language.h"
#include "ui/views/page.h"
#include "ui/views/window_keeper.h"

namespace salient::ui {
namespace {

/// Where a person writes, chooses, presses or reads row by row.
bool isInput(const QWidget& widget) {
  static constexpr std::array kKinds = {"QAbstractSpinBox", "QComboBox", "QAbstractSlider", "QAbstractItemView",
                                        "QPlainTextEdit",   "QTextEdit", "QLineEdit",       "QAbstractButton",
                                        "QKeySequenceEdit", "QGroupBox", "QCustomPlot",     "QTabBar"};
  if (widget.inherits("QScrollBar") || widget.inherits("QHeaderView")) return false;
  return std::any_of(kKinds.begin(), kKinds.end(), [&](const char* kind) { return widget.inherits(kind); });
}

/// Made by Qt inside of one of its own widgets, which carries the name.
bool isPartOfAnother(const QWidget& widget) {
  if (widget.objectName().startsWith(QLatin1String("qt_"))) return true;
  for (const QWidget* parent = widget.parentWidget(); parent != nullptr; parent = parent->parentWidget()) {
    for (const char* whole : {"QAbstractSpinBox", "QComboBox", "QLineEdit", "QAbstractItemView", "QKeySequenceEdit",
                              "QTabBar", "QMenuBar", "QStatusBar"})
      if (parent->inherits(whole)) return true;
  }
  return false;
}

/// As a screen reader gets it.
QString nameOf(QWidget& widget) {
  if (!widget.accessibleName().isEmpty()) return widget.accessibleName();
  QAccessibleInterface* spoken = QAccessible::queryAccessibleInterface(&widget);
  return spoken == nullptr ? QString() : spoken->text(QAccessible::Name);
}

class EveryPageTest : public SessionTest {
 protected:
  void SetUp() override { ASSERT_TRUE(studio_.ready()); }

  QTemporaryDir home_;
  Studio studio_{home_.path()};
  MainWindow& window_ = studio_.window();
};

TEST_F(EveryPageTest, EveryInputHasANameForScreenReaders) {
  trigger(window_, "help.shortcuts");
  int inputs = 0;
  const auto widgets = window_.findChildren<QWidget*>();
  for (QWidget* widget : widgets) {
    if (!isInput(*widget) || isPartOfAnother(*widget) || widget->inherits("QTabBar")) continue;
    if (widget->isHidden()) continue;  // a button that gets its text when it is shown
    ++inputs;
    EXPECT_FALSE(nameOf(*widget).trimmed().isEmpty())
        << widget->metaObject()->className() << " \"" << qPrintable(widget->objectName()) << "\" in "
        << qPrintable(widget->parentWidget()->objectName());
  }
  EXPECT_GT(inputs, 100);
}

TEST_F(EveryPageTest, EveryActionHasAKeyOfItsOwn) {
  const auto& entries = window_.shortcuts().entries();
  QSet<QString> pages;
  for (const char* name : {page::start, page::model, page::search, page::salience, page::budget, page::tradeoff,
                           page::playground, page::exporting, page::jobs}) {
    const Page* shown = window_.page(QLatin1String(name));
    ASSERT_NE(shown, nullptr) << name;
    pages.insert(shown->title());
  }
  QSet<QString> listed;
  for (const Shortcuts::Entry& entry : entries) {
    const QString name = entry.action->objectName();
    EXPECT_FALSE(name.isEmpty()) << qPrintable(entry.action->text());
    EXPECT_FALSE(listed.contains(name)) << qPrintable(name);
    listed.insert(name);
    EXPECT_FALSE(entry.action->shortcut().isEmpty()) << qPrintable(name);
    // Menus answer on every page, the actions of a page on that page only.
    for (const Shortcuts::Entry& other : entries) {
      if (other.action == entry.action) continue;
      if (pages.contains(entry.group) && pages.contains(other.group) && entry.group != other.group) continue;
      for (const QKeySequence& keys : entry.action->shortcuts())
        EXPECT_FALSE(other.action->shortcuts().contains(keys))
            << qPrintable(keys.toString()) << ": " << qPrintable(name) << " and "
            << qPrintable(other.action->objectName());
    }
  }
  // None is left out of the list under Help.
  const auto actions = window_.findChildren<QAction*>();
  for (const QAction* action : actions) {
    if (action->objectName().isEmpty() || action->menu() != nullptr || action->isSeparator()) continue;
    if (action->objectName().startsWith(QLatin1Char('_')) || action->objectName().startsWith(QLatin1String("qt_")))
      continue;
    EXPECT_TRUE(listed.contains(action->objectName())) << qPrintable(action->objectName());
  }
}

TEST_F(EveryPageTest, EveryPlotHasATableAnExportAndAnEmptyState) {
  const auto panels = window_.findChildren<PlotPanel*>();
  ASSERT_GE(panels.size(), 6);
  for (PlotPanel* panel : panels) {
    const std::string name = panel->objectName().toStdString();
    EXPECT_NE(panel->table().model(), nullptr) << name;
    EXPECT_FALSE(panel->accessibleName().isEmpty()) << name;
    for (const char* part : {".chart", ".table", ".export", ".toggle", ".reset"})
      EXPECT_NE(panel->findChild<QWidget*>(panel->objectName() + QLatin1String(part)), nullptr) << name << part;
    for (const char* suffix : {"png", "svg", "pdf", "csv"}) {
      const QString file = home_.filePath(panel->objectName() + QLatin1Char('.') + QLatin1String(suffix));
      QString problem;
      EXPECT_TRUE(panel->exportTo(file, &problem)) << name << ": " << problem.toStdString();
      EXPECT_GT(QFileInfo(file).size(), 0) << name << suffix;
    }
  }
}

TEST_F(EveryPageTest, NoSentenceOfAnEmptyPageIsCut) {
  int sentences = 0;
  for (const QSize& size : {QSize(1280, 680), QSize(800, 600)}) {
    window_.resize(size);
    for (const char* name : {page::model, page::search, page::salience, page::budget, page::tradeoff}) {
      trigger(window_, qPrintable(QStringLiteral("view.") + QLatin1String(name)));
      QTest::qWait(20);
      const auto* text = window_.findChild<QLabel*>(QLatin1String(name) + QStringLiteral(".empty.text"));
      if (text == nullptr || !text->isVisible()) continue;
      ++sentences;
      EXPECT_GE(text->height(), text->heightForWidth(text->width())) << name << " at " << size.width();
    }
  }
  EXPECT_GE(sentences, 8);
}

TEST_F(EveryPageTest, TabReachesEverythingAndComesRound) {
  Session& session = studio_.session();
  session.openSample();
  const QString scores = home_.filePath(QStringLiteral("sample.scores"));
  ASSERT_TRUE(save_scores(sampleScores(), scores.toStdString()));
  ASSERT_TRUE(waitFor([&] { return session.hasModel(); }));
  session.openScores(scores);
  trigger(window_, "view.budget");
  ASSERT_TRUE(waitFor([&] { return enabled(window_, "budget.keep.button"); }));
  press(window_, "budget.keep.button");  // a table with rows
  QApplication::setActiveWindow(&window_);
  auto* sidebar = findIn<QWidget>(window_, "sidebar");
  for (const char* name : {page::start, page::model, page::search, page::salience, page::budget, page::tradeoff,
                           page::playground, page::exporting, page::jobs}) {
    trigger(window_, qPrintable(QStringLiteral("view.") + QLatin1String(name)));
    QTest::qWait(50);
    sidebar->setFocus();
    QList<const QWidget*> reached;
    for (int i = 0; i < 200; ++i) {
      QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
      const QWidget* now = QApplication::focusWidget();
      if (now == sidebar || reached.contains(now)) break;
      reached << now;
    }
    EXPECT_EQ(QApplication::focusWidget(), sidebar) << name << ": Tab does not come round";
    for (const QWidget* widget : window_.page(QLatin1String(name))->findChildren<QWidget*>()) {
      const auto* radio = qobject_cast<const QRadioButton*>(widget);
      if (!widget->isVisible() || !widget->isEnabled() || widget->focusProxy() != nullptr) continue;
      if ((widget->focusPolicy() & Qt::TabFocus) == 0 || (radio != nullptr && !radio->isChecked())) continue;
      EXPECT_TRUE(reached.contains(widget)) << name << ": " << qPrintable(widget->objectName());
    }
  }
  trigger(window_, "view.start");
  sidebar->setFocus();
  QTest::keyClick(sidebar, Qt::Key_Tab);
  EXPECT_EQ(QApplication::focusWidget()->objectName(), QStringLiteral("start.openModel")) << "what stands first";
}

TEST_F(EveryPageTest, EverySplitterIsRemembered) {
  const auto splitters = window_.findChildren<QSplitter*>();
  EXPECT_GE(splitters.size(), 10);
  QSet<QString> names;
  for (const QSplitter* splitter : splitters) {
    EXPECT_FALSE(splitter->objectName().isEmpty()) << qPrintable(splitter->parentWidget()->objectName());
    names.insert(splitter->objectName());
  }
  EXPECT_EQ(names.size(), splitters.size()) << "each is kept under its name";
}

TEST_F(EveryPageTest, TheWindowFitsASmallScreen) {
  studio_.session().openModel(Session::sampleDirectory());
  ASSERT_TRUE(waitFor([&] { return studio_.session().hasModel(); }));
  // The facts change once all weights are read.
  const auto* values = findIn<QLabel>(window_, "model.fact.values");
  ASSERT_TRUE(waitFor([&] { return values->text().contains(QStringLiteral("finite")); }));
  // A 4K screen at 300 % has 1280 by 720 points, and a panel of the desktop takes some of them: pages need not scroll.
  for (const Page* page : window_.findChildren<Page*>()) {
    EXPECT_LE(page->minimumSizeHint().width(), 1080) << qPrintable(page->objectName());
    EXPECT_LE(page->minimumSizeHint().height(), 600) << qPrintable(page->objectName());
  }
  // A smaller one at 300 % has 640 by 360: there they do.
  EXPECT_LE(window_.minimumSizeHint().width(), 640);
  EXPECT_LE(window_.minimumSizeHint().height(), 340);
  window_.resize(600, 330);
  QTest::qWait(50);
  for (const Page* page : window_.findChildren<Page*>()) {
    trigger(window_, qPrintable(QStringLiteral("view.") + page->objectName()));
    const auto* frame = findIn<QScrollArea>(window_, qPrintable(QStringLiteral("frame.") + page->objectName()));
    EXPECT_GE(page->width(), page->minimumSizeHint().width()) << qPrintable(page->objectName());
    EXPECT_EQ(frame->horizontalScrollBar()->maximum(), page->width() - frame->viewport()->width());
    EXPECT_EQ(frame->verticalScrollBar()->maximum(), page->height() - frame->viewport()->height());
  }
}

/// The classes of ui/models that are item models, by their headers.
QSet<QString> itemModels() {
  static const QRegularExpression kClass(
      QStringLiteral("class (\\w+) : public Q(?:Abstract\\w*Model|SortFilterProxyModel)"));
  QSet<QString> names;
  QDirIterator headers(QStringLiteral(SALIENT_RESOURCES "/../ui/models"), {QStringLiteral("*.h")});
  while (headers.hasNext()) {
    QFile file(headers.next());
    EXPECT_TRUE(file.open(QIODevice::ReadOnly));
    const auto match = kClass.match(QString::fromUtf8(file.readAll()));
    if (match.hasMatch()) names.insert(QStringLiteral("salient::ui::") + match.captured(1));
  }
  return names;
}

/// Also of a class that is no Q_OBJECT of its own.
QString className(const QAbstractItemModel& model) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> name(
      abi::__cxa_demangle(typeid(model).name(), nullptr, nullptr, &status), &std::free);
  return QString::fromLatin1(name.get());
}

TEST_F(EveryPageTest, EveryItemModelKeepsQtsRulesThroughASession) {
  QSet<const QAbstractItemModel*> tested;
  QSet<QString> classes;
  std::vector<std::unique_ptr<QAbstractItemModelTester>> testers;
  // A model and what stands behind it, where it sorts or filters.
  const auto add = [&](QAbstractItemModel* model) {
    while (model != nullptr && !tested.contains(model)) {
      tested.insert(model);
      const QString name = className(*model);
      if (name.startsWith(QLatin1String("salient::"))) {  // Qt's own are Qt's
        classes.insert(name);
        testers.push_back(
            std::make_unique<QAbstractItemModelTester>(model, QAbstractItemModelTester::FailureReportingMode::Fatal));
      }
      const auto* proxy = qobject_cast<QAbstractProxyModel*>(model);
      model = proxy == nullptr ? nullptr : proxy->sourceModel();
    }
  };
  const auto addAll = [&] {
    for (PlotPanel* panel : window_.findChildren<PlotPanel*>()) {
      panel->showTable(true);  // a table has its figures only while it is shown
      if (const auto* shown = qobject_cast<QAbstractProxyModel*>(panel->table().model())) add(shown->sourceModel());
    }
    for (QAbstractItemView* view : window_.findChildren<QAbstractItemView*>())
      if (!view->inherits("QHeaderView")) add(view->model());
  };
  addAll();
  openSample(studio_, 1);
  startSearch(studio_);
  ASSERT_TRUE(studio_.lastJobIs(JobRecord::State::done));
  ASSERT_TRUE(waitFor([&] { return studio_.session().scores() != nullptr; }));
  for (int key = Qt::Key_1; key <= Qt::Key_9; ++key) {
    QTest::keyClick(&window_, static_cast<Qt::Key>(key), Qt::ControlModifier);
    QTest::qWait(50);
  }
  addAll();
  trigger(window_, "view.budget");
  type(window_, "budget.name", QStringLiteral("Small"));
  EXPECT_EQ(findIn<QTableView>(window_, "budget.kept")->model()->rowCount(), 1);

  const QSet<QString> expected = itemModels();
  EXPECT_GE(expected.size(), 9);
  for (const QString& name : expected)
    EXPECT_TRUE(classes.contains(name)) << qPrintable(name) << " is in no view of the window";
}

TEST(GermanPages, FitAsWell) {
  installLanguage(QStringLiteral("de"));
  {
    const QTemporaryDir home;
    Studio studio(home.path());
    ASSERT_TRUE(studio.ready());
    studio.session().openModel(Session::sampleDirectory());
    ASSERT_TRUE(waitFor([&] { return studio.session().hasModel(); }));
    for (const Page* page : studio.window().findChildren<Page*>()) {
      EXPECT_LE(page->minimumSizeHint().width(), 960) << "a 4K screen at 300 %: " << qPrintable(page->objectName());
      EXPECT_LE(page->minimumSizeHint().height(), 600) << qPrintable(page->objectName());
    }
    // "Strg+Umschalt+…" is longer than "Ctrl+Shift+…".
    trigger(studio.window(), "help.shortcuts");
    const auto* keys = findIn<QTreeView>(studio.window(), "shortcuts.list");
    EXPECT_GE(keys->columnWidth(1), static_cast<const QAbstractItemView*>(keys)->sizeHintForColumn(1));
  }
  installLanguage(QString());
}

TEST(WindowKeeperTest, AnotherLanguageComesAtOnceAndLosesNothing) {
  installLanguage(QStringLiteral("en"));
  const QTemporaryDir folder;
  Session session(sessionOptionsIn(folder.path()));
  WindowKeeper keeper(session);
  ASSERT_TRUE(waitFor([&] { return keeper.window().complete(); }));
  session.openModel(QStringLiteral(SALIENT_RESOURCES "/sample"));
  ASSERT_TRUE(waitFor([&] { return session.hasModel(); }));
  session.recipe().set(QStringLiteral("samples"), 7, QStringLiteral("Samples"));
  trigger(keeper.window(), "view.jobs");
  trigger(keeper.window(), "view.language.de");
  const auto text = [&] { return findIn<QAction>(keeper.window(), "view.fullScreen")->text(); };
  ASSERT_TRUE(waitFor([&] { return text() == QLatin1String("&Vollbild"); }));
  ASSERT_TRUE(waitFor([&] { return keeper.window().complete(); }));
  EXPECT_EQ(keeper.window().currentPage()->objectName(), QLatin1String(page::jobs));
  EXPECT_EQ(keeper.window().page(QLatin1String(page::model))->title(), QStringLiteral("Modell"));
  EXPECT_TRUE(findIn<QAction>(keeper.window(), "view.language.de")->isChecked());
  EXPECT_TRUE(keeper.window().windowTitle().contains(QStringLiteral("sample")));
  trigger(keeper.window(), "edit.undo");
  EXPECT_EQ(session.recipe().value(QStringLiteral("samples")), 128);
  keeper.window().close();
  saveLanguage(QString());
  installLanguage(QString());
}

}  // namespace
}  // namespace salient::ui
