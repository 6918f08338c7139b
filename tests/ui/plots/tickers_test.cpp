// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/tickers.h"

#include <gtest/gtest.h>

#include <QStringList>

namespace salient::ui {
namespace {

/// The labels inside `range`.
QStringList labels(QCPAxisTicker& ticker, const QCPRange& range) {
  QVector<double> ticks;
  QVector<QString> texts;
  ticker.generate(range, QLocale(), QLatin1Char('g'), 6, ticks, nullptr, &texts);
  QStringList inside;
  for (int i = 0; i < ticks.size(); ++i)
    if (range.contains(ticks[i])) inside.append(texts[i]);
  return inside;
}

class Tickers : public ::testing::Test {
 protected:
  Tickers() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates)); }
  ~Tickers() override { QLocale::setDefault(QLocale()); }
};

TEST_F(Tickers, AllMarksHaveTheDecimalsOfTheStep) {
  EvenTicker ticker;
  const QStringList quarters = labels(ticker, {4.6, 6.3});
  EXPECT_TRUE(quarters.contains(QStringLiteral("4.75"))) << quarters.join(QLatin1Char(' ')).toStdString();
  EXPECT_TRUE(quarters.contains(QStringLiteral("5.00")));
  EXPECT_TRUE(labels(ticker, {-0.21, 0.21}).contains(QStringLiteral("0.0"))) << "no -0.0";
  EXPECT_TRUE(labels(ticker, {0, 5000}).contains(QStringLiteral("1,000")));
  QLocale::setDefault(QLocale(QLocale::German, QLocale::Germany));
  EXPECT_TRUE(labels(ticker, {4.6, 6.3}).contains(QStringLiteral("5,00")));
}

TEST_F(Tickers, CountsAreWhole) {
  CountTicker ticker;
  for (const double most : {1.3, 3.0, 14.0, 250.0}) {
    for (const QString& label : labels(ticker, {0, most}))
      EXPECT_FALSE(label.contains(QLatin1Char('.'))) << label.toStdString() << " up to " << most;
  }
}

TEST_F(Tickers, AFewPowersOfTenGetMarksBetweenThem) {
  PowerTicker ticker;
  EXPECT_EQ(labels(ticker, {-2.4, -1.6}),
            QStringList({QStringLiteral("0.005"), QStringLiteral("0.01"), QStringLiteral("0.02")}));
  EXPECT_EQ(labels(ticker, {-4.5, -0.5}).size(), 4);
  EXPECT_EQ(labels(ticker, {-4.5, -0.5}).first(), QStringLiteral("10⁻⁴"));
}

}  // namespace
}  // namespace salient::ui
