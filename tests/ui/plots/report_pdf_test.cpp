// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/report_pdf.h"

#include <gtest/gtest.h>

#include <QTemporaryDir>

#include "tests/ui/support/experiments.h"

namespace salient::ui {
namespace {

Subjects subjects(int count, std::int32_t layers) {
  Subjects all;
  for (int number = 1; number <= count; ++number) {
    const ExperimentOutcome outcome = experimentOutcome(number, layers);
    ReportSubject subject;
    subject.experiment.id = number;
    subject.experiment.status = "done";
    subject.experiment.created = "2026-01-02T03:04:05Z";
    subject.experiment.start = experimentStart(number);
    subject.experiment.metrics = outcome.metrics;
    subject.experiment.stages = outcome.stages;
    subject.map = outcome.map;
    all.push_back(subject);
  }
  return all;
}

int pages(const std::string& pdf) {
  const QByteArray bytes = QByteArray::fromStdString(pdf);
  return static_cast<int>(bytes.count("/Type /Page\n") + bytes.count("/Type /Page "));
}

TEST(ReportPdf, HoldsOneOrSeveralExperimentsOnNumberedPages) {
  const std::string one = reportPdf(subjects(1, 6));
  EXPECT_EQ(one.substr(0, 5), "%PDF-");
  EXPECT_GE(pages(one), 2);
  const std::string three = reportPdf(subjects(3, 32));
  EXPECT_GT(pages(three), pages(one));
}

TEST(ReportPdf, LivesWithAnExperimentThatFailedEarly) {
  ReportSubject failed;
  failed.experiment.id = 7;
  failed.experiment.status = "failed";
  failed.experiment.error = "numeric: NaN <b>";
  EXPECT_EQ(reportPdf({failed}).substr(0, 5), "%PDF-");
}

}  // namespace
}  // namespace salient::ui
