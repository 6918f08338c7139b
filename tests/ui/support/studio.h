// SPDX-License-Identifier: GPL-3.0-or-later
// A whole studio whose files lie in a folder of the test's; closing and opening it again finds them.
#pragma once

#include <QTemporaryDir>
#include <memory>

#include "tests/ui/support/waiting.h"
#include "ui/models/session.h"
#include "ui/views/main_window.h"

namespace salient::ui {

class Studio {
 public:
  explicit Studio(const QString& folder, const QString& program = {}) {
    SessionOptions options;
    options.experiments = folder + QStringLiteral("/experiments.db");
    options.program = program;
    options.stateDir = folder + QStringLiteral("/state");
    options.dataDir = folder + QStringLiteral("/data");
    session_ = std::make_unique<Session>(options);
    window_ = std::make_unique<MainWindow>(*session_);
    window_->show();
  }

  [[nodiscard]] Session& session() { return *session_; }
  [[nodiscard]] MainWindow& window() { return *window_; }
  [[nodiscard]] bool ready() {
    return waitFor([this] { return window_->complete(); }) && QTest::qWaitForWindowExposed(window_.get());
  }
  [[nodiscard]] const JobRecord* lastJob() {
    return session_->jobs().jobs().isEmpty() ? nullptr : &session_->jobs().jobs().last();
  }
  [[nodiscard]] bool lastJobIs(JobRecord::State state) {
    return waitFor([&] { return lastJob() != nullptr && lastJob()->state == state; });
  }

 private:
  std::unique_ptr<Session> session_;
  std::unique_ptr<MainWindow> window_;
};

}  // namespace salient::ui
