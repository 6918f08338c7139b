// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/model_page.h"

#include <gtest/gtest.h>

#include <QCheckBox>
#include <QClipboard>
#include <QDir>
#include <QFile>
#include <QGuiApplication>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QStackedWidget>
#include <QTableView>
#include <QTemporaryDir>
#include <QtEndian>

#include "tests/ui/support/session_options.h"
#include "tests/ui/support/waiting.h"
#include "ui/models/model_facts.h"
#include "ui/views/token_flow.h"

namespace salient::ui {
namespace {

class ModelPageTest : public ::testing::Test {
 protected:
  ModelPageTest() {
    session_ = std::make_unique<Session>(sessionOptionsIn(directory_.path()));
    page_ = std::make_unique<ModelPage>(*session_);
    page_->resize(1000, 700);
    page_->show();
  }
  void open() {
    session_->openModel(QStringLiteral(SALIENT_RESOURCES "/sample"));
    ASSERT_TRUE(waitFor([&] { return table()->model()->rowCount() > 0; }));
  }
  template <class T>
  T* find(const char* name) {
    return page_->findChild<T*>(QLatin1String(name));
  }
  QTableView* table() { return find<QTableView>("model.tensors"); }

  QTemporaryDir directory_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<ModelPage> page_;
};

TEST_F(ModelPageTest, WithoutAModelAButtonLeadsToTheStart) {
  const QSignalSpy asked(session_.get(), &Session::pageRequested);
  auto* button = find<QPushButton>("model.empty.action");
  ASSERT_NE(button, nullptr);
  QTest::mouseClick(button, Qt::LeftButton);
  ASSERT_EQ(asked.size(), 1);
  EXPECT_EQ(asked.first().first().toString(), QLatin1String(page::start));
}

TEST_F(ModelPageTest, ReadsAllWeightsInTheBackground) {
  open();
  EXPECT_TRUE(waitFor([&] { return find<QLabel>("model.fact.values")->text().contains(QStringLiteral("all finite")); }))
      << qPrintable(find<QLabel>("model.fact.values")->text());
  EXPECT_FALSE(find<QLabel>("model.notes")->isVisible());
}

TEST_F(ModelPageTest, WarnsOfDamagedWeights) {
  const QString damaged = directory_.filePath(QStringLiteral("damaged"));
  ASSERT_TRUE(QDir().mkpath(damaged));
  const QDir sample(QStringLiteral(SALIENT_RESOURCES "/sample"));
  for (const QString& name : sample.entryList(QDir::Files))
    ASSERT_TRUE(QFile::copy(sample.filePath(name), damaged + QLatin1Char('/') + name));
  QFile weights(damaged + QStringLiteral("/model.safetensors"));
  ASSERT_TRUE(weights.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner));
  ASSERT_TRUE(weights.open(QIODevice::ReadWrite));
  const auto header = qFromLittleEndian<quint64>(weights.read(8).constData());
  ASSERT_TRUE(weights.seek(static_cast<qint64>(8 + header + 2 * 5)));
  weights.write("\xc0\x7f", 2);  // NaN in BF16, at index 5 of the first tensor
  weights.close();
  session_->openModel(damaged);
  ASSERT_TRUE(waitFor([&] { return find<QLabel>("model.notes")->isVisible(); }));
  const QString note = find<QLabel>("model.notes")->text();
  EXPECT_TRUE(note.contains(QStringLiteral("1 NaN and 0 infinite"))) << qPrintable(note);
  EXPECT_TRUE(note.contains(QStringLiteral("index 5"))) << qPrintable(note);
  EXPECT_TRUE(find<QLabel>("model.fact.values")->text().contains(QStringLiteral("1 NaN")));
}

TEST_F(ModelPageTest, FiltersAndCopiesTensors) {
  open();
  const int all = table()->model()->rowCount();
  auto* filter = find<QLineEdit>("model.filter");
  QTest::keyClicks(filter, QStringLiteral("layers.0 q_proj"));
  ASSERT_TRUE(waitFor([&] { return table()->model()->rowCount() < all; }));
  EXPECT_EQ(table()->model()->rowCount(), 1);
  EXPECT_TRUE(find<QLabel>("model.count")->text().contains(QStringLiteral("1 of")));
  auto* copy = find<QAction>("model.copy");
  QGuiApplication::clipboard()->clear();
  copy->trigger();
  ASSERT_TRUE(waitFor([] { return !QGuiApplication::clipboard()->text().isEmpty(); }));
  EXPECT_TRUE(QGuiApplication::clipboard()->text().contains(QStringLiteral("layers.0.self_attn.q_proj.weight")));
  EXPECT_EQ(QGuiApplication::clipboard()->text().count(QLatin1Char('\n')), 2);
}

TEST_F(ModelPageTest, TypedTextBecomesTokens) {
  open();
  auto* text = find<QPlainTextEdit>("model.text");
  auto* flow = find<TokenFlow>("model.tokens");
  text->clear();
  QTest::keyClicks(text, QStringLiteral("the sea"));
  ASSERT_TRUE(waitFor([&] { return find<QLabel>("model.summary")->text().contains(QStringLiteral("7 character")); }));
  ASSERT_GT(flow->tokens().size(), 1);
  EXPECT_FALSE(flow->tokens().front().below.isEmpty()) << "ids are shown";
  const bool special = flow->tokens().front().edge == FlowToken::Edge::dashed;
  find<QCheckBox>("model.special")->click();
  if (special) {
    EXPECT_TRUE(waitFor([&] { return flow->tokens().front().edge != FlowToken::Edge::dashed; }));
  }
  QTest::keyClick(flow, Qt::Key_Right);
  EXPECT_EQ(flow->current(), 0);
  EXPECT_TRUE(find<QLabel>("model.token")->text().contains(QStringLiteral("id ")));
  EXPECT_EQ(flow->accessibleDescription(), find<QLabel>("model.token")->text());
}

TEST_F(ModelPageTest, EstimatesAppearForTheProcessor) {
  open();
  page_->activated();
  auto* estimates = find<QTableView>("model.estimates");
  ASSERT_TRUE(waitFor([&] { return estimates->model()->rowCount() > 0; }));
  EXPECT_TRUE(waitFor([&] {
    return estimates->model()->index(0, DeviceEstimates::verdictColumn).data().toString() == QLatin1String("fits");
  }));
  EXPECT_TRUE(find<QLabel>("model.stages")->text().contains(QStringLiteral("Searching:")))
      << qPrintable(find<QLabel>("model.stages")->text());
}

TEST_F(ModelPageTest, EstimatesFollowTheRecipeWhileTheyAreSeen) {
  session_->takeSampleTexts();
  open();
  page_->activated();
  const auto verdict = [&] {
    return find<QTableView>("model.estimates")->model()->index(0, DeviceEstimates::verdictColumn).data().toString();
  };
  ASSERT_TRUE(waitFor([&] { return verdict() == QLatin1String("fits"); }));
  session_->recipe().set(QStringLiteral("samples"), 7, QStringLiteral("Samples"));
  EXPECT_EQ(verdict(), QStringLiteral("asking …"));
  EXPECT_TRUE(waitFor([&] { return verdict() == QLatin1String("fits"); }));
}

TEST_F(ModelPageTest, SaysThatNoTensorMatches) {
  open();
  const auto* empty = find<QLabel>("model.tensors.empty");
  EXPECT_FALSE(empty->isVisible());
  find<QLineEdit>("model.filter")->setText(QStringLiteral("no such thing"));
  EXPECT_TRUE(waitFor([&] { return empty->isVisible(); }));
}

TEST(ModelNotes, AreCutWhereTheyAreTooLongToRead) {
  const QString brief = QStringLiteral("2 tensors that the decoder does not use are ignored: a, b");
  EXPECT_EQ(noteInShort(brief), brief);
  QString names = QStringLiteral("100 tensors that the decoder does not use are ignored:");
  for (int i = 0; i < 100; ++i)
    names += QStringLiteral(" model.layers.%1.mlp.experts.weight,").arg(i);
  const QString cut = noteInShort(names);
  EXPECT_LT(cut.size(), 250);
  EXPECT_TRUE(cut.endsWith(QStringLiteral(", …"))) << qPrintable(cut);
}

TEST_F(ModelPageTest, EveryInputHasANameForScreenReaders) {
  for (QWidget* widget : page_->findChildren<QWidget*>()) {
    const bool input = qobject_cast<QLineEdit*>(widget) != nullptr ||
                       qobject_cast<QPlainTextEdit*>(widget) != nullptr ||
                       qobject_cast<QTableView*>(widget) != nullptr || qobject_cast<TokenFlow*>(widget) != nullptr;
    if (!input) continue;
    EXPECT_FALSE(widget->accessibleName().isEmpty()) << qPrintable(widget->objectName());
  }
}

TEST(TokenFlowTest, BreaksLinesBeforeWordsAndAtLineFeeds) {
  TokenFlow flow(QStringLiteral("flow"));
  flow.setBoxed(false);
  const QFontMetrics metrics(flow.font());
  flow.resize(metrics.horizontalAdvance(QStringLiteral("one two thr")) + 60, 300);
  flow.show();
  const auto token = [](const char* text) {
    FlowToken made;
    made.text = QString::fromUtf8(text);
    return made;
  };
  flow.setTokens({token("one"), token(" two"), token(" thr"), token("eeeeeeeeee"), token("\n"), token("four")});
  const auto lineOf = [&](int index) {
    for (int y = 0; y < 300; ++y) {
      for (int x = 0; x < flow.viewport()->width(); x += 2) {
        if (flow.tokenAt({x, y}) == index) return y;
      }
    }
    return -1;
  };
  EXPECT_EQ(lineOf(0), lineOf(1));
  EXPECT_GT(lineOf(2), lineOf(1)) << "the word goes to the next line as a whole";
  EXPECT_EQ(lineOf(2), lineOf(3));
  EXPECT_GT(lineOf(5), lineOf(3));
  EXPECT_EQ(flow.tokenAt({1, 299}), -1);
  flow.append({token(" five")});
  EXPECT_EQ(flow.tokens().size(), 7);
  QTest::keyClick(&flow, Qt::Key_End);
  EXPECT_EQ(flow.current(), 6);
  QTest::keyClick(&flow, Qt::Key_Home);
  EXPECT_EQ(flow.current(), 0);
  QTest::keyClick(&flow, Qt::Key_Down);
  EXPECT_EQ(flow.current(), 2);
}

TEST(TokenFlowTest, ShowsWhatCannotBeSeen) {
  EXPECT_EQ(TokenFlow::shown(QStringLiteral(" a\n\t"), true), QStringLiteral("·a↵⇥"));
  EXPECT_EQ(TokenFlow::shown(QStringLiteral(" a"), false), QStringLiteral(" a"));
  EXPECT_EQ(TokenFlow::shown(QString(QChar(0x202E)), false), QStringLiteral("U+202E"));
  EXPECT_EQ(TokenFlow::shown(QString(QChar(7)), false), QString(QChar(0x2407)));
}

}  // namespace
}  // namespace salient::ui
