// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/byte_box.h"

#include <QLocale>
#include <QRegularExpression>
#include <cmath>

#include "core/base/format.h"
#include "ui/models/numbers.h"

namespace salient::ui {
namespace {

Result<std::uint64_t> parse(QString text) {
  const QLocale locale;
  const QString group = locale.groupSeparator();
  // Three digits make a group; a mark before others is a decimal point, whatever the language writes: 2.9MB.
  text.remove(QRegularExpression(QRegularExpression::escape(group) + QStringLiteral("(?=\\d{3}(?!\\d))")));
  if (group == QLatin1String(".") || group == QLatin1String(",")) text.replace(group, QStringLiteral("."));
  text.replace(locale.decimalPoint(), QStringLiteral("."));
  return parse_bytes(text.simplified().toStdString());
}

}  // namespace

ByteBox::ByteBox(QWidget* parent) : QDoubleSpinBox(parent) {
  setDecimals(0);
  setKeyboardTracking(false);
}

QString ByteBox::textFromValue(double value) const {
  return tr("%1 B").arg(numbers::count(std::llround(value)));
}

double ByteBox::valueFromText(const QString& text) const {
  const auto bytes = parse(text);
  return bytes ? static_cast<double>(*bytes) : value();
}

QValidator::State ByteBox::validate(QString& text, int&) const {
  const auto bytes = parse(text);
  const bool fits = bytes && static_cast<double>(*bytes) >= minimum() && static_cast<double>(*bytes) <= maximum();
  return fits ? QValidator::Acceptable : QValidator::Intermediate;
}

void ByteBox::fixup(QString& text) const {
  const auto bytes = parse(text);
  text = textFromValue(bytes ? qBound(minimum(), static_cast<double>(*bytes), maximum()) : value());
}

}  // namespace salient::ui
