// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/playground_run.h"

#include <QJsonArray>
#include <algorithm>
#include <limits>

namespace salient::ui {

const std::array<double, kDivergenceLevels - 1>& divergenceLimits() {
  static constexpr std::array<double, kDivergenceLevels - 1> kLimits{0.01, 0.05, 0.2, 1.0};
  return kLimits;
}

int divergenceLevel(double kl) {
  const auto& limits = divergenceLimits();
  return static_cast<int>(std::upper_bound(limits.begin(), limits.end(), kl) - limits.begin());
}

double PlaySide::meanKl() const {
  double sum = 0;
  int count = 0;
  for (const PlayToken& token : tokens) {
    if (!token.compared) continue;
    sum += token.kl;
    ++count;
  }
  return count > 0 ? sum / count : std::numeric_limits<double>::quiet_NaN();
}

PlaygroundRun::PlaygroundRun(const QString& program, QObject* parent) : QObject(parent), worker_(program) {
  connect(&worker_, &WorkerClient::token, this, [this](WorkerClient::Id id, const QJsonObject& token) {
    if (id == request_) addToken(token);
  });
  connect(&worker_, &WorkerClient::text, this, [this](WorkerClient::Id id, const QString& source, const QString& text) {
    if (id == request_) addText(source, text);
  });
  connect(&worker_, &WorkerClient::done, this, [this](WorkerClient::Id id, const QJsonObject& result) {
    if (id != request_) return;
    request_ = 0;
    take(result);
    emit finished();
  });
  connect(&worker_, &WorkerClient::cancelled, this, [this](WorkerClient::Id id) {
    if (id != request_) return;
    request_ = 0;
    emit finished();
  });
  connect(&worker_, &WorkerClient::failed, this, [this](WorkerClient::Id id, const ErrorInfo& error) {
    if (id != request_) return;
    request_ = 0;
    emit failed(error);
    emit finished();
  });
}

void PlaygroundRun::start(const PlaySettings& settings) {
  if (running()) return;
  sides_ = {};
  sides_[packed].model = settings.packed;
  sides_[reference].model = settings.reference;
  compares_ = !settings.packed.isEmpty() && !settings.reference.isEmpty();
  QJsonObject request{{QStringLiteral("op"), QStringLiteral("generate")},
                      {QStringLiteral("model"), settings.packed.isEmpty() ? settings.reference : settings.packed},
                      {QStringLiteral("prompt"), settings.prompt},
                      {QStringLiteral("tokens"), settings.tokens},
                      {QStringLiteral("temperature"), settings.temperature},
                      {QStringLiteral("top_p"), settings.topP},
                      {QStringLiteral("seed"), settings.seed}};
  for (auto key = settings.compute.begin(); key != settings.compute.end(); ++key)
    request.insert(key.key(), *key);
  if (!settings.packed.isEmpty() && !settings.scales.isEmpty())
    request.insert(QStringLiteral("scales"), settings.scales);
  if (compares_) {
    request.insert(QStringLiteral("against"), settings.reference);
    request.insert(QStringLiteral("divergence"), true);
  }
  request_ = worker_.submit(request);
  emit started();
}

void PlaygroundRun::stop() {
  if (running()) worker_.cancel(request_);
}

int PlaygroundRun::partsAt() const {
  const auto& left = sides_[packed].tokens;
  const auto& right = sides_[reference].tokens;
  const auto shorter = std::min(left.size(), right.size());
  for (int i = 0; i < shorter; ++i) {
    if (left[i].id != right[i].id) return i;
  }
  return -1;
}

PlaySide& PlaygroundRun::sideOf(const QString& source) {
  // `against` is the 16-bit model; a model alone sits where it belongs.
  const bool second = source == QLatin1String("against") || sides_[packed].model.isEmpty();
  return sides_[second ? reference : packed];
}

void PlaygroundRun::emitChanged(const PlaySide& side) {
  emit tokensChanged(&side == &sides_[packed] ? packed : reference);
}

void PlaygroundRun::addToken(const QJsonObject& token) {
  const auto number = [&](const char* key) { return token.value(QLatin1String(key)).toDouble(); };
  PlaySide& side = sideOf(token.value(QLatin1String("source")).toString());
  PlayToken next;
  next.id = token.value(QLatin1String("token")).toInt();
  next.text = token.value(QLatin1String("text")).toString();
  next.compared = true;
  next.logProbability = number("log_probability");
  next.otherLogProbability = number("other_log_probability");
  next.kl = number("kl");
  next.sameFirst = token.value(QLatin1String("same_first")).toBool();
  side.seconds = number("seconds");
  // The first token comes out of the prompt's pass: only those behind it were decoded.
  if (side.seconds > 0) side.tokensPerSecond = static_cast<double>(side.tokens.size()) / side.seconds;
  side.tokens.append(next);
  emitChanged(side);
}

void PlaygroundRun::addText(const QString& source, const QString& text) {
  PlaySide& side = sideOf(source);
  PlayToken next;
  next.text = text;
  side.tokens.append(next);
  emitChanged(side);
}

void PlaygroundRun::take(const QJsonObject& result) {
  const auto read = [](PlaySide& side, const QJsonObject& object) {
    side.seconds = object.value(QLatin1String("decode_seconds")).toDouble();
    side.prefillSeconds = object.value(QLatin1String("prefill_seconds")).toDouble();
    side.promptTokens = object.value(QLatin1String("prompt_tokens")).toInt();
    side.tokensPerSecond = object.value(QLatin1String("tokens_per_second")).toDouble();
    side.ended = object.value(QLatin1String("ended")).toBool();
  };
  read(sideOf(QStringLiteral("model")), result);
  if (compares_) read(sides_[reference], result.value(QLatin1String("against")).toObject());
}

}  // namespace salient::ui
