// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/window_keeper.h"

#include "ui/views/language.h"
#include "ui/views/page.h"

namespace salient::ui {

WindowKeeper::WindowKeeper(Session& session) : session_(session) {
  make();
}

WindowKeeper::~WindowKeeper() = default;

void WindowKeeper::make() {
  window_ = std::make_unique<MainWindow>(session_);
  // Later: the choice comes from a menu of the window that goes.
  connect(window_.get(), &MainWindow::languageChosen, this, &WindowKeeper::changeLanguage, Qt::QueuedConnection);
  window_->show();
}

void WindowKeeper::changeLanguage() {
  const QString page = window_->currentPage()->objectName();
  window_->saveLayout();
  installLanguage(savedLanguage());
  // The next one is shown before this one goes: an application without a window ends.
  const std::unique_ptr<MainWindow> before = std::move(window_);
  make();
  window_->showPage(page);
}

}  // namespace salient::ui
