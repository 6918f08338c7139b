// SPDX-License-Identifier: GPL-3.0-or-later
// Scrolls up and down only: never narrower than what it holds.
#pragma once

#include <QEvent>
#include <QScrollArea>
#include <QScrollBar>

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
