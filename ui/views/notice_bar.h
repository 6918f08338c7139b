// SPDX-License-Identifier: GPL-3.0-or-later
// A line above the page that says what happened to a job and offers what helps: resume, show the log, end the worker.
#pragma once

#include <QFrame>
#include <QIcon>
#include <QString>
#include <functional>

class QHBoxLayout;
class QLabel;
class QPushButton;

namespace salient::ui {

class NoticeBar : public QFrame {
  Q_OBJECT
 public:
  enum class Kind { information, warning };
  struct Offer {
    QString name;  ///< of the button: "resume" is found as objectName "notice.resume"
    QString text;
    std::function<void()> act;  ///< the notice is hidden after it
  };

  explicit NoticeBar(QWidget* parent = nullptr);

  /// Replaces what was shown. `about` is a number by which clear() finds it, a job's for instance.
  void show(Kind kind, const QString& text, const QList<Offer>& offers, qint64 about = 0);
  void clear();
  void clear(qint64 about);  ///< only if that is what is shown
  [[nodiscard]] QString text() const;

 private:
  QHBoxLayout* layout_ = nullptr;
  QLabel* icon_ = nullptr;
  QLabel* text_ = nullptr;
  QList<QPushButton*> buttons_;
  qint64 about_ = 0;
};

}  // namespace salient::ui
