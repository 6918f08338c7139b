// SPDX-License-Identifier: GPL-3.0-or-later
// What a person's hands do to a window: press, type, choose; every widget is found by its objectName.
#pragma once

#include <gtest/gtest.h>

#include <QAbstractButton>
#include <QAction>
#include <QApplication>
#include <QTest>
#include <QWidget>

namespace salient::ui {

template <class T>
[[nodiscard]] T* findIn(QObject& window, const char* name) {
  T* found = window.findChild<T*>(QString::fromLatin1(name));
  EXPECT_NE(found, nullptr) << name;
  return found;
}

/// Fails the test where there is no such button, or it cannot be pressed.
inline void press(QWidget& window, const QString& name) {
  auto* button = window.findChild<QAbstractButton*>(name);
  ASSERT_NE(button, nullptr) << name.toStdString();
  ASSERT_TRUE(button->isVisible()) << name.toStdString();
  ASSERT_TRUE(button->isEnabled()) << name.toStdString();
  QTest::mouseClick(button, Qt::LeftButton);
}

inline void press(QWidget& window, const char* name) {
  press(window, QString::fromLatin1(name));
}

[[nodiscard]] inline bool enabled(QWidget& window, const char* name) {
  const auto* button = window.findChild<QAbstractButton*>(QString::fromLatin1(name));
  return button != nullptr && button->isVisible() && button->isEnabled();
}

/// Replaces what a field holds, as with the keyboard, and leaves it.
inline void type(QWidget& window, const char* name, const QString& text) {
  auto* field = findIn<QWidget>(window, name);
  ASSERT_NE(field, nullptr);
  field->setFocus();
  QTest::keyClick(field, Qt::Key_A, Qt::ControlModifier);
  QTest::keyClicks(field, text);
  QTest::keyClick(field, Qt::Key_Return);
}

inline void trigger(QObject& window, const char* name) {
  auto* action = findIn<QAction>(window, name);
  ASSERT_NE(action, nullptr);
  ASSERT_TRUE(action->isEnabled()) << name;
  action->trigger();
}

}  // namespace salient::ui
