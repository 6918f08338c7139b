// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/tradeoff_plot.h"

#include <QGuiApplication>
#include <QMouseEvent>
#include <algorithm>
#include <cmath>

namespace salient::ui {
namespace {

constexpr double kMarker = 9;
constexpr double kRing = 17;
constexpr double kMargin = 0.08;  ///< of the range, around the points

/// The values' range with a margin; some width even around one value.
QCPRange spread(double least, double most) {
  const double width = std::max(most - least, 0.02 * std::max(std::abs(most), 1e-6));
  return {least - kMargin * width, most + kMargin * width};
}

}  // namespace

TradeoffPlot::TradeoffPlot(const QString& name, QWidget* parent) : PlotPanel(name, parent) {
  showLegend();
  connect(this, &PlotPanel::themeChanged, this, &TradeoffPlot::draw);
  connect(this, &PlotPanel::hovered, this, [this](const QPointF& position) {
    const int at = nearest(position);
    setReadout(at >= 0 ? items_[at].readout : QString());
  });
  connect(this, &PlotPanel::clicked, this, [this](const QPointF& position) {
    const int at = nearest(position);
    if (at < 0) return;
    current_ = items_[at].id;
    emit chosen({current_}, QGuiApplication::keyboardModifiers().testFlag(Qt::ControlModifier));
  });
  connect(this, &PlotPanel::keyMoved, this, &TradeoffPlot::moveCursor);
  connect(this, &PlotPanel::keyActivated, this, [this] {
    if (current() != 0) emit chosen({current()}, true);
  });
  connect(&chart(), &QCustomPlot::mousePress, this, [this](QMouseEvent* event) {
    chart().setSelectionRectMode(event->modifiers().testFlag(Qt::ShiftModifier) ? QCP::srmCustom : QCP::srmNone);
  });
  connect(chart().selectionRect(), &QCPSelectionRect::accepted, this,
          [this](const QRect& rect) { chooseWithin(rect.normalized()); });
}

void TradeoffPlot::setItems(QVector<TradeoffItem> items, const QStringList& methods, Quality quality, Cost cost) {
  items_ = std::move(items);
  methods_ = methods;
  quality_ = quality;
  cost_ = cost;
  QVector<TradeoffPoint> points;
  for (const TradeoffItem& item : items_)
    points.append({item.cost, item.quality});
  front_ = paretoFront(points, moreIsBetter(cost), moreIsBetter(quality));
}

void TradeoffPlot::setReference(std::optional<double> cost, std::optional<double> quality, const QString& label) {
  referenceCost_ = cost;
  referenceQuality_ = quality;
  referenceLabel_ = label;
}

void TradeoffPlot::setSelected(const QSet<qint64>& ids) {
  if (ids == selected_) return;
  selected_ = ids;
  draw();
}

qint64 TradeoffPlot::current() const {
  const bool there =
      std::any_of(items_.begin(), items_.end(), [this](const TradeoffItem& item) { return item.id == current_; });
  return there ? current_ : 0;
}

void TradeoffPlot::draw() {
  chart().clearPlottables();
  chart().clearItems();
  chart().xAxis->setLabel(costTitle(cost_));
  chart().yAxis->setLabel(qualityTitle(quality_));
  drawMethods();
  drawReference();
  drawRings();
  goHome();
  chart().replot(QCustomPlot::rpQueuedReplot);
}

void TradeoffPlot::drawMethods() {
  // The front first, so that markers lie on it.
  auto* front = chart().addGraph();
  front->setName(tr("Pareto front"));
  front->setPen(QPen(theme().axis, 1.5, Qt::DashLine));
  for (const int at : front_)
    front->addData(items_[at].cost, items_[at].quality);
  if (front_.size() < 2) front->removeFromLegend();
  for (int method = 0; method < methods_.size(); ++method) {
    auto* graph = chart().addGraph();
    graph->setName(methods_[method]);
    graph->setLineStyle(QCPGraph::lsNone);
    graph->setScatterStyle(theme().marker(method, kMarker));
    graph->setPen(QPen(theme().series(method)));
    auto* errors = new QCPErrorBars(chart().xAxis, chart().yAxis);
    errors->setDataPlottable(graph);
    errors->setPen(QPen(theme().series(method)));
    errors->removeFromLegend();
    // A graph sorts its data by x, and the bars must follow.
    QVector<TradeoffItem> own;
    std::copy_if(items_.begin(), items_.end(), std::back_inserter(own),
                 [&](const TradeoffItem& item) { return item.method == methods_[method]; });
    std::stable_sort(own.begin(), own.end(),
                     [](const TradeoffItem& a, const TradeoffItem& b) { return a.cost < b.cost; });
    for (const TradeoffItem& item : own) {
      graph->addData(item.cost, item.quality);
      errors->addData(item.error);
    }
    if (own.isEmpty()) graph->removeFromLegend();
  }
}

void TradeoffPlot::drawReference() {
  if (!referenceQuality_) return;
  auto* line = new QCPItemStraightLine(&chart());
  line->setPen(QPen(theme().text, 1.2, Qt::DotLine));
  line->point1->setCoords(0, *referenceQuality_);
  line->point2->setCoords(1, *referenceQuality_);
  // The legend names line and point together, and their figure: between the points it would lie under one of them.
  auto* point = chart().addGraph();
  point->setName(referenceLabel_);
  point->setPen(line->pen());
  if (!referenceCost_) return;
  point->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssStar, QPen(theme().text, 1.5), Qt::NoBrush, kMarker + 3));
  point->addData(*referenceCost_, *referenceQuality_);
}

void TradeoffPlot::drawRings() {
  const auto ring = [&](Qt::PenStyle style, double size) {
    auto* graph = chart().addGraph();
    graph->setLineStyle(QCPGraph::lsNone);
    graph->setScatterStyle(
        QCPScatterStyle(QCPScatterStyle::ssCircle, QPen(theme().accent, 2.2, style), Qt::NoBrush, size));
    graph->removeFromLegend();
    return graph;
  };
  auto* chosenRing = ring(Qt::SolidLine, kRing);
  auto* cursor = ring(Qt::DotLine, kRing + 5);
  for (const TradeoffItem& item : items_) {
    if (selected_.contains(item.id)) chosenRing->addData(item.cost, item.quality);
    if (item.id == current_) cursor->addData(item.cost, item.quality);
  }
}

void TradeoffPlot::goHome() {
  if (items_.isEmpty()) return;
  const auto [leftmost, rightmost] = std::minmax_element(
      items_.begin(), items_.end(), [](const TradeoffItem& a, const TradeoffItem& b) { return a.cost < b.cost; });
  double least = referenceQuality_.value_or(items_[0].quality);
  double most = least;
  for (const TradeoffItem& item : items_) {
    least = std::min(least, item.quality - item.error);
    most = std::max(most, item.quality + item.error);
  }
  setHome(spread(leftmost->cost, rightmost->cost), spread(least, most));
}

QPointF TradeoffPlot::pixels(double cost, double quality) {
  return {chart().xAxis->coordToPixel(cost), chart().yAxis->coordToPixel(quality)};
}

int TradeoffPlot::nearest(const QPointF& position) {
  const QPointF at = pixels(position.x(), position.y());
  const double reach = 2.0 * fontMetrics().height();
  int found = -1;
  double best = reach * reach;
  for (int i = 0; i < items_.size(); ++i) {
    const QPointF d = pixels(items_[i].cost, items_[i].quality) - at;
    const double distance = d.x() * d.x() + d.y() * d.y();
    if (distance < best) {
      best = distance;
      found = i;
    }
  }
  return found;
}

void TradeoffPlot::moveCursor(int dx, int dy) {
  if (items_.isEmpty()) return;
  QVector<int> order(items_.size());
  for (int i = 0; i < static_cast<int>(order.size()); ++i)
    order[i] = i;
  const bool along = dx != 0;
  std::sort(order.begin(), order.end(), [&](int a, int b) {
    return along ? items_[a].cost < items_[b].cost : items_[a].quality < items_[b].quality;
  });
  const auto found = std::find_if(order.begin(), order.end(), [this](int i) { return items_[i].id == current_; });
  const int last = static_cast<int>(order.size()) - 1;
  int place = 0;
  if (found != order.end()) place = std::clamp(static_cast<int>(found - order.begin()) + (along ? dx : dy), 0, last);
  current_ = items_[order[place]].id;
  setReadout(items_[order[place]].readout);
  draw();
}

void TradeoffPlot::chooseWithin(const QRect& area) {
  QVector<qint64> ids;
  for (const TradeoffItem& item : items_) {
    if (area.contains(pixels(item.cost, item.quality).toPoint())) ids.append(item.id);
  }
  chart().setSelectionRectMode(QCP::srmNone);
  if (!ids.isEmpty()) emit chosen(ids, false);
}

}  // namespace salient::ui
