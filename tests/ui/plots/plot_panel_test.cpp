// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/plot_panel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <QFile>
#include <QImage>
#include <QLabel>
#include <QSignalSpy>
#include <QStandardItemModel>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <algorithm>

#include "ui/plots/tickers.h"

namespace salient::ui {
namespace {

using ::testing::HasSubstr;

class Panel : public ::testing::Test {
 protected:
  Panel() : table_(2, 2) {
    table_.setHorizontalHeaderLabels({QStringLiteral("layer"), QStringLiteral("share")});
    for (int row = 0; row < 2; ++row) {
      auto* share = new QStandardItem;
      share->setData(0.125 * (1 + row), Qt::EditRole);
      table_.setItem(row, 0, new QStandardItem(QStringLiteral("layer, %1").arg(row)));
      table_.setItem(row, 1, share);
    }
    panel_.setTitle(QStringLiteral("Shares"));
    panel_.setTable(&table_);
    QCPGraph* graph = panel_.chart().addGraph();
    graph->setData({0, 1, 2}, {1, 3, 2});
    panel_.resize(500, 300);
    panel_.show();
  }

  template <class Widget>
  Widget& part(const char* name) {
    auto* found = panel_.findChild<Widget*>(QStringLiteral("shares") + QLatin1String(name));
    EXPECT_NE(found, nullptr) << name;
    return *found;
  }
  QByteArray exported(const QString& name) {
    QString problem;
    EXPECT_TRUE(panel_.exportTo(directory_.filePath(name), &problem)) << problem.toStdString();
    QFile file(directory_.filePath(name));
    EXPECT_TRUE(file.open(QIODevice::ReadOnly));
    return file.readAll();
  }

  QStandardItemModel table_;
  PlotPanel panel_{QStringLiteral("shares")};
  QTemporaryDir directory_;
};

TEST_F(Panel, NamesItsPartsForTestsAndScreenReaders) {
  EXPECT_EQ(panel_.objectName(), QStringLiteral("shares"));
  EXPECT_THAT(part<QCustomPlot>(".chart").accessibleName().toStdString(), HasSubstr("Shares"));
  EXPECT_THAT(part<QTableView>(".table").accessibleName().toStdString(), HasSubstr("Shares"));
  EXPECT_THAT(part<QToolButton>(".export").accessibleName().toStdString(), HasSubstr("Shares"));
}

TEST_F(Panel, TogglesToTheTableAndBack) {
  QTest::mouseClick(&part<QToolButton>(".toggle"), Qt::LeftButton);
  EXPECT_TRUE(part<QTableView>(".table").isVisible());
  EXPECT_FALSE(panel_.chart().isVisible());
  EXPECT_EQ(part<QTableView>(".table").model()->rowCount(), 2);
  QTest::mouseClick(&part<QToolButton>(".toggle"), Qt::LeftButton);
  EXPECT_TRUE(panel_.chart().isVisible());
}

TEST_F(Panel, TableSortsByValueAndTellsTheModelsRow) {
  panel_.showTable(true);
  auto& view = part<QTableView>(".table");
  view.sortByColumn(1, Qt::DescendingOrder);
  EXPECT_DOUBLE_EQ(view.model()->index(0, 1).data(Qt::EditRole).toDouble(), 0.25);
  QSignalSpy activated(&panel_, &PlotPanel::tableActivated);
  emit view.activated(view.model()->index(0, 0));
  ASSERT_EQ(activated.count(), 1);
  EXPECT_EQ(activated.at(0).at(0).toInt(), 1);
}

TEST_F(Panel, ShowsASentenceWhereThereIsNothing) {
  panel_.setEmptyText(QStringLiteral("Search first"));
  EXPECT_FALSE(panel_.chart().isVisible());
  EXPECT_FALSE(part<QToolButton>(".export").isEnabled());
  panel_.setEmptyText({});
  EXPECT_TRUE(panel_.chart().isVisible());
}

TEST_F(Panel, ExportsImageVectorDocumentAndFigures) {
  const QImage image = QImage::fromData(exported(QStringLiteral("a.png")));
  EXPECT_EQ(image.width(), 2 * panel_.chart().width());
  EXPECT_THAT(exported(QStringLiteral("a.svg")).toStdString(), HasSubstr("<svg"));
  EXPECT_TRUE(exported(QStringLiteral("a.PDF")).startsWith("%PDF"));
  EXPECT_EQ(exported(QStringLiteral("a.csv")).toStdString(),
            "layer,share\r\n\"layer, 0\",0.125\r\n\"layer, 1\",0.25\r\n");
}

TEST_F(Panel, SaysWhyAnExportFailed) {
  QString problem;
  EXPECT_FALSE(panel_.exportTo(directory_.filePath(QStringLiteral("a.bmp")), &problem));
  EXPECT_THAT(problem.toStdString(), HasSubstr(".svg"));
  EXPECT_FALSE(panel_.exportTo(QStringLiteral("/proc/nowhere/a.csv"), &problem));
  EXPECT_THAT(problem.toStdString(), HasSubstr("/proc/nowhere"));
}

TEST_F(Panel, FollowsThePalette) {
  QSignalSpy changed(&panel_, &PlotPanel::themeChanged);
  QPalette dark;
  dark.setColor(QPalette::Base, Qt::black);
  dark.setColor(QPalette::Text, Qt::white);
  panel_.setPalette(dark);
  EXPECT_GE(changed.count(), 1);
  EXPECT_TRUE(panel_.theme().dark);
  EXPECT_EQ(panel_.chart().xAxis->tickLabelColor(), QColor(Qt::white));
  panel_.chart().replot();
  EXPECT_EQ(panel_.chart().grab().toImage().pixelColor(2, 2), QColor(Qt::black));
}

TEST_F(Panel, ZoomsAndPansByKeyboardAndGoesHome) {
  panel_.setHome({0, 2}, {0, 4});
  QCustomPlot& chart = panel_.chart();
  EXPECT_EQ(chart.xAxis->range(), QCPRange(0, 2)) << "the first home is shown";
  QTest::keyClick(&chart, Qt::Key_Plus);
  EXPECT_LT(chart.xAxis->range().size(), 2);
  EXPECT_LT(chart.yAxis->range().size(), 4);
  const QCPRange zoomed = chart.xAxis->range();
  QTest::keyClick(&chart, Qt::Key_Right, Qt::ShiftModifier);
  EXPECT_GT(chart.xAxis->range().lower, zoomed.lower);
  panel_.setHome({0, 3}, {0, 4});
  EXPECT_NE(chart.xAxis->range(), QCPRange(0, 3)) << "the person's zoom stays";
  QTest::keyClick(&chart, Qt::Key_Home);
  EXPECT_EQ(chart.xAxis->range(), QCPRange(0, 3));
  panel_.setVerticalZoom(false);
  QTest::keyClick(&chart, Qt::Key_Plus);
  EXPECT_EQ(chart.yAxis->range(), QCPRange(0, 4));
}

TEST_F(Panel, OffersTheWayHomeOnlyAwayFromIt) {
  panel_.setHome({0, 2}, {0, 4});
  EXPECT_FALSE(part<QToolButton>(".reset").isVisible());
  QTest::keyClick(&panel_.chart(), Qt::Key_Plus);
  EXPECT_TRUE(part<QToolButton>(".reset").isVisible());
  panel_.showTable(true);
  EXPECT_FALSE(part<QToolButton>(".reset").isVisible());
  panel_.showTable(false);
  QTest::mouseClick(&part<QToolButton>(".reset"), Qt::LeftButton);
  EXPECT_FALSE(part<QToolButton>(".reset").isVisible());
  EXPECT_EQ(panel_.chart().xAxis->range(), QCPRange(0, 2));
}

TEST_F(Panel, BreaksAnAxisLabelThatIsLongerThanTheAxis) {
  QCustomPlot& chart = panel_.chart();
  const QString full = QStringLiteral("Measured divergence of the quantized model, nats a token");
  chart.yAxis->setLabel(full);
  chart.replot();
  EXPECT_EQ(chart.yAxis->label().count(QLatin1Char('\n')), 1) << chart.yAxis->label().toStdString();
  const QFontMetrics metrics(chart.yAxis->labelFont());
  for (const QString& line : chart.yAxis->label().split(QLatin1Char('\n')))
    EXPECT_LE(metrics.horizontalAdvance(line), chart.axisRect()->height());
  panel_.resize(500, 4 * metrics.horizontalAdvance(full));
  panel_.show();
  QTest::qWait(20);
  chart.replot();
  EXPECT_EQ(chart.yAxis->label(), full);
  chart.yAxis->setLabel(QStringLiteral("Loss"));
  chart.replot();
  EXPECT_EQ(chart.yAxis->label(), QStringLiteral("Loss"));
}

TEST_F(Panel, PassesPointerAndKeysOn) {
  QCustomPlot& chart = panel_.chart();
  panel_.setHome({0, 2}, {0, 4});
  chart.replot();
  QSignalSpy clicked(&panel_, &PlotPanel::clicked);
  QSignalSpy moved(&panel_, &PlotPanel::keyMoved);
  QSignalSpy activated(&panel_, &PlotPanel::keyActivated);
  const QPoint centre = chart.axisRect()->rect().center();
  QTest::mouseClick(&chart, Qt::LeftButton, {}, centre);
  ASSERT_EQ(clicked.count(), 1);
  EXPECT_NEAR(clicked.at(0).at(0).toPointF().x(), 1, 0.05);
  EXPECT_NEAR(clicked.at(0).at(0).toPointF().y(), 2, 0.1);
  QTest::mouseClick(&chart, Qt::LeftButton, {}, QPoint(1, 1));
  EXPECT_EQ(clicked.count(), 1) << "the margin is not the plot";
  QTest::keyClick(&chart, Qt::Key_Left);
  QTest::keyClick(&chart, Qt::Key_Up, Qt::ControlModifier);
  QTest::keyClick(&chart, Qt::Key_Return);
  ASSERT_EQ(moved.count(), 2);
  EXPECT_EQ(moved.at(0).at(0).toInt(), -1);
  EXPECT_EQ(moved.at(1).at(1).toInt(), 10);
  EXPECT_EQ(activated.count(), 1);
}

TEST_F(Panel, TellsTheReadoutToScreenReaders) {
  panel_.setReadout(QStringLiteral("layer 3: 12 %"));
  EXPECT_EQ(part<QLabel>(".readout").text(), QStringLiteral("layer 3: 12 %"));
  EXPECT_EQ(panel_.chart().accessibleDescription(), QStringLiteral("layer 3: 12 %"));
}

TEST_F(Panel, NobodyGetsBeyondWhatThereIs) {
  panel_.setHome({0, 2}, {0, 4});
  QCustomPlot& chart = panel_.chart();
  QTest::keyClick(&chart, Qt::Key_Minus);
  EXPECT_EQ(chart.xAxis->range(), QCPRange(0, 2));
  EXPECT_EQ(chart.yAxis->range(), QCPRange(0, 4));
  QTest::keyClick(&chart, Qt::Key_Plus);
  const double size = chart.xAxis->range().size();
  for (int i = 0; i < 20; ++i)
    QTest::keyClick(&chart, Qt::Key_Left, Qt::ShiftModifier);
  EXPECT_EQ(chart.xAxis->range().lower, 0);
  EXPECT_NEAR(chart.xAxis->range().size(), size, 1e-9) << "moved, not zoomed";
}

TEST_F(Panel, NumbersAsManyLayersAsHaveRoom) {
  QCustomPlot& chart = panel_.chart();
  const auto ticker = QSharedPointer<LayerTicker>::create();
  chart.xAxis->setTicker(ticker);
  const auto marks = [&](double last) {
    panel_.setHome({-0.5, last + 0.5}, {0, 1});
    chart.replot();
    chart.replot();  // the room is known after the first
    QVector<double> ticks;
    ticker->generate(chart.xAxis->range(), QLocale(), QLatin1Char('f'), 0, ticks, nullptr, nullptr);
    return std::count_if(ticks.begin(), ticks.end(), [&](double tick) { return tick >= 0 && tick <= last; });
  };
  panel_.resize(900, 300);
  QTest::qWait(20);
  EXPECT_EQ(marks(7), 8) << "each of eight layers";
  EXPECT_GT(marks(79), 8);
  EXPECT_LT(marks(79), 25);
  panel_.resize(panel_.minimumSizeHint());
  QTest::qWait(20);
  EXPECT_LT(marks(31), 12);
}

}  // namespace
}  // namespace salient::ui
