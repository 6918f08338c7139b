// SPDX-License-Identifier: GPL-3.0-or-later
// A number with decimals and no thousands: a point and a comma both part them, whatever the language writes. Where
// one of the two groups digits, Qt leaves it out, and 12.5 typed in a German studio would be 125.
#pragma once

#include <QDoubleSpinBox>
#include <QLocale>

namespace salient::ui {

class FigureBox : public QDoubleSpinBox {
 public:
  using QDoubleSpinBox::QDoubleSpinBox;

 protected:
  QValidator::State validate(QString& text, int& position) const override {
    const QString point = locale().decimalPoint();
    for (const QChar mark : {QLatin1Char('.'), QLatin1Char(',')})
      if (text.count(mark) == 1 && !text.contains(point)) text.replace(mark, point);
    return QDoubleSpinBox::validate(text, position);
  }
};

}  // namespace salient::ui
