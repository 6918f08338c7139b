// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QAction;
class QToolButton;
class QWidget;

namespace salient::ui {

/// A button that does what the action does, with its icon, text and tool tip; called as the action with ".button"
/// added.
[[nodiscard]] QToolButton* actionButton(QAction* action, QWidget* parent);

}  // namespace salient::ui
