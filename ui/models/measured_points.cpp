// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/measured_points.h"

#include <QFile>
#include <QFileInfo>
#include <algorithm>
#include <cmath>

#include "core/base/system.h"
#include "core/experiment/store.h"
#include "core/search/scores.h"
#include "ui/models/session.h"

namespace salient::ui {
namespace {

QString fromUtf8(std::string_view text) {
  return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

}  // namespace

QVector<MeasuredPoint> measuredPoints(const std::vector<Experiment>& experiments, const std::string& modelFingerprint) {
  QVector<MeasuredPoint> points;
  for (const Experiment& e : experiments) {
    if (e.status != "done" || e.start.model.fingerprint != modelFingerprint) continue;
    const auto metric = [&](const char* name) { return e.metric("quantized", name); };
    const auto perplexity = metric("perplexity");
    const auto reference = e.metric("reference", "perplexity");
    const auto bits = metric("effective_bits");
    if (!perplexity || !reference || !bits || !(*reference > 0)) continue;
    MeasuredPoint point;
    point.experiment = e.id;
    point.method = fromUtf8(quant_method_name(e.start.recipe.quant.method));
    point.text = e.start.evaluation ? fromUtf8(e.start.evaluation->path) : QString();
    point.percent = metric("percent").value_or(0);
    point.payloadBits = metric("payload_bits").value_or(0);
    point.effectiveBits = *bits;
    point.bytes = metric("bytes").value_or(0);
    point.kl = metric("kl_forward").value_or(-1);
    point.lossIncrease = std::log(*perplexity / *reference);
    point.perplexity = *perplexity;
    point.tokensPerSecond = metric("decode_tokens_per_second").value_or(0);
    point.annotation = fromUtf8(e.annotation);
    points.push_back(point);
  }
  std::sort(points.begin(), points.end(), [](const auto& a, const auto& b) {
    return std::pair(a.effectiveBits, a.experiment) < std::pair(b.effectiveBits, b.experiment);
  });
  return points;
}

MeasuredPoints::MeasuredPoints(Session& session, QObject* parent) : QObject(parent), session_(session) {
  pool_.setMaxThreadCount(1);
  connect(&session, &Session::experimentsChanged, this, &MeasuredPoints::refresh);
  connect(&session, &Session::scoresChanged, this, &MeasuredPoints::refresh);
  connect(&session, &Session::modelOpened, this, &MeasuredPoints::refresh);
  refresh();
}

MeasuredPoints::~MeasuredPoints() {
  pool_.clear();
  pool_.waitForDone();
}

void MeasuredPoints::refresh() {
  const qint64 number = ++asked_;
  const auto scores = session_.scores();
  if (!scores) {
    points_.clear();
    emit changed();
    return;
  }
  pool_.clear();
  pool_.start(
      [this, number, scores, file = session_.experimentsFile(), inspect = session_.inspect(), memory = memory_] {
        TokenRate rate;
        rate.otherBytes = otherBytes(inspect);
        QVector<MeasuredPoint> points;
        ErrorInfo error;
        double reading = memory;
        if (QFileInfo::exists(file)) {
          auto store = Store::open(QFile::encodeName(file).toStdString(), Store::Access::read_only);
          Result<std::vector<Experiment>> list = std::vector<Experiment>();
          if (store)
            list = store->list({"done", "", scores->model_fingerprint, 0});
          else
            list = store.error();
          if (list) {
            points = measuredPoints(*list, scores->model_fingerprint);
            const auto measured = measuredBytesPerSecond(*list, scores->model_fingerprint, machine_info().processor,
                                                         rate.otherBytes, rate.measured);
            rate.bytesPerSecond = measured.value_or(0);
          } else {
            error = ErrorInfo::from(list.error());
          }
        }
        if (rate.measured == 0) {
          if (reading == 0) reading = memoryBytesPerSecond();
          rate.bytesPerSecond = reading;
        }
        QMetaObject::invokeMethod(
            this,
            [this, number, rate, points, error, reading] {
              memory_ = std::max(memory_, reading);
              if (number != asked_) return;
              rate_ = rate;
              points_ = points;
              error_ = error;
              emit changed();
            },
            Qt::QueuedConnection);
      });
}

}  // namespace salient::ui
