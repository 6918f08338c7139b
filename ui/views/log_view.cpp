// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/log_view.h"

#include <QFontDatabase>
#include <QScrollBar>

namespace salient::ui {
namespace {

constexpr int kMostLines = 5000;

}  // namespace

LogView::LogView(JobQueue& jobs, const QString& name, QWidget* parent) : QPlainTextEdit(parent), jobs_(jobs) {
  setObjectName(name);
  setReadOnly(true);
  setWordWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);  // paths are long words
  setMaximumBlockCount(kMostLines);
  setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
  setAccessibleName(tr("Log of the job"));
  setPlaceholderText(tr("What a job says while it works appears here."));
  setTabChangesFocus(true);
  // The last lines stay seen while lines come and while the view gets smaller, until the person scrolls away.
  QScrollBar* bar = verticalScrollBar();
  connect(bar, &QScrollBar::rangeChanged, this, [this, bar](int, int end) {
    if (following_) bar->setValue(end);
  });
  connect(bar, &QScrollBar::valueChanged, this, [this, bar](int value) { following_ = value >= bar->maximum(); });
  connect(&jobs, &JobQueue::logLine, this, [this](qint64 id, const QString& line) {
    if (id != job_) return;
    if (reading_) {
      early_ += line + QLatin1Char('\n');
    } else {
      append(line);
    }
  });
}

void LogView::setJob(qint64 id) {
  if (id == job_) return;
  job_ = id;
  clear();
  following_ = true;
  early_.clear();
  const qint64 number = ++wanted_;
  reading_ = id != 0;
  if (!reading_) return;
  // Lines are written to disk in order: what comes from now on is not in what is read.
  jobs_.readLog(id, this, [this, number](const QString& text) {
    if (number != wanted_) return;
    reading_ = false;
    append((text + early_).trimmed());
    early_.clear();
  });
}

void LogView::append(const QString& lines) {
  if (lines.isEmpty()) return;
  appendPlainText(lines);
}

}  // namespace salient::ui
