// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/request_words.h"

#include <QCoreApplication>
#include <QDir>
#include <QJsonArray>
#include <QJsonDocument>
#include <algorithm>
#include <array>
#include <cmath>

#include "ui/models/comparison.h"
#include "ui/models/numbers.h"

namespace salient::ui {
namespace {

enum class Kind { path, choice, plain, bytes, allIfZero };

struct Key {
  const char* name;
  const char* title;
  Kind kind = Kind::plain;
};

const std::array kKeys{
    Key{"model", QT_TRANSLATE_NOOP("Request", "Model"), Kind::path},
    Key{"against", QT_TRANSLATE_NOOP("Request", "Compared with"), Kind::path},
    Key{"calibration", QT_TRANSLATE_NOOP("Request", "Calibration text"), Kind::path},
    Key{"evaluation", QT_TRANSLATE_NOOP("Request", "Evaluation text"), Kind::path},
    Key{"text", QT_TRANSLATE_NOOP("Request", "Text"), Kind::path},
    Key{"json_key", QT_TRANSLATE_NOOP("Request", "Key of JSON lines")},
    Key{"scores", QT_TRANSLATE_NOOP("Request", "Scores"), Kind::path},
    Key{"format", QT_TRANSLATE_NOOP("Request", "Format")},
    Key{"output", QT_TRANSLATE_NOOP("Request", "Output"), Kind::path},
    Key{"experiments", QT_TRANSLATE_NOOP("Request", "Experiments"), Kind::path},
    Key{"samples", QT_TRANSLATE_NOOP("Request", "Samples")},
    Key{"length", QT_TRANSLATE_NOOP("Request", "Tokens of a sequence")},
    Key{"seed", QT_TRANSLATE_NOOP("Request", "Seed")},
    Key{"variant", QT_TRANSLATE_NOOP("Request", "Estimate of the salience"), Kind::choice},
    Key{"percent", QT_TRANSLATE_NOOP("Request", "Features in 8 bit, %")},
    Key{"average_bits", QT_TRANSLATE_NOOP("Request", "Average bits")},
    Key{"size", QT_TRANSLATE_NOOP("Request", "Size"), Kind::bytes},
    Key{"uniform", QT_TRANSLATE_NOOP("Request", "Bits of every row")},
    Key{"rank", QT_TRANSLATE_NOOP("Request", "Rank by"), Kind::choice},
    Key{"granularity", QT_TRANSLATE_NOOP("Request", "Unit"), Kind::choice},
    Key{"selection", QT_TRANSLATE_NOOP("Request", "Selection"), Kind::choice},
    Key{"row_multiple", QT_TRANSLATE_NOOP("Request", "Row multiple")},
    Key{"method", QT_TRANSLATE_NOOP("Request", "Method"), Kind::choice},
    Key{"clip", QT_TRANSLATE_NOOP("Request", "Search for clipped ranges")},
    Key{"damping", QT_TRANSLATE_NOOP("Request", "Damping")},
    Key{"group", QT_TRANSLATE_NOOP("Request", "Group")},
    Key{"evaluation_length", QT_TRANSLATE_NOOP("Request", "Tokens of a window")},
    Key{"evaluation_windows", QT_TRANSLATE_NOOP("Request", "Windows"), Kind::allIfZero},
    Key{"verify", QT_TRANSLATE_NOOP("Request", "Read back and compare")},
    Key{"device", QT_TRANSLATE_NOOP("Request", "Device")},
    Key{"threads", QT_TRANSLATE_NOOP("Request", "Threads"), Kind::allIfZero},
    Key{"fresh", QT_TRANSLATE_NOOP("Request", "From the beginning")},
};

QString words(const QJsonValue& value, Kind kind) {
  if (value.isBool())
    return value.toBool() ? QCoreApplication::translate("Request", "yes")
                          : QCoreApplication::translate("Request", "no");
  if (value.isString()) {
    const QString text = value.toString();
    if (kind == Kind::choice) return recipeChoiceText(text);
    return kind == Kind::path ? QDir::toNativeSeparators(text) : text;
  }
  if (value.isDouble()) {
    const double number = value.toDouble();
    if (kind == Kind::allIfZero && number == 0) return QCoreApplication::translate("Request", "all");
    if (kind == Kind::bytes) return numbers::bytes(number);
    return number == std::floor(number) ? numbers::count(value.toInteger()) : numbers::significant(number, 6);
  }
  return QString::fromUtf8(QJsonDocument(QJsonArray{value}).toJson(QJsonDocument::Compact));
}

}  // namespace

QStringList requestInWords(const QJsonObject& request) {
  QStringList lines;
  const auto add = [&](const QString& title, const QJsonValue& value, Kind kind) {
    if (!value.isUndefined() && value != QJsonValue(QString()))
      lines.append(QCoreApplication::translate("Request", "%1: %2").arg(title, words(value, kind)));
  };
  for (const Key& key : kKeys)
    add(QCoreApplication::translate("Request", key.title), request.value(QLatin1String(key.name)), key.kind);
  for (auto entry = request.begin(); entry != request.end(); ++entry) {
    const bool known =
        std::any_of(kKeys.begin(), kKeys.end(), [&](const Key& key) { return entry.key() == QLatin1String(key.name); });
    // The job's title says the operation.
    if (!known && entry.key() != QLatin1String("op")) add(entry.key(), *entry, Kind::plain);
  }
  return lines;
}

}  // namespace salient::ui
