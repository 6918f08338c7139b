// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/sentence_book.h"

#include <QCoreApplication>
#include <QStringList>
#include <algorithm>

namespace salient::ui {

SentenceBook::SentenceBook(const char* context, std::initializer_list<const char*> sentences)
    : SentenceBook(context, sentences.begin(), sentences.end()) {}

SentenceBook::SentenceBook(const char* context, const char* const* begin, const char* const* end) : context_(context) {
  static const QRegularExpression kPlace(QStringLiteral("%\\d"));
  for (const char* const* sentence = begin; sentence != end; ++sentence) {
    QStringList parts = QString::fromUtf8(*sentence).split(kPlace);
    const qsizetype letters = parts.join(QString()).size();
    for (QString& part : parts)
      part = QRegularExpression::escape(part);
    const QString pattern = QRegularExpression::anchoredPattern(parts.join(QStringLiteral("(.+?)")));
    patterns_.append({*sentence, QRegularExpression(pattern, QRegularExpression::DotMatchesEverythingOption), letters});
  }
  std::stable_sort(patterns_.begin(), patterns_.end(),
                   [](const Pattern& a, const Pattern& b) { return a.letters > b.letters; });
}

QString SentenceBook::say(const QString& sentence, const std::function<QString(const QString&)>& carry) const {
  for (const Pattern& pattern : patterns_) {
    const QRegularExpressionMatch match = pattern.matches.match(sentence);
    if (!match.hasMatch()) continue;
    QString said = QCoreApplication::translate(context_, pattern.sentence);
    QStringList carried = match.capturedTexts().mid(1);
    if (!carried.isEmpty()) carried.last() = say(carried.last(), carry);
    if (carry) std::transform(carried.begin(), carried.end(), carried.begin(), carry);
    // One pass, from the right: what is put in may hold a % itself.
    for (qsizetype place = said.lastIndexOf(QLatin1Char('%')); place >= 0;
         place = place == 0 ? -1 : said.lastIndexOf(QLatin1Char('%'), place - 1)) {
      const qsizetype number = said.mid(place + 1, 1).toInt();
      if (number >= 1 && number <= carried.size()) said.replace(place, 2, carried.at(number - 1));
    }
    return said;
  }
  return sentence;
}

}  // namespace salient::ui
