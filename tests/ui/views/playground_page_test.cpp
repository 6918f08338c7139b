// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/playground_page.h"

#include <gtest/gtest.h>

#include <QAbstractButton>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QSettings>
#include <QSpinBox>
#include <QTableView>
#include <QTemporaryDir>

#include "tests/ui/support/fake_worker.h"
#include "tests/ui/support/session_options.h"
#include "tests/ui/support/waiting.h"
#include "ui/models/settings.h"
#include "ui/plots/theme.h"
#include "ui/views/appearance.h"
#include "ui/views/divergence_legend.h"
#include "ui/views/error_panel.h"
#include "ui/views/token_flow.h"

namespace salient::ui {
namespace {

const QString kSample = QStringLiteral(SALIENT_RESOURCES "/sample");

class PlaygroundPageTest : public ::testing::Test {
 protected:
  PlaygroundPageTest() {
    session_ = std::make_unique<Session>(sessionOptionsIn(directory_.path()));
    page_ = std::make_unique<PlaygroundPage>(*session_);
    page_->resize(1000, 700);
    page_->show();
  }
  void open() {
    session_->openModel(kSample);
    ASSERT_TRUE(waitFor([&] { return session_->hasModel(); }));
  }
  /// The sample with all its features in 4 bit, by rounding alone.
  QString pack() {
    const QString output = directory_.filePath(QStringLiteral("packed"));
    WorkerClient worker;
    bool done = false;
    QObject::connect(&worker, &WorkerClient::done, [&] { done = true; });
    worker.submit({{"op", "quantize"},
                   {"model", kSample},
                   {"output", output},
                   {"percent", 0},
                   {"method", "rtn"},
                   {"experiments", session_->experimentsFile()}});
    EXPECT_TRUE(waitFor([&] { return done; }));
    return output;
  }
  template <class T>
  T* find(const char* name) {
    return page_->findChild<T*>(QLatin1String(name));
  }
  void press(const char* name) { QTest::mouseClick(find<QAbstractButton>(name), Qt::LeftButton); }

  QTemporaryDir directory_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<PlaygroundPage> page_;
};

TEST_F(PlaygroundPageTest, ComparesThePackedModelOfTheStoreWithThe16BitOne) {
  const QString packed = pack();
  open();
  page_->activated();
  auto* model = find<QComboBox>("playground.model");
  ASSERT_TRUE(waitFor([&] { return model->currentData().toString() == packed; }));
  find<QSpinBox>("playground.tokens")->setValue(12);
  find<QDoubleSpinBox>("playground.temperature")->setValue(0.8);
  find<QPlainTextEdit>("playground.prompt")->setPlainText(QStringLiteral("Once upon a time"));
  press("playground.start.button");
  EXPECT_TRUE(find<QAction>("playground.stop")->isEnabled());
  EXPECT_FALSE(find<QAction>("playground.start")->isEnabled());
  ASSERT_TRUE(waitFor([&] { return find<QAction>("playground.start")->isEnabled(); }));
  auto* flow = find<TokenFlow>("playground.packed");
  ASSERT_GT(flow->tokens().size(), 0) << qPrintable(find<QLabel>("playground.message")->text());
  ASSERT_GT(find<TokenFlow>("playground.reference")->tokens().size(), 0);
  int coloured = 0;
  for (const FlowToken& token : flow->tokens()) {
    EXPECT_EQ(token.underline > 0, token.ground.isValid()) << "never by colour alone";
    EXPECT_TRUE(token.details.contains(QStringLiteral("nats")));
    coloured += token.underline > 0 ? 1 : 0;
  }
  EXPECT_GT(coloured, 0) << "4 bits change something";
  EXPECT_TRUE(find<QLabel>("playground.packed.speed")->text().contains(QStringLiteral("tokens/s")));
  EXPECT_TRUE(find<QLabel>("playground.reference.speed")->text().contains(QStringLiteral("tokens/s")));
  EXPECT_TRUE(find<QLabel>("playground.message")->text().contains(QStringLiteral("text")));
  QTest::keyClick(flow, Qt::Key_Home);
  EXPECT_TRUE(find<QLabel>("playground.readout")->text().contains(QStringLiteral("divergence")));
  press("playground.table.button");
  EXPECT_TRUE(find<QTableView>("playground.packed.table")->isVisible());
  EXPECT_EQ(find<QTableView>("playground.packed.table")->model()->rowCount(), flow->tokens().size());
  page_->resize(1080, 700);  // beside the side bar of a usual window
  for (const char* side : {"playground.reference.table", "playground.packed.table"}) {
    const auto* table = find<QTableView>(side);
    EXPECT_TRUE(waitFor([&] { return table->horizontalScrollBar()->maximum() == 0; }, 3000)) << side;
    for (int column = 0; column < table->model()->columnCount(); ++column)
      EXPECT_FALSE(table->model()->headerData(column, Qt::Horizontal, Qt::ToolTipRole).toString().isEmpty());
  }
}

TEST_F(PlaygroundPageTest, WritesAloneWithoutAPackedModelAndStops) {
  open();
  EXPECT_TRUE(find<QComboBox>("playground.model")->currentData().toString().isEmpty());
  find<QSpinBox>("playground.tokens")->setValue(450);
  find<QDoubleSpinBox>("playground.temperature")->setValue(1);
  press("playground.start.button");
  auto* flow = find<TokenFlow>("playground.reference");
  ASSERT_TRUE(waitFor([&] { return !flow->tokens().isEmpty(); }));
  press("playground.stop.button");
  ASSERT_TRUE(waitFor([&] { return find<QAction>("playground.start")->isEnabled(); }));
  EXPECT_FALSE(find<QAction>("playground.stop")->isEnabled());
  EXPECT_TRUE(find<TokenFlow>("playground.packed")->tokens().isEmpty());
}

TEST_F(PlaygroundPageTest, SaysWhyAModelCannotBeCompared) {
  open();
  const QString packed = pack();
  page_->choosePacked(packed);
  ASSERT_TRUE(QFile::rename(packed + QStringLiteral("/config.json"), packed + QStringLiteral("/away")));
  press("playground.start.button");
  ASSERT_TRUE(waitFor([&] { return find<QAction>("playground.start")->isEnabled(); }));
  const auto* panel = find<ErrorPanel>("playground.error");
  ASSERT_TRUE(panel->isVisible());
  EXPECT_TRUE(panel->error().message.contains(directory_.path())) << qPrintable(panel->error().message);
  EXPECT_FALSE(panel->error().advice.isEmpty()) << "what to do";
  ASSERT_TRUE(QFile::rename(packed + QStringLiteral("/away"), packed + QStringLiteral("/config.json")));
  press("playground.start.button");
  EXPECT_FALSE(panel->isVisible());
  ASSERT_TRUE(waitFor([&] { return find<QAction>("playground.start")->isEnabled(); }));
  EXPECT_FALSE(find<TokenFlow>("playground.packed")->tokens().isEmpty());
}

TEST_F(PlaygroundPageTest, RefusesWhatIsNoPackedModel) {
  open();
  page_->choosePacked(kSample);
  const auto* panel = find<ErrorPanel>("playground.error");
  EXPECT_TRUE(panel->isVisible());
  EXPECT_EQ(panel->error().file, kSample);
  EXPECT_FALSE(panel->error().advice.isEmpty());
  EXPECT_TRUE(find<QComboBox>("playground.model")->currentData().toString().isEmpty()) << "16 bit beside 16 bit";
}

TEST_F(PlaygroundPageTest, AsksForTheChosenScalesAndDevice) {
  const FakeWorker worker(R"(
while read line; do
  echo "$line" >> "$0.log"
  echo '{"event":"done","id":1,"result":{"format":"packed"}}'
done
)");
  SessionOptions options = sessionOptionsIn(directory_.path());
  options.program = worker.program();
  page_.reset();
  session_ = std::make_unique<Session>(options);
  page_ = std::make_unique<PlaygroundPage>(*session_);
  page_->show();
  session_->setDevice(QStringLiteral("cuda:7"));
  open();
  auto* scales = find<QComboBox>("playground.scales");
  ASSERT_EQ(scales->count(), 3);
  EXPECT_EQ(scales->currentData().toString(), QStringLiteral("exact"));
  scales->setCurrentIndex(scales->findData(QStringLiteral("folded-token")));
  press("playground.start.button");
  ASSERT_TRUE(waitFor([&] { return find<QAction>("playground.start")->isEnabled(); }));
  QFile log(worker.file("salient.log"));
  ASSERT_TRUE(log.open(QIODevice::ReadOnly));
  const QByteArray asked = log.readAll();
  EXPECT_TRUE(asked.contains(R"("op":"generate")")) << asked.constData();
  EXPECT_TRUE(asked.contains(R"("scales":"folded-token")")) << asked.constData();
  EXPECT_TRUE(asked.contains(R"("device":"cuda:7")")) << asked.constData();
  settings::remove(QStringLiteral("playground/scales"));
  settings::remove(QStringLiteral("compute/device"));
}

TEST_F(PlaygroundPageTest, APointAndACommaBothPartDecimals) {
  const QLocale before;
  QLocale::setDefault(QLocale(QLocale::German));
  page_.reset();
  page_ = std::make_unique<PlaygroundPage>(*session_);
  page_->show();
  for (const char* text : {"0.7", "0,7"}) {
    for (const char* name : {"playground.temperature", "playground.topP"}) {
      auto* box = find<QDoubleSpinBox>(name);
      ASSERT_NE(box, nullptr) << name;
      box->setValue(0.2);
      box->setFocus();
      box->selectAll();
      QTest::keyClicks(box, QLatin1String(text));
      QTest::keyClick(box, Qt::Key_Return);
      EXPECT_DOUBLE_EQ(box->value(), 0.7) << name << ": " << text;
    }
  }
  QLocale::setDefault(before);
}

TEST_F(PlaygroundPageTest, WhatWasChosenIsThereAgain) {
  auto* scales = find<QComboBox>("playground.scales");
  scales->setCurrentIndex(scales->findData(QStringLiteral("folded")));
  find<QSpinBox>("playground.tokens")->setValue(33);
  find<QDoubleSpinBox>("playground.temperature")->setValue(0.7);
  find<QDoubleSpinBox>("playground.topP")->setValue(0.85);
  find<QSpinBox>("playground.seed")->setValue(99);
  find<QPlainTextEdit>("playground.prompt")->setPlainText(QStringLiteral("The sea was"));
  page_.reset();  // as at the end of the studio, or for another language
  settings::flush();
  EXPECT_EQ(QSettings().value(QStringLiteral("playground/seed")).toInt(), 99);
  page_ = std::make_unique<PlaygroundPage>(*session_);
  EXPECT_EQ(find<QSpinBox>("playground.tokens")->value(), 33);
  EXPECT_DOUBLE_EQ(find<QDoubleSpinBox>("playground.temperature")->value(), 0.7);
  EXPECT_DOUBLE_EQ(find<QDoubleSpinBox>("playground.topP")->value(), 0.85);
  EXPECT_EQ(find<QSpinBox>("playground.seed")->value(), 99);
  EXPECT_EQ(find<QPlainTextEdit>("playground.prompt")->toPlainText(), QStringLiteral("The sea was"));
  EXPECT_EQ(find<QComboBox>("playground.scales")->currentData().toString(), QStringLiteral("folded"));
  // A settings file edited by hand.
  settings::set(QStringLiteral("playground/tokens"), QStringLiteral("many"));
  settings::set(QStringLiteral("playground/temperature"), -3);
  settings::set(QStringLiteral("playground/scales"), QStringLiteral("none"));
  page_ = std::make_unique<PlaygroundPage>(*session_);
  EXPECT_EQ(find<QSpinBox>("playground.tokens")->value(), 64);
  EXPECT_EQ(find<QDoubleSpinBox>("playground.temperature")->value(), 0);
  EXPECT_EQ(find<QComboBox>("playground.scales")->currentData().toString(), QStringLiteral("exact"));
  for (const char* key : {"tokens", "temperature", "topP", "seed", "scales", "prompt"})
    settings::remove(QStringLiteral("playground/") + QLatin1String(key));
}

TEST(TokenFlow, AWordThatBeginsALineIsNotIndented) {
  TokenFlow flow(QStringLiteral("flow"));
  flow.setBoxed(false);
  FlowToken first;
  first.text = QString(16, QLatin1Char('H'));
  FlowToken second;
  second.text = QLatin1Char(' ') + first.text;
  flow.setTokens({first, second});
  const int line = flow.fontMetrics().height() * 3 / 2;
  flow.resize(flow.fontMetrics().horizontalAdvance(first.text) * 3 / 2, 4 * line);
  flow.show();
  const QImage seen = flow.viewport()->grab().toImage();
  const QRgb ground = seen.pixel(seen.width() - 2, seen.height() - 2);
  const auto leftmost = [&](int number) {
    for (int x = 0; x < seen.width(); ++x)
      for (int y = number * line; y < (number + 1) * line; ++y)
        if (seen.pixel(x, y) != ground) return x;
    return -1;
  };
  EXPECT_GT(leftmost(0), 0);
  EXPECT_EQ(leftmost(1), leftmost(0));
}

TEST(DivergenceColours, LetTextBeReadInBothPalettes) {
  for (const QPalette& palette : {lightPalette(), darkPalette()}) {
    for (int level = 1; level < kDivergenceLevels; ++level)
      EXPECT_GE(PlotTheme::contrast(divergenceColour(palette, level), palette.color(QPalette::Text)), 4.5) << level;
  }
}

TEST(DivergenceColours, DifferInLightnessOnBothGrounds) {
  for (const QColor& base : {QColor(Qt::white), QColor(30, 30, 30)}) {
    QPalette palette;
    palette.setColor(QPalette::Base, base);
    EXPECT_FALSE(divergenceColour(palette, 0).isValid());
    double last = base.lightnessF();
    const bool dark = last < 0.5;
    for (int level = 1; level < kDivergenceLevels; ++level) {
      const double lightness = divergenceColour(palette, level).lightnessF();
      EXPECT_TRUE(dark ? lightness > last : lightness < last) << level;
      last = lightness;
    }
  }
}

}  // namespace
}  // namespace salient::ui
