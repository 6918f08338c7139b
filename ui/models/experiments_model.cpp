// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/experiments_model.h"

#include <algorithm>
#include <filesystem>

#include "core/base/file.h"
#include "ui/models/core_sentences.h"
#include "ui/models/numbers.h"

namespace salient::ui {
namespace {

std::filesystem::path pathOf(const QString& file) {
  return std::filesystem::path(file.toLocal8Bit().toStdString());
}

Result<Subjects> read(const std::filesystem::path& path, const QVector<qint64>& ids) {
  SALIENT_ASSIGN(Store store, Store::open(path, Store::Access::read_only));
  Subjects subjects;
  for (const qint64 id : ids) {
    SALIENT_ASSIGN(ReportSubject subject, read_report_subject(store, id));
    subjects.push_back(std::move(subject));
  }
  return subjects;
}

bool sameMetrics(const std::vector<Metric>& a, const std::vector<Metric>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Metric& x, const Metric& y) {
    return x.model == y.model && x.name == y.name && x.value == y.value && x.standard_error == y.standard_error;
  });
}

/// Of two readings of one record: what can change after it began.
bool sameRecord(const Experiment& a, const Experiment& b) {
  return a.id == b.id && a.status == b.status && a.finished == b.finished && a.annotation == b.annotation &&
         a.error == b.error && a.start.fingerprint == b.start.fingerprint && sameMetrics(a.metrics, b.metrics) &&
         std::equal(a.later.begin(), a.later.end(), b.later.begin(), b.later.end(),
                    [](const LaterEvaluation& x, const LaterEvaluation& y) {
                      return x.id == y.id && x.created == y.created && sameMetrics(x.metrics, y.metrics);
                    });
}

}  // namespace

struct ExperimentsModel::Snapshot {
  qint64 number = 0;
  std::vector<std::shared_ptr<const Experiment>> rows;
  QStringList notes;
  bool writable = false;
  std::optional<ErrorInfo> error;
};

ExperimentsModel::ExperimentsModel(QObject* parent) : QAbstractTableModel(parent) {
  pool_.setMaxThreadCount(1);
}

ExperimentsModel::~ExperimentsModel() {
  pool_.clear();
  pool_.waitForDone();
}

void ExperimentsModel::setFile(const QString& file) {
  if (file != file_) merge({});
  file_ = file;
  reload();
}

void ExperimentsModel::reload() {
  if (file_.isEmpty()) return;
  ++loading_;
  pool_.start([this, path = pathOf(file_), number = ++newest_] {
    auto snapshot = std::make_shared<Snapshot>();
    snapshot->number = number;
    std::error_code ignored;
    // No file yet is no failure: nothing was recorded so far.
    if (!std::filesystem::exists(path, ignored)) {
      snapshot->writable = true;
    } else if (auto store = Store::open(path); !store) {
      snapshot->error = ErrorInfo::from(store.error());
    } else {
      snapshot->writable = store->writing();
      for (const std::string& note : store->notes())
        snapshot->notes.append(coreSentence(QString::fromStdString(note)));
      auto all = store->list();
      if (!all) {
        snapshot->error = ErrorInfo::from(all.error());
      } else {
        for (Experiment& experiment : *all)
          snapshot->rows.push_back(std::make_shared<const Experiment>(std::move(experiment)));
      }
    }
    QMetaObject::invokeMethod(
        this, [this, snapshot] { take(*snapshot); }, Qt::QueuedConnection);
  });
}

void ExperimentsModel::take(const Snapshot& snapshot) {
  --loading_;
  if (snapshot.number != newest_) return;
  if (snapshot.error) {
    emit failed(*snapshot.error);
    return;
  }
  writable_ = snapshot.writable;
  notes_ = snapshot.notes;
  merge(snapshot.rows);
  emit loaded();
}

void ExperimentsModel::merge(std::vector<std::shared_ptr<const Experiment>> next) {
  if (rows_.empty() && !next.empty()) {
    beginInsertRows({}, 0, static_cast<int>(next.size()) - 1);
    rows_ = std::move(next);
    endInsertRows();
    return;
  }
  // Both are sorted by falling number.
  std::size_t row = 0;
  for (auto& experiment : next) {
    while (row < rows_.size() && rows_[row]->id > experiment->id) {
      beginRemoveRows({}, static_cast<int>(row), static_cast<int>(row));
      rows_.erase(rows_.begin() + static_cast<std::ptrdiff_t>(row));
      endRemoveRows();
    }
    if (row < rows_.size() && rows_[row]->id == experiment->id) {
      if (!sameRecord(*rows_[row], *experiment)) {
        rows_[row] = std::move(experiment);
        emit dataChanged(index(static_cast<int>(row), 0), index(static_cast<int>(row), columns - 1));
      }
    } else {
      beginInsertRows({}, static_cast<int>(row), static_cast<int>(row));
      rows_.insert(rows_.begin() + static_cast<std::ptrdiff_t>(row), std::move(experiment));
      endInsertRows();
    }
    ++row;
  }
  if (row < rows_.size()) {
    beginRemoveRows({}, static_cast<int>(row), static_cast<int>(rows_.size()) - 1);
    rows_.resize(row);
    endRemoveRows();
  }
}

int ExperimentsModel::rowOf(qint64 id) const {
  const auto found = std::find_if(rows_.begin(), rows_.end(), [id](const auto& row) { return row->id == id; });
  return found == rows_.end() ? -1 : static_cast<int>(found - rows_.begin());
}

QVector<TextKey> ExperimentsModel::texts() const {
  struct Counted {
    TextKey key;
    int count = 0;
  };
  QVector<Counted> all;
  for (const auto& experiment : rows_) {
    for (const TextKey& key : textsOf(*experiment)) {
      const auto known = std::find_if(all.begin(), all.end(), [&](const Counted& c) { return c.key == key; });
      if (known == all.end()) {
        all.append({key, 1});
      } else {
        ++known->count;
      }
    }
  }
  std::stable_sort(all.begin(), all.end(), [](const Counted& a, const Counted& b) { return a.count > b.count; });
  QVector<TextKey> keys;
  for (const Counted& counted : all)
    keys.append(counted.key);
  return keys;
}

void ExperimentsModel::setText(const TextKey& text) {
  if (text == text_) return;
  text_ = text;
  if (!rows_.empty()) emit dataChanged(index(0, perplexity), index(static_cast<int>(rows_.size()) - 1, speed));
}

void ExperimentsModel::annotate(qint64 id, const QString& note) {
  change([id, text = note.toStdString()](Store& store) { return store.annotate(id, text); });
}

void ExperimentsModel::remove(const QVector<qint64>& ids) {
  change([ids](Store& store) -> Status {
    for (const qint64 id : ids) {
      const Status removed = store.remove(id);
      // Somebody else was faster.
      if (!removed && removed.error().code != ErrorCode::not_found) return removed;
    }
    return {};
  });
}

void ExperimentsModel::change(std::function<Status(Store&)> work) {
  pool_.start([this, path = pathOf(file_), work = std::move(work)] {
    const auto outcome = [&]() -> Status {
      SALIENT_ASSIGN(Store store, Store::open(path));
      return work(store);
    }();
    QMetaObject::invokeMethod(
        this,
        [this, outcome] {
          if (outcome) {
            emit changed();
          } else {
            emit failed(ErrorInfo::from(outcome.error()));
          }
          reload();
        },
        Qt::QueuedConnection);
  });
}

void ExperimentsModel::readSubjects(const QVector<qint64>& ids) {
  pool_.start([this, path = pathOf(file_), ids, number = ++comparing_] {
    auto found = std::make_shared<Result<Subjects>>(read(path, ids));
    QMetaObject::invokeMethod(
        this,
        [this, found, number] {
          if (number != comparing_) return;
          if (*found) {
            emit subjectsRead(std::make_shared<const Subjects>(std::move(**found)));
          } else {
            emit failed(ErrorInfo::from(found->error()));
          }
        },
        Qt::QueuedConnection);
  });
}

void ExperimentsModel::write(const QVector<qint64>& ids, const QString& file,
                             std::function<std::string(const Subjects&)> make) {
  pool_.start([this, path = pathOf(file_), ids, file, make = std::move(make)] {
    const auto outcome = [&]() -> Status {
      SALIENT_ASSIGN(const Subjects subjects, read(path, ids));
      return write_file_durably(pathOf(file), make(subjects));
    }();
    QMetaObject::invokeMethod(
        this,
        [this, outcome, file] {
          if (outcome) {
            emit written(file);
          } else {
            emit failed(ErrorInfo::from(outcome.error()));
          }
        },
        Qt::QueuedConnection);
  });
}

int ExperimentsModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(rows_.size());
}

int ExperimentsModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : columns;
}

QVariant ExperimentsModel::value(const Experiment& e, int column) const {
  const auto number_of = [](std::optional<double> value) { return value ? QVariant(*value) : QVariant(); };
  const auto quality = [&](Quality which) {
    const auto found = qualityOf(e, text_, which);
    return found ? QVariant(found->value) : QVariant();
  };
  switch (column) {
    case number: return static_cast<qlonglong>(e.id);
    case model: return modelName(e);
    case method: return methodName(e);
    case payloadBits: return number_of(costOf(e, text_, Cost::payloadBits));
    case effectiveBits: return number_of(costOf(e, text_, Cost::effectiveBits));
    case size: return number_of(costOf(e, text_, Cost::bytes));
    case perplexity: return quality(Quality::perplexity);
    case divergence: return quality(Quality::klForward);
    case agreement: return quality(Quality::top1);
    case speed: return number_of(costOf(e, text_, Cost::speed));
    case status: return statusText(QString::fromStdString(e.status));
    case created: return QString::fromStdString(e.created);
    case annotation: return QString::fromStdString(escape_for_message(e.annotation, 4096));
    default: return {};
  }
}

QVariant ExperimentsModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid)) return {};
  const Experiment& e = at(index.row());
  const int column = index.column();
  if (role == idRole) return static_cast<qlonglong>(e.id);
  if (role == Qt::TextAlignmentRole) {
    const bool left = column == model || column == method || column >= status;
    return QVariant::fromValue<Qt::Alignment>((left ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
  }
  if (role == Qt::ToolTipRole) {
    if (column == model) return QString::fromStdString(escape_for_message(e.start.model.path, 4096));
    if (column == status && !e.error.empty())
      return errorLine(QString::fromStdString(escape_for_message(e.error, 4096)));
    if (column == annotation) return value(e, annotation);
    return {};
  }
  if (role != Qt::DisplayRole && role != Qt::EditRole) return {};
  const QVariant raw = value(e, column);
  if (role == Qt::EditRole || !raw.isValid()) return raw;
  const double number_value = raw.toDouble();
  switch (column) {
    case number: return numbers::count(e.id);
    case payloadBits: return costText(Cost::payloadBits, number_value);
    case effectiveBits: return costText(Cost::effectiveBits, number_value);
    case size: return costText(Cost::bytes, number_value);
    case perplexity: return qualityText(Quality::perplexity, number_value);
    case divergence: return qualityText(Quality::klForward, number_value);
    case agreement: return qualityText(Quality::top1, number_value);
    case speed: return costText(Cost::speed, number_value);
    case created: return timeText(e.created);
    default: return raw;
  }
}

QVariant ExperimentsModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || (role != Qt::DisplayRole && role != Qt::ToolTipRole)) return {};
  const bool tip = role == Qt::ToolTipRole;
  switch (section) {
    case number: return tip ? tr("The experiment's number in the file") : tr("No.");
    case model: return tip ? tr("The 16-bit model's directory") : tr("Model");
    case method: return tip ? tr("How weights were quantized and 8-bit features chosen") : tr("Method");
    case payloadBits: return tip ? tr("Bits of the codes alone, a weight") : tr("Payload");
    case effectiveBits: return tip ? tr("With scales, zero points and row indices, a weight") : tr("Effective");
    case size: return tip ? tr("Bytes of the quantized linears as stored") : tr("Size");
    case perplexity: return tip ? tr("On the chosen text; lower is better") : tr("Perplexity");
    case divergence: return tip ? tr("KL(16 bit ‖ quantized) on the chosen text; lower is better") : tr("KL");
    case agreement: return tip ? tr("Positions with the same most likely token as in 16 bit") : tr("Top-1");
    case speed: return tip ? tr("Of the evaluation's forward passes") : tr("Speed");
    case status: return tr("Status");
    case created: return tr("Begun");
    case annotation: return tr("Note");
    default: return {};
  }
}

ExperimentsFilter::ExperimentsFilter(ExperimentsModel& source, QObject* parent)
    : QSortFilterProxyModel(parent), experiments_(source) {
  setSortRole(Qt::EditRole);
  setSourceModel(&source);
}

void ExperimentsFilter::setModel(const QString& fingerprint) {
  fingerprint_ = fingerprint;
  invalidateFilter();
}

void ExperimentsFilter::setMethod(const QString& method) {
  method_ = method;
  invalidateFilter();
}

void ExperimentsFilter::setStatus(const QString& status) {
  status_ = status;
  invalidateFilter();
}

void ExperimentsFilter::setOnlyMeasured(bool on) {
  onlyMeasured_ = on;
  invalidateFilter();
}

bool ExperimentsFilter::filterAcceptsRow(int row, const QModelIndex&) const {
  const Experiment& e = experiments_.at(row);
  if (!fingerprint_.isEmpty() && fingerprint_ != QString::fromStdString(e.start.model.fingerprint)) return false;
  if (!method_.isEmpty() && method_ != methodName(e)) return false;
  if (!status_.isEmpty() && status_ != QString::fromStdString(e.status)) return false;
  return !onlyMeasured_ || metricsOn(e, experiments_.text()) != nullptr;
}

}  // namespace salient::ui
