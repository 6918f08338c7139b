// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/path_edit.h"

#include <QDir>
#include <QHelpEvent>
#include <QPainter>
#include <QStyleOptionFrame>
#include <QToolTip>
#include <algorithm>

namespace salient::ui {
namespace {

constexpr int kInset = 2;  ///< what QLineEdit leaves between its contents' edge and the text

}  // namespace

QRect PathEdit::textRect() const {
  QStyleOptionFrame option;
  initStyleOption(&option);
  return style()
      ->subElementRect(QStyle::SE_LineEditContents, &option, this)
      .marginsRemoved(textMargins())
      .adjusted(kInset, 0, -kInset, 0);
}

QString PathEdit::shown() const {
  const QFontMetrics metrics = fontMetrics();
  const int room = textRect().width();
  if (hasFocus() || metrics.horizontalAdvance(text()) <= room) return text();
  // The name is left whole where that leaves room for where it lies.
  const qsizetype slash = text().lastIndexOf(QDir::separator());
  const QString name = text().mid(std::max<qsizetype>(slash, 0));
  const int length = metrics.horizontalAdvance(name);
  if (slash <= 0 || 3 * length > 2 * room) return metrics.elidedText(text(), Qt::ElideMiddle, room);
  return metrics.elidedText(text().left(slash), Qt::ElideRight, room - length) + name;
}

bool PathEdit::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip || shown() == text()) return QLineEdit::event(event);
  const QString tip = toolTip();
  QToolTip::showText(static_cast<QHelpEvent*>(event)->globalPos(),
                     tip.isEmpty() ? text() : text() + QStringLiteral("\n\n") + tip, this);
  return true;
}

void PathEdit::paintEvent(QPaintEvent* event) {
  const QString words = shown();
  if (words == text()) return QLineEdit::paintEvent(event);
  QStyleOptionFrame option;
  initStyleOption(&option);
  QPainter painter(this);
  style()->drawPrimitive(QStyle::PE_PanelLineEdit, &option, &painter, this);
  style()->drawItemText(&painter, textRect(), Qt::AlignLeft | Qt::AlignVCenter, palette(), isEnabled(), words,
                        QPalette::Text);
}

}  // namespace salient::ui
