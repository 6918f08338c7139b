// SPDX-License-Identifier: GPL-3.0-or-later
// Experiments side by side: recipe, metrics and bit maps as rows with a cell for each experiment. A single experiment
// is a comparison of one.
#pragma once

#include <QAbstractTableModel>
#include <QString>
#include <QStringList>
#include <QVector>
#include <vector>

#include "core/experiment/report_html.h"
#include "ui/models/experiment_figures.h"

namespace salient::ui {

using Subjects = std::vector<ReportSubject>;

struct ComparisonRow {
  QString name;
  QStringList cells;
  bool differs = false;      ///< the cells are not all the same
  bool heading = false;      ///< a name over the rows that follow
  QVector<double> values{};  ///< of the cells, where they are numbers: for other programs
};

/// "No. 12: MixLLM" for each experiment.
[[nodiscard]] QStringList subjectTitles(const Subjects& subjects);
/// A field of a recipe ("allocation.rank") and a choice of one ("density") in words; what is not known stays.
[[nodiscard]] QString recipeFieldTitle(const QString& path);
[[nodiscard]] QString recipeChoiceText(const QString& name);
/// Model, texts, program and every field of the recipe.
[[nodiscard]] QVector<ComparisonRow> recipeRows(const Subjects& subjects);
/// Sizes, then what was measured on each text, with ± one standard error.
[[nodiscard]] QVector<ComparisonRow> metricRows(const Subjects& subjects);
/// Each linear's features in 8 bit; then for all but the first experiment how many of its rows have another width than
/// in the first one.
[[nodiscard]] QVector<ComparisonRow> linearRows(const Subjects& subjects);
[[nodiscard]] QStringList linearTitles(const Subjects& subjects);
/// Time of each stage.
[[nodiscard]] QVector<ComparisonRow> stageRows(const Subjects& subjects);

class ComparisonTable : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Role { differsRole = Qt::UserRole + 1 };
  explicit ComparisonTable(QObject* parent = nullptr) : QAbstractTableModel(parent) {}

  /// `first`: title of the column of names.
  void set(const QString& first, const QStringList& titles, QVector<ComparisonRow> rows);
  [[nodiscard]] const QVector<ComparisonRow>& rows() const { return rows_; }

  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
  /// Names are column 0 for the plot's table and for files, and the row's header for a view that keeps them in sight.
  /// What differs is led by "≠" and said by AccessibleTextRole.
  [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  QStringList titles_;
  QVector<ComparisonRow> rows_;
};

}  // namespace salient::ui
