// SPDX-License-Identifier: GPL-3.0-or-later
#include <QVBoxLayout>
#include <algorithm>
#include <array>

#include "ui/models/budget_model.h"
#include "ui/models/numbers.h"
#include "ui/models/salience_figures.h"
#include "ui/plots/plot_panel.h"
#include "ui/views/budget_charts.h"

namespace salient::ui {
namespace {

const QString kCellLayer = QStringLiteral("cells");
/// Ends of the colours' range. Few, so that the scale seldom changes while the slider moves.
constexpr std::array<double, 6> kEnds{2, 5, 10, 25, 50, 100};

}  // namespace

BudgetMap::BudgetMap(BudgetModel& budget, QWidget* parent) : QWidget(parent), budget_(budget) {
  panel_ = new PlotPanel(QStringLiteral("budget.map"), this);
  panel_->setTitle(tr("8-bit share of each linear"));
  panel_->setVerticalZoom(false);
  QCustomPlot& chart = panel_->chart();
  chart.xAxis->setLabel(tr("Layer"));
  chart.xAxis->setTicker(QSharedPointer<LayerTicker>::create());
  chart.yAxis->setTicker(projectionTicker());
  chart.yAxis->setRangeReversed(true);
  chart.addLayer(kCellLayer, chart.layer(QStringLiteral("main")), QCustomPlot::limAbove);
  chart.layer(kCellLayer)->setMode(QCPLayer::lmBuffered);
  cells_ = new LinearGrid(chart.xAxis, chart.yAxis, shares_);
  cells_->setLayer(kCellLayer);
  cells_->setText([](double value) { return numbers::fixed(value, 0); });
  scale_ = new QCPColorScale(&chart);
  scale_->setRangeDrag(false);
  scale_->setRangeZoom(false);
  scale_->setLabel(tr("8-bit share, %"));
  scale_->axis()->setTicker(QSharedPointer<EvenTicker>::create());
  chart.plotLayout()->addElement(0, 1, scale_);
  auto* margins = new QCPMarginGroup(&chart);
  chart.axisRect()->setMarginGroup(QCP::msTop | QCP::msBottom, margins);
  scale_->setMarginGroup(QCP::msTop | QCP::msBottom, margins);
  cursorRect_ = new QCPItemRect(&chart);
  cursorRect_->setLayer(QStringLiteral("overlay"));
  cursorRect_->setBrush(Qt::NoBrush);
  cursorRect_->setSelectable(false);
  cursorRect_->setVisible(false);

  const auto id = [this](int row) { return budget_.linears().at(row).id; };
  table_.setColumns({
      {tr("Layer"), [=](int row) { return id(row).layer; }, {}},
      {tr("Projection"), [=](int row) { return kindLabel(id(row).kind); }, {}},
      {tr("8-bit share, %"), [this](int row) { return budget_.share(static_cast<std::size_t>(row)); },
       [](double value) { return numbers::percent(value); }},
      {tr("8-bit features"), [this](int row) { return qlonglong{budget_.rows8(static_cast<std::size_t>(row))}; }, {}},
      {tr("Features"), [this](int row) { return qlonglong{budget_.linears().at(row).rows}; }, {}},
  });
  panel_->setTable(&table_);
  connect(panel_, &PlotPanel::themeChanged, this, &BudgetMap::applyTheme);
  connect(panel_, &PlotPanel::hovered, this, [this](const QPointF& at) {
    const auto found = LinearGrid::at(at, layers());
    panel_->setReadout(found ? describe(*found) : QString());
  });
  connect(panel_, &PlotPanel::left, this, [this] { panel_->setReadout(describe(cursor_)); });
  connect(panel_, &PlotPanel::keyMoved, this, [this](int dx, int dy) {
    const int kind = static_cast<int>(cursor_.kind) - dy;
    const int last = static_cast<int>(kLinearKinds.size()) - 1;
    setCursor({std::clamp(cursor_.layer + dx, 0, std::max(0, layers() - 1)),
               kLinearKinds[static_cast<std::size_t>(std::clamp(kind, 0, last))]});
  });
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(panel_);
  applyTheme();
}

std::int32_t BudgetMap::layers() const {
  return static_cast<std::int32_t>(shares_.size() / kLinearKinds.size());
}

bool BudgetMap::fill() {
  double most = 0;
  for (std::size_t i = 0; i < shares_.size(); ++i) {
    shares_[i] = budget_.share(i);
    most = std::max(most, shares_[i]);
  }
  const double end = *std::find_if(kEnds.begin(), kEnds.end() - 1, [most](double value) { return value >= most; });
  if (end == most_) return false;
  most_ = end;
  cells_->setRange({0, end});
  scale_->setDataRange({0, end});
  return true;
}

void BudgetMap::refresh() {
  shares_.assign(static_cast<std::size_t>(budget_.linears().size()), 0);
  (void)fill();
  table_.setRows(static_cast<int>(shares_.size()));
  if (linear_index(cursor_) >= shares_.size()) cursor_ = {};
  setCursor(cursor_);
  panel_->setHome({-0.5, std::max(1, layers()) - 0.5}, {-0.5, static_cast<double>(kLinearKinds.size()) - 0.5});
  panel_->chart().replot(QCustomPlot::rpQueuedReplot);
}

void BudgetMap::refreshPoint() {
  if (shares_.size() != static_cast<std::size_t>(budget_.linears().size())) return refresh();
  const bool ranged = fill();
  panel_->setReadout(describe(cursor_));
  if (panel_->tableShown()) return table_.touch();
  if (ranged)
    panel_->chart().replot(QCustomPlot::rpQueuedReplot);
  else
    panel_->chart().layer(kCellLayer)->replot();
}

void BudgetMap::setCursor(LinearId id) {
  cursorRect_->setVisible(linear_index(id) < shares_.size());
  if (!cursorRect_->visible()) return;
  cursor_ = id;
  const double x = id.layer;
  const auto y = static_cast<double>(id.kind);
  cursorRect_->topLeft->setCoords(x - 0.5, y - 0.5);
  cursorRect_->bottomRight->setCoords(x + 0.5, y + 0.5);
  panel_->setReadout(describe(id));
  panel_->chart().replot(QCustomPlot::rpQueuedReplot);
}

QString BudgetMap::describe(LinearId id) const {
  const std::size_t index = linear_index(id);
  if (index >= shares_.size()) return {};
  return tr("%1: %2 in 8 bit (%3 of %4 features)")
      .arg(linearLabel(id), numbers::percent(budget_.share(index)), numbers::count(budget_.rows8(index)),
           numbers::count(budget_.linears().at(static_cast<qsizetype>(index)).rows));
}

void BudgetMap::applyTheme() {
  if (cursorRect_ == nullptr) return;  // still being made
  const PlotTheme& theme = panel_->theme();
  cells_->setTheme(theme);
  scale_->setGradient(theme.heat());
  theme.style(*scale_->axis(), font());
  cursorRect_->setPen(QPen(theme.accent, 2));
  panel_->chart().replot(QCustomPlot::rpQueuedReplot);
}

}  // namespace salient::ui
