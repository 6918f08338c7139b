// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/table_look.h"

#include <QAbstractItemView>
#include <QCoreApplication>
#include <QHelpEvent>
#include <QLabel>
#include <QPointer>
#include <QProxyStyle>
#include <QStyleOptionHeader>
#include <QStyledItemDelegate>
#include <QToolTip>
#include <QVBoxLayout>

namespace salient::ui {
namespace {

/// Some room beside the texts of cells and titles, so that neighbours do not touch.
class RoomyCells : public QProxyStyle {
 public:
  [[nodiscard]] int pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const override {
    const int usual = QProxyStyle::pixelMetric(metric, option, widget);
    return metric == PM_FocusFrameHMargin ? usual + kRoom : usual;  // beside the text of a cell
  }
  [[nodiscard]] QSize sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& size,
                                       const QWidget* widget) const override {
    const QSize usual = QProxyStyle::sizeFromContents(type, option, size, widget);
    return type == CT_HeaderSection ? usual + QSize(2 * kRoom, 0) : usual;
  }
  void drawControl(ControlElement element, const QStyleOption* option, QPainter* painter,
                   const QWidget* widget) const override {
    const auto* title = qstyleoption_cast<const QStyleOptionHeader*>(option);
    if (element != CE_HeaderLabel || title == nullptr)
      return QProxyStyle::drawControl(element, option, painter, widget);
    QStyleOptionHeader inside = *title;
    inside.rect.adjust(kRoom, 0, -kRoom, 0);
    QProxyStyle::drawControl(element, &inside, painter, widget);
  }

  /// One for all tables, as long as the application lives.
  static QStyle* shared() {
    static QPointer<QStyle> style;
    if (style.isNull()) {
      style = new RoomyCells;
      style->setParent(QCoreApplication::instance());
    }
    return style;
  }

 private:
  static constexpr int kRoom = 2;
};

/// Where a cell has no room for its text, its tool tip begins with it.
class WholeTexts : public QStyledItemDelegate {
 public:
  using QStyledItemDelegate::QStyledItemDelegate;

  bool helpEvent(QHelpEvent* event, QAbstractItemView* view, const QStyleOptionViewItem& option,
                 const QModelIndex& index) override {
    const bool cut = event->type() == QEvent::ToolTip && sizeHint(option, index).width() > option.rect.width();
    if (!cut) return QStyledItemDelegate::helpEvent(event, view, option, index);
    const QString text = index.data(Qt::DisplayRole).toString();
    const QString tip = index.data(Qt::ToolTipRole).toString();
    QToolTip::showText(event->globalPos(), tip.isEmpty() || tip == text ? text : text + QLatin1Char('\n') + tip, view);
    return true;
  }
};

}  // namespace

TableHeader& lookLikeAList(QTableView& table) {
  auto* header = new TableHeader(&table);
  table.setHorizontalHeader(header);
  table.setItemDelegate(new WholeTexts(&table));
  for (QWidget* part :
       {static_cast<QWidget*>(&table), static_cast<QWidget*>(header), static_cast<QWidget*>(table.verticalHeader())})
    part->setStyle(RoomyCells::shared());
  table.setSelectionBehavior(QAbstractItemView::SelectRows);
  table.setEditTriggers(QAbstractItemView::NoEditTriggers);
  table.setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
  table.setAlternatingRowColors(true);
  table.setTabKeyNavigation(false);  // the arrow keys go from cell to cell, Tab goes on
  table.setWordWrap(false);
  table.verticalHeader()->hide();
  table.verticalHeader()->setDefaultSectionSize(table.fontMetrics().height() * 3 / 2);
  return *header;
}

void sayWhenEmpty(QTableView& table, const QString& text) {
  auto* label = new QLabel(text, table.viewport());
  label->setObjectName(table.objectName() + QStringLiteral(".empty"));
  label->setAlignment(Qt::AlignCenter);
  label->setWordWrap(true);
  label->setForegroundRole(QPalette::PlaceholderText);
  label->setAttribute(Qt::WA_TransparentForMouseEvents);
  auto* layout = new QVBoxLayout(table.viewport());
  layout->addWidget(label);
  const QAbstractItemModel* model = table.model();
  const auto refresh = [label, model] { label->setVisible(model->rowCount() == 0); };
  for (const auto change : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved})
    QObject::connect(model, change, label, refresh);
  QObject::connect(model, &QAbstractItemModel::modelReset, label, refresh);
  refresh();
}

}  // namespace salient::ui
