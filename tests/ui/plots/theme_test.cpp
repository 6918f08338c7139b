// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/theme.h"

#include <gtest/gtest.h>

#include <set>

namespace salient::ui {
namespace {

QPalette palette(const QColor& base, const QColor& text, const QColor& highlight) {
  QPalette palette;
  palette.setColor(QPalette::Base, base);
  palette.setColor(QPalette::Text, text);
  palette.setColor(QPalette::Highlight, highlight);
  return palette;
}

class Theme : public ::testing::TestWithParam<bool> {
 protected:
  [[nodiscard]] PlotTheme theme() const {
    return GetParam() ? PlotTheme::of(palette(QColor(30, 30, 32), Qt::white, QColor(40, 60, 90)))
                      : PlotTheme::of(palette(Qt::white, Qt::black, QColor(200, 225, 255)));
  }
};

TEST_P(Theme, FollowsThePalette) {
  EXPECT_EQ(theme().dark, GetParam());
}

TEST_P(Theme, TextAndMarksStandOutFromTheBackground) {
  const PlotTheme t = theme();
  EXPECT_GE(PlotTheme::contrast(t.text, t.background), 7);
  EXPECT_GE(PlotTheme::contrast(t.axis, t.background), 3);
  EXPECT_GE(PlotTheme::contrast(t.accent, t.background), 3) << "the palette's highlight alone is too faint";
  for (int i = 0; i < 7; ++i)
    EXPECT_GE(PlotTheme::contrast(t.series(i), t.background), 2) << i;
}

TEST_P(Theme, EachProjectionHasAColourAndAPatternOfItsOwn) {
  const PlotTheme t = theme();
  std::set<QRgb> colours;
  std::set<Qt::BrushStyle> patterns;
  for (const LinearKind kind : kLinearKinds) {
    colours.insert(t.brush(kind).color().rgb());
    patterns.insert(t.brush(kind).style());
  }
  EXPECT_EQ(colours.size(), kLinearKinds.size());
  EXPECT_EQ(patterns.size(), kLinearKinds.size());
}

TEST_P(Theme, MarkersDifferInShape) {
  std::set<QCPScatterStyle::ScatterShape> shapes;
  for (int i = 0; i < 8; ++i)
    shapes.insert(theme().marker(i).shape());
  EXPECT_EQ(shapes.size(), 8U);
  EXPECT_EQ(theme().marker(-1).shape(), theme().marker(7).shape()) << "any index is answered";
}

TEST_P(Theme, HeatGrowsAwayFromTheBackground) {
  QCPColorGradient heat = theme().heat();
  double last = 0;
  for (int step = 0; step <= 20; ++step) {
    const double contrast =
        PlotTheme::contrast(QColor(heat.color(step / 20.0, QCPRange(0, 1))), GetParam() ? Qt::black : Qt::white);
    EXPECT_GT(contrast, last) << step;
    last = contrast;
  }
}

INSTANTIATE_TEST_SUITE_P(Palettes, Theme, ::testing::Bool(),
                         [](const auto& which) { return which.param ? "Dark" : "Light"; });

}  // namespace
}  // namespace salient::ui
