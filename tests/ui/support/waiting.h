// SPDX-License-Identifier: GPL-3.0-or-later
// Waiting for what comes through the event loop.
#pragma once

#include <QTest>

namespace salient::ui {

/// Generous, so that a busy machine fails no test; what is awaited normally takes milliseconds.
inline constexpr int kWaitMilliseconds = 60'000;

template <class Condition>
[[nodiscard]] bool waitFor(const Condition& condition, int milliseconds = kWaitMilliseconds) {
  return QTest::qWaitFor([&] { return static_cast<bool>(condition()); }, milliseconds);
}

}  // namespace salient::ui
