// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/shortcuts.h"

#include "ui/models/settings.h"

namespace salient::ui {
namespace {

QString keyOf(const QAction* action) {
  return QStringLiteral("shortcuts/") + action->objectName();
}

}  // namespace

void Shortcuts::add(const QString& group, QAction* action) {
  entries_.append({action, group, action->shortcuts()});
  const QVariant saved = settings::value(keyOf(action));
  if (saved.isValid()) action->setShortcut(QKeySequence(saved.toString(), QKeySequence::PortableText));
}

void Shortcuts::set(QAction* action, const QKeySequence& sequence) {
  action->setShortcut(sequence);
  settings::set(keyOf(action), sequence.toString(QKeySequence::PortableText));
}

void Shortcuts::reset() {
  for (const Entry& entry : entries_) {
    if (!entry.action) continue;
    settings::remove(keyOf(entry.action));
    entry.action->setShortcuts(entry.defaults);
  }
}

QAction* Shortcuts::owner(const QKeySequence& sequence, const QAction* except) const {
  if (sequence.isEmpty()) return nullptr;
  for (const Entry& entry : entries_) {
    if (entry.action && entry.action != except && entry.action->shortcuts().contains(sequence)) return entry.action;
  }
  return nullptr;
}

QString plainText(const QAction* action) {
  QString text = action->text();
  text.remove(QLatin1Char('&'));
  while (text.endsWith(QLatin1Char('.')) || text.endsWith(QChar(0x2026)) || text.endsWith(QLatin1Char(' ')))
    text.chop(1);
  return text;
}

}  // namespace salient::ui
