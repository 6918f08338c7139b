// SPDX-License-Identifier: GPL-3.0-or-later
// The studio's icons: drawn in the palette's own text colour when they are painted, so that they read on light and dark
// and follow a palette that changes at run time.
#pragma once

#include <QIcon>
#include <QString>

namespace salient::ui {

/// `name` of resources/icons without its suffix: a page ("budget") or an action ("run").
[[nodiscard]] QIcon icon(const QString& name);
/// The program's own icon, in its own colours.
[[nodiscard]] QIcon applicationIcon();

}  // namespace salient::ui
