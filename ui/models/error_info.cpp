// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/error_info.h"

#include <QCoreApplication>
#include <QRegularExpression>
#include <QStringList>
#include <string>
#include <utility>

#include "ui/models/error_sentences.h"

namespace salient::ui {
namespace {

bool isErrorCode(const QString& name) {
  for (int code = 0; code <= static_cast<int>(ErrorCode::internal); ++code) {
    const std::string_view known = error_code_name(static_cast<ErrorCode>(code));
    if (name == QLatin1String(known.data(), static_cast<qsizetype>(known.size()))) return true;
  }
  return false;
}

/// Its sentences in the studio's language; the line is put together anew only where one of them is.
ErrorInfo inWords(ErrorInfo info) {
  bool changed = false;
  for (QString* sentence : {&info.expected, &info.found, &info.advice}) {
    QString said = errorSentence(*sentence);
    changed = changed || said != *sentence;
    *sentence = std::move(said);
  }
  if (!changed) return info;
  QStringList parts;
  for (const QString& place : {info.file, info.key})
    if (!place.isEmpty()) parts.append(place);
  QString what;
  if (!info.expected.isEmpty()) what = QCoreApplication::translate("CoreErrors", "expected %1").arg(info.expected);
  if (!info.found.isEmpty()) {
    if (!what.isEmpty()) what += QStringLiteral(", ");
    what += QCoreApplication::translate("CoreErrors", "found %1").arg(info.found);
  }
  if (!what.isEmpty()) parts.append(what);
  info.message = parts.join(QStringLiteral(": "));
  if (!info.advice.isEmpty()) info.message += QStringLiteral("; ") + info.advice;
  return info;
}

}  // namespace

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
  return inWords(std::move(info));
}

ErrorInfo ErrorInfo::from(const QJsonObject& error) {
  const auto text = [&](const char* key) { return error.value(QLatin1String(key)).toString(); };
  return inWords(
      {text("code"), text("file"), text("key"), text("expected"), text("found"), text("advice"), text("message")});
}

QString errorLine(const QString& line) {
  // `code file: key: expected X, found Y; what to do`, where all but the code may be missing.
  static const QRegularExpression kLine(
      QStringLiteral("^([a-z-]+)(?: (.*?):)?(?: expected (.*?))?(?:,? found (.*?))?(?:; (.*))?$"),
      QRegularExpression::DotMatchesEverythingOption);
  const QRegularExpressionMatch match = kLine.match(line);
  if (!match.hasMatch() || !isErrorCode(match.captured(1))) return line;
  ErrorInfo info;
  info.file = match.captured(2);
  info.expected = match.captured(3);
  info.found = match.captured(4);
  info.advice = match.captured(5);
  info.message = line;
  return inWords(std::move(info)).message;
}

QJsonObject ErrorInfo::json() const {
  return {{"code", code},   {"file", file},     {"key", key},        {"expected", expected},
          {"found", found}, {"advice", advice}, {"message", message}};
}

}  // namespace salient::ui
