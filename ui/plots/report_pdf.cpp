// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/report_pdf.h"

#include <QAbstractTextDocumentLayout>
#include <QBuffer>
#include <QCoreApplication>
#include <QPageLayout>
#include <QPageSize>
#include <QPdfWriter>
#include <QTextCursor>
#include <QTextDocument>
#include <QTextObjectInterface>
#include <QTextTable>
#include <algorithm>
#include <cmath>
#include <functional>
#include <string_view>

#include "core/base/system.h"
#include "core/experiment/report_charts.h"
#include "ui/models/core_sentences.h"
#include "ui/models/error_info.h"
#include "ui/models/numbers.h"
#include "ui/plots/keep_with_next.h"
#include "ui/plots/report_drawings.h"

namespace salient::ui {
namespace {

constexpr int kChartObject = QTextFormat::UserObject + 1;
constexpr int kChartIndex = QTextFormat::UserProperty + 1;
constexpr int kResolution = 600;
constexpr double kScreenDpi = 96;
constexpr double kMarginMillimetres = 18;
constexpr double kBodyPoints = 9.5;
constexpr std::size_t kMostUpright = 3;  ///< experiments beside each other; more take the page's long side
constexpr double kFewestNames = 20;      ///< percent of a table's width for the names of its rows
constexpr double kMostNames = 42;

/// The context is the one lupdate gives to the texts of the class below.
QString tr(const char* text) {
  return QCoreApplication::translate("salient::ui::Writer", text);
}

/// Ink on white paper, whatever the screen's palette is.
PlotTheme paperTheme() {
  QPalette palette;
  palette.setColor(QPalette::Base, Qt::white);
  palette.setColor(QPalette::Window, Qt::white);
  palette.setColor(QPalette::Text, Qt::black);
  palette.setColor(QPalette::WindowText, Qt::black);
  return PlotTheme::of(palette);
}

struct Chart {
  double lines = 10;  ///< height in lines of text
  std::function<void(QPainter&, const QRectF&)> draw;
};

/// Charts stand in the text as objects of one character.
class Charts : public QObject, public QTextObjectInterface {
  Q_OBJECT
  Q_INTERFACES(QTextObjectInterface)
 public:
  QSizeF intrinsicSize(QTextDocument* document, int, const QTextFormat& format) override {
    const QFontMetricsF metrics(document->defaultFont(), document->documentLayout()->paintDevice());
    return {document->textWidth(), all_[format.property(kChartIndex).toInt()].lines * metrics.height()};
  }
  void drawObject(QPainter* painter, const QRectF& rect, QTextDocument* document, int,
                  const QTextFormat& format) override {
    painter->save();
    painter->setFont(document->defaultFont());
    all_[format.property(kChartIndex).toInt()].draw(*painter, rect);
    painter->restore();
  }
  int add(Chart chart) {
    all_.append(std::move(chart));
    return static_cast<int>(all_.size()) - 1;
  }

 private:
  QVector<Chart> all_;
};

class Writer {
 public:
  Writer(const Subjects& subjects, QPaintDevice& paper, const QSizeF& page)
      : subjects_(subjects), theme_(paperTheme()) {
    QFont font(QStringLiteral("sans-serif"));
    font.setStyleHint(QFont::SansSerif);
    font.setPointSizeF(kBodyPoints);
    document_.setDefaultFont(font);
    document_.setDocumentMargin(0);
    document_.setUndoRedoEnabled(false);
    document_.documentLayout()->setPaintDevice(&paper);
    document_.documentLayout()->registerHandler(kChartObject, &charts_);
    document_.setPageSize(page);
    cursor_ = QTextCursor(&document_);
    // Margins are given for a screen; the layout scales them to the paper.
    line_ = QFontMetricsF(font, &paper).height() * kScreenDpi / kResolution;
  }

  QTextDocument& make() {
    cursor_.beginEditBlock();  // laid out once, at the end
    title();
    notes();
    quality();
    bits();
    section(tr("Time"));
    table(tr("Stage"), subjectTitles(subjects_), stageRows(subjects_), true);
    section(tr("Recipe and sources"), subjects_.size() > 1 ? tr("≠ marks what differs.") : QString());
    table(tr("Setting"), subjectTitles(subjects_), recipeRows(subjects_), false);
    cursor_.endEditBlock();
    keepLeadsWithNext(document_);
    return document_;
  }

 private:
  QTextCharFormat text(double points, QFont::Weight weight, const QColor& color) const {
    QTextCharFormat format;
    format.setFontPointSize(points);
    format.setFontWeight(weight);
    format.setForeground(color);
    return format;
  }
  QTextBlockFormat block(double before, double after) const {
    QTextBlockFormat format;
    format.setTopMargin(before * line_);
    format.setBottomMargin(after * line_);
    return format;
  }
  /// `leads`: belongs to what follows and stands on the same page.
  void paragraph(const QString& words, const QTextCharFormat& format, double before, double after, bool leads = false) {
    if (!atStart_) cursor_.insertBlock();
    atStart_ = false;
    QTextBlockFormat look = block(before, after);
    if (leads) setLeads(look);
    cursor_.setBlockFormat(look);
    cursor_.insertText(words, format);
  }
  QColor muted() const { return QColor(0x55, 0x55, 0x55); }

  void section(const QString& title, const QString& explanation = {}) {
    paragraph(title, text(13, QFont::DemiBold, Qt::black), 1.2, 0.2, true);
    if (!explanation.isEmpty()) paragraph(explanation, text(kBodyPoints, QFont::Normal, muted()), 0, 0.4, true);
  }

  void title() {
    const Experiment& first = subjects_.front().experiment;
    QStringList ids;
    for (const ReportSubject& subject : subjects_)
      ids.append(numbers::count(subject.experiment.id));
    paragraph(subjects_.size() == 1 ? modelName(first) : tr("Experiments %1").arg(ids.join(QStringLiteral(", "))),
              text(20, QFont::Bold, Qt::black), 0, 0.1);
    for (const ReportSubject& subject : subjects_) {
      const Experiment& e = subject.experiment;
      paragraph(tr("Experiment %1: %2 of %3, %4, begun %5")
                    .arg(numbers::count(e.id), methodName(e), modelName(e),
                         statusText(QString::fromStdString(e.status)).toLower(), timeText(e.created)),
                text(kBodyPoints, QFont::Normal, muted()), 0, 0.1);
      if (!e.annotation.empty()) {
        paragraph(QString::fromStdString(escape_for_message(e.annotation, 4096)),
                  text(kBodyPoints, QFont::Normal, Qt::black), 0, 0.1);
      }
    }
  }

  void notes() {
    for (const ReportSubject& subject : subjects_) {
      const Experiment& e = subject.experiment;
      QStringList lines;
      if (!e.error.empty()) lines.append(errorLine(QString::fromStdString(escape_for_message(e.error, 4096))));
      for (const std::string& note : e.notes)
        lines.append(coreSentence(QString::fromStdString(escape_for_message(note, 4096))));
      for (const QString& words : lines)
        paragraph(tr("Experiment %1: %2").arg(numbers::count(e.id), words), text(kBodyPoints, QFont::Normal, Qt::black),
                  0.3, 0.1);
    }
  }

  void chart(const QString& caption, Chart made) {
    paragraph(caption, text(kBodyPoints, QFont::Normal, muted()), 0.6, 0.2, true);
    QTextCharFormat format;
    format.setObjectType(kChartObject);
    format.setProperty(kChartIndex, charts_.add(std::move(made)));
    cursor_.insertBlock(block(0, 0.4));
    cursor_.insertText(QString(QChar::ObjectReplacementCharacter), format);
  }

  void quality() {
    section(tr("Quality and size"), tr("± one standard error over the text's windows. Lower perplexity and divergence "
                                       "are better."));
    QVector<Interval> intervals;
    for (const ReportSubject& subject : subjects_) {
      for (const char* model : {"reference", "quantized"}) {
        const auto found = figure(subject.experiment.metrics, model, "perplexity");
        if (!found) continue;
        const QString id = numbers::count(subject.experiment.id);
        const bool reference = std::string_view(model) == "reference";
        intervals.append(
            {reference ? tr("16 bit (%1)").arg(id) : tr("quantized (%1)").arg(id), found->value,
             found->error.value_or(0),
             tr("%1 ± %2").arg(numbers::fixed(found->value, 3), numbers::fixed(found->error.value_or(0), 3))});
      }
    }
    if (!intervals.isEmpty()) {
      chart(tr("Perplexity in the run's own evaluation"),
            {static_cast<double>(intervalLines(static_cast<int>(intervals.size()))),
             [this, intervals](QPainter& painter, const QRectF& area) {
               drawIntervals(painter, area, intervals, theme_);
             }});
    }
    table(tr("Measure"), subjectTitles(subjects_), metricRows(subjects_), true);
  }

  void bits() {
    section(tr("Where the 8-bit features went"),
            tr("Each bar is one linear layer: the share of its output features that got 8 bit."));
    double most = 0;
    for (const ReportSubject& subject : subjects_)
      most = std::max(most, share_axis_end(subject.map));
    for (const ReportSubject& subject : subjects_) {
      const QString id = numbers::count(subject.experiment.id);
      if (subject.map.linears.empty()) {
        paragraph(tr("Experiment %1 has no bit map.").arg(id), text(kBodyPoints, QFont::Normal, Qt::black), 0.3, 0.2);
        continue;
      }
      chart(tr("8-bit share of every linear by layer, experiment %1").arg(id),
            {16, [this, &subject, most](QPainter& painter, const QRectF& area) {
               drawShares(painter, area, subject.map, most, theme_);
             }});
    }
    table(tr("Linear"), linearTitles(subjects_), linearRows(subjects_), true);
  }

  /// What the rows' names take of a table's width, so that few of them break.
  double namesPercent(const QVector<ComparisonRow>& rows) const {
    QFont font = document_.defaultFont();
    font.setPointSizeF(kBodyPoints - 0.5);
    font.setWeight(QFont::DemiBold);
    const QFontMetricsF metrics(font, document_.documentLayout()->paintDevice());
    double longest = 0;
    for (const ComparisonRow& row : rows)
      longest = std::max(longest, metrics.horizontalAdvance(QStringLiteral("≠ ") + row.name + QStringLiteral("n")));
    return std::clamp(100 * longest / document_.pageSize().width(), kFewestNames, kMostNames);
  }

  void table(const QString& first, const QStringList& titles, const QVector<ComparisonRow>& rows, bool right) {
    if (rows.isEmpty()) return;
    QTextTableFormat format;
    format.setBorder(0);
    format.setCellPadding(0.22 * line_);
    format.setCellSpacing(0);
    format.setHeaderRowCount(1);
    format.setTopMargin(0.4 * line_);
    format.setWidth(QTextLength(QTextLength::PercentageLength, 100));
    const int columns = static_cast<int>(titles.size()) + 1;
    const double names = namesPercent(rows);
    QVector<QTextLength> widths{QTextLength(QTextLength::PercentageLength, names)};
    for (int i = 1; i < columns; ++i)
      widths.append(QTextLength(QTextLength::PercentageLength, (100 - names) / (columns - 1)));
    format.setColumnWidthConstraints(widths);
    QTextTable* made = cursor_.insertTable(static_cast<int>(rows.size()) + 1, columns, format);
    const auto put = [&](int row, int column, const QString& words, QFont::Weight weight) {
      QTextTableCell cell = made->cellAt(row, column);
      QTextTableCellFormat look;
      look.setBottomBorder(row == 0 ? 0.08 * line_ : 0.03 * line_);
      look.setBottomBorderStyle(QTextFrameFormat::BorderStyle_Solid);
      look.setBottomBorderBrush(row == 0 ? QColor(0x88, 0x88, 0x88) : QColor(0xdd, 0xdd, 0xdd));
      look.setPadding(0.22 * line_);
      cell.setFormat(look);
      QTextCursor at = cell.firstCursorPosition();
      QTextBlockFormat align;
      if (right && column > 0) align.setAlignment(Qt::AlignRight);
      at.setBlockFormat(align);
      // Paths and hashes have no spaces to break at.
      QString breakable = words;
      breakable.replace(QLatin1Char('/'), QStringLiteral("/\u200b"));
      // A sign stays with its number.
      breakable.replace(QStringLiteral(" %"), QStringLiteral("\u00a0%"))
          .replace(QStringLiteral("± "), QStringLiteral("±\u00a0"));
      at.insertText(breakable, text(kBodyPoints - 0.5, weight, Qt::black));
    };
    put(0, 0, first, QFont::DemiBold);
    for (int i = 0; i < titles.size(); ++i)
      put(0, i + 1, titles[i], QFont::DemiBold);
    for (int row = 0; row < rows.size(); ++row) {
      const bool strong = rows[row].heading || (rows[row].differs && subjects_.size() > 1);
      put(row + 1, 0, (rows[row].differs && subjects_.size() > 1 ? QStringLiteral("≠ ") : QString()) + rows[row].name,
          strong ? QFont::DemiBold : QFont::Normal);
      for (int i = 0; i < rows[row].cells.size(); ++i)
        put(row + 1, i + 1, rows[row].cells[i], QFont::Normal);
    }
    cursor_.movePosition(QTextCursor::End);
  }

  const Subjects& subjects_;
  PlotTheme theme_;
  Charts charts_;
  QTextDocument document_;
  QTextCursor cursor_;
  double line_ = 0;
  bool atStart_ = true;
};

}  // namespace

std::string reportPdf(const Subjects& subjects) {
  QBuffer buffer;
  buffer.open(QIODevice::WriteOnly);
  {
    QPdfWriter paper(&buffer);
    paper.setResolution(kResolution);
    paper.setCreator(QStringLiteral("Salient %1").arg(QString::fromStdString(program_version())));
    paper.setTitle(QCoreApplication::translate("salient::ui::Writer", "Salient report"));
    paper.setPageLayout(QPageLayout(
        QPageSize(QPageSize::A4), subjects.size() > kMostUpright ? QPageLayout::Landscape : QPageLayout::Portrait,
        QMarginsF(kMarginMillimetres, kMarginMillimetres, kMarginMillimetres, kMarginMillimetres),
        QPageLayout::Millimeter));
    const QSizeF whole(paper.width(), paper.height());
    const double footer = kResolution / 72.0 * 18;
    const QSizeF body(whole.width(), whole.height() - footer);
    Writer writer(subjects, paper, body);
    QTextDocument& document = writer.make();
    QPainter painter(&paper);
    const int pages = document.pageCount();
    for (int page = 0; page < pages; ++page) {
      if (page > 0) paper.newPage();
      painter.save();
      painter.translate(0, -page * body.height());
      const QRectF view(0, page * body.height(), body.width(), body.height());
      painter.setClipRect(view);
      QAbstractTextDocumentLayout::PaintContext context;
      context.clip = view;
      context.palette.setColor(QPalette::Text, Qt::black);
      document.documentLayout()->draw(&painter, context);
      painter.restore();
      QFont small = document.defaultFont();
      small.setPointSizeF(8);
      painter.setFont(small);
      painter.setPen(QColor(0x55, 0x55, 0x55));
      const QRectF bottom(0, whole.height() - footer, whole.width(), footer);
      painter.drawText(bottom, Qt::AlignLeft | Qt::AlignBottom,
                       QCoreApplication::translate("salient::ui::Writer", "Made by Salient %1")
                           .arg(QString::fromStdString(program_version())));
      painter.drawText(bottom, Qt::AlignRight | Qt::AlignBottom,
                       QCoreApplication::translate("salient::ui::Writer", "%1 of %2").arg(page + 1).arg(pages));
    }
  }
  return buffer.data().toStdString();
}

}  // namespace salient::ui

#include "report_pdf.moc"
