// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/tradeoff_page.h"

#include <gtest/gtest.h>

#include <QComboBox>
#include <QFileDialog>
#include <QHeaderView>
#include <QInputDialog>
#include <QLabel>
#include <QMessageBox>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTabWidget>
#include <QTableView>
#include <QTemporaryDir>

#include "tests/ui/support/experiments.h"
#include "tests/ui/support/session_options.h"
#include "tests/ui/support/waiting.h"
#include "tests/ui/support/watchdog.h"
#include "ui/plots/tradeoff_plot.h"
#include "ui/views/comparison_view.h"

namespace salient::ui {
namespace {

class TradeoffPageTest : public ::testing::Test {
 protected:
  QString file() const { return directory_.filePath(QStringLiteral("experiments.db")); }
  void open() {
    session_ = std::make_unique<Session>(sessionOptionsIn(directory_.path()));
    page_ = std::make_unique<TradeoffPage>(*session_);
    page_->resize(1200, 800);
    page_->show();
  }
  void openWith(int experiments) {
    addExperiments(file(), experiments);
    open();
    ASSERT_TRUE(waitFor([&] { return page_->experiments().rowCount() == experiments; }));
  }
  template <class T>
  T* find(const char* name) {
    T* found = page_->findChild<T*>(QLatin1String(name));
    EXPECT_NE(found, nullptr) << name;
    return found;
  }
  TradeoffPlot* plot() { return find<TradeoffPlot>("tradeoff.plot"); }
  void press(const char* name) { find<QPushButton>(name)->click(); }
  void selectRows(std::initializer_list<int> rows) {
    auto* table = find<QTableView>("tradeoff.table");
    table->clearSelection();
    for (const int row : rows)
      table->selectionModel()->select(table->model()->index(row, 0),
                                      QItemSelectionModel::Select | QItemSelectionModel::Rows);
  }

  QTemporaryDir directory_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<TradeoffPage> page_;
};

TEST_F(TradeoffPageTest, WithoutExperimentsLeadsToTheSearch) {
  open();
  QSignalSpy requested(session_.get(), &Session::pageRequested);
  press("tradeoff.search");
  ASSERT_EQ(requested.size(), 1);
  EXPECT_EQ(requested[0][0].toString(), QLatin1String(page::search));
}

TEST_F(TradeoffPageTest, DrawsEveryMeasuredExperimentAndItsFront) {
  openWith(6);
  EXPECT_EQ(plot()->items().size(), 6);
  EXPECT_FALSE(plot()->front().isEmpty());
  find<QComboBox>("tradeoff.method")->setCurrentText(QStringLiteral("RTN"));
  EXPECT_EQ(plot()->items().size(), 3);
  find<QComboBox>("tradeoff.method")->setCurrentIndex(0);
  find<QComboBox>("tradeoff.cost")->setCurrentIndex(3);
  find<QComboBox>("tradeoff.quality")->setCurrentIndex(1);
  EXPECT_EQ(plot()->items().size(), 6);
  EXPECT_DOUBLE_EQ(plot()->items()[0].cost, 506);  // newest first: 500 + 6 tokens a second
}

TEST_F(TradeoffPageTest, ChoosesByKeyboardInTheChartAndComparesSideBySide) {
  openWith(4);
  emit plot()->keyMoved(1, 0);
  emit plot()->keyActivated();
  ASSERT_EQ(page_->chosen().size(), 1);
  emit plot()->keyMoved(1, 0);
  emit plot()->keyActivated();
  ASSERT_EQ(page_->chosen().size(), 2);
  auto* comparison = page_->findChild<ComparisonView*>();
  ASSERT_TRUE(waitFor([&] { return comparison->subjects()->size() == 2; }));
  auto* recipe = find<QTableView>("tradeoff.compare.recipe");
  bool differs = false;
  for (int row = 0; row < recipe->model()->rowCount(); ++row)
    differs = differs || recipe->model()->index(row, 0).data(ComparisonTable::differsRole).toBool();
  EXPECT_TRUE(differs);
}

TEST_F(TradeoffPageTest, FiveExperimentsStandSideBySide) {
  openWith(6);
  page_->resize(1150, 800);
  auto* measures = find<QTableView>("tradeoff.compare.metrics");
  const auto* comparison = page_->findChild<ComparisonView*>();
  const auto showing = [&](std::initializer_list<int> rows) {
    selectRows(rows);
    return waitFor([&] { return comparison->subjects()->size() == rows.size(); });
  };
  ASSERT_TRUE(showing({0, 1}));
  const int width = comparison->width();
  EXPECT_LE(measures->horizontalHeader()->sectionSize(1), measures->horizontalHeader()->sectionSize(2) + 1)
      << "they share the room";
  ASSERT_TRUE(showing({0, 1, 2, 3, 4}));
  EXPECT_EQ(measures->model()->columnCount(), 1 + 5);
  EXPECT_TRUE(waitFor([&] { return measures->horizontalScrollBar()->maximum() == 0; }));
  EXPECT_GE(plot()->width(), plot()->minimumSizeHint().width());
  for (int column = 1; column <= 5; ++column)
    EXPECT_GE(measures->columnWidth(column), static_cast<QAbstractItemView*>(measures)->sizeHintForColumn(column));
  ASSERT_TRUE(showing({0, 1}));
  EXPECT_EQ(comparison->width(), width) << "fewer give the plot its width back";
}

TEST_F(TradeoffPageTest, TheWordsOfARecipeAreNotCutInANarrowWindow) {
  openWith(2);
  page_->resize(700, 800);
  find<QTabWidget>("tradeoff.compare")->setCurrentIndex(1);
  selectRows({0, 1});
  const auto* recipe = find<QTableView>("tradeoff.compare.recipe");
  const int words = recipe->fontMetrics().horizontalAdvance(QStringLiteral("over the whole model"));
  EXPECT_TRUE(waitFor([&] { return recipe->columnWidth(1) > words && recipe->columnWidth(2) > words; }, 3000));
}

TEST_F(TradeoffPageTest, TheLegendNamesThe16BitFigure) {
  openWith(3);
  const QCPLegend& legend = *plot()->chart().legend;
  QStringList named;
  for (int i = 0; i < legend.itemCount(); ++i) {
    if (auto* item = qobject_cast<QCPPlottableLegendItem*>(legend.item(i))) named << item->plottable()->name();
  }
  EXPECT_TRUE(named.contains(QStringLiteral("16 bit: 20.000"))) << qPrintable(named.join(QLatin1Char('|')));
}

TEST_F(TradeoffPageTest, DivergencesKeepTheirDecimals) {
  EXPECT_EQ(qualityText(Quality::klForward, 0.0076), QStringLiteral("0.00760 nats"));
  EXPECT_EQ(qualityText(Quality::klForward, 0.018844), QStringLiteral("0.01884 nats"));
  EXPECT_EQ(qualityText(Quality::klReverse, 0), QStringLiteral("0 nats"));
  EXPECT_EQ(qualityText(Quality::klReverse, 1.25e-5), QStringLiteral("1.3 × 10⁻⁵ nats"));
}

TEST_F(TradeoffPageTest, AClickChoosesTheNearestPoint) {
  openWith(3);
  const TradeoffItem item = plot()->items()[1];
  emit plot()->clicked({item.cost, item.quality});
  EXPECT_EQ(page_->chosen(), QVector<qint64>{item.id});
  emit plot()->hovered({item.cost, item.quality});
  EXPECT_TRUE(find<QLabel>("tradeoff.plot.readout")->text().contains(QStringLiteral("±")));
}

TEST_F(TradeoffPageTest, ARubberBandChoosesWhatItHolds) {
  openWith(5);
  plot()->chart().replot();
  emit plot()->chart().selectionRect()->accepted(plot()->chart().axisRect()->rect(), nullptr);
  EXPECT_EQ(page_->chosen().size(), 5);
}

TEST_F(TradeoffPageTest, DeletesOnlyAfterAsking) {
  openWith(3);
  selectRows({0, 1});
  press("tradeoff.delete.button");
  auto* box = find<QMessageBox>("tradeoff.confirm");
  box->button(QMessageBox::Cancel)->click();
  EXPECT_EQ(page_->experiments().rowCount(), 3);
  press("tradeoff.delete.button");
  QPushButton* remove = nullptr;
  ASSERT_TRUE(waitFor([&] {
    for (auto* button : page_->findChildren<QPushButton*>(QStringLiteral("tradeoff.confirm.delete")))
      if (button->isVisible()) remove = button;
    return remove != nullptr;
  }));
  QSignalSpy told(session_.get(), &Session::experimentsChanged);
  remove->click();
  ASSERT_TRUE(waitFor([&] { return page_->experiments().rowCount() == 1; }));
  EXPECT_GE(told.size(), 1);
}

TEST_F(TradeoffPageTest, WritesANote) {
  openWith(2);
  selectRows({1});
  press("tradeoff.annotate.button");
  auto* dialog = find<QInputDialog>("tradeoff.note");
  dialog->setTextValue(QStringLiteral("the baseline"));
  dialog->accept();
  ASSERT_TRUE(waitFor([&] { return page_->experiments().at(1).annotation == "the baseline"; }));
}

TEST_F(TradeoffPageTest, WritesReportsOfTheChosen) {
  openWith(2);
  EXPECT_FALSE(find<QPushButton>("tradeoff.report.pdf.button")->isEnabled());
  selectRows({0, 1});
  for (const char* suffix : {"html", "pdf"}) {
    const QString target = directory_.filePath(QStringLiteral("report.") + QLatin1String(suffix));
    press(suffix == std::string("html") ? "tradeoff.report.html.button" : "tradeoff.report.pdf.button");
    auto* dialog = find<QFileDialog>("tradeoff.report.file");
    emit dialog->fileSelected(target);
    dialog->close();
    ASSERT_TRUE(waitFor([&] { return QFile::exists(target); })) << suffix;
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
  }
}

TEST_F(TradeoffPageTest, FollowsChangesByOtherPrograms) {
  openWith(2);
  addExperiments(file(), 1, 20);
  EXPECT_TRUE(waitFor([&] { return page_->experiments().rowCount() == 3; }));
}

TEST_F(TradeoffPageTest, LoadsAHundredExperimentsWithoutStalling) {
  open();
  QCoreApplication::processEvents();
  addExperiments(file(), 100);
  page_->grab();
  const Watchdog watchdog;
  session_->notifyExperiments();
  ASSERT_TRUE(waitFor([&] { return plot()->items().size() == 100; }));
  QTest::qWait(300);  // painting comes afterwards
  EXPECT_GT(watchdog.answers(), 5);
  EXPECT_LT(watchdog.longestMilliseconds(), 50.0);
}

}  // namespace
}  // namespace salient::ui
