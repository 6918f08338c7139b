// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/language.h"

#include <QCoreApplication>
#include <QDir>
#include <QLibraryInfo>
#include <QLocale>
#include <QPointer>
#include <QTranslator>
#include <algorithm>
#include <memory>

#include "ui/models/settings.h"

// Resources of a static library are registered on request, from outside of any namespace.
static void registerTranslations() {
  Q_INIT_RESOURCE(translations);
}

namespace salient::ui {
namespace {

const QString kKey = QStringLiteral("language");

/// The one installed before is taken out first. The application owns them: its resources are gone before a static ends.
void exchange(QPointer<QTranslator>& installed, const QLocale& locale, const QString& name,
              const QStringList& directories) {
  delete installed.data();
  auto translator = std::make_unique<QTranslator>(QCoreApplication::instance());
  const auto loads = [&](const QString& directory) {
    return translator->load(locale, name, QStringLiteral("_"), directory);
  };
  if (!std::any_of(directories.begin(), directories.end(), loads)) return;
  QCoreApplication::installTranslator(translator.get());
  installed = translator.release();
}

}  // namespace

QVector<Language> languages() {
  return {{QString(), QCoreApplication::translate("salient::ui::Language", "Language of the system")},
          {QStringLiteral("en"), QStringLiteral("English")},
          {QStringLiteral("de"), QStringLiteral("Deutsch")}};
}

QString savedLanguage() {
  return settings::value(kKey).toString();
}

void saveLanguage(const QString& code) {
  settings::set(kKey, code);
}

void installLanguage(const QString& code) {
  registerTranslations();
  static QPointer<QTranslator> own;
  static QPointer<QTranslator> qt;
  // English plurals need a translation as well: "1 tensor", "2 tensors".
  static QPointer<QTranslator> english;
  const QLocale locale = code.isEmpty() ? QLocale::system() : QLocale(code);
  QLocale::setDefault(locale);
  const QString folder = QStringLiteral(":/translations");
  exchange(english, QLocale(QLocale::English), QStringLiteral("salient"), {folder});
  // The system's Qt, or one that came with the program.
  exchange(qt, locale, QStringLiteral("qtbase"),
           {QLibraryInfo::path(QLibraryInfo::TranslationsPath),
            QDir(QCoreApplication::applicationDirPath()).filePath(QStringLiteral("../share/qt6/translations"))});
  exchange(own, locale, QStringLiteral("salient"), {folder});
}

}  // namespace salient::ui
