// SPDX-License-Identifier: GPL-3.0-or-later
// What the trade-off page shows of an experiment: its method in words, its figures on a text, what it costs.
#pragma once

#include <QString>
#include <QVector>
#include <optional>
#include <vector>

#include "core/experiment/store.h"

namespace salient::ui {

/// A text with windows of one length and number, and a way of computing the quantized model: figures measured on it can
/// be compared.
struct TextKey {
  QString sha256;
  qint64 length = 0;
  qint64 windows = 0;
  QString name;  ///< the file's, for people; not part of the comparison
  ScaleMode scales = ScaleMode::exact;

  [[nodiscard]] bool operator==(const TextKey& other) const {
    return sha256 == other.sha256 && length == other.length && windows == other.windows && scales == other.scales;
  }
  [[nodiscard]] QString label() const;  ///< "evaluation.txt, 11 × 512 tokens"; in other modes ", scales folded"
};

/// The texts that an experiment was measured on, the run's own first, then those of later evaluations.
[[nodiscard]] QVector<TextKey> textsOf(const Experiment& experiment);
/// Its metrics on a text, the run's own or the newest later evaluation's; null where it was not measured there.
[[nodiscard]] const std::vector<Metric>* metricsOn(const Experiment& experiment, const TextKey& text);

[[nodiscard]] QString modelName(const Experiment& experiment);
/// "MixLLM", "GPTQ", "RTN", followed by what departs from the method: "MixLLM, random", "RTN, uniform".
[[nodiscard]] QString methodName(const Experiment& experiment);
[[nodiscard]] QString statusText(const QString& status);
/// ISO 8601 in UTC as local time in the locale's spelling.
[[nodiscard]] QString timeText(const std::string& iso);

enum class Quality { perplexity, klForward, klReverse, top1 };
enum class Cost { payloadBits, effectiveBits, bytes, speed };

struct Figure {
  double value = 0;
  std::optional<double> error;  ///< one standard error
};
[[nodiscard]] std::optional<Figure> figure(const std::vector<Metric>& metrics, const char* model, const char* name);
/// Of the quantized model, or of the 16-bit reference beside it (whose divergence is 0).
[[nodiscard]] std::optional<Figure> qualityOf(const Experiment& experiment, const TextKey& text, Quality quality,
                                              bool reference = false);
[[nodiscard]] std::optional<double> costOf(const Experiment& experiment, const TextKey& text, Cost cost,
                                           bool reference = false);
[[nodiscard]] constexpr bool moreIsBetter(Quality quality) {
  return quality == Quality::top1;
}
[[nodiscard]] constexpr bool moreIsBetter(Cost cost) {
  return cost == Cost::speed;
}
[[nodiscard]] QString qualityTitle(Quality quality);  ///< with its unit, as an axis label
[[nodiscard]] QString costTitle(Cost cost);
[[nodiscard]] QString qualityText(Quality quality, double value);
[[nodiscard]] QString costText(Cost cost, double value);

/// Indices of the points that no other point beats in one respect without being worse in the other, by rising cost.
struct TradeoffPoint {
  double cost = 0;
  double quality = 0;
};
[[nodiscard]] QVector<int> paretoFront(const QVector<TradeoffPoint>& points, bool moreCostIsBetter,
                                       bool moreQualityIsBetter);

}  // namespace salient::ui
