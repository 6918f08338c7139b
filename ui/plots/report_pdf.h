// SPDX-License-Identifier: GPL-3.0-or-later
// One experiment, or several beside each other, as a PDF: tables that break across pages with their heads repeated,
// charts as vectors, page numbers.
#pragma once

#include <string>

#include "ui/models/comparison.h"

namespace salient::ui {

/// The file's bytes. `subjects` holds one or more. May run in any thread.
[[nodiscard]] std::string reportPdf(const Subjects& subjects);

}  // namespace salient::ui
