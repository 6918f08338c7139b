// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/main_window.h"

#include <QApplication>
#include <QCloseEvent>
#include <QDesktopServices>
#include <QDir>
#include <QDragEnterEvent>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QIcon>
#include <QLabel>
#include <QListWidget>
#include <QMenu>
#include <QMessageBox>
#include <QPainter>
#include <QPushButton>
#include <QScreen>
#include <QScrollArea>
#include <QSplitter>
#include <QStackedWidget>
#include <QStatusBar>
#include <QStyledItemDelegate>
#include <QSystemTrayIcon>
#include <QTimer>
#include <QUrl>

#include "ui/models/jobs_model.h"
#include "ui/models/settings.h"
#include "ui/views/drops.h"
#include "ui/views/icons.h"
#include "ui/views/job_status.h"
#include "ui/views/notice_bar.h"
#include "ui/views/page.h"
#include "ui/views/page_list.h"

namespace salient::ui {
namespace {

constexpr int kMessageMilliseconds = 8000;
constexpr qint64 kLongJobSeconds = 20;
constexpr int kUnseenMilliseconds = 500;
constexpr int kNarrow = 60;  ///< lines of text: below this the side bar shows icons alone

/// A page at its smallest is still larger than a small window on a screen at 300 %: then it scrolls.
QScrollArea* framed(Page* page) {
  auto* frame = new QScrollArea;
  frame->setObjectName(QStringLiteral("frame.") + page->objectName());
  frame->setFrameShape(QFrame::NoFrame);
  frame->setWidgetResizable(true);
  frame->setFocusPolicy(Qt::NoFocus);
  frame->setWidget(page);
  return frame;
}

/// Gives the entries of the side bar room at their left; the selection reaches over all of it.
class SidebarDelegate : public QStyledItemDelegate {
 public:
  using QStyledItemDelegate::QStyledItemDelegate;
  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    if ((option.state & QStyle::State_Selected) != 0) painter->fillRect(option.rect, option.palette.highlight());
    QStyleOptionViewItem inner = option;
    inner.rect.setLeft(option.rect.left() + option.fontMetrics.height() / 2);
    QStyledItemDelegate::paint(painter, inner, index);
  }
};

}  // namespace

MainWindow::MainWindow(Session& session, QWidget* parent) : QMainWindow(parent), session_(session) {
  setObjectName(QStringLiteral("main"));
  sidebar_ = new QListWidget(this);
  sidebar_->setObjectName(QStringLiteral("sidebar"));
  sidebar_->setAccessibleName(tr("Pages"));
  sidebar_->setFrameShape(QFrame::NoFrame);
  sidebar_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  sidebar_->viewport()->setAutoFillBackground(false);
  sidebar_->setTextElideMode(Qt::ElideNone);
  sidebar_->setItemDelegate(new SidebarDelegate(sidebar_));
  const int icon = fontMetrics().height() * 5 / 4;
  sidebar_->setIconSize(QSize(icon, icon));
  stack_ = new QStackedWidget(this);
  notice_ = new NoticeBar(this);

  auto* column = new QVBoxLayout;
  column->setSpacing(0);
  column->addWidget(notice_);
  column->addWidget(stack_, 1);
  auto* centre = new QWidget(this);
  auto* layout = new QHBoxLayout(centre);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addWidget(sidebar_);
  auto* line = new QFrame(centre);
  line->setFrameShape(QFrame::VLine);
  line->setForegroundRole(QPalette::Mid);
  line->setFrameShadow(QFrame::Plain);
  layout->addWidget(line);
  layout->addLayout(column, 1);
  setCentralWidget(centre);

  jobStatus_ = new JobStatus(session.jobs(), this);
  statusBar()->addPermanentWidget(jobStatus_);
  makeMenus();
  connect(sidebar_, &QListWidget::currentRowChanged, this, [this](int row) {
    if (row < 0) return;
    stack_->setCurrentIndex(row);
    pageShown();
  });
  addPage(pageFactories().front()(session, stack_));
  sidebar_->setCurrentRow(0);

  connect(&session, &Session::pageRequested, this, &MainWindow::showPage);
  connect(&session, &Session::announced, this, &MainWindow::tell);
  connect(&session, &Session::fileAnnounced, this, &MainWindow::offerFile);
  connect(&session, &Session::modelOpened, this, [this] {
    updateTitle();
    if (currentPage() == pages_.front()) showPage(QLatin1String(page::model));
  });
  JobQueue& jobs = session.jobs();
  connect(&jobs, &JobQueue::jobEnded, this, &MainWindow::jobEnded);
  connect(&jobs, &JobQueue::jobNotAnswering, this, &MainWindow::offerKill);
  connect(&jobs, &JobQueue::storageFailed, this, [this](const ErrorInfo& error) {
    notice_->show(NoticeBar::Kind::warning, tr("The list of jobs could not be saved: %1").arg(error.message), {});
  });
  if (!jobs.notice().isEmpty()) notice_->show(NoticeBar::Kind::warning, jobs.notice(), {});
  setAcceptDrops(true);
  qApp->installEventFilter(this);
  restoreWindow();
  updateTitle();
  // After the first paint; a window that starts hidden gets its pages as well.
  QTimer::singleShot(kUnseenMilliseconds, this, &MainWindow::makePages);
}

MainWindow::~MainWindow() = default;

// Pages

void MainWindow::paintEvent(QPaintEvent* event) {
  QMainWindow::paintEvent(event);
  QTimer::singleShot(0, this, &MainWindow::makePages);
}

void MainWindow::makePages() {
  if (!std::exchange(making_, true)) makeNextPage();
}

void MainWindow::makeNextPage() {
  const auto count = static_cast<std::size_t>(pages_.size());
  if (count < pageFactories().size()) {
    addPage(pageFactories()[count](session_, stack_));
    if (wanted_ == pages_.last()->objectName()) showPage(wanted_);
    QTimer::singleShot(0, this, &MainWindow::makeNextPage);
    return;
  }
  restorePages();
  made_ = true;
  emit completed();
}

void MainWindow::addPage(Page* page) {
  pages_.append(page);
  stack_->addWidget(framed(page));
  auto* item = new QListWidgetItem(ui::icon(page->objectName()), page->title());
  const int unit = fontMetrics().height();
  const int width = fontMetrics().horizontalAdvance(page->title()) + sidebar_->iconSize().width() + 2 * unit;
  item->setSizeHint(QSize(width, 2 * unit));
  item->setToolTip(page->title());
  sidebar_->addItem(item);
  sidebarWidth_ = std::max({sidebarWidth_, width, 9 * unit});
  fitSidebar();

  const auto number = pages_.size();
  auto* action = new QAction(page->title(), this);
  action->setObjectName(QStringLiteral("view.") + page->objectName());
  if (number <= 9) action->setShortcut(QKeySequence(QStringLiteral("Ctrl+%1").arg(number)));
  connect(action, &QAction::triggered, this, [this, name = page->objectName()] { showPage(name); });
  viewMenu_->insertAction(viewEnd_, action);
  shortcuts_.add(tr("View"), action);
  const auto own = page->pageActions();
  for (QAction* its : own)
    shortcuts_.add(page->title(), its);
}

void MainWindow::fitSidebar() {
  const int unit = fontMetrics().height();
  // Icons alone, with their tool tips, where the page needs the room.
  const bool narrow = width() < kNarrow * unit;
  sidebar_->setFixedWidth(narrow ? sidebar_->iconSize().width() + unit * 9 / 8 : sidebarWidth_);
}

void MainWindow::resizeEvent(QResizeEvent* event) {
  QMainWindow::resizeEvent(event);
  fitSidebar();
}

Page* MainWindow::page(const QString& name) const {
  for (Page* candidate : pages_) {
    if (candidate->objectName() == name) return candidate;
  }
  return nullptr;
}

Page* MainWindow::currentPage() const {
  return pages_.value(stack_->currentIndex());
}

void MainWindow::showPage(const QString& name) {
  Page* target = page(name);
  wanted_ = target == nullptr ? name : QString();
  if (target != nullptr) sidebar_->setCurrentRow(static_cast<int>(pages_.indexOf(target)));
}

void MainWindow::pageShown() {
  Page* current = currentPage();
  if (current == nullptr) return;
  pageMenu_->clear();
  const auto actions = current->pageActions();
  pageMenu_->addActions(actions);
  pageMenu_->menuAction()->setVisible(!actions.isEmpty());
  current->activated();
}

void MainWindow::updateTitle() {
  setWindowTitle(session_.hasModel() ? tr("%1 — Salient").arg(session_.modelName()) : QStringLiteral("Salient"));
}

void MainWindow::tell(const QString& text) {
  statusBar()->showMessage(text, kMessageMilliseconds);
}

void MainWindow::offerFile(const QString& text, const QString& file) {
  const auto opens = [this](const QString& path) {
    return [this, path] {
      if (!QDesktopServices::openUrl(QUrl::fromLocalFile(path)))
        tell(tr("No program answered for %1").arg(QDir::toNativeSeparators(path)));
    };
  };
  notice_->show(NoticeBar::Kind::information, text,
                {{QStringLiteral("open"), tr("Open"), opens(file)},
                 {QStringLiteral("folder"), tr("Open folder"), opens(QFileInfo(file).absolutePath())}});
}

// Jobs

void MainWindow::jobEnded(qint64 id) {
  notice_->clear(id);
  const JobRecord* job = session_.jobs().find(id);
  if (job == nullptr || closing_) return;
  const auto seconds = job->started.secsTo(job->finished);
  const NoticeBar::Offer showJob{QStringLiteral("details"), tr("Show the job"),
                                 [this] { showPage(QLatin1String(page::jobs)); }};
  QString text;
  switch (job->state) {
    case JobRecord::State::done:
      text = tr("%1 is done after %2.").arg(job->title, JobsModel::durationText(static_cast<double>(seconds)));
      break;
    case JobRecord::State::cancelled: text = tr("%1 was cancelled; it can be resumed.").arg(job->title); break;
    case JobRecord::State::failed:
    case JobRecord::State::interrupted: {
      text = tr("%1 stopped: %2").arg(job->title, job->error.message);
      // Most messages end with it.
      if (!job->error.message.contains(job->error.advice)) text += QStringLiteral(". ") + job->error.advice;
      const auto resume = [this, id] { session_.jobs().resume(id); };
      // What an earlier job left fits this request no longer: going on is what just failed.
      const bool differs = job->error.code == QLatin1String("mismatch") && job->restartable();
      const auto restart = [this, id] { session_.jobs().restart(id); };
      const auto help = differs ? NoticeBar::Offer{QStringLiteral("restart"), tr("Start afresh"), restart}
                                : NoticeBar::Offer{QStringLiteral("resume"), tr("Resume"), resume};
      notice_->show(NoticeBar::Kind::warning, text, {help, showJob}, id);
      break;
    }
    default: return;
  }
  // Why it stopped is said above the page, where it stays.
  const bool stopped = job->state == JobRecord::State::failed || job->state == JobRecord::State::interrupted;
  tell(stopped ? tr("%1: %2").arg(job->title, JobsModel::stateText(*job)) : text);
  if (seconds < kLongJobSeconds) return;
  if (job->state == JobRecord::State::done && notice_->text().isEmpty()) {
    notice_->show(NoticeBar::Kind::information, text, {showJob}, id);
  }
  if (isActiveWindow()) return;
  QApplication::alert(this);
  if (!QSystemTrayIcon::isSystemTrayAvailable()) return;
  if (tray_ == nullptr) {
    tray_ = new QSystemTrayIcon(windowIcon(), this);
    connect(tray_, &QSystemTrayIcon::messageClicked, this, [this] {
      raise();
      activateWindow();
    });
  }
  tray_->show();
  tray_->showMessage(QStringLiteral("Salient"), text);
}

void MainWindow::offerKill(qint64 id) {
  const JobRecord* job = session_.jobs().find(id);
  if (job == nullptr) return;
  notice_->show(NoticeBar::Kind::warning,
                tr("%1 does not answer the request to stop. Ending its process loses nothing that was finished: it can "
                   "be resumed.")
                    .arg(job->title),
                {{QStringLiteral("kill"), tr("End it now"), [this] { session_.jobs().kill(); }},
                 {QStringLiteral("wait"), tr("Wait"), [] {}}},
                id);
}

// Drops anywhere

bool MainWindow::eventFilter(QObject* watched, QEvent* event) {
  const auto type = event->type();
  const bool leaves = type == QEvent::DragLeave;
  if (type != QEvent::DragEnter && type != QEvent::DragMove && type != QEvent::Drop && !leaves) return false;
  auto* widget = qobject_cast<QWidget*>(watched);
  if (widget == nullptr || widget->window() != this || widget->property(kTakesDroppedFiles).toBool()) return false;
  if (leaves) {
    statusBar()->clearMessage();
    return false;
  }
  auto* drop = static_cast<QDropEvent*>(event);  // QDragEnterEvent and QDragMoveEvent are its descendants
  const QStringList files = droppedFiles(drop->mimeData());
  if (files.isEmpty()) return false;
  drop->setDropAction(Qt::CopyAction);
  drop->accept();
  if (type == QEvent::DragEnter)
    statusBar()->showMessage(tr("Let go to open %1").arg(QFileInfo(files.first()).fileName()));
  if (type == QEvent::Drop) {
    statusBar()->clearMessage();
    for (const QString& file : files)
      session_.openPath(file);
  }
  return true;
}

// Closing

void MainWindow::closeEvent(QCloseEvent* event) {
  if (!closing_ && session_.jobs().running() != nullptr) {
    event->ignore();
    askBeforeClosing();
    return;
  }
  closing_ = true;
  saveLayout();
  setEnabled(false);  // events are processed while the job stops
  session_.jobs().stopForClosing();
  event->accept();
}

void MainWindow::askBeforeClosing() {
  if (findChild<QMessageBox*>(QStringLiteral("closing")) != nullptr) return;
  auto* box = new QMessageBox(this);
  box->setObjectName(QStringLiteral("closing"));
  box->setAttribute(Qt::WA_DeleteOnClose);
  box->setIcon(QMessageBox::Question);
  box->setWindowTitle(tr("A job is running"));
  box->setText(tr("%1 is still running.").arg(session_.jobs().running()->title));
  box->setInformativeText(tr("What it has finished is kept. It can be resumed when Salient is opened again."));
  QPushButton* stop = box->addButton(tr("&Stop it and close"), QMessageBox::AcceptRole);
  stop->setObjectName(QStringLiteral("closing.stop"));
  QPushButton* stay = box->addButton(tr("&Keep working"), QMessageBox::RejectRole);
  stay->setObjectName(QStringLiteral("closing.stay"));
  box->setDefaultButton(stay);
  box->setEscapeButton(stay);
  connect(box, &QMessageBox::buttonClicked, this, [this, stop](const QAbstractButton* pressed) {
    if (pressed != stop) return;
    closing_ = true;
    // After the question is gone.
    QTimer::singleShot(0, this, &QWidget::close);
  });
  box->open();
}

void MainWindow::restoreWindow() {
  const int unit = fontMetrics().height();
  resize(QSize(unit * 92, unit * 58).boundedTo(screen()->availableSize() * 9 / 10));
  restoreGeometry(settings::value(QStringLiteral("window/geometry")).toByteArray());
  restoreState(settings::value(QStringLiteral("window/state")).toByteArray());
}

void MainWindow::restorePages() {
  const auto splitters = findChildren<QSplitter*>();
  for (QSplitter* splitter : splitters)
    splitter->restoreState(settings::value(QStringLiteral("layout/") + splitter->objectName()).toByteArray());
}

void MainWindow::saveLayout() const {
  const auto splitters = findChildren<QSplitter*>();
  for (const QSplitter* splitter : splitters) {
    const QString name = splitter->objectName();
    if (!name.isEmpty()) settings::set(QStringLiteral("layout/") + name, splitter->saveState());
  }
  settings::set(QStringLiteral("window/geometry"), saveGeometry());
  settings::set(QStringLiteral("window/state"), saveState());
}

}  // namespace salient::ui
