// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/error_info.h"

#include <string>

namespace salient::ui {

ErrorInfo ErrorInfo::from(const Error& error) {
  const auto text = [](std::string_view value) {
    return QString::fromUtf8(value.data(), static_cast<qsizetype>(value.size()));
  };
  ErrorInfo info;
  info.code = text(error_code_name(error.code));
  info.file = text(error.file);
  info.key = text(error.key);
  info.expected = text(error.expected);
  info.found = text(error.found);
  info.advice = text(error.advice);
  info.message = text(error.to_string());
  return info;
}

ErrorInfo ErrorInfo::from(const QJsonObject& error) {
  const auto text = [&](const char* key) { return error.value(QLatin1String(key)).toString(); };
  return {text("code"), text("file"), text("key"), text("expected"), text("found"), text("advice"), text("message")};
}

QJsonObject ErrorInfo::json() const {
  return {{"code", code},   {"file", file},     {"key", key},        {"expected", expected},
          {"found", found}, {"advice", advice}, {"message", message}};
}

}  // namespace salient::ui
