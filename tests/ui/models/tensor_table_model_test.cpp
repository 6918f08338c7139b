// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/tensor_table_model.h"

#include <gtest/gtest.h>

#include <QAbstractItemModelTester>
#include <QFile>
#include <QJsonObject>
#include <QTemporaryDir>

#include "tests/ui/support/waiting.h"
#include "ui/models/natural_order.h"

namespace salient::ui {
namespace {

QJsonObject tensor(const QString& name, const QString& dtype, const QList<qint64>& shape, qint64 bytes,
                   const QString& file) {
  QJsonArray sizes;
  for (const qint64 size : shape)
    sizes.append(size);
  return {{"name", name}, {"dtype", dtype}, {"shape", sizes}, {"bytes", bytes}, {"file", file}};
}

QJsonArray fewTensors() {
  return {tensor(QStringLiteral("model.layers.10.mlp.up_proj.weight"), QStringLiteral("BF16"), {16, 8}, 256,
                 QStringLiteral("model-00002.safetensors")),
          tensor(QStringLiteral("model.layers.2.mlp.up_proj.weight"), QStringLiteral("F32"), {16, 8}, 512,
                 QStringLiteral("model-00001.safetensors")),
          tensor(QStringLiteral("model.norm.weight"), QStringLiteral("BF16"), {8}, 16,
                 QStringLiteral("model-00001.safetensors")),
          tensor(QStringLiteral("a \"scalar\", =1"), QStringLiteral("F32"), {}, 4,
                 QStringLiteral("model-00002.safetensors"))};
}

QStringList names(const TensorTableModel& model) {
  QStringList all;
  for (int row = 0; row < model.rowCount(); ++row)
    all << model.index(row, TensorTableModel::nameColumn).data().toString();
  return all;
}

class TensorTable : public ::testing::Test {
 protected:
  void show(const QJsonArray& tensors) {
    model_.setTensors(tensors);
    ASSERT_TRUE(settled());
  }
  bool settled() {
    return waitFor([&] { return !model_.busy(); });
  }

  TensorTableModel model_;
  QAbstractItemModelTester tester_{&model_, QAbstractItemModelTester::FailureReportingMode::Fatal};
};

TEST(NaturalOrder, NumbersCountAsNumbers) {
  EXPECT_TRUE(naturallyBefore(u"layers.2.a", u"layers.10.a"));
  EXPECT_FALSE(naturallyBefore(u"layers.10.a", u"layers.2.a"));
  EXPECT_TRUE(naturallyBefore(u"a", u"a1"));
  EXPECT_TRUE(naturallyBefore(u"a99999999999999999998", u"a99999999999999999999"));
  EXPECT_FALSE(naturallyBefore(u"a1", u"a1"));
}

TEST_F(TensorTable, SortsLayersByNumber) {
  show(fewTensors());
  EXPECT_EQ(names(model_),
            (QStringList{QStringLiteral("a \"scalar\", =1"), QStringLiteral("model.layers.2.mlp.up_proj.weight"),
                         QStringLiteral("model.layers.10.mlp.up_proj.weight"), QStringLiteral("model.norm.weight")}));
  EXPECT_EQ(model_.shownBytes(), 788U);
  EXPECT_EQ(model_.index(1, TensorTableModel::shapeColumn).data().toString(), QStringLiteral("16 × 8"));
}

TEST_F(TensorTable, SortsByBytesAndKeepsTheSelectionOnItsRow) {
  show(fewTensors());
  const QPersistentModelIndex norm(model_.index(3, TensorTableModel::nameColumn));
  ASSERT_EQ(norm.data().toString(), QStringLiteral("model.norm.weight"));
  model_.sort(TensorTableModel::bytesColumn, Qt::DescendingOrder);
  ASSERT_TRUE(settled());
  EXPECT_EQ(names(model_).front(), QStringLiteral("model.layers.2.mlp.up_proj.weight"));
  EXPECT_EQ(norm.data().toString(), QStringLiteral("model.norm.weight"));
  EXPECT_EQ(norm.row(), 2);
}

TEST_F(TensorTable, FiltersByEachWordInAnyColumn) {
  show(fewTensors());
  model_.setFilter(QStringLiteral("  UP_proj 00002 "));
  ASSERT_TRUE(settled());
  EXPECT_EQ(names(model_), QStringList{QStringLiteral("model.layers.10.mlp.up_proj.weight")});
  EXPECT_EQ(model_.total(), 4);
  model_.setFilter(QStringLiteral("no such"));
  ASSERT_TRUE(settled());
  EXPECT_EQ(model_.rowCount(), 0);
  model_.setFilter(QString());
  ASSERT_TRUE(settled());
  EXPECT_EQ(model_.rowCount(), 4);
}

TEST_F(TensorTable, WritesWhatIsShownAsCsv) {
  show(fewTensors());
  QByteArray csv;
  model_.makeCsv({0, 3}, [&](const QByteArray& made) { csv = made; });
  ASSERT_TRUE(waitFor([&] { return !csv.isEmpty(); }));
  EXPECT_EQ(csv,
            "Tensor,Data type,Shape,Bytes,File\r\n"
            "\"a \"\"scalar\"\", =1\",F32,,4,model-00002.safetensors\r\n"
            "model.norm.weight,BF16,8,16,model-00001.safetensors\r\n");
  const QTemporaryDir directory;
  bool written = false;
  model_.writeCsv(directory.filePath(QStringLiteral("t.csv")), [&](const ErrorInfo& error) {
    EXPECT_TRUE(error.code.isEmpty()) << qPrintable(error.message);
    written = true;
  });
  ASSERT_TRUE(waitFor([&] { return written; }));
  QFile file(directory.filePath(QStringLiteral("t.csv")));
  ASSERT_TRUE(file.open(QIODevice::ReadOnly));
  EXPECT_EQ(file.readAll().count('\n'), 5);
  bool refused = false;
  model_.writeCsv(directory.filePath(QStringLiteral("t.csv/beneath a file.csv")),
                  [&](const ErrorInfo& error) { refused = !error.message.isEmpty(); });
  EXPECT_TRUE(waitFor([&] { return refused; }));
}

TEST_F(TensorTable, AnotherModelTakesThePlaceOfTheFirst) {
  model_.setTensors(fewTensors());
  model_.setTensors({tensor(QStringLiteral("only"), QStringLiteral("F32"), {1}, 4, QStringLiteral("x"))});
  ASSERT_TRUE(settled());
  EXPECT_EQ(names(model_), QStringList{QStringLiteral("only")});
}

TEST_F(TensorTable, AHundredThousandRowsAreArrangedInTheBackground) {
  QJsonArray many;
  for (int i = 0; i < 100'000; ++i) {
    many.append(tensor(QStringLiteral("model.layers.%1.mlp.experts.%2.up_proj.weight").arg(i / 1000).arg(i % 1000),
                       i % 2 == 0 ? QStringLiteral("BF16") : QStringLiteral("F32"), {i % 7 + 1, 128}, 256 * (i % 7 + 1),
                       QStringLiteral("model-%1-of-00100.safetensors").arg(i / 1000)));
  }
  show(many);
  ASSERT_EQ(model_.rowCount(), 100'000);
  // Asking changes nothing at once; only the last of several questions is shown.
  model_.sort(TensorTableModel::shapeColumn, Qt::DescendingOrder);
  model_.setFilter(QStringLiteral("f3"));
  model_.setFilter(QStringLiteral("f32"));
  EXPECT_EQ(model_.rowCount(), 100'000);
  EXPECT_TRUE(model_.busy());
  ASSERT_TRUE(settled());
  EXPECT_EQ(model_.rowCount(), 50'000);
  EXPECT_EQ(model_.index(0, TensorTableModel::shapeColumn).data().toString(), QStringLiteral("7 × 128"));
  EXPECT_EQ(model_.index(49'999, TensorTableModel::shapeColumn).data().toString(), QStringLiteral("1 × 128"));
}

}  // namespace
}  // namespace salient::ui
