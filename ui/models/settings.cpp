// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/settings.h"

#include <QHash>
#include <QSettings>
#include <QThreadPool>

namespace salient::ui::settings {
namespace {

struct Writer {
  Writer() { pool.setMaxThreadCount(1); }
  QHash<QString, QVariant> changed;  ///< since the start; an invalid value: removed
  QThreadPool pool;                  ///< one thread, so that changes stay in order
};

Writer& writer() {
  static Writer instance;
  return instance;
}

}  // namespace

QVariant value(const QString& key, const QVariant& otherwise) {
  const auto changed = writer().changed.constFind(key);
  if (changed == writer().changed.constEnd()) return QSettings().value(key, otherwise);
  return changed->isValid() ? *changed : otherwise;
}

void set(const QString& key, const QVariant& value) {
  writer().changed.insert(key, value);
  writer().pool.start([key, value] { QSettings().setValue(key, value); });
}

void remove(const QString& key) {
  writer().changed.insert(key, {});
  writer().pool.start([key] { QSettings().remove(key); });
}

void flush() {
  writer().pool.waitForDone();
}

}  // namespace salient::ui::settings
