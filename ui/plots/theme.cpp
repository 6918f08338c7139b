// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/theme.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/experiment/report_charts.h"

namespace salient::ui {
namespace {

/// Graphics need a contrast of 3 to be seen (WCAG 2.1, 1.4.11).
constexpr double kSeen = 3.0;

constexpr std::array<Qt::BrushStyle, 7> kPatterns{Qt::SolidPattern, Qt::BDiagPattern, Qt::HorPattern,
                                                  Qt::FDiagPattern, Qt::VerPattern,   Qt::CrossPattern,
                                                  Qt::Dense4Pattern};

constexpr std::array<QCPScatterStyle::ScatterShape, 8> kMarkers{QCPScatterStyle::ssDisc,
                                                                QCPScatterStyle::ssSquare,
                                                                QCPScatterStyle::ssTriangle,
                                                                QCPScatterStyle::ssDiamond,
                                                                QCPScatterStyle::ssTriangleInverted,
                                                                QCPScatterStyle::ssStar,
                                                                QCPScatterStyle::ssCross,
                                                                QCPScatterStyle::ssPlus};

/// Cividis (Nuñez, Anderton and Renslow 2018) at six even steps: made for any colour vision, monotone in lightness.
constexpr std::array<const char*, 6> kCividis{"#00224e", "#35456c", "#666970", "#948e77", "#c8b866", "#fee838"};

std::size_t wrapped(int index, std::size_t size) {
  const int count = static_cast<int>(size);
  return static_cast<std::size_t>((index % count + count) % count);
}

QColor mixed(const QColor& a, const QColor& b, double share) {
  const auto part = [share](int x, int y) { return static_cast<int>(std::lround(x + share * (y - x))); };
  return {part(a.red(), b.red()), part(a.green(), b.green()), part(a.blue(), b.blue())};
}

double luminance(const QColor& colour) {
  const auto linear = [](double value) {
    return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF());
}

}  // namespace

double PlotTheme::contrast(const QColor& a, const QColor& b) {
  const auto [low, high] = std::minmax({luminance(a), luminance(b)});
  return (high + 0.05) / (low + 0.05);
}

PlotTheme PlotTheme::of(const QPalette& palette) {
  PlotTheme theme;
  theme.background = palette.color(QPalette::Active, QPalette::Base);
  theme.text = palette.color(QPalette::Active, QPalette::Text);
  theme.dark = luminance(theme.background) < luminance(theme.text);
  theme.axis = mixed(theme.background, theme.text, 0.6);
  theme.grid = mixed(theme.background, theme.text, 0.14);
  theme.accent = palette.color(QPalette::Active, QPalette::Highlight);
  for (double share = 0.1; contrast(theme.accent, theme.background) < kSeen && share <= 1; share += 0.1)
    theme.accent = mixed(theme.accent, theme.text, share);
  return theme;
}

QColor PlotTheme::series(int index) const {
  return QColor(QLatin1String(projection_colour(kLinearKinds[wrapped(index, kLinearKinds.size())], dark)));
}

Qt::BrushStyle PlotTheme::pattern(int index) const {
  return kPatterns[wrapped(index, kPatterns.size())];
}

QCPScatterStyle PlotTheme::marker(int index, double size) const {
  const QColor colour = series(index);
  return {kMarkers[wrapped(index, kMarkers.size())], QPen(colour, 1.5), QBrush(colour), size};
}

QBrush PlotTheme::brush(LinearKind kind) const {
  const int index = static_cast<int>(kind);
  return {series(index), pattern(index)};
}

QCPColorGradient PlotTheme::heat() const {
  QCPColorGradient gradient;
  gradient.clearColorStops();
  gradient.setColorInterpolation(QCPColorGradient::ciRGB);
  for (std::size_t i = 0; i < kCividis.size(); ++i) {
    const std::size_t step = dark ? i : kCividis.size() - 1 - i;
    gradient.setColorStopAt(static_cast<double>(i) / static_cast<double>(kCividis.size() - 1),
                            QColor(QLatin1String(kCividis[step])));
  }
  gradient.setNanHandling(QCPColorGradient::nhTransparent);
  return gradient;
}

void PlotTheme::style(QCPAxis& one, const QFont& font) const {
  one.setBasePen(QPen(axis));
  one.setTickPen(QPen(axis));
  one.setSubTickPen(QPen(axis));
  one.setTickLabelColor(text);
  one.setLabelColor(text);
  one.setTickLabelFont(font);
  one.setLabelFont(font);
  one.grid()->setPen(QPen(grid));
  one.grid()->setZeroLinePen(QPen(grid));
}

}  // namespace salient::ui
