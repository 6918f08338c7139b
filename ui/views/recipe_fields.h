// SPDX-License-Identifier: GPL-3.0-or-later
// Inputs bound to a key of the recipe: an edit is an undo step, and undo, redo or another page's edit shows here.
#pragma once

#include <QString>
#include <QVector>

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QFormLayout;
class QSpinBox;
class QWidget;

namespace salient::ui {

class RecipeDocument;

/// One entry of a choice: the recipe's value and how it is called here.
struct Choice {
  QString value;
  QString text;
};

/// A labelled row; the label is the field's buddy and shares its tooltip.
void addRow(QFormLayout* form, const QString& label, QWidget* field, QWidget* buddy, const QString& tip);

/// `what` names the undo step.
void bindNumber(RecipeDocument& recipe, const QString& key, const QString& what, QSpinBox* box);
void bindNumber(RecipeDocument& recipe, const QString& key, const QString& what, QDoubleSpinBox* box);
void bindSwitch(RecipeDocument& recipe, const QString& key, const QString& what, QCheckBox* box);
void bindChoice(RecipeDocument& recipe, const QString& key, const QString& what, const QVector<Choice>& choices,
                QComboBox* box);
/// A choice between whole numbers (the group size).
void bindChoice(RecipeDocument& recipe, const QString& key, const QString& what, const QVector<int>& choices,
                QComboBox* box);

}  // namespace salient::ui
