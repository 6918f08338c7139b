// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/report_language.h"

#include <QCoreApplication>
#include <QLocale>
#include <QRegularExpression>
#include <QSet>
#include <array>

#include "ui/models/core_sentences.h"
#include "ui/models/experiment_figures.h"
#include "ui/models/jobs_model.h"
#include "ui/models/sentence_book.h"

namespace salient::ui {
namespace {

constexpr std::array kSentences{
    // The document
    QT_TRANSLATE_NOOP("Report", "%1 – Salient report"),
    QT_TRANSLATE_NOOP("Report", "Experiments %1 and %2"),
    QT_TRANSLATE_NOOP("Report", "Salient report, experiment %1: %2 of %3, %4, begun %5"),
    QT_TRANSLATE_NOOP("Report", "%1 of %2, %3, begun %4"),
    QT_TRANSLATE_NOOP("Report",
                      "Made by salient %1. Payload bits count the codes only, as papers do; effective bits also count "
                      "scales, zero points and row indices, as the disk does."),
    // Headline
    QT_TRANSLATE_NOOP("Report", "Perplexity, 16 bit to quantized, scales %1"),
    QT_TRANSLATE_NOOP("Report", "Perplexity, 16 bit to quantized"),
    QT_TRANSLATE_NOOP("Report", "KL divergence from 16 bit"),
    QT_TRANSLATE_NOOP("Report", "nats a token; top-1 %1"),
    QT_TRANSLATE_NOOP("Report", "nats a token (quantized minus 16 bit, paired)."),
    QT_TRANSLATE_NOOP("Report", "nats a token"),
    QT_TRANSLATE_NOOP("Report", "Bits a weight"),
    QT_TRANSLATE_NOOP("Report", "effective; %1 payload"),
    QT_TRANSLATE_NOOP("Report", "Quantized linears"),
    QT_TRANSLATE_NOOP("Report", "%1× smaller than 16 bit"),
    // Quality
    QT_TRANSLATE_NOOP("Report", "Quality"),
    QT_TRANSLATE_NOOP("Report", "This experiment was not evaluated."),
    QT_TRANSLATE_NOOP("Report", "Perplexity over non-overlapping windows; lower is better."),
    QT_TRANSLATE_NOOP("Report",
                      "Perplexity with one standard error to each side. The standard error is that of the text's "
                      "windows; both models read the same ones."),
    QT_TRANSLATE_NOOP("Report", "Perplexity of the models"),
    QT_TRANSLATE_NOOP("Report", "Measures, ± one standard error"),
    QT_TRANSLATE_NOOP("Report", "Measure"),
    QT_TRANSLATE_NOOP("Report", "Model"),
    QT_TRANSLATE_NOOP("Report", "16 bit (%1)"),
    QT_TRANSLATE_NOOP("Report", "16 bit"),
    QT_TRANSLATE_NOOP("Report", "quantized, scales %1"),
    QT_TRANSLATE_NOOP("Report", "quantized (%1)"),
    QT_TRANSLATE_NOOP("Report", "quantized"),
    QT_TRANSLATE_NOOP("Report", "Perplexity"),
    QT_TRANSLATE_NOOP("Report", "KL(16 bit ‖ quantized), nats a token"),
    QT_TRANSLATE_NOOP("Report", "KL(quantized ‖ 16 bit), nats a token"),
    QT_TRANSLATE_NOOP("Report", "Same most likely token"),
    QT_TRANSLATE_NOOP("Report", "Overlap of the five most likely tokens"),
    QT_TRANSLATE_NOOP("Report", "Windows"),
    QT_TRANSLATE_NOOP("Report", "Predicted tokens"),
    QT_TRANSLATE_NOOP("Report", "Tokens a second, generating"),
    QT_TRANSLATE_NOOP("Report", "Tokens a second"),
    QT_TRANSLATE_NOOP("Report", "In experiment %1: Window by window, the loss changes by"),
    QT_TRANSLATE_NOOP("Report", "Window by window, the loss changes by"),
    QT_TRANSLATE_NOOP("Report", "On other texts"),
    QT_TRANSLATE_NOOP("Report", "The packed model measured again after its run."),
    QT_TRANSLATE_NOOP("Report", "Later evaluations, ± one standard error (%1)"),
    QT_TRANSLATE_NOOP("Report", "Text"),
    QT_TRANSLATE_NOOP("Report", "Tokens of a window"),
    QT_TRANSLATE_NOOP("Report", "16-bit perplexity"),
    QT_TRANSLATE_NOOP("Report", "Date"),
    QT_TRANSLATE_NOOP("Report", "Backend"),
    // Bits
    QT_TRANSLATE_NOOP("Report", "Where the 8-bit features went"),
    QT_TRANSLATE_NOOP("Report",
                      "Each bar is one linear layer: the share of its output features that got 8 bit. The selection is "
                      "made over the whole model, so shares differ from layer to layer."),
    QT_TRANSLATE_NOOP("Report", "experiment %1 has %2 bits in every row: no features were chosen."),
    QT_TRANSLATE_NOOP("Report", "experiment %1 has no bit map."),
    QT_TRANSLATE_NOOP("Report", "8-bit share of every linear by layer (%1)."),
    QT_TRANSLATE_NOOP("Report", "8-bit share of every linear"),
    QT_TRANSLATE_NOOP("Report", "8-bit output features, percent of each linear"),
    QT_TRANSLATE_NOOP("Report", "8-bit share of all output features of a projection, over all layers (%1)."),
    QT_TRANSLATE_NOOP("Report", "8-bit share by projection"),
    QT_TRANSLATE_NOOP("Report", "8-bit output features by projection"),
    QT_TRANSLATE_NOOP("Report", "Averages by projection"),
    QT_TRANSLATE_NOOP("Report", "Layer"),
    QT_TRANSLATE_NOOP("Report", "layer %1"),
    QT_TRANSLATE_NOOP("Report", "all"),
    QT_TRANSLATE_NOOP("Report", "Projection"),
    QT_TRANSLATE_NOOP("Report", "Features"),
    QT_TRANSLATE_NOOP("Report", "8 bit (%1)"),
    QT_TRANSLATE_NOOP("Report", "8 bit"),
    QT_TRANSLATE_NOOP("Report", "percent (%1)"),
    QT_TRANSLATE_NOOP("Report", "percent"),
    QT_TRANSLATE_NOOP("Report", "%1: %2, %3 of %4 features"),
    // Text, time
    QT_TRANSLATE_NOOP("Report", "A sample of text"),
    QT_TRANSLATE_NOOP("Report", "The prompt is grey (%1)."),
    QT_TRANSLATE_NOOP("Report", "Time by stage, %1 together (%2)."),
    QT_TRANSLATE_NOOP("Report", "Time by stage"),
    QT_TRANSLATE_NOOP("Report", "Seconds by stage (%1)"),
    QT_TRANSLATE_NOOP("Report", "Time"),
    QT_TRANSLATE_NOOP("Report", "Stage"),
    QT_TRANSLATE_NOOP("Report", "Seconds"),
    QT_TRANSLATE_NOOP("Report", "together"),
    // Recipe and origin
    QT_TRANSLATE_NOOP("Report", "Recipe"),
    QT_TRANSLATE_NOOP("Report", "The same recipe on the same model and text gives the same bytes."),
    QT_TRANSLATE_NOOP("Report", "≠ marks what differs."),
    QT_TRANSLATE_NOOP("Report", "Settings"),
    QT_TRANSLATE_NOOP("Report", "Where it comes from"),
    QT_TRANSLATE_NOOP("Report", "Model, texts, program, machine"),
    QT_TRANSLATE_NOOP("Report", "model fingerprint"),
    QT_TRANSLATE_NOOP("Report", "model"),
    QT_TRANSLATE_NOOP("Report", "architecture"),
    QT_TRANSLATE_NOOP("Report", "parameters"),
    QT_TRANSLATE_NOOP("Report", "calibration text"),
    QT_TRANSLATE_NOOP("Report", "evaluation text"),
    QT_TRANSLATE_NOOP("Report", "packed model"),
    QT_TRANSLATE_NOOP("Report", "its manifest's SHA-256"),
    QT_TRANSLATE_NOOP("Report", "the one the scores were made from, SHA-256 %1"),
    QT_TRANSLATE_NOOP("Report", "none"),
    QT_TRANSLATE_NOOP("Report", "begun"),
    QT_TRANSLATE_NOOP("Report", "finished"),
    QT_TRANSLATE_NOOP("Report", "not"),
    QT_TRANSLATE_NOOP("Report", "program"),
    QT_TRANSLATE_NOOP("Report", "backend"),
    QT_TRANSLATE_NOOP("Report", "processor"),
    QT_TRANSLATE_NOOP("Report", "cores, memory"),
    QT_TRANSLATE_NOOP("Report", "system"),
    QT_TRANSLATE_NOOP("Report", "experiment %1: %2"),
    QT_TRANSLATE_NOOP("Report", "experiment %1"),
};

// Of the line below a title, looked up by headInWords(): elsewhere they are other words.
[[maybe_unused]] constexpr std::array kOperations{
    QT_TRANSLATE_NOOP("Report", "run"),
    QT_TRANSLATE_NOOP("Report", "quantize"),
};

/// The few references that core's html_escape() makes.
QString unescaped(QString text) {
  return text.replace(QLatin1String("&lt;"), QLatin1String("<"))
      .replace(QLatin1String("&gt;"), QLatin1String(">"))
      .replace(QLatin1String("&quot;"), QLatin1String("\""))
      .replace(QLatin1String("&#39;"), QLatin1String("'"))
      .replace(QLatin1String("&amp;"), QLatin1String("&"));
}

/// One number of core's ("-1,234.5", "1.2e-05") as the locale writes it.
QString numberInWords(const QString& number) {
  const QLocale locale;
  QString out;
  for (const QChar c : number)
    out += c == QLatin1Char('.') ? locale.decimalPoint() : c == QLatin1Char(',') ? locale.groupSeparator() : QString(c);
  return out;
}

/// Numbers, their units and what stands between them ("10.384 ± 0.588", "+0.79 %", "3.48 MiB"). Anything else, a name
/// with a number in it for instance, stays as it is.
QString figuresInWords(const QString& text) {
  static const QRegularExpression kNumber(QStringLiteral("^[+-]?(\\d{1,3}(,\\d{3})+|\\d+)(\\.\\d+)?(e[+-]?\\d+)?$"));
  static const QSet<QString> kBeside{
      QStringLiteral("±"),   QStringLiteral("→"),   QStringLiteral("%"),   QStringLiteral("B"),  QStringLiteral("KiB"),
      QStringLiteral("MiB"), QStringLiteral("GiB"), QStringLiteral("TiB"), QStringLiteral("ms"), QStringLiteral("s"),
      QStringLiteral("min"), QStringLiteral("h"),   QStringLiteral("d")};
  QStringList words = text.split(QLatin1Char(' '));
  for (QString& word : words) {
    if (kBeside.contains(word)) continue;
    const bool listed = word.endsWith(QLatin1Char(','));
    if (listed) word.chop(1);
    if (!kNumber.match(word).hasMatch()) return text;
    word = numberInWords(word);
    if (listed) word += QLatin1Char(',');
  }
  return words.join(QLatin1Char(' '));
}

/// "2026-01-02T03:04:05Z" as the locale writes times.
QString timeInWords(const QString& text) {
  static const QRegularExpression kTime(QStringLiteral("^\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z$"));
  return kTime.match(text).hasMatch() ? timeText(text.toStdString()) : text;
}

/// The line below a title: what was done to which model, how it ended and when it began.
QString headInWords(const QString& text) {
  static const QRegularExpression kHead(
      QStringLiteral("^(?:Salient report, experiment (\\d+): )?([a-z-]+) of (.+), (done|running|failed|cancelled), "
                     "begun (\\S+Z)(\\. .*)?$"),
      QRegularExpression::DotMatchesEverythingOption);
  const QRegularExpressionMatch match = kHead.match(text);
  if (!match.hasMatch()) return text;
  const QString done = QCoreApplication::translate("Report", match.captured(2).toUtf8().constData());
  const QString ended = statusText(match.captured(4)).toLower();
  const QString begun = timeInWords(match.captured(5));
  const QString words =
      match.captured(1).isEmpty()
          ? QCoreApplication::translate("Report", "%1 of %2, %3, begun %4").arg(done, match.captured(3), ended, begun)
          : QCoreApplication::translate("Report", "Salient report, experiment %1: %2 of %3, %4, begun %5")
                .arg(match.captured(1), done, match.captured(3), ended, begun);
  return words + match.captured(6);
}

/// The size behind a path: "/texts/a.txt, 24.1 KiB, SHA-256 …".
QString withSizeInWords(const QString& text) {
  static const QRegularExpression kSize(QStringLiteral("^(.*, )(\\d[\\d.]* (?:[KMGT]i)?B)(, SHA-256 [0-9a-f]+)?$"));
  const QRegularExpressionMatch match = kSize.match(text);
  return match.hasMatch() ? match.captured(1) + figuresInWords(match.captured(2)) + match.captured(3) : text;
}

class Translator {
 public:
  QString document(const QString& html) {
    static const QString kLabel = QStringLiteral("aria-label=\"");
    QString out;
    out.reserve(html.size() + html.size() / 8);
    bool theirs = false;  // what strangers wrote, and the style sheet
    QString tag;
    qsizetype at = 0;
    while (at < html.size()) {
      const qsizetype open = html.indexOf(QLatin1Char('<'), at);
      const QString piece = html.mid(at, (open < 0 ? html.size() : open) - at);
      out += theirs ? piece : said(piece, tag);
      const qsizetype close = open < 0 ? -1 : html.indexOf(QLatin1Char('>'), open);
      if (close < 0) break;
      tag = html.mid(open, close + 1 - open);
      if (tag.startsWith(QLatin1String("<bdi")) || tag.startsWith(QLatin1String("<style"))) theirs = true;
      if (tag.startsWith(QLatin1String("</bdi")) || tag.startsWith(QLatin1String("</style"))) theirs = false;
      if (const qsizetype label = tag.indexOf(kLabel); label >= 0) {
        const qsizetype from = label + kLabel.size();
        const qsizetype to = tag.indexOf(QLatin1Char('"'), from);
        tag = tag.left(from) + said(tag.mid(from, to - from), {}) + tag.mid(to);
      }
      out += tag;
      at = close + 1;
    }
    return out.replace(QLatin1String("<html lang=\"en\">"),
                       QStringLiteral("<html lang=\"%1\">").arg(QLocale().bcp47Name()));
  }

 private:
  /// One piece of text behind `tag`; spaces around it stay.
  QString said(const QString& piece, const QString& tag) {
    const QString bare = piece.trimmed();
    if (bare.isEmpty()) return piece;
    QString words = inWords(unescaped(bare), tag);
    words = words.toHtmlEscaped();
    const qsizetype begin = piece.indexOf(bare);
    return piece.left(begin) + words.replace(QLatin1Char('\''), QLatin1String("&#39;")) +
           piece.mid(begin + bare.size());
  }

  QString inWords(QString text, const QString& tag) {
    const bool cell = tag == QLatin1String("<td>");
    const bool name = tag == QLatin1String("<h1>");  // a model's may be a number
    static const SentenceBook kBook("Report", kSentences.data(), kSentences.data() + kSentences.size());
    if (cell && setting_) return figuresInWords(recipeChoiceText(text));
    const bool marked = text.endsWith(QStringLiteral(" ≠"));
    if (marked) text.chop(2);
    const QString title = recipeFieldTitle(text);
    setting_ = title != text;
    if (tag == QLatin1String("<p class=\"sub\">")) {
      if (const QString head = headInWords(text); head != text) return head;
    }
    QString words = title;
    if (words == text) words = coreSentence(text);
    if (words == text) words = kBook.say(text, figuresInWords);
    if (words == text) words = JobsModel::stageText(text);
    if (words == text && !name) words = figuresInWords(text);
    if (words == text) words = withSizeInWords(text);
    if (words == text && cell) words = timeInWords(text);
    return marked ? words + QStringLiteral(" ≠") : words;
  }

  bool setting_ = false;  ///< the row is one of a recipe
};

}  // namespace

std::string reportInWords(const Subjects& subjects) {
  return Translator().document(QString::fromStdString(report_html(subjects))).toStdString();
}

QStringList reportSentences() {
  QStringList sentences;
  for (const char* sentence : kSentences)
    sentences.append(QString::fromUtf8(sentence));
  return sentences;
}

}  // namespace salient::ui
