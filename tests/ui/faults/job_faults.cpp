// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/faults/job_faults.h"

#include <QApplication>
#include <QFile>
#include <QJsonDocument>
#include <QLabel>
#include <QMessageBox>
#include <QPlainTextEdit>
#include <QProcess>
#include <QPushButton>
#include <QSpinBox>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <functional>
#include <future>

#include "tests/ui/faults/processes.h"
#include "tests/ui/support/studio.h"
#include "tests/ui/support/watchdog.h"
#include "ui/views/error_panel.h"
#include "ui/views/playground_page.h"
#include "ui/views/token_flow.h"

namespace salient::ui {
namespace {

using State = JobRecord::State;

double milliseconds(const QElapsedTimer& timer) {
  return static_cast<double>(timer.nsecsElapsed()) / 1e6;
}

/// Waits for a random moment of a job that takes `most` milliseconds; false when it ended before.
template <class AtWork>
bool randomMoment(Moments& moments, int most, const AtWork& atWork) {
  const int chosen = moments.upTo(most);
  QElapsedTimer timer;
  timer.start();
  while (timer.elapsed() < chosen && atWork())
    QTest::qWait(1);
  return atWork();
}

bool click(QWidget& window, const QString& name) {
  auto* button = window.findChild<QAbstractButton*>(name);
  if (button == nullptr || !button->isVisible() || !button->isEnabled()) return false;
  QTest::mouseClick(button, Qt::LeftButton);
  return true;
}

/// The studio's last job, or a new one where that has come to its end; 0 where the last one cannot go on.
qint64 nextJob(Studio& studio, const SampleJobs& jobs, const QString& kind, const QString& folder, Tally& tally) {
  const JobRecord* last = studio.lastJob();
  if (last == nullptr || last->state == State::done) {
    const QString own = QStringLiteral("%1/%2").arg(folder).arg(tally.completed);
    return studio.session().jobs().add(kind, jobs.request(kind, own));
  }
  if (!tally.expect(last->resumable(), QStringLiteral("a job is left that cannot be resumed"))) return 0;
  ++tally.resumed;
  studio.session().jobs().resume(last->id);
  return last->id;
}

bool ended(const JobRecord& job) {
  return job.state != State::waiting && job.state != State::running;
}

/// A job at its end: well, and with the bytes of an undisturbed one.
void complete(const JobRecord& job, const SampleJobs& jobs, Tally& tally) {
  if (!tally.expect(job.state == State::done, QStringLiteral("not done: ") + job.error.message)) return;
  ++tally.completed;
  // In another thread: what the event loop waits for here would look like the studio's doing.
  auto same = std::async(std::launch::async, [&jobs, job] { return jobs.same(job); });
  tally.expect(
      waitFor([&] { return same.wait_for(std::chrono::seconds(0)) == std::future_status::ready; }) && same.get(),
      QStringLiteral("another result than undisturbed"));
}

void finishLast(Studio& studio, const SampleJobs& jobs, Tally& tally) {
  const JobRecord* last = studio.lastJob();
  if (last == nullptr || last->state == State::done) return;
  if (last->resumable()) {
    ++tally.resumed;
    studio.session().jobs().resume(last->id);
  }
  if (tally.expect(waitFor([&] { return ended(*studio.lastJob()); }), QStringLiteral("no end")))
    complete(*studio.lastJob(), jobs, tally);
}

void noneLeft(const QSet<qint64>& processes, Tally& tally) {
  for (const qint64 process : processes) {
    const bool gone = waitFor([&] { return !alive(process); }, static_cast<int>(kAnswerMilliseconds));
    if (!tally.expect(gone, QStringLiteral("process %1 is left over").arg(process)))
      ::kill(static_cast<pid_t>(process), SIGKILL);
  }
}

Tally tallyOf(const QString& kind, const char* fault) {
  Tally tally;
  tally.what = QStringLiteral("%1: %2").arg(kind, QLatin1String(fault));
  return tally;
}

}  // namespace

namespace {

/// What is done to a running job, and what the studio must make of it; both for one moment.
struct Blow {
  std::function<void(Studio&)> strike;
  std::function<void(Studio&, Tally&)> answer;  ///< checks what is shown and resumes
};

Tally disturb(Tally tally, const SampleJobs& jobs, const QString& kind, const QString& folder, int times,
              Moments& moments, const Blow& blow) {
  const QSet<qint64> before = children();
  {
    Studio studio(folder);
    if (!tally.expect(studio.ready(), QStringLiteral("the studio did not open"))) return tally;
    JobQueue& queue = studio.session().jobs();
    Watchdog watchdog;
    while (tally.faults < times && tally.problems.isEmpty()) {
      const JobRecord* last = studio.lastJob();
      if (last == nullptr || last->state == State::done) nextJob(studio, jobs, kind, folder, tally);
      const auto atWork = [&] { return queue.running() != nullptr && queue.processId() != 0; };
      if (randomMoment(moments, jobs.milliseconds(kind), atWork)) blow.strike(studio);
      QElapsedTimer timer;
      timer.start();
      if (!tally.expect(waitFor([&] { return ended(*studio.lastJob()); }), QStringLiteral("no answer"))) break;
      if (studio.lastJob()->state == State::done) {  // it ended before, or its answer was on the way
        ++tally.missed;
        complete(*studio.lastJob(), jobs, tally);
        continue;
      }
      tally.answered(milliseconds(timer));
      blow.answer(studio, tally);
    }
    tally.longestStall = watchdog.longestMilliseconds();
    finishLast(studio, jobs, tally);
  }
  noneLeft(children() - before, tally);
  return tally;
}

}  // namespace

Tally killWorkers(const SampleJobs& jobs, const QString& kind, const QString& folder, int times, Moments& moments) {
  qint64 process = 0;
  const auto strike = [&](Studio& studio) {
    process = studio.session().jobs().processId();
    ::kill(static_cast<pid_t>(process), SIGKILL);
  };
  const auto answer = [&](Studio& studio, Tally& tally) {
    const JobRecord& job = *studio.lastJob();
    tally.expect(job.state == State::interrupted, QStringLiteral("ended as something else: ") + job.error.message);
    tally.expect(job.error.message.contains(QStringLiteral("killed")), QStringLiteral("no words about it"));
    const bool offered = waitFor([&] { return click(studio.window(), QStringLiteral("notice.resume")); }, 1000);
    tally.expect(offered, QStringLiteral("no offer to resume"));
    tally.resumed += offered ? 1 : 0;
    noneLeft({process}, tally);
  };
  return disturb(tallyOf(kind, "worker killed"), jobs, kind, folder, times, moments, {strike, answer});
}

Tally cancelJobs(const SampleJobs& jobs, const QString& kind, const QString& folder, int times, Moments& moments,
                 double within) {
  const auto strike = [](Studio& studio) { click(studio.window(), QStringLiteral("status.cancel")); };
  const auto answer = [](Studio& studio, Tally& tally) {
    const JobRecord& job = *studio.lastJob();
    tally.expect(job.state == State::cancelled, QStringLiteral("ended as something else: ") + job.error.message);
    ++tally.resumed;
    studio.session().jobs().resume(job.id);
  };
  Tally tally = tallyOf(kind, "cancelled");
  tally.promised = within;
  return disturb(tally, jobs, kind, folder, times, moments, {strike, answer});
}

Tally closeWindows(const SampleJobs& jobs, const QString& kind, const QString& folder, int times, Moments& moments) {
  Tally tally = tallyOf(kind, "window closed");
  const QSet<qint64> before = children();
  while (tally.faults < times && tally.problems.isEmpty()) {
    auto studio = std::make_unique<Studio>(folder);
    if (!tally.expect(studio->ready(), QStringLiteral("the studio did not open"))) break;
    const qint64 id = nextJob(*studio, jobs, kind, folder, tally);
    if (id == 0) break;
    JobQueue& queue = studio->session().jobs();
    randomMoment(moments, jobs.milliseconds(kind), [&] { return queue.running() != nullptr; });
    const QSet<qint64> processes = children() - before;
    const bool hit = queue.running() != nullptr;
    QElapsedTimer timer;
    timer.start();
    studio->window().close();
    if (hit) {
      // The job may end while the question is asked: the question then goes, or closing needs no answer.
      tally.expect(waitFor([&] {
                     return !studio->window().isVisible() || click(studio->window(), QStringLiteral("closing.stop"));
                   }),
                   QStringLiteral("closing does not ask"));
    }
    tally.expect(waitFor([&] { return !studio->window().isVisible(); }), QStringLiteral("the window stays open"));
    const JobRecord job = *studio->lastJob();
    studio.reset();
    if (hit) {
      tally.answered(milliseconds(timer));
    } else {
      ++tally.missed;
    }
    noneLeft(processes, tally);
    if (job.state == State::done) {
      complete(job, jobs, tally);
    } else {
      tally.expect(job.state == State::interrupted, QStringLiteral("left as something else: ") + job.error.message);
    }
  }
  Studio studio(folder);
  if (studio.ready()) finishLast(studio, jobs, tally);
  return tally;
}

namespace {

/// The playground of a studio, with the sample and a packed model, ready to write.
class Playing {
 public:
  Playing(Studio& studio, const SampleJobs& jobs, Tally& tally) : studio_(studio) {
    studio.session().openModel(Session::sampleDirectory());
    ready_ = tally.expect(studio.ready() && waitFor([&] { return studio.session().hasModel(); }),
                          QStringLiteral("the sample did not open"));
    if (!ready_) return;
    studio.window().showPage(QLatin1String(page::playground));
    auto* page = qobject_cast<PlaygroundPage*>(studio.window().page(QLatin1String(page::playground)));
    page->choosePacked(jobs.packed());
    find<QSpinBox>("playground.tokens")->setValue(kTokens);
    // The helper, which opened the model, is not the one that writes.
    before_ = children();
  }
  static constexpr int kTokens = 96;

  [[nodiscard]] bool ready() const { return ready_; }
  [[nodiscard]] bool start() { return click(studio_.window(), QStringLiteral("playground.start.button")); }
  [[nodiscard]] bool atWork() { return find<QPushButtonOrTool>("playground.stop.button")->isEnabled(); }
  /// Of the error, where there is one.
  [[nodiscard]] QString message() {
    const auto* error = find<ErrorPanel>("playground.error");
    return error->isHidden() ? find<QLabel>("playground.message")->text() : error->error().message;
  }
  [[nodiscard]] qsizetype tokens() { return find<TokenFlow>("playground.packed")->tokens().size(); }
  /// The worker that writes; 0 before it has begun.
  [[nodiscard]] qint64 process() const {
    const QSet<qint64> fresh = children() - before_;
    return fresh.isEmpty() ? 0 : *fresh.begin();
  }

 private:
  using QPushButtonOrTool = QAbstractButton;
  template <class T>
  T* find(const char* name) {
    return studio_.window().findChild<T*>(QLatin1String(name));
  }
  Studio& studio_;
  QSet<qint64> before_;
  bool ready_ = false;
};

}  // namespace

Tally killGenerators(const SampleJobs& jobs, const QString& folder, int times, Moments& moments) {
  Tally tally = tallyOf(QStringLiteral("generate"), "worker killed");
  const QSet<qint64> before = children();
  {
    Studio studio(folder);
    Playing playing(studio, jobs, tally);
    if (!playing.ready()) return tally;
    const auto writesAll = [&] {
      const bool ended = tally.expect(playing.start(), QStringLiteral("Generate cannot be pressed")) &&
                         tally.expect(waitFor([&] { return !playing.atWork(); }), QStringLiteral("no end"));
      return ended && tally.expect(playing.tokens() > 0, QStringLiteral("nothing written: ") + playing.message());
    };
    QElapsedTimer timer;
    timer.start();
    if (!writesAll()) return tally;
    const auto undisturbed = static_cast<int>(timer.elapsed());
    Watchdog watchdog;
    while (tally.faults < times && tally.problems.isEmpty()) {
      if (!tally.expect(playing.start(), QStringLiteral("Generate cannot be pressed"))) break;
      const bool hit = randomMoment(moments, undisturbed, [&] { return playing.atWork(); });
      const qint64 process = playing.process();
      if (hit && process != 0) ::kill(static_cast<pid_t>(process), SIGKILL);
      timer.start();
      if (!tally.expect(waitFor([&] { return !playing.atWork(); }), QStringLiteral("no answer"))) break;
      if (!playing.message().contains(QStringLiteral("killed"))) {
        ++tally.missed;  // it ended before the signal
        ++tally.completed;
        continue;
      }
      tally.answered(milliseconds(timer));
      noneLeft({process}, tally);
      ++tally.resumed;  // by the next start
    }
    tally.longestStall = watchdog.longestMilliseconds();
    if (tally.problems.isEmpty() && writesAll()) ++tally.completed;
  }
  noneLeft(children() - before, tally);
  return tally;
}

Tally closeWhileGenerating(const SampleJobs& jobs, const QString& folder, int times, Moments& moments) {
  Tally tally = tallyOf(QStringLiteral("generate"), "window closed");
  const QSet<qint64> before = children();
  constexpr int kLongestMilliseconds = 400;
  while (tally.faults + tally.missed < times && tally.problems.isEmpty()) {
    auto studio = std::make_unique<Studio>(folder);
    Playing playing(*studio, jobs, tally);
    if (!playing.ready() || !tally.expect(playing.start(), QStringLiteral("Generate cannot be pressed"))) break;
    const bool hit = randomMoment(moments, kLongestMilliseconds, [&] { return playing.atWork(); });
    const QSet<qint64> processes = children() - before;
    QElapsedTimer timer;
    timer.start();
    studio->window().close();
    tally.expect(!studio->window().isVisible(), QStringLiteral("the window stays open"));
    studio.reset();
    if (hit) {
      tally.answered(milliseconds(timer));
    } else {
      ++tally.missed;
    }
    noneLeft(processes, tally);
  }
  return tally;
}

Tally killStudios(const SampleJobs& jobs, const QString& kind, const QString& folder, int times, Moments& moments) {
  Tally tally = tallyOf(kind, "studio killed");
  while (tally.faults < times && tally.problems.isEmpty()) {
    const QString own = QStringLiteral("%1/%2").arg(folder).arg(tally.completed);
    QFile request(folder + QStringLiteral("/request.json"));
    if (!tally.expect(request.open(QIODevice::WriteOnly), QStringLiteral("no request"))) break;
    request.write(QJsonDocument(jobs.request(kind, own)).toJson());
    request.close();
    QProcess studio;
    QByteArray said;
    QObject::connect(&studio, &QProcess::readyReadStandardOutput, [&] { said += studio.readAllStandardOutput(); });
    studio.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    studio.start(QCoreApplication::applicationFilePath(), {QStringLiteral("--studio"), folder});
    const auto runs = [&] { return studio.state() == QProcess::Running; };
    if (!tally.expect(waitFor([&] { return said.contains("at work") || studio.state() == QProcess::NotRunning; }),
                      QStringLiteral("no job began")))
      break;
    randomMoment(moments, jobs.milliseconds(kind), [&] { return runs() && !said.contains("done"); });
    const QSet<qint64> workers = runs() ? children(studio.processId()) : QSet<qint64>();
    const bool hit = runs() && !said.contains("done");
    QElapsedTimer timer;
    timer.start();
    studio.kill();
    tally.expect(waitFor([&] { return !runs(); }), QStringLiteral("the studio stays"));
    noneLeft(workers, tally);
    tally.resumed += said.contains("resumed") ? 1 : 0;
    if (hit) {
      tally.answered(milliseconds(timer));  // the workers' end
    } else {
      ++tally.missed;
    }
    // The next studio finds the job as it was; a finished one has left what an undisturbed one leaves.
    Studio next(folder);
    if (!tally.expect(next.ready() && next.lastJob() != nullptr, QStringLiteral("the next studio knows no job"))) break;
    if (next.lastJob()->state == State::done) {
      complete(*next.lastJob(), jobs, tally);
    } else {
      tally.expect(next.lastJob()->resumable(), QStringLiteral("the job cannot be resumed"));
      if (tally.faults == times) finishLast(next, jobs, tally);
    }
  }
  return tally;
}

int studioProcess(const QString& folder) {
  Studio studio(folder);
  if (!studio.ready()) return 1;
  JobQueue& queue = studio.session().jobs();
  const JobRecord* last = studio.lastJob();
  if (last != nullptr && last->resumable()) {
    std::puts("resumed");
    queue.resume(last->id);
  } else {
    QFile file(folder + QStringLiteral("/request.json"));
    if (!file.open(QIODevice::ReadOnly)) return 1;
    const QJsonObject request = QJsonDocument::fromJson(file.readAll()).object();
    queue.add(request.value(QLatin1String("op")).toString(), request);
  }
  std::puts("at work");
  std::fflush(stdout);
  if (!waitFor([&] { return ended(*studio.lastJob()); })) return 1;
  if (studio.lastJob()->state != State::done) {
    std::fprintf(stderr, "%s\n", qPrintable(studio.lastJob()->error.message));
    return 1;
  }
  std::puts("done");
  std::fflush(stdout);
  QTest::qWait(kWaitMilliseconds);  // until it is killed
  return 0;
}

}  // namespace salient::ui
