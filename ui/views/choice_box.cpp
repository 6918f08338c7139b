// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/choice_box.h"

#include <QAbstractItemView>
#include <QHelpEvent>
#include <QScrollBar>
#include <QStyleOptionComboBox>
#include <QToolTip>
#include <algorithm>

namespace salient::ui {

ChoiceBox::ChoiceBox(int letters, QWidget* parent) : QComboBox(parent), letters_(letters) {
  setSizeAdjustPolicy(QComboBox::AdjustToContents);
}

int ChoiceBox::longest() const {
  int width = 0;
  for (int i = 0; i < count(); ++i)
    width = std::max(width, fontMetrics().horizontalAdvance(itemText(i)));
  return width;
}

QSize ChoiceBox::minimumSizeHint() const {
  QSize size = QComboBox::minimumSizeHint();
  size.rwidth() -= std::max(0, longest() - letters_ * fontMetrics().averageCharWidth());
  return size;
}

void ChoiceBox::showPopup() {
  const QMargins margins = view()->contentsMargins();
  view()->setMinimumWidth(view()->sizeHintForColumn(modelColumn()) + margins.left() + margins.right() +
                          view()->verticalScrollBar()->sizeHint().width());
  QComboBox::showPopup();
}

bool ChoiceBox::cut() const {
  QStyleOptionComboBox option;
  QComboBox::initStyleOption(&option);
  const QRect field = style()->subControlRect(QStyle::CC_ComboBox, &option, QStyle::SC_ComboBoxEditField, this);
  return fontMetrics().horizontalAdvance(currentText()) > field.width();
}

void ChoiceBox::initStyleOption(QStyleOptionComboBox* option) const {
  QComboBox::initStyleOption(option);
  const QRect field = style()->subControlRect(QStyle::CC_ComboBox, option, QStyle::SC_ComboBoxEditField, this);
  option->currentText = fontMetrics().elidedText(option->currentText, Qt::ElideRight, field.width());
}

bool ChoiceBox::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip || !cut()) return QComboBox::event(event);
  const QString tip = toolTip().isEmpty() ? currentText() : currentText() + QStringLiteral("\n\n") + toolTip();
  QToolTip::showText(static_cast<QHelpEvent*>(event)->globalPos(), tip, this);
  return true;
}

}  // namespace salient::ui
