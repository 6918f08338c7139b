// SPDX-License-Identifier: GPL-3.0-or-later
// What must hold on any screen; CMakeLists.txt runs it at 100, 200 and 300 % (QT_SCALE_FACTOR).
#include <QAbstractButton>
#include <QDir>
#include <QGroupBox>
#include <QLabel>
#include <QRegularExpression>
#include <QToolButton>
#include <algorithm>
#include <cmath>

#include "tests/ui/support/experiments.h"
#include "tests/ui/support/sample_scores.h"
#include "tests/ui/support/session_fixture.h"
#include "ui/plots/elided_label.h"
#include "ui/plots/plot_panel.h"
#include "ui/views/icons.h"
#include "ui/views/language.h"
#include "ui/views/page.h"

namespace salient::ui {
namespace {

class HighDpi : public SessionTest {
 protected:
  /// Whether all of a text that does not wrap can be seen.
  static bool isWhole(const QLabel& label) {
    if (label.wordWrap() || label.text().isEmpty() || dynamic_cast<const ElidedLabel*>(&label) != nullptr) return true;
    return label.width() + 1 >= label.minimumSizeHint().width() && label.height() + 1 >= label.fontMetrics().height();
  }
  static bool isWhole(const QAbstractButton& button) {
    return button.width() + 1 >= button.minimumSizeHint().width() &&
           button.height() + 1 >= std::min(button.minimumSizeHint().height(), button.fontMetrics().height());
  }
  /// Every label and button that is seen on each page.
  static void nothingIsClipped(Studio& studio) {
    int seen = 0;
    for (const Page* page : studio.window().findChildren<Page*>()) {
      trigger(studio.window(), qPrintable(QStringLiteral("view.") + page->objectName()));
      QTest::qWait(50);
      for (const QWidget* widget : page->findChildren<QWidget*>()) {
        if (!widget->isVisible()) continue;
        const auto* label = qobject_cast<const QLabel*>(widget);
        const auto* button = qobject_cast<const QAbstractButton*>(widget);
        if (label == nullptr && button == nullptr) continue;
        ++seen;
        EXPECT_TRUE(label != nullptr ? isWhole(*label) : isWhole(*button))
            << qPrintable(page->objectName()) << ": " << qPrintable(label != nullptr ? label->text() : button->text())
            << " has " << widget->width() << " by " << widget->height();
      }
    }
    EXPECT_GT(seen, 150);
  }
  /// How many pixels of the screen a line takes that is one wide: of the chart's left axis, at half its height.
  static int thicknessOfTheAxis(QCustomPlot& chart) {
    const QImage image = chart.grab().toImage();
    const double ratio = image.devicePixelRatio();
    const QRect plot = chart.axisRect()->rect();
    // Between two ticks, where nothing but the axis and its background is.
    const auto dark = [&](int x, int y) { return std::abs(qGray(image.pixel(x, y)) - qGray(image.pixel(0, 0))) > 60; };
    int best = 1000;
    for (int y = plot.top() + plot.height() / 4; y < plot.bottom() - plot.height() / 4; ++y) {
      int count = 0;
      for (int x = static_cast<int>((plot.left() - 3) * ratio); x < static_cast<int>((plot.left() + 3) * ratio); ++x)
        count += dark(x, static_cast<int>(y * ratio)) ? 1 : 0;
      if (count > 0) best = std::min(best, count);
    }
    return best;
  }
};

TEST_F(HighDpi, NoTextIsClipped) {
  for (const char* language : {"en", "de"}) {
    installLanguage(QString::fromLatin1(language));
    const QString folder = folder_.filePath(QString::fromLatin1(language));
    ASSERT_TRUE(QDir().mkpath(folder));
    addExperiments(folder + QStringLiteral("/experiments.db"), 3);
    Studio studio(folder);
    ASSERT_TRUE(studio.ready());
    studio.window().resize(1280, 720);  // of a 4K screen at 300 %
    studio.session().openSample();
    ASSERT_TRUE(waitFor([&] { return studio.session().hasModel(); }));
    const QString scores = folder + QStringLiteral("/sample.scores");
    ASSERT_TRUE(save_scores(sampleScores(), scores.toStdString()));
    studio.session().openScores(scores);
    ASSERT_TRUE(waitFor([&] { return studio.session().scores() != nullptr; }));
    nothingIsClipped(studio);
  }
  installLanguage(QString());
}

TEST_F(HighDpi, PlotsAndIconsAreDrawnInThePixelsOfTheScreen) {
  Studio studio(folder_.path());
  ASSERT_TRUE(studio.ready());
  const double ratio = studio.window().devicePixelRatio();
  auto* panel = findIn<PlotPanel>(studio.window(), "tradeoff.plot");
  panel->chart().setParent(nullptr);  // by itself, whatever the page shows
  panel->chart().resize(400, 300);
  panel->chart().show();
  panel->chart().replot();
  QTest::qWait(50);
  EXPECT_DOUBLE_EQ(panel->chart().bufferDevicePixelRatio(), ratio);
  EXPECT_NEAR(thicknessOfTheAxis(panel->chart()), ratio, 1);
  // A font's points are the same; its pixels are as many more.
  const QImage text = [&] {
    QLabel label(QStringLiteral("0"));
    label.setFont(panel->chart().xAxis->tickLabelFont());
    return label.grab().toImage();
  }();
  EXPECT_DOUBLE_EQ(text.devicePixelRatio(), ratio);
  const QPixmap drawn = icon(QStringLiteral("search")).pixmap(QSize(16, 16), ratio);
  EXPECT_EQ(drawn.size(), QSize(16, 16) * ratio);
  panel->chart().setParent(panel);
}

}  // namespace
}  // namespace salient::ui
