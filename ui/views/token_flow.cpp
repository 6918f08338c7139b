// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/token_flow.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>
#include <QToolTip>
#include <algorithm>

namespace salient::ui {
namespace {

bool breaks(const FlowToken& token) {
  return token.text.contains(QLatin1Char('\n'));
}

/// A line may begin with this token: a word does.
bool opensWord(const FlowToken& token) {
  return token.text.isEmpty() || token.text.front().isSpace();
}

}  // namespace

TokenFlow::TokenFlow(const QString& name, QWidget* parent) : QAbstractScrollArea(parent) {
  setObjectName(name);
  setFocusPolicy(Qt::StrongFocus);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  viewport()->setMouseTracking(true);
  viewport()->setBackgroundRole(QPalette::Base);
}

QString TokenFlow::shown(const QString& text, bool boxed) {
  QString out;
  for (const QChar c : text) {
    switch (c.unicode()) {
      case u'\n': out += QChar(0x21B5); break;
      case u'\r': out += QChar(0x240D); break;
      case u'\t': out += QChar(0x21E5); break;
      case u' ': out += boxed ? QChar(0x00B7) : QChar(u' '); break;
      default:
        if (c.unicode() < 0x20) {
          out += QChar(0x2400 + c.unicode());
        } else if (c.category() == QChar::Other_Format || c.unicode() == 0x7F) {
          // Marks that would turn the text around or cannot be seen.
          out += QStringLiteral("U+%1").arg(c.unicode(), 4, 16, QLatin1Char('0')).toUpper();
        } else {
          out += c;
        }
    }
  }
  return out;
}

void TokenFlow::setTokens(QVector<FlowToken> tokens) {
  tokens_ = std::move(tokens);
  current_ = -1;
  layoutFrom(0);
  verticalScrollBar()->setValue(0);
  emit currentChanged(-1);
}

void TokenFlow::append(const QVector<FlowToken>& tokens) {
  const bool atEnd = verticalScrollBar()->value() == verticalScrollBar()->maximum();
  const int first = static_cast<int>(tokens_.size());
  tokens_ += tokens;
  layoutFrom(first);
  if (atEnd) verticalScrollBar()->setValue(verticalScrollBar()->maximum());
}

void TokenFlow::setPlaceholder(const QString& text) {
  placeholder_ = text;
  viewport()->update();
}

void TokenFlow::setBoxed(bool boxed) {
  boxed_ = boxed;
  layoutFrom(0);
}

void TokenFlow::setCurrent(int index) {
  index = index < tokens_.size() ? std::max(index, -1) : -1;
  if (index == current_) return;
  current_ = index;
  if (index >= 0) {
    const QRect rect = rectOf(index);
    QScrollBar* bar = verticalScrollBar();
    if (rect.top() < 0) bar->setValue(bar->value() + rect.top());
    if (rect.bottom() > viewport()->height()) bar->setValue(bar->value() + rect.bottom() - viewport()->height() + 1);
  }
  setAccessibleDescription(index >= 0 ? tokens_[index].details : QString());
  viewport()->update();
  emit currentChanged(index);
}

int TokenFlow::margin() const {
  return fontMetrics().averageCharWidth() * 2 / 3;
}

int TokenFlow::padding() const {
  return boxed_ ? std::max(3, fontMetrics().averageCharWidth() / 2) : 0;
}

QFont TokenFlow::smallFont() const {
  QFont small = font();
  small.setPointSizeF(small.pointSizeF() * 0.8);
  return small;
}

int TokenFlow::lineHeight() const {
  const int text = fontMetrics().height();
  if (!boxed_) return text + text / 2;
  return text + QFontMetrics(smallFont()).height() + 4 * padding();
}

void TokenFlow::layoutFrom(int first) {
  const int width = viewport()->width() - 2 * margin();
  const QFontMetrics small(smallFont());
  const int gap = boxed_ ? std::max(1, padding() / 2) : 0;
  places_.resize(tokens_.size());
  int x = 0;
  int line = 0;
  if (first > 0) {
    const Place& last = places_[first - 1];
    x = last.x + last.width + gap;
    line = last.line;
    if (breaks(tokens_[first - 1])) {
      x = 0;
      ++line;
    }
  }
  for (int i = first; i < tokens_.size(); ++i) {
    const FlowToken& token = tokens_[i];
    Place& place = places_[i];
    place.indented = false;
    place.width = fontMetrics().horizontalAdvance(shown(token.text, boxed_)) + 2 * padding();
    if (!token.below.isEmpty())
      place.width = std::max(place.width, small.horizontalAdvance(token.below) + 2 * padding());
    place.width = std::min(place.width, std::max(width, 1));
    if (x > 0 && x + place.width > width) {
      int begin = i;
      // Running text breaks before a word, unless the word fills the line.
      while (!boxed_ && begin > 0 && places_[begin - 1].line == line && !opensWord(tokens_[begin]))
        --begin;
      if (begin < i && places_[begin].x == 0) begin = i;
      ++line;
      x = 0;
      // The space in front of the word that begins the line would look like an indentation.
      Place& opener = places_[begin];
      if (!boxed_ && tokens_[begin].text.size() > 1 && tokens_[begin].text.startsWith(QLatin1Char(' '))) {
        opener.indented = true;
        opener.width = std::max(1, opener.width - fontMetrics().horizontalAdvance(QLatin1Char(' ')));
      }
      for (int moved = begin; moved < i; ++moved) {
        places_[moved].x = x;
        places_[moved].line = line;
        x += places_[moved].width + gap;
      }
    }
    place.x = x;
    place.line = line;
    x += place.width + gap;
    if (breaks(token)) {
      x = 0;
      ++line;
    }
  }
  updateScrollBar();
  viewport()->update();
}

void TokenFlow::updateScrollBar() {
  const int lines = places_.isEmpty() ? 0 : places_.back().line + 1;
  QScrollBar* bar = verticalScrollBar();
  bar->setPageStep(viewport()->height());
  bar->setSingleStep(lineHeight());
  bar->setRange(0, std::max(0, lines * lineHeight() + margin() * 2 - viewport()->height()));
}

QRect TokenFlow::rectOf(int index) const {
  const Place& place = places_[index];
  return {margin() + place.x, margin() + place.line * lineHeight() - verticalScrollBar()->value(), place.width,
          lineHeight() - (boxed_ ? padding() : 0)};
}

int TokenFlow::firstOfLine(int line) const {
  return static_cast<int>(std::lower_bound(places_.begin(), places_.end(), line,
                                           [](const Place& place, int wanted) { return place.line < wanted; }) -
                          places_.begin());
}

int TokenFlow::tokenAt(const QPoint& point) const {
  if (places_.isEmpty()) return -1;
  const int line = (point.y() - margin() + verticalScrollBar()->value()) / lineHeight();
  for (int i = firstOfLine(line); i < places_.size() && places_[i].line == line; ++i) {
    if (rectOf(i).contains(point)) return i;
  }
  return -1;
}

void TokenFlow::paintEvent(QPaintEvent* event) {
  QPainter painter(viewport());
  painter.setRenderHint(QPainter::Antialiasing);
  if (tokens_.isEmpty()) {
    painter.setPen(palette().color(QPalette::PlaceholderText));
    painter.drawText(viewport()->rect().adjusted(margin(), margin(), -margin(), -margin()), Qt::TextWordWrap,
                     placeholder_);
    return;
  }
  const int top = (event->rect().top() + verticalScrollBar()->value()) / lineHeight() - 1;
  for (int i = firstOfLine(std::max(top, 0)); i < tokens_.size(); ++i) {
    if (rectOf(i).top() > event->rect().bottom()) break;
    paintToken(painter, i);
  }
}

void TokenFlow::paintToken(QPainter& painter, int index) const {
  const FlowToken& token = tokens_[index];
  const QRect rect = rectOf(index);
  const QColor ink = palette().color(QPalette::Text);
  const int textHeight = fontMetrics().height();
  const QRect box = boxed_ ? rect : QRect(rect.left(), rect.top(), rect.width(), textHeight);
  if (token.ground.isValid()) painter.fillRect(box, token.ground);
  if (token.edge != FlowToken::Edge::none) {
    const Qt::PenStyle style = token.edge == FlowToken::Edge::dashed   ? Qt::DashLine
                               : token.edge == FlowToken::Edge::dotted ? Qt::DotLine
                                                                       : Qt::SolidLine;
    QColor line = ink;
    line.setAlphaF(style == Qt::SolidLine ? 0.45F : 0.9F);
    painter.setPen(QPen(line, style == Qt::SolidLine ? 1.0 : 1.5, style));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5));
  }
  painter.setPen(ink);
  const QRect textRect = box.adjusted(padding(), boxed_ ? padding() : 0, -padding(), 0);
  const QString whole = shown(token.text, boxed_).mid(places_[index].indented ? 1 : 0);
  const QString text = fontMetrics().elidedText(whole, Qt::ElideRight, textRect.width() + 1);
  painter.drawText(QPoint(textRect.left(), textRect.top() + fontMetrics().ascent()), text);
  if (!token.below.isEmpty()) {
    painter.save();
    painter.setFont(smallFont());
    painter.setOpacity(0.75);
    painter.drawText(QPoint(textRect.left(), textRect.top() + textHeight + painter.fontMetrics().ascent()),
                     token.below);
    painter.restore();
  }
  if (token.underline > 0) {
    const qreal step = std::max(1.0, textHeight / 14.0);
    painter.fillRect(QRectF(rect.left(), rect.top() + textHeight + 1, rect.width(), token.underline * step), ink);
  }
  if (index == current_) {
    painter.setPen(QPen(palette().color(QPalette::Highlight), 2));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(QRectF(box));
  }
}

void TokenFlow::resizeEvent(QResizeEvent* event) {
  QAbstractScrollArea::resizeEvent(event);
  layoutFrom(0);
}

void TokenFlow::changeEvent(QEvent* event) {
  QAbstractScrollArea::changeEvent(event);
  if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange) layoutFrom(0);
}

void TokenFlow::keyPressEvent(QKeyEvent* event) {
  const int last = static_cast<int>(tokens_.size()) - 1;
  const auto beside = [&](int lines) {
    if (current_ < 0 || last < 0) return 0;
    const int first = firstOfLine(places_[current_].line + lines);
    int best = std::min(first, last);
    for (int i = first; i <= last && places_[i].line == places_[best].line && places_[i].x <= places_[current_].x; ++i)
      best = i;
    return best;
  };
  switch (event->key()) {
    case Qt::Key_Right: return setCurrent(std::min(current_ + 1, last));
    case Qt::Key_Left: return setCurrent(std::max(current_ - 1, 0));
    case Qt::Key_Down: return setCurrent(beside(1));
    case Qt::Key_Up: return setCurrent(current_ >= 0 && places_[current_].line > 0 ? beside(-1) : current_);
    case Qt::Key_Home: return setCurrent(0);
    case Qt::Key_End: return setCurrent(last);
    default: QAbstractScrollArea::keyPressEvent(event);
  }
}

void TokenFlow::mouseMoveEvent(QMouseEvent* event) {
  const int index = tokenAt(event->pos());
  if (index >= 0) setCurrent(index);
}

void TokenFlow::mousePressEvent(QMouseEvent* event) {
  setCurrent(tokenAt(event->pos()));
}

bool TokenFlow::viewportEvent(QEvent* event) {
  if (event->type() == QEvent::ToolTip) {
    const auto* help = static_cast<QHelpEvent*>(event);
    const int index = tokenAt(help->pos());
    if (index >= 0 && !tokens_[index].details.isEmpty()) {
      QToolTip::showText(help->globalPos(), tokens_[index].details, viewport(), rectOf(index));
    } else {
      QToolTip::hideText();
    }
    return true;
  }
  return QAbstractScrollArea::viewportEvent(event);
}

QSize TokenFlow::sizeHint() const {
  return {fontMetrics().averageCharWidth() * 50, lineHeight() * 5};
}

QSize TokenFlow::minimumSizeHint() const {
  return {fontMetrics().averageCharWidth() * 20, lineHeight() * 2};
}

}  // namespace salient::ui
