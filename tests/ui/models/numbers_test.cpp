// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/numbers.h"

#include <gtest/gtest.h>

#include <QLocale>

namespace salient::ui {
namespace {

TEST(Numbers, CarryTheirUnitAndTheLocalesSpelling) {
  QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates));
  EXPECT_EQ(numbers::count(4915200), QStringLiteral("4,915,200"));
  EXPECT_EQ(numbers::percent(12.5), QStringLiteral("12.5 %"));
  EXPECT_EQ(numbers::bits(4.5312), QStringLiteral("4.53 bits"));
  EXPECT_EQ(numbers::bytes(812), QStringLiteral("812 bytes"));
  EXPECT_EQ(numbers::bytes(5.0 * (1LL << 30)), QStringLiteral("5.00 GiB"));
  EXPECT_EQ(numbers::nats(0.01234), QStringLiteral("0.01234 nats"));
  EXPECT_EQ(numbers::rate(37.24), QStringLiteral("37.2 tokens/s"));
  QLocale::setDefault(QLocale(QLocale::German, QLocale::Germany));
  EXPECT_EQ(numbers::percent(12.5), QStringLiteral("12,5 %"));
  EXPECT_EQ(numbers::significant(0.25), QStringLiteral("0,25"));
  QLocale::setDefault(QLocale());
}

TEST(Numbers, AStandardErrorDecidesTheDecimals) {
  QLocale::setDefault(QLocale::c());
  EXPECT_EQ(numbers::withError(10.38391, 0.5871, 3), QStringLiteral("10.384 ± 0.587"));
  EXPECT_EQ(numbers::withError(0.0188412, 0.00199, 0), QStringLiteral("0.0188 ± 0.0020"));
  EXPECT_EQ(numbers::withError(0.0076, 0.00077, 0), QStringLiteral("0.00760 ± 0.00077"));
  EXPECT_EQ(numbers::withError(1200, 31, 0), QStringLiteral("1200 ± 31"));
  QLocale::setDefault(QLocale());
}

TEST(Numbers, SignificantDigitsSuitAnySize) {
  QLocale::setDefault(QLocale::c());
  EXPECT_EQ(numbers::significant(0), QStringLiteral("0"));
  EXPECT_EQ(numbers::significant(12.3456), QStringLiteral("12.35"));
  EXPECT_EQ(numbers::significant(0.00123456), QStringLiteral("0.001235"));
  EXPECT_EQ(numbers::significant(6), QStringLiteral("6"));
  EXPECT_EQ(numbers::significant(-1.2e-9), QStringLiteral("-1.2 × 10⁻⁹"));
  EXPECT_EQ(numbers::significant(3e12), QStringLiteral("3.0 × 10¹²"));
  QLocale::setDefault(QLocale());
}

}  // namespace
}  // namespace salient::ui
