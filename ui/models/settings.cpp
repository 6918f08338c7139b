// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/settings.h"

#include <QHash>
#include <QMutex>
#include <QSettings>
#include <QThreadPool>
#include <utility>

namespace salient::ui::settings {
namespace {

/// Changes that follow each other closely (a spin box that is held) are written together.
class Writer {
 public:
  Writer() { pool_.setMaxThreadCount(1); }
  void change(const QString& key, const QVariant& value) {
    changed.insert(key, value);
    const QMutexLocker lock(&mutex_);
    const bool queued = !pending_.isEmpty();
    pending_.insert(key, value);
    if (!queued) pool_.start([this] { write(); });
  }
  void flush() { pool_.waitForDone(); }

  QHash<QString, QVariant> changed;  ///< since the start; an invalid value: removed

 private:
  void write() {
    QHash<QString, QVariant> values;
    {
      const QMutexLocker lock(&mutex_);
      values = std::exchange(pending_, {});
    }
    QSettings settings;
    for (auto entry = values.cbegin(); entry != values.cend(); ++entry) {
      if (entry->isValid()) {
        settings.setValue(entry.key(), *entry);
      } else {
        settings.remove(entry.key());
      }
    }
  }

  QMutex mutex_;
  QHash<QString, QVariant> pending_;  ///< not yet written
  QThreadPool pool_;                  ///< one thread, so that changes stay in order; ends before the rest
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
  writer().change(key, value);
}

void remove(const QString& key) {
  writer().change(key, {});
}

void flush() {
  writer().flush();
}

}  // namespace salient::ui::settings
