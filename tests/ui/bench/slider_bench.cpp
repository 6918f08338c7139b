// SPDX-License-Identifier: GPL-3.0-or-later
// How many times a second the budget page follows its slider, with the scores of a 70B model (or a scores file that is
// named): slider_bench [FILE]. An update is complete when both charts have been painted. Exit code 1 where any reading
// makes fewer than 60 a second.
#include <QApplication>
#include <QElapsedTimer>
#include <QSlider>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <vector>

#include "core/search/scores.h"
#include "tests/bench/synthetic_scores.h"
#include "ui/models/budget_model.h"
#include "ui/models/session.h"
#include "ui/views/budget_page.h"

namespace {

using namespace salient;
using namespace salient::ui;

constexpr int kUpdates = 300;
constexpr double kPromisedUpdates = 60;  ///< a second

class PaintCounter : public QObject {
 public:
  int paints = 0;
  bool eventFilter(QObject*, QEvent* event) override {
    paints += event->type() == QEvent::Paint ? 1 : 0;
    return false;
  }
};

/// Updates a second.
double drive(BudgetPage& page, const QString& reading) {
  page.findChild<QWidget*>(reading + QStringLiteral(".chosen"))->setFocus();
  QTest::mouseClick(page.findChild<QWidget*>(reading + QStringLiteral(".chosen")), Qt::LeftButton, {}, QPoint(5, 5));
  auto* slider = page.findChild<QSlider*>(QStringLiteral("budget.slider"));
  PaintCounter curve;
  PaintCounter map;
  page.findChild<QWidget*>(QStringLiteral("budget.curve.chart"))->installEventFilter(&curve);
  page.findChild<QWidget*>(QStringLiteral("budget.map.chart"))->installEventFilter(&map);
  QTest::qWait(200);
  std::vector<double> times;
  const std::clock_t cpu = std::clock();
  for (int i = 0; i < kUpdates; ++i) {
    curve.paints = 0;
    map.paints = 0;
    QElapsedTimer timer;
    timer.start();
    slider->setValue(500 + 23 * i);
    while (curve.paints == 0 || map.paints == 0)
      QCoreApplication::processEvents();
    times.push_back(static_cast<double>(timer.nsecsElapsed()) / 1e6);
  }
  const double busy = 1000.0 * static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC / kUpdates;
  std::sort(times.begin(), times.end());
  double sum = 0;
  for (const double time : times)
    sum += time;
  std::printf("%-16s %5.0f updates/s (mean %.1f ms, median %.1f, 95 %% %.1f, slowest %.1f; processor time %.1f ms)\n",
              qPrintable(reading), 1000.0 * kUpdates / sum, sum / kUpdates, times[times.size() / 2],
              times[times.size() * 95 / 100], times.back(), busy);
  return 1000.0 * kUpdates / sum;
}

}  // namespace

int main(int argc, char** argv) {
  const QTemporaryDir home;
  for (const char* variable : {"XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"})
    qputenv(variable, home.filePath(QString::fromLatin1(variable)).toLocal8Bit());
  if (qEnvironmentVariableIsEmpty("DISPLAY")) qputenv("QT_QPA_PLATFORM", "offscreen");
  QApplication application(argc, argv);
  QString file = argc > 1 ? QString::fromLocal8Bit(argv[1]) : QString();
  if (file.isEmpty()) {
    file = home.filePath(QStringLiteral("70b.scores"));
    const auto saved = save_scores(synthetic_scores(llama70b_config(), 1), file.toStdString());
    if (!saved) {
      std::fprintf(stderr, "%s\n", saved.error().to_string().c_str());
      return 1;
    }
  }
  Session session({});
  BudgetPage page(session);
  page.resize(1400, 900);
  page.show();
  const BudgetModel& budget = BudgetModel::of(session);
  QElapsedTimer timer;
  timer.start();
  session.openScores(file);
  if (!QTest::qWaitFor([&] { return budget.state() == BudgetModel::State::ready; }, 120'000)) {
    std::fprintf(stderr, "the scores were not ready in time\n");
    return 1;
  }
  std::printf("%lld output features in %lld linears, ready after %lld ms\n", static_cast<long long>(budget.features()),
              static_cast<long long>(budget.linears().size()), static_cast<long long>(timer.elapsed()));
  bool kept = true;
  for (const char* reading : {"budget.percent", "budget.bits", "budget.bytes"})
    kept = drive(page, QLatin1String(reading)) >= kPromisedUpdates && kept;
  return kept ? 0 : 1;
}
