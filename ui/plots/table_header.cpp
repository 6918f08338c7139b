// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/table_header.h"

#include <QAbstractItemView>
#include <QStyleOptionHeader>
#include <algorithm>

namespace salient::ui {
namespace {

constexpr int kSampledRows = 50;  ///< looked at for a column's width
constexpr int kGatherMilliseconds = 30;

}  // namespace

TableHeader::TableHeader(QAbstractItemView* view) : QHeaderView(Qt::Horizontal, view), view_(view) {
  setSectionsClickable(true);
  setHighlightSections(false);
  setResizeContentsPrecision(kSampledRows);
  later_.setSingleShot(true);
  later_.setInterval(kGatherMilliseconds);
  connect(&later_, &QTimer::timeout, this, &TableHeader::measure);
  connect(this, &QHeaderView::sectionResized, this, [this](int section) {
    if (fits_ && !fitting_ && isVisible()) set_.insert(section);
  });
}

void TableHeader::setModel(QAbstractItemModel* model) {
  if (this->model() != nullptr) disconnect(this->model(), nullptr, &later_, nullptr);
  QHeaderView::setModel(model);
  if (model == nullptr) return;
  const auto start = qOverload<>(&QTimer::start);
  connect(model, &QAbstractItemModel::rowsInserted, &later_, start);
  connect(model, &QAbstractItemModel::dataChanged, &later_, start);
  connect(model, &QAbstractItemModel::modelReset, &later_, start);
  connect(model, &QAbstractItemModel::layoutChanged, &later_, start);
}

void TableHeader::fitContents(int taker, int most) {
  taker_ = taker;
  most_ = most;
  fits_ = true;
  refit();
}

void TableHeader::refit() {
  wanted_.clear();
  set_.clear();
  measure();
}

Qt::Alignment TableHeader::alignmentOf(int section) const {
  const QModelIndex first = model() == nullptr ? QModelIndex() : model()->index(0, section, rootIndex());
  const QVariant alignment = first.data(Qt::TextAlignmentRole);
  return alignment.isValid() ? Qt::Alignment(alignment.toInt()) : Qt::AlignLeft | Qt::AlignVCenter;
}

int TableHeader::contentWidth(int section) const {
  return std::max(sectionSizeHint(section), std::min(most_, view_->sizeHintForColumn(section)));
}

int TableHeader::contentLength() const {
  int length = 0;
  for (int section = 0; section < count(); ++section)
    if (!isSectionHidden(section)) length += contentWidth(section);
  return length;
}

void TableHeader::measure() {
  viewport()->update();  // what stands below a title may stand otherwise now
  if (!fits_ || !view_->isVisible()) return;
  wanted_.resize(count());
  for (int section = 0; section < count(); ++section)
    wanted_[section] = std::max(wanted_[section], contentWidth(section));
  fit();
}

void TableHeader::fit() {
  if (!fits_ || wanted_.size() != count()) return;
  QVector<int> takers;
  int room = viewport()->width();
  for (int section = 0; section < count(); ++section) {
    if (isSectionHidden(section)) continue;
    room -= set_.contains(section) ? sectionSize(section) : wanted_[section];
    if (!set_.contains(section) && (taker_ == kEverybody || taker_ == section)) takers.append(section);
  }
  fitting_ = true;
  for (int section = 0; section < count(); ++section) {
    if (isSectionHidden(section) || set_.contains(section)) continue;
    const auto place = takers.indexOf(section);
    int more = 0;
    if (place >= 0 && room > 0) {
      const auto each = room / static_cast<int>(takers.size());
      more = place + 1 == takers.size() ? room - each * static_cast<int>(place) : each;
    }
    resizeSection(section, wanted_[section] + more);
  }
  fitting_ = false;
}

void TableHeader::initStyleOptionForIndex(QStyleOptionHeader* option, int section) const {
  QHeaderView::initStyleOptionForIndex(option, section);
  option->textAlignment = alignmentOf(section);
}

QSize TableHeader::sectionSizeFromContents(int section) const {
  // Asked for as well while the table goes, when its model is gone already.
  if (model() == nullptr || !isSortIndicatorShown() || section == sortIndicatorSection())
    return QHeaderView::sectionSizeFromContents(section);
  QStyleOptionHeader option;
  initStyleOption(&option);
  option.section = section;
  option.text = model()->headerData(section, Qt::Horizontal).toString();
  return style()->sizeFromContents(QStyle::CT_HeaderSection, &option, QSize(), this);
}

void TableHeader::resizeEvent(QResizeEvent* event) {
  QHeaderView::resizeEvent(event);
  fit();
}

void TableHeader::showEvent(QShowEvent* event) {
  QHeaderView::showEvent(event);
  later_.start();
}

}  // namespace salient::ui
