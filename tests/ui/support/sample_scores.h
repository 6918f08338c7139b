// SPDX-License-Identifier: GPL-3.0-or-later
// A session with the bundled sample's shapes and made-up scores: what pages need that only look at scores.
#pragma once

#include <gtest/gtest.h>

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "core/search/scores.h"
#include "tests/bench/synthetic_scores.h"
#include "ui/models/budget_model.h"
#include "ui/models/session.h"

namespace salient::ui {

/// The sample's config.json in numbers.
inline SalienceScores sampleScores() {
  ModelConfig config;
  config.hidden_size = 256;
  config.intermediate_size = 768;
  config.layers = 6;
  config.heads = 4;
  config.kv_heads = 2;
  config.head_dim = 64;
  return synthetic_scores(config, 5);
}

class ScoredSession {
 public:
  ScoredSession()
      : session({directory_.filePath(QStringLiteral("e.db")),
                 {},
                 directory_.filePath(QStringLiteral("state")),
                 directory_.filePath(QStringLiteral("data"))}) {}

  void openScores(const SalienceScores& scores = sampleScores()) {
    const QString file = path(QStringLiteral("sample.scores"));
    ASSERT_TRUE(save_scores(scores, file.toStdString()));
    const BudgetModel& budget = BudgetModel::of(session);
    QSignalSpy changed(&session, &Session::scoresChanged);
    session.openScores(file);
    ASSERT_TRUE(changed.wait());
    ASSERT_TRUE(QTest::qWaitFor([&] { return budget.state() == BudgetModel::State::ready; }));
  }
  void openModel() {
    QSignalSpy opened(&session, &Session::modelOpened);
    session.openModel(Session::sampleDirectory());
    ASSERT_TRUE(opened.wait(20'000));
  }
  [[nodiscard]] QString path(const QString& name) const { return directory_.filePath(name); }

 private:
  QTemporaryDir directory_;

 public:
  Session session;
};

}  // namespace salient::ui
