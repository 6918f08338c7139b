// SPDX-License-Identifier: GPL-3.0-or-later
// The tensors of a model, sorted and filtered in the background: a hundred thousand rows never hold up the window.
#pragma once

#include <QAbstractTableModel>
#include <QJsonArray>
#include <QString>
#include <QStringList>
#include <QThreadPool>
#include <QVector>
#include <atomic>
#include <functional>
#include <memory>

#include "ui/models/error_info.h"

namespace salient::ui {

class TensorTableModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Column { nameColumn, dtypeColumn, shapeColumn, bytesColumn, fileColumn, columns };

  explicit TensorTableModel(QObject* parent = nullptr);
  ~TensorTableModel() override;

  /// `tensors` of the operation `inspect`. → updated()
  void setTensors(const QJsonArray& tensors);
  /// Rows that hold each of these words, in any column and in either case. Words apart by spaces. → updated()
  void setFilter(const QString& words);
  void sort(int column, Qt::SortOrder order = Qt::AscendingOrder) override;  ///< → updated()

  [[nodiscard]] int total() const;  ///< tensors, shown or not
  [[nodiscard]] quint64 shownBytes() const { return shownBytes_; }
  [[nodiscard]] bool busy() const { return applied_ != wanted_; }

  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

  /// RFC 4180 with a title line, made in the background: of these rows, or of all that are shown.
  void makeCsv(const QVector<int>& rows, std::function<void(const QByteArray&)> then);
  /// All that are shown, durably into a file; `then` gets an error without a code when all went well.
  void writeCsv(const QString& file, std::function<void(const ErrorInfo&)> then);

  struct Tensor;
  struct Arrangement;

 signals:
  void updated();  ///< what was asked last is what is shown now

 private:
  [[nodiscard]] static QStringList csvTitles();
  void arrange();
  void apply(quint64 generation, const Arrangement& arrangement);

  std::shared_ptr<const QVector<Tensor>> tensors_;
  QVector<int> order_;  ///< shown row → tensor
  quint64 shownBytes_ = 0;
  QString filter_;
  int sortColumn_ = nameColumn;
  Qt::SortOrder sortOrder_ = Qt::AscendingOrder;
  std::shared_ptr<std::atomic<quint64>> newest_;  ///< what the background still has to do
  quint64 wanted_ = 0;
  quint64 applied_ = 0;
  QThreadPool pool_;  ///< one thread: requests are answered in their order
};

}  // namespace salient::ui
