// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <QApplication>
#include <QDirIterator>
#include <QFile>
#include <QProcess>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QXmlStreamReader>
#include <algorithm>
#include <string_view>

#include "core/pack/export_model.h"
#include "tests/ui/support/fake_worker.h"
#include "tests/ui/support/waiting.h"
#include "ui/models/core_sentences.h"
#include "ui/models/experiment_figures.h"
#include "ui/models/job_queue.h"
#include "ui/models/jobs_model.h"
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
void forEachOfCore(const QString& pattern, const Take& take) {
  const QRegularExpression statement(pattern, QRegularExpression::DotMatchesEverythingOption);
  QDirIterator files(QStringLiteral(SALIENT_RESOURCES "/../core"), {QStringLiteral("*.cpp"), QStringLiteral("*.h")},
                     QDir::Files, QDirIterator::Subdirectories);
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
