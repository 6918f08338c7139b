// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/table_look.h"

#include <gtest/gtest.h>

#include <QApplication>
#include <QHelpEvent>
#include <QImage>
#include <QLabel>
#include <QScrollBar>
#include <QStandardItemModel>
#include <QTest>
#include <QToolTip>

#include "tests/ui/support/waiting.h"

namespace salient::ui {
namespace {

constexpr auto kLong = "model.layers.10.self_attn.q_proj.weight of a model with long names";

class TableLook : public ::testing::Test {
 protected:
  TableLook() : model_(0, 3), header_((table_.setModel(&model_), lookLikeAList(table_))) {
    model_.setHorizontalHeaderLabels({QStringLiteral("Name"), QStringLiteral("Bits"), QStringLiteral("State")});
    table_.resize(900, 300);
    table_.show();
  }
  void addRow(const char* name) {
    auto* bits = new QStandardItem(QStringLiteral("4.74 bits"));
    bits->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
    model_.appendRow({new QStandardItem(QString::fromUtf8(name)), bits, new QStandardItem(QStringLiteral("done"))});
  }
  /// Where a title's letters lie between the left (0) and the right end (1) of its column.
  double placeOfTitle(int section) {
    const QImage image = header_.grab().toImage();
    const int left = header_.sectionViewportPosition(section) + 3;
    const int right = left + header_.sectionSize(section) - 7;
    const int middle = image.height() / 2;
    int first = right;
    int last = left;
    for (int x = left; x < right; ++x) {
      for (int y = middle - 4; y <= middle + 4; ++y) {
        if (qGray(image.pixel(x, y)) > 110) continue;
        first = std::min(first, x);
        last = std::max(last, x);
      }
    }
    return ((first + last) / 2.0 - left) / (right - left);
  }

  QStandardItemModel model_;
  QTableView table_;
  TableHeader& header_;
};

TEST_F(TableLook, TitlesStandLikeTheirCells) {
  addRow("a");
  for (int section = 0; section < 3; ++section)
    header_.resizeSection(section, 200);
  EXPECT_EQ(header_.alignmentOf(0), Qt::AlignLeft | Qt::AlignVCenter);
  EXPECT_EQ(header_.alignmentOf(1), Qt::AlignRight | Qt::AlignVCenter);
  EXPECT_LT(placeOfTitle(0), 0.3);
  EXPECT_GT(placeOfTitle(1), 0.7);
  EXPECT_LT(placeOfTitle(2), 0.3);
}

TEST_F(TableLook, ColumnsAreAsWideAsTheirContentAndOneTakesTheRest) {
  header_.fitContents(0);
  addRow("short");
  const int text = table_.fontMetrics().horizontalAdvance(QStringLiteral("4.74 bits"));
  ASSERT_TRUE(waitFor([&] { return header_.sectionSize(1) >= text; }));
  EXPECT_EQ(header_.length(), header_.viewport()->width());
  const int bits = header_.sectionSize(1);
  EXPECT_GT(header_.sectionSize(0), bits);
  table_.resize(400, 300);
  addRow(kLong);
  ASSERT_TRUE(waitFor(
      [&] { return header_.sectionSize(0) >= table_.fontMetrics().horizontalAdvance(QString::fromUtf8(kLong)); }));
  EXPECT_TRUE(waitFor([&] { return table_.horizontalScrollBar()->maximum() > 0; }))
      << "a long name is not cut: the table scrolls";
  const int wide = header_.sectionSize(0);
  model_.removeRow(1);
  addRow("short");
  QTest::qWait(100);
  EXPECT_EQ(header_.sectionSize(0), wide) << "widths do not jump";
  header_.refit();
  EXPECT_LT(header_.sectionSize(0), wide);
}

TEST_F(TableLook, ColumnsShareTheRoom) {
  addRow("a");
  header_.fitContents(TableHeader::kEverybody);
  const int content = header_.contentLength();
  EXPECT_LT(content, 500);
  EXPECT_EQ(header_.length(), header_.viewport()->width());
  for (int section = 0; section < 3; ++section)
    EXPECT_GT(header_.sectionSize(section), 100);
}

TEST_F(TableLook, AWidthSetByAPersonStays) {
  addRow("a");
  header_.fitContents(0);
  header_.resizeSection(1, 321);  // what dragging its edge does
  addRow("b");
  table_.resize(700, 300);
  QTest::qWait(100);
  EXPECT_EQ(header_.sectionSize(1), 321);
  EXPECT_EQ(header_.length(), header_.viewport()->width());
}

TEST_F(TableLook, PointingAtACutTextShowsTheWhole) {
  addRow(kLong);
  header_.resizeSection(0, 80);
  const auto point = [&](int column) {
    const QPoint at = table_.visualRect(model_.index(0, column)).center();
    QHelpEvent event(QEvent::ToolTip, at, table_.viewport()->mapToGlobal(at));
    QApplication::sendEvent(table_.viewport(), &event);
  };
  point(0);
  EXPECT_EQ(QToolTip::text(), QString::fromUtf8(kLong));
  model_.item(0, 0)->setToolTip(QStringLiteral("BF16"));
  point(0);
  EXPECT_EQ(QToolTip::text(), QString::fromUtf8(kLong) + QStringLiteral("\nBF16"));
  model_.item(0, 2)->setToolTip(QStringLiteral("after 8 s"));
  point(2);
  EXPECT_EQ(QToolTip::text(), QStringLiteral("after 8 s")) << "not cut: its own tip alone";
}

TEST_F(TableLook, ATableWithoutRowsSaysSo) {
  table_.setObjectName(QStringLiteral("kept"));
  sayWhenEmpty(table_, QStringLiteral("Nothing is kept yet."));
  const auto* label = table_.findChild<QLabel*>(QStringLiteral("kept.empty"));
  ASSERT_NE(label, nullptr);
  EXPECT_TRUE(label->isVisible());
  addRow("a");
  EXPECT_FALSE(label->isVisible());
  model_.removeRow(0);
  EXPECT_TRUE(label->isVisible());
}

}  // namespace
}  // namespace salient::ui
