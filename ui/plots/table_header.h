// SPDX-License-Identifier: GPL-3.0-or-later
// The titles of a table: each stands like the cells below it (figures to the right), and columns are as wide as what
// they hold. Widths only grow while rows come and change, so that nothing jumps; those a person has set stay.
#pragma once

#include <QHeaderView>
#include <QSet>
#include <QTimer>
#include <QVector>

namespace salient::ui {

class TableHeader : public QHeaderView {
  Q_OBJECT
 public:
  static constexpr int kNobody = -1;
  static constexpr int kEverybody = -2;
  static constexpr int kAny = 1 << 20;

  explicit TableHeader(QAbstractItemView* view);

  /// From now on widths follow the content, up to `most` pixels. Room that is left goes to the column `taker`, to all
  /// alike or to none.
  void fitContents(int taker, int most = kAny);
  /// Forgets the widths so far, those set by a person as well: other rows, other columns.
  void refit();
  [[nodiscard]] Qt::Alignment alignmentOf(int section) const;
  /// Of all columns together, as wide as their content.
  [[nodiscard]] int contentLength() const;

  void setModel(QAbstractItemModel* model) override;

 protected:
  void initStyleOptionForIndex(QStyleOptionHeader* option, int section) const override;
  /// Only the title that rows are sorted by has an arrow beside it.
  [[nodiscard]] QSize sectionSizeFromContents(int section) const override;
  void resizeEvent(QResizeEvent* event) override;
  void showEvent(QShowEvent* event) override;

 private:
  [[nodiscard]] int contentWidth(int section) const;
  void fit();
  void measure();

  QAbstractItemView* view_;
  int taker_ = kNobody;
  int most_ = kAny;
  bool fits_ = false;
  bool fitting_ = false;
  QVector<int> wanted_;  ///< content widths so far
  QSet<int> set_;        ///< columns a person has given a width
  QTimer later_;         ///< many changes, one measurement
};

}  // namespace salient::ui
