// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/plot_panel.h"

#include <QApplication>
#include <QClipboard>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QMouseEvent>
#include <QSortFilterProxyModel>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "ui/models/csv.h"
#include "ui/plots/elided_label.h"
#include "ui/plots/table_look.h"
#include "ui/plots/tickers.h"

namespace salient::ui {
namespace {

constexpr double kZoomStep = 0.8;
constexpr double kPanStep = 0.1;  ///< of what is seen
constexpr int kBigStep = 10;

bool same(const QCPRange& a, const QCPRange& b) {
  const double tolerance = 1e-9 * std::max(std::abs(a.size()), std::abs(b.size()));
  return std::abs(a.lower - b.lower) <= tolerance && std::abs(a.upper - b.upper) <= tolerance;
}

/// `text` in at most two lines no longer than `length`; what does not fit is left out.
QString fitted(const QString& text, const QFontMetrics& metrics, int length) {
  if (metrics.horizontalAdvance(text) <= length) return text;
  QStringList best{text};
  int least = metrics.horizontalAdvance(text);
  for (qsizetype at = text.indexOf(QLatin1Char(' ')); at > 0; at = text.indexOf(QLatin1Char(' '), at + 1)) {
    const QStringList halves{text.left(at), text.mid(at + 1)};
    const int longer = std::max(metrics.horizontalAdvance(halves[0]), metrics.horizontalAdvance(halves[1]));
    if (longer >= least) continue;
    least = longer;
    best = halves;
  }
  for (QString& line : best)
    line = metrics.elidedText(line, Qt::ElideRight, length);
  return best.join(QLatin1Char('\n'));
}

}  // namespace

PlotPanel::PlotPanel(const QString& name, QWidget* parent) : QWidget(parent) {
  setObjectName(name);
  const auto button = [&](const QString& part, const QString& text, const QString& tip) {
    auto* made = new QToolButton(this);
    made->setObjectName(name + part);
    made->setText(text);
    made->setToolTip(tip);
    made->setAutoRaise(true);
    made->setFocusPolicy(Qt::StrongFocus);
    return made;
  };
  title_ = new ElidedLabel(this);
  title_->setMinimumWidth(fontMetrics().averageCharWidth() * 14);
  QFont bold = title_->font();
  bold.setBold(true);
  title_->setFont(bold);
  reset_ = button(QStringLiteral(".reset"), tr("Reset zoom"),
                  tr("Shows everything again (Home). Zoom with the wheel or + and −, move by dragging or Shift and the "
                     "arrow keys."));
  toggle_ = button(QStringLiteral(".toggle"), tr("Table"), tr("The same figures as a table"));
  toggle_->setCheckable(true);
  export_ =
      button(QStringLiteral(".export"), tr("Export…"), tr("Saves the chart as PNG, SVG or PDF, or its figures as CSV"));
  header_ = new QHBoxLayout;
  header_->addWidget(title_, 1);
  for (QToolButton* one : {reset_, toggle_, export_})
    header_->addWidget(one);

  chart_ = new QCustomPlot(this);
  chart_->setObjectName(name + QStringLiteral(".chart"));
  chart_->setFocusPolicy(Qt::StrongFocus);
  chart_->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
  chart_->setNoAntialiasingOnDrag(false);
  chart_->setMouseTracking(true);
  const QFontMetrics metrics(font());
  chart_->setMinimumSize(metrics.averageCharWidth() * 30, metrics.height() * 11);
  chart_->installEventFilter(this);
  for (QCPAxis* axis : {chart_->xAxis, chart_->yAxis, chart_->yAxis2})
    axis->setTicker(QSharedPointer<EvenTicker>::create());
  connect(chart_, &QCustomPlot::beforeReplot, this, &PlotPanel::fitTicks);
  connect(chart_, &QCustomPlot::afterLayout, this, &PlotPanel::fitLabels);
  const auto ranged = qOverload<const QCPRange&>(&QCPAxis::rangeChanged);
  connect(chart_->xAxis, ranged, this, [this] { keepInside(*chart_->xAxis, homeX_); });
  connect(chart_->yAxis, ranged, this, [this] { keepInside(*chart_->yAxis, homeY_); });

  sorted_ = new QSortFilterProxyModel(this);
  sorted_->setSortRole(Qt::EditRole);
  table_ = new QTableView(this);
  table_->setObjectName(name + QStringLiteral(".table"));
  table_->setModel(sorted_);
  titles_ = &lookLikeAList(*table_);
  titles_->fitContents(TableHeader::kNobody);
  table_->setSortingEnabled(true);
  table_->sortByColumn(-1, Qt::AscendingOrder);
  table_->installEventFilter(this);

  empty_ = new QLabel(this);
  empty_->setAlignment(Qt::AlignCenter);
  empty_->setWordWrap(true);
  stack_ = new QStackedWidget(this);
  stack_->addWidget(chart_);
  stack_->addWidget(table_);
  stack_->addWidget(empty_);

  readout_ = new ElidedLabel(this);
  readout_->setObjectName(name + QStringLiteral(".readout"));

  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addLayout(header_);
  layout->addWidget(stack_, 1);
  layout->addWidget(readout_);
  setTabOrder(chart_, table_);

  connect(reset_, &QToolButton::clicked, this, &PlotPanel::resetZoom);
  connect(toggle_, &QToolButton::toggled, this, &PlotPanel::showPart);
  connect(export_, &QToolButton::clicked, this, &PlotPanel::chooseExport);
  connect(table_, &QTableView::activated, this,
          [this](const QModelIndex& index) { emit tableActivated(sorted_->mapToSource(index).row(), index.column()); });
  connect(chart_, &QCustomPlot::mousePress, this, [this](QMouseEvent* event) { pressed_ = event->pos(); });
  connect(chart_, &QCustomPlot::mouseRelease, this, [this](QMouseEvent* event) {
    const bool moved = (event->pos() - pressed_).manhattanLength() >= QApplication::startDragDistance();
    if (moved || event->button() != Qt::LeftButton || !chart_->axisRect()->rect().contains(event->pos())) return;
    emit clicked({chart_->xAxis->pixelToCoord(event->pos().x()), chart_->yAxis->pixelToCoord(event->pos().y())});
  });
  connect(chart_, &QCustomPlot::mouseMove, this, [this](QMouseEvent* event) {
    if (!chart_->axisRect()->rect().contains(event->pos())) {
      emit left();
      return;
    }
    emit hovered({chart_->xAxis->pixelToCoord(event->pos().x()), chart_->yAxis->pixelToCoord(event->pos().y())});
  });
  applyTheme();
}

void PlotPanel::setTitle(const QString& title) {
  title_->setText(title);
  title_->setToolTip(title);
  setAccessibleName(title);
  chart_->setAccessibleName(tr("%1, chart").arg(title));
  table_->setAccessibleName(tr("%1, table").arg(title));
  toggle_->setAccessibleName(tr("Table of %1").arg(title));
  export_->setAccessibleName(tr("Export %1").arg(title));
  reset_->setAccessibleName(tr("Reset zoom of %1").arg(title));
}

void PlotPanel::setTable(QAbstractItemModel* table) {
  model_ = table;
  showPart();
}

void PlotPanel::addControl(QWidget* control) {
  header_->insertWidget(header_->indexOf(reset_), control);
  QWidget* before = control;
  for (QWidget* part : {static_cast<QWidget*>(reset_), static_cast<QWidget*>(toggle_), static_cast<QWidget*>(export_),
                        static_cast<QWidget*>(chart_), static_cast<QWidget*>(table_)}) {
    setTabOrder(before, part);
    before = part;
  }
}

void PlotPanel::setEmptyText(const QString& text) {
  empty_->setText(text);
  showPart();
}

void PlotPanel::setReadout(const QString& text) {
  if (readout_->text() == text) return;
  readout_->setText(text);
  readout_->setToolTip(text);
  chart_->setAccessibleDescription(text);
}

void PlotPanel::setHome(const QCPRange& x, const QCPRange& y) {
  const bool show = !hasHome_ || atHome();
  hasHome_ = true;
  homeX_ = x;
  homeY_ = y;
  if (show) {
    chart_->xAxis->setRange(x);
    chart_->yAxis->setRange(y);
  }
  showReset();
}

void PlotPanel::setVerticalZoom(bool on) {
  const Qt::Orientations along = on ? Qt::Horizontal | Qt::Vertical : Qt::Horizontal;
  chart_->axisRect()->setRangeZoom(along);
  chart_->axisRect()->setRangeDrag(along);
}

bool PlotPanel::tableShown() const {
  return stack_->currentWidget() == table_;
}

bool PlotPanel::atHome() const {
  return hasHome_ && same(chart_->xAxis->range(), homeX_) && same(chart_->yAxis->range(), homeY_);
}

void PlotPanel::showTable(bool table) {
  toggle_->setChecked(table);
}

void PlotPanel::showPart() {
  const bool empty = !empty_->text().isEmpty();
  const bool table = toggle_->isChecked() && model_ != nullptr && !empty;
  // A table that is not seen costs nothing while its figures change.
  QAbstractItemModel* source = table ? model_ : nullptr;
  if (sorted_->sourceModel() != source) {
    sorted_->setSourceModel(source);
    if (table) titles_->refit();
  }
  for (QToolButton* one : {reset_, toggle_, export_})
    one->setEnabled(!empty);
  toggle_->setVisible(model_ != nullptr);
  if (empty)
    stack_->setCurrentWidget(empty_);
  else
    stack_->setCurrentWidget(table ? static_cast<QWidget*>(table_) : chart_);
  showReset();
}

void PlotPanel::resetZoom() {
  if (hasHome_) {
    chart_->xAxis->setRange(homeX_);
    chart_->yAxis->setRange(homeY_);
  } else {
    chart_->rescaleAxes();
  }
  chart_->replot(QCustomPlot::rpQueuedReplot);
}

void PlotPanel::showLegend() {
  QCPLayoutGrid& whole = *chart_->plotLayout();
  QCPLegend* legend = chart_->legend;
  auto* row = new QCPLayoutGrid;
  whole.insertRow(0);
  whole.addElement(0, 0, row);
  whole.setRowStretchFactor(0, 0.001);
  row->addElement(0, 0, legend);
  row->addElement(0, 1, new QCPLayoutElement(chart_));  // takes what the legend leaves
  row->setColumnStretchFactor(0, 0.001);
  legend->setFillOrder(QCPLegend::foColumnsFirst);
  legend->setVisible(true);
  QMargins margins = chart_->axisRect()->minimumMargins();
  margins.setTop(margins.top() / 4);  // the legend's own are above it
  chart_->axisRect()->setMinimumMargins(margins);
  connect(chart_, &QCustomPlot::beforeReplot, this, &PlotPanel::fitLegend);
}

void PlotPanel::fitLegend() {
  QCPLegend& legend = *chart_->legend;
  QVector<const QCPAbstractLegendItem*> items;
  for (int i = 0; i < legend.itemCount(); ++i)  // the places of a wrapped one, empty ones as well
    if (const QCPAbstractLegendItem* item = legend.item(i)) items.append(item);
  const QSize wanted(chart_->viewport().width(), static_cast<int>(items.size()));
  if (wanted == legendFor_ || items.isEmpty()) return;
  legendFor_ = wanted;
  int widest = 1;
  int together = 0;
  for (const QCPAbstractLegendItem* item : items) {
    const int width = item->minimumOuterSizeHint().width() + legend.columnSpacing();
    widest = std::max(widest, width);
    together += width;
  }
  const QMargins margins = legend.margins();
  const int room = chart_->viewport().width() - margins.left() - margins.right();
  const auto count = static_cast<int>(items.size());
  legend.setWrap(together <= room ? count : std::clamp(room / widest, 1, count));
  legend.setFillOrder(QCPLegend::foColumnsFirst);  // arranges the items anew
}

void PlotPanel::fitTicks() {
  constexpr int kFewest = 3;
  constexpr int kMost = 14;
  constexpr int kLetters = 5;  // of a number with the room beside it
  const auto numbers = chart_->xAxis->ticker().dynamicCast<LayerTicker>();
  if (!numbers) return;
  const int each = kLetters * QFontMetrics(chart_->xAxis->tickLabelFont()).averageCharWidth();
  numbers->setTickCount(std::clamp(chart_->axisRect()->width() / std::max(1, each), kFewest, kMost));
}

void PlotPanel::fitLabels() {
  bool changed = false;
  const auto axes = chart_->findChildren<QCPAxis*>();  // those of colour scales as well
  for (QCPAxis* axis : axes) {
    const QCPAxisRect& rect = *axis->axisRect();
    const int length = axis->orientation() == Qt::Horizontal ? rect.width() : rect.height();
    if (!axis->visible() || length <= 0) continue;
    AxisLabel& label = labels_[axis];
    if (axis->label() != label.shown) label.full = axis->label();
    label.shown = fitted(label.full, QFontMetrics(axis->labelFont()), length);
    if (label.shown == axis->label()) continue;
    axis->setLabel(label.shown);
    changed = true;
  }
  if (changed) chart_->replot(QCustomPlot::rpQueuedReplot);
}

void PlotPanel::showReset() {
  // Only where there is something to go back to: the title has the room otherwise.
  const bool chart = stack_ == nullptr || stack_->currentWidget() == chart_;
  reset_->setVisible(chart && !(hasHome_ && atHome()));
}

void PlotPanel::keepInside(QCPAxis& axis, const QCPRange& home) {
  const QCPRange inside = axis.range().bounded(home.lower, home.upper);
  if (hasHome_ && !same(inside, axis.range())) return axis.setRange(inside);  // comes back here
  showReset();
}

void PlotPanel::zoom(double factor) {
  const QCPAxisRect& rect = *chart_->axisRect();
  for (const Qt::Orientation along : {Qt::Horizontal, Qt::Vertical}) {
    if (!rect.rangeZoom().testFlag(along)) continue;
    QCPAxis& axis = along == Qt::Horizontal ? *chart_->xAxis : *chart_->yAxis;
    axis.scaleRange(factor);
  }
  chart_->replot(QCustomPlot::rpQueuedReplot);
}

void PlotPanel::pan(double x, double y) {
  const QCPAxisRect& rect = *chart_->axisRect();
  if (rect.rangeDrag().testFlag(Qt::Horizontal)) chart_->xAxis->moveRange(x * chart_->xAxis->range().size());
  if (rect.rangeDrag().testFlag(Qt::Vertical)) chart_->yAxis->moveRange(y * chart_->yAxis->range().size());
  chart_->replot(QCustomPlot::rpQueuedReplot);
}

void PlotPanel::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  switch (event->type()) {
    case QEvent::PaletteChange:
    case QEvent::FontChange:
    case QEvent::StyleChange: applyTheme(); break;
    default: break;
  }
}

void PlotPanel::applyTheme() {
  theme_ = PlotTheme::of(palette());
  chart_->setBackground(QBrush(theme_.background));
  for (QCPAxisRect* rect : chart_->axisRects())
    for (QCPAxis* axis : rect->axes())
      theme_.style(*axis, font());
  if (chart_->legend != nullptr) {
    chart_->legend->setBrush(Qt::NoBrush);
    chart_->legend->setBorderPen(Qt::NoPen);
    chart_->legend->setTextColor(theme_.text);
    chart_->legend->setFont(font());
    legendFor_ = {};
  }
  emit themeChanged();
  chart_->replot(QCustomPlot::rpQueuedReplot);
}

bool PlotPanel::keyPressed(const QKeyEvent& event) {
  const bool shift = event.modifiers().testFlag(Qt::ShiftModifier);
  const int step = event.modifiers().testFlag(Qt::ControlModifier) ? kBigStep : 1;
  const auto arrow = [&](int dx, int dy) {
    if (shift)
      pan(kPanStep * dx, kPanStep * dy);
    else
      emit keyMoved(step * dx, step * dy);
    return true;
  };
  switch (event.key()) {
    case Qt::Key_Left: return arrow(-1, 0);
    case Qt::Key_Right: return arrow(1, 0);
    case Qt::Key_Up: return arrow(0, 1);
    case Qt::Key_Down: return arrow(0, -1);
    case Qt::Key_PageUp: emit keyMoved(-kBigStep, 0); return true;
    case Qt::Key_PageDown: emit keyMoved(kBigStep, 0); return true;
    case Qt::Key_Return:
    case Qt::Key_Enter: emit keyActivated(); return true;
    case Qt::Key_Plus:
    case Qt::Key_Equal: zoom(kZoomStep); return true;
    case Qt::Key_Minus: zoom(1 / kZoomStep); return true;
    case Qt::Key_Home: resetZoom(); return true;
    default: return false;
  }
}

bool PlotPanel::eventFilter(QObject* watched, QEvent* event) {
  if (watched == chart_) {
    if (event->type() == QEvent::KeyPress && keyPressed(*static_cast<QKeyEvent*>(event))) return true;
    if (event->type() == QEvent::Leave) emit left();
  } else if (watched == table_ && event->type() == QEvent::KeyPress &&
             static_cast<QKeyEvent*>(event)->matches(QKeySequence::Copy)) {
    QGuiApplication::clipboard()->setText(selectedText(*table_->selectionModel()));
    return true;
  }
  return QWidget::eventFilter(watched, event);
}

}  // namespace salient::ui
