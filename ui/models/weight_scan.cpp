// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/weight_scan.h"

#include <QJsonArray>
#include <algorithm>
#include <utility>

#include "ui/models/numbers.h"

namespace salient::ui {
namespace {

constexpr qsizetype kMostDamages = 5;

}  // namespace

WeightScan::WeightScan(QString program, QObject* parent) : QObject(parent), program_(std::move(program)) {}

WeightScan::~WeightScan() {
  if (worker_) worker_->kill();
}

void WeightScan::start(const QString& model) {
  end();
  fraction_ = 0;
  found_ = {};
  problem_.clear();
  worker_ = std::make_unique<WorkerClient>(program_);
  WorkerClient* worker = worker_.get();
  connect(worker, &WorkerClient::progress, this, [this](WorkerClient::Id, const WorkerProgress& progress) {
    fraction_ = progress.fraction;
    emit changed();
  });
  connect(worker, &WorkerClient::done, this, [this](WorkerClient::Id, const QJsonObject& result) {
    found_ = result.value(QLatin1String("scan")).toObject();
    end();
    emit changed();
  });
  connect(worker, &WorkerClient::failed, this, [this](WorkerClient::Id, const ErrorInfo& error) {
    problem_ = error.message;
    end();
    emit changed();
  });
  worker->submit({{"op", "inspect"}, {"model", model}, {"scan", true}});
  emit changed();
}

void WeightScan::end() {
  if (!worker_) return;
  worker_.release()->retire();  // this may be called by one of its signals
}

QString WeightScan::summary() const {
  if (running()) return tr("being read, %1").arg(numbers::percent(100 * fraction_, 0));
  if (!problem_.isEmpty()) return tr("not read: %1").arg(problem_);
  if (found_.isEmpty()) return tr("not read");
  const auto number = [this](const char* key) { return found_.value(QLatin1String(key)).toInteger(); };
  const QString all = numbers::count(number("values"));
  if (number("nan") + number("inf") == 0) return tr("%1, all finite").arg(all);
  return tr("%1, of them %2 NaN and %3 infinite")
      .arg(all, numbers::count(number("nan")), numbers::count(number("inf")));
}

QStringList WeightScan::damages() const {
  QStringList sentences;
  const QJsonArray tensors = found_.value(QLatin1String("tensors")).toArray();
  for (qsizetype i = 0; i < std::min(kMostDamages, tensors.size()); ++i) {
    const QJsonObject tensor = tensors[i].toObject();
    const auto number = [&](const char* key) { return numbers::count(tensor.value(QLatin1String(key)).toInteger()); };
    sentences.append(
        tr("%1: %2 NaN and %3 infinite weights, the first at index %4. The weights are damaged: get them "
           "again.")
            .arg(tensor.value(QLatin1String("name")).toString(), number("nan"), number("inf"), number("first")));
  }
  if (const qsizetype more = tensors.size() - kMostDamages; more > 0)
    sentences.append(tr("%n more tensor(s) hold such weights.", nullptr, static_cast<int>(more)));
  return sentences;
}

}  // namespace salient::ui
