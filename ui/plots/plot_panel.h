// SPDX-License-Identifier: GPL-3.0-or-later
// A plot as a person gets it: the chart, its table twin, export of PNG, SVG, PDF and CSV, zoom, pan, a read-out under
// the pointer, the same by keyboard, and a sentence where there is nothing to show yet. The chart itself is filled by
// the page that owns the panel, anew whenever themeChanged() is emitted.
#pragma once

#include <qcustomplot.h>

#include <QAbstractItemModel>
#include <QHash>
#include <QStackedWidget>
#include <QString>
#include <QWidget>

#include "ui/plots/theme.h"

class QHBoxLayout;
class QLabel;
class QSortFilterProxyModel;
class QTableView;
class QToolButton;

namespace salient::ui {

class TableHeader;

class PlotPanel : public QWidget {
  Q_OBJECT
 public:
  /// `name` becomes the objectName; its parts are found as name + ".chart", ".table", ".export", ".toggle", ".reset",
  /// ".readout".
  explicit PlotPanel(const QString& name, QWidget* parent = nullptr);

  void setTitle(const QString& title);  ///< also the accessible name and the exported file's name
  [[nodiscard]] QCustomPlot& chart() { return *chart_; }
  [[nodiscard]] const PlotTheme& theme() const { return theme_; }
  /// The same figures as rows; owned by the caller. Numbers under Qt::EditRole: the table sorts by them and the CSV
  /// holds them unrounded.
  void setTable(QAbstractItemModel* table);
  /// The table's row (of the caller's model) was clicked or Enter pressed on it: tableActivated().
  [[nodiscard]] QTableView& table() { return *table_; }
  /// A control of the page (what the chart shows, say) between the title and the panel's own buttons.
  void addControl(QWidget* control);
  /// Shown instead of the chart; empty = the chart.
  void setEmptyText(const QString& text);
  /// Text under the pointer or the keyboard's cursor; told to screen readers.
  void setReadout(const QString& text);
  /// The chart's legend in a row of its own above the axes, where it covers nothing; wrapped where the panel is narrow.
  void showLegend();
  /// The range that "reset zoom" goes back to; without it the axes are rescaled. Shown at once unless the person has
  /// zoomed or moved the chart; the caller replots. Nobody gets beyond it: there is nothing to see.
  void setHome(const QCPRange& x, const QCPRange& y);
  /// False: the person may look along x only (bars keep their zero).
  void setVerticalZoom(bool on);
  [[nodiscard]] bool tableShown() const;

  [[nodiscard]] bool exportTo(const QString& file, QString* problem = nullptr);  ///< by suffix: png, svg, pdf, csv

 public slots:
  void showTable(bool table);
  void resetZoom();

 signals:
  void themeChanged();
  void hovered(const QPointF& position);  ///< in axis coordinates
  void left();                            ///< the pointer is no longer over the plot
  void clicked(const QPointF& position);
  void keyMoved(int dx, int dy);  ///< arrow keys (10 steps with Ctrl, Page Up and Down): the page moves its cursor
  void keyActivated();            ///< Enter
  void tableActivated(int row, int column);  ///< of the caller's model

 protected:
  void changeEvent(QEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void applyTheme();
  void fitLegend();
  void fitLabels();
  void fitTicks();
  void keepInside(QCPAxis& axis, const QCPRange& home);
  void showReset();
  void chooseExport();
  void showPart();
  void zoom(double factor);
  void pan(double x, double y);
  [[nodiscard]] bool keyPressed(const QKeyEvent& event);
  [[nodiscard]] bool atHome() const;
  [[nodiscard]] QByteArray rendered(const QString& suffix);

  PlotTheme theme_;
  QCustomPlot* chart_ = nullptr;
  QTableView* table_ = nullptr;
  TableHeader* titles_ = nullptr;
  QSortFilterProxyModel* sorted_ = nullptr;
  QAbstractItemModel* model_ = nullptr;
  QLabel* empty_ = nullptr;
  QLabel* readout_ = nullptr;
  QLabel* title_ = nullptr;
  QHBoxLayout* header_ = nullptr;
  QToolButton* toggle_ = nullptr;
  QToolButton* reset_ = nullptr;
  QToolButton* export_ = nullptr;
  QStackedWidget* stack_ = nullptr;
  QPoint pressed_;
  struct AxisLabel {
    QString full;
    QString shown;
  };
  QHash<const QCPAxis*, AxisLabel> labels_;
  QSize legendFor_;  ///< width of the chart and number of items that the legend was wrapped for
  bool hasHome_ = false;
  QCPRange homeX_;
  QCPRange homeY_;
};

}  // namespace salient::ui
