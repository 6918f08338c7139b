// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/divergence_legend.h"

#include <QPainter>
#include <algorithm>

#include "ui/models/numbers.h"
#include "ui/models/playground_run.h"

namespace salient::ui {

QColor divergenceColour(const QPalette& palette, int level) {
  if (level <= 0) return {};
  // Vermillion over the base, in even steps: told apart by lightness alone as well, and text can be read on each.
  const QColor base = palette.color(QPalette::Base);
  const QColor full = base.lightnessF() < 0.5 ? QColor(0xA4, 0x48, 0x00) : QColor(0xF0, 0x80, 0x30);
  const double share = 0.25 * level;
  const auto mix = [share](int from, int to) { return static_cast<int>(from + (to - from) * share); };
  return {mix(base.red(), full.red()), mix(base.green(), full.green()), mix(base.blue(), full.blue())};
}

QString divergenceRange(int level) {
  const auto& limits = divergenceLimits();
  const auto limit = [&](int i) { return numbers::significant(limits[static_cast<std::size_t>(i)], 2); };
  if (level == 0) return DivergenceLegend::tr("below %1").arg(limit(0));
  if (level == kDivergenceLevels - 1) return DivergenceLegend::tr("%1 and more").arg(limit(level - 1));
  return DivergenceLegend::tr("%1 to %2").arg(limit(level - 1), limit(level));
}

DivergenceLegend::DivergenceLegend(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("playground.legend"));
  setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
  QStringList ranges;
  for (int level = 0; level < kDivergenceLevels; ++level)
    ranges << divergenceRange(level);
  setAccessibleName(
      tr("Divergence of a token in nats, shown by ground and underline: %1").arg(ranges.join(QStringLiteral("; "))));
  setToolTip(
      tr("KL divergence of the packed model's next-token distribution from the 16-bit model's, both after the same "
         "text, before temperature and top-p"));
}

int DivergenceLegend::entryWidth(int level) const {
  return fontMetrics().horizontalAdvance(divergenceRange(level)) + 2 * fontMetrics().averageCharWidth();
}

QSize DivergenceLegend::sizeHint() const {
  int width = fontMetrics().horizontalAdvance(tr("KL divergence, nats:")) + fontMetrics().averageCharWidth();
  for (int level = 0; level < kDivergenceLevels; ++level)
    width += entryWidth(level) + fontMetrics().averageCharWidth();
  return {width, fontMetrics().height() * 2};
}

QSize DivergenceLegend::minimumSizeHint() const {
  return sizeHint();
}

void DivergenceLegend::paintEvent(QPaintEvent* /*event*/) {
  QPainter painter(this);
  painter.setPen(palette().color(QPalette::WindowText));
  const int space = fontMetrics().averageCharWidth();
  const int textHeight = fontMetrics().height();
  const int top = (height() - textHeight) / 2 - 2;
  const QString title = tr("KL divergence, nats:");
  painter.drawText(0, top + fontMetrics().ascent(), title);
  int x = fontMetrics().horizontalAdvance(title) + 2 * space;
  for (int level = 0; level < kDivergenceLevels; ++level) {
    const int width = entryWidth(level);
    const QColor ground = divergenceColour(palette(), level);
    painter.fillRect(x, top, width, textHeight, ground.isValid() ? ground : palette().color(QPalette::Base));
    painter.setPen(palette().color(QPalette::Text));
    painter.drawText(x + space, top + fontMetrics().ascent(), divergenceRange(level));
    const double step = std::max(1.0, textHeight / 14.0);
    painter.fillRect(QRectF(x, top + textHeight + 1, width, level * step), palette().color(QPalette::Text));
    x += width + space;
  }
}

}  // namespace salient::ui
