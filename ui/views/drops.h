// SPDX-License-Identifier: GPL-3.0-or-later
// Files dropped onto the window. MainWindow takes them wherever they fall, except on widgets that say with the
// property kTakesDroppedFiles that they take them themselves.
#pragma once

#include <QMimeData>
#include <QStringList>
#include <QUrl>

namespace salient::ui {

inline constexpr auto kTakesDroppedFiles = "takesDroppedFiles";

[[nodiscard]] inline QStringList droppedFiles(const QMimeData* data) {
  QStringList files;
  if (data == nullptr) return files;
  const auto urls = data->urls();
  for (const QUrl& url : urls) {
    if (url.isLocalFile()) files.append(url.toLocalFile());
  }
  return files;
}

}  // namespace salient::ui
