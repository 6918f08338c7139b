// SPDX-License-Identifier: GPL-3.0-or-later
// Processes as the system tells of them (/proc).
#pragma once

#include <unistd.h>

#include <QDir>
#include <QFile>
#include <QSet>

namespace salient::ui {

/// Whether a process runs; one that ended and that nobody asked about does not.
inline bool alive(qint64 process) {
  QFile file(QStringLiteral("/proc/%1/stat").arg(process));
  if (!file.open(QIODevice::ReadOnly)) return false;
  const QByteArray text = file.readAll();
  return !text.mid(text.lastIndexOf(')')).startsWith(") Z");
}

/// Children of a process, this one by default, that still run.
inline QSet<qint64> children(qint64 parent = ::getpid()) {
  QSet<qint64> found;
  const auto entries = QDir(QStringLiteral("/proc")).entryList({QStringLiteral("[0-9]*")}, QDir::Dirs);
  for (const QString& entry : entries) {
    QFile file(QStringLiteral("/proc/%1/stat").arg(entry));
    if (!file.open(QIODevice::ReadOnly)) continue;
    const QByteArray text = file.readAll();
    const QList<QByteArray> fields = text.mid(text.lastIndexOf(')') + 2).split(' ');  // state, parent, …
    if (fields.size() > 1 && fields[0] != "Z" && fields[1].toLongLong() == parent) found.insert(entry.toLongLong());
  }
  return found;
}

}  // namespace salient::ui
