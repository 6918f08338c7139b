// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/empty_state.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace salient::ui {

EmptyState::EmptyState(const QString& name, QWidget* parent) : QWidget(parent) {
  setObjectName(name);
  title_ = new QLabel(this);
  QFont large = title_->font();
  large.setPointSizeF(large.pointSizeF() * 1.5);
  title_->setFont(large);
  text_ = new QLabel(this);
  text_->setObjectName(name + QStringLiteral(".text"));
  text_->setWordWrap(true);
  text_->setMaximumWidth(QFontMetrics(text_->font()).averageCharWidth() * 70);
  for (QLabel* label : {title_, text_}) {
    label->setAlignment(Qt::AlignCenter);
    label->setTextFormat(Qt::PlainText);
  }
  button_ = new QPushButton(this);
  button_->setObjectName(name + QStringLiteral(".action"));
  connect(button_, &QPushButton::clicked, this, &EmptyState::pressed);

  auto* layout = new QVBoxLayout(this);
  layout->addStretch(2);
  layout->addWidget(title_);
  // In a row of its own: a column asks how high the text is at the column's whole width.
  auto* row = new QHBoxLayout;
  row->addStretch(1);
  row->addWidget(text_, 1000);
  row->addStretch(1);
  layout->addLayout(row);
  layout->addSpacing(QFontMetrics(text_->font()).height());
  layout->addWidget(button_, 0, Qt::AlignCenter);
  layout->addStretch(3);
}

void EmptyState::set(const QString& title, const QString& text, const QString& action) {
  title_->setText(title);
  text_->setText(text);
  button_->setText(action);
  button_->setVisible(!action.isEmpty());
}

}  // namespace salient::ui
