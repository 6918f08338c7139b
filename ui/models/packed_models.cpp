// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/packed_models.h"

#include <QCoreApplication>
#include <QFile>
#include <QFileInfo>
#include <QSet>

#include "core/experiment/store.h"
#include "ui/models/experiment_figures.h"
#include "ui/models/numbers.h"

namespace salient::ui {
namespace {

QString fromPath(const std::string& path) {
  return QFile::decodeName(QByteArray::fromStdString(path));
}

QString titleOf(const Experiment& experiment, const QString& path) {
  const QString method = methodName(experiment);
  const auto bits = experiment.metric("quantized", "effective_bits");
  const QString name = QFileInfo(path).fileName();
  if (!bits) return QStringLiteral("%1 — %2").arg(name, method);
  return QStringLiteral("%1 — %2, %3").arg(name, numbers::bits(*bits), method);
}

QVector<PackedModelEntry> read(const QString& experiments, const QString& model, const QString& fingerprint) {
  QVector<PackedModelEntry> entries;
  if (!QFileInfo::exists(experiments)) return entries;
  auto store = Store::open(QFile::encodeName(experiments).toStdString(), Store::Access::read_only);
  if (!store) return entries;  // whoever shows the experiments tells why
  ExperimentFilter filter;
  filter.status = "done";
  const auto list = store->list(filter);
  if (!list) return entries;
  QSet<QString> seen;
  const QString wanted = QFileInfo(model).canonicalFilePath();
  for (const Experiment& experiment : *list) {
    if (!experiment.exported) continue;
    const QString path = fromPath(experiment.exported->path);
    const ModelRecord& origin = experiment.start.model;
    const bool copied = !fingerprint.isEmpty() && QString::fromStdString(origin.fingerprint) == fingerprint;
    const bool same = !wanted.isEmpty() && QFileInfo(fromPath(origin.path)).canonicalFilePath() == wanted;
    if (!copied && !same) continue;
    if (seen.contains(path) || !QFileInfo(path).isDir()) continue;
    seen.insert(path);
    entries.append({path, titleOf(experiment, path)});
  }
  return entries;
}

}  // namespace

PackedModels::PackedModels(QObject* parent) : QObject(parent) {
  pool_.setMaxThreadCount(1);
}

PackedModels::~PackedModels() {
  pool_.waitForDone();
}

void PackedModels::load(const QString& experiments, const QString& model, const QString& fingerprint) {
  const int number = ++newest_;
  pool_.start([this, number, experiments, model, fingerprint] {
    QVector<PackedModelEntry> entries = read(experiments, model, fingerprint);
    QMetaObject::invokeMethod(
        this,
        [this, number, entries] {
          if (number != newest_) return;
          entries_ = entries;
          emit changed();
        },
        Qt::QueuedConnection);
  });
}

}  // namespace salient::ui
