// SPDX-License-Identifier: GPL-3.0-or-later
// Pictures of a window in both palettes, taken only where the environment names a folder for them
// (SALIENT_SCREENSHOTS; tests/ui/screenshots.sh).
#pragma once

#include <gtest/gtest.h>

#include <QAction>
#include <QApplication>
#include <QDir>
#include <QTest>
#include <QWidget>

namespace salient::ui {

/// `window` is the main window or a dialog of it.
inline void photograph(QWidget& window, const QString& name) {
  const QString folder = qEnvironmentVariable("SALIENT_SCREENSHOTS");
  if (folder.isEmpty()) return;
  // Without a window manager nobody says which window has the keyboard.
  QApplication::setActiveWindow(&window);
  const QWidget* main = window.parentWidget();
  for (const char* palette : {"dark", "light"}) {
    auto* action =
        (main != nullptr ? main : &window)->findChild<QAction*>(QStringLiteral("view.") + QLatin1String(palette));
    ASSERT_NE(action, nullptr);
    action->trigger();
    QTest::qWait(150);  // charts are drawn anew when the event loop comes to it
    const QString file = QDir(folder).filePath(QStringLiteral("%1-%2.png").arg(name, QLatin1String(palette)));
    EXPECT_TRUE(window.grab().save(file)) << file.toStdString();
  }
}

}  // namespace salient::ui
