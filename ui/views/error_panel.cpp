// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/error_panel.h"

#include <QCoreApplication>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QStyle>
#include <QToolButton>
#include <array>

namespace salient::ui {

ErrorPanel::ErrorPanel(const QString& name, QWidget* parent) : QFrame(parent) {
  setObjectName(name);
  setFrameShape(QFrame::StyledPanel);
  setAutoFillBackground(true);
  setBackgroundRole(QPalette::AlternateBase);
  auto* icon = new QLabel(this);
  const int side = style()->pixelMetric(QStyle::PM_LargeIconSize);
  icon->setPixmap(style()->standardIcon(QStyle::SP_MessageBoxWarning).pixmap(side));
  icon->setAlignment(Qt::AlignTop);
  title_ = new QLabel(this);
  title_->setObjectName(name + QStringLiteral(".title"));
  title_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  title_->setWordWrap(true);
  QFont bold = title_->font();
  bold.setBold(true);
  title_->setFont(bold);
  auto* close = new QToolButton(this);
  close->setObjectName(name + QStringLiteral(".close"));
  close->setAutoRaise(true);
  close->setIcon(style()->standardIcon(QStyle::SP_TitleBarCloseButton));
  close->setToolTip(tr("Hide this message"));
  close->setAccessibleName(close->toolTip());
  connect(close, &QToolButton::clicked, this, &ErrorPanel::clear);

  rows_ = new QFormLayout;
  rows_->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
  auto* column = new QVBoxLayout;
  column->addWidget(title_);
  column->addLayout(rows_);
  auto* layout = new QHBoxLayout(this);
  layout->addWidget(icon, 0, Qt::AlignTop);
  layout->addLayout(column, 1);
  layout->addWidget(close, 0, Qt::AlignTop);
  hide();
}

void ErrorPanel::addRow(const QString& label, const QString& text) {
  if (text.isEmpty()) return;
  auto* value = new QLabel(text, this);
  value->setTextFormat(Qt::PlainText);
  value->setWordWrap(true);
  value->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  value->setAccessibleName(label);
  rows_->addRow(label, value);
}

void ErrorPanel::show(const QString& what, const ErrorInfo& error) {
  clear();
  error_ = error;
  title_->setText(what);
  setAccessibleName(what + QStringLiteral(". ") + error.message);
  addRow(tr("Problem:"), errorCodeText(error.code));
  addRow(tr("File:"), error.file);
  addRow(tr("Where:"), error.key);
  addRow(tr("Expected:"), error.expected);
  addRow(tr("Found:"), error.found);
  addRow(tr("What to do:"), error.advice);
  setVisible(true);
}

void ErrorPanel::clear() {
  while (rows_->rowCount() > 0)
    rows_->removeRow(0);
  error_ = {};
  hide();
}

QString errorCodeText(const QString& code) {
  const auto words = [](const char* text) { return QCoreApplication::translate("salient::ui::ErrorPanel", text); };
  static constexpr std::array kCodes{
      std::pair{"io", QT_TRANSLATE_NOOP("salient::ui::ErrorPanel", "Reading or writing failed")},
      std::pair{"format", QT_TRANSLATE_NOOP("salient::ui::ErrorPanel", "The file is not what its format promises")},
      std::pair{"unsupported", QT_TRANSLATE_NOOP("salient::ui::ErrorPanel", "Nothing this program can work with")},
      std::pair{"mismatch", QT_TRANSLATE_NOOP("salient::ui::ErrorPanel", "Two things that must agree do not")},
      std::pair{"range", QT_TRANSLATE_NOOP("salient::ui::ErrorPanel", "A value outside what is possible")},
      std::pair{"memory", QT_TRANSLATE_NOOP("salient::ui::ErrorPanel", "The memory does not suffice")},
      std::pair{"disk-full", QT_TRANSLATE_NOOP("salient::ui::ErrorPanel", "The disk does not suffice")},
      std::pair{"cancelled", QT_TRANSLATE_NOOP("salient::ui::ErrorPanel", "Cancelled")},
      std::pair{"numeric", QT_TRANSLATE_NOOP("salient::ui::ErrorPanel", "The numbers do not work out")},
      std::pair{"usage", QT_TRANSLATE_NOOP("salient::ui::ErrorPanel", "These settings do not go together")},
      std::pair{"busy", QT_TRANSLATE_NOOP("salient::ui::ErrorPanel", "Another program is using it")},
      std::pair{"not-found", QT_TRANSLATE_NOOP("salient::ui::ErrorPanel", "Something is missing")},
      std::pair{"device", QT_TRANSLATE_NOOP("salient::ui::ErrorPanel", "The GPU failed or refused")},
      std::pair{"internal", QT_TRANSLATE_NOOP("salient::ui::ErrorPanel", "A mistake in this program")},
      std::pair{"killed", QT_TRANSLATE_NOOP("salient::ui::ErrorPanel", "The computing process was killed")},
      std::pair{"crashed", QT_TRANSLATE_NOOP("salient::ui::ErrorPanel", "The computing process crashed")}};
  for (const auto& [name, text] : kCodes) {
    if (code == QLatin1String(name)) return words(text);
  }
  return code;
}

}  // namespace salient::ui
