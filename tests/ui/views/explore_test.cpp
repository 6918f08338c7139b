// SPDX-License-Identifier: GPL-3.0-or-later
// From the scores of a search to measured budgets, by the keys and buttons a person presses.
#include <gtest/gtest.h>

#include <QTableView>

#include "tests/ui/support/camera.h"
#include "tests/ui/support/session_fixture.h"
#include "ui/plots/plot_panel.h"

namespace salient::ui {
namespace {

using State = JobRecord::State;

/// From the model down to one output feature, by keyboard.
void exploreSalience(Studio& studio) {
  trigger(studio.window(), "view.salience");
  auto* bars = findIn<QWidget>(studio.window(), "salience.bars.chart");
  ASSERT_TRUE(waitFor([&] { return bars->isVisible(); }));
  photograph(studio.window(), QStringLiteral("salience"));
  QTest::keyClick(bars, Qt::Key_Right, Qt::ControlModifier);
  QTest::keyClick(bars, Qt::Key_Return);
  auto* order = findIn<QWidget>(studio.window(), "salience.order.chart");
  ASSERT_TRUE(waitFor([&] { return order->isVisible(); }));
  photograph(studio.window(), QStringLiteral("salience-linear"));
  QTest::keyClick(order, Qt::Key_Return);
  auto* weights = findIn<QWidget>(studio.window(), "salience.weights.chart");
  ASSERT_TRUE(waitFor([&] { return weights->isVisible(); }));
  photograph(studio.window(), QStringLiteral("salience-feature"));
}

/// Two budgets are kept, quantized and measured; their points appear beside the curve.
void measureBudgets(Studio& studio) {
  trigger(studio.window(), "view.search");
  type(studio.window(), "search.evaluationLength", QStringLiteral("64"));
  type(studio.window(), "search.evaluationWindows", QStringLiteral("4"));
  trigger(studio.window(), "view.budget");
  for (const char* percent : {"5", "30"}) {
    type(studio.window(), "budget.percent", QLatin1String(percent));
    press(studio.window(), "budget.keep.button");
  }
  findIn<QTableView>(studio.window(), "budget.kept")->clearSelection();
  press(studio.window(), "budget.queue.button");
  const auto& jobs = studio.session().jobs().jobs();
  ASSERT_TRUE(waitFor([&] { return jobs.size() == 3 && jobs.at(1).state == State::done; }));
  ASSERT_TRUE(studio.lastJobIs(State::done)) << studio.lastJob()->error.message.toStdString();
  auto* curve = findIn<PlotPanel>(studio.window(), "budget.curve");
  curve->showTable(true);
  ASSERT_TRUE(waitFor([&] { return curve->table().model()->rowCount() == 201 + 2; })) << "two measured points";
  curve->showTable(false);
  photograph(studio.window(), QStringLiteral("budget"));
}

TEST_F(SessionTest, ExploresSalienceAndMeasuresBudgets) {
  Studio studio(folder_.path());
  openSample(studio, 2);
  press(studio.window(), "search.start.button");
  ASSERT_TRUE(studio.lastJobIs(State::done));
  exploreSalience(studio);
  measureBudgets(studio);
}

}  // namespace
}  // namespace salient::ui
