// SPDX-License-Identifier: GPL-3.0-or-later
// What a job was asked to do, for people who read its log.
#pragma once

#include <QJsonObject>
#include <QStringList>

namespace salient::ui {

/// "Model: /models/x", "Samples: 128", …: a line for each key of the request, in the studio's language and in an order
/// of its own. A key that is not known keeps its name.
[[nodiscard]] QStringList requestInWords(const QJsonObject& request);

}  // namespace salient::ui
