// SPDX-License-Identifier: GPL-3.0-or-later
// The light and the dark look: Fusion with palettes of our own, switched while the studio runs.
#pragma once

#include <QPalette>
#include <QString>

namespace salient::ui {

enum class Appearance { system, light, dark };

/// Applies it to the whole application. The first call takes note of what the system prefers.
void applyAppearance(Appearance appearance);
[[nodiscard]] Appearance savedAppearance();
void saveAppearance(Appearance appearance);
[[nodiscard]] QPalette lightPalette();
[[nodiscard]] QPalette darkPalette();

}  // namespace salient::ui
