// SPDX-License-Identifier: GPL-3.0-or-later
// Jobs on the bundled sample, one of each kind, and what they leave when nobody disturbs them. The same job disturbed
// and resumed must leave the same bytes.
#pragma once

#include <QJsonObject>
#include <QString>
#include <QVector>
#include <map>

#include "ui/models/job_queue.h"

namespace salient::ui {

class SampleJobs {
 public:
  /// `folder` exists; makes the scores and the packed model that later kinds begin with, and runs each kind once.
  explicit SampleJobs(const QString& folder);

  [[nodiscard]] static QVector<QString> kinds();                     ///< search, quantize, evaluate, export
  [[nodiscard]] const QString& problem() const { return problem_; }  ///< empty: ready
  [[nodiscard]] const QString& packed() const { return packed_; }
  /// A request whose results go to `folder`, made if need be.
  [[nodiscard]] QJsonObject request(const QString& kind, const QString& folder) const;
  /// How long the job took undisturbed.
  [[nodiscard]] int milliseconds(const QString& kind) const { return undisturbed_.at(kind).milliseconds; }
  /// Whether a finished job left what the undisturbed one left.
  [[nodiscard]] bool same(const JobRecord& job) const;

 private:
  struct Undisturbed {
    int milliseconds = 0;
    QByteArray digest;
  };
  [[nodiscard]] static QByteArray digest(const JobRecord& job);

  QString folder_;
  QString scores_;
  QString packed_;
  QString problem_;
  std::map<QString, Undisturbed> undisturbed_;
};

}  // namespace salient::ui
