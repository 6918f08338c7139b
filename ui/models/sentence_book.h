// SPDX-License-Identifier: GPL-3.0-or-later
// Sentences that core says in English, found again and said in the studio's language. Core knows no translations: its
// sentences are the keys, with %1, %2, … (in rising order) for what they carry.
#pragma once

#include <QRegularExpression>
#include <QString>
#include <QVector>
#include <functional>
#include <initializer_list>

namespace salient::ui {

class SentenceBook {
 public:
  /// `context` is that of the translations. Of sentences that fit, the one with most words of its own is taken.
  SentenceBook(const char* context, std::initializer_list<const char*> sentences);
  /// As `context`, for lists that are there already.
  SentenceBook(const char* context, const char* const* begin, const char* const* end);

  /// `sentence` itself where it is none of the book's. What stands at the end of one may be a sentence of its own.
  /// `carry` turns what sentences carry into what is shown, a number's spelling for instance.
  [[nodiscard]] QString say(const QString& sentence,
                            const std::function<QString(const QString&)>& carry = nullptr) const;

 private:
  struct Pattern {
    const char* sentence;
    QRegularExpression matches;
    qsizetype letters;  ///< of its own, besides what it carries
  };
  const char* context_;
  QVector<Pattern> patterns_;
};

}  // namespace salient::ui
