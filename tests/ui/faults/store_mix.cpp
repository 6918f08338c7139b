// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/faults/store_mix.h"

#include <sqlite3.h>

#include <QCoreApplication>
#include <QFile>
#include <QJsonDocument>
#include <QProcess>
#include <QSignalSpy>
#include <cstdio>
#include <memory>

#include "core/experiment/report_html.h"
#include "tests/ui/faults/ledger.h"
#include "tests/ui/support/experiments.h"
#include "tests/ui/support/waiting.h"
#include "ui/models/experiments_model.h"
#include "ui/models/session.h"

namespace salient::ui {
namespace {

constexpr int kEnough = 12;  // records of a process, after which it deletes more often

/// What a process chooses next; adding where there is nothing to change yet.
enum class Act { add, annotate, remove, look, report };

Act choose(Moments& moments, const Ledger& ledger) {
  if (ledger.notes().size() < 2) return Act::add;
  const int die = moments.upTo(9);
  if (die < 2) return ledger.notes().size() > kEnough ? Act::remove : Act::add;
  if (die < 5) return Act::annotate;
  if (die < 6) return Act::remove;
  return die < 9 ? Act::look : Act::report;
}

qint64 someRecord(Moments& moments, const Ledger& ledger) {
  return ledger.notes().keys().at(moments.upTo(static_cast<int>(ledger.notes().size()) - 1));
}

/// A studio's access: the model behind its pages, and for new records the store as its worker opens it.
class StudioAccess {
 public:
  StudioAccess(QString file, const QString& name, quint64 seed)
      : file_(std::move(file)), moments_(seed), number_(name == QLatin1String("second") ? 100'000 : 200'000) {
    model_.setFile(file_);
  }

  Ledger run(int operations) {
    while (ledger_.operations() < operations && ledger_.problems().isEmpty()) {
      switch (choose(moments_, ledger_)) {
        case Act::add: add(); break;
        case Act::annotate: annotate(); break;
        case Act::remove: remove(); break;
        case Act::look: look(); break;
        case Act::report: report(); break;
      }
    }
    return ledger_;
  }

 private:
  void add() {
    auto store = Store::open(file_.toStdString());
    if (!store) return ledger_.problem(QString::fromStdString(store.error().to_string()));
    ++number_;
    const auto id = store->begin(experimentStart(number_));
    if (!id) return ledger_.problem(QString::fromStdString(id.error().to_string()));
    const Status finished = store->finish(*id, experimentOutcome(number_ % 1000));
    if (!finished) return ledger_.problem(QString::fromStdString(finished.error().to_string()));
    ledger_.added(*id);
  }
  /// Asks the model for a change and waits until it says how that went.
  template <class Ask>
  bool changed(const Ask& ask) {
    return answered(&ExperimentsModel::changed, ask);
  }
  template <class Signal, class Ask>
  bool answered(Signal signal, const Ask& ask) {
    const QSignalSpy well(&model_, signal);
    const QSignalSpy failed(&model_, &ExperimentsModel::failed);
    ask();
    if (!waitFor([&] { return !well.isEmpty() || !failed.isEmpty(); })) {
      ledger_.problem(QStringLiteral("no answer"));
      return false;
    }
    if (!failed.isEmpty()) ledger_.problem(failed.first().first().value<ErrorInfo>().message);
    return failed.isEmpty();
  }
  void annotate() {
    const qint64 id = someRecord(moments_, ledger_);
    const QString note = QStringLiteral("note %1 on %2").arg(ledger_.operations()).arg(id);
    if (changed([&] { model_.annotate(id, note); })) ledger_.annotated(id, note);
  }
  void remove() {
    const qint64 id = someRecord(moments_, ledger_);
    if (changed([&] { model_.remove({id}); })) ledger_.removed(id);
  }
  void look() {
    if (!answered(&ExperimentsModel::loaded, [&] { model_.reload(); })) return;
    // A reload that an earlier change asked for may answer first.
    if (!waitFor([&] { return !model_.isLoading(); })) return ledger_.problem(QStringLiteral("still loading"));
    ledger_.count("list");
    for (auto note = ledger_.notes().begin(); note != ledger_.notes().end(); ++note) {
      const int row = model_.rowOf(note.key());
      if (row < 0) {
        ledger_.problem(QStringLiteral("record %1 is not listed").arg(note.key()));
      } else if (QString::fromStdString(model_.at(row).annotation) != *note) {
        ledger_.problem(QStringLiteral("record %1 has another note").arg(note.key()));
      }
    }
  }
  void report() {
    const qint64 id = someRecord(moments_, ledger_);
    const QString file = QStringLiteral("%1.%2.html").arg(file_).arg(number_);
    if (answered(&ExperimentsModel::written,
                 [&] { model_.write({id}, file, [](const Subjects& subjects) { return report_html(subjects); }); }))
      ledger_.count("report");
  }

  QString file_;
  Moments moments_;
  int number_;
  Ledger ledger_;
  ExperimentsModel model_;
};

/// The command line's access: one process for each operation.
class CommandAccess {
 public:
  CommandAccess(QString folder, QString file, quint64 seed)
      : folder_(std::move(folder)), file_(std::move(file)), moments_(seed) {}

  void one() {
    switch (choose(moments_, ledger_)) {
      case Act::add: return add();
      case Act::annotate: {
        const qint64 id = someRecord(moments_, ledger_);
        const QString note = QStringLiteral("remark %1").arg(ledger_.operations());
        if (ran({"experiments", "annotate", QString::number(id), "--text", note})) ledger_.annotated(id, note);
        return;
      }
      case Act::remove: {
        const qint64 id = someRecord(moments_, ledger_);
        if (ran({"experiments", "delete", QString::number(id)})) ledger_.removed(id);
        return;
      }
      case Act::look:
        if (ran({"experiments", "list"})) ledger_.count("list");
        return;
      case Act::report:
        if (ran({"experiments", "export", "--output", folder_ + QStringLiteral("/all.json")})) ledger_.count("export");
        return;
    }
  }
  [[nodiscard]] const Ledger& ledger() const { return ledger_; }

 private:
  void add() {
    const QString output = QStringLiteral("%1/packed-%2").arg(folder_).arg(ledger_.operations());
    if (ran({"quantize", Session::sampleDirectory(), "--method", "rtn", "--percent", "0", "--output", output}))
      ledger_.added(answer_.value(QLatin1String("experiment")).toInteger());
  }
  bool ran(QStringList arguments) {
    QProcess process;
    arguments << QStringLiteral("--experiments") << file_ << QStringLiteral("--json");
    process.start(WorkerClient::findProgram(), arguments);
    const bool ended = process.waitForFinished(kWaitMilliseconds);
    answer_ = QJsonDocument::fromJson(process.readAllStandardOutput()).object();
    if (ended && process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0) return true;
    ledger_.problem(QStringLiteral("salient %1: %2")
                        .arg(arguments.join(QLatin1Char(' ')), QString::fromUtf8(QJsonDocument(answer_).toJson())));
    return false;
  }

  QString folder_;
  QString file_;
  Moments moments_;
  Ledger ledger_;
  QJsonObject answer_;
};

/// The rows of a PRAGMA that checks the file, joined.
QString check(sqlite3* database, const char* pragma) {
  QStringList rows;
  const auto take = [](void* into, int columns, char** values, char**) {
    for (int column = 0; column < columns; ++column)
      static_cast<QStringList*>(into)->append(QString::fromUtf8(values[column]));
    return 0;
  };
  char* problem = nullptr;
  if (sqlite3_exec(database, pragma, take, &rows, &problem) != SQLITE_OK) rows.append(QString::fromUtf8(problem));
  sqlite3_free(problem);
  return rows.join(QLatin1Char(' '));
}

void checkFile(const QString& file, Tally& tally) {
  sqlite3* opened = nullptr;
  const bool open = sqlite3_open_v2(file.toUtf8().constData(), &opened, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK;
  const std::unique_ptr<sqlite3, int (*)(sqlite3*)> database(opened, sqlite3_close);
  if (!tally.expect(open, QStringLiteral("the file cannot be opened"))) return;
  const QString whole = check(opened, "PRAGMA integrity_check");
  tally.expect(whole == QLatin1String("ok"), QStringLiteral("integrity_check: ") + whole);
  const QString keys = check(opened, "PRAGMA foreign_key_check");
  tally.expect(keys.isEmpty(), QStringLiteral("foreign_key_check: ") + keys);
}

/// The file holds what the ledgers say, no more and no less, and every record can be read with its bit map.
void checkContents(const QString& file, const QList<Ledger>& ledgers, Tally& tally) {
  auto store = Store::open(file.toStdString(), Store::Access::read_only);
  if (!tally.expect(store.ok(), QStringLiteral("the store cannot be opened"))) return;
  const auto all = store->list();
  if (!tally.expect(all.ok(), QStringLiteral("the records cannot be read"))) return;
  QMap<qint64, QString> expected;
  for (const Ledger& ledger : ledgers)
    expected.insert(ledger.notes());
  tally.expect(static_cast<qsizetype>(all->size()) == expected.size(),
               QStringLiteral("%1 records, expected %2").arg(all->size()).arg(expected.size()));
  for (const Experiment& record : *all) {
    const QString id = QString::number(record.id);
    tally.expect(expected.contains(record.id), QStringLiteral("record %1 is nobody's").arg(id));
    tally.expect(QString::fromStdString(record.annotation) == expected.value(record.id),
                 QStringLiteral("record %1 lost its note").arg(id));
    tally.expect(record.status == "done", QStringLiteral("record %1 is unfinished").arg(id));
    tally.expect(store->bit_map(record.id).ok(), QStringLiteral("record %1 lost its bit map").arg(id));
  }
}

}  // namespace

Tally mixOperations(const QString& folder, int operations, quint64 seed) {
  Tally tally;
  tally.what = QStringLiteral("experiment file: two studios and a command line");
  const QString file = folder + QStringLiteral("/shared.db");
  const int each = operations / 3;
  std::vector<std::unique_ptr<QProcess>> studios;
  for (const char* name : {"first", "second"}) {
    auto studio = std::make_unique<QProcess>();
    studio->setProcessChannelMode(QProcess::ForwardedErrorChannel);
    studio->start(QCoreApplication::applicationFilePath(),
                  {QStringLiteral("--store"), file, QLatin1String(name), QString::number(each),
                   QString::number(seed + studios.size() + 1)});
    studios.push_back(std::move(studio));
  }
  CommandAccess command(folder, file, seed);
  while (command.ledger().operations() < operations - 2 * each && command.ledger().problems().isEmpty())
    command.one();
  QList<Ledger> ledgers{command.ledger()};
  for (const auto& studio : studios) {
    const bool ended = studio->waitForFinished(10 * kWaitMilliseconds);
    tally.expect(ended && studio->exitCode() == 0, QStringLiteral("a studio did not end well"));
    ledgers.append(Ledger::from(QJsonDocument::fromJson(studio->readAllStandardOutput()).object()));
  }
  for (const Ledger& ledger : ledgers) {
    tally.completed += ledger.operations();
    for (const QString& problem : ledger.problems())
      tally.problem(problem);
  }
  tally.expect(tally.completed >= operations, QStringLiteral("only %1 operations").arg(tally.completed));
  checkFile(file, tally);
  checkContents(file, ledgers, tally);
  return tally;
}

int storeProcess(const QString& file, const QString& name, int operations, quint64 seed) {
  const Ledger ledger = StudioAccess(file, name, seed).run(operations);
  std::puts(QJsonDocument(ledger.json()).toJson(QJsonDocument::Compact).constData());
  return ledger.problems().isEmpty() ? 0 : 1;
}

}  // namespace salient::ui
