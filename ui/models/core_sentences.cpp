// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/core_sentences.h"

#include <QCoreApplication>
#include <QRegularExpression>
#include <array>

#include "ui/models/error_info.h"
#include "ui/models/error_sentences.h"
#include "ui/models/sentence_book.h"

namespace salient::ui {
namespace {

constexpr auto kContext = "CoreSentences";

// Longer ones before those that would take them as well.
constexpr std::array kSentences{
    // Details of stages
    QT_TRANSLATE_NOOP("CoreSentences", "sequence %1 of %2"),
    QT_TRANSLATE_NOOP("CoreSentences", "window %1 of %2, perplexity so far %3"),
    QT_TRANSLATE_NOOP("CoreSentences", "layer %1 of %2: %3"),
    QT_TRANSLATE_NOOP("CoreSentences", "inputs of %1"),
    QT_TRANSLATE_NOOP("CoreSentences", "passing on"),
    QT_TRANSLATE_NOOP("CoreSentences", "resuming"),
    QT_TRANSLATE_NOOP("CoreSentences", "done"),
    QT_TRANSLATE_NOOP("CoreSentences", "reading the text"),
    QT_TRANSLATE_NOOP("CoreSentences", "writing tensors"),
    QT_TRANSLATE_NOOP("CoreSentences", "written"),
    QT_TRANSLATE_NOOP("CoreSentences", "copying %1"),
    QT_TRANSLATE_NOOP("CoreSentences", "hashing %1"),
    QT_TRANSLATE_NOOP("CoreSentences", "the export's"),
    QT_TRANSLATE_NOOP("CoreSentences", "the packed weights'"),
    QT_TRANSLATE_NOOP("CoreSentences", "the engine's"),
    QT_TRANSLATE_NOOP("CoreSentences", "the simulation's"),
    // Warnings
    QT_TRANSLATE_NOOP("CoreSentences",
                      "the scores were searched with group %1, the weights are quantized with group %2"),
    QT_TRANSLATE_NOOP("CoreSentences", "windows are drawn from the first %1 tokens of the calibration text"),
    QT_TRANSLATE_NOOP("CoreSentences", "this evaluation cannot be resumed if it ends early: %1"),
    QT_TRANSLATE_NOOP("CoreSentences", "the experiment quantized another model: no divergence is kept with it"),
    QT_TRANSLATE_NOOP("CoreSentences", "experiment %1 exported no model: no sample of text"),
    QT_TRANSLATE_NOOP("CoreSentences", "the experiment's record stays unfinished: %1"),
    QT_TRANSLATE_NOOP("CoreSentences",
                      "not all layers fit into the device's memory: some are read again for every token"),
    QT_TRANSLATE_NOOP(
        "CoreSentences",
        "evaluation windows this short are computed with exact scales in every mode: the figures are those "
        "of exact"),
    QT_TRANSLATE_NOOP(
        "CoreSentences",
        "windows this short are computed with exact scales in every mode: the figures are those of exact"),
    QT_TRANSLATE_NOOP("CoreSentences",
                      "%1: windows of %2 tokens are longer than the %3 positions this model is made for "
                      "(max_position_embeddings); its perplexity suffers from that alone"),
    // Notes
    QT_TRANSLATE_NOOP("CoreSentences", "%1: round-to-nearest instead of %2: %3"),
    QT_TRANSLATE_NOOP("CoreSentences",
                      "the Hessian of its inputs is not positive definite even with damping %1 of its mean diagonal"),
    QT_TRANSLATE_NOOP("CoreSentences", "%1 cannot be written and is open for reading only"),
    QT_TRANSLATE_NOOP("CoreSentences", "%1 was brought from version %2 to %3; the older file is kept as %4"),
    QT_TRANSLATE_NOOP("CoreSentences", "%1: both %2 and %3 are present; the index is used"),
    QT_TRANSLATE_NOOP("CoreSentences", "%1: %2 tensors are in a shard but not in the index, and are ignored: %3"),
    QT_TRANSLATE_NOOP("CoreSentences", "%1: total_size is %2, the tensors have %3 bytes"),
    QT_TRANSLATE_NOOP("CoreSentences", "%1: %2 tensors that the decoder does not use are ignored: %3"),
    QT_TRANSLATE_NOOP("CoreSentences",
                      "%1: lm_head.weight is ignored, since tie_word_embeddings has the embedding take its place"),
    QT_TRANSLATE_NOOP("CoreSentences", "%1: %2 %3 is outside the vocabulary of %4 and is ignored"),
    QT_TRANSLATE_NOOP("CoreSentences", "%1: auto_map: the code that comes with this model is ignored and never run"),
    QT_TRANSLATE_NOOP("CoreSentences", "cuda: this program was built without a CUDA toolkit"),
    QT_TRANSLATE_NOOP("CoreSentences", "no tokenizer: %1"),
};

// Of ExportFormatInfo, looked up by formatSentence().
[[maybe_unused]] constexpr std::array kFormats{
    QT_TRANSLATE_NOOP("ExportFormats", "Packed MixLLM directory"),
    QT_TRANSLATE_NOOP("ExportFormats", "the packed model itself, byte for byte"),
    QT_TRANSLATE_NOOP("ExportFormats", "nothing"),
    QT_TRANSLATE_NOOP("ExportFormats", "Salient (this program, command line and studio)"),
    QT_TRANSLATE_NOOP("ExportFormats", "compressed-tensors, pack-quantized"),
    QT_TRANSLATE_NOOP("ExportFormats", "exact: the same integers and scales"),
    QT_TRANSLATE_NOOP("ExportFormats",
                      "size wherever a linear mixes widths: all its rows then take 8 bit (q/k/v and gate/up go "
                      "together); the 8-bit rounding of activations"),
    QT_TRANSLATE_NOOP("ExportFormats",
                      "Hugging Face transformers with the compressed-tensors package and "
                      "CompressedTensorsConfig(dequantize=True) (tested); made for vLLM too (not tested here)"),
    QT_TRANSLATE_NOOP("ExportFormats", "Hugging Face checkpoint, float16"),
    QT_TRANSLATE_NOOP("ExportFormats", "rounded to 11 significant bits"),
    QT_TRANSLATE_NOOP("ExportFormats", "the size: 16 bit a weight; the 8-bit rounding of activations"),
    QT_TRANSLATE_NOOP("ExportFormats",
                      "whatever loads Hugging Face checkpoints of this architecture (transformers tested), and this "
                      "program"),
    QT_TRANSLATE_NOOP("ExportFormats", "Hugging Face checkpoint, bfloat16"),
    QT_TRANSLATE_NOOP("ExportFormats", "rounded to 8 significant bits"),
    QT_TRANSLATE_NOOP("ExportFormats",
                      "the size: 16 bit a weight; some exactness, which float16 keeps; the 8-bit rounding of "
                      "activations"),
    QT_TRANSLATE_NOOP("ExportFormats", "Hugging Face checkpoint, float32"),
    QT_TRANSLATE_NOOP("ExportFormats", "exact"),
    QT_TRANSLATE_NOOP("ExportFormats", "the size: 32 bit a weight; the 8-bit rounding of activations"),
};

}  // namespace

QString coreSentence(const QString& sentence) {
  static const SentenceBook kBook(kContext, kSentences.data(), kSentences.data() + kSentences.size());
  const QString said = kBook.say(sentence, errorLine);
  return said == sentence ? errorLine(sentence) : said;
}

QString gpuNote(const QString& note) {
  static const QRegularExpression kNone(
      QStringLiteral("^unsupported cuda: device: expected an NVIDIA GPU and its driver, found ([^;]*);"));
  const QRegularExpressionMatch match = kNone.match(note);
  if (!match.hasMatch()) return coreSentence(note);
  const QString found = match.captured(1);
  if (found == QLatin1String("none") || found == QLatin1String("no CUDA-capable device is detected"))
    return QCoreApplication::translate("CoreSentences", "no NVIDIA GPU here");
  return QCoreApplication::translate("CoreSentences", "no NVIDIA GPU that can be used: %1").arg(errorSentence(found));
}

QString formatSentence(const char* sentence) {
  return QCoreApplication::translate("ExportFormats", sentence);
}

QStringList coreSentences() {
  QStringList sentences;
  for (const char* sentence : kSentences)
    sentences.append(QString::fromLatin1(sentence));
  return sentences;
}

}  // namespace salient::ui
