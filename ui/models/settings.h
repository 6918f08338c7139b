// SPDX-License-Identifier: GPL-3.0-or-later
// The person's settings (QSettings under $XDG_CONFIG_HOME), written in the background: QSettings waits for the disk,
// and the event loop must not. For the main thread.
#pragma once

#include <QString>
#include <QVariant>

namespace salient::ui::settings {

[[nodiscard]] QVariant value(const QString& key, const QVariant& otherwise = {});
void set(const QString& key, const QVariant& value);  ///< seen by value() at once
void remove(const QString& key);
void flush();  ///< returns when everything is on disk

}  // namespace salient::ui::settings
