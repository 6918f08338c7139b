// SPDX-License-Identifier: GPL-3.0-or-later
// Reads all weights of a model for NaN and infinite values, in a worker of its own: opening a model reads headers
// alone, and the questions that pages ask the session's worker need not wait for the disk.
#pragma once

#include <QJsonObject>
#include <QObject>
#include <QString>
#include <QStringList>
#include <memory>

#include "ui/models/worker_client.h"

namespace salient::ui {

class WeightScan : public QObject {
  Q_OBJECT
 public:
  explicit WeightScan(QString program, QObject* parent = nullptr);
  ~WeightScan() override;

  void start(const QString& model);  ///< one under way is given up: it has nothing to lose
  [[nodiscard]] bool running() const { return worker_ != nullptr; }
  [[nodiscard]] QString summary() const;      ///< in words: how far it is, or what it found
  [[nodiscard]] QStringList damages() const;  ///< a sentence for each damaged tensor, the first ones of many

 signals:
  void changed();

 private:
  void end();

  QString program_;
  std::unique_ptr<WorkerClient> worker_;  ///< only while it reads
  double fraction_ = 0;
  QJsonObject found_;  ///< `scan` of the result
  QString problem_;
};

}  // namespace salient::ui
