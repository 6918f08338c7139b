// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/linear_charts.h"

#include <algorithm>
#include <cmath>

#include "ui/models/numbers.h"
#include "ui/models/salience_figures.h"

namespace salient::ui {
namespace {

constexpr double kGroupWidth = 0.84;  ///< of the distance between two layers
constexpr double kBarWidth = kGroupWidth / static_cast<double>(kLinearKinds.size());
constexpr double kClassWidth = 0.7;   ///< of the distance between two classes
constexpr int kOutside = 3;           ///< pixels of a mark
constexpr double kPatternPixels = 4;  ///< narrower bars show no pattern, only their colour

std::size_t layersOf(const LinearValues& figures) {
  return figures.size() / kLinearKinds.size();
}

QCPRange layerRange(const LinearValues& figures, bool& found) {
  found = !figures.empty();
  return {-0.5, static_cast<double>(layersOf(figures)) - 0.5};
}

/// The class's colour, with its pattern over it in the colour of the ground.
void fill(QCPPainter& painter, const QRectF& rect, const PlotTheme& theme, LinearKind kind) {
  const QBrush brush = theme.brush(kind);
  painter.fillRect(rect, brush.color());
  if (rect.width() < kPatternPixels || brush.style() == Qt::SolidPattern) return;
  QColor over = theme.background;
  over.setAlphaF(0.75F);
  painter.setRenderHint(QPainter::NonCosmeticBrushPatterns);  // as coarse on a screen of any scale
  painter.fillRect(rect, QBrush(over, brush.style()));
}

double nearest(const QCPAbstractPlottable& plottable, const QPointF& position) {
  return plottable.keyAxis()->axisRect()->rect().contains(position.toPoint()) ? 0 : -1;
}

}  // namespace

// Bars

LinearBars::LinearBars(QCPAxis* layers, QCPAxis* values, LinearKind kind, const LinearValues& figures)
    : QCPAbstractPlottable(layers, values), kind_(kind), figures_(figures) {
  setName(kindLabel(kind));
  setSelectable(QCP::stNone);
}

QCPRange LinearBars::span(LinearId id) {
  const double left = id.layer - kGroupWidth / 2 + kBarWidth * static_cast<double>(id.kind);
  return {left, left + kBarWidth};
}

std::optional<LinearId> LinearBars::at(double x, std::int32_t layers) {
  const auto layer = static_cast<std::int32_t>(std::lround(std::clamp(x, -1.0, layers + 0.0)));
  if (layer < 0 || layer >= layers) return {};
  const double place = std::floor((x - layer + kGroupWidth / 2) / kBarWidth);
  const double last = static_cast<double>(kLinearKinds.size() - 1);
  return LinearId{layer, kLinearKinds[static_cast<std::size_t>(std::clamp(place, 0.0, last))]};
}

double LinearBars::selectTest(const QPointF& position, bool, QVariant*) const {
  return nearest(*this, position);
}

QCPRange LinearBars::getKeyRange(bool& found, QCP::SignDomain) const {
  return layerRange(figures_, found);
}

QCPRange LinearBars::getValueRange(bool& found, QCP::SignDomain, const QCPRange&) const {
  QCPRange range(0, 0);
  for (std::size_t i = static_cast<std::size_t>(kind_); i < figures_.size(); i += kLinearKinds.size())
    if (figures_[i] > range.upper) range.upper = figures_[i];
  found = range.upper > 0;
  return range;
}

void LinearBars::draw(QCPPainter* painter) {
  painter->setAntialiasing(false);
  const double zero = mValueAxis->coordToPixel(0);
  for (std::size_t layer = 0; layer < layersOf(figures_); ++layer) {
    const LinearId id{static_cast<std::int32_t>(layer), kind_};
    const double value = figures_[linear_index(id)];
    const QCPRange place = span(id);
    if (!(value > 0) || place.upper < mKeyAxis->range().lower || place.lower > mKeyAxis->range().upper) continue;
    const double left = mKeyAxis->coordToPixel(place.lower);
    const double width = std::max(1.0, mKeyAxis->coordToPixel(place.upper) - left);
    const double top = mValueAxis->coordToPixel(value);
    fill(*painter, QRectF(left, std::min(top, zero - 1), width, std::max(1.0, zero - top)), theme_, kind_);
  }
}

void LinearBars::drawLegendIcon(QCPPainter* painter, const QRectF& rect) const {
  fill(*painter, rect, theme_, kind_);
}

// Bars of classes

ClassBars::ClassBars(QCPAxis* classes, QCPAxis* values) : QCPAbstractPlottable(classes, values) {
  setSelectable(QCP::stNone);
}

double ClassBars::selectTest(const QPointF& position, bool, QVariant*) const {
  return nearest(*this, position);
}

QCPRange ClassBars::getKeyRange(bool& found, QCP::SignDomain) const {
  found = true;
  return {-0.5, static_cast<double>(kLinearKinds.size()) - 0.5};
}

QCPRange ClassBars::getValueRange(bool& found, QCP::SignDomain, const QCPRange&) const {
  found = true;
  return {0, *std::max_element(values_.begin(), values_.end())};
}

void ClassBars::draw(QCPPainter* painter) {
  painter->setAntialiasing(false);
  const double zero = mValueAxis->coordToPixel(0);
  for (const LinearKind kind : kLinearKinds) {
    const auto place = static_cast<double>(kind);
    const double left = mKeyAxis->coordToPixel(place - kClassWidth / 2);
    const double right = mKeyAxis->coordToPixel(place + kClassWidth / 2);
    const double top = mValueAxis->coordToPixel(values_[static_cast<std::size_t>(kind)]);
    if (zero > top) fill(*painter, QRectF(left, top, right - left, zero - top), theme_, kind);
  }
}

void ClassBars::drawLegendIcon(QCPPainter* painter, const QRectF& rect) const {
  painter->fillRect(rect, theme_.accent);
}

void PatternBars::draw(QCPPainter* painter) {
  painter->setRenderHint(QPainter::NonCosmeticBrushPatterns);
  QCPBars::draw(painter);
}

void PatternBars::drawLegendIcon(QCPPainter* painter, const QRectF& rect) const {
  painter->setRenderHint(QPainter::NonCosmeticBrushPatterns);
  QCPBars::drawLegendIcon(painter, rect);
}

// Grid

LinearGrid::LinearGrid(QCPAxis* layers, QCPAxis* projections, const LinearValues& figures)
    : QCPAbstractPlottable(layers, projections), figures_(figures) {
  setSelectable(QCP::stNone);
  // Cells fill the axes: marks belong outside, lines between them nowhere.
  for (QCPAxis* axis : {layers, projections}) {
    axis->setTickLength(0, kOutside);
    axis->setSubTicks(false);
    axis->grid()->setVisible(false);
  }
}

void LinearGrid::setTheme(const PlotTheme& theme) {
  theme_ = theme;
  gradient_ = theme.heat();
}

std::optional<LinearId> LinearGrid::at(const QPointF& position, std::int32_t layers) {
  const double layer = std::floor(position.x() + 0.5);
  const double kind = std::floor(position.y() + 0.5);
  if (!(layer >= 0 && layer < layers && kind >= 0 && kind < static_cast<double>(kLinearKinds.size()))) return {};
  return LinearId{static_cast<std::int32_t>(layer), kLinearKinds[static_cast<std::size_t>(kind)]};
}

double LinearGrid::selectTest(const QPointF& position, bool, QVariant*) const {
  return nearest(*this, position);
}

QCPRange LinearGrid::getKeyRange(bool& found, QCP::SignDomain) const {
  return layerRange(figures_, found);
}

QCPRange LinearGrid::getValueRange(bool& found, QCP::SignDomain, const QCPRange&) const {
  found = true;
  return {-0.5, static_cast<double>(kLinearKinds.size()) - 0.5};
}

void LinearGrid::draw(QCPPainter* painter) {
  painter->setAntialiasing(false);
  const QFontMetricsF metrics(mKeyAxis->tickLabelFont());
  painter->setFont(mKeyAxis->tickLabelFont());
  for (std::size_t i = 0; i < figures_.size(); ++i) {
    const LinearId id = linear_at(i);
    const double x = id.layer;
    const auto y = static_cast<double>(id.kind);
    if (x + 0.5 < mKeyAxis->range().lower || x - 0.5 > mKeyAxis->range().upper) continue;
    const QPointF a(mKeyAxis->coordToPixel(x - 0.5), mValueAxis->coordToPixel(y - 0.5));
    const QPointF b(mKeyAxis->coordToPixel(x + 0.5), mValueAxis->coordToPixel(y + 0.5));
    // Edges on whole pixels, so that neighbouring cells leave no gap.
    const QRectF cell(QPointF(std::round(a.x()), std::round(a.y())), QPointF(std::round(b.x()), std::round(b.y())));
    if (std::isnan(figures_[i])) {
      painter->fillRect(cell, QBrush(theme_.grid, Qt::BDiagPattern));
      continue;
    }
    const QColor colour = QColor::fromRgb(gradient_.color(figures_[i], range_));
    painter->fillRect(cell, colour);
    // Of the cell before it was rounded: all rows have a number, or none.
    if (!text_ || std::abs(b.y() - a.y()) < metrics.ascent() + metrics.descent() / 2) continue;
    const QString text = text_(figures_[i]);
    if (metrics.horizontalAdvance(text) + 4 > cell.width()) continue;
    const bool white = PlotTheme::contrast(colour, Qt::white) > PlotTheme::contrast(colour, Qt::black);
    painter->setPen(white ? Qt::white : Qt::black);
    painter->drawText(cell, Qt::AlignCenter, text);
  }
}

void LinearGrid::drawLegendIcon(QCPPainter* painter, const QRectF& rect) const {
  painter->fillRect(rect, theme_.accent);
}

// Axes

QSharedPointer<QCPAxisTicker> projectionTicker() {
  QSharedPointer<QCPAxisTickerText> ticker(new QCPAxisTickerText);
  for (const LinearKind kind : kLinearKinds)
    ticker->addTick(static_cast<double>(kind), kindLabel(kind));
  return ticker;
}

}  // namespace salient::ui
