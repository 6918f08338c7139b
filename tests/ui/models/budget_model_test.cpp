// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/budget_model.h"

#include <gtest/gtest.h>

#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "core/base/random.h"
#include "core/search/scores.h"
#include "ui/models/session.h"

namespace salient::ui {
namespace {

SalienceScores scores(double factor = 1) {
  SalienceScores made;
  made.samples = 4;
  made.length = 8;
  made.seed = 7;
  Random random(3);
  for (std::size_t i = 0; i < 14; ++i) {
    LinearScores linear{linear_at(i), 20, 256, {}};
    for (int row = 0; row < 20; ++row)
      linear.scores.push_back(factor * random.uniform());
    made.linears.push_back(std::move(linear));
  }
  return made;
}

class Budgets : public ::testing::Test {
 protected:
  Budgets() : session_(options()) {}

  SessionOptions options() {
    return {directory_.filePath(QStringLiteral("e.db")), QStringLiteral("/nowhere/salient"),
            directory_.filePath(QStringLiteral("state")), directory_.filePath(QStringLiteral("data"))};
  }
  void open(const SalienceScores& what) {
    const QString file = directory_.filePath(QStringLiteral("s.scores"));
    ASSERT_TRUE(save_scores(what, file.toStdString()));
    QSignalSpy changed(&session_, &Session::scoresChanged);
    session_.openScores(file);
    ASSERT_TRUE(changed.wait());
  }
  static void settle(const BudgetModel& model) {
    ASSERT_TRUE(QTest::qWaitFor([&] { return model.state() != BudgetModel::State::preparing; }));
  }
  Ranking::Point expected(const Budget& budget) {
    const auto ranking =
        Ranking::prepare(*session_.scores(), rankingOptionsOf(session_.recipe().values(), *session_.scores()));
    return *ranking->preview(budget);
  }

  QTemporaryDir directory_;
  Session session_;
};

TEST_F(Budgets, IsEmptyWithoutScoresAndOnePerSession) {
  BudgetModel& model = BudgetModel::of(session_);
  EXPECT_EQ(&model, &BudgetModel::of(session_));
  EXPECT_EQ(model.state(), BudgetModel::State::empty);
  EXPECT_EQ(model.point(), nullptr);
  EXPECT_FALSE(model.preview({Budget::Kind::percent, 10}));
}

TEST_F(Budgets, FollowsTheRecipe) {
  BudgetModel& model = BudgetModel::of(session_);
  open(scores());
  settle(model);
  ASSERT_EQ(model.state(), BudgetModel::State::ready);
  ASSERT_NE(model.point(), nullptr);
  EXPECT_EQ(model.features(), 280);
  EXPECT_EQ(model.linears().size(), 14);
  EXPECT_NEAR(model.linears().at(0).mean * 20, model.linears().at(0).sum, 1e-12);

  QSignalSpy changed(&model, &BudgetModel::pointChanged);
  session_.recipe().set(QStringLiteral("percent"), 25, QStringLiteral("Percent"));
  ASSERT_EQ(changed.count(), 1) << "answered at once";
  const Ranking::Point point = expected({Budget::Kind::percent, 25});
  EXPECT_EQ(model.point()->rows8, point.rows8);
  EXPECT_EQ(model.rows8(3), point.rows8[3]);
  EXPECT_DOUBLE_EQ(model.share(3), 5.0 * static_cast<double>(point.rows8[3]));
  EXPECT_DOUBLE_EQ(model.salienceLeft(), point.predicted_loss / 4);

  session_.recipe().set(QStringLiteral("size"), 50000, QStringLiteral("Size"));
  EXPECT_EQ(model.point()->size.total_bytes, expected({Budget::Kind::bytes, 50000}).size.total_bytes);
  session_.recipe().undoStack().undo();
  EXPECT_NE(model.point(), nullptr);
}

TEST_F(Budgets, SaysWhatNoMapSatisfies) {
  BudgetModel& model = BudgetModel::of(session_);
  open(scores());
  settle(model);
  session_.recipe().set(QStringLiteral("average_bits"), 3, QStringLiteral("Bits"));
  EXPECT_EQ(model.point(), nullptr);
  EXPECT_EQ(model.problem().code, QStringLiteral("range"));
}

TEST_F(Budgets, PreparesOtherOptionsInTheBackground) {
  BudgetModel& model = BudgetModel::of(session_);
  open(scores());
  settle(model);
  const auto before = model.point()->rows8;
  session_.recipe().set(QStringLiteral("selection"), QStringLiteral("random"), QStringLiteral("Selection"));
  EXPECT_EQ(model.state(), BudgetModel::State::preparing);
  settle(model);
  EXPECT_NE(model.point()->rows8, before);
  EXPECT_EQ(model.point()->rows8, expected({Budget::Kind::percent, 10}).rows8) << "drawn with the scores' seed";

  session_.recipe().set(QStringLiteral("granularity"), QStringLiteral("linear"), QStringLiteral("Granularity"));
  session_.recipe().set(QStringLiteral("selection"), QStringLiteral("per-layer"), QStringLiteral("Selection"));
  settle(model);
  EXPECT_EQ(model.state(), BudgetModel::State::failed);
  EXPECT_EQ(model.error().code, QStringLiteral("usage"));
  EXPECT_EQ(model.point(), nullptr);
  session_.recipe().set(QStringLiteral("selection"), QStringLiteral("global"), QStringLiteral("Selection"));
  settle(model);
  EXPECT_EQ(model.state(), BudgetModel::State::ready);
}

TEST_F(Budgets, DropsWhatBelongsToOtherScores) {
  BudgetModel& model = BudgetModel::of(session_);
  open(scores());
  settle(model);
  const double before = model.salienceLeft();
  open(scores(10));
  settle(model);
  EXPECT_EQ(model.scores(), session_.scores());
  EXPECT_NEAR(model.salienceLeft(), 10 * before, 1e-9 * before);
}

TEST_F(Budgets, CurveFallsFromAllInFourBitToNothing) {
  BudgetModel& model = BudgetModel::of(session_);
  open(scores());
  settle(model);
  const auto& curve = model.curve();
  ASSERT_GT(curve.size(), 100);
  EXPECT_EQ(curve.first().percent, 0);
  EXPECT_EQ(curve.last().percent, 100);
  EXPECT_EQ(curve.last().salienceLeft, 0);
  EXPECT_EQ(curve.first().bytes, static_cast<double>(model.smallest().total_bytes));
  EXPECT_EQ(curve.last().bytes, static_cast<double>(model.largest().total_bytes));
  for (qsizetype i = 1; i < curve.size(); ++i) {
    EXPECT_LE(curve.at(i).salienceLeft, curve.at(i - 1).salienceLeft);
    EXPECT_GE(curve.at(i).effectiveBits, curve.at(i - 1).effectiveBits);
  }
}

TEST_F(Budgets, MakesTheMapInTheBackground) {
  BudgetModel& model = BudgetModel::of(session_);
  open(scores());
  settle(model);
  std::shared_ptr<const BitMap> map;
  QObject::connect(&model, &BudgetModel::mapReady, &model, [&](const auto& made) { map = made; });
  model.requestMap();
  ASSERT_TRUE(QTest::qWaitFor([&] { return map != nullptr; }));
  ASSERT_EQ(map->linears.size(), 14U);
  for (std::size_t i = 0; i < 14; ++i)
    EXPECT_EQ(static_cast<std::int64_t>(map->linears[i].rows8.size()), model.rows8(i));
}

TEST(BudgetOf, ReadsTheOneThatIsGiven) {
  EXPECT_EQ(budgetOf({{"percent", 12.5}})->value, 12.5);
  EXPECT_EQ(budgetOf({{"average_bits", 4.8}})->kind, Budget::Kind::average_bits);
  EXPECT_EQ(budgetOf({{"size", 1e9}})->kind, Budget::Kind::bytes);
  EXPECT_FALSE(budgetOf({{"uniform", 5}}));
}

}  // namespace
}  // namespace salient::ui
