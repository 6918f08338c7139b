// SPDX-License-Identifier: GPL-3.0-or-later
// One prompt continued by one or two models, as the tokens come in. The models run in a worker of their own, so that
// they wait for no job.
#pragma once

#include <QObject>
#include <QString>
#include <QVector>
#include <array>

#include "ui/models/error_info.h"
#include "ui/models/worker_client.h"

namespace salient::ui {

/// A piece of generated text. Without a second model there are no figures, and a piece may hold several tokens.
struct PlayToken {
  int id = -1;
  QString text;
  bool compared = false;
  double logProbability = 0;       ///< nats, by the model that wrote it
  double otherLogProbability = 0;  ///< nats, by the other one after the same text
  double kl = 0;                   ///< nats: KL(16 bit‖packed) of the next token's distribution
  bool sameFirst = false;          ///< both hold the same token for the most likely
};

/// 0 (hardly any) to kDivergenceLevels − 1. The limits are those of divergenceLimits().
inline constexpr int kDivergenceLevels = 5;
[[nodiscard]] int divergenceLevel(double kl);
[[nodiscard]] const std::array<double, kDivergenceLevels - 1>& divergenceLimits();

struct PlaySide {
  QString model;  ///< its directory; empty = this side stays empty
  QVector<PlayToken> tokens;
  double seconds = 0;         ///< of decoding
  double prefillSeconds = 0;  ///< known at the end
  int promptTokens = 0;       ///< known at the end
  double tokensPerSecond = 0;
  bool ended = false;  ///< by the model itself

  [[nodiscard]] double meanKl() const;  ///< of the tokens compared; NaN without any
};

struct PlaySettings {
  QString packed;
  QString reference;  ///< the 16-bit model; with both, they are compared
  QString prompt;
  int tokens = 64;
  double temperature = 0;  ///< 0 = greedy
  double topP = 1;
  qint64 seed = 0;
  QString scales;       ///< how the packed model is computed, as in PROTOCOL.md; empty = exact
  QJsonObject compute;  ///< where: the keys device and threads of a request
};

class PlaygroundRun : public QObject {
  Q_OBJECT
 public:
  enum Side { packed, reference };

  explicit PlaygroundRun(const QString& program, QObject* parent = nullptr);

  void start(const PlaySettings& settings);
  void stop();
  [[nodiscard]] bool running() const { return request_ != 0; }
  [[nodiscard]] const PlaySide& side(Side side) const { return sides_[static_cast<std::size_t>(side)]; }
  [[nodiscard]] bool compares() const { return compares_; }
  /// The first token in which the two texts differ, or -1.
  [[nodiscard]] int partsAt() const;

 signals:
  void started();
  void tokensChanged(salient::ui::PlaygroundRun::Side side);  ///< tokens were appended
  void finished();                                            ///< after the last token, also when stopped
  void failed(const salient::ui::ErrorInfo& error);

 private:
  void addToken(const QJsonObject& token);
  void addText(const QString& source, const QString& text);
  void take(const QJsonObject& result);
  PlaySide& sideOf(const QString& source);
  void emitChanged(const PlaySide& side);

  WorkerClient worker_;
  std::array<PlaySide, 2> sides_;
  WorkerClient::Id request_ = 0;
  bool compares_ = false;
};

}  // namespace salient::ui
