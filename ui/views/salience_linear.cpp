// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/salience_linear.h"

#include <QLabel>
#include <QSplitter>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <limits>

#include "ui/models/budget_model.h"
#include "ui/models/numbers.h"
#include "ui/plots/linear_charts.h"
#include "ui/plots/plot_panel.h"

namespace salient::ui {
namespace {

QString powerText(double logarithm) {
  return numbers::significant(std::pow(10, logarithm), 3);
}

}  // namespace

SalienceLinear::SalienceLinear(BudgetModel& budget, QWidget* parent) : QWidget(parent), budget_(budget) {
  facts_ = new QLabel(this);
  facts_->setObjectName(QStringLiteral("salience.linearFacts"));
  facts_->setWordWrap(true);
  facts_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  makeOrder();
  makeDistribution();
  auto* parts = new QSplitter(Qt::Vertical, this);
  parts->setObjectName(QStringLiteral("salience.linear.parts"));
  parts->addWidget(sorted_);
  parts->addWidget(distribution_);
  parts->setChildrenCollapsible(false);
  parts->setStretchFactor(0, 3);
  parts->setStretchFactor(1, 2);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(facts_);
  layout->addWidget(parts, 1);
  connect(&budget_, &BudgetModel::mapReady, this, &SalienceLinear::takeMap);
  applyTheme();
}

SalienceLinear::~SalienceLinear() {
  pool_.waitForDone();
}

void SalienceLinear::makeOrder() {
  sorted_ = new PlotPanel(QStringLiteral("salience.order"), this);
  sorted_->setTitle(tr("Scores of the output features, greatest first"));
  QCustomPlot& chart = sorted_->chart();
  chart.xAxis->setLabel(tr("Place in the linear"));
  chart.yAxis->setLabel(tr("Score, nats"));
  chart.xAxis->setTicker(QSharedPointer<CountTicker>::create());
  chart.yAxis->setTicker(QSharedPointer<PowerTicker>::create());
  eight_ = chart.addGraph();
  eight_->setName(tr("8 bit"));
  four_ = chart.addGraph();
  four_->setName(tr("4 bit"));
  sorted_->showLegend();
  thresholdLine_ = new QCPItemLine(&chart);
  marker_ = new QCPItemTracer(&chart);
  marker_->setStyle(QCPItemTracer::tsCircle);
  marker_->setLayer(QStringLiteral("overlay"));
  for (QCPAbstractItem* item : {static_cast<QCPAbstractItem*>(thresholdLine_), static_cast<QCPAbstractItem*>(marker_)})
    item->setSelectable(false);

  const auto row = [this](int place) { return order_->rows[static_cast<std::size_t>(place)]; };
  orderTable_.setColumns({
      {tr("Place"), [](int place) { return place + 1; }, {}},
      {tr("Output feature"), [=](int place) { return row(place); },
       [](double value) { return QString::number(value); }},
      {tr("Score, nats"), [this](int place) { return order_->scores[static_cast<std::size_t>(place)]; }, scoreText},
      {tr("Bits"), [this, row](int place) { return inEightBit(row(place)) ? 8 : 4; }, {}},
  });
  sorted_->setTable(&orderTable_);
  connect(sorted_, &PlotPanel::themeChanged, this, &SalienceLinear::applyTheme);
  connect(sorted_, &PlotPanel::hovered, this,
          [this](const QPointF& at) { sorted_->setReadout(describe(std::llround(at.x()) - 1)); });
  connect(sorted_, &PlotPanel::left, this, &SalienceLinear::showPlace);
  connect(sorted_, &PlotPanel::clicked, this, [this](const QPointF& at) {
    setPlace(std::llround(at.x()) - 1);
    if (rowAt(place_) >= 0) emit chosen(static_cast<std::uint32_t>(rowAt(place_)));
  });
  connect(sorted_, &PlotPanel::keyMoved, this, [this](int dx, int dy) { setPlace(place_ + dx - dy); });
  connect(sorted_, &PlotPanel::keyActivated, this, [this] {
    if (rowAt(place_) >= 0) emit chosen(static_cast<std::uint32_t>(rowAt(place_)));
  });
  connect(sorted_, &PlotPanel::tableActivated, this, [this](int place) {
    setPlace(place);
    emit chosen(static_cast<std::uint32_t>(rowAt(place)));
  });
}

void SalienceLinear::makeDistribution() {
  distribution_ = new PlotPanel(QStringLiteral("salience.distribution"), this);
  distribution_->setTitle(tr("Distribution of the scores"));
  distribution_->setVerticalZoom(false);
  QCustomPlot& chart = distribution_->chart();
  chart.xAxis->setLabel(tr("Score, nats"));
  chart.yAxis->setLabel(tr("Output features"));
  chart.yAxis->setTicker(QSharedPointer<CountTicker>::create());
  chart.xAxis->setTicker(QSharedPointer<PowerTicker>::create());
  bars4_ = new PatternBars(chart.xAxis, chart.yAxis);
  bars4_->setName(tr("4 bit"));
  bars8_ = new PatternBars(chart.xAxis, chart.yAxis);
  bars8_->setName(tr("8 bit"));
  bars8_->moveAbove(bars4_);
  distribution_->showLegend();
  binThreshold_ = new QCPItemLine(&chart);
  binThreshold_->setSelectable(false);
  const auto bins = [this]() -> const Histogram& { return order_->distribution; };
  binTable_.setColumns({
      {tr("Scores from, nats"), [=](int bin) { return std::pow(10, bins().start(static_cast<std::size_t>(bin))); },
       scoreText},
      {tr("to, nats"), [=](int bin) { return std::pow(10, bins().start(static_cast<std::size_t>(bin) + 1)); },
       scoreText},
      {tr("Output features"), [=](int bin) { return qlonglong{bins().counts[static_cast<std::size_t>(bin)]}; }, {}},
      {tr("In 8 bit"), [this](int bin) { return qlonglong{bins8_[static_cast<std::size_t>(bin)]}; }, {}},
  });
  distribution_->setTable(&binTable_);
  connect(distribution_, &PlotPanel::themeChanged, this, &SalienceLinear::applyTheme);
  connect(distribution_, &PlotPanel::hovered, this, [this](const QPointF& at) {
    if (order_) distribution_->setReadout(describeBin(order_->distribution.bin(at.x())));
  });
  connect(distribution_, &PlotPanel::keyMoved, this, [this](int dx, int) {
    if (!order_ || bins8_.empty()) return;
    const auto last = static_cast<std::int64_t>(bins8_.size()) - 1;
    bin_ = static_cast<std::size_t>(std::clamp<std::int64_t>(static_cast<std::int64_t>(bin_) + dx, 0, last));
    distribution_->setReadout(describeBin(bin_));
  });
}

void SalienceLinear::applyTheme() {
  if (distribution_ == nullptr) return;  // still being made
  const PlotTheme& theme = sorted_->theme();
  const QColor high = theme.series(0);
  const QColor low = theme.series(4);
  eight_->setPen(QPen(high, 3));
  four_->setPen(QPen(low, 1.5, Qt::DashLine));
  bars8_->setPen(QPen(high));
  bars8_->setBrush(QBrush(high, Qt::SolidPattern));
  bars4_->setPen(QPen(low));
  bars4_->setBrush(QBrush(low, Qt::BDiagPattern));
  for (QCPItemLine* line : {thresholdLine_, binThreshold_})
    line->setPen(QPen(theme.text, 1, Qt::DashDotLine));
  marker_->setPen(QPen(theme.accent, 2));
  marker_->setBrush(theme.background);
  marker_->setSize(QFontMetricsF(font()).height() * 0.6);
  for (PlotPanel* panel : {sorted_, distribution_})
    panel->chart().replot(QCustomPlot::rpQueuedReplot);
}

void SalienceLinear::show(const std::shared_ptr<const SalienceScores>& scores, std::size_t linear) {
  if (scores == scores_ && linear == linear_ && order_) return refreshBits();
  scores_ = scores;
  linear_ = linear;
  orderTable_.setRows(0);
  binTable_.setRows(0);
  order_.reset();
  eightBit_.clear();
  bins8_.clear();
  threshold_ = -1;
  place_ = 0;
  bin_ = 0;
  for (PlotPanel* panel : {sorted_, distribution_})
    panel->setEmptyText(tr("Sorting the scores…"));
  describeLinear();
  const qint64 number = ++asked_;
  pool_.start([this, number, scores, linear] {
    auto order = std::make_shared<const LinearOrder>(orderOf(scores->linears[linear]));
    QMetaObject::invokeMethod(
        this, [this, number, order] { take(number, order); }, Qt::QueuedConnection);
  });
}

void SalienceLinear::take(qint64 number, const std::shared_ptr<const LinearOrder>& order) {
  if (number != asked_) return;
  order_ = order;
  places_.resize(order->rows.size());
  for (std::size_t place = 0; place < order->rows.size(); ++place)
    places_[order->rows[place]] = static_cast<std::int64_t>(place);
  bins8_.assign(order->distribution.counts.size(), 0);
  orderTable_.setRows(static_cast<int>(order->rows.size()));
  binTable_.setRows(static_cast<int>(bins8_.size()));
  for (PlotPanel* panel : {sorted_, distribution_})
    panel->setEmptyText(bins8_.empty() ? tr("All scores of this linear are 0.") : QString());
  refreshBits();
  emit ordered();
}

void SalienceLinear::refreshBits() {
  describeLinear();
  if (!order_) return;
  drawOrder();
  drawDistribution();
  showPlace();
  budget_.requestMap();
}

void SalienceLinear::takeMap(const std::shared_ptr<const BitMap>& map) {
  if (!order_ || !map || linear_ >= map->linears.size()) return;
  const LinearBits& bits = map->linears[linear_];
  if (bits.rows != static_cast<std::int64_t>(order_->rows.size())) return;
  eightBit_.assign(order_->rows.size(), false);
  for (const std::uint32_t row : bits.rows8)
    eightBit_[row] = true;
  bins8_.assign(bins8_.size(), 0);
  double least8 = std::numeric_limits<double>::infinity();
  double most4 = 0;
  for (std::size_t place = 0; place < order_->rows.size(); ++place) {
    const double score = order_->scores[place];
    if (!eightBit_[order_->rows[place]]) {
      most4 = std::max(most4, score);
      continue;
    }
    least8 = std::min(least8, score);
    if (score > 0) bins8_[order_->distribution.bin(std::log10(score))] += 1;
  }
  const bool parted = least8 >= most4 && std::isfinite(least8) && most4 > 0;
  threshold_ = parted ? std::sqrt(least8 * most4) : -1;
  orderTable_.touch();
  binTable_.touch();
  describeLinear();
  drawOrder();
  drawDistribution();
  showPlace();
  distribution_->setReadout(describeBin(bin_));
  emit bitsChanged();
}

void SalienceLinear::drawOrder() {
  QVector<double> keys8;
  QVector<double> values8;
  QVector<double> keys4;
  QVector<double> values4;
  bool mixed = false;
  bool seen4 = false;
  for (std::size_t place = 0; place < order_->rows.size(); ++place) {
    const double score = order_->scores[place];
    const bool high = inEightBit(order_->rows[place]);
    mixed = mixed || (high && seen4);
    seen4 = seen4 || !high;
    if (!(score > 0)) continue;
    (high ? keys8 : keys4).push_back(static_cast<double>(place) + 1);
    (high ? values8 : values4).push_back(std::log10(score));
  }
  eight_->setData(keys8, values8, true);
  four_->setData(keys4, values4, true);
  // Lines where each width has its own stretch; single marks where they alternate (random selection).
  const auto style = mixed ? QCPGraph::lsNone : QCPGraph::lsLine;
  eight_->setLineStyle(style);
  four_->setLineStyle(style);
  const PlotTheme& theme = sorted_->theme();
  eight_->setScatterStyle(mixed ? theme.marker(0, 5) : QCPScatterStyle::ssNone);
  four_->setScatterStyle(mixed ? QCPScatterStyle(QCPScatterStyle::ssPlus, theme.series(4), 4)
                               : QCPScatterStyle::ssNone);
  const Histogram& h = order_->distribution;
  const double margin = std::max(0.1, 0.05 * (h.high - h.low));
  const double rows = static_cast<double>(order_->rows.size());
  thresholdLine_->setVisible(threshold_ > 0);
  if (threshold_ > 0) {
    thresholdLine_->start->setCoords(0, std::log10(threshold_));
    thresholdLine_->end->setCoords(rows + 1, std::log10(threshold_));
  }
  sorted_->setHome({0, rows + 1}, {h.low - margin, h.high + margin});
  sorted_->chart().replot(QCustomPlot::rpQueuedReplot);
}

void SalienceLinear::drawDistribution() {
  const Histogram& h = order_->distribution;
  // Without the empty bars, whose edges would be drawn on those that they stand on.
  QMap<double, double> values8;
  QMap<double, double> values4;
  double most = 1;
  for (std::size_t bin = 0; bin < h.counts.size(); ++bin) {
    const double key = h.start(bin) + h.width() / 2;
    const auto in8 = static_cast<double>(bins8_[bin]);
    const auto in4 = static_cast<double>(h.counts[bin] - bins8_[bin]);
    if (in8 > 0) values8.insert(key, in8);
    if (in4 > 0) values4.insert(key, in4);
    most = std::max(most, static_cast<double>(h.counts[bin]));
  }
  const double width = h.width() > 0 ? h.width() : 0.1;
  for (QCPBars* bars : {bars4_, bars8_})
    bars->setWidth(width * 0.95);
  bars8_->setData(values8.keys(), values8.values(), true);
  bars4_->setData(values4.keys(), values4.values(), true);
  binThreshold_->setVisible(threshold_ > 0);
  if (threshold_ > 0) {
    binThreshold_->start->setCoords(std::log10(threshold_), 0);
    binThreshold_->end->setCoords(std::log10(threshold_), 1.05 * most);
  }
  distribution_->setHome({h.low - width, h.high + width}, {0, 1.05 * most});
  distribution_->chart().replot(QCustomPlot::rpQueuedReplot);
}

std::int64_t SalienceLinear::rowAt(std::int64_t place) const {
  if (!order_ || place < 0 || place >= static_cast<std::int64_t>(order_->rows.size())) return -1;
  return order_->rows[static_cast<std::size_t>(place)];
}

std::int64_t SalienceLinear::placeOfRow(std::uint32_t row) const {
  return order_ && row < places_.size() ? places_[row] : -1;
}

void SalienceLinear::setPlace(std::int64_t place) {
  if (!order_) return;
  place_ = std::clamp<std::int64_t>(place, 0, static_cast<std::int64_t>(order_->rows.size()) - 1);
  showPlace();
}

void SalienceLinear::showPlace() {
  const std::int64_t row = rowAt(place_);
  const double score = row >= 0 ? order_->scores[static_cast<std::size_t>(place_)] : 0;
  marker_->setVisible(score > 0);
  if (score > 0) marker_->position->setCoords(static_cast<double>(place_) + 1, std::log10(score));
  sorted_->setReadout(describe(place_));
  sorted_->chart().replot(QCustomPlot::rpQueuedReplot);
}

void SalienceLinear::describeLinear() {
  if (!scores_) return;
  const LinearScores& linear = scores_->linears[linear_];
  QString text = tr("%1 output features of %2 inputs, %3 in 8 bit (%4).")
                     .arg(numbers::count(linear.rows), numbers::count(linear.cols),
                          numbers::count(budget_.rows8(linear_)), numbers::percent(budget_.share(linear_)));
  if (threshold_ > 0 && order_)
    text += QLatin1Char(' ') + tr("Features with a score above %1 are in 8 bit.").arg(numbers::nats(threshold_));
  if (order_ && order_->zeros > 0)
    text += QLatin1Char(' ') + tr("%1 scores are 0 and not drawn.").arg(numbers::count(order_->zeros));
  facts_->setText(text);
}

QString SalienceLinear::describe(std::int64_t place) const {
  const std::int64_t row = rowAt(place);
  if (row < 0) return {};
  return tr("Place %1 of %2: output feature %3, score %4, %5 bit")
      .arg(numbers::count(place + 1), numbers::count(static_cast<std::int64_t>(order_->rows.size())),
           QString::number(row), numbers::nats(order_->scores[static_cast<std::size_t>(place)]),
           inEightBit(static_cast<std::uint32_t>(row)) ? QStringLiteral("8") : QStringLiteral("4"));
}

QString SalienceLinear::describeBin(std::size_t bin) const {
  const Histogram& h = order_->distribution;
  if (bin >= h.counts.size()) return {};
  return tr("Scores from %1 to %2 nats: %3 features, %4 in 8 bit")
      .arg(powerText(h.start(bin)), powerText(h.start(bin + 1)), numbers::count(h.counts[bin]),
           numbers::count(bins8_[bin]));
}

}  // namespace salient::ui
