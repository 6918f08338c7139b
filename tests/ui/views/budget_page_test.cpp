// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/budget_page.h"

#include <gmock/gmock.h>

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QJsonObject>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QPushButton>
#include <QRadioButton>
#include <QScrollBar>
#include <QSlider>
#include <QTableView>

#include "tests/ui/support/experiments.h"
#include "tests/ui/support/hands.h"
#include "tests/ui/support/sample_scores.h"
#include "ui/models/kept_budgets.h"
#include "ui/plots/plot_panel.h"

namespace salient::ui {
namespace {

using ::testing::HasSubstr;

class BudgetTest : public ::testing::Test {
 protected:
  BudgetTest() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates)); }
  ~BudgetTest() override { QLocale::setDefault(QLocale::system()); }

  void show() {
    page_ = std::make_unique<BudgetPage>(scored_.session);
    page_->resize(1300, 850);
    page_->show();
  }
  template <class Part>
  Part& part(const char* name) {
    return *findIn<Part>(*page_, name);
  }
  RecipeDocument& recipe() { return scored_.session.recipe(); }
  double recipeNumber(const char* key) { return recipe().value(QLatin1String(key)).toDouble(-1); }
  const Ranking::Point& point() { return *BudgetModel::of(scored_.session).point(); }
  double value(const char* box) { return part<QDoubleSpinBox>(box).value(); }
  ScoredSession scored_;
  std::unique_ptr<BudgetPage> page_;
};

TEST_F(BudgetTest, LeadsToWhatIsMissing) {
  show();
  QString asked;
  QObject::connect(&scored_.session, &Session::pageRequested, [&](const QString& name) { asked = name; });
  press(*page_, "budget.empty.action");
  EXPECT_EQ(asked, QLatin1String(page::start));
  EXPECT_FALSE(part<QSlider>("budget.slider").isVisible());
}

TEST_F(BudgetTest, SliderMovesTheThreeReadingsTogether) {
  scored_.openScores();
  show();
  auto& slider = part<QSlider>("budget.slider");
  slider.setFocus();
  EXPECT_TRUE(part<QRadioButton>("budget.percent.chosen").isChecked());
  QTest::keyClick(&slider, Qt::Key_Right);
  EXPECT_DOUBLE_EQ(recipeNumber("percent"), 10.1);
  slider.setValue(3000);
  EXPECT_DOUBLE_EQ(recipeNumber("percent"), 30);
  EXPECT_DOUBLE_EQ(value("budget.percent"), 30);
  EXPECT_NEAR(value("budget.bits"), point().size.effective_bits(), 1e-4);
  EXPECT_EQ(value("budget.bytes"), static_cast<double>(point().size.total_bytes));
  EXPECT_GT(point().size.effective_bits(), point().size.payload_bits());
  EXPECT_NE(part<QLabel>("budget.payload").text(), part<QLabel>("budget.effective").text());
}

TEST_F(BudgetTest, EachReadingTakesAnExactEntry) {
  scored_.openScores();
  show();
  type(*page_, "budget.percent", QStringLiteral("12.5"));
  EXPECT_DOUBLE_EQ(recipeNumber("percent"), 12.5);
  type(*page_, "budget.bits", QStringLiteral("4.8"));
  EXPECT_EQ(recipeNumber("percent"), -1);
  EXPECT_DOUBLE_EQ(recipeNumber("average_bits"), 4.8);
  EXPECT_TRUE(part<QRadioButton>("budget.bits.chosen").isChecked());
  EXPECT_LE(point().size.effective_bits(), 4.8);
  type(*page_, "budget.bytes", QStringLiteral("2.9MB"));
  EXPECT_EQ(recipeNumber("size"), 2.9e6);
  EXPECT_LE(point().size.total_bytes, 2'900'000);
  EXPECT_GT(point().size.total_bytes, 2'899'000);
  EXPECT_EQ(part<QDoubleSpinBox>("budget.bytes").text().toStdString(), "2,900,000 B");
  type(*page_, "budget.bytes", QStringLiteral("1GiB"));
  EXPECT_EQ(recipeNumber("size"), static_cast<double>(BudgetModel::of(scored_.session).largest().total_bytes))
      << "as much as all in 8 bit takes";
}

TEST_F(BudgetTest, APointAndACommaBothPartDecimals) {
  scored_.openScores();
  for (const auto language : {QLocale::German, QLocale::English}) {
    QLocale::setDefault(QLocale(language));
    show();
    for (const char* mark : {".", ","}) {
      const auto written = [&](const char* text) {
        return QString::fromLatin1(text).replace(QLatin1Char('.'), QLatin1String(mark));
      };
      type(*page_, "budget.percent", QStringLiteral("50"));
      type(*page_, "budget.percent", written("12.5"));
      EXPECT_DOUBLE_EQ(recipeNumber("percent"), 12.5) << qPrintable(QLocale().name()) << mark;
      type(*page_, "budget.bits", written("4.75"));
      EXPECT_DOUBLE_EQ(recipeNumber("average_bits"), 4.75) << qPrintable(QLocale().name()) << mark;
      type(*page_, "budget.bytes", written("2.9MB"));
      EXPECT_EQ(recipeNumber("size"), 2.9e6) << qPrintable(QLocale().name()) << mark;
    }
    type(*page_, "budget.bytes", QLocale().toString(2'900'001));
    EXPECT_EQ(recipeNumber("size"), 2'900'001) << qPrintable(QLocale().name());
  }
}

TEST_F(BudgetTest, ChoosingAReadingKeepsTheBudget) {
  scored_.openScores();
  show();
  const auto rows8 = point().rows8;
  QTest::mouseClick(&part<QRadioButton>("budget.bytes.chosen"), Qt::LeftButton, {}, QPoint(5, 5));
  EXPECT_GT(recipeNumber("size"), 0);
  std::int64_t difference = 0;
  for (std::size_t i = 0; i < rows8.size(); ++i)
    difference += std::abs(rows8[i] - point().rows8[i]);
  EXPECT_LE(difference, 4) << "as far as other features fill the same bytes";
}

TEST_F(BudgetTest, EditsAreUndone) {
  scored_.openScores();
  show();
  type(*page_, "budget.percent", QStringLiteral("33"));
  auto& rank = part<QComboBox>("budget.rank");
  rank.setFocus();
  QTest::keyClick(&rank, Qt::Key_Down);
  EXPECT_EQ(recipe().value(QStringLiteral("rank")).toString(), QStringLiteral("density"));
  recipe().undoStack().undo();
  EXPECT_EQ(recipe().value(QStringLiteral("rank")).toString(), QStringLiteral("salience"));
  EXPECT_EQ(rank.currentIndex(), 0);
  recipe().undoStack().undo();
  EXPECT_DOUBLE_EQ(value("budget.percent"), 10);
  EXPECT_EQ(part<QSlider>("budget.slider").value(), 1000);
}

TEST_F(BudgetTest, ShowsWhyOptionsDoNotGoTogether) {
  scored_.openScores();
  show();
  recipe().set(QStringLiteral("granularity"), QStringLiteral("linear"), QStringLiteral("Unit"));
  recipe().set(QStringLiteral("selection"), QStringLiteral("per-layer"), QStringLiteral("Selection"));
  ASSERT_TRUE(QTest::qWaitFor([&] { return BudgetModel::of(scored_.session).state() == BudgetModel::State::failed; }));
  EXPECT_THAT(part<QLabel>("budget.problem").text().toStdString(), HasSubstr("per-layer"));
  EXPECT_TRUE(part<QComboBox>("budget.selection").isVisible()) << "where it can be put right";
}

TEST_F(BudgetTest, MapAndCurveFollow) {
  scored_.openScores();
  show();
  part<PlotPanel>("budget.map").showTable(true);
  part<QSlider>("budget.slider").setValue(4200);
  const QAbstractItemModel& map = *part<QTableView>("budget.map.table").model();
  ASSERT_EQ(map.rowCount(), 42);
  EXPECT_DOUBLE_EQ(map.index(8, 2).data(Qt::EditRole).toDouble(), BudgetModel::of(scored_.session).share(8));
  EXPECT_THAT(part<QLabel>("budget.curve.readout").text().toStdString(), HasSubstr("42.0 %"));
  part<PlotPanel>("budget.curve").showTable(true);
  EXPECT_EQ(part<QTableView>("budget.curve.table").model()->rowCount(), 201);
}

TEST_F(BudgetTest, ClickOnTheCurveChoosesThatBudget) {
  scored_.openScores();
  show();
  auto& chart = part<QCustomPlot>("budget.curve.chart");
  chart.replot();
  const double bits = BudgetModel::of(scored_.session).curve().at(100).effectiveBits;
  QTest::mouseClick(&chart, Qt::LeftButton, {},
                    QPoint(qRound(chart.xAxis->coordToPixel(bits)), chart.axisRect()->rect().center().y()));
  EXPECT_NEAR(recipeNumber("percent"), 50, 1);
  const double before = recipeNumber("percent");
  QTest::keyClick(&chart, Qt::Key_Right);
  EXPECT_NEAR(recipeNumber("percent"), before + 0.1, 1e-9);
}

TEST_F(BudgetTest, KeepsBudgetsUnderNamesAcrossStarts) {
  scored_.openScores();
  show();
  part<QLineEdit>("budget.name").setText(QStringLiteral("small"));
  press(*page_, "budget.keep.button");
  part<QSlider>("budget.slider").setValue(5000);
  press(*page_, "budget.keep.button");
  QAbstractItemModel* kept = part<QTableView>("budget.kept").model();
  ASSERT_EQ(kept->rowCount(), 2);
  EXPECT_EQ(kept->index(0, 0).data().toString(), QStringLiteral("small"));
  EXPECT_EQ(kept->index(1, 0).data().toString(), QStringLiteral("50.00 %"));
  part<QTableView>("budget.kept").selectRow(0);
  press(*page_, "budget.use.button");
  EXPECT_DOUBLE_EQ(recipeNumber("percent"), 10);
  recipe().undoStack().undo();
  EXPECT_DOUBLE_EQ(recipeNumber("percent"), 50);
  page_.reset();
  show();
  kept = part<QTableView>("budget.kept").model();
  ASSERT_EQ(kept->rowCount(), 2);
  part<QTableView>("budget.kept").selectRow(1);
  press(*page_, "budget.remove.button");
  EXPECT_EQ(kept->rowCount(), 1);
}

TEST_F(BudgetTest, QueuesKeptBudgetsForMeasuring) {
  scored_.openModel();
  scored_.openScores();
  scored_.session.jobs().setHeld(true);
  scored_.session.setEvaluationText(QStringLiteral("/texts/evaluation.txt"));
  show();
  for (const int position : {500, 2500}) {
    part<QSlider>("budget.slider").setValue(position);
    press(*page_, "budget.keep.button");
  }
  part<QTableView>("budget.kept").clearSelection();
  press(*page_, "budget.queue.button");
  const auto& jobs = scored_.session.jobs().jobs();
  ASSERT_EQ(jobs.size(), 2);
  const QJsonObject& request = jobs.at(1).request;
  EXPECT_EQ(request.value(QLatin1String("op")).toString(), QStringLiteral("quantize"));
  EXPECT_EQ(request.value(QLatin1String("scores")).toString(), scored_.session.scoresFile());
  EXPECT_EQ(request.value(QLatin1String("evaluation")).toString(), QStringLiteral("/texts/evaluation.txt"));
  EXPECT_DOUBLE_EQ(request.value(QLatin1String("percent")).toDouble(), 25);
  EXPECT_NE(jobs.at(0).request.value(QLatin1String("output")), request.value(QLatin1String("output")));
  EXPECT_EQ(part<QTableView>("budget.kept").model()->index(1, 6).data().toString(), QStringLiteral("waiting"));
  press(*page_, "budget.queue.button");
  EXPECT_EQ(jobs.size(), 2) << "what waits is not queued again";
}

TEST_F(BudgetTest, WhatWasMeasuredBelongsToItsScoresAndNotToAName) {
  scored_.openModel();
  scored_.openScores();
  scored_.session.jobs().setHeld(true);
  show();
  const auto keep = [&] {
    part<QLineEdit>("budget.name").setText(QStringLiteral("small"));
    press(*page_, "budget.keep.button");
    press(*page_, "budget.queue.button");
  };
  keep();
  QAbstractItemModel* kept = part<QTableView>("budget.kept").model();
  const auto state = [&] { return kept->index(0, KeptBudgets::State).data().toString(); };
  ASSERT_EQ(state(), QStringLiteral("waiting"));
  kept->setData(kept->index(0, KeptBudgets::Name), QStringLiteral("tiny"));
  EXPECT_EQ(state(), QStringLiteral("waiting")) << "the same budget under another name";

  SalienceScores other = sampleScores();
  other.samples = 7;
  const QString file = scored_.path(QStringLiteral("other.scores"));
  ASSERT_TRUE(save_scores(other, file.toStdString()));
  scored_.session.openScores(file);
  ASSERT_TRUE(QTest::qWaitFor([&] { return kept->rowCount() == 0 && enabled(*page_, "budget.keep.button"); }));
  keep();
  const auto& jobs = scored_.session.jobs().jobs();
  ASSERT_EQ(jobs.size(), 2) << "other scores make another model";
  EXPECT_NE(jobs.at(0).request.value(QLatin1String("output")), jobs.at(1).request.value(QLatin1String("output")));
}

TEST_F(BudgetTest, EveryMeasuredPointIsInSight) {
  addExperiments(scored_.session.experimentsFile(), 4);
  {
    auto store = Store::open(scored_.session.experimentsFile().toStdString());
    ASSERT_TRUE(store);
    ExperimentStart far = experimentStart(5);
    far.recipe.quant.method = QuantMethod::rtn;  // far worse, and larger than all in 8 bit
    ExperimentOutcome outcome = experimentOutcome(5);
    for (Metric& metric : outcome.metrics) {
      if (metric.name == "kl_forward") metric.value = 2;
      if (metric.name == "effective_bits") metric.value = 9;
    }
    const auto id = store->begin(far);
    ASSERT_TRUE(id);
    ASSERT_TRUE(store->finish(*id, outcome));
  }
  SalienceScores scores = sampleScores();
  scores.model_fingerprint = experimentStart(1).model.fingerprint;
  scored_.openScores(scores);
  show();
  auto& chart = part<QCustomPlot>("budget.curve.chart");
  int points = 0;
  const auto count = [&] {
    points = 0;
    for (int i = 2; i < chart.graphCount(); ++i)  // after the curve and the kept budgets
      points += chart.graph(i)->dataCount();
    return points;
  };
  ASSERT_TRUE(QTest::qWaitFor([&] { return count() == 5; }));
  for (int i = 2; i < chart.graphCount(); ++i) {
    for (const QCPGraphData& point : *chart.graph(i)->data()) {
      EXPECT_TRUE(chart.xAxis->range().contains(point.key)) << point.key;
      EXPECT_TRUE(chart.yAxis2->range().contains(point.value)) << point.value;
    }
  }
}

TEST_F(BudgetTest, WholeLinearsHaveACurveFromSmallToLarge) {
  recipe().set(QStringLiteral("granularity"), QStringLiteral("linear"), QStringLiteral("Granularity"));
  scored_.openScores();
  const auto& curve = BudgetModel::of(scored_.session).curve();
  ASSERT_GT(curve.size(), 100);
  EXPECT_TRUE(std::is_sorted(curve.begin(), curve.end(), [](const CurvePoint& a, const CurvePoint& b) {
    return a.effectiveBits < b.effectiveBits;
  }));
}

TEST_F(BudgetTest, SaysWhileOtherOptionsArePrepared) {
  scored_.openScores();
  show();
  recipe().set(QStringLiteral("selection"), QStringLiteral("random"), QStringLiteral("Selection"));
  EXPECT_FALSE(part<QLabel>("budget.share").isEnabled()) << "the figures are still of the options before";
  EXPECT_THAT(part<QLabel>("budget.curve.readout").text().toStdString(), HasSubstr("Ranking"));
  EXPECT_TRUE(QTest::qWaitFor([&] { return part<QLabel>("budget.share").isEnabled(); }));
  EXPECT_THAT(part<QLabel>("budget.curve.readout").text().toStdString(), HasSubstr("Chosen"));
}

TEST_F(BudgetTest, ALongNameLeavesRoomForTheFigures) {
  scored_.openScores();
  show();
  part<QLineEdit>("budget.name").setText(QString(60, QLatin1Char('w')));
  press(*page_, "budget.keep.button");
  auto& kept = part<QTableView>("budget.kept");
  QTest::qWait(100);  // widths follow
  EXPECT_EQ(kept.horizontalScrollBar()->maximum(), 0);
}

}  // namespace
}  // namespace salient::ui
