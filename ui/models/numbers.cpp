// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/numbers.h"

#include <QCoreApplication>
#include <QLocale>
#include <algorithm>
#include <array>
#include <cmath>

namespace salient::ui::numbers {
namespace {

QString superscript(int value) {
  static constexpr std::array<char16_t, 10> kDigits{u'⁰', u'¹', u'²', u'³', u'⁴', u'⁵', u'⁶', u'⁷', u'⁸', u'⁹'};
  QString text;
  for (const QChar digit : QString::number(value))
    text += digit == QLatin1Char('-') ? QChar(u'⁻') : QChar(kDigits[static_cast<std::size_t>(digit.digitValue())]);
  return text;
}

}  // namespace

QString count(std::int64_t value) {
  return QLocale().toString(static_cast<qlonglong>(value));
}

QString fixed(double value, int decimals) {
  return QLocale().toString(value, 'f', decimals);
}

QString withError(double value, double error, int least) {
  constexpr int kMost = 8;
  const int digits = error > 0 && std::isfinite(error) ? 1 - static_cast<int>(std::floor(std::log10(error))) : least;
  const int decimals = std::clamp(digits, least, std::max(least, kMost));
  return QCoreApplication::translate("numbers", "%1 ± %2").arg(fixed(value, decimals), fixed(error, decimals));
}

QString percent(double value, int decimals) {
  return QCoreApplication::translate("numbers", "%1 %").arg(fixed(value, decimals));
}

QString bits(double value) {
  return QCoreApplication::translate("numbers", "%1 bits").arg(fixed(value, 2));
}

QString bytes(double value) {
  return QLocale().formattedDataSize(std::llround(value), value < 1024 ? 0 : 2, QLocale::DataSizeIecFormat);
}

QString nats(double value) {
  return QCoreApplication::translate("numbers", "%1 nats").arg(significant(value));
}

QString rate(double tokensPerSecond) {
  return QCoreApplication::translate("numbers", "%1 tokens/s").arg(significant(tokensPerSecond, 3));
}

QString powerOfTen(int exponent) {
  return QStringLiteral("10") + superscript(exponent);
}

QString significant(double value, int digits) {
  if (!std::isfinite(value)) return QLocale().toString(value);
  if (value == 0) return fixed(0, 0);
  const int exponent = static_cast<int>(std::floor(std::log10(std::abs(value))));
  if (exponent >= -4 && exponent < 9) {
    const int decimals = std::max(0, digits - 1 - exponent);
    QString text = fixed(value, decimals);
    const QString point = QLocale().decimalPoint();
    if (!text.contains(point)) return text;
    while (text.endsWith(QLocale().zeroDigit()))
      text.chop(1);
    if (text.endsWith(point)) text.chop(point.size());
    return text;
  }
  return QCoreApplication::translate("numbers", "%1 × 10%2")
      .arg(fixed(value / std::pow(10, exponent), 1), superscript(exponent));
}

}  // namespace salient::ui::numbers
