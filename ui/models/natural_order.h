// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringView>

namespace salient::ui {

/// "layers.2" before "layers.10": runs of digits compare as numbers, the rest by code.
[[nodiscard]] bool naturallyBefore(QStringView left, QStringView right);

}  // namespace salient::ui
