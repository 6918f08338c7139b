// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/salience_feature.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QSplitter>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <new>

#include "ui/models/numbers.h"
#include "ui/models/session.h"
#include "ui/plots/linear_charts.h"
#include "ui/plots/plot_panel.h"

namespace salient::ui {
namespace {

/// Bars that fill their bins.
void fill(QCPBars& bars, const Histogram& h) {
  QVector<double> keys;
  QVector<double> values;
  for (std::size_t bin = 0; bin < h.counts.size(); ++bin) {
    keys.push_back(h.start(bin) + h.width() / 2);
    values.push_back(static_cast<double>(h.counts[bin]));
  }
  bars.setWidth(h.width() > 0 ? 0.95 * h.width() : 0.1);
  bars.setData(keys, values, true);
}

void setHome(PlotPanel& panel, const Histogram& h) {
  const double width = h.width() > 0 ? h.width() : 0.1;
  const auto most = h.counts.empty() ? 1 : *std::max_element(h.counts.begin(), h.counts.end());
  panel.setHome({h.low - width, h.high + width}, {0, 1.05 * static_cast<double>(std::max<std::int64_t>(most, 1))});
  panel.chart().replot(QCustomPlot::rpQueuedReplot);
}

}  // namespace

SalienceFeature::SalienceFeature(Session& session, QWidget* parent)
    : QWidget(parent), session_(session), reader_(std::make_shared<FeatureReader>()) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  makeHeader();
  makePlace();
  makeWeights();
  makeScales();
  auto* lower = new QSplitter(Qt::Horizontal, this);
  lower->setObjectName(QStringLiteral("salience.feature.lower"));
  lower->addWidget(weightPanel_);
  lower->addWidget(scalePanel_);
  auto* both = new QSplitter(Qt::Vertical, this);
  both->setObjectName(QStringLiteral("salience.feature.both"));
  both->addWidget(placePanel_);
  both->addWidget(lower);
  for (QSplitter* splitter : {lower, both})
    splitter->setChildrenCollapsible(false);
  layout->addWidget(both, 1);
  connect(&session_, &Session::modelOpened, this, [this] { reader_ = std::make_shared<FeatureReader>(); });
  applyTheme();
}

SalienceFeature::~SalienceFeature() {
  pool_.waitForDone();
}

void SalienceFeature::makeHeader() {
  const auto button = [this](const char* name, Qt::ArrowType arrow, const QString& text, int step) {
    auto* made = new QToolButton(this);
    made->setObjectName(QLatin1String(name));
    made->setArrowType(arrow);
    made->setToolTip(text);
    made->setAccessibleName(text);
    made->setFocusPolicy(Qt::StrongFocus);
    connect(made, &QToolButton::clicked, this, [this, step] { emit stepped(step); });
    return made;
  };
  previous_ = button("salience.previous", Qt::LeftArrow, tr("The feature with the next greater score"), -1);
  next_ = button("salience.next", Qt::RightArrow, tr("The feature with the next smaller score"), 1);
  facts_ = new QLabel(this);
  facts_->setObjectName(QStringLiteral("salience.featureFacts"));
  facts_->setWordWrap(true);
  facts_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  auto* header = new QHBoxLayout;
  header->addWidget(previous_);
  header->addWidget(next_);
  header->addWidget(facts_, 1);
  static_cast<QVBoxLayout*>(layout())->addLayout(header);
}

void SalienceFeature::makePlace() {
  placePanel_ = new PlotPanel(QStringLiteral("salience.place"), this);
  placePanel_->setTitle(tr("The feature among all of the model"));
  placePanel_->setVerticalZoom(false);
  QCustomPlot& chart = placePanel_->chart();
  chart.xAxis->setLabel(tr("Score, nats"));
  chart.yAxis->setLabel(tr("Output features"));
  chart.yAxis->setTicker(QSharedPointer<CountTicker>::create());
  chart.xAxis->setTicker(QSharedPointer<PowerTicker>::create());
  placeBars_ = new QCPBars(chart.xAxis, chart.yAxis);
  placeLine_ = new QCPItemLine(&chart);
  placeLine_->setSelectable(false);
  placeTable_.setColumns({
      {tr("Scores from, nats"),
       [this](int bin) { return std::pow(10, place_->distribution.start(static_cast<std::size_t>(bin))); }, scoreText},
      {tr("to, nats"),
       [this](int bin) { return std::pow(10, place_->distribution.start(static_cast<std::size_t>(bin) + 1)); },
       scoreText},
      {tr("Output features"),
       [this](int bin) { return qlonglong{place_->distribution.counts[static_cast<std::size_t>(bin)]}; },
       {}},
      {tr("This feature"),
       [this](int bin) {
         const bool here =
             place_->score > 0 && place_->distribution.bin(std::log10(place_->score)) == static_cast<std::size_t>(bin);
         return here ? tr("here") : QString();
       },
       {}},
  });
  placePanel_->setTable(&placeTable_);
  connect(placePanel_, &PlotPanel::themeChanged, this, &SalienceFeature::applyTheme);
  connect(placePanel_, &PlotPanel::hovered, this, [this](const QPointF& at) {
    if (place_) placePanel_->setReadout(describeBin(place_->distribution, place_->distribution.bin(at.x()), true));
  });
  connect(placePanel_, &PlotPanel::keyMoved, this, [this](int dx, int) {
    if (place_) moveBin(*placePanel_, place_->distribution, placeBin_, dx);
  });
}

void SalienceFeature::makeWeights() {
  weightPanel_ = new PlotPanel(QStringLiteral("salience.weights"), this);
  weightPanel_->setTitle(tr("Its weights in the 16-bit model"));
  weightPanel_->setVerticalZoom(false);
  QCustomPlot& chart = weightPanel_->chart();
  chart.xAxis->setLabel(tr("Weight"));
  chart.yAxis->setLabel(tr("Weights"));
  chart.yAxis->setTicker(QSharedPointer<CountTicker>::create());
  weightBars_ = new QCPBars(chart.xAxis, chart.yAxis);
  weightTable_.setColumns({
      {tr("Weights from"), [this](int bin) { return weights_->distribution.start(static_cast<std::size_t>(bin)); },
       scoreText},
      {tr("to"), [this](int bin) { return weights_->distribution.start(static_cast<std::size_t>(bin) + 1); },
       scoreText},
      {tr("Weights"),
       [this](int bin) { return qlonglong{weights_->distribution.counts[static_cast<std::size_t>(bin)]}; },
       {}},
  });
  weightPanel_->setTable(&weightTable_);
  connect(weightPanel_, &PlotPanel::themeChanged, this, &SalienceFeature::applyTheme);
  connect(weightPanel_, &PlotPanel::hovered, this, [this](const QPointF& at) {
    if (weights_)
      weightPanel_->setReadout(describeBin(weights_->distribution, weights_->distribution.bin(at.x()), false));
  });
  connect(weightPanel_, &PlotPanel::keyMoved, this, [this](int dx, int) {
    if (weights_) moveBin(*weightPanel_, weights_->distribution, weightBin_, dx);
  });
}

void SalienceFeature::makeScales() {
  scalePanel_ = new PlotPanel(QStringLiteral("salience.scales"), this);
  scalePanel_->setTitle(tr("Scales of its groups"));
  scalePanel_->setVerticalZoom(false);
  QCustomPlot& chart = scalePanel_->chart();
  chart.xAxis->setLabel(tr("Group of inputs"));
  chart.yAxis->setLabel(tr("Step between two values"));
  chart.xAxis->setTicker(QSharedPointer<LayerTicker>::create());
  scales4_ = chart.addGraph();
  scales4_->setName(tr("4 bit, asymmetric"));
  scales8_ = chart.addGraph();
  scales8_->setName(tr("8 bit, symmetric"));
  scalePanel_->showLegend();
  const auto at = [](const std::vector<float>& scales, int group) {
    return static_cast<double>(scales[static_cast<std::size_t>(group)]);
  };
  scaleTable_.setColumns({
      {tr("Group"), [](int group) { return group; }, {}},
      {tr("Inputs"),
       [this](int group) {
         const qint64 first = group * group_;
         const qint64 last = std::min<qint64>(first + group_, static_cast<qint64>(weights_->weights.size())) - 1;
         return tr("%1 to %2").arg(first).arg(last);
       },
       {}},
      {tr("Scale in 4 bit"), [this, at](int group) { return at(weights_->scales4, group); }, scoreText},
      {tr("Scale in 8 bit"), [this, at](int group) { return at(weights_->scales8, group); }, scoreText},
  });
  scalePanel_->setTable(&scaleTable_);
  connect(scalePanel_, &PlotPanel::themeChanged, this, &SalienceFeature::applyTheme);
  connect(scalePanel_, &PlotPanel::hovered, this, [this](const QPointF& where) {
    if (!weights_ || weights_->scales4.empty()) return;
    const double last = static_cast<double>(weights_->scales4.size() - 1);
    scalePanel_->setReadout(describeGroup(static_cast<std::size_t>(std::clamp(std::round(where.x()), 0.0, last))));
  });
  connect(scalePanel_, &PlotPanel::keyMoved, this, [this](int dx, int) {
    if (!weights_ || weights_->scales4.empty()) return;
    const auto last = static_cast<std::int64_t>(weights_->scales4.size()) - 1;
    groupCursor_ =
        static_cast<std::size_t>(std::clamp<std::int64_t>(static_cast<std::int64_t>(groupCursor_) + dx, 0, last));
    scalePanel_->setReadout(describeGroup(groupCursor_));
  });
}

void SalienceFeature::applyTheme() {
  if (scalePanel_ == nullptr) return;  // still being made
  const PlotTheme& theme = placePanel_->theme();
  for (QCPBars* bars : {placeBars_, weightBars_}) {
    bars->setPen(QPen(theme.series(0)));
    bars->setBrush(theme.series(0));
  }
  placeLine_->setPen(QPen(theme.accent, 2.5));
  scales4_->setPen(QPen(theme.series(4), 1.5, Qt::DashLine));
  scales4_->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssSquare, theme.series(4), theme.series(4), 6));
  scales8_->setPen(QPen(theme.series(0), 1.5));
  scales8_->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssDisc, theme.series(0), theme.series(0), 6));
  for (PlotPanel* panel : {placePanel_, weightPanel_, scalePanel_})
    panel->chart().replot(QCustomPlot::rpQueuedReplot);
}

void SalienceFeature::show(const std::shared_ptr<const SalienceScores>& scores, std::size_t linear, std::uint32_t row) {
  scores_ = scores;
  linear_ = linear;
  row_ = row;
  group_ = session_.recipe().value(QStringLiteral("group")).toInteger(128);
  for (FigureTable* table : {&placeTable_, &weightTable_, &scaleTable_})
    table->setRows(0);
  place_.reset();
  weights_.reset();
  placePanel_->setEmptyText(tr("Counting…"));
  for (PlotPanel* panel : {weightPanel_, scalePanel_})
    panel->setEmptyText(tr("Reading the weights…"));
  describeFeature();

  const qint64 number = ++asked_;
  pool_.start([this, number, scores, linear, row] {
    const FeaturePlace place = placeOf(*scores, linear, row);
    QMetaObject::invokeMethod(
        this,
        [this, number, place] {
          if (number == asked_) takePlace(place);
        },
        Qt::QueuedConnection);
  });
  if (!session_.hasModel()) {
    ErrorInfo missing;
    missing.message = tr("Open the model that was searched to see its weights.");
    return takeWeights(nullptr, missing);
  }
  pool_.start([this, number, scores, linear, row, reader = reader_, directory = session_.modelPath(), group = group_] {
    std::shared_ptr<const FeatureWeights> weights;
    ErrorInfo error;
    try {
      auto read = reader->read(directory, scores->linears[linear], row, group);
      if (read)
        weights = std::make_shared<const FeatureWeights>(*std::move(read));
      else
        error = ErrorInfo::from(read.error());
    } catch (const std::bad_alloc&) {
      error = ErrorInfo::from(Error{ErrorCode::memory, {}, {}, {}, {}, "close other programs"});
    }
    QMetaObject::invokeMethod(
        this,
        [this, number, weights, error] {
          if (number == asked_) takeWeights(weights, error);
        },
        Qt::QueuedConnection);
  });
}

void SalienceFeature::takePlace(const FeaturePlace& place) {
  place_ = place;
  placeBin_ = place.score > 0 ? place.distribution.bin(std::log10(place.score)) : 0;
  placePanel_->setEmptyText(place.distribution.counts.empty() ? tr("All scores of this model are 0.") : QString());
  placeTable_.setRows(static_cast<int>(place.distribution.counts.size()));
  fill(*placeBars_, place.distribution);
  setHome(*placePanel_, place.distribution);
  placeLine_->setVisible(place.score > 0);
  if (place.score > 0) {
    placeLine_->start->setCoords(std::log10(place.score), 0);
    placeLine_->end->setCoords(std::log10(place.score), placePanel_->chart().yAxis->range().upper);
  }
  describeFeature();
  placePanel_->setReadout(describeBin(place.distribution, placeBin_, true));
}

void SalienceFeature::takeWeights(const std::shared_ptr<const FeatureWeights>& weights, const ErrorInfo& error) {
  weights_ = weights;
  weightBin_ = 0;
  groupCursor_ = 0;
  for (PlotPanel* panel : {weightPanel_, scalePanel_}) {
    panel->setEmptyText(weights ? QString() : error.message);
    panel->setReadout({});
  }
  if (!weights) return;
  weightTable_.setRows(static_cast<int>(weights->distribution.counts.size()));
  scaleTable_.setRows(static_cast<int>(weights->scales4.size()));
  fill(*weightBars_, weights->distribution);
  setHome(*weightPanel_, weights->distribution);
  QVector<double> groups;
  double most = 0;
  const auto values = [&](const std::vector<float>& scales) {
    for (const float scale : scales)
      most = std::max(most, static_cast<double>(scale));
    return QVector<double>(scales.begin(), scales.end());
  };
  for (std::size_t group = 0; group < weights->scales4.size(); ++group)
    groups.push_back(static_cast<double>(group));
  scales4_->setData(groups, values(weights->scales4), true);
  scales8_->setData(groups, values(weights->scales8), true);
  weightPanel_->setReadout(tr("Weights from %1 to %2: %3")
                               .arg(numbers::significant(weights->distribution.low, 3),
                                    numbers::significant(weights->distribution.high, 3),
                                    numbers::count(static_cast<std::int64_t>(weights->weights.size()))));
  scalePanel_->setReadout(describeGroup(groupCursor_));
  scalePanel_->setHome({-0.5, static_cast<double>(groups.size()) - 0.5}, {0, most > 0 ? 1.1 * most : 1});
  scalePanel_->chart().replot(QCustomPlot::rpQueuedReplot);
}

void SalienceFeature::setBits(std::optional<bool> eight) {
  eight_ = eight;
  describeFeature();
}

void SalienceFeature::setNeighbours(bool before, bool after) {
  previous_->setEnabled(before);
  next_->setEnabled(after);
}

void SalienceFeature::describeFeature() {
  if (!scores_) return;
  QString text = tr("Score %1").arg(numbers::nats(scores_->linears[linear_].scores[row_]));
  if (place_) {
    // Rounded down: only the greatest of all is greater than all others.
    const double percentile = std::floor(100 * place_->percentile) / 100;
    text =
        tr("%1: place %2 of %3 in the model, greater than %4 of the others; place %5 of %6 in the linear")
            .arg(text, numbers::count(place_->rank), numbers::count(place_->features), numbers::percent(percentile, 2),
                 numbers::count(place_->rankInLinear), numbers::count(place_->rows));
  }
  if (eight_) text = *eight_ ? tr("%1. In 8 bit.").arg(text) : tr("%1. In 4 bit.").arg(text);
  facts_->setText(text);
}

void SalienceFeature::moveBin(PlotPanel& panel, const Histogram& histogram, std::size_t& bin, int step) {
  if (histogram.counts.empty()) return;
  const auto last = static_cast<std::int64_t>(histogram.counts.size()) - 1;
  bin = static_cast<std::size_t>(std::clamp<std::int64_t>(static_cast<std::int64_t>(bin) + step, 0, last));
  panel.setReadout(describeBin(histogram, bin, &panel == placePanel_));
}

QString SalienceFeature::describeBin(const Histogram& histogram, std::size_t bin, bool powers) const {
  if (bin >= histogram.counts.size()) return {};
  const auto edge = [&](std::size_t index) {
    const double value = histogram.start(index);
    return numbers::significant(powers ? std::pow(10, value) : value, 3);
  };
  const QString count = numbers::count(histogram.counts[bin]);
  return powers ? tr("Scores from %1 to %2 nats: %3 features").arg(edge(bin), edge(bin + 1), count)
                : tr("Weights from %1 to %2: %3").arg(edge(bin), edge(bin + 1), count);
}

QString SalienceFeature::describeGroup(std::size_t group) const {
  if (!weights_ || group >= weights_->scales4.size()) return {};
  return tr("Group %1: scale %2 in 4 bit, %3 in 8 bit")
      .arg(QString::number(group), numbers::significant(static_cast<double>(weights_->scales4[group])),
           numbers::significant(static_cast<double>(weights_->scales8[group])));
}

}  // namespace salient::ui
