// SPDX-License-Identifier: GPL-3.0-or-later
// Tokens one after another like text: each with its own ground and edge, optionally with a number below it and a line
// under it. One of them is current: by the mouse, or with the arrow keys. Only what is seen is painted.
#pragma once

#include <QAbstractScrollArea>
#include <QColor>
#include <QString>
#include <QVector>

namespace salient::ui {

struct FlowToken {
  enum class Edge { none, solid, dashed, dotted };
  QString text;       ///< control characters are shown as signs; a line feed also begins a new line
  QString below;      ///< small print under it; may be empty
  QString details;    ///< in full, for the tool tip and screen readers
  QColor ground;      ///< invalid = none
  int underline = 0;  ///< thickness in steps, 0 = none
  Edge edge = Edge::none;
};

class TokenFlow : public QAbstractScrollArea {
  Q_OBJECT
 public:
  explicit TokenFlow(const QString& name, QWidget* parent = nullptr);

  void setTokens(QVector<FlowToken> tokens);
  void append(const QVector<FlowToken>& tokens);  ///< keeps the end in view if it was
  [[nodiscard]] const QVector<FlowToken>& tokens() const { return tokens_; }
  void setPlaceholder(const QString& text);  ///< shown while there is no token
  /// With room for `below` and boxes around tokens; without, tokens run on like text.
  void setBoxed(bool boxed);

  [[nodiscard]] int current() const { return current_; }
  void setCurrent(int index);  ///< -1 = none
  /// The token under a point of the viewport, or -1.
  [[nodiscard]] int tokenAt(const QPoint& point) const;

  /// `text` as it is painted: a space in front stays, tabs, line feeds and other controls become signs.
  [[nodiscard]] static QString shown(const QString& text, bool boxed);

  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override;

 signals:
  void currentChanged(int index);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void changeEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  bool viewportEvent(QEvent* event) override;

 private:
  struct Place {
    int x = 0;
    int line = 0;
    int width = 0;
    bool indented = false;  ///< its space in front is left out, since it begins a line
  };
  void layoutFrom(int first);
  void updateScrollBar();
  [[nodiscard]] int lineHeight() const;
  [[nodiscard]] int padding() const;  ///< inside a box
  [[nodiscard]] int margin() const;   ///< around all tokens
  [[nodiscard]] QFont smallFont() const;
  [[nodiscard]] QRect rectOf(int index) const;  ///< in the viewport
  [[nodiscard]] int firstOfLine(int line) const;
  void paintToken(QPainter& painter, int index) const;

  QVector<FlowToken> tokens_;
  QVector<Place> places_;
  QString placeholder_;
  bool boxed_ = true;
  int current_ = -1;
};

}  // namespace salient::ui
