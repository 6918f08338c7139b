// SPDX-License-Identifier: GPL-3.0-or-later
// What core says in English while it works (a stage's details, warnings, notes) and about export formats, in the
// studio's language. Core knows no translations: its sentences are the keys, with %1, %2, … for what they carry.
// tests/ui/views/translations_test.cpp looks for those that core has and this list has not.
#pragma once

#include <QString>
#include <QStringList>

namespace salient::ui {

/// `sentence` itself where it is none of the list: a tensor's name for instance. Lines of errors in it are said as
/// errorLine() says them.
[[nodiscard]] QString coreSentence(const QString& sentence);
/// A note of `devices`: why there is no GPU, in words for somebody who may never have asked for one.
[[nodiscard]] QString gpuNote(const QString& note);
/// A sentence of ExportFormatInfo.
[[nodiscard]] QString formatSentence(const char* sentence);
/// The sentences of the list as they are in core, with %1, %2, …
[[nodiscard]] QStringList coreSentences();

}  // namespace salient::ui
