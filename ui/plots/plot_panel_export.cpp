// SPDX-License-Identifier: GPL-3.0-or-later
// The files that a plot is saved as.
#include <QBuffer>
#include <QDir>
#include <QFileDialog>
#include <QLabel>
#include <QMessageBox>
#include <QPdfWriter>
#include <QStandardPaths>
#include <QSvgGenerator>

#include "core/base/file.h"
#include "ui/models/csv.h"
#include "ui/models/error_info.h"
#include "ui/plots/plot_panel.h"

namespace salient::ui {
namespace {

constexpr double kPngScale = 2;  ///< sharp in a document
constexpr int kChartDpi = 96;

QString fileName(QString title) {
  for (QChar& c : title)
    if (!c.isLetterOrNumber()) c = QLatin1Char('-');
  while (title.contains(QLatin1String("--")))
    title.replace(QLatin1String("--"), QLatin1String("-"));
  return title.isEmpty() ? QStringLiteral("chart") : title.toLower();
}

}  // namespace

QByteArray PlotPanel::rendered(const QString& suffix) {
  const QSize size = chart_->size().expandedTo(chart_->minimumSize());
  QByteArray bytes;
  QBuffer buffer(&bytes);
  buffer.open(QIODevice::WriteOnly);
  const auto draw = [&](QPaintDevice& device) {
    QCPPainter painter(&device);
    painter.setMode(QCPPainter::pmVectorized);
    painter.setMode(QCPPainter::pmNoCaching);
    painter.setMode(QCPPainter::pmNonCosmetic);
    painter.fillRect(QRect(QPoint(), size), theme_.background);
    chart_->toPainter(&painter, size.width(), size.height());
  };
  if (suffix == QLatin1String("csv")) return model_ != nullptr ? csvOf(*model_) : QByteArray();
  if (suffix == QLatin1String("png")) {
    chart_->toPixmap(size.width(), size.height(), kPngScale).save(&buffer, "PNG");
  } else if (suffix == QLatin1String("svg")) {
    QSvgGenerator svg;
    svg.setOutputDevice(&buffer);
    svg.setSize(size);
    svg.setViewBox(QRect(QPoint(), size));
    svg.setResolution(kChartDpi);
    svg.setTitle(title_->text());
    draw(svg);
  } else if (suffix == QLatin1String("pdf")) {
    QPdfWriter pdf(&buffer);
    pdf.setTitle(title_->text());
    pdf.setResolution(kChartDpi);
    pdf.setPageMargins({});
    pdf.setPageSize(QPageSize(QSizeF(size) * 72 / kChartDpi, QPageSize::Point, {}, QPageSize::ExactMatch));
    draw(pdf);
  }
  return bytes;
}

bool PlotPanel::exportTo(const QString& file, QString* problem) {
  const QByteArray bytes = rendered(QFileInfo(file).suffix().toLower());
  const auto refuse = [&](const QString& why) {
    if (problem != nullptr) *problem = why;
    return false;
  };
  if (bytes.isEmpty()) return refuse(tr("Name a file that ends in .png, .svg, .pdf or .csv."));
  const auto status = write_file_durably(QFile::encodeName(file).toStdString(),
                                         std::string_view(bytes.constData(), static_cast<std::size_t>(bytes.size())));
  return status ? true : refuse(ErrorInfo::from(status.error()).message);
}

void PlotPanel::chooseExport() {
  const QStringList filters{tr("Image (*.png)"), tr("Vector graphic (*.svg)"), tr("Document (*.pdf)"),
                            tr("Figures (*.csv)")};
  const QStringList suffixes{QStringLiteral(".png"), QStringLiteral(".svg"), QStringLiteral(".pdf"),
                             QStringLiteral(".csv")};
  QString filter = filters.at(tableShown() ? 3 : 0);
  const QString proposal = QDir(QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation))
                               .filePath(fileName(title_->text()) + suffixes.at(filters.indexOf(filter)));
  QString file = QFileDialog::getSaveFileName(this, tr("Export %1").arg(title_->text()), proposal,
                                              filters.join(QStringLiteral(";;")), &filter);
  if (file.isEmpty()) return;
  if (QFileInfo(file).suffix().isEmpty()) file += suffixes.value(filters.indexOf(filter), suffixes.first());
  QString problem;
  if (!exportTo(file, &problem)) QMessageBox::warning(this, tr("Not exported"), problem);
}

}  // namespace salient::ui
