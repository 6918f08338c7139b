// SPDX-License-Identifier: GPL-3.0-or-later
// The main window of a session, made anew when the person chooses another language: every text is set where its widget
// is made, so a fresh window over the same session is the one way that misses none. The model, the scores, the recipe
// with its undo steps and the jobs belong to the session and go on.
#pragma once

#include <QObject>
#include <memory>

#include "ui/models/session.h"
#include "ui/views/main_window.h"

namespace salient::ui {

class WindowKeeper : public QObject {
  Q_OBJECT
 public:
  explicit WindowKeeper(Session& session);  ///< shows the window
  ~WindowKeeper() override;

  [[nodiscard]] MainWindow& window() { return *window_; }

 private:
  void make();
  void changeLanguage();

  Session& session_;
  std::unique_ptr<MainWindow> window_;
};

}  // namespace salient::ui
