// SPDX-License-Identifier: GPL-3.0-or-later
// Which pages there are, in the order of the side bar.
#pragma once

#include <vector>

#include "ui/views/page.h"

namespace salient::ui {

using PageFactory = Page* (*)(Session&, QWidget* parent);

/// The first one is the start page.
[[nodiscard]] const std::vector<PageFactory>& pageFactories();

}  // namespace salient::ui
