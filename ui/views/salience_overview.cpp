// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/salience_overview.h"

#include <QSplitter>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <limits>

#include "ui/models/budget_model.h"
#include "ui/models/numbers.h"
#include "ui/models/salience_figures.h"
#include "ui/plots/plot_panel.h"
#include "ui/views/choice_box.h"

namespace salient::ui {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

QString percentText(double value) {
  return numbers::percent(value);
}

QCPItemRect* cursorOf(QCustomPlot& chart) {
  auto* rect = new QCPItemRect(&chart);
  rect->setLayer(QStringLiteral("overlay"));
  rect->setBrush(Qt::NoBrush);
  rect->setSelectable(false);
  return rect;
}

}  // namespace

SalienceOverview::SalienceOverview(BudgetModel& budget, QWidget* parent) : QWidget(parent), budget_(budget) {
  makeBars();
  makeGrid();
  makeClasses();
  auto* lower = new QSplitter(Qt::Horizontal, this);
  lower->setObjectName(QStringLiteral("salience.overview.lower"));
  lower->addWidget(grid_);
  lower->addWidget(averages_);
  lower->setStretchFactor(0, 3);
  lower->setStretchFactor(1, 2);
  auto* both = new QSplitter(Qt::Vertical, this);
  both->setObjectName(QStringLiteral("salience.overview.both"));
  both->addWidget(bars_);
  both->addWidget(lower);
  both->setStretchFactor(0, 1);
  both->setStretchFactor(1, 1);
  for (QSplitter* splitter : {lower, both})
    splitter->setChildrenCollapsible(false);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(both);
  applyTheme();
}

void SalienceOverview::makeBars() {
  bars_ = new PlotPanel(QStringLiteral("salience.bars"), this);
  bars_->setTitle(tr("8-bit features of each linear"));
  bars_->setVerticalZoom(false);
  QCustomPlot& chart = bars_->chart();
  chart.xAxis->setLabel(tr("Layer"));
  chart.yAxis->setLabel(tr("Output features in 8 bit, %"));
  chart.xAxis->setTicker(QSharedPointer<LayerTicker>::create());
  chart.xAxis->grid()->setVisible(false);
  for (const LinearKind kind : kLinearKinds)
    barsOf_[static_cast<std::size_t>(kind)] = new LinearBars(chart.xAxis, chart.yAxis, kind, shares_);
  bars_->showLegend();
  barCursor_ = cursorOf(chart);

  const auto summary = [this](int row) -> const LinearSummary& { return budget_.linears().at(row); };
  linearTable_.setColumns({
      {tr("Layer"), [=](int row) { return summary(row).id.layer; }, {}},
      {tr("Projection"), [=](int row) { return kindLabel(summary(row).id.kind); }, {}},
      {tr("8-bit share, %"), [this](int row) { return budget_.share(static_cast<std::size_t>(row)); }, percentText},
      {tr("8-bit features"), [this](int row) { return qlonglong{budget_.rows8(static_cast<std::size_t>(row))}; }, {}},
      {tr("Features"), [=](int row) { return qlonglong{summary(row).rows}; }, {}},
      {tr("Inputs"), [=](int row) { return qlonglong{summary(row).cols}; }, {}},
      {tr("Mean score, nats"), [=](int row) { return summary(row).mean; }, scoreText},
      {tr("Greatest score, nats"), [=](int row) { return summary(row).most; }, scoreText},
      {tr("Sum of scores, nats"), [=](int row) { return summary(row).sum; }, scoreText},
  });
  bars_->setTable(&linearTable_);

  connect(bars_, &PlotPanel::themeChanged, this, &SalienceOverview::applyTheme);
  connect(bars_, &PlotPanel::hovered, this, [this](const QPointF& at) {
    const auto id = LinearBars::at(at.x(), layers());
    bars_->setReadout(id ? describe(*id) : QString());
  });
  connect(bars_, &PlotPanel::left, this, [this] { bars_->setReadout(describe(cursor_)); });
  connect(bars_, &PlotPanel::clicked, this, [this](const QPointF& at) {
    if (const auto id = LinearBars::at(at.x(), layers())) emit chosen(*id);
  });
  connect(bars_, &PlotPanel::keyMoved, this, [this](int dx, int dy) {
    // Bars stand in the order of LinearId; up and down go from layer to layer.
    const auto last = static_cast<std::ptrdiff_t>(shares_.size()) - 1;
    const auto kinds = static_cast<std::ptrdiff_t>(kLinearKinds.size());
    const auto index = static_cast<std::ptrdiff_t>(linear_index(cursor_)) + dx + dy * kinds;
    if (last >= 0) setCursor(linear_at(static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(index, 0, last))));
  });
  connect(bars_, &PlotPanel::keyActivated, this, [this] {
    if (valid(cursor_)) emit chosen(cursor_);
  });
  connect(bars_, &PlotPanel::tableActivated, this,
          [this](int row) { emit chosen(linear_at(static_cast<std::size_t>(row))); });
}

void SalienceOverview::makeGrid() {
  grid_ = new PlotPanel(QStringLiteral("salience.heat"), this);
  grid_->setTitle(tr("Layers by projections"));
  grid_->setVerticalZoom(false);
  measure_ = new ChoiceBox(12, grid_);
  measure_->setObjectName(QStringLiteral("salience.measure"));
  measure_->setAccessibleName(tr("What the cells show"));
  measure_->setToolTip(
      tr("What the cells show: the share of 8-bit features under the recipe's budget, or the scores themselves "
         "(logarithmic), each feature's estimated change of the loss, summed over the calibration sequences."));
  measure_->addItems({tr("8-bit share"), tr("Mean score"), tr("Sum of scores")});
  grid_->addControl(measure_);
  QCustomPlot& chart = grid_->chart();
  chart.xAxis->setLabel(tr("Layer"));
  chart.xAxis->setTicker(QSharedPointer<LayerTicker>::create());
  chart.yAxis->setTicker(projectionTicker());
  chart.yAxis->setRangeReversed(true);
  cells_ = new LinearGrid(chart.xAxis, chart.yAxis, gridValues_);
  scale_ = new QCPColorScale(&chart);
  chart.plotLayout()->addElement(0, 1, scale_);
  scale_->setRangeDrag(false);
  scale_->setRangeZoom(false);
  auto* margins = new QCPMarginGroup(&chart);
  chart.axisRect()->setMarginGroup(QCP::msTop | QCP::msBottom, margins);
  scale_->setMarginGroup(QCP::msTop | QCP::msBottom, margins);
  cellCursor_ = cursorOf(chart);

  QVector<FigureTable::Column> columns{{tr("Layer"), [](int row) { return row; }, {}}};
  for (const LinearKind kind : kLinearKinds) {
    columns.push_back({kindLabel(kind),
                       [this, kind](int row) {
                         return gridFigure({row, kind});
                       },
                       [this](double value) { return gridText(value); }});
  }
  gridTable_.setColumns(columns);
  grid_->setTable(&gridTable_);

  connect(measure_, &QComboBox::currentIndexChanged, this, [this] {
    fillGrid();
    showCursor();
  });
  connect(grid_, &PlotPanel::themeChanged, this, &SalienceOverview::applyTheme);
  connect(grid_, &PlotPanel::hovered, this, [this](const QPointF& at) {
    const auto id = LinearGrid::at(at, layers());
    grid_->setReadout(id ? describe(*id) : QString());
  });
  connect(grid_, &PlotPanel::left, this, [this] { grid_->setReadout(describe(cursor_)); });
  connect(grid_, &PlotPanel::clicked, this, [this](const QPointF& at) {
    if (const auto id = LinearGrid::at(at, layers())) emit chosen(*id);
  });
  connect(grid_, &PlotPanel::keyMoved, this, [this](int dx, int dy) {
    const auto kind = static_cast<int>(cursor_.kind) - dy;
    const int last = static_cast<int>(kLinearKinds.size()) - 1;
    setCursor({std::clamp(cursor_.layer + dx, 0, std::max(0, layers() - 1)),
               kLinearKinds[static_cast<std::size_t>(std::clamp(kind, 0, last))]});
  });
  connect(grid_, &PlotPanel::keyActivated, this, [this] {
    if (valid(cursor_)) emit chosen(cursor_);
  });
  connect(grid_, &PlotPanel::tableActivated, this, [this](int row, int column) {
    // The first column names the layer.
    emit chosen({row, kLinearKinds[static_cast<std::size_t>(std::max(0, column - 1))]});
  });
}

void SalienceOverview::makeClasses() {
  averages_ = new PlotPanel(QStringLiteral("salience.classes"), this);
  averages_->setTitle(tr("Averages by class"));
  averages_->setVerticalZoom(false);
  QCustomPlot& chart = averages_->chart();
  chart.yAxis->setLabel(tr("Output features in 8 bit, %"));
  chart.xAxis->setTicker(projectionTicker());
  chart.xAxis->setTickLabelRotation(-40);  // seven names do not fit side by side
  chart.xAxis->grid()->setVisible(false);
  classBars_ = new ClassBars(chart.xAxis, chart.yAxis);
  const auto figures = [this](int row) -> const ClassFigures& { return classes_[static_cast<std::size_t>(row)]; };
  classTable_.setColumns({
      {tr("Projection"), [](int row) { return kindLabel(kLinearKinds[static_cast<std::size_t>(row)]); }, {}},
      {tr("8-bit share, %"), [=](int row) { return figures(row).share(); }, percentText},
      {tr("8-bit features"), [=](int row) { return qlonglong{figures(row).features8}; }, {}},
      {tr("Features"), [=](int row) { return qlonglong{figures(row).features}; }, {}},
      {tr("Mean score, nats"), [=](int row) { return figures(row).mean(); }, scoreText},
      {tr("Sum of scores, nats"), [=](int row) { return figures(row).salience; }, scoreText},
      {tr("Of the model's sum, %"),
       [this, figures](int row) { return salience_ > 0 ? 100 * figures(row).salience / salience_ : 0; }, percentText},
  });
  averages_->setTable(&classTable_);
  connect(averages_, &PlotPanel::themeChanged, this, &SalienceOverview::applyTheme);
  const auto show = [this](double place) {
    const double last = static_cast<double>(kLinearKinds.size() - 1);
    averages_->setReadout(describe(kLinearKinds[static_cast<std::size_t>(std::clamp(std::round(place), 0.0, last))]));
  };
  connect(averages_, &PlotPanel::hovered, this, [show](const QPointF& at) { show(at.x()); });
  connect(averages_, &PlotPanel::keyMoved, this, [this, show](int dx, int) {
    const int last = static_cast<int>(kLinearKinds.size()) - 1;
    classCursor_ = static_cast<std::size_t>(std::clamp(static_cast<int>(classCursor_) + dx, 0, last));
    show(static_cast<double>(classCursor_));
  });
}

void SalienceOverview::applyTheme() {
  if (averages_ == nullptr) return;  // still being made
  const PlotTheme& theme = bars_->theme();
  for (LinearBars* bars : barsOf_)
    bars->setTheme(theme);
  classBars_->setTheme(theme);
  cells_->setTheme(theme);
  scale_->setGradient(theme.heat());
  theme.style(*scale_->axis(), font());
  for (QCPItemRect* cursor : {barCursor_, cellCursor_})
    cursor->setPen(QPen(theme.accent, 2));
  for (PlotPanel* panel : {bars_, grid_, averages_})
    panel->chart().replot(QCustomPlot::rpQueuedReplot);
}

void SalienceOverview::refresh() {
  fillValues();
  fillGrid();
  fillClasses();
  showCursor();
}

void SalienceOverview::fillValues() {
  const auto count = static_cast<std::size_t>(budget_.linears().size());
  const bool others = shares_.size() != count;
  shares_.resize(count);
  double most = 0;
  for (std::size_t i = 0; i < count; ++i) {
    shares_[i] = budget_.share(i);
    most = std::max(most, shares_[i]);
  }
  if (others) {
    linearTable_.setRows(static_cast<int>(count));
    gridTable_.setRows(layers());
    classTable_.setRows(count > 0 ? static_cast<int>(kLinearKinds.size()) : 0);
    if (!valid(cursor_)) cursor_ = {};
  } else {
    for (FigureTable* table : {&linearTable_, &gridTable_, &classTable_})
      table->touch();
  }
  bars_->setHome({-0.6, layers() - 0.4}, {0, most > 0 ? 1.05 * most : 1});
  bars_->chart().replot(QCustomPlot::rpQueuedReplot);
}

void SalienceOverview::fillGrid() {
  const bool share = measure() == Measure::share;
  gridValues_.resize(shares_.size());
  double least = std::numeric_limits<double>::infinity();
  double most = -least;
  for (std::size_t i = 0; i < gridValues_.size(); ++i) {
    const double figure = gridFigure(linear_at(i));
    gridValues_[i] = share ? figure : figure > 0 ? std::log10(figure) : kNone;
    if (std::isnan(gridValues_[i])) continue;
    least = std::min(least, gridValues_[i]);
    most = std::max(most, gridValues_[i]);
  }
  if (share) {
    least = 0;
    most = std::max(1.0, most);
  }
  if (least > most) least = most = 0;  // nothing to show
  const QCPRange range = least < most ? QCPRange(least, most) : QCPRange(least - 0.5, least + 0.5);
  cells_->setRange(range);
  cells_->setText([share](double value) {
    return share ? numbers::fixed(value, 0) : numbers::significant(std::pow(10, value), 2);
  });
  scale_->axis()->setTicker(share ? QSharedPointer<QCPAxisTicker>(new EvenTicker)
                                  : QSharedPointer<QCPAxisTicker>(new PowerTicker));
  scale_->setDataRange(range);
  switch (measure()) {
    case Measure::share: scale_->setLabel(tr("8-bit share, %")); break;
    case Measure::mean: scale_->setLabel(tr("Mean score, nats")); break;
    case Measure::sum: scale_->setLabel(tr("Sum of scores, nats")); break;
  }
  gridTable_.touch();
  grid_->setHome({-0.5, std::max(1, layers()) - 0.5}, {-0.5, static_cast<double>(kLinearKinds.size()) - 0.5});
  grid_->chart().replot(QCustomPlot::rpQueuedReplot);
}

void SalienceOverview::fillClasses() {
  classes_ = {};
  salience_ = 0;
  for (std::size_t i = 0; i < shares_.size(); ++i) {
    const LinearSummary& linear = budget_.linears().at(static_cast<qsizetype>(i));
    ClassFigures& figures = classes_[static_cast<std::size_t>(linear.id.kind)];
    figures.features += linear.rows;
    figures.features8 += budget_.rows8(i);
    figures.salience += linear.sum;
    salience_ += linear.sum;
  }
  std::array<double, kLinearKinds.size()> shares{};
  std::transform(classes_.begin(), classes_.end(), shares.begin(),
                 [](const ClassFigures& figures) { return figures.share(); });
  classBars_->setValues(shares);
  averages_->setReadout(shares_.empty() ? QString() : describe(kLinearKinds[classCursor_]));
  const double most = *std::max_element(shares.begin(), shares.end());
  averages_->setHome({-0.6, static_cast<double>(kLinearKinds.size()) - 0.4}, {0, most > 0 ? 1.05 * most : 1});
  averages_->chart().replot(QCustomPlot::rpQueuedReplot);
}

void SalienceOverview::setCursor(LinearId id) {
  if (!valid(id)) return;
  cursor_ = id;
  showCursor();
}

void SalienceOverview::showCursor() {
  const bool seen = valid(cursor_);
  barCursor_->setVisible(seen);
  cellCursor_->setVisible(seen);
  if (seen) {
    const QCPRange place = LinearBars::span(cursor_);
    barCursor_->topLeft->setCoords(place.lower, bars_->chart().yAxis->range().upper);
    barCursor_->bottomRight->setCoords(place.upper, 0);
    const double x = cursor_.layer;
    const auto y = static_cast<double>(cursor_.kind);
    cellCursor_->topLeft->setCoords(x - 0.5, y - 0.5);
    cellCursor_->bottomRight->setCoords(x + 0.5, y + 0.5);
  }
  const QString text = seen ? describe(cursor_) : QString();
  for (PlotPanel* panel : {bars_, grid_}) {
    panel->setReadout(text);
    panel->chart().replot(QCustomPlot::rpQueuedReplot);
  }
}

bool SalienceOverview::valid(LinearId id) const {
  return id.layer >= 0 && linear_index(id) < static_cast<std::size_t>(budget_.linears().size());
}

std::int32_t SalienceOverview::layers() const {
  return static_cast<std::int32_t>(shares_.size() / kLinearKinds.size());
}

SalienceOverview::Measure SalienceOverview::measure() const {
  return static_cast<Measure>(measure_->currentIndex());
}

double SalienceOverview::gridFigure(LinearId id) const {
  if (!valid(id)) return kNone;
  const LinearSummary& linear = budget_.linears().at(static_cast<qsizetype>(linear_index(id)));
  switch (measure()) {
    case Measure::share: return budget_.share(linear_index(id));
    case Measure::mean: return linear.mean;
    case Measure::sum: return linear.sum;
  }
  return kNone;
}

QString SalienceOverview::gridText(double figure) const {
  return measure() == Measure::share ? percentText(figure) : scoreText(figure);
}

QString SalienceOverview::describe(LinearId id) const {
  if (!valid(id)) return {};
  const std::size_t index = linear_index(id);
  const LinearSummary& linear = budget_.linears().at(static_cast<qsizetype>(index));
  return tr("%1: %2 in 8 bit (%3 of %4 features); scores: mean %5, sum %6")
      .arg(linearLabel(id), numbers::percent(budget_.share(index)), numbers::count(budget_.rows8(index)),
           numbers::count(linear.rows), numbers::nats(linear.mean), numbers::nats(linear.sum));
}

QString SalienceOverview::describe(LinearKind kind) const {
  const ClassFigures& figures = classes_[static_cast<std::size_t>(kind)];
  return tr("%1: %2 in 8 bit (%3 of %4); %5 of the salience")
      .arg(kindLabel(kind), numbers::percent(figures.share()), numbers::count(figures.features8),
           numbers::count(figures.features), numbers::percent(salience_ > 0 ? 100 * figures.salience / salience_ : 0));
}

}  // namespace salient::ui
