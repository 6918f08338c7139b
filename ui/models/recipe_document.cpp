// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/recipe_document.h"

#include <QElapsedTimer>
#include <QSet>
#include <QUndoCommand>
#include <array>

#include "core/experiment/recipe.h"

namespace salient::ui {
namespace {

constexpr qint64 kMergeMilliseconds = 1000;
constexpr std::array kBudgets{"percent", "average_bits", "size", "uniform"};

bool isBudget(const QString& key) {
  return std::any_of(kBudgets.begin(), kBudgets.end(), [&](const char* name) { return key == QLatin1String(name); });
}

QString text(std::string_view value) {
  return QString::fromUtf8(value.data(), static_cast<qsizetype>(value.size()));
}

QStringList groupKeys(const QString& operation) {
  const QStringList calibration{"samples", "length", "seed"};
  const QStringList search{"variant", "group"};
  const QStringList allocation{"percent", "average_bits", "size",      "uniform",
                               "rank",    "granularity",  "selection", "row_multiple"};
  const QStringList quantization{"method", "clip", "damping", "group"};
  const QStringList evaluation{"evaluation_length", "evaluation_windows"};
  if (operation == QLatin1String("search")) return calibration + search;
  // The windows are those of the scores file.
  if (operation == QLatin1String("quantize")) return QStringList{"seed"} + allocation + quantization;
  if (operation == QLatin1String("allocate")) return QStringList{"seed", "group"} + allocation;
  if (operation == QLatin1String("run")) return calibration + search + allocation + quantization + evaluation;
  return {};
}

}  // namespace

/// From one state of the whole recipe to another. Edits of one key within a second of each other are one step.
class RecipeCommand : public QUndoCommand {
 public:
  RecipeCommand(RecipeDocument& document, QJsonObject before, QJsonObject after, QString key, const QString& what)
      : QUndoCommand(what),
        document_(document),
        before_(std::move(before)),
        after_(std::move(after)),
        key_(std::move(key)) {
    age_.start();
  }

  void undo() override { document_.apply(before_); }
  void redo() override { document_.apply(after_); }
  [[nodiscard]] int id() const override { return key_.isEmpty() ? -1 : 1; }

  bool mergeWith(const QUndoCommand* other) override {
    const auto* next = static_cast<const RecipeCommand*>(other);  // ids are equal, so the class is
    const bool sameKey = next->key_ == key_ || (isBudget(next->key_) && isBudget(key_));
    if (!sameKey || age_.elapsed() > kMergeMilliseconds) return false;
    after_ = next->after_;
    age_.restart();
    setObsolete(after_ == before_);
    return true;
  }

 private:
  RecipeDocument& document_;
  QJsonObject before_;
  QJsonObject after_;
  QString key_;
  QElapsedTimer age_;
};

RecipeDocument::RecipeDocument(QObject* parent) : QObject(parent), values_(defaults()) {}

QJsonObject RecipeDocument::defaults() {
  const Recipe recipe;
  const QJsonObject values{
      {"samples", static_cast<qint64>(recipe.samples)},
      {"length", static_cast<qint64>(recipe.length)},
      {"seed", static_cast<qint64>(recipe.seed)},
      {"variant", text(salience_variant_name(recipe.variant))},
      {"group", static_cast<qint64>(recipe.quant.group)},
      {"percent", recipe.budget.value},
      {"rank", QStringLiteral("salience")},
      {"granularity", QStringLiteral("feature")},
      {"selection", QStringLiteral("global")},
      {"row_multiple", static_cast<qint64>(recipe.row_multiple)},
      {"method", text(quant_method_name(recipe.quant.method))},
      {"clip", recipe.quant.clip},
      {"damping", recipe.quant.damping},
      {"evaluation_length", static_cast<qint64>(recipe.evaluation_length)},
      {"evaluation_windows", static_cast<qint64>(recipe.evaluation_windows)},
  };
  return values;
}

void RecipeDocument::set(const QString& key, const QJsonValue& value, const QString& what) {
  QJsonObject after = values_;
  if (isBudget(key)) {
    for (const char* budget : kBudgets)
      after.remove(QLatin1String(budget));
  }
  after.insert(key, value);
  if (key == QLatin1String("method")) {
    const auto method = quant_method_from_name(value.toString().toStdString());
    if (method) after.insert(QStringLiteral("clip"), clips_by_default(*method));
  }
  if (after == values_) return;
  undo_.push(new RecipeCommand(*this, values_, after, key, what));
}

void RecipeDocument::replace(const QJsonObject& values, const QString& what) {
  if (values == values_) return;
  undo_.push(new RecipeCommand(*this, values_, values, {}, what));
}

QJsonObject RecipeDocument::requestKeys(const QString& operation) const {
  QJsonObject keys;
  for (const QString& key : groupKeys(operation)) {
    const auto found = values_.find(key);
    if (found != values_.end()) keys.insert(key, *found);
  }
  return keys;
}

void RecipeDocument::apply(const QJsonObject& values) {
  const QJsonObject before = std::exchange(values_, values);
  QSet<QString> keys;
  for (const QJsonObject& object : {before, values}) {
    for (auto entry = object.begin(); entry != object.end(); ++entry) {
      if (before.value(entry.key()) != values.value(entry.key())) keys.insert(entry.key());
    }
  }
  if (keys.size() == 1) {
    emit changed(*keys.begin());
  } else if (!keys.isEmpty()) {
    emit changed({});
  }
}

}  // namespace salient::ui
