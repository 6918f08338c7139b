// SPDX-License-Identifier: GPL-3.0-or-later
// Where an axis has its marks and how they are written: in the studio's language, with as many decimals at each mark,
// and never at a number that cannot be (half a layer, half a weight).
#pragma once

#include <qcustomplot.h>

namespace salient::ui {

/// Plain numbers, all with the decimals that the step between two marks needs: "4.75", "5.00".
class EvenTicker : public QCPAxisTicker {
 protected:
  double getTickStep(const QCPRange& range) override;
  QString getTickLabel(double tick, const QLocale& locale, QChar formatChar, int precision) override;

  double step_ = 1;  ///< of the marks that are being labelled
};

/// Counts: whole numbers.
class CountTicker : public EvenTicker {
 protected:
  double getTickStep(const QCPRange& range) override;
  int getSubTickCount(double step) override;
};

/// Layer and group numbers: whole, and nothing in between; as many as stand beside each other (PlotPanel says how many:
/// setTickCount).
class LayerTicker : public CountTicker {
 protected:
  int getSubTickCount(double) override { return 0; }
};

/// On an axis that holds decimal logarithms: whole powers of ten, or 1, 2, 5 times them where fewer than three are
/// seen.
class PowerTicker : public QCPAxisTicker {
 protected:
  double getTickStep(const QCPRange& range) override;
  int getSubTickCount(double) override { return 0; }
  QVector<double> createTickVector(double step, const QCPRange& range) override;
  QString getTickLabel(double tick, const QLocale& locale, QChar formatChar, int precision) override;

 private:
  bool parts_ = false;  ///< of powers, too
};

}  // namespace salient::ui
