// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/comparison_view.h"

#include <QComboBox>
#include <QLabel>
#include <QStyle>
#include <QTabWidget>
#include <QTableView>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "ui/models/numbers.h"
#include "ui/models/salience_figures.h"
#include "ui/plots/plot_panel.h"
#include "ui/plots/table_look.h"
#include "ui/views/choice_box.h"

namespace salient::ui {
namespace {

constexpr int kLetters = 16;      ///< of the choice of a map, at least
constexpr int kMostLetters = 26;  ///< of a recipe's value, such as a path; pointing at it shows the rest

}  // namespace

ComparisonView::ComparisonView(QWidget* parent) : QWidget(parent) {
  title_ = new QLabel(this);
  title_->setObjectName(QStringLiteral("tradeoff.compare.title"));
  title_->setWordWrap(true);
  title_->setTextFormat(Qt::PlainText);
  tabs_ = new QTabWidget(this);
  tabs_->setObjectName(QStringLiteral("tradeoff.compare"));
  tabs_->setAccessibleName(tr("Comparison"));
  tabs_->setDocumentMode(true);
  tabs_->addTab(
      addTable(QStringLiteral("tradeoff.compare.metrics"), tr("Measures side by side"), metrics_, TableHeader::kAny),
      tr("Measures"));
  tabs_->addTab(addTable(QStringLiteral("tradeoff.compare.recipe"), tr("Recipes side by side"), recipe_,
                         kMostLetters * fontMetrics().averageCharWidth()),
                tr("Recipe"));
  map_ = new PlotPanel(QStringLiteral("tradeoff.compare.map"), tabs_);
  map_->setTitle(tr("Bit map"));
  map_->setTable(&linears_);
  map_->setVerticalZoom(false);
  QCustomPlot& chart = map_->chart();
  chart.xAxis->setLabel(tr("Layer"));
  chart.xAxis->setTicker(QSharedPointer<LayerTicker>::create());
  chart.yAxis->setTicker(projectionTicker());
  chart.yAxis->setRangeReversed(true);
  cells_ = new LinearGrid(chart.xAxis, chart.yAxis, shares_);
  cells_->setRange({0, 100});
  cells_->setText([](double value) { return numbers::fixed(value, 0); });
  scale_ = new QCPColorScale(&chart);
  scale_->setRangeDrag(false);
  scale_->setRangeZoom(false);
  scale_->setDataRange({0, 100});
  scale_->axis()->setTicker(QSharedPointer<EvenTicker>::create());
  chart.plotLayout()->addElement(0, 1, scale_);
  auto* margins = new QCPMarginGroup(&chart);
  chart.axisRect()->setMarginGroup(QCP::msTop | QCP::msBottom, margins);
  scale_->setMarginGroup(QCP::msTop | QCP::msBottom, margins);
  which_ = new ChoiceBox(kLetters, map_);
  which_->setObjectName(QStringLiteral("tradeoff.compare.which"));
  which_->setAccessibleName(tr("What the map shows"));
  which_->setToolTip(
      tr("The share of 8-bit features, or how many rows have another width than in the first experiment"));
  map_->addControl(which_);
  tabs_->addTab(map_, tr("Bit map"));
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(title_);
  layout->addWidget(tabs_, 1);
  connect(which_, &QComboBox::currentIndexChanged, this, &ComparisonView::drawMap);
  connect(map_, &PlotPanel::themeChanged, this, &ComparisonView::drawMap);
  const auto show = [this](std::optional<LinearId> id) {
    const bool there = id && linear_index(*id) < shares_.size() && !std::isnan(shares_[linear_index(*id)]);
    map_->setReadout(there ? tr("%1: %2").arg(linearLabel(*id), numbers::percent(shares_[linear_index(*id)]))
                           : QString());
  };
  connect(map_, &PlotPanel::hovered, this, [this, show](const QPointF& position) {
    show(LinearGrid::at(position, static_cast<std::int32_t>(shares_.size() / kLinearKinds.size())));
  });
  setSubjects(std::make_shared<const Subjects>());
}

QTableView* ComparisonView::addTable(const QString& name, const QString& title, ComparisonTable& model, int most) {
  auto* table = new QTableView(tabs_);
  table->setObjectName(name);
  table->setAccessibleName(title);
  table->setModel(&model);
  lookLikeAList(*table).fitContents(TableHeader::kEverybody, most);
  table->setTextElideMode(Qt::ElideMiddle);  // the end of a path says what it is
  // Names stay where they are while a person scrolls from experiment to experiment.
  table->verticalHeader()->show();
  table->verticalHeader()->setHighlightSections(false);
  tables_.append(table);
  return table;
}

int ComparisonView::wantedWidth() const {
  int width = 0;
  // Of many, the measures decide: recipes scroll, so that the plot keeps its room.
  const qsizetype deciding = subjects_->size() > 2 ? 1 : tables_.size();
  for (const QTableView* table : tables_.first(deciding)) {
    const int content = static_cast<const TableHeader*>(table->horizontalHeader())->contentLength();
    width = std::max(width, table->verticalHeader()->sizeHint().width() + content + 2 * table->frameWidth() +
                                table->style()->pixelMetric(QStyle::PM_ScrollBarExtent));
  }
  return width;
}

void ComparisonView::setSubjects(std::shared_ptr<const Subjects> subjects) {
  subjects_ = std::move(subjects);
  const QStringList titles = subjectTitles(*subjects_);
  const bool one = subjects_->size() == 1;
  tabs_->setVisible(!subjects_->empty());
  title_->setText(subjects_->empty()
                      ? tr("Choose experiments in the table or the chart: one to look at it, two or more "
                           "to see them side by side.")
                  : one ? tr("%1, %2").arg(titles.first(), modelName(subjects_->front().experiment))
                        : tr("%1 side by side; ≠ marks what differs.").arg(titles.join(QStringLiteral(", "))));
  metrics_.set(tr("Measure"), titles, metricRows(*subjects_));
  recipe_.set(tr("Setting"), titles, recipeRows(*subjects_));
  linears_.set(tr("Linear"), linearTitles(*subjects_), linearRows(*subjects_));
  for (QTableView* table : tables_) {
    table->setColumnHidden(0, true);  // the names, which the rows' headers say
    static_cast<TableHeader*>(table->horizontalHeader())->refit();
  }
  const QSignalBlocker blocker(which_);
  which_->clear();
  for (int i = 1; i < titles.size(); ++i) {
    which_->addItem(tr("Difference: %1 from %2")
                        .arg(numbers::count((*subjects_)[static_cast<std::size_t>(i)].experiment.id),
                             numbers::count(subjects_->front().experiment.id)),
                    -i);
  }
  for (int i = 0; i < titles.size(); ++i)
    which_->addItem(tr("8-bit share: %1").arg(titles[i]), i);
  drawMap();
}

void ComparisonView::fillMap() {
  const int which = which_->currentData().toInt();
  const BitMap& map = (*subjects_)[static_cast<std::size_t>(std::abs(which))].map;
  std::int32_t layers = 0;
  for (const LinearBits& linear : map.linears)
    layers = std::max(layers, linear.id.layer + 1);
  shares_.assign(static_cast<std::size_t>(layers) * kLinearKinds.size(), std::numeric_limits<double>::quiet_NaN());
  const auto set = [&](LinearId id, std::int64_t count, std::int64_t rows) {
    if (id.layer < layers && rows > 0)
      shares_[linear_index(id)] = 100.0 * static_cast<double>(count) / static_cast<double>(rows);
  };
  if (which >= 0) {
    for (const LinearBits& linear : map.linears)
      set(linear.id, static_cast<std::int64_t>(linear.rows8.size()), linear.rows);
    return;
  }
  for (const LinearBits& linear : map.linears)
    set(linear.id, 0, linear.rows);
  for (const LinearDifference& linear : compare_bit_maps(subjects_->front().map, map))
    set(linear.id, linear.rows_that_differ, linear.rows);
}

void ComparisonView::drawMap() {
  if (cells_ == nullptr) return;  // still being made
  cells_->setTheme(map_->theme());
  scale_->setGradient(map_->theme().heat());
  map_->theme().style(*scale_->axis(), font());
  if (subjects_->empty() || which_->currentIndex() < 0) return;
  fillMap();
  map_->setEmptyText(shares_.empty() ? tr("This experiment did not get as far as a bit map.") : QString());
  scale_->setLabel(which_->currentData().toInt() < 0 ? tr("Rows of another width, %") : tr("8-bit share, %"));
  const auto layers = static_cast<double>(shares_.size() / kLinearKinds.size());
  map_->setHome({-0.5, std::max(1.0, layers) - 0.5}, {-0.5, static_cast<double>(kLinearKinds.size()) - 0.5});
  map_->chart().replot(QCustomPlot::rpQueuedReplot);
}

}  // namespace salient::ui
