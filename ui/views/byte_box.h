// SPDX-License-Identifier: GPL-3.0-or-later
// An exact number of bytes, written out; what is typed may have a suffix: "4GiB", "500 MB".
#pragma once

#include <QDoubleSpinBox>

namespace salient::ui {

class ByteBox : public QDoubleSpinBox {
  Q_OBJECT
 public:
  explicit ByteBox(QWidget* parent = nullptr);

  [[nodiscard]] QString textFromValue(double value) const override;
  [[nodiscard]] double valueFromText(const QString& text) const override;
  [[nodiscard]] QValidator::State validate(QString& text, int& position) const override;
  void fixup(QString& text) const override;
};

}  // namespace salient::ui
