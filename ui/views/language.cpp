// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/language.h"

#include <QCoreApplication>
#include <QLibraryInfo>
#include <QLocale>
#include <QSettings>
#include <QTranslator>
#include <memory>

// Resources of a static library are registered on request, from outside of any namespace.
static void registerTranslations() {
  Q_INIT_RESOURCE(translations);
}

namespace salient::ui {
namespace {

const QString kKey = QStringLiteral("language");

/// The one installed before is taken out first.
void exchange(std::unique_ptr<QTranslator>& installed, const QLocale& locale, const QString& name,
              const QString& directory) {
  installed.reset();
  auto translator = std::make_unique<QTranslator>();
  if (!translator->load(locale, name, QStringLiteral("_"), directory)) return;
  QCoreApplication::installTranslator(translator.get());
  installed = std::move(translator);
}

}  // namespace

QVector<Language> languages() {
  return {{QString(), QCoreApplication::translate("salient::ui::Language", "Language of the system")},
          {QStringLiteral("en"), QStringLiteral("English")},
          {QStringLiteral("de"), QStringLiteral("Deutsch")}};
}

QString savedLanguage() {
  return QSettings().value(kKey).toString();
}

void saveLanguage(const QString& code) {
  QSettings().setValue(kKey, code);
}

void installLanguage(const QString& code) {
  registerTranslations();
  static std::unique_ptr<QTranslator> own;
  static std::unique_ptr<QTranslator> qt;
  // English plurals need a translation as well: "1 tensor", "2 tensors".
  static std::unique_ptr<QTranslator> english;
  const QLocale locale = code.isEmpty() ? QLocale::system() : QLocale(code);
  if (!code.isEmpty()) QLocale::setDefault(locale);
  const QString folder = QStringLiteral(":/translations");
  exchange(english, QLocale(QLocale::English), QStringLiteral("salient"), folder);
  exchange(qt, locale, QStringLiteral("qtbase"), QLibraryInfo::path(QLibraryInfo::TranslationsPath));
  exchange(own, locale, QStringLiteral("salient"), folder);
}

}  // namespace salient::ui
