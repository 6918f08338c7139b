// SPDX-License-Identifier: GPL-3.0-or-later
#include <QFileInfo>
#include <QSignalBlocker>
#include <QVBoxLayout>
#include <algorithm>
#include <array>
#include <cmath>

#include "ui/models/budget_model.h"
#include "ui/models/kept_budgets.h"
#include "ui/models/numbers.h"
#include "ui/plots/plot_panel.h"
#include "ui/views/budget_charts.h"
#include "ui/views/choice_box.h"

namespace salient::ui {
namespace {

constexpr double kNearPixels = 12;
const QString kChosenLayer = QStringLiteral("chosen");

struct Method {
  const char* name;
  const char* title;
};
constexpr std::array<Method, 3> kMethods{
    {{"mixllm", QT_TRANSLATE_NOOP("salient::ui::BudgetCurve", "measured, GPTQ with clip search")},
     {"gptq", QT_TRANSLATE_NOOP("salient::ui::BudgetCurve", "measured, GPTQ")},
     {"rtn", QT_TRANSLATE_NOOP("salient::ui::BudgetCurve", "measured, round to nearest")}}};

}  // namespace

BudgetCurve::BudgetCurve(BudgetModel& budget, KeptBudgets& kept, MeasuredPoints& measured, QWidget* parent)
    : QWidget(parent), budget_(budget), kept_(kept), measured_(measured) {
  panel_ = new PlotPanel(QStringLiteral("budget.curve"), this);
  panel_->setTitle(tr("Salience left in 4 bit, and what was measured"));
  metric_ = new ChoiceBox(14, panel_);
  metric_->setObjectName(QStringLiteral("budget.metric"));
  metric_->setAccessibleName(tr("Measured figure"));
  metric_->addItems({tr("KL divergence"), tr("Loss increase")});
  metric_->setToolTip(tr(
      "What the measured points show on the right axis: the KL divergence of the quantized from the 16-bit model, or "
      "the increase of the mean loss, ln(perplexity / perplexity of 16 bit); both in nats a token. The "
      "right axis is scaled so that the points lie on the curve in the middle: their shape can be compared with the "
      "prediction, not their height."));
  texts_ = new ChoiceBox(14, panel_);
  texts_->setObjectName(QStringLiteral("budget.text"));
  texts_->setAccessibleName(tr("Evaluation text"));
  texts_->setToolTip(tr("Points measured on this text. Figures of different texts cannot be compared."));
  panel_->addControl(metric_);
  panel_->addControl(texts_);

  QCustomPlot& chart = panel_->chart();
  chart.xAxis->setLabel(tr("Effective bits a weight"));
  chart.yAxis->setLabel(tr("Σ salience left, nats a sequence"));
  chart.addLayer(kChosenLayer, chart.layer(QStringLiteral("main")), QCustomPlot::limAbove);
  chart.layer(kChosenLayer)->setMode(QCPLayer::lmBuffered);
  curve_ = chart.addGraph();
  curve_->setName(tr("predicted"));
  keptPoints_ = chart.addGraph();
  keptPoints_->setName(tr("kept budgets"));
  keptPoints_->setLineStyle(QCPGraph::lsNone);
  for (const Method& method : kMethods) {
    QCPGraph* graph = chart.addGraph(chart.xAxis, chart.yAxis2);
    graph->setName(tr(method.title));
    graph->setLineStyle(QCPGraph::lsNone);
    methods_.push_back(graph);
  }
  panel_->showLegend();
  marker_ = new QCPItemTracer(&chart);
  marker_->setStyle(QCPItemTracer::tsCircle);
  dropX_ = new QCPItemLine(&chart);
  dropY_ = new QCPItemLine(&chart);
  for (QCPAbstractItem* item : {static_cast<QCPAbstractItem*>(marker_), static_cast<QCPAbstractItem*>(dropX_),
                                static_cast<QCPAbstractItem*>(dropY_)}) {
    item->setLayer(kChosenLayer);
    item->setSelectable(false);
  }
  // The right axis shows the left one's range in the measured unit, also while a person zooms.
  connect(chart.yAxis, qOverload<const QCPRange&>(&QCPAxis::rangeChanged), this, [this](const QCPRange& range) {
    panel_->chart().yAxis2->setRange(range.lower * scale_, range.upper * scale_);
  });
  makeTable();

  connect(panel_, &PlotPanel::themeChanged, this, &BudgetCurve::applyTheme);
  connect(panel_, &PlotPanel::hovered, this, &BudgetCurve::hover);
  connect(panel_, &PlotPanel::left, this, [this] { panel_->setReadout(describeChosen()); });
  connect(panel_, &PlotPanel::clicked, this, [this](const QPointF& at) {
    if (const CurvePoint* point = curveAt(at.x())) emit chosen(point->percent);
  });
  connect(panel_, &PlotPanel::keyMoved, this, [this](int dx, int dy) { emit stepped(dx - dy); });
  connect(metric_, &QComboBox::currentIndexChanged, this, &BudgetCurve::refreshMeasured);
  connect(texts_, &QComboBox::activated, this, [this] {
    text_ = texts_->currentData().toString();
    refreshMeasured();
  });
  connect(&measured_, &MeasuredPoints::changed, this, &BudgetCurve::refreshTexts);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(panel_);
  applyTheme();
  refreshTexts();
}

void BudgetCurve::makeTable() {
  // The curve, then the measured points.
  const auto curve = [this](int row) -> const CurvePoint* {
    return row < budget_.curve().size() ? &budget_.curve().at(row) : nullptr;
  };
  const auto measured = [this](int row) -> const MeasuredPoint& { return shown_.at(row - budget_.curve().size()); };
  const auto both = [=](auto ofCurve, auto ofMeasured) {
    return [=](int row) {
      return curve(row) != nullptr ? QVariant(curve(row)->*ofCurve) : QVariant(measured(row).*ofMeasured);
    };
  };
  const auto percent = [](double value) { return numbers::percent(value); };
  const auto bits = [](double value) { return numbers::fixed(value, 3); };
  table_.setColumns({
      {tr("Source"),
       [=](int row) {
         return curve(row) != nullptr ? tr("predicted") : tr("experiment %1").arg(measured(row).experiment);
       },
       {}},
      {tr("In 8 bit, %"), both(&CurvePoint::percent, &MeasuredPoint::percent), percent},
      {tr("Payload, bits"), both(&CurvePoint::payloadBits, &MeasuredPoint::payloadBits), bits},
      {tr("Effective, bits"), both(&CurvePoint::effectiveBits, &MeasuredPoint::effectiveBits), bits},
      {tr("Size, bytes"), both(&CurvePoint::bytes, &MeasuredPoint::bytes),
       [](double value) { return numbers::bytes(value); }},
      {tr("Σ salience left, nats a sequence"),
       [=](int row) { return curve(row) != nullptr ? QVariant(curve(row)->salienceLeft) : QVariant(); },
       {}},
      {tr("KL, nats a token"),
       [=](int row) { return curve(row) != nullptr || measured(row).kl < 0 ? QVariant() : QVariant(measured(row).kl); },
       {}},
      {tr("Loss increase, nats a token"),
       [=](int row) { return curve(row) != nullptr ? QVariant() : QVariant(measured(row).lossIncrease); },
       {}},
      {tr("Tokens/s"),
       [=](int row) {
         return curve(row) != nullptr || measured(row).tokensPerSecond <= 0 ? QVariant()
                                                                            : QVariant(measured(row).tokensPerSecond);
       },
       {}},
  });
  panel_->setTable(&table_);
}

void BudgetCurve::setEvaluationText(const QString& file) {
  text_ = file;
  refreshTexts();
}

void BudgetCurve::refreshTexts() {
  QStringList files;
  for (const MeasuredPoint& point : measured_.points())
    if (!files.contains(point.text)) files << point.text;
  files.sort();
  const QSignalBlocker quiet(texts_);
  texts_->clear();
  for (const QString& file : files)
    texts_->addItem(QFileInfo(file).fileName(), file);
  const int wanted = texts_->findData(QFileInfo(text_).absoluteFilePath());
  texts_->setCurrentIndex(wanted >= 0 || files.isEmpty() ? wanted : 0);
  texts_->setVisible(files.size() > 1);
  metric_->setVisible(!files.isEmpty());
  refreshMeasured();
}

double BudgetCurve::measuredValue(const MeasuredPoint& point) const {
  return metric_->currentIndex() == static_cast<int>(Metric::divergence) ? point.kl : point.lossIncrease;
}

void BudgetCurve::refreshMeasured() {
  shown_.clear();
  const QString text = texts_->currentData().toString();
  for (const MeasuredPoint& point : measured_.points())
    if (point.text == text) shown_.push_back(point);
  // One factor for all, so that the points' shape stays theirs: the median of measured over predicted.
  std::vector<double> factors;
  for (const MeasuredPoint& point : shown_) {
    const CurvePoint* predicted = curveAt(point.effectiveBits);
    if (predicted != nullptr && predicted->salienceLeft > 0 && measuredValue(point) > 0)
      factors.push_back(measuredValue(point) / predicted->salienceLeft);
  }
  scale_ = 1;
  if (!factors.empty()) {
    const auto middle = factors.begin() + static_cast<std::ptrdiff_t>(factors.size() / 2);
    std::nth_element(factors.begin(), middle, factors.end());
    scale_ = *middle;
  }
  QCustomPlot& chart = panel_->chart();
  bool any = false;
  for (std::size_t i = 0; i < kMethods.size(); ++i) {
    QVector<double> keys;
    QVector<double> values;
    for (const MeasuredPoint& point : shown_) {
      if (point.method != QLatin1String(kMethods[i].name) || std::isnan(measuredValue(point))) continue;
      if (measuredValue(point) < 0 && metric_->currentIndex() == static_cast<int>(Metric::divergence)) continue;
      keys.push_back(point.effectiveBits);
      values.push_back(measuredValue(point));
    }
    QCPGraph* graph = methods_.at(static_cast<qsizetype>(i));
    graph->setData(keys, values, true);
    any = any || !keys.isEmpty();
    if (keys.isEmpty())
      graph->removeFromLegend();
    else
      graph->addToLegend();
  }
  chart.yAxis2->setVisible(any);
  chart.yAxis2->setLabel(metric_->currentIndex() == static_cast<int>(Metric::divergence)
                             ? tr("Measured KL, nats a token")
                             : tr("Measured loss increase, nats a token"));
  fitHome();
  chart.yAxis2->setRange(chart.yAxis->range().lower * scale_, chart.yAxis->range().upper * scale_);
  table_.setRows(static_cast<int>(budget_.curve().size() + shown_.size()));
  chart.replot(QCustomPlot::rpQueuedReplot);
}

/// The whole curve, and every measured point: those of other methods lie above it, or beyond its ends.
void BudgetCurve::fitHome() {
  const auto& curve = budget_.curve();
  if (curve.isEmpty()) return;
  QCPRange bits(curve.first().effectiveBits, curve.last().effectiveBits);
  double most = 0;
  for (const CurvePoint& point : curve)
    most = std::max(most, point.salienceLeft);
  for (const MeasuredPoint& point : shown_) {
    if (!(measuredValue(point) >= 0)) continue;
    bits.expand(point.effectiveBits);
    most = std::max(most, measuredValue(point) / scale_);
  }
  const double width = std::max(0.1, bits.size());
  panel_->setHome({bits.lower - 0.02 * width, bits.upper + 0.02 * width}, {0, 1.06 * (most > 0 ? most : 1)});
}

void BudgetCurve::refresh() {
  QVector<double> keys;
  QVector<double> values;
  for (const CurvePoint& point : budget_.curve()) {
    keys.push_back(point.effectiveBits);
    values.push_back(point.salienceLeft);
  }
  curve_->setData(keys, values, true);
  refreshKept();
  refreshMeasured();
  refreshPoint();
}

void BudgetCurve::refreshKept() {
  QVector<double> keys;
  QVector<double> values;
  for (int row = 0; row < kept_.rowCount(); ++row) {
    keys.push_back(kept_.at(row).effectiveBits);
    values.push_back(kept_.at(row).salienceLeft);
  }
  keptPoints_->setData(keys, values);
  if (keys.isEmpty())
    keptPoints_->removeFromLegend();
  else
    keptPoints_->addToLegend();
  panel_->chart().replot(QCustomPlot::rpQueuedReplot);
}

void BudgetCurve::refreshPoint() {
  const Ranking::Point* point = budget_.point();
  for (QCPAbstractItem* item : {static_cast<QCPAbstractItem*>(marker_), static_cast<QCPAbstractItem*>(dropX_),
                                static_cast<QCPAbstractItem*>(dropY_)})
    item->setVisible(point != nullptr);
  if (point != nullptr) {
    const double x = point->size.effective_bits();
    const double y = budget_.salienceLeft();
    marker_->position->setCoords(x, y);
    dropX_->start->setCoords(x, y);
    dropX_->end->setCoords(x, 0);
    dropY_->start->setCoords(x, y);
    dropY_->end->setCoords(budget_.smallest().effective_bits() - 1, y);
  }
  panel_->setReadout(describeChosen());
  panel_->chart().layer(kChosenLayer)->replot();
}

const CurvePoint* BudgetCurve::curveAt(double bits) const {
  const auto& curve = budget_.curve();
  if (curve.isEmpty()) return nullptr;
  const auto found = std::lower_bound(curve.begin(), curve.end(), bits, [](const CurvePoint& point, double value) {
    return point.effectiveBits < value;
  });
  if (found == curve.end()) return &curve.last();
  if (found == curve.begin()) return &curve.first();
  return bits - (found - 1)->effectiveBits < found->effectiveBits - bits ? &*(found - 1) : &*found;
}

void BudgetCurve::hover(const QPointF& position) {
  const QCustomPlot& chart = panel_->chart();
  const QPointF at(chart.xAxis->coordToPixel(position.x()), chart.yAxis->coordToPixel(position.y()));
  for (const MeasuredPoint& point : shown_) {
    const QPointF place(chart.xAxis->coordToPixel(point.effectiveBits),
                        chart.yAxis2->coordToPixel(measuredValue(point)));
    if ((place - at).manhattanLength() > kNearPixels) continue;
    QString text = tr("Experiment %1, %2: %3 in 8 bit, effective %4, perplexity %5, KL %6")
                       .arg(QString::number(point.experiment), point.method, numbers::percent(point.percent),
                            numbers::bits(point.effectiveBits), numbers::fixed(point.perplexity, 3),
                            point.kl < 0 ? tr("not measured") : numbers::nats(point.kl));
    if (point.tokensPerSecond > 0) text += QStringLiteral(", ") + numbers::rate(point.tokensPerSecond);
    if (!point.annotation.isEmpty()) text += QStringLiteral(" – ") + point.annotation.simplified();
    return panel_->setReadout(text);
  }
  if (const CurvePoint* point = curveAt(position.x()))
    panel_->setReadout(tr("Predicted at %1 in 8 bit: effective %2, %3, Σ salience left %4; click to choose it")
                           .arg(numbers::percent(point->percent), numbers::bits(point->effectiveBits),
                                numbers::bytes(point->bytes), numbers::nats(point->salienceLeft)));
}

QString BudgetCurve::describeChosen() const {
  const Ranking::Point* point = budget_.point();
  if (budget_.state() == BudgetModel::State::preparing) return tr("Ranking the output features…");
  if (point == nullptr) return {};
  return tr("Chosen: %1 in 8 bit, effective %2, Σ salience left %3")
      .arg(numbers::percent(point->percent), numbers::bits(point->size.effective_bits()),
           numbers::nats(budget_.salienceLeft()));
}

void BudgetCurve::applyTheme() {
  if (dropY_ == nullptr) return;  // still being made
  const PlotTheme& theme = panel_->theme();
  curve_->setPen(QPen(theme.series(0), 2));
  keptPoints_->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssSquare, theme.text, theme.background, 9));
  for (qsizetype i = 0; i < methods_.size(); ++i) {
    // Markers of their own: the first one is the square's and the curve's colour.
    constexpr std::array<int, 3> kMarkers{5, 3, 4};
    methods_.at(i)->setScatterStyle(theme.marker(kMarkers[static_cast<std::size_t>(i)], 10));
  }
  marker_->setPen(QPen(theme.accent, 2.5));
  marker_->setBrush(Qt::NoBrush);  // a ring: a measured point often lies right under it
  marker_->setSize(QFontMetricsF(font()).height());
  for (QCPItemLine* line : {dropX_, dropY_})
    line->setPen(QPen(theme.accent, 1, Qt::DashLine));
  panel_->chart().replot(QCustomPlot::rpQueuedReplot);
}

}  // namespace salient::ui
