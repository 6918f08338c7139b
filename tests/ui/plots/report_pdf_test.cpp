// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/report_pdf.h"

#include <gtest/gtest.h>

#include <QAbstractTextDocumentLayout>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTextBlock>
#include <QTextCursor>
#include <QTextTable>

#include "tests/ui/support/experiments.h"
#include "ui/plots/keep_with_next.h"

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

TEST(ReportPdf, ManyExperimentsLieAcrossThePage) {
  const auto size = [](const std::string& pdf) {
    static const QRegularExpression kBox(QStringLiteral("/MediaBox \\[0 0 ([\\d.]+) ([\\d.]+)"));
    const auto match = kBox.match(QString::fromLatin1(QByteArray::fromStdString(pdf)));
    return QSizeF(match.captured(1).toDouble(), match.captured(2).toDouble());
  };
  const QSizeF upright = size(reportPdf(subjects(3, 2)));
  EXPECT_LT(upright.width(), upright.height());
  EXPECT_EQ(size(reportPdf(subjects(4, 2))), upright.transposed());
}

/// A document of `lines` lines, then a heading and a caption, then a line or a table.
class LeadingParagraphs : public ::testing::TestWithParam<bool> {
 protected:
  void make(int lines) {
    document_.clear();
    document_.setPageSize(QSizeF(400, 300));
    QTextCursor cursor(&document_);
    for (int i = 0; i < lines; ++i)
      cursor.insertText(QStringLiteral("line\n"));
    QTextBlockFormat leading;
    setLeads(leading);
    cursor.setBlockFormat(leading);
    heading_ = cursor.position();
    cursor.insertText(QStringLiteral("heading"));
    cursor.insertBlock(leading);
    cursor.insertText(QStringLiteral("caption"));
    if (GetParam()) {
      const QTextTable* table = cursor.insertTable(3, 2);
      led_ = table->cellAt(1, 0).firstPosition();
    } else {
      cursor.insertBlock(QTextBlockFormat());
      led_ = cursor.position();
    }
    keepLeadsWithNext(document_);
  }
  [[nodiscard]] int pageOf(int position) const {
    const QRectF rect = document_.documentLayout()->blockBoundingRect(document_.findBlock(position));
    return static_cast<int>(rect.center().y() / document_.pageSize().height());
  }

  QTextDocument document_;
  int heading_ = 0;
  int led_ = 0;
};

TEST_P(LeadingParagraphs, StandOnThePageOfWhatTheyLead) {
  int begun = 0;
  for (int lines = 0; lines < 40; ++lines) {
    make(lines);
    EXPECT_EQ(pageOf(heading_), pageOf(led_)) << lines << " lines";
    const bool breaks =
        document_.findBlock(heading_).blockFormat().pageBreakPolicy() == QTextFormat::PageBreak_AlwaysBefore;
    begun += breaks ? 1 : 0;
  }
  EXPECT_GT(begun, 1) << "at the end of each page";
  EXPECT_LT(begun, 15) << "and nowhere else";
}

INSTANTIATE_TEST_SUITE_P(OfLinesAndTables, LeadingParagraphs, ::testing::Bool());

}  // namespace
}  // namespace salient::ui
