// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <QApplication>
#include <QDirIterator>
#include <QFile>
#include <QProcess>
#include <QRegularExpression>
#include <QSet>
#include <QTemporaryDir>
#include <QXmlStreamReader>
#include <algorithm>
#include <string_view>

#include "core/pack/export_model.h"
#include "tests/ui/support/experiments.h"
#include "tests/ui/support/fake_worker.h"
#include "tests/ui/support/waiting.h"
#include "ui/models/core_sentences.h"
#include "ui/models/error_info.h"
#include "ui/models/error_phrases_system.h"
#include "ui/models/error_sentences.h"
#include "ui/models/experiment_figures.h"
#include "ui/models/job_queue.h"
#include "ui/models/jobs_model.h"
#include "ui/models/report_language.h"
#include "ui/models/settings.h"
#include "ui/views/language.h"

namespace salient::ui {
namespace {

struct Message {
  QString context;
  QString source;
  QStringList translations;  ///< several with plural forms
  bool unfinished = false;
};

QVector<Message> read(const QString& path) {
  QFile file(path);
  EXPECT_TRUE(file.open(QIODevice::ReadOnly)) << qPrintable(path);
  QXmlStreamReader xml(&file);
  QVector<Message> messages;
  QString context;
  while (!xml.atEnd()) {
    if (xml.readNext() != QXmlStreamReader::StartElement) continue;
    if (xml.name() == QLatin1String("name")) context = xml.readElementText();
    if (xml.name() == QLatin1String("message")) messages.append({context, {}, {}, false});
    if (xml.name() == QLatin1String("source")) messages.back().source = xml.readElementText();
    if (xml.name() == QLatin1String("translation")) {
      messages.back().unfinished = xml.attributes().hasAttribute(QLatin1String("type"));
      const QString text = xml.readElementText(QXmlStreamReader::IncludeChildElements);
      messages.back().translations.append(text.trimmed());
    }
  }
  EXPECT_FALSE(xml.hasError()) << qPrintable(xml.errorString());
  return messages;
}

/// The translation file brought up to date with the sources, in a folder of its own.
QVector<Message> current(const QString& language, const QTemporaryDir& folder) {
  const QString name = QStringLiteral("salient_%1.ts").arg(language);
  const QString copy = folder.filePath(name);
  EXPECT_TRUE(QFile::copy(QStringLiteral(SALIENT_RESOURCES "/translations/") + name, copy));
  QProcess lupdate;
  lupdate.setWorkingDirectory(QStringLiteral(SALIENT_RESOURCES "/.."));
  QStringList arguments{QStringLiteral("-silent"),    QStringLiteral("-no-obsolete"),
                        QStringLiteral("-locations"), QStringLiteral("none"),
                        QStringLiteral("-I"),         QStringLiteral("."),
                        QStringLiteral("ui"),         QStringLiteral("app/studio"),
                        QStringLiteral("-ts"),        copy};
  if (language == QLatin1String("en")) arguments.prepend(QStringLiteral("-pluralonly"));
  lupdate.start(QStringLiteral(SALIENT_LUPDATE), arguments);
  EXPECT_TRUE(lupdate.waitForFinished(120'000)) << qPrintable(lupdate.errorString());
  const QString warnings = QString::fromUtf8(lupdate.readAllStandardError());
  EXPECT_EQ(lupdate.exitCode(), 0) << qPrintable(warnings);
  // A tr() outside of a Q_OBJECT is looked up under the context that it names itself: it must be what lupdate thinks.
  static const QRegularExpression kOutside(QStringLiteral("Class '([^']+)' lacks Q_OBJECT"));
  for (auto match = kOutside.globalMatch(warnings); match.hasNext();) {
    const QString named = match.next().captured(1);
    EXPECT_TRUE(
        QStringList({QStringLiteral("salient::ui"), QStringLiteral("salient::ui::Writer"), QStringLiteral("Arguments")})
            .contains(named))
        << qPrintable(named);
  }
  return read(copy);
}

QStringList placeholders(const QString& text) {
  static const QRegularExpression kPlaceholder(QStringLiteral("%L?(\\d+|n)"));
  QStringList found;
  for (auto match = kPlaceholder.globalMatch(text); match.hasNext();)
    found << match.next().captured();
  found.sort();
  found.removeDuplicates();
  return found;
}

TEST(Translations, NoTextOfTheStudioLacksGerman) {
  const QTemporaryDir folder;
  const auto messages = current(QStringLiteral("de"), folder);
  ASSERT_GT(messages.size(), 300);
  for (const Message& message : messages) {
    EXPECT_FALSE(message.unfinished || message.translations.join(QString()).isEmpty())
        << qPrintable(message.context) << ": " << qPrintable(message.source);
    EXPECT_FALSE(message.source.contains(QStringLiteral("METHOD"))) << "not what a reader has at hand: the paper is";
  }
}

TEST(Translations, PlaceholdersAreThoseOfTheSource) {
  for (const Message& message : read(QStringLiteral(SALIENT_RESOURCES "/translations/salient_de.ts"))) {
    for (const QString& translation : message.translations) {
      EXPECT_EQ(placeholders(message.source), placeholders(translation))
          << qPrintable(message.source) << " -> " << qPrintable(translation);
    }
  }
}

TEST(Translations, EveryEnglishPluralIsSpelledOut) {
  const QTemporaryDir folder;
  const auto messages = current(QStringLiteral("en"), folder);
  ASSERT_GT(messages.size(), 5);
  for (const Message& message : messages) {
    EXPECT_FALSE(message.unfinished) << qPrintable(message.context) << ": " << qPrintable(message.source);
    EXPECT_FALSE(message.translations.join(QString()).contains(QStringLiteral("(s)"))) << qPrintable(message.source);
  }
}

TEST(Translations, AreFoundByTheProgram) {
  const auto title = [] { return QCoreApplication::translate("salient::ui::ModelPage", "Tensors of the model"); };
  const auto count = [](int n) {
    return QCoreApplication::translate("salient::ui::ModelPage", "%n token(s)", nullptr, n);
  };
  installLanguage(QStringLiteral("de"));
  EXPECT_EQ(title(), QStringLiteral("Tensoren des Modells"));
  EXPECT_EQ(QLocale().toString(1.5), QStringLiteral("1,5"));
  EXPECT_EQ(statusText(QStringLiteral("done")), QStringLiteral("Fertig"));  // of a function outside of classes
  installLanguage(QStringLiteral("en"));
  EXPECT_EQ(title(), QStringLiteral("Tensors of the model"));
  EXPECT_EQ(count(1), QStringLiteral("1 token"));
  EXPECT_EQ(count(2), QStringLiteral("2 tokens"));
  saveLanguage(QStringLiteral("de"));
  EXPECT_EQ(savedLanguage(), QStringLiteral("de"));
  saveLanguage(QString());
  settings::flush();  // a session does it at its end
  QLocale::setDefault(QLocale::system());
}

/// A sentence of core or of the list without what is put into it: "layer * of *: *".
QString bare(QString sentence) {
  static const QRegularExpression kPlace(QStringLiteral("\\{[^}]*\\}|%\\d"));
  return sentence.replace(kPlace, QStringLiteral("*"));
}

/// The text of the string literals in a piece of C++, those that stand beside each other joined.
QStringList literals(const QString& code) {
  static const QRegularExpression kLiteral(QStringLiteral(R"re("((?:[^"\\]|\\.)*)"(\s*"(?:[^"\\]|\\.)*")*)re"));
  static const QRegularExpression kBetween(QStringLiteral(R"re("\s*")re"));
  QStringList found;
  for (auto match = kLiteral.globalMatch(code); match.hasNext();) {
    const QString whole = match.next().captured();
    found.append(whole.mid(1, whole.size() - 2).remove(kBetween));
  }
  return found;
}

template <class Take>
void forEachOfCore(const QString& pattern, const Take& take, const char* room = "core") {
  const QRegularExpression statement(pattern, QRegularExpression::DotMatchesEverythingOption);
  QDirIterator files(QStringLiteral(SALIENT_RESOURCES "/../") + QLatin1String(room),
                     {QStringLiteral("*.cpp"), QStringLiteral("*.h")}, QDir::Files, QDirIterator::Subdirectories);
  while (files.hasNext()) {
    QFile file(files.next());
    ASSERT_TRUE(file.open(QIODevice::ReadOnly));
    const QString code = QString::fromUtf8(file.readAll());
    for (auto match = statement.globalMatch(code); match.hasNext();)
      take(match.next().captured(1), file.fileName());
  }
}

TEST(CoreSentences, NoneThatCoreSaysIsMissing) {
  QStringList known;
  for (const QString& sentence : coreSentences())
    known.append(bare(sentence));
  int sentences = 0;
  // Warnings, notes, and what stages tell of themselves.
  const QString said = QStringLiteral(
      R"re((?:warn\(|notes_?(?:\["notes"\])?\.(?:push_back|emplace_back)\(|fallback\s*=|\bfailure_\s*=|job_?\.report\(|)re"
      R"re(\bdetail\s*=\s*fmt|[^:\w]detail\()([^;]*);)re");
  forEachOfCore(said, [&](const QString& code, const QString& file) {
    for (const QString& literal : literals(code)) {
      const QString part = bare(literal);  // without the file's name, where that is put before it
      ++sentences;
      const bool there =
          std::any_of(known.begin(), known.end(), [&](const QString& one) { return one.contains(part.trimmed()); });
      EXPECT_TRUE(there) << qPrintable(file) << ": " << qPrintable(literal);
    }
  });
  EXPECT_GT(sentences, 25);
}

/// The literals of core, and of the CUDA backend behind it, as bare() leaves them.
QStringList saidByCore() {
  QStringList known;
  for (const char* room : {"core", "cuda"}) {
    const auto take = [&](const QString& code, const QString&) {
      for (QString literal : literals(code))
        known.append(bare(literal.replace(QLatin1String("\\\""), QLatin1String("\""))));
    };
    forEachOfCore(QStringLiteral("(.+)"), take, room);
  }
  return known;
}

template <class Phrases>
QStringList listed(const Phrases& phrases) {
  QStringList list;
  for (const char* phrase : phrases)
    list.append(QString::fromUtf8(phrase));
  return list;
}

TEST(CoreErrors, AreWhatCoreSays) {
  const QStringList known = saidByCore();
  const QSet<QString> whole(known.begin(), known.end());
  QSet<QString> ofOthers;  // system_words_test.cpp
  for (const QStringList& list :
       {listed(kErrorPhrasesOfSystem), listed(kErrorPhrasesOfSqlite), listed(kErrorPhrasesOfCuda)})
    ofOthers += QSet<QString>(list.begin(), list.end());
  ASSERT_GT(errorSentences().size(), 400);
  for (const QString& sentence : errorSentences()) {
    if (ofOthers.contains(sentence) || whole.contains(bare(sentence))) continue;
    // Put together from several pieces there.
    for (const QString& part : bare(sentence).split(QLatin1Char('*'), Qt::SkipEmptyParts)) {
      if (part.trimmed().size() < 4) continue;
      const bool there =
          std::any_of(known.begin(), known.end(), [&](const QString& one) { return one.contains(part.trimmed()); });
      EXPECT_TRUE(there) << qPrintable(sentence);
    }
  }
}

/// No phrase is taken for another one that says less.
TEST(CoreErrors, EachIsFoundAgain) {
  static const QRegularExpression kPlace(QStringLiteral("%(\\d)"));
  installLanguage(QStringLiteral("de"));
  for (QString sentence : errorSentences()) {
    QString german = QCoreApplication::translate("CoreErrors", qPrintable(sentence));
    EXPECT_NE(german, QString()) << qPrintable(sentence);
    for (QString* text : {&sentence, &german})
      text->replace(kPlace, QStringLiteral("7\\1"));
    EXPECT_EQ(errorSentence(sentence), german);
  }
  installLanguage(QStringLiteral("en"));
  QLocale::setDefault(QLocale::system());
}

TEST(CoreErrors, AreSaidInTheStudiosLanguage) {
  Error error{ErrorCode::not_found,
              "/models/x",
              "shards",
              "all 4 files that model.safetensors.index.json names",
              "1 missing: \"a.safetensors\"",
              "get the missing files"};
  installLanguage(QStringLiteral("de"));
  const ErrorInfo info = ErrorInfo::from(error);
  EXPECT_EQ(info.expected, QStringLiteral("alle 4 Dateien, die model.safetensors.index.json nennt"));
  EXPECT_EQ(info.found, QStringLiteral("1 fehlt: \"a.safetensors\""));
  EXPECT_TRUE(info.message.contains(info.expected) && info.message.contains(info.advice)) << qPrintable(info.message);
  EXPECT_EQ(ErrorInfo::from(info.json()).message, info.message);
  error.expected = "what this list has not";
  EXPECT_EQ(ErrorInfo::from(error).expected, QStringLiteral("what this list has not"));
  installLanguage(QStringLiteral("en"));
  EXPECT_EQ(ErrorInfo::from(error).message, QString::fromStdString(error.to_string()));
  QLocale::setDefault(QLocale::system());
}

TEST(ReportLanguage, NoHeadingOfTheReportIsMissing) {
  QStringList known;
  for (const QString& sentence : reportSentences())
    known.append(bare(sentence));
  int headings = 0;
  const QString shown = QStringLiteral(
      R"re(\b(?:heading|figure|card|bar_chart|share_chart|interval_chart|HtmlTable table|table\.head|text_fact)\(([^;]*);)re");
  forEachOfCore(shown, [&](const QString& code, const QString& file) {
    if (!file.contains(QStringLiteral("/report_"))) return;
    for (const QString& literal : literals(code)) {
      const QString part = bare(literal).trimmed();
      static const QRegularExpression kWord(QStringLiteral("^[^<]*[A-Za-z]{3}"));
      if (!kWord.match(part).hasMatch()) continue;  // figures, units, tags
      ++headings;
      const bool there =
          std::any_of(known.begin(), known.end(), [&](const QString& one) { return one.contains(part); });
      const bool look = part == QLatin1String("facts") || part == QLatin1String("wrap");
      EXPECT_TRUE(there || look) << qPrintable(file) << ": " << qPrintable(literal);
    }
  });
  EXPECT_GT(headings, 30);
}

TEST(ReportLanguage, SaysTheReportInTheStudiosLanguage) {
  const QTemporaryDir folder;
  const QString file = folder.filePath(QStringLiteral("experiments.db"));
  addExperiments(file, 2);
  auto store = Store::open(std::filesystem::path(file.toStdString()));
  ASSERT_TRUE(store.ok());
  Subjects subjects;
  for (const std::int64_t id : {1, 2}) {
    auto subject = read_report_subject(*store, id);
    ASSERT_TRUE(subject.ok());
    subjects.push_back(*std::move(subject));
  }
  subjects[0].experiment.stages.push_back({"fingerprint", 0.1});
  subjects[0].sample = ReportSample{"Time", "quantized", "Stage"};  // what models wrote is nobody's to translate
  const auto said = [&] { return QString::fromStdString(reportInWords(subjects)); };
  installLanguage(QStringLiteral("en"));
  EXPECT_TRUE(said().contains(QStringLiteral("<h2>Where the 8-bit features went</h2>")));
  EXPECT_TRUE(said().contains(QStringLiteral(">Rank by<"))) << "a setting's name, not its key";
  EXPECT_TRUE(said().contains(QStringLiteral("<td>over the whole model</td>")));
  installLanguage(QStringLiteral("de"));
  const QString german = said();
  for (const char* words : {"<html lang=\"de", "<h2>Güte</h2>", ">Perplexität<", ">Schicht<", ">Experiment 1<",
                            "<td>über das ganze Modell</td>", "aria-label=\"8-Bit-Anteil jeder Linearschicht\"",
                            ">Quantisieren<", "<bdi><i>Time</i>"}) {
    EXPECT_TRUE(german.contains(QString::fromUtf8(words))) << words;
  }
  // Figures are spelled as the language does, those of a version or a path are not.
  for (const char* figures : {"<b>20,000 → 24,900</b>", "20,0000 ± 0,2000", "0,025000 ± 0,001000", ">5.621<"}) {
    EXPECT_TRUE(german.contains(QString::fromUtf8(figures))) << figures;
  }
  EXPECT_TRUE(german.contains(QStringLiteral("salient 0.1.0")));
  EXPECT_TRUE(german.contains(QStringLiteral(">Lauf von tiny, fertig, begonnen ")));
  static const QRegularExpression kIsoTime(QStringLiteral("\\d{4}-\\d\\d-\\d\\dT\\d"));
  EXPECT_FALSE(german.contains(kIsoTime)) << qPrintable(german.mid(german.indexOf(kIsoTime) - 20, 60));
  // Labels of bars begin within the chart: 13 px high, and they end where the bars begin.
  QFont font(QStringLiteral("sans-serif"));
  font.setPixelSize(13);
  static const QRegularExpression kLabel(QStringLiteral("<text x=\"([\\d.]+)\"[^>]*class=\"c-label\">([^<]*)<"));
  int labels = 0;
  for (auto match = kLabel.globalMatch(german); match.hasNext(); ++labels) {
    const auto label = match.next();
    EXPECT_LE(QFontMetricsF(font).horizontalAdvance(label.captured(2)), label.captured(1).toDouble())
        << qPrintable(label.captured(2));
  }
  EXPECT_GT(labels, 8);
  static const QRegularExpression kPoint(QStringLiteral(">[+-]?\\d+\\.(\\d{1,2}|\\d{4,})( ±| %|<)"));
  EXPECT_FALSE(german.contains(kPoint)) << qPrintable(german.mid(german.indexOf(kPoint), 60));
  for (const char* words : {">Quality<", ">Layer<", ">Perplexity<", "experiment 1", "allocation.", ">Settings<"})
    EXPECT_FALSE(german.contains(QString::fromUtf8(words))) << words;
  installLanguage(QStringLiteral("en"));
  QLocale::setDefault(QLocale::system());
}

TEST(CoreSentences, EveryStageHasAName) {
  int stages = 0;
  forEachOfCore(QStringLiteral(R"re((?:job_?\.begin|timed)\("(\w+)")re"),
                [&](const QString& stage, const QString& file) {
                  ++stages;
                  EXPECT_NE(JobsModel::stageText(stage), stage) << qPrintable(file);
                });
  EXPECT_GT(stages, 15);
}

TEST(CoreSentences, AreSaidInTheStudiosLanguage) {
  const auto said = [](const char* sentence) { return coreSentence(QString::fromUtf8(sentence)); };
  EXPECT_EQ(said("sequence 3 of 128"), QStringLiteral("sequence 3 of 128"));
  installLanguage(QStringLiteral("de"));
  EXPECT_EQ(said("sequence 3 of 128"), QStringLiteral("Sequenz 3 von 128"));
  EXPECT_EQ(said("layer 2 of 6: inputs of o_proj"), QStringLiteral("Schicht 2 von 6: Eingaben von o_proj"));
  EXPECT_EQ(said("layer 2 of 6: q_proj"), QStringLiteral("Schicht 2 von 6: q_proj"));
  EXPECT_EQ(said("hashing 100%1.safetensors"), QStringLiteral("Prüfsumme von 100%1.safetensors"));
  EXPECT_EQ(said("model.layers.0.mlp.up_proj.weight"), QStringLiteral("model.layers.0.mlp.up_proj.weight"));
  for (const ExportFormatInfo& info : export_formats()) {
    for (const char* sentence : {info.title, info.keeps, info.loses, info.loaders}) {
      if (sentence == std::string_view("compressed-tensors, pack-quantized")) continue;  // a name
      EXPECT_NE(formatSentence(sentence), QString::fromUtf8(sentence));
    }
  }
  const FakeWorker worker(R"(
read line
echo '{"event":"accepted","id":1}'
echo '{"event":"progress","id":1,"stage":"search","fraction":0.25,"detail":"sequence 1 of 4"}'
echo '{"event":"warning","id":1,"message":"windows are drawn from the first 5 tokens of the calibration text"}'
echo '{"event":"done","id":1,"result":{}}'
)");
  const QTemporaryDir folder;
  JobQueue queue(folder.path(), worker.program());
  QStringList lines;
  QObject::connect(&queue, &JobQueue::logLine, [&](qint64, const QString& line) { lines << line; });
  queue.add(QStringLiteral("Search"), {{"op", "search"}});
  ASSERT_TRUE(waitFor([&] { return queue.jobs().first().state == JobRecord::State::done; }));
  const QString log = lines.join(QLatin1Char('\n'));
  EXPECT_TRUE(log.contains(QStringLiteral("Suchen: 25 %, Sequenz 1 von 4"))) << qPrintable(log);
  EXPECT_TRUE(log.contains(QStringLiteral("ersten 5 Token"))) << qPrintable(log);
  installLanguage(QStringLiteral("en"));
  QLocale::setDefault(QLocale::system());
}

}  // namespace
}  // namespace salient::ui
