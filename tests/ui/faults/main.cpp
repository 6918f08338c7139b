// SPDX-License-Identifier: GPL-3.0-or-later
// Disturbs the studio at random moments and says how that went; exit code 1 where something did not hold.
//
//   studio_faults [--kills N] [--cancels N] [--cancel-within MS] [--closes N] [--operations N] [--seed N] [--report
//   FILE]
//
// N kills of the worker in each kind of job (search, quantize, evaluate, export, generate); N cancelled jobs of each
// kind but the last; N closed windows and N killed studios, spread over the kinds; N operations of two studios and a
// command line on one experiment file. Without options the long run: 200, 200, 200 and 1,000. A cancel is promised
// within a second
// (--cancel-within 1000) where the machine does nothing else.
#include <QApplication>
#include <QCommandLineParser>
#include <QDateTime>
#include <QFile>
#include <QTemporaryDir>
#include <QThread>
#include <cstdio>

#include "core/base/system.h"
#include "tests/ui/faults/job_faults.h"
#include "tests/ui/faults/store_mix.h"

namespace {

using namespace salient::ui;

QString table(const QVector<Tally>& tallies) {
  QString text = QStringLiteral(
      "| fault | hit | missed | resumed | jobs completed | mean answer | slowest answer | longest stall | problems |\n"
      "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
  const auto time = [](double milliseconds) {
    return milliseconds > 0 ? QStringLiteral("%1 ms").arg(milliseconds, 0, 'f', 0) : QStringLiteral("–");
  };
  for (const Tally& tally : tallies) {
    if (tally.faults + tally.missed == 0) continue;
    text += QStringLiteral("| %1 | %2 | %3 | %4 | %5 | %6 | %7 | %8 | %9 |\n")
                .arg(tally.what)
                .arg(tally.faults)
                .arg(tally.missed)
                .arg(tally.resumed)
                .arg(tally.completed)
                .arg(time(tally.sum / std::max(1, tally.faults)), time(tally.slowest), time(tally.longestStall))
                .arg(tally.problems.size());
  }
  for (const Tally& tally : tallies) {
    if (tally.faults + tally.missed > 0) continue;
    text += QStringLiteral("\n%1: %2 operations, %3 problems\n")
                .arg(tally.what)
                .arg(tally.completed)
                .arg(tally.problems.size());
  }
  for (const Tally& tally : tallies)
    for (const QString& problem : tally.problems)
      text += QStringLiteral("\n- ") + problem + QLatin1Char('\n');
  return text;
}

class Run {
 public:
  Run(const QString& folder, quint64 seed) : folder_(folder), seed_(seed), moments_(seed), jobs_(folder) {}

  bool ready() const {
    if (!jobs_.problem().isEmpty()) std::fprintf(stderr, "%s\n", qPrintable(jobs_.problem()));
    return jobs_.problem().isEmpty();
  }
  void faults(int kills, int cancels, double within, int closes) {
    // The playground's text is no job of the queue, so a killed studio has nothing of it to find again.
    const auto kinds = static_cast<int>(SampleJobs::kinds().size());
    const auto share = [closes](int of, int index) { return closes / of + (index < closes % of ? 1 : 0); };
    for (int i = 0; i < kinds; ++i) {
      const QString kind = SampleJobs::kinds().at(i);
      const int windows = share(kinds + 1, i);
      const int studios = share(kinds, i);
      if (kills > 0) take(killWorkers(jobs_, kind, folder("killed", kind), kills, moments_));
      if (cancels > 0) take(cancelJobs(jobs_, kind, folder("cancelled", kind), cancels, moments_, within));
      if (windows > 0) take(closeWindows(jobs_, kind, folder("closed", kind), windows, moments_));
      if (studios > 0) take(killStudios(jobs_, kind, folder("crashed", kind), studios, moments_));
    }
    const QString generate = QStringLiteral("generate");
    const int windows = share(kinds + 1, kinds);
    if (kills > 0) take(killGenerators(jobs_, folder("killed", generate), kills, moments_));
    if (windows > 0) take(closeWhileGenerating(jobs_, folder("closed", generate), windows, moments_));
  }
  void operations(int count) {
    if (count > 0) take(mixOperations(folder("store", QStringLiteral("shared")), count, seed_));
  }
  [[nodiscard]] const QVector<Tally>& tallies() const { return tallies_; }

 private:
  QString folder(const char* fault, const QString& kind) const {
    const QString path = QStringLiteral("%1/%2-%3").arg(folder_, QLatin1String(fault), kind);
    QDir().mkpath(path);
    return path;
  }
  void take(const Tally& tally) {
    tallies_.append(tally);
    std::fprintf(stderr, "%s: %d hit, %lld problems\n", qPrintable(tally.what), tally.faults + tally.missed,
                 static_cast<long long>(tally.problems.size()));
  }

  QString folder_;
  quint64 seed_;
  Moments moments_;
  SampleJobs jobs_;
  QVector<Tally> tallies_;
};

}  // namespace

int main(int argc, char** argv) {
  const QTemporaryDir home;
  for (const char* variable : {"XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"})
    qputenv(variable, home.filePath(QString::fromLatin1(variable)).toLocal8Bit());
  if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "offscreen");
  qputenv("SALIENT_PROGRAM", SALIENT_PROGRAM);
  qputenv("QT_LOGGING_RULES", "default.warning=false");  // the plugin offscreen tells what it does not do
  QApplication application(argc, argv);
  QApplication::setOrganizationName(QStringLiteral("Salient"));
  QApplication::setApplicationName(QStringLiteral("studio-faults"));
  const QStringList arguments = QApplication::arguments();
  if (arguments.value(1) == QLatin1String("--studio")) return studioProcess(arguments.value(2));
  if (arguments.value(1) == QLatin1String("--store"))
    return storeProcess(arguments.value(2), arguments.value(3), arguments.value(4).toInt(),
                        arguments.value(5).toULongLong());

  QCommandLineParser parser;
  const QCommandLineOption kills(QStringLiteral("kills"), {}, QStringLiteral("N"), QStringLiteral("200"));
  const QCommandLineOption cancels(QStringLiteral("cancels"), {}, QStringLiteral("N"), QStringLiteral("200"));
  const QCommandLineOption within(QStringLiteral("cancel-within"), {}, QStringLiteral("MS"), QStringLiteral("5000"));
  const QCommandLineOption closes(QStringLiteral("closes"), {}, QStringLiteral("N"), QStringLiteral("200"));
  const QCommandLineOption operations(QStringLiteral("operations"), {}, QStringLiteral("N"), QStringLiteral("1000"));
  const QCommandLineOption seed(QStringLiteral("seed"), {}, QStringLiteral("N"), QStringLiteral("1"));
  const QCommandLineOption report(QStringLiteral("report"), {}, QStringLiteral("FILE"));
  parser.addOptions({kills, cancels, within, closes, operations, seed, report});
  parser.addHelpOption();
  parser.process(application);

  QElapsedTimer timer;
  timer.start();
  const QTemporaryDir folder;
  Run run(folder.path(), parser.value(seed).toULongLong());
  if (!run.ready()) return 1;
  run.faults(parser.value(kills).toInt(), parser.value(cancels).toInt(), parser.value(within).toDouble(),
             parser.value(closes).toInt());
  run.operations(parser.value(operations).toInt());

  const QString text = table(run.tallies());
  std::fputs(qPrintable(text), stdout);
  std::printf("\nseed %s, %lld s, %d processors\n", qPrintable(parser.value(seed)),
              static_cast<long long>(timer.elapsed() / 1000), QThread::idealThreadCount());
  if (parser.isSet(report)) {
    QFile file(parser.value(report));
    if (!file.open(QIODevice::WriteOnly) || file.write(text.toUtf8()) < 0) return 1;
  }
  const bool held = std::all_of(run.tallies().begin(), run.tallies().end(),
                                [](const Tally& tally) { return tally.problems.isEmpty(); });
  return held ? 0 : 1;
}
