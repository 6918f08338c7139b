// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/icons.h"

#include <gtest/gtest.h>

#include <QDir>
#include <QGuiApplication>
#include <QImage>
#include <QPalette>

namespace salient::ui {
namespace {

/// Mean lightness (0 to 1) of what is drawn, and how much of the square it covers.
std::pair<double, double> lightness(const QIcon& drawn) {
  const QImage image = drawn.pixmap(QSize(48, 48)).toImage().convertToFormat(QImage::Format_ARGB32);
  double sum = 0;
  double weight = 0;
  for (int y = 0; y < image.height(); ++y) {
    for (int x = 0; x < image.width(); ++x) {
      const QColor colour = image.pixelColor(x, y);
      sum += colour.lightnessF() * colour.alphaF();
      weight += colour.alphaF();
    }
  }
  return {weight > 0 ? sum / weight : 0, weight / (image.width() * image.height())};
}

TEST(Icons, EachFollowsThePalette) {
  const QPalette before = QGuiApplication::palette();
  const QDir folder(QStringLiteral(SALIENT_RESOURCES "/icons"));
  const QStringList files = folder.entryList({QStringLiteral("*.svg")});
  ASSERT_GT(files.size(), 30);
  for (const QString& file : files) {
    const QString name = file.chopped(4);
    if (name == QLatin1String("salient")) continue;
    QPalette palette = before;
    const QIcon drawn = icon(name);
    ASSERT_FALSE(drawn.isNull()) << qPrintable(name) << " is not among the resources";
    palette.setColor(QPalette::ButtonText, Qt::black);
    QGuiApplication::setPalette(palette);
    const auto [dark, ink] = lightness(drawn);
    EXPECT_LT(dark, 0.1) << qPrintable(name);
    EXPECT_GT(ink, 0.03) << qPrintable(name) << " is nearly empty";
    palette.setColor(QPalette::ButtonText, Qt::white);
    QGuiApplication::setPalette(palette);
    EXPECT_GT(lightness(drawn).first, 0.9) << qPrintable(name);
  }
  QGuiApplication::setPalette(before);
}

TEST(Icons, UnknownNamesHaveNone) {
  EXPECT_TRUE(icon(QStringLiteral("no such icon")).isNull());
  EXPECT_FALSE(applicationIcon().isNull());
}

}  // namespace
}  // namespace salient::ui
