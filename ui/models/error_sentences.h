// SPDX-License-Identifier: GPL-3.0-or-later
// What core's errors expected, found and advise, in the studio's language: those that a person meets who opens a model,
// chooses a text, or whose memory or disk does not suffice. Others stay in English.
#pragma once

#include <QString>
#include <QStringList>

namespace salient::ui {

/// `sentence` itself where it is none of the list.
[[nodiscard]] QString errorSentence(const QString& sentence);
/// The sentences of the list as they are in core, with %1, %2, …
[[nodiscard]] QStringList errorSentences();

}  // namespace salient::ui
