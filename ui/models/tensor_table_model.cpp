// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/tensor_table_model.h"

#include <QFile>
#include <QJsonObject>
#include <QLocale>
#include <QStringList>
#include <algorithm>
#include <limits>
#include <numeric>
#include <string>

#include "core/base/file.h"
#include "core/base/format.h"
#include "ui/models/natural_order.h"

namespace salient::ui {

struct TensorTableModel::Tensor {
  QString name;
  QString dtype;
  QString shape;
  QString file;
  qint64 elements = 1;
  qint64 bytes = 0;
  int rank = 0;  ///< place among all names
};

struct TensorTableModel::Arrangement {
  std::shared_ptr<const QVector<Tensor>> tensors;
  QVector<int> order;
  quint64 bytes = 0;
};

namespace {

using Tensor = TensorTableModel::Tensor;
using Tensors = std::shared_ptr<const QVector<Tensor>>;

Tensors read(const QJsonArray& array) {
  auto tensors = std::make_shared<QVector<Tensor>>();
  tensors->reserve(array.size());
  for (const QJsonValue value : array) {
    const QJsonObject object = value.toObject();
    Tensor tensor;
    tensor.name = object.value(QLatin1String("name")).toString();
    tensor.dtype = object.value(QLatin1String("dtype")).toString();
    tensor.file = object.value(QLatin1String("file")).toString();
    tensor.bytes = object.value(QLatin1String("bytes")).toInteger();
    QStringList sizes;
    for (const QJsonValue size : object.value(QLatin1String("shape")).toArray()) {
      sizes << QString::number(size.toInteger());
      tensor.elements *= size.toInteger();
    }
    tensor.shape = sizes.join(QStringLiteral(" × "));
    tensors->append(tensor);
  }
  QVector<int> order(tensors->size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](int a, int b) { return naturallyBefore(tensors->at(a).name, tensors->at(b).name); });
  for (int i = 0; i < order.size(); ++i)
    (*tensors)[order[i]].rank = i;
  return tensors;
}

bool holds(const Tensor& tensor, const QStringList& words) {
  return std::all_of(words.begin(), words.end(), [&](const QString& word) {
    return tensor.name.contains(word, Qt::CaseInsensitive) || tensor.dtype.contains(word, Qt::CaseInsensitive) ||
           tensor.shape.contains(word) || tensor.file.contains(word, Qt::CaseInsensitive);
  });
}

/// Below zero when `a` comes first in the order of a column; names decide between equals.
bool before(const Tensor& a, const Tensor& b, int column, bool descending) {
  const auto by = [&](const auto& left, const auto& right) { return descending ? right < left : left < right; };
  switch (column) {
    case TensorTableModel::dtypeColumn:
      if (a.dtype != b.dtype) return by(a.dtype, b.dtype);
      break;
    case TensorTableModel::shapeColumn:
      if (a.elements != b.elements) return by(a.elements, b.elements);
      break;
    case TensorTableModel::bytesColumn:
      if (a.bytes != b.bytes) return by(a.bytes, b.bytes);
      break;
    case TensorTableModel::fileColumn:
      if (a.file != b.file) return descending ? naturallyBefore(b.file, a.file) : naturallyBefore(a.file, b.file);
      break;
    default: return by(a.rank, b.rank);
  }
  return a.rank < b.rank;
}

TensorTableModel::Arrangement arranged(Tensors tensors, const QString& filter, int column, Qt::SortOrder order) {
  TensorTableModel::Arrangement result;
  const QStringList words = filter.split(QLatin1Char(' '), Qt::SkipEmptyParts);
  for (int i = 0; i < tensors->size(); ++i) {
    if (!holds(tensors->at(i), words)) continue;
    result.order.append(i);
    result.bytes += static_cast<quint64>(tensors->at(i).bytes);
  }
  std::sort(result.order.begin(), result.order.end(),
            [&](int a, int b) { return before(tensors->at(a), tensors->at(b), column, order == Qt::DescendingOrder); });
  result.tensors = std::move(tensors);
  return result;
}

QByteArray csvOfTensors(const QVector<Tensor>& tensors, const QVector<int>& which, const QStringList& titles) {
  std::string csv;
  const auto line = [&](const QStringList& fields) {
    for (int i = 0; i < fields.size(); ++i) {
      if (i > 0) csv += ',';
      csv += csv_field(fields[i].toStdString());
    }
    csv += "\r\n";
  };
  line(titles);
  for (const int i : which) {
    const Tensor& tensor = tensors[i];
    line({tensor.name, tensor.dtype, tensor.shape, QString::number(tensor.bytes), tensor.file});
  }
  return QByteArray::fromStdString(csv);
}

}  // namespace

TensorTableModel::TensorTableModel(QObject* parent)
    : QAbstractTableModel(parent),
      tensors_(std::make_shared<QVector<Tensor>>()),
      newest_(std::make_shared<std::atomic<quint64>>(0)) {
  pool_.setMaxThreadCount(1);
}

TensorTableModel::~TensorTableModel() {
  *newest_ = std::numeric_limits<quint64>::max();  // what waits is not done any more
  pool_.waitForDone();
}

void TensorTableModel::setTensors(const QJsonArray& tensors) {
  ++wanted_;
  *newest_ = wanted_;
  // Asked for later than this, in the same thread: nothing shows rows of the model before.
  pool_.start([this, tensors, generation = wanted_, newest = newest_] {
    Tensors read_tensors = read(tensors);
    QMetaObject::invokeMethod(
        this,
        [this, read_tensors] {
          beginResetModel();
          tensors_ = read_tensors;
          order_.clear();
          endResetModel();
          arrange();
        },
        Qt::QueuedConnection);
  });
}

void TensorTableModel::setFilter(const QString& words) {
  if (words == filter_) return;
  filter_ = words;
  arrange();
}

void TensorTableModel::sort(int column, Qt::SortOrder order) {
  if (column < 0 || (column == sortColumn_ && order == sortOrder_)) return;
  sortColumn_ = column;
  sortOrder_ = order;
  arrange();
}

void TensorTableModel::arrange() {
  *newest_ = ++wanted_;
  pool_.start([this, tensors = tensors_, filter = filter_, column = sortColumn_, order = sortOrder_,
               generation = wanted_, newest = newest_] {
    if (*newest != generation) return;
    auto result = std::make_shared<const Arrangement>(arranged(tensors, filter, column, order));
    QMetaObject::invokeMethod(
        this, [this, generation, result] { apply(generation, *result); }, Qt::QueuedConnection);
  });
}

void TensorTableModel::apply(quint64 generation, const Arrangement& arrangement) {
  if (generation != wanted_ || arrangement.tensors != tensors_) return;
  const bool same_rows = arrangement.order.size() == order_.size();
  if (same_rows) {
    // Another order: the selection moves along with its rows.
    emit layoutAboutToBeChanged({}, VerticalSortHint);
    QVector<int> row_of(tensors_->size(), -1);
    for (int row = 0; row < arrangement.order.size(); ++row)
      row_of[arrangement.order[row]] = row;
    const QModelIndexList old = persistentIndexList();
    QModelIndexList moved;
    moved.reserve(old.size());
    for (const QModelIndex& index : old) {
      const int row = row_of[order_[index.row()]];
      moved.append(row < 0 ? QModelIndex() : createIndex(row, index.column()));
    }
    order_ = arrangement.order;
    changePersistentIndexList(old, moved);
    shownBytes_ = arrangement.bytes;
    emit layoutChanged({}, VerticalSortHint);
  } else {
    beginResetModel();
    order_ = arrangement.order;
    shownBytes_ = arrangement.bytes;
    endResetModel();
  }
  applied_ = generation;
  emit updated();
}

int TensorTableModel::total() const {
  return static_cast<int>(tensors_->size());
}

int TensorTableModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(order_.size());
}

int TensorTableModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : columns;
}

QVariant TensorTableModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const Tensor& tensor = tensors_->at(order_[index.row()]);
  if (role == Qt::TextAlignmentRole) {
    return index.column() == bytesColumn || index.column() == shapeColumn ? QVariant(Qt::AlignRight | Qt::AlignVCenter)
                                                                          : QVariant(Qt::AlignLeft | Qt::AlignVCenter);
  }
  if (role == Qt::ToolTipRole && index.column() == bytesColumn) {
    return tr("%1 bytes").arg(QLocale().toString(tensor.bytes));
  }
  if (role == Qt::ToolTipRole && index.column() == shapeColumn) {
    return tr("%1 values").arg(QLocale().toString(tensor.elements));
  }
  if (role != Qt::DisplayRole && role != Qt::ToolTipRole) return {};
  switch (index.column()) {
    case nameColumn: return tensor.name;
    case dtypeColumn: return tensor.dtype;
    case shapeColumn: return tensor.shape.isEmpty() ? tr("scalar") : tensor.shape;
    case bytesColumn: return QLocale().formattedDataSize(tensor.bytes, 2);
    case fileColumn: return tensor.file;
    default: return {};
  }
}

QVariant TensorTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (role != Qt::DisplayRole) return {};
  if (orientation == Qt::Vertical) return section + 1;
  switch (section) {
    case nameColumn: return tr("Tensor");
    case dtypeColumn: return tr("Data type");
    case shapeColumn: return tr("Shape");
    case bytesColumn: return tr("Size");
    case fileColumn: return tr("File");
    default: return {};
  }
}

void TensorTableModel::makeCsv(const QVector<int>& rows, std::function<void(const QByteArray&)> then) {
  QVector<int> which;
  for (const int row : rows)
    which.append(order_[row]);
  if (rows.isEmpty()) which = order_;
  pool_.start([this, tensors = tensors_, which, titles = csvTitles(), then = std::move(then)] {
    const QByteArray csv = csvOfTensors(*tensors, which, titles);
    QMetaObject::invokeMethod(
        this, [csv, then] { then(csv); }, Qt::QueuedConnection);
  });
}

void TensorTableModel::writeCsv(const QString& file, std::function<void(const ErrorInfo&)> then) {
  pool_.start([this, tensors = tensors_, which = order_, titles = csvTitles(), file, then = std::move(then)] {
    const QByteArray csv = csvOfTensors(*tensors, which, titles);
    const Status written = write_file_durably(QFile::encodeName(file).toStdString(),
                                              {csv.constData(), static_cast<std::size_t>(csv.size())});
    const ErrorInfo error = written ? ErrorInfo() : ErrorInfo::from(written.error());
    QMetaObject::invokeMethod(
        this, [error, then] { then(error); }, Qt::QueuedConnection);
  });
}

QStringList TensorTableModel::csvTitles() {
  return {tr("Tensor"), tr("Data type"), tr("Shape"), tr("Bytes"), tr("File")};
}

}  // namespace salient::ui
