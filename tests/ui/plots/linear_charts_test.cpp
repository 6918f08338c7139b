// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/linear_charts.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "ui/plots/plot_panel.h"

namespace salient::ui {
namespace {

class Charts : public ::testing::Test {
 protected:
  Charts() : values_(14, 0) {
    panel_.resize(900, 400);
    panel_.show();
  }
  QColor pixel(double x, double y) {
    QCustomPlot& chart = panel_.chart();
    chart.replot();
    const QPoint at(qRound(chart.xAxis->coordToPixel(x)), qRound(chart.yAxis->coordToPixel(y)));
    return chart.grab().toImage().pixelColor(at);
  }

  LinearValues values_;
  PlotPanel panel_{QStringLiteral("chart")};
};

TEST_F(Charts, BarsStandInTheirColourAtTheirLayer) {
  QCustomPlot& chart = panel_.chart();
  for (const LinearKind kind : kLinearKinds)
    (new LinearBars(chart.xAxis, chart.yAxis, kind, values_))->setTheme(panel_.theme());
  values_[linear_index({1, LinearKind::q})] = 50;
  panel_.setHome({-0.6, 1.6}, {0, 100});
  chart.xAxis->grid()->setVisible(false);
  chart.yAxis->grid()->setVisible(false);
  const QCPRange q = LinearBars::span({1, LinearKind::q});
  EXPECT_EQ(pixel(q.center(), 25), panel_.theme().series(0));
  EXPECT_EQ(pixel(q.center(), 75), panel_.theme().background);
  EXPECT_EQ(pixel(LinearBars::span({0, LinearKind::q}).center(), 25), panel_.theme().background);
  bool found = false;
  EXPECT_EQ(chart.plottable(0)->getValueRange(found).upper, 50);
  EXPECT_TRUE(found);
}

TEST_F(Charts, BarsAreFoundWhereTheyStand) {
  for (const std::int32_t layer : {0, 1, 79})
    for (const LinearKind kind : kLinearKinds)
      EXPECT_EQ(LinearBars::at(LinearBars::span({layer, kind}).center(), 80), (LinearId{layer, kind}));
  EXPECT_FALSE(LinearBars::at(-0.7, 80));
  EXPECT_FALSE(LinearBars::at(80, 80));
  EXPECT_FALSE(LinearBars::at(0, 0));
}

TEST_F(Charts, CellsTakeTheirColourFromTheGradient) {
  QCustomPlot& chart = panel_.chart();
  auto* grid = new LinearGrid(chart.xAxis, chart.yAxis, values_);
  grid->setTheme(panel_.theme());
  grid->setRange({0, 10});
  values_[linear_index({1, LinearKind::down})] = 10;
  values_[linear_index({0, LinearKind::v})] = std::numeric_limits<double>::quiet_NaN();
  panel_.setHome({-0.5, 1.5}, {-0.5, 6.5});
  chart.yAxis->setRangeReversed(true);
  QCPColorGradient heat = panel_.theme().heat();
  EXPECT_EQ(pixel(1, 6), QColor(heat.color(10, {0, 10})));
  EXPECT_EQ(pixel(0, 0), QColor(heat.color(0, {0, 10})));
}

TEST_F(Charts, CellsAreFoundWhereTheyStand) {
  EXPECT_EQ(LinearGrid::at({2.4, 5.6}, 3), (LinearId{2, LinearKind::down}));
  EXPECT_EQ(LinearGrid::at({-0.4, -0.4}, 3), (LinearId{0, LinearKind::q}));
  EXPECT_FALSE(LinearGrid::at({2.6, 0}, 3));
  EXPECT_FALSE(LinearGrid::at({0, 6.6}, 3));
  EXPECT_FALSE(LinearGrid::at({0, -0.6}, 3));
}

}  // namespace
}  // namespace salient::ui
