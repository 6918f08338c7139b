// SPDX-License-Identifier: GPL-3.0-or-later
// Every control of the recipe: an edit by the keyboard is one step that undo takes back and redo makes again, in the
// recipe and in what the control shows.
#include <gtest/gtest.h>

#include <QMetaProperty>
#include <array>

#include "tests/ui/support/hands.h"
#include "tests/ui/support/sample_scores.h"
#include "tests/ui/support/waiting.h"
#include "ui/views/main_window.h"

namespace salient::ui {
namespace {

struct Control {
  const char* name;
  const char* page;
  Qt::Key key;         ///< changes it
  const char* recipe;  ///< the key of the recipe that it edits
};

constexpr std::array kControls{
    Control{"search.samples", page::search, Qt::Key_Up, "samples"},
    Control{"search.length", page::search, Qt::Key_Up, "length"},
    Control{"search.seed", page::search, Qt::Key_Up, "seed"},
    Control{"search.variant", page::search, Qt::Key_Down, "variant"},
    Control{"search.group", page::search, Qt::Key_Up, "group"},
    Control{"search.method", page::search, Qt::Key_Down, "method"},
    Control{"search.clip", page::search, Qt::Key_Space, "clip"},
    Control{"search.damping", page::search, Qt::Key_Up, "damping"},
    Control{"search.evaluationLength", page::search, Qt::Key_Up, "evaluation_length"},
    Control{"search.evaluationWindows", page::search, Qt::Key_Up, "evaluation_windows"},
    Control{"budget.slider", page::budget, Qt::Key_PageUp, "percent"},
    Control{"budget.percent", page::budget, Qt::Key_Up, "percent"},
    Control{"budget.bits", page::budget, Qt::Key_Up, "average_bits"},
    Control{"budget.bytes", page::budget, Qt::Key_Up, "size"},
    Control{"budget.bits.chosen", page::budget, Qt::Key_Space, "average_bits"},
    Control{"budget.bytes.chosen", page::budget, Qt::Key_Space, "size"},
    Control{"budget.rank", page::budget, Qt::Key_Down, "rank"},
    Control{"budget.granularity", page::budget, Qt::Key_Down, "granularity"},
    Control{"budget.selection", page::budget, Qt::Key_Down, "selection"},
    Control{"budget.rowMultiple", page::budget, Qt::Key_Up, "row_multiple"},
};

class RecipeControls : public ::testing::TestWithParam<Control> {};

TEST_P(RecipeControls, CanBeUndoneAndRedone) {
  const Control& control = GetParam();
  ScoredSession scored;
  scored.openModel();
  scored.openScores();
  MainWindow window(scored.session);
  window.show();
  ASSERT_TRUE(waitFor([&] { return window.complete(); }));
  trigger(window, qPrintable(QStringLiteral("view.") + QLatin1String(control.page)));
  auto* widget = findIn<QWidget>(window, control.name);
  ASSERT_NE(widget, nullptr);
  ASSERT_TRUE(waitFor([&] { return widget->isVisible() && widget->isEnabled(); }));
  RecipeDocument& recipe = scored.session.recipe();
  // Budgets shown in all three readings follow their ranking.
  const BudgetModel& budget = BudgetModel::of(scored.session);
  const auto shown = [&] {
    EXPECT_TRUE(waitFor([&] { return budget.state() == BudgetModel::State::ready && budget.point() != nullptr; }));
    return widget->metaObject()->userProperty().read(widget);
  };
  const QVariant shownBefore = shown();
  const QJsonObject before = recipe.values();
  ASSERT_TRUE(shownBefore.isValid());

  widget->setFocus();
  QTest::keyClick(widget, control.key);
  const QJsonObject after = recipe.values();
  const QVariant shownAfter = shown();
  EXPECT_NE(after.value(QLatin1String(control.recipe)), before.value(QLatin1String(control.recipe)));
  EXPECT_NE(shownAfter, shownBefore);
  EXPECT_EQ(recipe.undoStack().count(), 1);
  EXPECT_FALSE(recipe.undoStack().undoText().isEmpty()) << "the menu names the step";

  for (int round = 0; round < 2; ++round) {
    trigger(window, "edit.undo");
    EXPECT_EQ(recipe.values(), before);
    EXPECT_EQ(shown(), shownBefore);
    trigger(window, "edit.redo");
    EXPECT_EQ(recipe.values(), after);
    EXPECT_EQ(shown(), shownAfter);
  }
  EXPECT_EQ(recipe.undoStack().count(), 1) << "showing a value is no edit";
}

INSTANTIATE_TEST_SUITE_P(All, RecipeControls, ::testing::ValuesIn(kControls), [](const auto& given) {
  return QString::fromLatin1(given.param.name).replace(QLatin1Char('.'), QLatin1Char('_')).toStdString();
});

/// Every key of the recipe has a control above.
TEST(RecipeDocumentKeys, HaveAControlEach) {
  QStringList edited;
  for (const Control& control : kControls)
    edited.append(QLatin1String(control.recipe));
  for (const QString& key : RecipeDocument::defaults().keys())
    EXPECT_TRUE(edited.contains(key)) << qPrintable(key);
}

}  // namespace
}  // namespace salient::ui
