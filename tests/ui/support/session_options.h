// SPDX-License-Identifier: GPL-3.0-or-later
// A session whose files all lie in one folder.
#pragma once

#include "ui/models/session.h"

namespace salient::ui {

[[nodiscard]] inline SessionOptions sessionOptionsIn(const QString& folder) {
  SessionOptions options;
  options.stateDir = folder + QStringLiteral("/state");
  options.dataDir = folder + QStringLiteral("/data");
  options.experiments = folder + QStringLiteral("/experiments.db");
  return options;
}

}  // namespace salient::ui
