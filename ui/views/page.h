// SPDX-License-Identifier: GPL-3.0-or-later
// A screen of the studio. MainWindow builds all of them, shows one, and gives each an entry in the side bar, a
// shortcut and its actions in the menu.
#pragma once

#include <QAction>
#include <QList>
#include <QWidget>

#include "ui/models/session.h"

namespace salient::ui {

class Page : public QWidget {
  Q_OBJECT
 public:
  /// `name` is one of salient::ui::page and becomes the objectName, so that tests and screenshots find it.
  Page(Session& session, const QString& name, QWidget* parent = nullptr) : QWidget(parent), session_(session) {
    setObjectName(name);
  }

  [[nodiscard]] virtual QString title() const = 0;  ///< translated, for the side bar
  /// What can be done here, for the menu and the list of shortcuts. Each action has an objectName ("budget.queue").
  [[nodiscard]] virtual QList<QAction*> pageActions() const { return {}; }
  virtual void activated() {}  ///< the page is shown

 protected:
  [[nodiscard]] Session& session() const { return session_; }

 private:
  Session& session_;
};

}  // namespace salient::ui
