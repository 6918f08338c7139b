// SPDX-License-Identifier: GPL-3.0-or-later
// MainWindow's menus. Every action has an objectName, by which its shortcut is kept and tests find it.
#include <QActionGroup>
#include <QDir>
#include <QMenu>
#include <QMenuBar>
#include <QMessageBox>
#include <QUndoStack>

#include "core/base/system.h"
#include "ui/models/recent.h"
#include "ui/views/appearance.h"
#include "ui/views/language.h"
#include "ui/views/main_window.h"
#include "ui/views/shortcuts_dialog.h"
#include "ui/views/start_page.h"

namespace salient::ui {

QAction* MainWindow::addAction(QMenu* menu, const QString& name, const QString& text, const QKeySequence& shortcut,
                               const std::function<void()>& act) {
  QAction* action = menu->addAction(text);
  action->setObjectName(name);
  action->setShortcut(shortcut);
  connect(action, &QAction::triggered, this, [act] { act(); });
  shortcuts_.add(QString(menu->title()).remove(QLatin1Char('&')), action);
  return action;
}

void MainWindow::makeMenus() {
  makeFileMenu();
  makeEditMenu();
  makeViewMenu();
  pageMenu_ = menuBar()->addMenu(tr("&Page"));
  pageMenu_->menuAction()->setVisible(false);
  makeJobsMenu();
  makeHelpMenu();
}

void MainWindow::makeFileMenu() {
  QMenu* menu = menuBar()->addMenu(tr("&File"));
  const auto start = [this] { return static_cast<StartPage*>(pages_.front()); };
  addAction(menu, QStringLiteral("file.openModel"), tr("&Open a model …"), QKeySequence::Open,
            [start] { start()->chooseModel(); });
  addAction(menu, QStringLiteral("file.openFile"), tr("Open scores, experiments or a &text …"),
            QKeySequence(QStringLiteral("Ctrl+Shift+O")), [start] { start()->chooseFile(); });
  addAction(menu, QStringLiteral("file.openSample"), tr("Open the &sample"), QKeySequence(QStringLiteral("Ctrl+Alt+O")),
            [this] { session_.openSample(); });
  QMenu* recent = menu->addMenu(tr("&Recent"));
  recent->menuAction()->setObjectName(QStringLiteral("file.recent"));
  connect(recent, &QMenu::aboutToShow, this, [this, recent] { fillRecent(recent); });
  menu->addSeparator();
  addAction(menu, QStringLiteral("file.quit"), tr("&Quit"), QKeySequence(QStringLiteral("Ctrl+Q")),
            [this] { close(); });
}

void MainWindow::fillRecent(QMenu* menu) {
  menu->clear();
  for (const char* kind : {recent::models, recent::experiments}) {
    const QStringList paths = recent::list(kind);
    for (const QString& path : paths) {
      QString shown = QDir::toNativeSeparators(path);
      QAction* action = menu->addAction(shown.replace(QLatin1Char('&'), QLatin1String("&&")));
      connect(action, &QAction::triggered, this, [this, path] { session_.openPath(path); });
    }
    if (kind == recent::models) menu->addSeparator();
  }
  if (menu->actions().size() == 1) menu->addAction(tr("Nothing yet"))->setEnabled(false);
}

void MainWindow::makeEditMenu() {
  QMenu* menu = menuBar()->addMenu(tr("&Edit"));
  QUndoStack& stack = session_.recipe().undoStack();
  QAction* undo = stack.createUndoAction(this, tr("&Undo"));
  undo->setObjectName(QStringLiteral("edit.undo"));
  undo->setShortcut(QKeySequence::Undo);  // the first of them: others are keys that few keyboards have (F14)
  QAction* redo = stack.createRedoAction(this, tr("&Redo"));
  redo->setObjectName(QStringLiteral("edit.redo"));
  redo->setShortcut(QKeySequence::Redo);
  for (QAction* action : {undo, redo}) {
    menu->QWidget::addAction(action);
    shortcuts_.add(tr("Edit"), action);
  }
  addAction(menu, QStringLiteral("edit.defaults"), tr("Recipe: back to the &defaults"),
            QKeySequence(QStringLiteral("Ctrl+Shift+D")),
            [this] { session_.recipe().replace(RecipeDocument::defaults(), tr("Defaults")); });
}

void MainWindow::makeViewMenu() {
  viewMenu_ = menuBar()->addMenu(tr("&View"));
  viewEnd_ = viewMenu_->addSeparator();
  auto* looks = new QActionGroup(this);
  const Appearance saved = savedAppearance();
  for (const auto& [appearance, name, text, key] :
       {std::tuple{Appearance::system, QStringLiteral("view.system"), tr("Colours of the &system"), Qt::Key_F7},
        std::tuple{Appearance::light, QStringLiteral("view.light"), tr("&Light colours"), Qt::Key_F8},
        std::tuple{Appearance::dark, QStringLiteral("view.dark"), tr("&Dark colours"), Qt::Key_F9}}) {
    QAction* action = addAction(viewMenu_, name, text, QKeySequence(key), [chosen = appearance] {
      saveAppearance(chosen);
      applyAppearance(chosen);
    });
    action->setCheckable(true);
    action->setChecked(appearance == saved);
    looks->addAction(action);
  }
  viewMenu_->addSeparator();
  makeLanguageMenu();
  addAction(viewMenu_, QStringLiteral("view.fullScreen"), tr("&Full screen"), QKeySequence(Qt::Key_F11),
            [this] { setWindowState(windowState() ^ Qt::WindowFullScreen); });
}

void MainWindow::makeLanguageMenu() {
  QMenu* menu = viewMenu_->addMenu(tr("Lan&guage"));
  auto* choice = new QActionGroup(this);
  const QString saved = savedLanguage();
  int key = Qt::Key_F7;  // those of the colours, with Shift
  for (const Language& language : languages()) {
    const QString name = language.code.isEmpty() ? QStringLiteral("system") : language.code;
    const QKeySequence keys(static_cast<int>(Qt::SHIFT) | key++);
    QAction* action = addAction(menu, QStringLiteral("view.language.") + name, language.name, keys, [this, language] {
      saveLanguage(language.code);
      emit languageChosen();
    });
    action->setCheckable(true);
    action->setChecked(language.code == saved);
    choice->addAction(action);
  }
}

void MainWindow::makeJobsMenu() {
  QMenu* menu = menuBar()->addMenu(tr("&Jobs"));
  JobQueue& jobs = session_.jobs();
  const auto withRunning = [&jobs](void (JobQueue::*act)(qint64)) {
    return [&jobs, act] {
      if (const JobRecord* job = jobs.running()) (jobs.*act)(job->id);
    };
  };
  QAction* pause = addAction(menu, QStringLiteral("jobs.pauseRunning"), tr("&Pause the running job"),
                             QKeySequence(QStringLiteral("Ctrl+Shift+P")), withRunning(&JobQueue::pause));
  QAction* cancel = addAction(menu, QStringLiteral("jobs.cancelRunning"), tr("&Cancel the running job"),
                              QKeySequence(QStringLiteral("Ctrl+.")), withRunning(&JobQueue::cancel));
  QAction* resume = addAction(menu, QStringLiteral("jobs.resumeLast"), tr("&Resume the last job that stopped"),
                              QKeySequence(QStringLiteral("Ctrl+Shift+R")), [&jobs] {
                                const auto& all = jobs.jobs();
                                const auto last = std::find_if(all.rbegin(), all.rend(),
                                                               [](const JobRecord& job) { return job.resumable(); });
                                if (last != all.rend()) jobs.resume(last->id);
                              });
  QAction* hold =
      addAction(menu, QStringLiteral("jobs.hold"), tr("&Hold the queue"), QKeySequence(QStringLiteral("Ctrl+Shift+H")),
                [this, &jobs] {
                  jobs.setHeld(!jobs.held());
                  tell(jobs.held() ? tr("Nothing new starts until the queue is released.") : tr("The queue goes on."));
                });
  hold->setCheckable(true);
  connect(&jobs, &JobQueue::heldChanged, hold, &QAction::setChecked);
  const auto refresh = [&jobs, pause, cancel, resume] {
    const JobRecord* running = jobs.running();
    pause->setEnabled(running != nullptr && !running->stopping);
    cancel->setEnabled(running != nullptr && !running->stopping);
    const auto& all = jobs.jobs();
    resume->setEnabled(std::any_of(all.begin(), all.end(), [](const JobRecord& job) { return job.resumable(); }));
  };
  connect(&jobs, &JobQueue::jobChanged, this, refresh);
  connect(&jobs, &JobQueue::jobRemoved, this, refresh);
  refresh();
}

void MainWindow::makeHelpMenu() {
  QMenu* menu = menuBar()->addMenu(tr("&Help"));
  addAction(menu, QStringLiteral("help.shortcuts"), tr("&Keyboard shortcuts …"), QKeySequence(Qt::Key_F1), [this] {
    auto* dialog = new ShortcutsDialog(shortcuts_, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->open();
  });
  addAction(menu, QStringLiteral("help.about"), tr("&About Salient"), QKeySequence(Qt::SHIFT | Qt::Key_F1), [this] {
    auto* box = new QMessageBox(this);
    box->setObjectName(QStringLiteral("about"));
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setWindowTitle(tr("About Salient"));
    box->setIconPixmap(windowIcon().pixmap(fontMetrics().height() * 4));
    box->setText(tr("Salient %1").arg(QString::fromUtf8(program_version())));
    box->setInformativeText(
        tr("Mixed 4 and 8 bit between output features (MixLLM, arXiv 2412.14590). Sections, equations and tables that "
           "tool tips name are those of its second version.\n\nThe studio is free software under "
           "the GNU General Public License, version 3 or later; the engine under the Apache License 2.0.\n\n"
           "Experiments: %1\nScores and models: %2")
            .arg(QDir::toNativeSeparators(session_.experimentsFile()),
                 QDir::toNativeSeparators(session_.dataDirectory())));
    box->open();
  });
  QAction* qt = addAction(menu, QStringLiteral("help.aboutQt"), tr("About &Qt"), QKeySequence(Qt::CTRL | Qt::Key_F1),
                          [this] { QMessageBox::aboutQt(this); });
  qt->setMenuRole(QAction::AboutQtRole);
}

}  // namespace salient::ui
