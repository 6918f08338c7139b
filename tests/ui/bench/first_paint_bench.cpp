// SPDX-License-Identifier: GPL-3.0-or-later
// From the start of the process (before the loader has read a library) to the end of the main window's first paint, and
// until all pages are made: first_paint_bench [TIMES]. Each start is a process of its own that does what app/studio's
// main() does, with settings, jobs and a hundred experiments of an earlier session. Exit code 1 where the slowest first
// paint took a second or more.
#include <QApplication>
#include <QProcess>
#include <QTemporaryDir>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include "tests/ui/support/experiments.h"
#include "ui/models/session.h"
#include "ui/views/appearance.h"
#include "ui/views/language.h"
#include "ui/views/window_keeper.h"

namespace {

using namespace salient::ui;

constexpr double kPromisedMilliseconds = 1000;
constexpr int kTimes = 10;

qint64 now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

/// Takes the time when the window has drawn itself: behind its paint event and before the next.
class FirstPaint : public QObject {
 public:
  qint64 at = 0;
  bool eventFilter(QObject* /*watched*/, QEvent* event) override {
    if (at != 0 || event->type() != QEvent::Paint) return false;
    QMetaObject::invokeMethod(
        this, [this] { at = at == 0 ? now() : at; }, Qt::QueuedConnection);
    return false;
  }
};

void name() {
  QCoreApplication::setOrganizationName(QStringLiteral("salient"));
  QCoreApplication::setApplicationName(QStringLiteral("salient-studio"));
}

int start(int argc, char** argv) {
  QApplication::setHighDpiScaleFactorRoundingPolicy(Qt::HighDpiScaleFactorRoundingPolicy::PassThrough);
  const QApplication application(argc, argv);
  name();
  installLanguage(savedLanguage());
  applyAppearance(savedAppearance());
  Session session({});
  WindowKeeper keeper(session);
  FirstPaint paint;
  keeper.window().installEventFilter(&paint);
  QObject::connect(&keeper.window(), &MainWindow::completed, [&] {
    std::printf("%lld %lld\n", static_cast<long long>(paint.at), static_cast<long long>(now()));
    QCoreApplication::quit();
  });
  return QApplication::exec();
}

void report(const char* what, std::vector<double> times) {
  std::sort(times.begin(), times.end());
  std::printf("%-14s median %4.0f ms, fastest %4.0f, slowest %4.0f\n", what, times[times.size() / 2], times.front(),
              times.back());
}

}  // namespace

int main(int argc, char** argv) {
  if (qEnvironmentVariableIsEmpty("DISPLAY") && qEnvironmentVariableIsEmpty("WAYLAND_DISPLAY") &&
      qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM"))
    qputenv("QT_QPA_PLATFORM", "offscreen");
  if (argc > 1 && qstrcmp(argv[1], "--once") == 0) return start(argc, argv);
  const QTemporaryDir home;
  for (const char* variable : {"XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"})
    qputenv(variable, home.filePath(QString::fromLatin1(variable)).toLocal8Bit());
  qputenv("SALIENT_PROGRAM", SALIENT_PROGRAM);
  const QCoreApplication application(argc, argv);
  addExperiments(QString::fromStdString(salient::default_store_path().string()), 100);
  std::vector<double> paints;
  std::vector<double> pages;
  for (int i = 0; i < (argc > 1 ? std::atoi(argv[1]) : kTimes); ++i) {
    QProcess process;
    process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    const qint64 began = now();
    process.start(QCoreApplication::applicationFilePath(), {QStringLiteral("--once")});
    process.waitForFinished();
    const QList<QByteArray> said = process.readAllStandardOutput().trimmed().split(' ');
    if (said.size() != 2 || said[0] == "0") {
      std::fprintf(stderr, "a start did not come to its first paint\n");
      return 1;
    }
    paints.push_back(static_cast<double>(said[0].toLongLong() - began) / 1e6);
    pages.push_back(static_cast<double>(said[1].toLongLong() - began) / 1e6);
  }
  if (paints.empty()) return 2;
  report("first paint", paints);
  report("all pages made", pages);
  return *std::max_element(paints.begin(), paints.end()) < kPromisedMilliseconds ? 0 : 1;
}
