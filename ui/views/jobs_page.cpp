// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/jobs_page.h"

#include <QDesktopServices>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSplitter>
#include <QStackedWidget>
#include <QTableView>
#include <QToolButton>
#include <QUrl>

#include "ui/models/jobs_model.h"
#include "ui/plots/table_look.h"
#include "ui/views/error_panel.h"
#include "ui/views/log_view.h"
#include "ui/views/progress_delegate.h"

namespace salient::ui {

JobsPage::JobsPage(Session& session, QWidget* parent) : Page(session, QLatin1String(page::jobs), parent) {
  JobQueue& jobs = session.jobs();
  model_ = new JobsModel(jobs, this);
  table_ = new QTableView(this);
  table_->setObjectName(QStringLiteral("jobs.table"));
  table_->setAccessibleName(tr("Jobs"));
  table_->setModel(model_);
  lookLikeAList(*table_).fitContents(JobsModel::Title);
  table_->setSelectionMode(QAbstractItemView::SingleSelection);
  table_->setShowGrid(false);
  table_->setItemDelegateForColumn(JobsModel::Progress, new ProgressDelegate(table_));

  error_ = new ErrorPanel(QStringLiteral("jobs.error"), this);
  summary_ = new QLabel(this);
  summary_->setObjectName(QStringLiteral("jobs.summary"));
  summary_->setWordWrap(true);
  summary_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  log_ = new LogView(jobs, QStringLiteral("jobs.log"), this);
  QWidget* buttons = makeButtons();

  auto* lower = new QWidget(this);
  auto* lowerLayout = new QVBoxLayout(lower);
  lowerLayout->setContentsMargins(0, 0, 0, 0);
  lowerLayout->addWidget(summary_);
  lowerLayout->addWidget(error_);
  lowerLayout->addWidget(log_, 1);
  auto* splitter = new QSplitter(Qt::Vertical, this);
  splitter->setObjectName(QStringLiteral("jobs.splitter"));
  splitter->addWidget(table_);
  splitter->addWidget(lower);
  splitter->setChildrenCollapsible(false);
  splitter->setStretchFactor(0, 1);
  splitter->setStretchFactor(1, 1);

  auto* empty = new QWidget(this);
  auto* emptyLayout = new QVBoxLayout(empty);
  auto* nothing = new QLabel(tr("No job yet. Searches, quantizations and measurements appear here while they wait, run "
                                "and when they have ended."),
                             empty);
  nothing->setAlignment(Qt::AlignCenter);
  nothing->setWordWrap(true);
  auto* search = new QPushButton(tr("Go to the &search"), empty);
  search->setObjectName(QStringLiteral("jobs.goSearch"));
  connect(search, &QPushButton::clicked, this, [this] { this->session().requestPage(QLatin1String(page::search)); });
  emptyLayout->addStretch(1);
  emptyLayout->addWidget(nothing);
  emptyLayout->addWidget(search, 0, Qt::AlignCenter);
  emptyLayout->addStretch(2);

  auto* filled = new QWidget(this);
  auto* filledLayout = new QVBoxLayout(filled);
  filledLayout->setContentsMargins(0, 0, 0, 0);
  filledLayout->addWidget(buttons);
  filledLayout->addWidget(splitter, 1);
  stack_ = new QStackedWidget(this);
  stack_->addWidget(empty);
  stack_->addWidget(filled);
  auto* layout = new QVBoxLayout(this);
  layout->addWidget(stack_);

  connect(table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &JobsPage::refresh);
  connect(&jobs, &JobQueue::jobAdded, this, [this](qint64 id) {
    if (current() == nullptr || current()->state != JobRecord::State::running) select(id);
    refresh();
  });
  connect(&jobs, &JobQueue::jobMoved, this, &JobsPage::refresh);
  connect(&jobs, &JobQueue::jobRemoved, this, &JobsPage::refresh);
  connect(&jobs, &JobQueue::heldChanged, this, &JobsPage::refresh);
  connect(&jobs, &JobQueue::jobChanged, this, [this](qint64 id) {
    const JobRecord* job = current();
    if (job != nullptr && job->id == id) refresh();
  });
  if (!jobs.jobs().isEmpty()) select(jobs.jobs().last().id);
  refresh();
}

QAction* JobsPage::addJobAction(const QString& name, const QString& text, const QString& tip,
                                const QKeySequence& shortcut, const std::function<void(const JobRecord&)>& act) {
  auto* action = new QAction(text, this);
  action->setObjectName(QStringLiteral("jobs.") + name);
  action->setToolTip(tip);
  action->setShortcut(shortcut);
  connect(action, &QAction::triggered, this, [this, act] {
    if (const JobRecord* job = current()) act(*job);
  });
  actions_.append(action);
  return action;
}

QWidget* JobsPage::makeButtons() {
  JobQueue& jobs = session().jobs();
  pause_ =
      addJobAction(QStringLiteral("pause"), tr("&Pause"), tr("Stops the job, keeps its place and what it has finished"),
                   QKeySequence(QStringLiteral("Ctrl+P")), [&jobs](const JobRecord& job) { jobs.pause(job.id); });
  resume_ =
      addJobAction(QStringLiteral("resume"), tr("&Resume"), tr("Goes on where the job stopped"),
                   QKeySequence(QStringLiteral("Ctrl+R")), [&jobs](const JobRecord& job) { jobs.resume(job.id); });
  restart_ = addJobAction(QStringLiteral("restart"), tr("Start a&fresh"),
                          tr("Forgets what the job has finished and starts it from the beginning"),
                          QKeySequence(QStringLiteral("Ctrl+Shift+A")),
                          [&jobs](const JobRecord& job) { jobs.restart(job.id); });
  cancel_ = addJobAction(QStringLiteral("cancel"), tr("&Cancel"),
                         tr("Stops the job or takes it out of the queue; it can still be resumed"),
                         QKeySequence(QStringLiteral("Ctrl+Backspace")),
                         [&jobs](const JobRecord& job) { jobs.cancel(job.id); });
  kill_ = addJobAction(QStringLiteral("kill"), tr("&End it now"),
                       tr("Ends the process of a job that does not answer; what it has finished is kept"),
                       QKeySequence(QStringLiteral("Ctrl+Shift+K")), [&jobs](const JobRecord&) { jobs.kill(); });
  up_ = addJobAction(QStringLiteral("up"), tr("Move &up"), tr("Earlier in the queue"),
                     QKeySequence(QStringLiteral("Ctrl+Up")),
                     [this, &jobs](const JobRecord& job) { jobs.move(job.id, table_->currentIndex().row() - 1); });
  down_ = addJobAction(QStringLiteral("down"), tr("Move &down"), tr("Later in the queue"),
                       QKeySequence(QStringLiteral("Ctrl+Down")),
                       [this, &jobs](const JobRecord& job) { jobs.move(job.id, table_->currentIndex().row() + 1); });
  remove_ = addJobAction(QStringLiteral("remove"), tr("Remo&ve"),
                         tr("Takes the job and its log off the list; what it made stays"), QKeySequence::Delete,
                         [&jobs](const JobRecord& job) { jobs.remove(job.id); });
  addJobAction(QStringLiteral("openLogs"), tr("Open the &logs"),
               tr("Opens the folder that holds a log file for each job"), QKeySequence(QStringLiteral("Ctrl+L")),
               [](const JobRecord& job) {
                 QDesktopServices::openUrl(QUrl::fromLocalFile(QFileInfo(job.logFile).absolutePath()));
               });
  hold_ = new QAction(tr("&Hold the queue"), this);
  hold_->setObjectName(QStringLiteral("jobs.holdQueue"));
  hold_->setToolTip(tr("Nothing new starts; the running job goes on"));
  hold_->setCheckable(true);
  hold_->setShortcut(QKeySequence(QStringLiteral("Ctrl+H")));
  connect(hold_, &QAction::triggered, this, [&jobs](bool held) { jobs.setHeld(held); });
  actions_.append(hold_);

  auto* bar = new QWidget(this);
  auto* layout = new QHBoxLayout(bar);
  layout->setContentsMargins(0, 0, 0, 0);
  for (QAction* action : actions_) {
    if (action == hold_) layout->addStretch(1);
    auto* button = new QToolButton(bar);
    button->setObjectName(action->objectName() + QStringLiteral(".button"));
    button->setDefaultAction(action);
    button->setToolButtonStyle(Qt::ToolButtonTextOnly);
    button->setAccessibleName(action->toolTip());
    button->setFocusPolicy(Qt::TabFocus);
    layout->addWidget(button);
  }
  return bar;
}

const JobRecord* JobsPage::current() const {
  const QModelIndex index = table_->currentIndex();
  return index.isValid() ? session().jobs().find(index.data(JobsModel::IdRole).toLongLong()) : nullptr;
}

void JobsPage::select(qint64 id) {
  for (int row = 0; row < model_->rowCount(); ++row) {
    if (model_->index(row, 0).data(JobsModel::IdRole).toLongLong() == id)
      table_->setCurrentIndex(model_->index(row, 0));
  }
}

void JobsPage::activated() {
  if (current() == nullptr && model_->rowCount() > 0) table_->setCurrentIndex(model_->index(model_->rowCount() - 1, 0));
  table_->setFocus();
  refresh();
}

void JobsPage::refresh() {
  stack_->setCurrentIndex(model_->rowCount() == 0 ? 0 : 1);
  hold_->setChecked(session().jobs().held());
  const JobRecord* job = current();
  log_->setJob(job == nullptr ? 0 : job->id);
  using State = JobRecord::State;
  const bool running = job != nullptr && job->state == State::running;
  const bool waiting = job != nullptr && job->state == State::waiting;
  pause_->setEnabled((running && !job->stopping) || waiting);
  resume_->setEnabled(job != nullptr && job->resumable());
  restart_->setEnabled(job != nullptr && job->restartable());
  cancel_->setEnabled((running && !job->stopping) || waiting || (job != nullptr && job->state == State::paused));
  kill_->setEnabled(running && job->notAnswering);
  const int row = table_->currentIndex().row();
  up_->setEnabled(job != nullptr && row > 0);
  down_->setEnabled(job != nullptr && row + 1 < model_->rowCount());
  remove_->setEnabled(job != nullptr && !running);
  if (job == nullptr) {
    summary_->clear();
    error_->clear();
    return;
  }
  QString text = tr("%1: %2").arg(job->title, JobsModel::stateText(*job));
  if (running && !job->detail.isEmpty()) text = tr("%1, %2").arg(text, job->detail);
  if (job->finished.isValid() && job->started.isValid()) {
    const auto seconds = static_cast<double>(job->started.msecsTo(job->finished)) / 1000;
    text = tr("%1 after %2").arg(text, JobsModel::durationText(seconds));
  }
  summary_->setText(text);
  if (job->error.code.isEmpty()) {
    error_->clear();
  } else if (error_->isHidden() || error_->error().message != job->error.message) {
    error_->show(tr("The job stopped"), job->error);
  }
}

}  // namespace salient::ui
