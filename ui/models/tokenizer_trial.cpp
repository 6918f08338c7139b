// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/tokenizer_trial.h"

#include <QJsonArray>
#include <algorithm>

namespace salient::ui {
namespace {

constexpr int kPauseMilliseconds = 80;

TrialToken::Kind kindOf(const QString& name) {
  if (name == QLatin1String("special")) return TrialToken::Kind::special;
  return name == QLatin1String("byte") ? TrialToken::Kind::byte : TrialToken::Kind::text;
}

}  // namespace

TokenizerTrial::TokenizerTrial(WorkerClient& worker, QObject* parent) : QObject(parent), worker_(worker) {
  pause_.setSingleShot(true);
  pause_.setInterval(kPauseMilliseconds);
  connect(&pause_, &QTimer::timeout, this, &TokenizerTrial::ask);
  connect(&worker_, &WorkerClient::done, this, [this](WorkerClient::Id id, const QJsonObject& result) {
    if (id == question_) answered(result);
  });
  connect(&worker_, &WorkerClient::failed, this, [this](WorkerClient::Id id, const ErrorInfo& error) {
    if (id != question_) return;
    question_ = 0;
    tokens_.clear();
    if (stale_) return ask();
    emit refused(error);
  });
}

QString TokenizerTrial::hex(const TrialToken& token) const {
  return QString::fromLatin1(asked_.mid(token.begin, token.end - token.begin).toHex(' ').toUpper());
}

void TokenizerTrial::setModel(const QString& directory) {
  model_ = directory;
  tokens_.clear();
  stale_ = true;
  pause_.start();
}

void TokenizerTrial::setText(const QString& text) {
  text_ = text.left(kMostCharacters);
  // Never half of a surrogate pair.
  if (!text_.isEmpty() && text_.back().isHighSurrogate()) text_.chop(1);
  cut_ = text_.size() < text.size();
  stale_ = true;
  pause_.start();
}

void TokenizerTrial::setSpecial(bool special) {
  if (special == special_) return;
  special_ = special;
  stale_ = true;
  pause_.start();
}

void TokenizerTrial::ask() {
  if (question_ != 0 || model_.isEmpty()) return;
  stale_ = false;
  asked_ = text_.toUtf8();
  question_ = worker_.submit({{QStringLiteral("op"), QStringLiteral("tokenize")},
                              {QStringLiteral("model"), model_},
                              {QStringLiteral("text"), text_},
                              {QStringLiteral("special"), special_}});
}

void TokenizerTrial::answered(const QJsonObject& result) {
  question_ = 0;
  if (stale_) return ask();
  tokens_.clear();
  const QJsonArray list = result.value(QLatin1String("tokens")).toArray();
  tokens_.reserve(list.size());
  for (const QJsonValue value : list) {
    const QJsonObject token = value.toObject();
    tokens_.append({token.value(QLatin1String("id")).toInt(), token.value(QLatin1String("piece")).toString(),
                    token.value(QLatin1String("text")).toString(), token.value(QLatin1String("begin")).toInt(),
                    token.value(QLatin1String("end")).toInt(), kindOf(token.value(QLatin1String("kind")).toString())});
  }
  bytes_ = result.value(QLatin1String("bytes")).toInt();
  characters_ = static_cast<int>(QString::fromUtf8(asked_).toUcs4().size());
  emit changed();
}

}  // namespace salient::ui
