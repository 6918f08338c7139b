// SPDX-License-Identifier: GPL-3.0-or-later
// The job queue's file: JSON, written durably. Callable from any thread.
#pragma once

#include <QJsonObject>
#include <QString>
#include <QVector>

#include "core/base/result.h"
#include "ui/models/job_queue.h"

namespace salient::ui {

/// "waiting", "running", …: in the file and the log.
[[nodiscard]] QString stateName(JobRecord::State state);

/// Records in their order; none for a file that is not there. Error{format} for one that is not a job queue.
[[nodiscard]] Result<QVector<JobRecord>> readJobs(const QString& file);
/// Results are kept without their arrays, which can be large and are in the experiment file.
[[nodiscard]] Status writeJobs(const QString& file, const QVector<JobRecord>& jobs);

}  // namespace salient::ui
