// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/search_page.h"

#include <QDir>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QPushButton>
#include <QScrollArea>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/models/jobs_model.h"
#include "ui/views/empty_state.h"
#include "ui/views/error_panel.h"
#include "ui/views/log_view.h"
#include "ui/views/path_field.h"
#include "ui/views/stage_list.h"

namespace salient::ui {

SearchPage::SearchPage(Session& session, QWidget* parent) : Page(session, QLatin1String(page::search), parent) {
  makeActions();
  empty_ = new EmptyState(QStringLiteral("search.empty"), this);
  connect(empty_, &EmptyState::pressed, this, [this] { this->session().requestPage(QLatin1String(page::start)); });

  auto* splitter = new QSplitter(Qt::Horizontal, this);
  splitter->setObjectName(QStringLiteral("search.splitter"));
  QScrollArea* settings = makeSettings();
  splitter->addWidget(settings);
  splitter->addWidget(makeRunning());
  splitter->setChildrenCollapsible(false);
  splitter->setStretchFactor(0, 0);
  splitter->setStretchFactor(1, 1);
  const int letter = fontMetrics().averageCharWidth();
  // Choices in full, where there is room.
  const int wanted = settings->widget()->sizeHint().width() + style()->pixelMetric(QStyle::PM_ScrollBarExtent);
  splitter->setSizes({wanted, std::max(60 * letter, 156 * letter - wanted)});
  stack_ = new QStackedWidget(this);
  stack_->addWidget(empty_);
  stack_->addWidget(splitter);
  auto* layout = new QVBoxLayout(this);
  layout->addWidget(stack_);

  connect(&session, &Session::modelOpened, this, &SearchPage::refreshModel);
  connect(&session, &Session::textsChanged, this, &SearchPage::refreshModel);
  connect(&session, &Session::deviceChanged, this, &SearchPage::refreshModel);
  connect(&session, &Session::scoresChanged, this, &SearchPage::refresh);
  connect(&session.recipe(), &RecipeDocument::changed, this, &SearchPage::refreshModel);
  WorkerClient& helper = session.helper();
  connect(&helper, &WorkerClient::done, this, [this](WorkerClient::Id id, const QJsonObject& result) {
    if (id == asked_) preflightAnswered(result);
    if (id == askedDevices_) showDevices(result);
  });
  connect(&helper, &WorkerClient::failed, this, [this](WorkerClient::Id id, const ErrorInfo& error) {
    if (id != asked_) return;
    asked_ = 0;
    starting_ = false;
    estimate_->clear();
    error_->show(tr("The search cannot start"), error);
    refresh();
  });
  JobQueue& jobs = session.jobs();
  connect(&jobs, &JobQueue::jobAdded, this, &SearchPage::follow);
  connect(&jobs, &JobQueue::jobRemoved, this, [this](qint64 id) {
    if (id == job_) follow(0);
  });
  connect(&jobs, &JobQueue::jobChanged, this, [this](qint64 id) {
    if (id == job_) refresh();
  });
  for (const JobRecord& job : jobs.jobs())
    follow(job.id);
  refreshModel();
}

void SearchPage::makeActions() {
  estimateAction_ = addPageAction(QStringLiteral("estimate"), tr("&Estimate"),
                                  tr("What the search would take of memory, disk and time; starts nothing"),
                                  QKeySequence(QStringLiteral("Ctrl+E")), [this] { ask(false); });
  start_ = addPageAction(QStringLiteral("start"), tr("&Start the search"),
                         tr("Estimates first, and starts only if memory and disk suffice"),
                         QKeySequence(QStringLiteral("Ctrl+Return")), [this] { ask(true); });
  JobQueue& jobs = session().jobs();
  pause_ = addPageAction(QStringLiteral("pause"), tr("&Pause"), tr("Stops the search and keeps what it has finished"),
                         QKeySequence(QStringLiteral("Ctrl+P")), [this, &jobs] { jobs.pause(job_); });
  cancel_ = addPageAction(QStringLiteral("cancel"), tr("&Cancel"), tr("Stops the search; it can be resumed"),
                          QKeySequence(QStringLiteral("Ctrl+Backspace")), [this, &jobs] { jobs.cancel(job_); });
  resume_ = addPageAction(QStringLiteral("resume"), tr("&Resume"), tr("Goes on after the last finished sequence"),
                          QKeySequence(QStringLiteral("Ctrl+R")), [this, &jobs] { jobs.resume(job_); });
}

QAction* SearchPage::addPageAction(const QString& name, const QString& text, const QString& tip,
                                   const QKeySequence& shortcut, const std::function<void()>& act) {
  auto* action = new QAction(text, this);
  action->setObjectName(QStringLiteral("search.") + name);
  action->setToolTip(tip);
  action->setShortcut(shortcut);
  connect(action, &QAction::triggered, this, [act] { act(); });
  actions_.append(action);
  return action;
}

QWidget* SearchPage::makeRunning() {
  auto* side = new QWidget(this);
  auto* buttons = new QHBoxLayout;
  for (QAction* action : actions_) {
    auto* button = new QToolButton(side);
    button->setObjectName(action->objectName() + QStringLiteral(".button"));
    button->setDefaultAction(action);
    button->setToolButtonStyle(Qt::ToolButtonTextOnly);
    button->setAccessibleName(action->toolTip());
    button->setFocusPolicy(Qt::StrongFocus);
    buttons->addWidget(button);
  }
  buttons->addStretch(1);
  target_ = new QLabel(side);
  target_->setObjectName(QStringLiteral("search.target"));
  target_->setWordWrap(true);
  target_->setForegroundRole(QPalette::PlaceholderText);
  estimate_ = new QLabel(side);
  estimate_->setObjectName(QStringLiteral("search.estimateText"));
  estimate_->setWordWrap(true);
  estimate_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  error_ = new ErrorPanel(QStringLiteral("search.error"), side);
  state_ = new QLabel(side);
  state_->setObjectName(QStringLiteral("search.state"));
  state_->setWordWrap(true);
  stages_ = new StageList({QStringLiteral("tokenize"), QStringLiteral("fingerprint"), QStringLiteral("search")},
                          QStringLiteral("search.stages"), side);
  next_ = new QPushButton(tr("See the &salience"), side);
  next_->setObjectName(QStringLiteral("search.goSalience"));
  connect(next_, &QPushButton::clicked, this, [this] { session().requestPage(QLatin1String(page::salience)); });
  log_ = new LogView(session().jobs(), QStringLiteral("search.log"), side);
  auto* logLabel = new QLabel(tr("&Log:"), side);
  logLabel->setBuddy(log_);

  auto* layout = new QVBoxLayout(side);
  layout->addLayout(buttons);
  layout->addWidget(target_);
  layout->addWidget(estimate_);
  layout->addWidget(error_);
  layout->addWidget(state_);
  layout->addWidget(stages_);
  layout->addWidget(next_, 0, Qt::AlignLeft);
  layout->addWidget(logLabel);
  layout->addWidget(log_, 1);
  return side;
}

QJsonObject SearchPage::request() const {
  QJsonObject request = session().recipe().requestKeys(QStringLiteral("search"));
  request.insert(QStringLiteral("op"), QStringLiteral("search"));
  request.insert(QStringLiteral("model"), session().modelPath());
  request.insert(QStringLiteral("calibration"), session().calibrationText());
  request.insert(QStringLiteral("scores"), session().defaultScoresFile());
  request.insert(QStringLiteral("json_key"), session().jsonKey());
  const QJsonObject machine = session().computeKeys();
  for (auto key = machine.begin(); key != machine.end(); ++key)
    request.insert(key.key(), *key);
  return request;
}

void SearchPage::activated() {
  if (askedDevices_ == 0) askedDevices_ = session().helper().submit({{"op", "devices"}});
}

void SearchPage::ask(bool thenStart) {
  error_->clear();
  if (session().calibrationText().isEmpty()) {
    ErrorInfo error;
    error.code = QStringLiteral("not-found");
    error.expected = tr("a calibration text");
    error.found = tr("none");
    error.advice = tr("Choose a .txt or .jsonl file of text like the one the model will see.");
    error.message = tr("there is no calibration text");
    error_->show(tr("The search cannot start"), error);
    calibration_->edit()->setFocus();
    return;
  }
  estimated_ = request();
  QJsonObject question = estimated_;
  question.insert(QStringLiteral("preflight"), true);
  starting_ = thenStart;
  if (asked_ != 0) session().helper().cancel(asked_);
  asked_ = session().helper().submit(question);
  estimate_->setText(tr("Estimating …"));
  refresh();
}

void SearchPage::preflightAnswered(const QJsonObject& estimate) {
  asked_ = 0;
  const QLocale locale;
  const auto bytes = [&](const char* key) {
    return locale.formattedDataSize(estimate.value(QLatin1String(key)).toInteger(), 2, QLocale::DataSizeIecFormat);
  };
  const double seconds = estimate.value(QLatin1String("seconds")).toDouble();
  const QString duration = JobsModel::durationText(seconds).replace(QLatin1Char(' '), QChar(QChar::Nbsp));
  const QString time = seconds < 1 ? duration : tr("about %1").arg(duration);
  estimate_->setText(
      tr("Memory: %1 of %2 available. Disk: %3 of %4 free. Time: %5.")
          .arg(bytes("memory_bytes"), bytes("memory_available"), bytes("disk_bytes"), bytes("disk_available"), time));
  if (std::exchange(starting_, false)) {
    session().jobs().add(tr("Search %1").arg(session().modelName()), estimated_);
  }
  refresh();
}

void SearchPage::forgetOldEstimate() {
  // What is about to start has been read already.
  if (starting_ || estimated_.isEmpty() || estimated_ == request()) return;
  if (asked_ != 0) session().helper().cancel(asked_);
  asked_ = 0;
  estimated_ = {};
  estimate_->clear();
}

void SearchPage::follow(qint64 id) {
  const JobRecord* job = session().jobs().find(id);
  if (job != nullptr && job->operation() != QLatin1String("search")) return;
  job_ = id;
  log_->setJob(id);
  refresh();
}

void SearchPage::refreshModel() {
  stack_->setCurrentIndex(session().isSearchable() ? 1 : 0);
  if (session().isPacked())
    empty_->set(tr("Nothing to search"), session().whyNotSearchable(), tr("Open a model"));
  else
    empty_->set(tr("No model yet"), tr("Open a model, or the sample that comes with the studio."), tr("Open a model"));
  calibration_->setPath(session().calibrationText());
  evaluation_->setPath(session().evaluationText());
  const QString file = session().defaultScoresFile();
  target_->setText(tr("The scores go to %1").arg(QDir::toNativeSeparators(file)));
  forgetOldEstimate();
  refresh();
}

void SearchPage::refresh() {
  const JobRecord* job = session().jobs().find(job_);
  using State = JobRecord::State;
  const bool active = job != nullptr && (job->state == State::running || job->state == State::waiting);
  const bool possible = asked_ == 0 && session().isSearchable();
  estimateAction_->setEnabled(possible);
  start_->setEnabled(possible);
  pause_->setEnabled(active && !job->stopping);
  cancel_->setEnabled(active && !job->stopping);
  resume_->setEnabled(job != nullptr && job->resumable());
  const bool scored = session().scores() != nullptr;
  next_->setVisible(scored);
  if (job == nullptr) {
    stages_->clear();
    state_->setText(scored
                        ? tr("Scores of this model are open: %1").arg(QDir::toNativeSeparators(session().scoresFile()))
                        : tr("No search has run yet."));
    return;
  }
  stages_->show(*job);
  state_->setText(tr("%1: %2").arg(job->title, JobsModel::stateText(*job)));
  if (!job->error.code.isEmpty() && error_->error().message != job->error.message) {
    error_->show(tr("The search stopped"), job->error);
  } else if (job->error.code.isEmpty() && job->state == State::running) {
    error_->clear();
  }
}

}  // namespace salient::ui
