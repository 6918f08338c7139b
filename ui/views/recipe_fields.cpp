// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/recipe_fields.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QLabel>
#include <QLocale>
#include <QSignalBlocker>
#include <QSpinBox>

#include "ui/models/recipe_document.h"

namespace salient::ui {
namespace {

/// Shows the recipe's value now and whenever it changes, without that counting as an edit.
template <class Widget, class Show>
void follow(RecipeDocument& recipe, const QString& key, Widget* widget, const Show& show) {
  const auto refresh = [&recipe, key, widget, show] {
    const QSignalBlocker quiet(widget);
    show(recipe.value(key));
  };
  QObject::connect(&recipe, &RecipeDocument::changed, widget, [key, refresh](const QString& changed) {
    if (changed.isEmpty() || changed == key) refresh();
  });
  refresh();
}

void bindItems(RecipeDocument& recipe, const QString& key, const QString& what, QComboBox* box) {
  follow(recipe, key, box, [box](const QJsonValue& value) { box->setCurrentIndex(box->findData(value.toVariant())); });
  QObject::connect(box, &QComboBox::activated, box,
                   [&recipe, key, what, box] { recipe.set(key, QJsonValue::fromVariant(box->currentData()), what); });
}

}  // namespace

void addRow(QFormLayout* form, const QString& label, QWidget* field, QWidget* buddy, const QString& tip) {
  auto* caption = new QLabel(label);
  caption->setBuddy(buddy);
  caption->setToolTip(tip);
  buddy->setToolTip(tip);
  buddy->setAccessibleName(QString(label).remove(QLatin1Char('&')).remove(QLatin1Char(':')));
  form->addRow(caption, field);
}

void bindNumber(RecipeDocument& recipe, const QString& key, const QString& what, QSpinBox* box) {
  follow(recipe, key, box, [box](const QJsonValue& value) { box->setValue(value.toInt()); });
  QObject::connect(box, &QSpinBox::valueChanged, box,
                   [&recipe, key, what](int value) { recipe.set(key, value, what); });
}

void bindNumber(RecipeDocument& recipe, const QString& key, const QString& what, QDoubleSpinBox* box) {
  follow(recipe, key, box, [box](const QJsonValue& value) { box->setValue(value.toDouble()); });
  QObject::connect(box, &QDoubleSpinBox::valueChanged, box,
                   [&recipe, key, what](double value) { recipe.set(key, value, what); });
}

void bindSwitch(RecipeDocument& recipe, const QString& key, const QString& what, QCheckBox* box) {
  follow(recipe, key, box, [box](const QJsonValue& value) { box->setChecked(value.toBool()); });
  QObject::connect(box, &QCheckBox::toggled, box, [&recipe, key, what](bool on) { recipe.set(key, on, what); });
}

void bindChoice(RecipeDocument& recipe, const QString& key, const QString& what, const QVector<Choice>& choices,
                QComboBox* box) {
  for (const Choice& choice : choices)
    box->addItem(choice.text, choice.value);
  bindItems(recipe, key, what, box);
}

void bindChoice(RecipeDocument& recipe, const QString& key, const QString& what, const QVector<int>& choices,
                QComboBox* box) {
  for (const int choice : choices)
    box->addItem(QLocale().toString(choice), static_cast<qlonglong>(choice));
  bindItems(recipe, key, what, box);
}

}  // namespace salient::ui
