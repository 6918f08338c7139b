// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/appearance.h"

#include <QApplication>
#include <QPainter>
#include <QProxyStyle>
#include <QStyleOption>

#include "ui/models/settings.h"

namespace salient::ui {
namespace {

constexpr auto kKey = "window/appearance";
constexpr int kDarkBelow = 128;

struct Colours {
  QRgb window, base, alternate, text, button, border, highlight, link, muted, disabled, tip;
};

QPalette paletteOf(const Colours& c) {
  QPalette palette;
  palette.setColor(QPalette::Window, QColor(c.window));
  palette.setColor(QPalette::WindowText, QColor(c.text));
  palette.setColor(QPalette::Base, QColor(c.base));
  palette.setColor(QPalette::AlternateBase, QColor(c.alternate));
  palette.setColor(QPalette::Text, QColor(c.text));
  palette.setColor(QPalette::PlaceholderText, QColor(c.muted));
  palette.setColor(QPalette::Button, QColor(c.button));
  palette.setColor(QPalette::ButtonText, QColor(c.text));
  palette.setColor(QPalette::BrightText, QColor(0xffffff));
  palette.setColor(QPalette::Light, QColor(c.button).lighter(115));
  palette.setColor(QPalette::Midlight, QColor(c.button).lighter(107));
  palette.setColor(QPalette::Mid, QColor(c.border));
  palette.setColor(QPalette::Dark, QColor(c.border).darker(120));
  palette.setColor(QPalette::Shadow, QColor(Qt::black));
  palette.setColor(QPalette::Highlight, QColor(c.highlight));
  palette.setColor(QPalette::HighlightedText, QColor(0xffffff));
  palette.setColor(QPalette::Link, QColor(c.link));
  palette.setColor(QPalette::LinkVisited, QColor(c.link));
  palette.setColor(QPalette::ToolTipBase, QColor(c.tip));
  palette.setColor(QPalette::ToolTipText, QColor(c.text));
  for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText, QPalette::HighlightedText}) {
    palette.setColor(QPalette::Disabled, role, QColor(c.disabled));
  }
  palette.setColor(QPalette::Disabled, QPalette::Highlight, QColor(c.border));
  return palette;
}

/// Fusion draws the edges of check boxes, radio buttons and fields darker than the window, which cannot be seen on a
/// dark one.
class Style : public QProxyStyle {
 public:
  Style() : QProxyStyle(QStringLiteral("Fusion")) {}
  void drawComplexControl(ComplexControl control, const QStyleOptionComplex* option, QPainter* painter,
                          const QWidget* widget) const override {
    QProxyStyle::drawComplexControl(control, option, painter, widget);
    const auto* box = qstyleoption_cast<const QStyleOptionSpinBox*>(option);
    if (control == CC_SpinBox && box != nullptr && box->frame && !hasFocus(*option)) drawFieldEdge(*option, *painter);
  }
  void drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                     const QWidget* widget) const override {
    QProxyStyle::drawPrimitive(element, option, painter, widget);
    if (element == PE_Frame || (element == PE_FrameLineEdit && !hasFocus(*option)))
      return drawFieldEdge(*option, *painter);
    const bool round = element == PE_IndicatorRadioButton;
    if (!round && element != PE_IndicatorCheckBox && element != PE_IndicatorItemViewItemCheck) return;
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(edge(*option, kEdge));
    painter->setBrush(Qt::NoBrush);
    const QRectF rect = QRectF(option->rect).adjusted(0.5, 0.5, -0.5, -0.5);
    if (round) {
      painter->drawEllipse(rect);
    } else {
      painter->drawRect(rect);
    }
    painter->restore();
  }
  int styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget,
                QStyleHintReturn* data) const override {
    // Qt's own pictures for them are black in both palettes, and only some buttons have one.
    if (hint == SH_DialogButtonBox_ButtonsHaveIcons) return 0;
    return QProxyStyle::styleHint(hint, option, widget, data);
  }

 private:
  static constexpr float kEdge = 0.55F;
  static constexpr float kFieldEdge = 0.4F;  ///< a contrast of 3 on both grounds

  static QColor edge(const QStyleOption& option, float strength) {
    QColor colour = option.palette.color(QPalette::WindowText);
    colour.setAlphaF(strength);
    return colour;
  }
  /// Then Fusion draws an edge that shows the keyboard's place.
  static bool hasFocus(const QStyleOption& option) { return (option.state & State_HasFocus) != 0; }
  /// On a dark window alone.
  static void drawFieldEdge(const QStyleOption& option, QPainter& painter) {
    const bool dark = option.palette.color(QPalette::Window).lightness() < kDarkBelow;
    if (!dark) return;
    painter.save();
    painter.setPen(edge(option, kFieldEdge));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5));
    painter.restore();
  }
};

bool systemIsDark() {
  // Asked before the first palette of ours replaces the platform theme's.
  static const bool dark = QApplication::palette().color(QPalette::Window).lightness() < kDarkBelow;
  return dark;
}

}  // namespace

QPalette lightPalette() {
  return paletteOf(
      {0xf5f6f8, 0xffffff, 0xeef1f4, 0x1c2128, 0xe9ecf0, 0xc3cad3, 0x1f6fd0, 0x0b5cad, 0x66707c, 0x97a0ab, 0xfffbe6});
}

QPalette darkPalette() {
  return paletteOf(
      {0x1f2329, 0x171a1f, 0x232830, 0xe4e7eb, 0x2c323a, 0x4a525d, 0x2f6fc4, 0x7ab7ff, 0x98a2ae, 0x737d89, 0x2f3640});
}

void applyAppearance(Appearance appearance) {
  const bool dark = appearance == Appearance::dark || (appearance == Appearance::system && systemIsDark());
  if (dynamic_cast<Style*>(QApplication::style()) == nullptr) QApplication::setStyle(new Style);
  QApplication::setPalette(dark ? darkPalette() : lightPalette());
}

Appearance savedAppearance() {
  const QString name = settings::value(QLatin1String(kKey)).toString();
  if (name == QLatin1String("light")) return Appearance::light;
  if (name == QLatin1String("dark")) return Appearance::dark;
  return Appearance::system;
}

void saveAppearance(Appearance appearance) {
  const char* name = appearance == Appearance::light ? "light" : appearance == Appearance::dark ? "dark" : "system";
  settings::set(QLatin1String(kKey), QLatin1String(name));
}

}  // namespace salient::ui
