// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/comparison_view.h"

#include <QComboBox>
#include <QHeaderView>
#include <QLabel>
#include <QTabWidget>
#include <QTableView>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "ui/models/numbers.h"
#include "ui/plots/plot_panel.h"
#include "ui/views/table_look.h"

namespace salient::ui {

ComparisonView::ComparisonView(QWidget* parent) : QWidget(parent) {
  title_ = new QLabel(this);
  title_->setObjectName(QStringLiteral("tradeoff.compare.title"));
  title_->setWordWrap(true);
  title_->setTextFormat(Qt::PlainText);
  tabs_ = new QTabWidget(this);
  tabs_->setObjectName(QStringLiteral("tradeoff.compare"));
  tabs_->setAccessibleName(tr("Comparison"));
  tabs_->setDocumentMode(true);
  tabs_->addTab(addTable(QStringLiteral("tradeoff.compare.metrics"), tr("Measures side by side"), metrics_, tabs_),
                tr("Measures"));
  tabs_->addTab(addTable(QStringLiteral("tradeoff.compare.recipe"), tr("Recipes side by side"), recipe_, tabs_),
                tr("Recipe"));
  map_ = new PlotPanel(QStringLiteral("tradeoff.compare.map"), tabs_);
  map_->setTitle(tr("Features in 8 bit, %"));
  map_->setTable(&linears_);
  scale_ = new QCPColorScale(&map_->chart());
  map_->chart().plotLayout()->addElement(0, 1, scale_);
  which_ = new QComboBox(map_);
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
  connect(map_, &PlotPanel::hovered, this, [this](const QPointF& position) {
    auto* cells = qobject_cast<QCPColorMap*>(map_->chart().plottable(0));
    const int layer = static_cast<int>(std::lround(position.x()));
    const int kind = static_cast<int>(std::lround(position.y()));
    if (cells == nullptr || layer < 0 || layer >= cells->data()->keySize() || kind < 0 || kind >= 7) {
      map_->setReadout({});
      return;
    }
    const LinearId id{layer, kLinearKinds[static_cast<std::size_t>(kind)]};
    map_->setReadout(
        tr("%1: %2").arg(QString::fromStdString(linear_name(id)), numbers::percent(cells->data()->cell(layer, kind))));
  });
  setSubjects(std::make_shared<const Subjects>());
}

QTableView* ComparisonView::addTable(const QString& name, const QString& title, ComparisonTable& model,
                                     QWidget* parent) {
  auto* table = new QTableView(parent);
  table->setObjectName(name);
  table->setAccessibleName(title);
  table->setModel(&model);
  lookLikeAList(*table);
  // Names stay where they are while a person scrolls from experiment to experiment.
  table->verticalHeader()->show();
  table->verticalHeader()->setHighlightSections(false);
  table->verticalHeader()->setTextElideMode(Qt::ElideRight);
  table->verticalHeader()->setMaximumWidth(table->fontMetrics().averageCharWidth() * 48);
  table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
  return table;
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
  for (const char* name : {"tradeoff.compare.metrics", "tradeoff.compare.recipe"}) {
    auto* table = findChild<QTableView*>(QLatin1String(name));
    if (table == nullptr) continue;
    table->setColumnHidden(0, true);  // the names, which the rows' headers say
    table->resizeColumnsToContents();
  }
  const QSignalBlocker blocker(which_);
  which_->clear();
  for (int i = 1; i < titles.size(); ++i) {
    which_->addItem(tr("Rows that differ: %1 from %2")
                        .arg(numbers::count((*subjects_)[static_cast<std::size_t>(i)].experiment.id),
                             numbers::count(subjects_->front().experiment.id)),
                    -i);
  }
  for (int i = 0; i < titles.size(); ++i)
    which_->addItem(tr("8-bit share: %1").arg(titles[i]), i);
  drawMap();
}

void ComparisonView::drawMap() {
  QCustomPlot& chart = map_->chart();
  chart.clearPlottables();
  if (subjects_->empty() || which_->currentIndex() < 0) return;
  const int which = which_->currentData().toInt();
  const BitMap& map = (*subjects_)[static_cast<std::size_t>(std::abs(which))].map;
  const BitMap& first = subjects_->front().map;
  map_->setTitle(which < 0 ? tr("Rows of another width, %") : tr("Features in 8 bit, %"));
  map_->setEmptyText(map.linears.empty() ? tr("This experiment did not get as far as a bit map.") : QString());
  std::int32_t layers = 0;
  for (const LinearBits& linear : map.linears)
    layers = std::max(layers, linear.id.layer + 1);
  if (layers == 0) return;
  auto* cells = new QCPColorMap(chart.xAxis, chart.yAxis);
  cells->data()->setSize(layers, static_cast<int>(kLinearKinds.size()));
  cells->data()->setRange(QCPRange(0, std::max(1, layers - 1)), QCPRange(0, 6));
  cells->setInterpolate(false);
  cells->setTightBoundary(false);
  cells->setColorScale(scale_);
  cells->setGradient(map_->theme().heat());
  map_->theme().style(*scale_->axis(), font());
  scale_->axis()->setLabel(map_->accessibleName());
  double most = 0;
  const auto set = [&](LinearId id, std::int64_t count, std::int64_t rows) {
    if (id.layer >= layers) return;
    const double percent = rows > 0 ? 100.0 * static_cast<double>(count) / static_cast<double>(rows) : 0;
    cells->data()->setCell(id.layer, static_cast<int>(id.kind), percent);
    most = std::max(most, percent);
  };
  if (which < 0) {
    for (const LinearDifference& linear : compare_bit_maps(first, map))
      set(linear.id, linear.rows_that_differ, linear.rows);
  } else {
    for (const LinearBits& linear : map.linears)
      set(linear.id, static_cast<std::int64_t>(linear.rows8.size()), linear.rows);
  }
  cells->setDataRange(QCPRange(0, std::max(most, 1.0)));
  QSharedPointer<QCPAxisTickerText> kinds(new QCPAxisTickerText);
  for (std::size_t i = 0; i < kLinearKinds.size(); ++i) {
    const std::string_view name = linear_kind_name(kLinearKinds[i]);
    kinds->addTick(static_cast<double>(i),
                   QString::fromLatin1(name.data(), static_cast<int>(name.size())).remove(QStringLiteral("_proj")));
  }
  chart.yAxis->setTicker(kinds);
  chart.yAxis->setRangeReversed(true);
  chart.xAxis->setLabel(tr("Layer"));
  map_->setHome(QCPRange(-0.5, layers - 0.5), QCPRange(-0.5, 6.5));
  chart.replot(QCustomPlot::rpQueuedReplot);
}

}  // namespace salient::ui
