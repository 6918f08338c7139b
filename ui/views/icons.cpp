// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/icons.h"

#include <QFile>
#include <QGuiApplication>
#include <QIconEngine>
#include <QPainter>
#include <QPalette>
#include <QPixmap>
#include <QSvgRenderer>

// Resources of a static library are registered on request, from outside of any namespace.
static void registerIcons() {
  Q_INIT_RESOURCE(icons);
}

namespace salient::ui {
namespace {

QByteArray source(const QString& name) {
  registerIcons();
  QFile file(QStringLiteral(":/icons/%1.svg").arg(name));
  return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

QColor ink(QIcon::Mode mode) {
  const QPalette palette = QGuiApplication::palette();
  switch (mode) {
    case QIcon::Disabled: return palette.color(QPalette::Disabled, QPalette::ButtonText);
    case QIcon::Selected: return palette.color(QPalette::HighlightedText);
    default: return palette.color(QPalette::ButtonText);
  }
}

/// Renders an SVG each time it is painted: `currentColor` becomes the palette's text colour of that moment.
class PaletteIconEngine final : public QIconEngine {
 public:
  explicit PaletteIconEngine(QByteArray svg) : svg_(std::move(svg)) {}

  void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State) override {
    QByteArray coloured = svg_;
    coloured.replace("currentColor", ink(mode).name().toLatin1());
    QSvgRenderer(coloured).render(painter, square(rect));
  }
  QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override {
    QPixmap pixmap(size);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    paint(&painter, QRect(QPoint(), size), mode, state);
    return pixmap;
  }
  [[nodiscard]] QIconEngine* clone() const override { return new PaletteIconEngine(svg_); }
  QString key() const override { return QStringLiteral("salient"); }
  bool isNull() override { return svg_.isEmpty(); }
  QList<QSize> availableSizes(QIcon::Mode, QIcon::State) override {
    return {QSize(16, 16), QSize(24, 24), QSize(48, 48)};
  }

 private:
  static QRectF square(const QRect& rect) {
    const int side = qMin(rect.width(), rect.height());
    return QRectF(rect.x() + (rect.width() - side) / 2.0, rect.y() + (rect.height() - side) / 2.0, side, side);
  }
  QByteArray svg_;
};

}  // namespace

QIcon icon(const QString& name) {
  return QIcon(new PaletteIconEngine(source(name)));
}

QIcon applicationIcon() {
  return icon(QStringLiteral("salient"));
}

}  // namespace salient::ui
