// SPDX-License-Identifier: GPL-3.0-or-later
// Jobs of a whole studio disturbed at random moments: the worker is killed, the job cancelled, the window is closed,
// the studio itself is killed. Afterwards: an answer in words within five seconds, no process left over, and the same
// request goes on to the same bytes.
#pragma once

#include "tests/ui/faults/sample_jobs.h"
#include "tests/ui/faults/tally.h"

namespace salient::ui {

/// Kills the worker of a job of this kind `times` times and presses "Resume" in the notice each time.
[[nodiscard]] Tally killWorkers(const SampleJobs& jobs, const QString& kind, const QString& folder, int times,
                                Moments& moments);
/// Presses the button beside the progress instead, and resumes. `within` milliseconds: a second is promised for the
/// sample where the machine is not busy with other things.
[[nodiscard]] Tally cancelJobs(const SampleJobs& jobs, const QString& kind, const QString& folder, int times,
                               Moments& moments, double within);
/// Kills the worker in the playground, which has no queue: what it wrote stays, and Generate works again.
[[nodiscard]] Tally killGenerators(const SampleJobs& jobs, const QString& folder, int times, Moments& moments);
/// Closes the window during a job of this kind, answers its question, opens a new studio and resumes.
[[nodiscard]] Tally closeWindows(const SampleJobs& jobs, const QString& kind, const QString& folder, int times,
                                 Moments& moments);
[[nodiscard]] Tally closeWhileGenerating(const SampleJobs& jobs, const QString& folder, int times, Moments& moments);
/// Kills whole studios (processes of this program with --studio) with a job of this kind at work.
[[nodiscard]] Tally killStudios(const SampleJobs& jobs, const QString& kind, const QString& folder, int times,
                                Moments& moments);
/// What such a process does: resumes the last job of `folder`, or starts one with the request in FOLDER/request.json,
/// and prints "at work" once it runs and "done" when it ended well.
int studioProcess(const QString& folder);

}  // namespace salient::ui
