// SPDX-License-Identifier: GPL-3.0-or-later
// The languages the studio speaks. Its own is English; the translations are part of the program.
#pragma once

#include <QString>
#include <QVector>

namespace salient::ui {

struct Language {
  QString code;  ///< "de"; empty = that of the system
  QString name;  ///< in the language itself
};

[[nodiscard]] QVector<Language> languages();
[[nodiscard]] QString savedLanguage();
void saveLanguage(const QString& code);

/// Makes the application speak `code` (empty: the system's language, English where there is no translation), Qt's own
/// texts and the spelling of numbers included. Widgets that exist keep what they say (window_keeper.h).
void installLanguage(const QString& code);

}  // namespace salient::ui
