// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/csv.h"

#include <gtest/gtest.h>

#include <QItemSelectionModel>
#include <QStandardItemModel>

namespace salient::ui {
namespace {

class Csv : public ::testing::Test {
 protected:
  Csv() : model_(2, 2) {
    model_.setHorizontalHeaderLabels({QStringLiteral("name"), QStringLiteral("value")});
    for (int row = 0; row < 2; ++row) {
      model_.setItem(row, 0, new QStandardItem(row == 0 ? QStringLiteral("=1+\"x\"") : QStringLiteral("q, k")));
      auto* value = new QStandardItem;
      value->setData(row == 0 ? QVariant(0.1) : QVariant(qlonglong{1} << 40), Qt::EditRole);
      model_.setItem(row, 1, value);
    }
  }
  QStandardItemModel model_;
};

TEST_F(Csv, WritesNumbersUnroundedAndQuotesText) {
  EXPECT_EQ(csvOf(model_).toStdString(), "name,value\r\n\"'=1+\"\"x\"\"\",0.1\r\n\"q, k\",1099511627776\r\n");
}

TEST_F(Csv, CopiesSelectedRowsInOrder) {
  QItemSelectionModel selection(&model_);
  for (const int row : {1, 0})
    selection.select(model_.index(row, 0), QItemSelectionModel::Select | QItemSelectionModel::Rows);
  EXPECT_EQ(selectedText(selection).toStdString(), "=1+\"x\"\t0.1\nq, k\t1099511627776");
}

}  // namespace
}  // namespace salient::ui
