// SPDX-License-Identifier: GPL-3.0-or-later
// The packed models made from the open model, as the experiments remember them, read in the background.
#pragma once

#include <QObject>
#include <QString>
#include <QThreadPool>
#include <QVector>

namespace salient::ui {

struct PackedModelEntry {
  QString path;
  QString title;  ///< "p10 — 10 % in 8 bit, mixllm"
};

class PackedModels : public QObject {
  Q_OBJECT
 public:
  explicit PackedModels(QObject* parent = nullptr);
  ~PackedModels() override;

  /// Those of `experiments` that are still there and were made from the directory `model`, or from the same weights
  /// elsewhere: a copy has the same `fingerprint` (empty where nothing tells it). → changed()
  void load(const QString& experiments, const QString& model, const QString& fingerprint);
  [[nodiscard]] const QVector<PackedModelEntry>& entries() const { return entries_; }

 signals:
  void changed();

 private:
  QVector<PackedModelEntry> entries_;
  int newest_ = 0;
  QThreadPool pool_;
};

}  // namespace salient::ui
