// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/comparison.h"

#include <QCoreApplication>
#include <QFont>
#include <QMap>
#include <QSet>
#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>

#include "ui/models/jobs_model.h"
#include "ui/models/numbers.h"

namespace salient::ui {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// The context is the one lupdate gives to texts outside of a class.
QString tr(const char* text) {
  return QCoreApplication::translate("salient::ui", text);
}

QString shown(const std::string& text) {
  return QString::fromStdString(escape_for_message(text, 4096));
}

QString none() {
  return QStringLiteral("–");
}

/// A row of one text for each experiment.
ComparisonRow textRow(const QString& name, const Subjects& subjects,
                      const std::function<QString(const ReportSubject&)>& text) {
  ComparisonRow row;
  row.name = name;
  for (const ReportSubject& subject : subjects)
    row.cells.append(text(subject));
  row.differs = QSet<QString>(row.cells.begin(), row.cells.end()).size() > 1;
  return row;
}

QString textName(const std::optional<TextRecord>& text) {
  if (!text) return tr("none");
  const std::string name = std::filesystem::path(text->path).filename().string();
  const QString hash = QString::fromStdString(text->sha256.substr(0, 8));
  // From scores alone, the hash is all that is known.
  return name.empty() ? tr("SHA-256 %1…").arg(hash) : tr("%1 (%2)").arg(shown(name), hash);
}

struct Field {
  const char* path;
  const char* title;
};

const std::array kFields{
    Field{"allocation.budget", QT_TRANSLATE_NOOP("Comparison", "Budget counted in")},
    Field{"allocation.value", QT_TRANSLATE_NOOP("Comparison", "Budget")},
    Field{"allocation.uniform", QT_TRANSLATE_NOOP("Comparison", "Average bits of every linear")},
    Field{"allocation.rank", QT_TRANSLATE_NOOP("Comparison", "Rank by")},
    Field{"allocation.selection", QT_TRANSLATE_NOOP("Comparison", "Selection")},
    Field{"allocation.granularity", QT_TRANSLATE_NOOP("Comparison", "Unit")},
    Field{"allocation.row_multiple", QT_TRANSLATE_NOOP("Comparison", "Row multiple")},
    Field{"calibration.samples", QT_TRANSLATE_NOOP("Comparison", "Calibration: sequences")},
    Field{"calibration.length", QT_TRANSLATE_NOOP("Comparison", "Calibration: tokens of a sequence")},
    Field{"calibration.seed", QT_TRANSLATE_NOOP("Comparison", "Calibration: seed")},
    Field{"search.variant", QT_TRANSLATE_NOOP("Comparison", "Estimate of the salience")},
    Field{"quantization.method", QT_TRANSLATE_NOOP("Comparison", "Quantization: method")},
    Field{"quantization.clip", QT_TRANSLATE_NOOP("Comparison", "Quantization: clip search")},
    Field{"quantization.group", QT_TRANSLATE_NOOP("Comparison", "Quantization: group")},
    Field{"quantization.damping", QT_TRANSLATE_NOOP("Comparison", "Quantization: damping")},
    Field{"evaluation.scales", QT_TRANSLATE_NOOP("Comparison", "Evaluation: scales")},
    Field{"evaluation.length", QT_TRANSLATE_NOOP("Comparison", "Evaluation: tokens of a window")},
    Field{"evaluation.windows", QT_TRANSLATE_NOOP("Comparison", "Evaluation: windows (0: all)")}};

/// What core calls the choices of a recipe.
const std::array kWords{Field{"percent", QT_TRANSLATE_NOOP("Comparison", "percent of the features")},
                        Field{"average-bits", QT_TRANSLATE_NOOP("Comparison", "average bits")},
                        Field{"bytes", QT_TRANSLATE_NOOP("Comparison", "bytes")},
                        Field{"feature", QT_TRANSLATE_NOOP("Comparison", "output features")},
                        Field{"linear", QT_TRANSLATE_NOOP("Comparison", "whole linears")},
                        Field{"salience", QT_TRANSLATE_NOOP("Comparison", "salience")},
                        Field{"density", QT_TRANSLATE_NOOP("Comparison", "salience per extra byte")},
                        Field{"global", QT_TRANSLATE_NOOP("Comparison", "over the whole model")},
                        Field{"per-layer", QT_TRANSLATE_NOOP("Comparison", "same share of every linear")},
                        Field{"random", QT_TRANSLATE_NOOP("Comparison", "random")},
                        Field{"full", QT_TRANSLATE_NOOP("Comparison", "first and second order")},
                        Field{"second-order", QT_TRANSLATE_NOOP("Comparison", "second order only")},
                        Field{"diagonal-fisher", QT_TRANSLATE_NOOP("Comparison", "diagonal Fisher")},
                        Field{"first-order", QT_TRANSLATE_NOOP("Comparison", "first order only")},
                        Field{"mixllm", QT_TRANSLATE_NOOP("Comparison", "GPTQ with clip search")},
                        Field{"gptq", QT_TRANSLATE_NOOP("Comparison", "GPTQ")},
                        Field{"rtn", QT_TRANSLATE_NOOP("Comparison", "round to nearest")},
                        Field{"exact", QT_TRANSLATE_NOOP("Comparison", "exact")},
                        Field{"folded", QT_TRANSLATE_NOOP("Comparison", "folded")},
                        Field{"folded-token", QT_TRANSLATE_NOOP("Comparison", "folded, by token")}};

void flatten(const Json& json, const QString& prefix, QMap<QString, QString>& out) {
  for (const auto& [key, value] : json.items()) {
    const QString name = prefix + QString::fromStdString(key);
    if (value.is_object()) {
      flatten(value, name + QLatin1Char('.'), out);
    } else if (value.is_boolean()) {
      out[name] = value.get<bool>() ? tr("yes") : tr("no");
    } else if (value.is_string()) {
      out[name] = recipeChoiceText(shown(value.get<std::string>()));
    } else if (value.is_number_integer()) {
      out[name] = numbers::count(value.get<std::int64_t>());
    } else if (value.is_number()) {
      out[name] = numbers::significant(value.get<double>(), 6);
    } else {
      out[name] = shown(value.dump(-1, ' ', false, Json::error_handler_t::replace));
    }
  }
}

struct MetricLine {
  const char* model;
  const char* name;
  const char* title;
  QString (*text)(double value);
  int leastDecimals = -1;  ///< beside a standard error; negative: none is shown
};

QString plainCount(double value) {
  return numbers::count(std::llround(value));
}
QString perplexityText(double value) {
  return numbers::fixed(value, 4);
}
QString natsText(double value) {
  return numbers::fixed(value, 5);
}
QString shareText(double value) {
  return numbers::percent(100 * value, 2);
}
QString percentText(double value) {
  return numbers::percent(value, 2);
}
QString bitsText(double value) {
  return numbers::bits(value);
}

const std::array kSizes{
    MetricLine{"quantized", "percent", QT_TRANSLATE_NOOP("Comparison", "Features in 8 bit"), percentText},
    MetricLine{"quantized", "payload_bits", QT_TRANSLATE_NOOP("Comparison", "Payload bits a weight"), bitsText},
    MetricLine{"quantized", "effective_bits", QT_TRANSLATE_NOOP("Comparison", "Effective bits a weight"), bitsText},
    MetricLine{"quantized", "bytes", QT_TRANSLATE_NOOP("Comparison", "Quantized linears"), numbers::bytes},
    MetricLine{"quantized", "predicted_loss", QT_TRANSLATE_NOOP("Comparison", "Salience left in 4 bit"),
               numbers::nats}};

const std::array kMeasured{
    MetricLine{"quantized", "perplexity", QT_TRANSLATE_NOOP("Comparison", "Perplexity, quantized"), perplexityText, 3},
    MetricLine{"reference", "perplexity", QT_TRANSLATE_NOOP("Comparison", "Perplexity, 16 bit"), perplexityText, 3},
    MetricLine{"quantized", "kl_forward", QT_TRANSLATE_NOOP("Comparison", "KL(16 bit ‖ quantized), nats a token"),
               natsText, 0},
    MetricLine{"quantized", "kl_reverse", QT_TRANSLATE_NOOP("Comparison", "KL(quantized ‖ 16 bit), nats a token"),
               natsText, 0},
    MetricLine{"quantized", "top1", QT_TRANSLATE_NOOP("Comparison", "Same most likely token"), shareText},
    MetricLine{"quantized", "top5", QT_TRANSLATE_NOOP("Comparison", "Overlap of the top five tokens"), shareText},
    MetricLine{"quantized", "tokens", QT_TRANSLATE_NOOP("Comparison", "Predicted tokens"), plainCount},
    MetricLine{"quantized", "tokens_per_second", QT_TRANSLATE_NOOP("Comparison", "Speed, quantized"), numbers::rate},
    MetricLine{"reference", "tokens_per_second", QT_TRANSLATE_NOOP("Comparison", "Speed, 16 bit"), numbers::rate}};

/// A row of the metric, unless no experiment has it.
void addMetric(const MetricLine& line, const QVector<const std::vector<Metric>*>& metrics,
               QVector<ComparisonRow>& rows) {
  ComparisonRow row;
  row.name = QCoreApplication::translate("Comparison", line.title);
  bool any = false;
  for (const auto* list : metrics) {
    const auto found = list != nullptr ? figure(*list, line.model, line.name) : std::nullopt;
    const bool errs = found && found->error && *found->error > 0 && line.leastDecimals >= 0;
    const QString cell = errs    ? numbers::withError(found->value, *found->error, line.leastDecimals)
                         : found ? line.text(found->value)
                                 : none();
    row.cells.append(cell);
    row.values.append(found ? found->value : kNone);
    any = any || found.has_value();
  }
  row.differs = QSet<QString>(row.cells.begin(), row.cells.end()).size() > 1;
  if (any) rows.append(row);
}

QVector<LinearId> linearsOf(const Subjects& subjects) {
  std::vector<LinearId> ids;
  for (const ReportSubject& subject : subjects) {
    for (const LinearBits& linear : subject.map.linears)
      ids.push_back(linear.id);
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return {ids.begin(), ids.end()};
}

}  // namespace

QString recipeFieldTitle(const QString& path) {
  const auto found = std::find_if(kFields.begin(), kFields.end(),
                                  [&](const Field& field) { return path == QLatin1String(field.path); });
  return found == kFields.end() ? path : QCoreApplication::translate("Comparison", found->title);
}

QString recipeChoiceText(const QString& name) {
  const auto found =
      std::find_if(kWords.begin(), kWords.end(), [&](const Field& word) { return name == QLatin1String(word.path); });
  return found == kWords.end() ? name : QCoreApplication::translate("Comparison", found->title);
}

QStringList subjectTitles(const Subjects& subjects) {
  QStringList titles;
  for (const ReportSubject& subject : subjects) {
    titles.append(tr("No. %1: %2").arg(numbers::count(subject.experiment.id), methodName(subject.experiment)));
  }
  return titles;
}

QVector<ComparisonRow> recipeRows(const Subjects& subjects) {
  QVector<ComparisonRow> rows;
  const auto add = [&](const QString& name, const std::function<QString(const Experiment&)>& text) {
    rows.append(textRow(name, subjects, [&](const ReportSubject& subject) { return text(subject.experiment); }));
  };
  add(tr("Model"), [](const Experiment& e) { return shown(e.start.model.path); });
  add(tr("Model's fingerprint"),
      [](const Experiment& e) { return QString::fromStdString(e.start.model.fingerprint.substr(0, 12)); });
  add(tr("Method"), [](const Experiment& e) { return methodName(e); });
  add(tr("Calibration text"), [](const Experiment& e) { return textName(e.start.calibration); });
  add(tr("Evaluation text"), [](const Experiment& e) { return textName(e.start.evaluation); });
  QVector<QMap<QString, QString>> recipes;
  QStringList fields;
  for (const ReportSubject& subject : subjects) {
    recipes.append(QMap<QString, QString>());
    flatten(recipe_json(subject.experiment.start.recipe), {}, recipes.last());
    for (const QString& field : recipes.last().keys())
      if (!fields.contains(field)) fields.append(field);
  }
  for (const QString& field : fields) {
    ComparisonRow row;
    row.name = recipeFieldTitle(field);
    for (const auto& recipe : recipes)
      row.cells.append(recipe.value(field, none()));
    row.differs = QSet<QString>(row.cells.begin(), row.cells.end()).size() > 1;
    rows.append(row);
  }
  add(tr("Program"), [](const Experiment& e) { return tr("salient %1").arg(shown(e.start.version)); });
  add(tr("Backend"), [](const Experiment& e) { return shown(e.start.backend); });
  add(tr("Processor"), [](const Experiment& e) { return shown(e.start.machine.processor); });
  add(tr("Begun"), [](const Experiment& e) { return timeText(e.created); });
  add(tr("Status"), [](const Experiment& e) { return statusText(QString::fromStdString(e.status)); });
  add(tr("Packed model"), [](const Experiment& e) { return e.exported ? shown(e.exported->path) : none(); });
  return rows;
}

QVector<ComparisonRow> metricRows(const Subjects& subjects) {
  QVector<ComparisonRow> rows;
  QVector<const std::vector<Metric>*> runs;
  QVector<TextKey> texts;
  for (const ReportSubject& subject : subjects) {
    runs.append(&subject.experiment.metrics);
    for (const TextKey& key : textsOf(subject.experiment))
      if (!texts.contains(key)) texts.append(key);
  }
  for (const MetricLine& line : kSizes)
    addMetric(line, runs, rows);
  for (const TextKey& key : texts) {
    ComparisonRow heading;
    heading.name = tr("On %1").arg(key.label());
    heading.heading = true;
    heading.cells = QStringList(QVector<QString>(static_cast<int>(subjects.size())));
    rows.append(heading);
    QVector<const std::vector<Metric>*> measured;
    for (const ReportSubject& subject : subjects)
      measured.append(metricsOn(subject.experiment, key));
    for (const MetricLine& line : kMeasured)
      addMetric(line, measured, rows);
  }
  return rows;
}

QStringList linearTitles(const Subjects& subjects) {
  QStringList titles = subjectTitles(subjects);
  for (std::size_t i = 1; i < subjects.size(); ++i) {
    titles.append(tr("Rows that differ, %1 from %2")
                      .arg(numbers::count(subjects[i].experiment.id), numbers::count(subjects[0].experiment.id)));
  }
  return titles;
}

QVector<ComparisonRow> linearRows(const Subjects& subjects) {
  std::vector<std::vector<LinearDifference>> differences;
  for (std::size_t i = 1; i < subjects.size(); ++i)
    differences.push_back(compare_bit_maps(subjects[0].map, subjects[i].map));
  QVector<ComparisonRow> rows;
  for (const LinearId id : linearsOf(subjects)) {
    ComparisonRow row;
    row.name = QString::fromStdString(linear_name(id));
    for (const ReportSubject& subject : subjects) {
      const LinearBits* found = subject.map.find(id);
      if (found == nullptr) {
        row.cells.append(none());
        row.values.append(kNone);
        continue;
      }
      const double share = 100 * static_cast<double>(found->rows8.size()) / static_cast<double>(found->rows);
      row.cells.append(tr("%1 of %2 (%3)")
                           .arg(numbers::count(static_cast<std::int64_t>(found->rows8.size())),
                                numbers::count(found->rows), numbers::percent(share)));
      row.values.append(static_cast<double>(found->rows8.size()));
    }
    for (const auto& list : differences) {
      const auto found =
          std::find_if(list.begin(), list.end(), [&](const LinearDifference& linear) { return linear.id == id; });
      const std::int64_t count = found == list.end() ? 0 : found->rows_that_differ;
      row.cells.append(numbers::count(count));
      row.values.append(static_cast<double>(count));
      row.differs = row.differs || count > 0;
    }
    rows.append(row);
  }
  return rows;
}

QVector<ComparisonRow> stageRows(const Subjects& subjects) {
  QStringList names;
  for (const ReportSubject& subject : subjects) {
    for (const StageTime& stage : subject.experiment.stages) {
      const QString name = shown(stage.name);
      if (!names.contains(name)) names.append(name);
    }
  }
  QVector<ComparisonRow> rows;
  for (const QString& name : names) {
    ComparisonRow row;
    row.name = JobsModel::stageText(name);
    for (const ReportSubject& subject : subjects) {
      double seconds = kNone;
      for (const StageTime& stage : subject.experiment.stages)
        if (shown(stage.name) == name) seconds = stage.seconds;
      row.cells.append(std::isnan(seconds) ? none() : tr("%1 s").arg(numbers::fixed(seconds, 1)));
      row.values.append(seconds);
    }
    rows.append(row);
  }
  return rows;
}

void ComparisonTable::set(const QString& first, const QStringList& titles, QVector<ComparisonRow> rows) {
  beginResetModel();
  titles_ = QStringList{first} + titles;
  rows_ = std::move(rows);
  endResetModel();
}

int ComparisonTable::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(rows_.size());
}

int ComparisonTable::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(titles_.size());
}

QVariant ComparisonTable::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid)) return {};
  const ComparisonRow& row = rows_[index.row()];
  const bool name = index.column() == 0;
  const int cell = index.column() - 1;
  switch (role) {
    case Qt::EditRole:
      if (!name && cell < row.values.size() && !std::isnan(row.values[cell])) return row.values[cell];
      [[fallthrough]];
    case Qt::DisplayRole:
    case Qt::ToolTipRole:
      if (!name) return row.cells.value(cell);
      return row.differs && role == Qt::DisplayRole ? QStringLiteral("≠ ") + row.name : row.name;
    case Qt::AccessibleTextRole:
      if (name) return row.differs ? tr("%1, differs").arg(row.name) : row.name;
      return row.cells.value(cell);
    case Qt::FontRole:
      if (name && row.heading) {
        QFont font;
        font.setBold(true);
        return font;
      }
      return {};
    case Qt::TextAlignmentRole:
      return QVariant::fromValue<Qt::Alignment>((name || row.values.isEmpty() ? Qt::AlignLeft : Qt::AlignRight) |
                                                Qt::AlignVCenter);
    case differsRole: return row.differs;
    default: return {};
  }
}

QVariant ComparisonTable::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation == Qt::Horizontal) return role == Qt::DisplayRole ? titles_.value(section) : QVariant();
  if (role == Qt::TextAlignmentRole) return QVariant::fromValue<Qt::Alignment>(Qt::AlignLeft | Qt::AlignVCenter);
  if (role == Qt::DisplayRole || role == Qt::ToolTipRole || role == Qt::FontRole || role == Qt::AccessibleTextRole)
    return data(index(section, 0), role);
  return {};
}

}  // namespace salient::ui
