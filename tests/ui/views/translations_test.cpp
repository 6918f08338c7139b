// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <QApplication>
#include <QFile>
#include <QProcess>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QXmlStreamReader>

#include "ui/models/experiment_figures.h"
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
  EXPECT_EQ(lupdate.exitCode(), 0) << lupdate.readAllStandardError().constData();
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

}  // namespace
}  // namespace salient::ui
