// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/kept_budgets.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <algorithm>

#include "core/base/file.h"
#include "core/search/scores.h"
#include "ui/models/budget_model.h"
#include "ui/models/jobs_model.h"
#include "ui/models/numbers.h"
#include "ui/models/session.h"

namespace salient::ui {
namespace {

constexpr std::uint64_t kMostBytes = 16 << 20;

/// A part of a directory's name.
QString slug(const QString& name) {
  QString text;
  for (const QChar c : name) {
    if (c.isLetterOrNumber())
      text += c.toLower();
    else if (!text.isEmpty() && !text.endsWith(QLatin1Char('-')))
      text += QLatin1Char('-');
  }
  while (text.endsWith(QLatin1Char('-')))
    text.chop(1);
  return text.isEmpty() ? QStringLiteral("budget") : text;
}

}  // namespace

QJsonObject KeptBudget::json() const {
  return {{"name", name},
          {"scores", scores},
          {"recipe", recipe},
          {"percent", percent},
          {"payload_bits", payloadBits},
          {"effective_bits", effectiveBits},
          {"bytes", bytes},
          {"salience_left", salienceLeft}};
}

KeptBudget KeptBudget::from(const QJsonObject& json) {
  const auto number = [&](const char* key) { return json.value(QLatin1String(key)).toDouble(); };
  return {json.value(QLatin1String("name")).toString(),
          json.value(QLatin1String("scores")).toString(),
          json.value(QLatin1String("recipe")).toObject(),
          number("percent"),
          number("payload_bits"),
          number("effective_bits"),
          number("bytes"),
          number("salience_left")};
}

KeptBudgets::KeptBudgets(Session& session, BudgetModel& budget, QObject* parent)
    : QAbstractTableModel(parent), session_(session), budget_(budget) {
  writer_.setMaxThreadCount(1);
  load();
  showScores();
  connect(&session, &Session::scoresChanged, this, &KeptBudgets::showScores);
  const JobQueue& jobs = session.jobs();
  connect(&jobs, &JobQueue::jobAdded, this, &KeptBudgets::jobChanged);
  connect(&jobs, &JobQueue::jobChanged, this, &KeptBudgets::jobChanged);
  connect(&jobs, &JobQueue::jobRemoved, this, &KeptBudgets::jobChanged);
}

KeptBudgets::~KeptBudgets() {
  writer_.waitForDone();
}

QString KeptBudgets::file() const {
  return QDir(session_.dataDirectory()).filePath(QStringLiteral("budgets.json"));
}

/// Small, this program's own, and read once.
void KeptBudgets::load() {
  QFile kept(file());
  if (!kept.exists() || kept.size() > static_cast<qint64>(kMostBytes) || !kept.open(QIODevice::ReadOnly)) return;
  const QJsonArray budgets = QJsonDocument::fromJson(kept.readAll()).object().value(QLatin1String("budgets")).toArray();
  for (const QJsonValue& entry : budgets)
    others_.push_back(KeptBudget::from(entry.toObject()));
}

void KeptBudgets::save() {
  QJsonArray budgets;
  for (const auto* list : {&others_, &rows_})
    for (const KeptBudget& budget : *list)
      budgets.append(budget.json());
  writer_.start([this, path = file(), text = QJsonDocument(QJsonObject{{"budgets", budgets}}).toJson()] {
    const auto status = write_file_durably(QFile::encodeName(path).toStdString(), text.toStdString());
    if (status) return;
    QMetaObject::invokeMethod(
        this, [this, error = ErrorInfo::from(status.error())] { emit storageFailed(error); }, Qt::QueuedConnection);
  });
}

QString KeptBudgets::scoresKey() const {
  const auto scores = session_.scores();
  if (!scores) return {};
  const auto text = [](std::string_view value) {
    return QString::fromUtf8(value.data(), static_cast<qsizetype>(value.size()));
  };
  return QStringLiteral("%1/%2/%3/%4/%5x%6/%7")
      .arg(text(scores->model_fingerprint), text(scores->text_fingerprint),
           text(salience_variant_name(scores->variant)))
      .arg(scores->group)
      .arg(scores->samples)
      .arg(scores->length)
      .arg(scores->seed);
}

void KeptBudgets::showScores() {
  beginResetModel();
  others_ += rows_;
  rows_.clear();
  const QString key = scoresKey();
  if (!key.isEmpty()) {
    const auto own = std::stable_partition(others_.begin(), others_.end(),
                                           [&](const KeptBudget& budget) { return budget.scores != key; });
    rows_ = QVector<KeptBudget>(own, others_.end());
    others_.erase(own, others_.end());
  }
  endResetModel();
}

void KeptBudgets::jobChanged() {
  if (!rows_.isEmpty()) emit dataChanged(index(0, State), index(rowCount() - 1, State), {Qt::DisplayRole});
}

int KeptBudgets::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(rows_.size());
}

int KeptBudgets::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : ColumnCount;
}

QVariant KeptBudgets::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const KeptBudget& budget = rows_.at(index.row());
  if (role == Qt::TextAlignmentRole && index.column() != Name && index.column() != State)
    return QVariant::fromValue(Qt::Alignment(Qt::AlignRight | Qt::AlignVCenter));
  if (role == Qt::DisplayRole) {
    switch (index.column()) {
      case Name: return budget.name;
      case Share: return numbers::percent(budget.percent);
      case Payload: return numbers::bits(budget.payloadBits);
      case Effective: return numbers::bits(budget.effectiveBits);
      case Size: return numbers::bytes(budget.bytes);
      case Salience: return numbers::nats(budget.salienceLeft);
      case State: return stateText(budget);
      default: return {};
    }
  }
  if (role == Qt::EditRole) {
    switch (index.column()) {
      case Name: return budget.name;
      case Share: return budget.percent;
      case Payload: return budget.payloadBits;
      case Effective: return budget.effectiveBits;
      case Size: return budget.bytes;
      case Salience: return budget.salienceLeft;
      case State: return stateText(budget);
      default: return {};
    }
  }
  return {};
}

QVariant KeptBudgets::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
    return QAbstractTableModel::headerData(section, orientation, role);
  switch (section) {
    case Name: return tr("Name");
    case Share: return tr("8-bit share");
    case Payload: return tr("Payload");
    case Effective: return tr("Effective");
    case Size: return tr("Size");
    case Salience: return tr("Σ salience left");
    case State: return tr("Measured");
    default: return {};
  }
}

Qt::ItemFlags KeptBudgets::flags(const QModelIndex& index) const {
  const Qt::ItemFlags flags = QAbstractTableModel::flags(index);
  return index.isValid() && index.column() == Name ? flags | Qt::ItemIsEditable : flags;
}

bool KeptBudgets::setData(const QModelIndex& index, const QVariant& value, int role) {
  const QString name = value.toString().simplified();
  if (role != Qt::EditRole || !checkIndex(index, CheckIndexOption::IndexIsValid) || index.column() != Name ||
      name.isEmpty())
    return false;
  rows_[index.row()].name = freeName(name, index.row());
  emit dataChanged(index, index.siblingAtColumn(State));
  save();
  return true;
}

/// Budgets of one name would be written to one directory.
QString KeptBudgets::freeName(const QString& wanted, int except) const {
  const auto taken = [&](const QString& name) {
    for (int row = 0; row < rowCount(); ++row)
      if (row != except && slug(rows_.at(row).name) == slug(name)) return true;
    return false;
  };
  QString name = wanted;
  for (int number = 2; taken(name); ++number)
    name = tr("%1 (%2)").arg(wanted).arg(number);
  return name;
}

QString KeptBudgets::proposedName() const {
  const auto budget = budgetOf(session_.recipe().values());
  if (!budget) return {};
  switch (budget->kind) {
    case Budget::Kind::percent: return numbers::percent(budget->value, 2);
    case Budget::Kind::average_bits: return tr("%1 bits").arg(numbers::fixed(budget->value, 3));
    case Budget::Kind::bytes: return numbers::bytes(budget->value);
  }
  return {};
}

int KeptBudgets::keep(const QString& name) {
  const Ranking::Point* point = budget_.point();
  if (point == nullptr) return -1;
  const int row = rowCount();
  const QString wanted = name.simplified().isEmpty() ? proposedName() : name.simplified();
  beginInsertRows({}, row, row);
  rows_.push_back({freeName(wanted, -1), scoresKey(), session_.recipe().values(), point->percent,
                   point->size.payload_bits(), point->size.effective_bits(),
                   static_cast<double>(point->size.total_bytes), budget_.salienceLeft()});
  endInsertRows();
  save();
  return row;
}

void KeptBudgets::remove(int row) {
  if (row < 0 || row >= rowCount()) return;
  beginRemoveRows({}, row, row);
  rows_.removeAt(row);
  endRemoveRows();
  save();
}

void KeptBudgets::use(int row) {
  session_.recipe().replace(rows_.at(row).recipe, tr("Budget %1").arg(rows_.at(row).name));
}

QJsonObject KeptBudgets::made(const KeptBudget& budget) const {
  RecipeDocument recipe;
  recipe.replace(budget.recipe, {});
  QJsonObject made = recipe.requestKeys(QStringLiteral("quantize"));
  made.insert(QStringLiteral("op"), QStringLiteral("quantize"));
  made.insert(QStringLiteral("model"), session_.modelPath());
  made.insert(QStringLiteral("scores"), session_.scoresFile());
  return made;
}

/// Where its packed model is, or goes: never where something else lies, be it a budget of the same name.
QString KeptBudgets::output(const KeptBudget& budget) const {
  const QString key = QStringLiteral("output");
  if (const JobRecord* job = jobOf(budget)) return job->request.value(key).toString();
  const QString name = slug(budget.name);
  QString path = session_.defaultOutput(name);
  const auto taken = [&] {
    const auto& jobs = session_.jobs().jobs();
    return QFileInfo::exists(path) || std::any_of(jobs.begin(), jobs.end(), [&](const JobRecord& job) {
             return job.request.value(key).toString() == path;
           });
  };
  for (int number = 2; taken(); ++number)
    path = session_.defaultOutput(QStringLiteral("%1-%2").arg(name).arg(number));
  return path;
}

QJsonObject KeptBudgets::request(int row) const {
  const KeptBudget& budget = rows_.at(row);
  QJsonObject request = made(budget);
  request.insert(QStringLiteral("output"), output(budget));
  request.insert(QStringLiteral("experiments"), session_.experimentsFile());
  if (session_.evaluationText().isEmpty()) return request;
  request.insert(QStringLiteral("evaluation"), session_.evaluationText());
  for (const auto& key : {QStringLiteral("evaluation_length"), QStringLiteral("evaluation_windows")})
    request.insert(key, budget.recipe.value(key));
  return request;
}

qint64 KeptBudgets::queue(int row) {
  const KeptBudget& budget = rows_.at(row);
  const JobRecord* known = jobOf(budget);
  if (known != nullptr && !known->finishedForGood() && known->state != JobRecord::State::cancelled &&
      known->state != JobRecord::State::failed)
    return known->id;
  return session_.jobs().add(tr("Measure %1 of %2").arg(budget.name, session_.modelName()), request(row));
}

bool KeptBudgets::measured(int row) const {
  const JobRecord* job = jobOf(rows_.at(row));
  return job != nullptr && job->finishedForGood();
}

/// The newest job that makes this budget's packed model.
const JobRecord* KeptBudgets::jobOf(const KeptBudget& budget) const {
  const QJsonObject wanted = made(budget);
  const JobRecord* newest = nullptr;
  for (const JobRecord& job : session_.jobs().jobs()) {
    bool same = true;
    for (auto key = wanted.begin(); same && key != wanted.end(); ++key)
      same = job.request.value(key.key()) == *key;
    if (!same) continue;
    if (newest == nullptr || job.id > newest->id) newest = &job;
  }
  return newest;
}

QString KeptBudgets::stateText(const KeptBudget& budget) const {
  const JobRecord* job = jobOf(budget);
  if (job == nullptr) return tr("not yet");
  if (job->state != JobRecord::State::done) return JobsModel::stateText(*job);
  const auto number = job->result.value(QLatin1String("experiment")).toInteger();
  return number > 0 ? tr("experiment %1").arg(number) : tr("done");
}

}  // namespace salient::ui
