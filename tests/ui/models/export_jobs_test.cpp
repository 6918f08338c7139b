// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/export_jobs.h"

#include <gtest/gtest.h>

#include <QAbstractItemModelTester>
#include <QTemporaryDir>

namespace salient::ui {
namespace {

TEST(ExportJobs, FollowsTheQueuesExportsAlone) {
  const QTemporaryDir directory;
  JobQueue queue(directory.path(), QStringLiteral("/nowhere/salient"));
  queue.setHeld(true);
  ExportJobs model(queue);
  const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
  queue.add(QStringLiteral("Search"), {{QStringLiteral("op"), QStringLiteral("search")}});
  EXPECT_EQ(model.rowCount(), 0);
  const qint64 first = queue.add(QStringLiteral("Export"), {{QStringLiteral("op"), QStringLiteral("export")},
                                                            {QStringLiteral("format"), QStringLiteral("fp16")},
                                                            {QStringLiteral("output"), QStringLiteral("/out/a")}});
  const qint64 second = queue.add(QStringLiteral("Verify"), {{QStringLiteral("op"), QStringLiteral("verify")},
                                                             {QStringLiteral("model"), QStringLiteral("/out/b")}});
  ASSERT_EQ(model.rowCount(), 2);
  EXPECT_EQ(model.rowOf(second), 0);
  EXPECT_EQ(model.index(1, ExportJobs::format).data().toString(), QStringLiteral("fp16"));
  EXPECT_EQ(ExportJobs::directoryOf(model.at(0)), QStringLiteral("/out/b"));
  queue.cancel(first);
  EXPECT_EQ(model.at(1).state, JobRecord::State::cancelled);
  queue.remove(first);
  EXPECT_EQ(model.rowCount(), 1);
}

TEST(ExportJobs, SaysWhatTheCheckFound) {
  JobRecord job;
  job.request = {{QStringLiteral("op"), QStringLiteral("export")}};
  EXPECT_TRUE(ExportJobs::checkText(job).isEmpty());
  QJsonObject found{{QStringLiteral("logit_error"), 1.5e-3},
                    {QStringLiteral("rounding_error"), 0.0},
                    {QStringLiteral("kl"), 0.002},
                    {QStringLiteral("top1"), 0.97}};
  job.result = {{QStringLiteral("verification"), found}};
  EXPECT_TRUE(ExportJobs::checkText(job).contains(QStringLiteral("weights exact")));
  EXPECT_TRUE(ExportJobs::checkText(job).contains(QStringLiteral("97")));
  found[QStringLiteral("rounding_error")] = 2e-4;
  job.result = {{QStringLiteral("verification"), found}};
  EXPECT_TRUE(ExportJobs::checkText(job).contains(QStringLiteral("rounded by")));
}

}  // namespace
}  // namespace salient::ui
