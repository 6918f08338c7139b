// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/error_sentences.h"

#include <algorithm>
#include <array>

#include "ui/models/error_phrases_files.h"
#include "ui/models/error_phrases_work.h"
#include "ui/models/sentence_book.h"

namespace salient::ui {
namespace {

constexpr auto kPhrases = [] {
  std::array<const char*, kErrorPhrasesOfFiles.size() + kErrorPhrasesOfWork.size()> all{};
  std::copy(kErrorPhrasesOfFiles.begin(), kErrorPhrasesOfFiles.end(), all.begin());
  std::copy(kErrorPhrasesOfWork.begin(), kErrorPhrasesOfWork.end(), all.begin() + kErrorPhrasesOfFiles.size());
  return all;
}();

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
