// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/action_button.h"

#include <QAction>
#include <QToolButton>

namespace salient::ui {

QToolButton* actionButton(QAction* action, QWidget* parent) {
  auto* button = new QToolButton(parent);
  button->setDefaultAction(action);
  button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
  button->setObjectName(action->objectName() + QStringLiteral(".button"));
  return button;
}

}  // namespace salient::ui
