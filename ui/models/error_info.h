// SPDX-License-Identifier: GPL-3.0-or-later
// An error as the person sees it: what core's Error and the worker's `failed` event both say.
#pragma once

#include <QJsonObject>
#include <QMetaType>
#include <QString>

#include "core/base/result.h"

namespace salient::ui {

struct ErrorInfo {
  QString code;  ///< io, format, unsupported, mismatch, … (core/experiment/PROTOCOL.md)
  QString file;  ///< may be empty, like all that follow
  QString key;   ///< the tensor or key
  QString expected;
  QString found;
  QString advice;   ///< what to do
  QString message;  ///< the whole in one line

  [[nodiscard]] static ErrorInfo from(const Error& error);
  [[nodiscard]] static ErrorInfo from(const QJsonObject& error);  ///< `error` of a failed event
  [[nodiscard]] QJsonObject json() const;
};

/// A line that core made of an error (Error::to_string(): notes and the store keep such lines) in the studio's
/// language; `line` itself where it is none or nothing of it is known.
[[nodiscard]] QString errorLine(const QString& line);

}  // namespace salient::ui

Q_DECLARE_METATYPE(salient::ui::ErrorInfo)
