// SPDX-License-Identifier: GPL-3.0-or-later
// The experiments of the searched model as points over bits: what was measured where the curve only predicts.
#pragma once

#include <QObject>
#include <QString>
#include <QThreadPool>
#include <QVector>
#include <string>
#include <vector>

#include "ui/models/error_info.h"
#include "ui/models/token_rate.h"

namespace salient::ui {

class Session;

struct MeasuredPoint {
  qint64 experiment = 0;
  QString method;  ///< mixllm, gptq, rtn
  QString text;    ///< path of the evaluation text
  double percent = 0;
  double payloadBits = 0;
  double effectiveBits = 0;
  double bytes = 0;
  double kl = -1;           ///< nats a token; negative: not measured
  double lossIncrease = 0;  ///< ln(perplexity / perplexity of the 16-bit model), nats a token
  double perplexity = 0;
  double tokensPerSecond = 0;  ///< generating; 0: not measured
  QString annotation;
};

/// Those of the experiments that belong to this model and were measured, by bits.
[[nodiscard]] QVector<MeasuredPoint> measuredPoints(const std::vector<Experiment>& experiments,
                                                    const std::string& modelFingerprint);

/// Reads them from the session's store in the background, whenever the experiments or the scores change.
class MeasuredPoints : public QObject {
  Q_OBJECT
 public:
  explicit MeasuredPoints(Session& session, QObject* parent = nullptr);
  ~MeasuredPoints() override;

  [[nodiscard]] const QVector<MeasuredPoint>& points() const { return points_; }
  [[nodiscard]] const TokenRate& rate() const { return rate_; }
  [[nodiscard]] const ErrorInfo& error() const { return error_; }  ///< of reading the store
  void refresh();

 signals:
  void changed();

 private:
  Session& session_;
  QVector<MeasuredPoint> points_;
  TokenRate rate_;
  ErrorInfo error_;
  double memory_ = 0;  ///< bytes a second that memory gives, measured once
  qint64 asked_ = 0;
  QThreadPool pool_;  ///< ends before the rest
};

}  // namespace salient::ui
