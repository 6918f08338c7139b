// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/recipe_document.h"

#include <gtest/gtest.h>

#include <QSignalSpy>

namespace salient::ui {
namespace {

TEST(RecipeDocument, EditsCanBeUndoneAndRedone) {
  RecipeDocument recipe;
  const QSignalSpy changed(&recipe, &RecipeDocument::changed);
  recipe.set(QStringLiteral("samples"), 16, QStringLiteral("Samples"));
  EXPECT_EQ(recipe.value(QStringLiteral("samples")), 16);
  EXPECT_EQ(recipe.undoStack().undoText(), QStringLiteral("Samples"));
  recipe.undoStack().undo();
  EXPECT_EQ(recipe.value(QStringLiteral("samples")), 128);
  recipe.undoStack().redo();
  EXPECT_EQ(recipe.value(QStringLiteral("samples")), 16);
  ASSERT_EQ(changed.size(), 3);
  for (const auto& arguments : changed)
    EXPECT_EQ(arguments.first().toString(), QStringLiteral("samples"));
}

TEST(RecipeDocument, OneBudgetReplacesTheOther) {
  RecipeDocument recipe;
  recipe.set(QStringLiteral("average_bits"), 4.5, QStringLiteral("Bits"));
  EXPECT_TRUE(recipe.value(QStringLiteral("percent")).isUndefined());
  recipe.set(QStringLiteral("size"), 1000000, QStringLiteral("Size"));
  const QJsonObject keys = recipe.requestKeys(QStringLiteral("quantize"));
  EXPECT_FALSE(keys.contains(QStringLiteral("average_bits")));
  EXPECT_EQ(keys.value(QStringLiteral("size")), 1000000);
}

TEST(RecipeDocument, ASlidersEditsAreOneStep) {
  RecipeDocument recipe;
  for (int percent = 11; percent <= 30; ++percent)
    recipe.set(QStringLiteral("percent"), percent, QStringLiteral("Percent"));
  recipe.set(QStringLiteral("seed"), 3, QStringLiteral("Seed"));
  EXPECT_EQ(recipe.undoStack().count(), 2);
  recipe.undoStack().undo();
  recipe.undoStack().undo();
  EXPECT_EQ(recipe.values(), RecipeDocument::defaults());
}

TEST(RecipeDocument, TheMethodBringsItsDefaultOfClip) {
  RecipeDocument recipe;
  recipe.set(QStringLiteral("method"), QStringLiteral("gptq"), QStringLiteral("Method"));
  EXPECT_FALSE(recipe.value(QStringLiteral("clip")).toBool());
  recipe.undoStack().undo();
  EXPECT_TRUE(recipe.value(QStringLiteral("clip")).toBool());
}

TEST(RecipeDocument, SettingWhatIsThereIsNoStep) {
  RecipeDocument recipe;
  recipe.set(QStringLiteral("percent"), 10, QStringLiteral("Percent"));
  recipe.replace(RecipeDocument::defaults(), QStringLiteral("Defaults"));
  EXPECT_EQ(recipe.undoStack().count(), 0);
}

TEST(RecipeDocument, RequestsGetOnlyTheirKeys) {
  const RecipeDocument recipe;
  const QJsonObject search = recipe.requestKeys(QStringLiteral("search"));
  EXPECT_TRUE(search.contains(QStringLiteral("variant")));
  EXPECT_FALSE(search.contains(QStringLiteral("percent")));
  // With scores, the calibration windows are those of the scores.
  EXPECT_FALSE(recipe.requestKeys(QStringLiteral("quantize")).contains(QStringLiteral("samples")));
  EXPECT_TRUE(recipe.requestKeys(QStringLiteral("run")).contains(QStringLiteral("evaluation_windows")));
}

}  // namespace
}  // namespace salient::ui
