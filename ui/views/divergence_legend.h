// SPDX-License-Identifier: GPL-3.0-or-later
// How the playground shows divergence: a ground that grows stronger and a line that grows thicker, with their limits.
#pragma once

#include <QColor>
#include <QPalette>
#include <QWidget>

namespace salient::ui {

/// Ground of a token of this level; none for level 0.
[[nodiscard]] QColor divergenceColour(const QPalette& palette, int level);
/// "0.05 to 0.2", "1 and more"
[[nodiscard]] QString divergenceRange(int level);

class DivergenceLegend : public QWidget {
  Q_OBJECT
 public:
  explicit DivergenceLegend(QWidget* parent = nullptr);
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  [[nodiscard]] int entryWidth(int level) const;
};

}  // namespace salient::ui
