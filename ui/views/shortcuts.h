// SPDX-License-Identifier: GPL-3.0-or-later
// Every action of the studio with its shortcut: the defaults come from the actions as they were made, what the person
// changed is kept in the settings under the action's objectName.
#pragma once

#include <QAction>
#include <QHash>
#include <QKeySequence>
#include <QList>
#include <QObject>
#include <QPointer>
#include <QString>

namespace salient::ui {

class Shortcuts : public QObject {
  Q_OBJECT
 public:
  struct Entry {
    QPointer<QAction> action;
    QString group;  ///< translated: the menu or page it belongs to
    QList<QKeySequence> defaults;
  };

  using QObject::QObject;

  /// Takes note of the defaults and applies what the settings say. The action needs an objectName.
  void add(const QString& group, QAction* action);
  [[nodiscard]] const QList<Entry>& entries() const { return entries_; }
  /// An empty sequence: none. Kept in the settings.
  void set(QAction* action, const QKeySequence& sequence);
  void reset();
  /// Another action that answers to this sequence; null where there is none.
  [[nodiscard]] QAction* owner(const QKeySequence& sequence, const QAction* except) const;

 private:
  QList<Entry> entries_;
};

/// The action's text as a person reads it: without mnemonics and dots.
[[nodiscard]] QString plainText(const QAction* action);

}  // namespace salient::ui
