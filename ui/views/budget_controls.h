// SPDX-License-Identifier: GPL-3.0-or-later
// The budget: one slider and its three readings, which are inputs as well; the options of the ranking; what it gives.
// Every edit goes through the recipe and can be undone; what another page or undo changes shows here.
#pragma once

#include <QVector>
#include <QWidget>
#include <utility>

#include "core/search/allocation.h"
#include "ui/models/token_rate.h"

class QDoubleSpinBox;
class QFormLayout;
class QGroupBox;
class QLabel;
class QRadioButton;
class QSlider;

namespace salient::ui {

class BudgetModel;
class Session;

class BudgetControls : public QWidget {
  Q_OBJECT
 public:
  BudgetControls(Session& session, BudgetModel& budget, QWidget* parent = nullptr);

  void refresh();  ///< the budget, or what it gives, is another
  void refreshLimits();
  void setRate(const TokenRate& rate);
  void step(int steps);         ///< of the slider
  void choose(double percent);  ///< the budget that has this share, in the kind that is entered
  [[nodiscard]] QSlider& slider() { return *slider_; }

 private:
  struct Reading {
    Budget::Kind kind;
    QRadioButton* button;
    QDoubleSpinBox* box;
  };
  [[nodiscard]] QWidget* makeBudget();
  [[nodiscard]] QGroupBox* makeOptions();
  [[nodiscard]] QGroupBox* makeOutcome();
  void addReading(QFormLayout* form, Budget::Kind kind, QDoubleSpinBox* box, const QString& name, const QString& label,
                  const QString& tip);
  QLabel* addFact(QFormLayout* form, const QString& name, const QString& label, const QString& tip);
  void set(Budget::Kind kind, double value);
  void slide(int position);
  void refreshRate();
  [[nodiscard]] Budget::Kind kind() const;
  [[nodiscard]] std::pair<double, double> range(Budget::Kind kind) const;
  [[nodiscard]] double reading(Budget::Kind kind) const;  ///< of the point

  Session& session_;
  BudgetModel& budget_;
  QSlider* slider_ = nullptr;
  QVector<Reading> readings_;
  QLabel* share_ = nullptr;
  QLabel* payload_ = nullptr;
  QLabel* effective_ = nullptr;
  QLabel* size_ = nullptr;
  QLabel* salience_ = nullptr;
  QLabel* rounding_ = nullptr;
  QLabel* rate_ = nullptr;
  QLabel* rateSource_ = nullptr;
  QGroupBox* outcome_ = nullptr;
  QLabel* problem_ = nullptr;
  TokenRate tokenRate_;
};

}  // namespace salient::ui
