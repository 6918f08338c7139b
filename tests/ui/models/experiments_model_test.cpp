// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/experiments_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTemporaryDir>

#include "tests/ui/support/experiments.h"
#include "tests/ui/support/waiting.h"

namespace salient::ui {
namespace {

class ExperimentsModelTest : public ::testing::Test {
 protected:
  QString file() const { return directory_.filePath(QStringLiteral("experiments.db")); }
  void load(ExperimentsModel& model) {
    QSignalSpy loaded(&model, &ExperimentsModel::loaded);
    if (model.file().isEmpty()) {
      model.setFile(file());
    } else {
      model.reload();
    }
    ASSERT_TRUE(waitFor([&] { return !loaded.isEmpty(); }));
  }
  QTemporaryDir directory_;
};

TEST_F(ExperimentsModelTest, ShowsTheFileNewestFirst) {
  ExperimentsModel model;
  const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
  load(model);
  EXPECT_EQ(model.rowCount(), 0);
  addExperiments(file(), 3);
  load(model);
  ASSERT_EQ(model.rowCount(), 3);
  EXPECT_EQ(model.at(0).id, 3);
  EXPECT_EQ(model.rowOf(1), 2);
  EXPECT_TRUE(model.isWritable());
  model.setText(model.texts().value(0));
  EXPECT_EQ(model.index(1, ExperimentsModel::method).data().toString(), QStringLiteral("MixLLM"));
  EXPECT_EQ(model.index(0, ExperimentsModel::method).data().toString(), QStringLiteral("RTN"));
  EXPECT_DOUBLE_EQ(model.index(1, ExperimentsModel::perplexity).data(Qt::EditRole).toDouble(), 23.8);
  EXPECT_TRUE(model.index(1, ExperimentsModel::payloadBits).data().toString().contains(QStringLiteral("bits")));
}

TEST_F(ExperimentsModelTest, KeepsRowsThatDidNotChange) {
  addExperiments(file(), 4);
  ExperimentsModel model;
  const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
  load(model);
  const QPersistentModelIndex second(model.index(model.rowOf(2), 0));
  {
    // Another program.
    auto store = Store::open(file().toStdString());
    ASSERT_TRUE(store->remove(3).ok());
    ASSERT_TRUE(store->annotate(1, "baseline").ok());
  }
  addExperiments(file(), 1, 9);
  QSignalSpy changed(&model, &ExperimentsModel::dataChanged);
  QSignalSpy reset(&model, &ExperimentsModel::modelReset);
  load(model);
  EXPECT_EQ(model.rowCount(), 4);
  EXPECT_TRUE(second.isValid());
  EXPECT_EQ(second.data(ExperimentsModel::idRole).toLongLong(), 2);
  EXPECT_EQ(changed.size(), 1);
  EXPECT_EQ(reset.size(), 0);
  EXPECT_EQ(model.index(model.rowOf(1), ExperimentsModel::annotation).data().toString(), QStringLiteral("baseline"));
}

TEST_F(ExperimentsModelTest, ShowsLaterEvaluationsUnderTheirTexts) {
  addExperiments(file(), 2);
  ExperimentsModel model;
  const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
  ExperimentsFilter filter(model);
  load(model);
  ASSERT_EQ(model.texts().size(), 1);
  const TextKey own = model.texts().first();
  const auto evaluate = [&](std::int64_t experiment, const std::string& sha256, double perplexity, bool simulated,
                            ScaleMode scales = ScaleMode::exact) {
    LaterEvaluation later;
    later.text = TextRecord{sha256, "/texts/" + sha256 + ".txt", 10, 1};
    later.length = 512;
    later.simulated = simulated;
    later.scales = scales;
    later.version = "0.1.0";
    later.metrics = {{"reference", "perplexity", 30, 0.1},
                     {"quantized", "perplexity", perplexity, 0.2},
                     {"quantized", "windows", 7, {}},
                     {"quantized", "tokens_per_second", 250, {}}};
    auto store = Store::open(file().toStdString());
    ASSERT_TRUE(store->add_evaluation(experiment, later).ok());
  };
  evaluate(1, "c4", 33, false);
  evaluate(1, "code", 5, false);
  evaluate(2, "c4", 34, false);
  evaluate(2, "simulated", 1, true);
  evaluate(1, "code", 6, false, ScaleMode::folded);
  QSignalSpy changed(&model, &ExperimentsModel::dataChanged);
  load(model);
  EXPECT_EQ(changed.size(), 2);
  const QVector<TextKey> texts = model.texts();
  ASSERT_EQ(texts.size(), 4);
  EXPECT_EQ(texts[1].label(), QStringLiteral("c4.txt, 7 × 512 tokens"));
  EXPECT_EQ(texts[3].label(), QStringLiteral("code.txt, 7 × 512 tokens, scales folded"));
  const auto perplexity = [&](qint64 id) {
    return model.index(model.rowOf(id), ExperimentsModel::perplexity).data(Qt::EditRole);
  };
  model.setText(texts[1]);
  EXPECT_EQ(perplexity(1).toDouble(), 33);
  EXPECT_EQ(perplexity(2).toDouble(), 34);
  EXPECT_EQ(model.index(0, ExperimentsModel::speed).data(Qt::EditRole).toDouble(), 250);
  EXPECT_EQ(qualityOf(model.at(0), texts[1], Quality::perplexity, true)->value, 30);
  model.setText(texts[2]);
  EXPECT_EQ(perplexity(1).toDouble(), 5);
  EXPECT_FALSE(perplexity(2).isValid());
  filter.setOnlyMeasured(true);
  EXPECT_EQ(filter.rowCount(), 1);
  model.setText(own);
  EXPECT_DOUBLE_EQ(perplexity(2).toDouble(), 23.8);
  // Measured again: the row follows.
  evaluate(1, "c4", 32, false);
  load(model);
  model.setText(texts[1]);
  EXPECT_EQ(perplexity(1).toDouble(), 32);
}

TEST_F(ExperimentsModelTest, ChangesTheFileInTheBackground) {
  addExperiments(file(), 3);
  ExperimentsModel model;
  load(model);
  QSignalSpy changed(&model, &ExperimentsModel::changed);
  model.annotate(2, QStringLiteral("the best"));
  model.remove({1, 3, 77});
  ASSERT_TRUE(waitFor([&] { return changed.size() == 2 && model.rowCount() == 1; }));
  EXPECT_EQ(model.at(0).annotation, "the best");
}

TEST_F(ExperimentsModelTest, SaysWhatIsWrongWithTheFile) {
  QFile other(file());
  ASSERT_TRUE(other.open(QIODevice::WriteOnly));
  other.write(QByteArray(4096, 'x'));
  other.close();
  ExperimentsModel model;
  QSignalSpy failed(&model, &ExperimentsModel::failed);
  model.setFile(file());
  ASSERT_TRUE(waitFor([&] { return !failed.isEmpty(); }));
  EXPECT_FALSE(failed[0][0].value<ErrorInfo>().message.isEmpty());
}

TEST_F(ExperimentsModelTest, FiltersByModelMethodAndStatus) {
  addExperiments(file(), 6);
  {
    auto store = Store::open(file().toStdString());
    const auto id = store->begin(experimentStart(50));
    ASSERT_TRUE(store->abandon(*id, Error{ErrorCode::numeric, {}, {}, {}, "NaN", {}}).ok());
  }
  ExperimentsModel model;
  ExperimentsFilter filter(model);
  const QAbstractItemModelTester tester(&filter, QAbstractItemModelTester::FailureReportingMode::Fatal);
  load(model);
  EXPECT_EQ(filter.rowCount(), 7);
  filter.setMethod(QStringLiteral("RTN"));
  EXPECT_EQ(filter.rowCount(), 3);
  filter.setMethod({});
  filter.setStatus(QStringLiteral("failed"));
  EXPECT_EQ(filter.rowCount(), 1);
  filter.setStatus({});
  filter.setModel(QStringLiteral("other"));
  EXPECT_EQ(filter.rowCount(), 0);
}

TEST(ParetoFront, HoldsWhatNothingBeats) {
  const QVector<TradeoffPoint> points{{4.1, 30}, {4.5, 25}, {4.4, 31}, {5, 25}, {5, 24}, {4.1, 30}, {6, 24}};
  EXPECT_EQ(paretoFront(points, false, false), (QVector<int>{0, 5, 1, 4}));
  // More tokens a second are better.
  EXPECT_EQ(paretoFront({{100, 30}, {200, 31}, {150, 32}}, true, false), (QVector<int>{0, 1}));
  EXPECT_TRUE(paretoFront({}, false, false).isEmpty());
}

TEST_F(ExperimentsModelTest, ComparisonsMarkWhatDiffers) {
  addExperiments(file(), 3);
  ExperimentsModel model;
  load(model);
  QSignalSpy read(&model, &ExperimentsModel::subjectsRead);
  model.readSubjects({1, 2, 3});
  ASSERT_TRUE(waitFor([&] { return !read.isEmpty(); }));
  const auto subjects = read[0][0].value<std::shared_ptr<const Subjects>>();
  ASSERT_EQ(subjects->size(), 3U);
  ComparisonTable table;
  const QAbstractItemModelTester tester(&table, QAbstractItemModelTester::FailureReportingMode::Fatal);
  table.set(QStringLiteral("Setting"), subjectTitles(*subjects), recipeRows(*subjects));
  const auto row = [&](const QString& name) {
    for (int i = 0; i < table.rowCount(); ++i)
      if (table.rows()[i].name == name) return i;
    return -1;
  };
  const int method = row(QStringLiteral("Method"));
  ASSERT_GE(method, 0);
  EXPECT_TRUE(table.rows()[method].differs);
  EXPECT_TRUE(table.index(method, 0).data().toString().startsWith(QStringLiteral("≠")));
  EXPECT_FALSE(table.rows()[row(QStringLiteral("Model"))].differs);
  // A recipe's keys and values are said in words.
  for (const ComparisonRow& one : table.rows())
    EXPECT_FALSE(one.name.contains(QLatin1Char('.'))) << one.name.toStdString();
  const int selection = row(QStringLiteral("Selection"));
  ASSERT_GE(selection, 0);
  EXPECT_EQ(table.rows()[selection].cells.first(), QStringLiteral("over the whole model"));

  table.set(QStringLiteral("Measure"), subjectTitles(*subjects), metricRows(*subjects));
  const int perplexity = row(QStringLiteral("Perplexity, quantized"));
  ASSERT_GE(perplexity, 0);
  EXPECT_TRUE(table.index(perplexity, 1).data().toString().contains(QStringLiteral("±")));
  EXPECT_DOUBLE_EQ(table.index(perplexity, 2).data(Qt::EditRole).toDouble(), 23.8);

  table.set(QStringLiteral("Linear"), linearTitles(*subjects), linearRows(*subjects));
  ASSERT_EQ(table.rowCount(), 14);
  ASSERT_EQ(table.columnCount(), 6);
  // Experiment 1: rows 1 to 5; 2: rows 0 to 5; 3: rows 1 to 7.
  EXPECT_EQ(table.index(0, 4).data(Qt::EditRole).toInt(), 1);
  EXPECT_EQ(table.index(0, 5).data(Qt::EditRole).toInt(), 2);
}

TEST_F(ExperimentsModelTest, WritesReports) {
  addExperiments(file(), 2);
  ExperimentsModel model;
  load(model);
  QSignalSpy written(&model, &ExperimentsModel::written);
  const QString target = directory_.filePath(QStringLiteral("report.html"));
  model.write({1, 2}, target, [](const Subjects& subjects) { return report_html(subjects); });
  ASSERT_TRUE(waitFor([&] { return !written.isEmpty(); }));
  QFile html(target);
  ASSERT_TRUE(html.open(QIODevice::ReadOnly));
  EXPECT_TRUE(html.readAll().contains("Experiments 1 and 2"));
  QSignalSpy failed(&model, &ExperimentsModel::failed);
  model.write({99}, target, [](const Subjects&) { return std::string(); });
  ASSERT_TRUE(waitFor([&] { return !failed.isEmpty(); }));
}

}  // namespace
}  // namespace salient::ui
