// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/start_page.h"

#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QGroupBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QProgressBar>
#include <QPushButton>

#include "ui/models/jobs_model.h"
#include "ui/models/recent.h"
#include "ui/views/error_panel.h"
#include "ui/views/icons.h"

namespace salient::ui {

StartPage::StartPage(Session& session, QWidget* parent) : Page(session, QLatin1String(page::start), parent) {
  auto* heading = new QLabel(QStringLiteral("Salient"), this);
  QFont large = heading->font();
  large.setPointSizeF(large.pointSizeF() * 2.2);
  large.setBold(true);
  heading->setFont(large);
  auto* claim = new QLabel(tr("Turns a 16-bit language model into a packed one that mixes 4 and 8 bit between output "
                              "features, and shows at every step what that costs and what it buys."),
                           this);
  claim->setWordWrap(true);
  claim->setForegroundRole(QPalette::PlaceholderText);

  QWidget* opening = makeOpening();
  error_ = new ErrorPanel(QStringLiteral("start.error"), this);
  busy_ = new QLabel(this);
  busy_->setObjectName(QStringLiteral("start.busy"));
  progress_ = new QProgressBar(this);
  progress_->setRange(0, 0);
  progress_->setTextVisible(false);
  progress_->setAccessibleName(tr("A model is being opened"));
  busy_->hide();
  progress_->hide();

  interrupted_ = new QGroupBox(tr("Not finished yet"), this);
  interrupted_->setObjectName(QStringLiteral("start.interrupted"));
  interruptedRows_ = new QVBoxLayout(interrupted_);
  interrupted_->hide();

  auto* recents = new QHBoxLayout;
  for (const auto& [kind, name, label] :
       {std::tuple{recent::models, QStringLiteral("start.models"), tr("Recent &models")},
        std::tuple{recent::experiments, QStringLiteral("start.experiments"), tr("Recent &experiment files")}}) {
    auto* column = new QVBoxLayout;
    column->setSpacing(fontMetrics().height() / 3);
    auto* caption = new QLabel(label, this);
    QListWidget* list = makeRecent(kind, name, label);
    caption->setBuddy(list);
    column->addWidget(caption);
    column->addWidget(list, 1);
    recents->addLayout(column, 1);
    (kind == recent::models ? models_ : experiments_) = list;
  }

  auto* layout = new QVBoxLayout(this);
  const int gap = fontMetrics().height();
  layout->setContentsMargins(2 * gap, 2 * gap, 2 * gap, gap);
  layout->setSpacing(gap);
  layout->addWidget(heading);
  layout->addWidget(claim);
  layout->addWidget(opening);
  layout->addWidget(busy_);
  layout->addWidget(progress_);
  layout->addWidget(error_);
  layout->addWidget(interrupted_);
  layout->addLayout(recents, 1);

  const auto wait = [this](bool under_way) {
    busy_->setVisible(under_way);
    progress_->setVisible(under_way);
  };
  connect(&session, &Session::modelOpening, this, [this, wait](const QString& directory) {
    error_->clear();
    busy_->setText(tr("Opening %1 …").arg(QDir::toNativeSeparators(directory)));
    wait(true);
  });
  connect(&session, &Session::modelOpened, this, [this, wait] {
    wait(false);
    fill(models_, recent::models);
  });
  const auto refuse = [this, wait](const QString& what, const ErrorInfo& error) {
    wait(false);
    fill(models_, recent::models);
    error_->show(what, error);
    this->session().requestPage(QLatin1String(page::start));
  };
  connect(&session, &Session::modelRefused, this,
          [refuse](const ErrorInfo& error) { refuse(tr("This model cannot be opened"), error); });
  connect(&session, &Session::scoresRefused, this,
          [refuse](const ErrorInfo& error) { refuse(tr("These scores cannot be opened"), error); });
  connect(&session, &Session::refused, this,
          [refuse](const ErrorInfo& error) { refuse(tr("This cannot be opened"), error); });
  connect(&session, &Session::experimentsChanged, this, [this] { fill(experiments_, recent::experiments); });
  JobQueue& jobs = session.jobs();
  connect(&jobs, &JobQueue::jobEnded, this, &StartPage::showInterrupted);
  connect(&jobs, &JobQueue::jobRemoved, this, &StartPage::showInterrupted);
  connect(&jobs, &JobQueue::jobAdded, this, &StartPage::showInterrupted);
  activated();
}

QWidget* StartPage::makeOpening() {
  auto* zone = new QFrame(this);
  zone->setObjectName(QStringLiteral("start.drop"));
  zone->setFrameShape(QFrame::StyledPanel);
  zone->setAutoFillBackground(true);
  zone->setBackgroundRole(QPalette::Base);
  auto* hint =
      new QLabel(tr("Drop a model's directory anywhere in this window, or scores, an experiment file, a text."), zone);
  hint->setWordWrap(true);
  auto* open = new QPushButton(tr("&Open a model …"), zone);
  open->setObjectName(QStringLiteral("start.openModel"));
  open->setDefault(true);
  open->setToolTip(tr("A directory in Hugging Face's layout: config.json, *.safetensors and the tokenizer's files"));
  auto* file = new QPushButton(tr("Open a &file …"), zone);
  file->setObjectName(QStringLiteral("start.openFile"));
  file->setToolTip(tr("Scores of an earlier search, an experiment file, or a calibration text"));
  auto* sample = new QPushButton(tr("Open the &sample"), zone);
  sample->setObjectName(QStringLiteral("start.openSample"));
  sample->setToolTip(
      tr("A model of 5.8 million parameters that comes with Salient: the whole way takes a few minutes"));
  connect(open, &QPushButton::clicked, this, &StartPage::chooseModel);
  connect(file, &QPushButton::clicked, this, &StartPage::chooseFile);
  connect(sample, &QPushButton::clicked, this, [this] { session().openSample(); });

  auto* buttons = new QHBoxLayout;
  buttons->addWidget(open);
  buttons->addWidget(file);
  buttons->addWidget(sample);
  buttons->addStretch(1);
  auto* layout = new QVBoxLayout(zone);
  const int gap = fontMetrics().height();
  layout->setContentsMargins(gap, gap, gap, gap);
  layout->setSpacing(gap);
  layout->addWidget(hint);
  layout->addLayout(buttons);
  return zone;
}

QListWidget* StartPage::makeRecent(const char* kind, const QString& name, const QString& label) {
  auto* list = new QListWidget(this);
  list->setObjectName(name);
  list->setAccessibleName(QString(label).remove(QLatin1Char('&')));
  list->setTextElideMode(Qt::ElideMiddle);
  const int icon = fontMetrics().height() * 5 / 4;  // as in the side bar
  list->setIconSize(QSize(icon, icon));
  list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  list->setToolTip(kind == recent::models ? tr("Enter or a double click opens the model; Delete takes it off the list")
                                          : tr("Enter or a double click opens the file; Delete takes it off the list"));
  connect(list, &QListWidget::itemActivated, this,
          [this](const QListWidgetItem* item) { session().openPath(item->data(Qt::UserRole).toString()); });
  auto* forget = new QAction(tr("Take off the list"), list);
  forget->setShortcut(QKeySequence::Delete);
  forget->setShortcutContext(Qt::WidgetShortcut);
  list->addAction(forget);
  list->setContextMenuPolicy(Qt::ActionsContextMenu);
  connect(forget, &QAction::triggered, this, [this, list, kind] {
    const QListWidgetItem* item = list->currentItem();
    if (item == nullptr || item->data(Qt::UserRole).isNull()) return;
    recent::remove(kind, item->data(Qt::UserRole).toString());
    fill(list, kind);
  });
  return list;
}

void StartPage::fill(QListWidget* list, const char* kind) {
  list->clear();
  const QStringList paths = recent::list(kind);
  for (const QString& path : paths) {
    const QFileInfo info(path);
    QString text = tr("%1  —  %2").arg(info.fileName(), QDir::toNativeSeparators(info.absolutePath()));
    if (path == session().experimentsFile()) text = tr("%1  (in use)").arg(text);
    auto* item =
        new QListWidgetItem(icon(QLatin1String(kind == recent::models ? page::model : page::tradeoff)), text, list);
    item->setSizeHint(QSize(0, fontMetrics().height() * 7 / 4));
    item->setData(Qt::UserRole, path);
    item->setToolTip(QDir::toNativeSeparators(path));
  }
  if (!paths.isEmpty()) return;
  auto* none = new QListWidgetItem(
      kind == recent::models ? tr("No model was opened yet.") : tr("No other experiment file was opened yet."), list);
  none->setFlags(Qt::NoItemFlags);
  none->setSizeHint(QSize(0, fontMetrics().height() * 7 / 4));
}

void StartPage::showInterrupted() {
  while (QLayoutItem* item = interruptedRows_->takeAt(0)) {
    item->widget()->hide();
    item->widget()->deleteLater();
    delete item;
  }
  constexpr int kMost = 3;
  int shown = 0;
  for (const JobRecord& job : session().jobs().jobs()) {
    if (job.state != JobRecord::State::interrupted && job.state != JobRecord::State::paused) continue;
    if (++shown > kMost) break;
    auto* row = new QWidget(interrupted_);
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    QString text = tr("%1: %2").arg(job.title, JobsModel::stateText(job));
    const QString progress = JobsModel::progressText(job);
    if (!progress.isEmpty()) text = tr("%1 (%2)").arg(text, progress);
    auto* label = new QLabel(text, row);
    auto* resume = new QPushButton(tr("Resume"), row);
    resume->setObjectName(QStringLiteral("start.resume%1").arg(job.id));
    resume->setAccessibleName(tr("Resume %1").arg(job.title));
    connect(resume, &QPushButton::clicked, this, [this, id = job.id] {
      session().jobs().resume(id);
      showInterrupted();
      session().requestPage(QLatin1String(page::jobs));
    });
    layout->addWidget(label, 1);
    layout->addWidget(resume);
    interruptedRows_->addWidget(row);
  }
  interrupted_->setVisible(shown > 0);
}

void StartPage::activated() {
  fill(models_, recent::models);
  fill(experiments_, recent::experiments);
  showInterrupted();
}

void StartPage::chooseModel() {
  const QStringList last = recent::list(recent::models);
  const QString from = last.isEmpty() ? QDir::homePath() : QFileInfo(last.first()).absolutePath();
  const QString directory = QFileDialog::getExistingDirectory(this, tr("Open a model"), from);
  if (!directory.isEmpty()) session().openModel(directory);
}

void StartPage::chooseFile() {
  const QString file = QFileDialog::getOpenFileName(
      this, tr("Open scores, experiments or a text"), session().dataDirectory(),
      tr("What Salient reads (*.scores *.db *.txt *.jsonl *.jsonl.gz *.ndjson);;All files (*)"));
  if (!file.isEmpty()) session().openPath(file);
}

}  // namespace salient::ui
