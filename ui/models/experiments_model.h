// SPDX-License-Identifier: GPL-3.0-or-later
// The experiments of a store as a table, newest first. The file is read and changed in the background; a record that
// changes, comes or goes changes its row alone, so that selections stay.
#pragma once

#include <QAbstractTableModel>
#include <QSortFilterProxyModel>
#include <QString>
#include <QThreadPool>
#include <QVector>
#include <functional>
#include <memory>
#include <vector>

#include "ui/models/comparison.h"
#include "ui/models/error_info.h"
#include "ui/models/experiment_figures.h"

namespace salient::ui {

class ExperimentsModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Column {
    number,
    model,
    method,
    payloadBits,
    effectiveBits,
    size,
    perplexity,
    divergence,
    agreement,
    speed,
    status,
    created,
    annotation,
    columns
  };
  enum Role { idRole = Qt::UserRole + 1 };

  explicit ExperimentsModel(QObject* parent = nullptr);
  ~ExperimentsModel() override;

  void setFile(const QString& file);  ///< and reads it
  void reload();
  [[nodiscard]] const QString& file() const { return file_; }
  [[nodiscard]] bool isLoading() const { return loading_ > 0; }
  [[nodiscard]] bool isWritable() const { return writable_; }
  /// What the store says about itself: open for reading only, migrated. Mostly empty.
  [[nodiscard]] const QStringList& notes() const { return notes_; }

  [[nodiscard]] const Experiment& at(int row) const { return *rows_[static_cast<std::size_t>(row)]; }
  [[nodiscard]] std::shared_ptr<const Experiment> shared(int row) const { return rows_[static_cast<std::size_t>(row)]; }
  [[nodiscard]] int rowOf(qint64 id) const;  ///< −1: not there

  /// All texts that something was measured on, the most frequent first.
  [[nodiscard]] QVector<TextKey> texts() const;
  /// Whose figures the columns show.
  void setText(const TextKey& text);
  [[nodiscard]] const TextKey& text() const { return text_; }

  // In the background; then changed() and a reload, or failed().
  void annotate(qint64 id, const QString& note);
  void remove(const QVector<qint64>& ids);

  /// Whole records with their bit maps, in the order of `ids` → subjectsRead() or failed(). Only the newest request is
  /// answered.
  void readSubjects(const QVector<qint64>& ids);
  /// A report of these records: `make` turns them into a file's bytes, in the background → written() or failed().
  void write(const QVector<qint64>& ids, const QString& file, std::function<std::string(const Subjects&)> make);

  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
  /// DisplayRole: for people; EditRole: the value itself.
  [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 signals:
  void loaded();   ///< also where nothing changed
  void changed();  ///< this model changed the file
  void subjectsRead(const std::shared_ptr<const salient::ui::Subjects>& subjects);
  void written(const QString& file);
  void failed(const salient::ui::ErrorInfo& error);

 private:
  struct Snapshot;
  void take(const Snapshot& snapshot);
  void merge(std::vector<std::shared_ptr<const Experiment>> next);
  void change(std::function<Status(Store&)> work);
  [[nodiscard]] QVariant value(const Experiment& experiment, int column) const;

  QString file_;
  std::vector<std::shared_ptr<const Experiment>> rows_;
  QStringList notes_;
  TextKey text_;
  bool writable_ = false;
  int loading_ = 0;
  qint64 newest_ = 0;     ///< counts reads: what an older one brings is dropped
  qint64 comparing_ = 0;  ///< the same for readSubjects()
  QThreadPool pool_;      ///< one thread, so that changes and reads keep their order; ends before the rest
};

/// Rows of an ExperimentsModel by model, method, status and whether the chosen text was measured.
class ExperimentsFilter : public QSortFilterProxyModel {
  Q_OBJECT
 public:
  explicit ExperimentsFilter(ExperimentsModel& source, QObject* parent = nullptr);
  void setModel(const QString& fingerprint);  ///< empty: any; so for the next two
  void setMethod(const QString& method);
  void setStatus(const QString& status);
  void setOnlyMeasured(bool on);

 protected:
  [[nodiscard]] bool filterAcceptsRow(int row, const QModelIndex& parent) const override;

 private:
  ExperimentsModel& experiments_;
  QString fingerprint_;
  QString method_;
  QString status_;
  bool onlyMeasured_ = false;
};

}  // namespace salient::ui
