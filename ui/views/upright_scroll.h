// SPDX-License-Identifier: GPL-3.0-or-later
// Scrolls up and down only: never narrower than what it holds.
#pragma once

#include <QEvent>
#include <QScrollArea>
#include <QScrollBar>
#include <algorithm>

namespace salient::ui {

class UprightScroll : public QScrollArea {
 public:
  explicit UprightScroll(QWidget* parent = nullptr) : QScrollArea(parent) {
    setFrameShape(QFrame::NoFrame);
    setWidgetResizable(true);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  }
  void hold(QWidget* content) {
    setWidget(content);
    fit();
    // What can be walked through with Tab scrolls along; only what cannot is scrolled by itself.
    const auto parts = content->findChildren<QWidget*>();
    if (std::any_of(parts.begin(), parts.end(), [](const QWidget* part) { return part->focusPolicy() & Qt::TabFocus; }))
      setFocusPolicy(Qt::NoFocus);
  }

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override {
    if (watched == widget() && event->type() == QEvent::LayoutRequest) fit();
    return QScrollArea::eventFilter(watched, event);
  }

 private:
  void fit() { setMinimumWidth(widget()->minimumSizeHint().width() + verticalScrollBar()->sizeHint().width()); }
};

}  // namespace salient::ui
