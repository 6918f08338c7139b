// SPDX-License-Identifier: GPL-3.0-or-later
// What the whole job would take on each device of this machine, before anything starts: with the chosen texts and
// recipe where both texts are chosen, otherwise with default settings.
#pragma once

#include <QAbstractTableModel>
#include <QJsonObject>
#include <QString>
#include <QVector>

#include "ui/models/error_info.h"
#include "ui/models/session.h"

namespace salient::ui {

class DeviceEstimates : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Column {
    deviceColumn,
    verdictColumn,
    memoryColumn,
    memoryFreeColumn,
    diskColumn,
    diskFreeColumn,
    timeColumn,
    columns
  };
  enum class State { asking, fits, refused };

  explicit DeviceEstimates(Session& session, QObject* parent = nullptr);

  /// Asks again if the model, the texts or the recipe changed since it asked last.
  void refresh();
  [[nodiscard]] State state(int row) const { return rows_[row].state; }
  [[nodiscard]] const ErrorInfo& error(int row) const { return rows_[row].error; }
  [[nodiscard]] bool withTexts() const { return withTexts_; }
  /// Why there are no other devices; empty where there are.
  [[nodiscard]] const QString& deviceNote() const { return deviceNote_; }

  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 signals:
  void changed();

 private:
  struct Row {
    QString id = {};
    QString name = {};
    State state = State::asking;
    QJsonObject estimate = {};  ///< memory_bytes, memory_available, disk_bytes, disk_available, seconds, stages
    ErrorInfo error = {};
    WorkerClient::Id question = 0;
  };
  [[nodiscard]] QJsonObject questionFor(const QString& device) const;
  void setDevices(const QJsonObject& result);
  void ask(Row& row);
  void answered(WorkerClient::Id id, const QJsonObject& result);
  void refused(WorkerClient::Id id, const ErrorInfo& error);
  [[nodiscard]] QString stagesText(const Row& row) const;

  Session& session_;
  QVector<Row> rows_;
  WorkerClient::Id devicesQuestion_ = 0;
  QJsonObject asked_;  ///< the question about the processor, as asked last
  bool withTexts_ = false;
  QString deviceNote_;
};

}  // namespace salient::ui
