// SPDX-License-Identifier: GPL-3.0-or-later
// What one process has done to an experiment file and had acknowledged.
#pragma once

#include <QJsonArray>
#include <QJsonObject>
#include <QMap>
#include <QStringList>

namespace salient::ui {

class Ledger {
 public:
  void added(qint64 id) {
    count("add");
    notes_.insert(id, {});
  }
  void annotated(qint64 id, const QString& note) {
    count("annotate");
    notes_[id] = note;
  }
  void removed(qint64 id) {
    count("delete");
    notes_.remove(id);
    gone_.append(id);
  }
  void count(const char* what) { ++counts_[QLatin1String(what)]; }
  void problem(const QString& text) { problems_.append(text); }

  [[nodiscard]] const QMap<qint64, QString>& notes() const { return notes_; }  ///< of the records that are there
  [[nodiscard]] const QList<qint64>& gone() const { return gone_; }
  [[nodiscard]] const QMap<QString, int>& counts() const { return counts_; }
  [[nodiscard]] const QStringList& problems() const { return problems_; }
  [[nodiscard]] int operations() const {
    int all = 0;
    for (const int one : counts_)
      all += one;
    return all;
  }

  [[nodiscard]] QJsonObject json() const {
    QJsonObject notes;
    for (auto note = notes_.begin(); note != notes_.end(); ++note)
      notes.insert(QString::number(note.key()), *note);
    QJsonObject counts;
    for (auto one = counts_.begin(); one != counts_.end(); ++one)
      counts.insert(one.key(), *one);
    QJsonArray gone;
    for (const qint64 id : gone_)
      gone.append(id);
    return {{"notes", notes}, {"gone", gone}, {"counts", counts}, {"problems", QJsonArray::fromStringList(problems_)}};
  }
  static Ledger from(const QJsonObject& json) {
    Ledger ledger;
    const QJsonObject notes = json.value("notes").toObject();
    for (auto note = notes.begin(); note != notes.end(); ++note)
      ledger.notes_.insert(note.key().toLongLong(), note->toString());
    const QJsonObject counts = json.value("counts").toObject();
    for (auto one = counts.begin(); one != counts.end(); ++one)
      ledger.counts_.insert(one.key(), one->toInt());
    for (const QJsonValue id : json.value("gone").toArray())
      ledger.gone_.append(id.toInteger());
    for (const QJsonValue problem : json.value("problems").toArray())
      ledger.problems_.append(problem.toString());
    return ledger;
  }

 private:
  QMap<qint64, QString> notes_;
  QList<qint64> gone_;
  QMap<QString, int> counts_;
  QStringList problems_;
};

}  // namespace salient::ui
