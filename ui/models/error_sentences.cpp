// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/error_sentences.h"

#include <algorithm>
#include <array>

#include "ui/models/error_phrases_files.h"
#include "ui/models/error_phrases_system.h"
#include "ui/models/error_phrases_work.h"
#include "ui/models/sentence_book.h"

namespace salient::ui {
namespace {

template <std::size_t... kSizes>
constexpr auto joined(const std::array<const char*, kSizes>&... lists) {
  std::array<const char*, (kSizes + ...)> all{};
  auto at = all.begin();
  ((at = std::copy(lists.begin(), lists.end(), at)), ...);
  return all;
}

constexpr auto kPhrases = joined(kErrorPhrasesOfFiles, kErrorPhrasesOfWork, kErrorPhrasesOfSystem,
                                 kErrorPhrasesOfSqlite, kErrorPhrasesOfCuda);

}  // namespace

QString errorSentence(const QString& sentence) {
  static const SentenceBook kBook("CoreErrors", kPhrases.data(), kPhrases.data() + kPhrases.size());
  return kBook.say(sentence);
}

QStringList errorSentences() {
  QStringList sentences;
  for (const char* sentence : kPhrases)
    sentences.append(QString::fromUtf8(sentence));
  return sentences;
}

}  // namespace salient::ui
