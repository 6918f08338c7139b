// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/error_sentences.h"

#include <QCoreApplication>
#include <array>

#include "ui/models/sentence_book.h"

namespace salient::ui {
namespace {

constexpr std::array kSentences{
    // Of a model's directory
    QT_TRANSLATE_NOOP("CoreErrors", "a model directory: config.json, *.safetensors and the tokenizer's files"),
    QT_TRANSLATE_NOOP("CoreErrors", "a model directory"),
    QT_TRANSLATE_NOOP("CoreErrors", "no config.json in it"),
    QT_TRANSLATE_NOOP("CoreErrors", "no directory"),
    QT_TRANSLATE_NOOP("CoreErrors", "nothing"),
    QT_TRANSLATE_NOOP("CoreErrors", "open the directory that holds config.json"),
    QT_TRANSLATE_NOOP("CoreErrors", "give the directory that holds config.json"),
    QT_TRANSLATE_NOOP("CoreErrors", "get the config.json that belongs to these weights"),
    QT_TRANSLATE_NOOP("CoreErrors", "get the whole model, or the config.json that belongs to it"),
    QT_TRANSLATE_NOOP("CoreErrors", "get the whole model"),
    QT_TRANSLATE_NOOP("CoreErrors", "get the missing file, or the model in this format"),
    QT_TRANSLATE_NOOP("CoreErrors", "get the missing files"),
    QT_TRANSLATE_NOOP("CoreErrors", "get the weights"),
    QT_TRANSLATE_NOOP("CoreErrors", "neither"),
    QT_TRANSLATE_NOOP("CoreErrors", "all %1 files that %2 names"),
    QT_TRANSLATE_NOOP("CoreErrors", "%1 missing: %2"),
    QT_TRANSLATE_NOOP("CoreErrors", "%1, which may contain code and is never loaded"),
    QT_TRANSLATE_NOOP("CoreErrors", "convert the model to safetensors with a tool you trust, or get it in that format"),
    QT_TRANSLATE_NOOP("CoreErrors", "16- or 32-bit weights, or this program's own mixllm format"),
    QT_TRANSLATE_NOOP("CoreErrors", "16- or 32-bit weights"),
    QT_TRANSLATE_NOOP("CoreErrors", "a model this program has packed"),
    QT_TRANSLATE_NOOP("CoreErrors", "weights quantized by %1"),
    QT_TRANSLATE_NOOP("CoreErrors", "use the model it was made from"),
    QT_TRANSLATE_NOOP("CoreErrors", "use the model these weights were made from"),
    QT_TRANSLATE_NOOP("CoreErrors", "this program does not know how to compute it; choose another model"),
    QT_TRANSLATE_NOOP("CoreErrors", "full attention in every layer"),
    QT_TRANSLATE_NOOP("CoreErrors", "attention with a sliding window is not supported; choose another model"),
    QT_TRANSLATE_NOOP("CoreErrors", "correct the file or get it again"),
    QT_TRANSLATE_NOOP("CoreErrors", "an object"),
    QT_TRANSLATE_NOOP("CoreErrors", "a number above 0"),
    // Of weights
    QT_TRANSLATE_NOOP("CoreErrors", "a safetensors file"),
    QT_TRANSLATE_NOOP("CoreErrors", "the weights were not downloaded; fetch the file itself"),
    QT_TRANSLATE_NOOP("CoreErrors", "at least 8 bytes"),
    QT_TRANSLATE_NOOP("CoreErrors", "the file is incomplete or damaged; get it again"),
    QT_TRANSLATE_NOOP("CoreErrors", "the file is incomplete; get it again"),
    QT_TRANSLATE_NOOP("CoreErrors", "the copy is incomplete; get the file again"),
    QT_TRANSLATE_NOOP("CoreErrors", "the file is damaged or was made to deceive; get it again"),
    QT_TRANSLATE_NOOP("CoreErrors", "the directory is damaged or was made to deceive; get it again"),
    QT_TRANSLATE_NOOP("CoreErrors", "%1 bytes of tensor data"),
    QT_TRANSLATE_NOOP("CoreErrors", "%1: short by %2 bytes"),
    QT_TRANSLATE_NOOP("CoreErrors", "finite weights"),
    QT_TRANSLATE_NOOP("CoreErrors", "%1 NaN or infinite, the first at index %2"),
    QT_TRANSLATE_NOOP("CoreErrors", "the weights are damaged; get them again"),
    // Of a tokenizer and a text
    QT_TRANSLATE_NOOP("CoreErrors", "tokenizer.json, tokenizer.model, or vocab.json with merges.txt"),
    QT_TRANSLATE_NOOP("CoreErrors", "none of them"),
    QT_TRANSLATE_NOOP("CoreErrors", "copy the tokenizer's files into the model directory"),
    QT_TRANSLATE_NOOP("CoreErrors", "UTF-8 text"),
    QT_TRANSLATE_NOOP("CoreErrors", "convert the text to UTF-8"),
    QT_TRANSLATE_NOOP("CoreErrors", "a text"),
    QT_TRANSLATE_NOOP("CoreErrors", "an empty one"),
    QT_TRANSLATE_NOOP("CoreErrors", "give a file with text in it"),
    QT_TRANSLATE_NOOP("CoreErrors", "a name ending in .txt, .jsonl or .jsonl.gz"),
    QT_TRANSLATE_NOOP("CoreErrors", "another"),
    QT_TRANSLATE_NOOP("CoreErrors", "rename the file by what it holds"),
    QT_TRANSLATE_NOOP("CoreErrors", "a JSON object"),
    QT_TRANSLATE_NOOP("CoreErrors", "an object with text under %1"),
    QT_TRANSLATE_NOOP("CoreErrors", "no such key"),
    QT_TRANSLATE_NOOP("CoreErrors", "correct or remove the line"),
    QT_TRANSLATE_NOOP("CoreErrors", "name the key that holds the text"),
    QT_TRANSLATE_NOOP("CoreErrors", "at least %1 tokens"),
    QT_TRANSLATE_NOOP("CoreErrors", "%1 tokens, which is shorter than one window"),
    QT_TRANSLATE_NOOP("CoreErrors", "use a longer text or a shorter window"),
    // Of files, memory and disk
    QT_TRANSLATE_NOOP("CoreErrors", "a regular file"),
    QT_TRANSLATE_NOOP("CoreErrors", "a directory"),
    QT_TRANSLATE_NOOP("CoreErrors", "give a file"),
    QT_TRANSLATE_NOOP("CoreErrors", "check the path"),
    QT_TRANSLATE_NOOP("CoreErrors", "check the permissions"),
    QT_TRANSLATE_NOOP("CoreErrors", "choose a place that can be written"),
    QT_TRANSLATE_NOOP("CoreErrors", "free some space and try again"),
    QT_TRANSLATE_NOOP("CoreErrors", "free space, or name an output on another disk"),
    QT_TRANSLATE_NOOP("CoreErrors",
                      "use fewer or shorter samples, close other programs, or a machine with more memory"),
    QT_TRANSLATE_NOOP("CoreErrors", "%1 available"),
};

}  // namespace

QString errorSentence(const QString& sentence) {
  static const SentenceBook kBook("CoreErrors", kSentences.data(), kSentences.data() + kSentences.size());
  return kBook.say(sentence);
}

QStringList errorSentences() {
  QStringList sentences;
  for (const char* sentence : kSentences)
    sentences.append(QString::fromUtf8(sentence));
  return sentences;
}

}  // namespace salient::ui
