// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/natural_order.h"

namespace salient::ui {
namespace {

bool isDigit(QChar c) {
  return c >= u'0' && c <= u'9';
}

/// The run of digits at the front, without leading zeros; `text` moves behind it.
QStringView takeNumber(QStringView& text) {
  qsizetype end = 0;
  while (end < text.size() && isDigit(text[end]))
    ++end;
  QStringView number = text.first(end);
  while (number.size() > 1 && number.front() == u'0')
    number = number.sliced(1);
  text = text.sliced(end);
  return number;
}

}  // namespace

bool naturallyBefore(QStringView left, QStringView right) {
  while (!left.isEmpty() && !right.isEmpty()) {
    if (isDigit(left.front()) && isDigit(right.front())) {
      const QStringView a = takeNumber(left);
      const QStringView b = takeNumber(right);
      if (a.size() != b.size()) return a.size() < b.size();
      if (const int order = a.compare(b); order != 0) return order < 0;
    } else {
      if (left.front() != right.front()) return left.front() < right.front();
      left = left.sliced(1);
      right = right.sliced(1);
    }
  }
  return left.size() < right.size();
}

}  // namespace salient::ui
