// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/salience_page.h"

#include <gmock/gmock.h>

#include <QAction>
#include <QComboBox>
#include <QLabel>
#include <QPushButton>
#include <QTableView>
#include <QToolButton>
#include <algorithm>

#include "tests/ui/support/hands.h"
#include "tests/ui/support/sample_scores.h"
#include "ui/plots/plot_panel.h"
#include "ui/views/salience_linear.h"

namespace salient::ui {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class SalienceTest : public ::testing::Test {
 protected:
  void show() {
    page_ = std::make_unique<SaliencePage>(scored_.session);
    page_->resize(1200, 800);
    page_->show();
  }
  template <class Part>
  Part& part(const char* name) {
    return *findIn<Part>(*page_, name);
  }
  std::string text(const char* name) { return part<QLabel>(name).text().toStdString(); }
  void waitForOrder() {
    ASSERT_TRUE(QTest::qWaitFor([&] { return part<QCustomPlot>("salience.order.chart").isVisible(); }));
  }

  ScoredSession scored_;
  std::unique_ptr<SaliencePage> page_;
};

TEST_F(SalienceTest, LeadsToWhatIsMissing) {
  show();
  QString asked;
  QObject::connect(&scored_.session, &Session::pageRequested, [&](const QString& name) { asked = name; });
  QTest::mouseClick(&part<QPushButton>("salience.empty.action"), Qt::LeftButton);
  EXPECT_EQ(asked, QLatin1String(page::start));
  scored_.openScores();
  EXPECT_TRUE(part<QCustomPlot>("salience.bars.chart").isVisible());
}

TEST_F(SalienceTest, ShowsSharesMeansAndAverages) {
  scored_.openScores();
  show();
  const BudgetModel& budget = BudgetModel::of(scored_.session);
  part<PlotPanel>("salience.bars").showTable(true);
  const QAbstractItemModel& linears = *part<QTableView>("salience.bars.table").model();
  ASSERT_EQ(linears.rowCount(), 42);
  for (const int row : {0, 13, 41})
    EXPECT_DOUBLE_EQ(linears.index(row, 2).data(Qt::EditRole).toDouble(), budget.share(static_cast<std::size_t>(row)));
  part<PlotPanel>("salience.classes").showTable(true);
  const QAbstractItemModel& classes = *part<QTableView>("salience.classes.table").model();
  ASSERT_EQ(classes.rowCount(), 7);
  double share = 0;
  for (std::size_t layer = 0; layer < 6; ++layer)
    share += budget.share(7 * layer + 2) / 6;
  EXPECT_NEAR(classes.index(2, 1).data(Qt::EditRole).toDouble(), share, 1e-9) << "v_proj";
  part<PlotPanel>("salience.heat").showTable(true);
  part<QComboBox>("salience.measure").setCurrentIndex(1);
  const QAbstractItemModel& grid = *part<QTableView>("salience.heat.table").model();
  ASSERT_EQ(grid.rowCount(), 6);
  EXPECT_DOUBLE_EQ(grid.index(4, 1 + 6).data(Qt::EditRole).toDouble(), budget.linears().at(4 * 7 + 6).mean);
}

TEST_F(SalienceTest, FollowsTheRecipesBudget) {
  scored_.openScores();
  show();
  const std::string before = text("salience.budget");
  scored_.session.recipe().set(QStringLiteral("percent"), 40, QStringLiteral("Percent"));
  EXPECT_NE(text("salience.budget"), before);
  part<PlotPanel>("salience.bars").showTable(true);
  EXPECT_DOUBLE_EQ(part<QTableView>("salience.bars.table").model()->index(5, 2).data(Qt::EditRole).toDouble(),
                   BudgetModel::of(scored_.session).share(5));
}

TEST_F(SalienceTest, GoesDownByKeyboardAndBackUp) {
  scored_.openModel();
  scored_.openScores();
  show();
  auto& bars = part<QCustomPlot>("salience.bars.chart");
  for (const Qt::Key key : {Qt::Key_Up, Qt::Key_Right, Qt::Key_Right})
    QTest::keyClick(&bars, key);
  EXPECT_THAT(text("salience.bars.readout"), HasSubstr("Layer 1 · v_proj"));
  EXPECT_EQ(text("salience.bars.readout"), text("salience.heat.readout")) << "one cursor for all";
  QTest::keyClick(&bars, Qt::Key_Return);
  EXPECT_EQ(part<QToolButton>("salience.crumbLinear").text(), QStringLiteral("Layer 1 · v_proj"));
  waitForOrder();
  auto& order = part<QCustomPlot>("salience.order.chart");
  QTest::keyClick(&order, Qt::Key_Right);
  EXPECT_THAT(text("salience.order.readout"), HasSubstr("Place 2 of 128"));
  QTest::keyClick(&order, Qt::Key_Return);
  EXPECT_TRUE(part<QLabel>("salience.crumbFeature").isVisible());
  ASSERT_TRUE(QTest::qWaitFor([&] { return part<QCustomPlot>("salience.weights.chart").isVisible(); }, 20'000));
  ASSERT_TRUE(QTest::qWaitFor([&] { return part<QCustomPlot>("salience.place.chart").isVisible(); }));
  EXPECT_THAT(text("salience.featureFacts"), HasSubstr("place 2 of 128 in the linear"));
  EXPECT_THAT(text("salience.place.readout"), HasSubstr("Scores from")) << "the bar it belongs to";
  EXPECT_THAT(text("salience.weights.readout"), HasSubstr(": 256"));
  EXPECT_THAT(text("salience.scales.readout"), HasSubstr("Group 0"));
  const std::string second = text("salience.crumbFeature");
  QTest::mouseClick(&part<QToolButton>("salience.previous"), Qt::LeftButton);
  EXPECT_NE(text("salience.crumbFeature"), second);
  EXPECT_FALSE(part<QToolButton>("salience.previous").isEnabled()) << "the greatest score has none before it";
  EXPECT_TRUE(
      QTest::qWaitFor([&] { return text("salience.featureFacts").find("place 1 of 128") != std::string::npos; }));
  part<QAction>("salience.up").trigger();
  EXPECT_TRUE(order.isVisible());
  part<QAction>("salience.top").trigger();
  EXPECT_TRUE(bars.isVisible());
  EXPECT_FALSE(part<QToolButton>("salience.crumbLinear").isVisible());
}

TEST_F(SalienceTest, ClickInTheGridOpensTheLinear) {
  scored_.openScores();
  show();
  auto& grid = part<QCustomPlot>("salience.heat.chart");
  grid.replot();
  const QPoint cell(qRound(grid.xAxis->coordToPixel(3)), qRound(grid.yAxis->coordToPixel(6)));
  QTest::mouseMove(&grid, cell);
  QTest::mouseClick(&grid, Qt::LeftButton, {}, cell);
  EXPECT_EQ(part<QToolButton>("salience.crumbLinear").text(), QStringLiteral("Layer 3 · down_proj"));
}

TEST_F(SalienceTest, ACellOfTheTableOpensItsLinear) {
  scored_.openScores();
  show();
  part<PlotPanel>("salience.heat").showTable(true);
  auto& table = part<QTableView>("salience.heat.table");
  emit table.activated(table.model()->index(4, 1 + 6));
  EXPECT_EQ(part<QToolButton>("salience.crumbLinear").text(), QStringLiteral("Layer 4 · down_proj"));
}

TEST_F(SalienceTest, LinearShowsTheThresholdBetweenTheWidths) {
  const SalienceScores scores = sampleScores();
  scored_.openScores(scores);
  show();
  constexpr std::size_t kLinear = 2 * 7 + 5;
  page_->openLinear(linear_at(kLinear));
  waitForOrder();
  EXPECT_TRUE(QTest::qWaitFor([&] { return text("salience.linearFacts").find("score above") != std::string::npos; }));
  part<PlotPanel>("salience.order").showTable(true);
  const QAbstractItemModel& order = *part<QTableView>("salience.order.table").model();
  ASSERT_EQ(order.rowCount(), 768);
  const auto eight = static_cast<int>(BudgetModel::of(scored_.session).rows8(kLinear));
  ASSERT_GT(eight, 0);
  EXPECT_EQ(order.index(eight - 1, 3).data(Qt::EditRole).toInt(), 8);
  EXPECT_EQ(order.index(eight, 3).data(Qt::EditRole).toInt(), 4);
  const auto& values = scores.linears[kLinear].scores;
  EXPECT_EQ(order.index(0, 2).data(Qt::EditRole).toDouble(), *std::max_element(values.begin(), values.end()));
  part<PlotPanel>("salience.distribution").showTable(true);
  const QAbstractItemModel& bins = *part<QTableView>("salience.distribution.table").model();
  qint64 all = 0;
  qint64 in8 = 0;
  for (int row = 0; row < bins.rowCount(); ++row) {
    all += bins.index(row, 2).data(Qt::EditRole).toLongLong();
    in8 += bins.index(row, 3).data(Qt::EditRole).toLongLong();
  }
  EXPECT_EQ(all, 768);
  EXPECT_EQ(in8, eight);
}

TEST_F(SalienceTest, WithoutTheModelTheFeatureSaysSo) {
  scored_.openScores();
  show();
  page_->openLinear({0, LinearKind::q});
  waitForOrder();
  page_->openFeature(3);
  EXPECT_TRUE(QTest::qWaitFor([&] { return part<QCustomPlot>("salience.place.chart").isVisible(); }));
  EXPECT_FALSE(part<QCustomPlot>("salience.weights.chart").isVisible());
}

TEST_F(SalienceTest, RandomSelectionHasNoThreshold) {
  scored_.openScores();
  scored_.session.recipe().set(QStringLiteral("selection"), QStringLiteral("random"), QStringLiteral("Selection"));
  show();
  ASSERT_TRUE(QTest::qWaitFor([&] { return BudgetModel::of(scored_.session).state() == BudgetModel::State::ready; }));
  QSignalSpy bits(page_->findChild<SalienceLinear*>(), &SalienceLinear::bitsChanged);
  page_->openLinear({2, LinearKind::up});
  ASSERT_TRUE(QTest::qWaitFor([&] { return !bits.isEmpty(); }));
  EXPECT_THAT(text("salience.linearFacts"), Not(HasSubstr("score above")));
}

}  // namespace
}  // namespace salient::ui
