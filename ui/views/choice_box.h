// SPDX-License-Identifier: GPL-3.0-or-later
// A combo box that is as wide as its longest text where there is room. Where there is none it ends in "…", pointing at
// it shows the whole, and its list is wide enough all the same.
#pragma once

#include <QComboBox>

namespace salient::ui {

class ChoiceBox : public QComboBox {
  Q_OBJECT
 public:
  /// In a narrow window it may shrink to `letters` letters.
  explicit ChoiceBox(int letters, QWidget* parent = nullptr);

  [[nodiscard]] QSize minimumSizeHint() const override;
  void showPopup() override;

 protected:
  void initStyleOption(QStyleOptionComboBox* option) const override;
  bool event(QEvent* event) override;

 private:
  [[nodiscard]] int longest() const;  ///< pixels
  [[nodiscard]] bool cut() const;     ///< the chosen text has not room enough

  int letters_;
};

}  // namespace salient::ui
