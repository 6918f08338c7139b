// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/recent.h"

#include "ui/models/settings.h"

namespace salient::ui::recent {
namespace {

constexpr int kMost = 10;

QString keyOf(const char* kind) {
  return QStringLiteral("recent/") + QLatin1String(kind);
}

}  // namespace

QStringList list(const char* kind) {
  return settings::value(keyOf(kind)).toStringList();
}

void add(const char* kind, const QString& path) {
  QStringList paths = list(kind);
  paths.removeAll(path);
  paths.prepend(path);
  settings::set(keyOf(kind), paths.mid(0, kMost));
}

void remove(const char* kind, const QString& path) {
  QStringList paths = list(kind);
  paths.removeAll(path);
  settings::set(keyOf(kind), paths);
}

}  // namespace salient::ui::recent
