// SPDX-License-Identifier: GPL-3.0-or-later
// Models and experiment files opened lately, the newest first, kept in the settings.
#pragma once

#include <QString>
#include <QStringList>

namespace salient::ui::recent {

inline constexpr auto models = "models";
inline constexpr auto experiments = "experiments";

[[nodiscard]] QStringList list(const char* kind);
void add(const char* kind, const QString& path);  ///< at most 10 are kept
void remove(const char* kind, const QString& path);

}  // namespace salient::ui::recent
