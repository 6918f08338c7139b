// SPDX-License-Identifier: GPL-3.0-or-later
// What the model page and the playground ask the worker, on the bundled sample.
#include <gtest/gtest.h>

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <cmath>

#include "tests/ui/support/experiments.h"
#include "tests/ui/support/session_options.h"
#include "tests/ui/support/waiting.h"
#include "ui/models/device_estimates.h"
#include "ui/models/model_facts.h"
#include "ui/models/packed_models.h"
#include "ui/models/play_token_table.h"
#include "ui/models/playground_run.h"
#include "ui/models/tokenizer_trial.h"

namespace salient::ui {
namespace {

const QString kSample = QStringLiteral(SALIENT_RESOURCES "/sample");

class ModelQuestions : public ::testing::Test {
 protected:
  ModelQuestions() { session_ = std::make_unique<Session>(sessionOptionsIn(directory_.path())); }
  void open() {
    session_->openModel(kSample);
    ASSERT_TRUE(waitFor([&] { return session_->hasModel(); }));
  }

  QTemporaryDir directory_;
  std::unique_ptr<Session> session_;
};

QString valueOf(const QVector<FactGroup>& groups, const char* key) {
  for (const FactGroup& group : groups) {
    for (const Fact& fact : group.facts) {
      if (fact.key == QLatin1String(key)) return fact.value;
    }
  }
  return {};
}

TEST_F(ModelQuestions, FactsHaveTheFieldsNamesAndUnits) {
  open();
  QLocale::setDefault(QLocale::c());
  const auto facts = modelFacts(session_->inspect());
  EXPECT_FALSE(valueOf(facts, "hidden_size").isEmpty());
  EXPECT_TRUE(valueOf(facts, "max_positions").endsWith(QStringLiteral("tokens")));
  EXPECT_TRUE(valueOf(facts, "tensor_bytes").endsWith(QStringLiteral("iB")))
      << qPrintable(valueOf(facts, "tensor_bytes"));
  EXPECT_TRUE(valueOf(facts, "kv_heads").contains(QStringLiteral("attention")));
  EXPECT_TRUE(valueOf(facts, "format").contains(QStringLiteral("BF16")));
  EXPECT_TRUE(valueOf(facts, "percent").isEmpty()) << "only of packed models";
  for (const FactGroup& group : facts) {
    for (const Fact& fact : group.facts) {
      EXPECT_FALSE(fact.value.isEmpty()) << qPrintable(fact.key);
      EXPECT_FALSE(fact.explanation.isEmpty()) << qPrintable(fact.key);
    }
  }
}

TEST_F(ModelQuestions, TokensFollowTheNewestText) {
  TokenizerTrial trial(session_->helper());
  const QSignalSpy changed(&trial, &TokenizerTrial::changed);
  trial.setModel(kSample);
  trial.setText(QStringLiteral("a"));
  trial.setText(QStringLiteral("Two words 🙂"));
  ASSERT_TRUE(waitFor([&] { return trial.bytes() == 14; }));
  EXPECT_EQ(trial.characters(), 11);
  ASSERT_FALSE(trial.tokens().isEmpty());
  EXPECT_EQ(trial.tokens().back().end, 14);
  EXPECT_TRUE(trial.hex(trial.tokens().back()).endsWith(QStringLiteral("82")));
  trial.setSpecial(false);
  trial.setText(QString());
  ASSERT_TRUE(waitFor([&] { return trial.bytes() == 0; }));
  EXPECT_TRUE(trial.tokens().isEmpty());
  trial.setText(QString(TokenizerTrial::kMostCharacters + 5, QLatin1Char('x')));
  EXPECT_TRUE(trial.cut());
  ASSERT_TRUE(waitFor([&] { return trial.bytes() == TokenizerTrial::kMostCharacters; }));
}

TEST_F(ModelQuestions, AModelWithoutATokenizerIsRefusedInWords) {
  TokenizerTrial trial(session_->helper());
  const QSignalSpy refused(&trial, &TokenizerTrial::refused);
  trial.setModel(directory_.path());
  trial.setText(QStringLiteral("a"));
  ASSERT_TRUE(waitFor([&] { return !refused.isEmpty(); }));
  EXPECT_FALSE(refused.first().at(0).value<ErrorInfo>().advice.isEmpty());
}

TEST_F(ModelQuestions, EstimatesAreForTheChosenTextsAndRecipe) {
  DeviceEstimates estimates(*session_);
  const QAbstractItemModelTester tester(&estimates, QAbstractItemModelTester::FailureReportingMode::Fatal);
  estimates.refresh();
  EXPECT_EQ(estimates.rowCount(), 0);
  open();
  estimates.refresh();
  ASSERT_GE(estimates.rowCount(), 1);
  EXPECT_FALSE(estimates.withTexts());
  ASSERT_TRUE(waitFor([&] { return estimates.state(0) != DeviceEstimates::State::asking; }));
  EXPECT_EQ(estimates.state(0), DeviceEstimates::State::fits);
  const auto cell = [&](int column) { return estimates.index(0, column).data().toString(); };
  EXPECT_TRUE(cell(DeviceEstimates::memoryColumn).endsWith(QStringLiteral("iB")));
  EXPECT_NE(cell(DeviceEstimates::timeColumn), QStringLiteral("–"));
  const QString before = cell(DeviceEstimates::timeColumn);

  session_->setCalibrationText(kSample + QStringLiteral("/calibration.txt"));
  session_->setEvaluationText(kSample + QStringLiteral("/evaluation.txt"));
  session_->recipe().set(QStringLiteral("samples"), 2, QStringLiteral("Samples"));
  session_->recipe().set(QStringLiteral("length"), 64, QStringLiteral("Length"));
  estimates.refresh();
  EXPECT_TRUE(estimates.withTexts());
  ASSERT_TRUE(waitFor([&] { return estimates.state(0) != DeviceEstimates::State::asking; }));
  EXPECT_EQ(estimates.state(0), DeviceEstimates::State::fits) << qPrintable(estimates.error(0).message);
  EXPECT_TRUE(estimates.index(0, 0).data(Qt::ToolTipRole).toString().contains(QStringLiteral("Evaluating")));

  session_->setEvaluationText(QStringLiteral("/no/such/text"));
  estimates.refresh();
  ASSERT_TRUE(waitFor([&] { return estimates.state(0) == DeviceEstimates::State::refused; }));
  EXPECT_TRUE(cell(DeviceEstimates::verdictColumn).contains(QStringLiteral("/no/such/text")));
}

TEST_F(ModelQuestions, TwoModelsWriteSideBySide) {
  PlaygroundRun run(session_->program());
  PlayTokenTable table;
  const QAbstractItemModelTester tester(&table, QAbstractItemModelTester::FailureReportingMode::Fatal);
  QObject::connect(&run, &PlaygroundRun::tokensChanged, &table, [&](PlaygroundRun::Side side) {
    if (side == PlaygroundRun::packed) table.show(run.side(side).tokens);
  });
  const QSignalSpy finished(&run, &PlaygroundRun::finished);
  PlaySettings settings;
  settings.packed = kSample;  // any second model of the same vocabulary will do
  settings.reference = kSample;
  settings.prompt = QStringLiteral("Once upon a time");
  settings.tokens = 5;
  run.start(settings);
  EXPECT_TRUE(run.running());
  ASSERT_TRUE(waitFor([&] { return !finished.isEmpty(); }));
  EXPECT_TRUE(run.compares());
  const PlaySide& side = run.side(PlaygroundRun::packed);
  ASSERT_GT(side.tokens.size(), 0);
  EXPECT_EQ(side.tokens.size(), run.side(PlaygroundRun::reference).tokens.size());
  EXPECT_EQ(run.partsAt(), -1) << "a model agrees with itself";
  EXPECT_EQ(side.meanKl(), 0);
  EXPECT_GT(side.promptTokens, 0);
  EXPECT_EQ(table.rowCount(), side.tokens.size());
  EXPECT_EQ(table.index(0, PlayTokenTable::kl).data(Qt::EditRole).toDouble(), 0);
  table.show({});
  EXPECT_EQ(table.rowCount(), 0);
}

TEST_F(ModelQuestions, OneModelWritesAloneAndCanBeStopped) {
  PlaygroundRun run(session_->program());
  const QSignalSpy finished(&run, &PlaygroundRun::finished);
  const QSignalSpy failed(&run, &PlaygroundRun::failed);
  PlaySettings settings;
  settings.reference = kSample;
  settings.prompt = QStringLiteral("The");
  settings.tokens = 400;
  settings.temperature = 1;
  settings.seed = 4;
  run.start(settings);
  ASSERT_TRUE(waitFor([&] { return !run.side(PlaygroundRun::reference).tokens.isEmpty(); }));
  run.stop();
  ASSERT_TRUE(waitFor([&] { return !run.running(); }));
  EXPECT_EQ(finished.size(), 1);
  EXPECT_TRUE(failed.isEmpty());
  EXPECT_TRUE(run.side(PlaygroundRun::packed).tokens.isEmpty());
  EXPECT_TRUE(std::isnan(run.side(PlaygroundRun::reference).meanKl()));
  settings.prompt = QString(100'000, QLatin1Char('x'));
  run.start(settings);
  ASSERT_TRUE(waitFor([&] { return !failed.isEmpty(); }));
  EXPECT_FALSE(run.running());
}

TEST(Divergence, LevelsGrowWithTheDivergence) {
  EXPECT_EQ(divergenceLevel(0), 0);
  EXPECT_EQ(divergenceLevel(0.009), 0);
  EXPECT_EQ(divergenceLevel(0.01), 1);
  EXPECT_EQ(divergenceLevel(0.1), 2);
  EXPECT_EQ(divergenceLevel(0.5), 3);
  EXPECT_EQ(divergenceLevel(7), 4);
}

TEST_F(ModelQuestions, WithoutExperimentsThereAreNoPackedModels) {
  PackedModels models;
  const QSignalSpy changed(&models, &PackedModels::changed);
  models.load(session_->experimentsFile(), kSample, {});
  ASSERT_TRUE(waitFor([&] { return !changed.isEmpty(); }));
  EXPECT_TRUE(models.entries().isEmpty());
}

TEST_F(ModelQuestions, ACopyOfTheModelHasItsPackedOnes) {
  const QString file = session_->experimentsFile();
  auto store = Store::open(file.toStdString());
  ASSERT_TRUE(store.ok());
  const auto id = store->begin(experimentStart(2));
  ASSERT_TRUE(id.ok());
  ExperimentOutcome outcome = experimentOutcome(2);
  outcome.exported = ExportRecord{kSample.toStdString(), 1, "ab"};  // any directory that is there
  ASSERT_TRUE(store->finish(*id, outcome).ok());
  PackedModels models;
  QSignalSpy changed(&models, &PackedModels::changed);
  const auto found = [&](const QString& fingerprint) {
    changed.clear();
    models.load(file, QStringLiteral("/another/place"), fingerprint);
    EXPECT_TRUE(waitFor([&] { return !changed.isEmpty(); }));
    return models.entries().size();
  };
  EXPECT_EQ(found({}), 0);
  EXPECT_EQ(found(QStringLiteral("fedcba9876543210")), 0);
  EXPECT_EQ(found(QString::fromStdString(experimentStart(2).model.fingerprint)), 1);
}

}  // namespace
}  // namespace salient::ui
