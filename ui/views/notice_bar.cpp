// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/notice_bar.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QStyle>
#include <QToolButton>

namespace salient::ui {

NoticeBar::NoticeBar(QWidget* parent) : QFrame(parent) {
  setObjectName(QStringLiteral("notice"));
  setFrameShape(QFrame::StyledPanel);
  setAutoFillBackground(true);
  setBackgroundRole(QPalette::AlternateBase);
  icon_ = new QLabel(this);
  text_ = new QLabel(this);
  text_->setObjectName(QStringLiteral("notice.text"));
  text_->setWordWrap(true);
  text_->setTextFormat(Qt::PlainText);
  text_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  auto* close = new QToolButton(this);
  close->setObjectName(QStringLiteral("notice.close"));
  close->setAutoRaise(true);
  close->setIcon(style()->standardIcon(QStyle::SP_TitleBarCloseButton));
  close->setToolTip(tr("Hide this message"));
  close->setAccessibleName(close->toolTip());
  connect(close, &QToolButton::clicked, this, [this] { clear(); });
  layout_ = new QHBoxLayout(this);
  layout_->addWidget(icon_);
  layout_->addWidget(text_, 1);
  layout_->addWidget(close);
  hide();
}

void NoticeBar::show(Kind kind, const QString& text, const QList<Offer>& offers, qint64 about) {
  clear();
  about_ = about;
  const auto standard = kind == Kind::warning ? QStyle::SP_MessageBoxWarning : QStyle::SP_MessageBoxInformation;
  icon_->setPixmap(style()->standardIcon(standard).pixmap(style()->pixelMetric(QStyle::PM_SmallIconSize)));
  text_->setText(text);
  setAccessibleName(text);
  for (const Offer& offer : offers) {
    auto* button = new QPushButton(offer.text, this);
    button->setObjectName(QStringLiteral("notice.") + offer.name);
    connect(button, &QPushButton::clicked, this, [this, act = offer.act] {
      clear();
      act();
    });
    layout_->insertWidget(layout_->count() - 1, button);
    buttons_.append(button);
  }
  setVisible(true);
}

void NoticeBar::clear() {
  hide();
  for (QPushButton* button : buttons_) {
    button->setObjectName({});
    button->hide();
    button->deleteLater();  // it may be the one that was pressed
  }
  buttons_.clear();
  about_ = 0;
}

void NoticeBar::clear(qint64 about) {
  if (about == about_) clear();
}

QString NoticeBar::text() const {
  return isHidden() ? QString() : text_->text();
}

}  // namespace salient::ui
