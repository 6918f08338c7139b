// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/figure_table.h"

#include <gtest/gtest.h>

#include <QAbstractItemModelTester>
#include <QLocale>
#include <QSignalSpy>

#include "ui/models/csv.h"
#include "ui/models/numbers.h"

namespace salient::ui {
namespace {

class Figures : public ::testing::Test {
 protected:
  Figures() {
    QLocale::setDefault(QLocale::c());
    table_.setColumns({{QStringLiteral("Name"), [](int row) { return QStringLiteral("row %1").arg(row); }, {}},
                       {QStringLiteral("Count"), [](int row) { return qlonglong{1} * row; }, {}},
                       {QStringLiteral("Share, %"), [this](int row) { return share_ * row; },
                        [](double value) { return numbers::percent(value); }},
                       {QStringLiteral("Maybe"), [](int row) { return row == 0 ? QVariant() : QVariant(0.5); }, {}}});
    table_.setRows(3);
  }
  ~Figures() override { QLocale::setDefault(QLocale()); }

  double share_ = 12.34;
  FigureTable table_;
  QAbstractItemModelTester tester_{&table_, QAbstractItemModelTester::FailureReportingMode::Fatal};
};

TEST_F(Figures, ShowsNumbersForPeopleAndKeepsTheirValues) {
  EXPECT_EQ(table_.index(1, 0).data().toString(), QStringLiteral("row 1"));
  EXPECT_EQ(table_.index(1, 2).data().toString(), QStringLiteral("12.3 %"));
  EXPECT_DOUBLE_EQ(table_.index(1, 2).data(Qt::EditRole).toDouble(), 12.34);
  EXPECT_FALSE(table_.index(0, 3).data().isValid());
  EXPECT_EQ(table_.headerData(2, Qt::Horizontal, Qt::DisplayRole).toString(), QStringLiteral("Share, %"));
  EXPECT_TRUE(table_.index(0, 1).data(Qt::TextAlignmentRole).isValid());
  EXPECT_FALSE(table_.index(0, 0).data(Qt::TextAlignmentRole).isValid());
}

TEST_F(Figures, TellsWhenValuesChange) {
  QSignalSpy changed(&table_, &FigureTable::dataChanged);
  share_ = 50;
  table_.touch();
  EXPECT_EQ(changed.count(), 1);
  EXPECT_EQ(table_.index(1, 2).data().toString(), QStringLiteral("50.0 %"));
  table_.setRows(0);
  table_.touch();
  EXPECT_EQ(changed.count(), 1);
}

TEST_F(Figures, BecomesCsvUnrounded) {
  EXPECT_EQ(csvOf(table_).toStdString(),
            "Name,Count,\"Share, %\",Maybe\r\nrow 0,0,0,\r\nrow 1,1,12.34,0.5\r\nrow 2,2,24.68,0.5\r\n");
}

}  // namespace
}  // namespace salient::ui
