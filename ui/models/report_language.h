// SPDX-License-Identifier: GPL-3.0-or-later
// The HTML report in the studio's language. Core writes it in English (core/experiment/report_html.h); here its
// headings, captions, table heads, labels of charts and names of settings are found again and said anew, and figures
// get the locale's decimal point. What strangers wrote (prompts, generated text, paths) stays as it is. Any thread.
#pragma once

#include <QStringList>
#include <string>

#include "ui/models/comparison.h"

namespace salient::ui {

[[nodiscard]] std::string reportInWords(const Subjects& subjects);  ///< report_html() in the studio's language
[[nodiscard]] QStringList reportSentences();                        ///< that are known, with %1, %2, …

}  // namespace salient::ui
