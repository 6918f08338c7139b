// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/experiment_figures.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>
#include <algorithm>
#include <cmath>

#include "ui/models/numbers.h"

namespace salient::ui {
namespace {

constexpr double kLeastDivergence = 1e-4;

/// The context is the one lupdate gives to texts outside of a class.
QString tr(const char* text) {
  return QCoreApplication::translate("salient::ui", text);
}

QString fileName(const std::string& path) {
  std::filesystem::path p(path);
  if (p.filename().empty()) p = p.parent_path();
  return QString::fromStdString(escape_for_message(p.filename().string()));
}

const char* metricName(Quality quality) {
  switch (quality) {
    case Quality::perplexity: return "perplexity";
    case Quality::klForward: return "kl_forward";
    case Quality::klReverse: return "kl_reverse";
    case Quality::top1: break;
  }
  return "top1";
}

const char* metricName(Cost cost) {
  switch (cost) {
    case Cost::payloadBits: return "payload_bits";
    case Cost::effectiveBits: return "effective_bits";
    case Cost::bytes: return "bytes";
    case Cost::speed: break;
  }
  return "tokens_per_second";
}

QString textLabel(const QString& name, qint64 windows, qint64 length) {
  return tr("%1, %2 × %3 tokens").arg(name, numbers::count(windows), numbers::count(length));
}

QString withScales(const QString& label, ScaleMode scales) {
  if (scales == ScaleMode::exact) return label;
  const std::string_view mode = scale_mode_name(scales);
  return tr("%1, scales %2").arg(label, QString::fromUtf8(mode.data(), static_cast<qsizetype>(mode.size())));
}

/// The run's own evaluation, where there is one.
std::optional<TextKey> ownText(const Experiment& e) {
  const auto windows = e.metric("quantized", "windows");
  if (!windows || !e.start.evaluation) return {};
  return TextKey{QString::fromStdString(e.start.evaluation->sha256), e.start.recipe.evaluation_length,
                 static_cast<qint64>(*windows), fileName(e.start.evaluation->path), e.start.recipe.evaluation_scales};
}

/// None of a simulated evaluation: its figures are not those of the integers.
std::optional<TextKey> laterText(const LaterEvaluation& later) {
  const auto windows = later.metric("quantized", "windows");
  if (!windows || later.simulated) return {};
  return TextKey{QString::fromStdString(later.text.sha256), later.length, static_cast<qint64>(*windows),
                 fileName(later.text.path), later.scales};
}

}  // namespace

QString TextKey::label() const {
  return withScales(textLabel(name, windows, length), scales);
}

QVector<TextKey> textsOf(const Experiment& experiment) {
  QVector<TextKey> texts;
  if (const auto own = ownText(experiment)) texts.append(*own);
  for (const LaterEvaluation& later : experiment.later) {
    const auto key = laterText(later);
    if (key && !texts.contains(*key)) texts.append(*key);
  }
  return texts;
}

const std::vector<Metric>* metricsOn(const Experiment& experiment, const TextKey& text) {
  if (const auto own = ownText(experiment); own && *own == text) return &experiment.metrics;
  const auto found =
      std::find_if(experiment.later.rbegin(), experiment.later.rend(), [&](const LaterEvaluation& later) {
        const auto key = laterText(later);
        return key && *key == text;
      });
  return found == experiment.later.rend() ? nullptr : &found->metrics;
}

QString modelName(const Experiment& experiment) {
  return fileName(experiment.start.model.path);
}

QString methodName(const Experiment& experiment) {
  const Recipe& recipe = experiment.start.recipe;
  QString name = tr("MixLLM");
  if (recipe.quant.method == QuantMethod::gptq) name = tr("GPTQ");
  if (recipe.quant.method == QuantMethod::rtn) name = tr("RTN");
  if (recipe.quant.uniform_bits > 0) return tr("%1, uniform").arg(name);
  if (recipe.all_or_nothing()) return tr("%1, one width").arg(name);
  if (recipe.selection == Selection::random) return tr("%1, random").arg(name);
  if (recipe.selection == Selection::per_layer) return tr("%1, per layer").arg(name);
  if (recipe.granularity == Granularity::linear) return tr("%1, whole linears").arg(name);
  return name;
}

QString statusText(const QString& status) {
  if (status == QLatin1String("done")) return tr("Done");
  if (status == QLatin1String("running")) return tr("Running");
  if (status == QLatin1String("failed")) return tr("Failed");
  return tr("Cancelled");
}

QString timeText(const std::string& iso) {
  const QDateTime time = QDateTime::fromString(QString::fromStdString(iso), Qt::ISODate);
  return time.isValid() ? QLocale().toString(time.toLocalTime(), QLocale::ShortFormat) : QString();
}

std::optional<Figure> figure(const std::vector<Metric>& metrics, const char* model, const char* name) {
  for (const Metric& metric : metrics) {
    if (metric.model == model && metric.name == name) return Figure{metric.value, metric.standard_error};
  }
  return {};
}

std::optional<Figure> qualityOf(const Experiment& experiment, const TextKey& text, Quality quality, bool reference) {
  const std::vector<Metric>* metrics = metricsOn(experiment, text);
  if (metrics == nullptr) return {};
  const char* name = metricName(quality);
  if (!reference) return figure(*metrics, "quantized", name);
  if (quality == Quality::perplexity) return figure(*metrics, "reference", name);
  // The reference agrees with itself.
  if (!figure(*metrics, "quantized", name)) return {};
  return Figure{quality == Quality::top1 ? 1.0 : 0.0, {}};
}

std::optional<double> costOf(const Experiment& experiment, const TextKey& text, Cost cost, bool reference) {
  if (cost == Cost::speed) {
    const std::vector<Metric>* metrics = metricsOn(experiment, text);
    if (metrics == nullptr) return {};
    const auto speed = figure(*metrics, reference ? "reference" : "quantized", metricName(cost));
    return speed ? std::optional<double>(speed->value) : std::nullopt;
  }
  const auto value = experiment.metric("quantized", metricName(cost));
  if (!reference || !value) return value;
  if (cost != Cost::bytes) return 16;
  // The same weights in 16 bit.
  const auto bits = experiment.metric("quantized", "effective_bits");
  return bits && *bits > 0 ? std::optional<double>(*value * 16 / *bits) : std::nullopt;
}

QString qualityTitle(Quality quality) {
  switch (quality) {
    case Quality::perplexity: return tr("Perplexity");
    case Quality::klForward: return tr("KL(16 bit ‖ quantized), nats a token");
    case Quality::klReverse: return tr("KL(quantized ‖ 16 bit), nats a token");
    case Quality::top1: break;
  }
  return tr("Same most likely token, %");
}

QString costTitle(Cost cost) {
  switch (cost) {
    case Cost::payloadBits: return tr("Payload bits a weight");
    case Cost::effectiveBits: return tr("Effective bits a weight");
    case Cost::bytes: return tr("Quantized linears, MiB");
    case Cost::speed: break;
  }
  return tr("Tokens a second");
}

QString qualityText(Quality quality, double value) {
  switch (quality) {
    case Quality::perplexity: return numbers::fixed(value, 3);
    case Quality::klForward:
    case Quality::klReverse:
      // As many decimals in each row of a column; a few significant digits where these are all zeros.
      return std::abs(value) < kLeastDivergence
                 ? numbers::nats(value)
                 : QCoreApplication::translate("numbers", "%1 nats").arg(numbers::fixed(value, 5));
    case Quality::top1: break;
  }
  return numbers::percent(100 * value, 2);
}

QString costText(Cost cost, double value) {
  switch (cost) {
    case Cost::payloadBits:
    case Cost::effectiveBits: return numbers::bits(value);
    case Cost::bytes: return numbers::bytes(value);
    case Cost::speed: break;
  }
  return numbers::rate(value);
}

QVector<int> paretoFront(const QVector<TradeoffPoint>& points, bool moreCostIsBetter, bool moreQualityIsBetter) {
  const auto cost = [&](int i) { return moreCostIsBetter ? -points[i].cost : points[i].cost; };
  const auto quality = [&](int i) { return moreQualityIsBetter ? -points[i].quality : points[i].quality; };
  QVector<int> order(points.size());
  for (int i = 0; i < static_cast<int>(order.size()); ++i)
    order[i] = i;
  std::sort(order.begin(), order.end(),
            [&](int a, int b) { return cost(a) != cost(b) ? cost(a) < cost(b) : quality(a) < quality(b); });
  QVector<int> front;
  for (const int i : order) {
    const bool equal = !front.isEmpty() && cost(front.last()) == cost(i) && quality(front.last()) == quality(i);
    if (front.isEmpty() || quality(i) < quality(front.last()) || equal) front.append(i);
  }
  if (moreCostIsBetter) std::reverse(front.begin(), front.end());
  return front;
}

}  // namespace salient::ui
