// SPDX-License-Identifier: GPL-3.0-or-later
// The window: side bar, pages, menus, status line. The start page is there with the first paint; the other pages are
// made right after it, one at each turn of the event loop.
#pragma once

#include <QMainWindow>
#include <QVector>
#include <functional>

#include "ui/models/session.h"
#include "ui/views/shortcuts.h"

class QListWidget;
class QStackedWidget;
class QSystemTrayIcon;

namespace salient::ui {

class JobStatus;
class NoticeBar;
class Page;

class MainWindow : public QMainWindow {
  Q_OBJECT
 public:
  explicit MainWindow(Session& session, QWidget* parent = nullptr);
  ~MainWindow() override;

  [[nodiscard]] Page* page(const QString& name) const;  ///< null until it is made
  [[nodiscard]] Page* currentPage() const;
  void showPage(const QString& name);  ///< also for a page that is still to be made
  [[nodiscard]] bool complete() const { return made_; }
  [[nodiscard]] Shortcuts& shortcuts() { return shortcuts_; }
  void saveLayout() const;  ///< also when the window is closed

 signals:
  void completed();       ///< all pages are there
  void languageChosen();  ///< and saved; a window says what it says: WindowKeeper makes another one

 protected:
  void closeEvent(QCloseEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void makeMenus();
  void makeFileMenu();
  void makeEditMenu();
  void makeViewMenu();
  void makeLanguageMenu();
  void makeJobsMenu();
  void makeHelpMenu();
  QAction* addAction(QMenu* menu, const QString& name, const QString& text, const QKeySequence& shortcut,
                     const std::function<void()>& act);
  void makePages();
  void makeNextPage();
  void addPage(Page* page);
  void fitSidebar();
  void pageShown();
  void fillRecent(QMenu* menu);
  void restoreWindow();
  void restorePages();
  void jobEnded(qint64 id);
  void offerKill(qint64 id);
  void tell(const QString& text);
  void offerFile(const QString& text, const QString& file);
  void updateTitle();
  void askBeforeClosing();

  Session& session_;
  Shortcuts shortcuts_;
  QListWidget* sidebar_ = nullptr;
  int sidebarWidth_ = 0;  ///< with the titles
  QStackedWidget* stack_ = nullptr;
  NoticeBar* notice_ = nullptr;
  JobStatus* jobStatus_ = nullptr;
  QMenu* viewMenu_ = nullptr;
  QAction* viewEnd_ = nullptr;  ///< page entries go before it
  QMenu* pageMenu_ = nullptr;
  QSystemTrayIcon* tray_ = nullptr;
  QVector<Page*> pages_;
  QString wanted_;  ///< a page asked for before it was made
  bool making_ = false;
  bool made_ = false;
  bool closing_ = false;  ///< the person has agreed
};

}  // namespace salient::ui
