// SPDX-License-Identifier: GPL-3.0-or-later
// What core's errors expected, found and advise, in the studio's language, wherever it is one of the phrases listed
// (error_phrases_files.h, error_phrases_work.h) or what the system and libraries say in them (error_phrases_system.h).
// Others stay as they are.
#pragma once

#include <QString>
#include <QStringList>

namespace salient::ui {

/// `sentence` itself where it is none of the list.
[[nodiscard]] QString errorSentence(const QString& sentence);
/// The sentences of the list as they are in core, with %1, %2, …
[[nodiscard]] QStringList errorSentences();

}  // namespace salient::ui
