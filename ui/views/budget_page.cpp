// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/budget_page.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSlider>
#include <QSplitter>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/models/budget_model.h"
#include "ui/models/kept_budgets.h"
#include "ui/plots/table_look.h"
#include "ui/views/budget_charts.h"
#include "ui/views/budget_controls.h"
#include "ui/views/empty_state.h"
#include "ui/views/error_panel.h"
#include "ui/views/upright_scroll.h"

namespace salient::ui {
namespace {

constexpr int kMostName = 24;  ///< letters of a name where there is no room for more

}  // namespace

BudgetPage::BudgetPage(Session& session, QWidget* parent)
    : Page(session, QLatin1String(page::budget), parent), budget_(BudgetModel::of(session)), measured_(session) {
  keptBudgets_ = new KeptBudgets(session, budget_, this);
  controls_ = new BudgetControls(session, budget_, this);
  curve_ = new BudgetCurve(budget_, *keptBudgets_, measured_, this);
  map_ = new BudgetMap(budget_, this);
  keep_ = addPageAction(QStringLiteral("budget.keep"), tr("&Keep this budget"),
                        tr("Puts the budget into the list below, under the name beside it"),
                        QKeySequence(Qt::CTRL | Qt::Key_K), &BudgetPage::keep);
  queue_ =
      addPageAction(QStringLiteral("budget.queue"), tr("&Measure"),
                    tr("Quantizes with the selected budgets and measures them on the evaluation text, one after the "
                       "other, as jobs; without a selection all that were not measured yet"),
                    QKeySequence(Qt::CTRL | Qt::Key_Return), &BudgetPage::queue);
  use_ = addPageAction(QStringLiteral("budget.use"), tr("&Take over"),
                       tr("Makes the selected budget the recipe again; can be undone"),
                       QKeySequence(Qt::CTRL | Qt::Key_T), &BudgetPage::use);
  remove_ = addPageAction(QStringLiteral("budget.remove"), tr("Remove from the &list"),
                          tr("Forgets the selected budgets; what was measured stays"),
                          QKeySequence(Qt::CTRL | Qt::Key_Backspace), &BudgetPage::remove);

  auto* scroll = new UprightScroll(this);
  scroll->hold(controls_);
  auto* right = new QSplitter(Qt::Vertical, this);
  right->setObjectName(QStringLiteral("budget.right"));
  right->addWidget(curve_);
  right->addWidget(map_);
  right->addWidget(makeKept());
  right->setStretchFactor(0, 4);
  right->setStretchFactor(1, 3);
  right->setStretchFactor(2, 2);
  auto* parts = new QSplitter(Qt::Horizontal, this);
  parts->setObjectName(QStringLiteral("budget.parts"));
  parts->addWidget(scroll);
  parts->addWidget(right);
  parts->setStretchFactor(0, 0);
  parts->setStretchFactor(1, 1);
  for (QSplitter* splitter : {right, parts})
    splitter->setChildrenCollapsible(false);
  content_ = parts;
  empty_ = new EmptyState(QStringLiteral("budget.empty"), this);
  stack_ = new QStackedWidget(this);
  stack_->addWidget(empty_);
  stack_->addWidget(content_);
  auto* layout = new QVBoxLayout(this);
  layout->addWidget(stack_);

  connect(&budget_, &BudgetModel::stateChanged, this, &BudgetPage::refresh);
  connect(&budget_, &BudgetModel::pointChanged, this, &BudgetPage::refreshPoint);
  connect(&measured_, &MeasuredPoints::changed, this, [this] {
    controls_->setRate(measured_.rate());
    if (measured_.error().code.isEmpty())
      error_->clear();
    else
      error_->show(tr("Measured points cannot be read"), measured_.error());
  });
  connect(curve_, &BudgetCurve::chosen, controls_, &BudgetControls::choose);
  connect(curve_, &BudgetCurve::stepped, controls_, &BudgetControls::step);
  connect(&session, &Session::modelOpened, this, &BudgetPage::showState);
  connect(&session, &Session::textsChanged, this,
          [this] { curve_->setEvaluationText(this->session().evaluationText()); });
  connect(empty_, &EmptyState::pressed, this, [this] {
    this->session().requestPage(QLatin1String(this->session().isSearchable() ? page::search : page::start));
  });
  for (const auto change : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved})
    connect(keptBudgets_, change, curve_, &BudgetCurve::refreshKept);
  connect(keptBudgets_, &QAbstractItemModel::modelReset, curve_, &BudgetCurve::refreshKept);
  connect(keptBudgets_, &KeptBudgets::storageFailed, this,
          [this](const ErrorInfo& error) { error_->show(tr("The list cannot be kept"), error); });
  curve_->setEvaluationText(session.evaluationText());
  controls_->setRate(measured_.rate());
  refresh();
}

QAction* BudgetPage::addPageAction(const QString& name, const QString& text, const QString& tip,
                                   const QKeySequence& shortcut, void (BudgetPage::*act)()) {
  auto* action = new QAction(text, this);
  action->setObjectName(name);
  action->setToolTip(tip);
  action->setShortcut(shortcut);
  action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
  connect(action, &QAction::triggered, this, act);
  addAction(action);
  actions_ << action;
  return action;
}

QWidget* BudgetPage::makeKept() {
  auto* panel = new QWidget(this);
  name_ = new QLineEdit(panel);
  name_->setObjectName(QStringLiteral("budget.name"));
  name_->setAccessibleName(tr("Name of the budget"));
  name_->setToolTip(tr("The name to keep the budget under; empty: what it is"));
  name_->setClearButtonEnabled(true);
  name_->setMaxLength(60);
  connect(name_, &QLineEdit::returnPressed, keep_, &QAction::trigger);
  auto* label = new QLabel(tr("&Name:"), panel);
  label->setBuddy(name_);
  auto* row = new QHBoxLayout;
  row->addWidget(label);
  row->addWidget(name_, 1);
  for (QAction* action : actions_) {
    auto* button = new QPushButton(action->text(), panel);
    button->setObjectName(action->objectName() + QStringLiteral(".button"));
    button->setToolTip(action->toolTip());
    button->setEnabled(action->isEnabled());
    connect(button, &QPushButton::clicked, action, &QAction::trigger);
    connect(action, &QAction::changed, button, [button, action] { button->setEnabled(action->isEnabled()); });
    row->addWidget(button);
  }
  table_ = new QTableView(panel);
  table_->setObjectName(QStringLiteral("budget.kept"));
  table_->setAccessibleName(tr("Kept budgets"));
  table_->setModel(keptBudgets_);
  lookLikeAList(*table_).fitContents(KeptBudgets::Name, kMostName * fontMetrics().averageCharWidth());
  sayWhenEmpty(*table_, tr("Keep budgets under names here, then measure them one after the other."));
  table_->setEditTriggers(QAbstractItemView::EditKeyPressed | QAbstractItemView::SelectedClicked);  // names
  connect(table_, &QTableView::doubleClicked, use_, &QAction::trigger);
  connect(table_->selectionModel(), &QItemSelectionModel::selectionChanged, this, &BudgetPage::refreshActions);
  connect(keptBudgets_, &QAbstractItemModel::dataChanged, this, &BudgetPage::refreshActions);
  error_ = new ErrorPanel(QStringLiteral("budget.error"), panel);
  auto* layout = new QVBoxLayout(panel);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addLayout(row);
  layout->addWidget(table_, 1);
  layout->addWidget(error_);
  return panel;
}

void BudgetPage::activated() {
  if (stack_->currentWidget() == content_) controls_->slider().setFocus();
}

void BudgetPage::showEvent(QShowEvent* event) {
  Page::showEvent(event);
  if (stale_) refreshPoint();
}

void BudgetPage::refresh() {
  controls_->refreshLimits();
  map_->refresh();
  curve_->refresh();
  showState();
  refreshPoint();
}

void BudgetPage::refreshPoint() {
  stale_ = !isVisible();
  if (stale_) return;
  controls_->refresh();
  curve_->refreshPoint();
  map_->refreshPoint();
  name_->setPlaceholderText(keptBudgets_->proposedName());
  refreshActions();
}

void BudgetPage::refreshActions() {
  const bool selected = !selectedRows().isEmpty();
  keep_->setEnabled(budget_.point() != nullptr);
  use_->setEnabled(selectedRows().size() == 1);
  remove_->setEnabled(selected);
  queue_->setEnabled(keptBudgets_->rowCount() > 0 && session().isSearchable());
}

void BudgetPage::showState() {
  const auto state = budget_.state();
  // Options that do not go together are shown beside the options, where they can be changed.
  const bool content =
      session().scores() != nullptr && (budget_.scores() != nullptr || state == BudgetModel::State::failed);
  if (!content) {
    if (state == BudgetModel::State::preparing)
      empty_->set(tr("Ranking the output features…"), {});
    else if (session().isPacked())
      empty_->set(tr("No scores"), session().whyNotSearchable(), tr("Open a model"));
    else if (session().hasModel())
      empty_->set(tr("No scores yet"),
                  tr("A search finds out how much each output feature of the model matters; a budget then takes "
                     "milliseconds."),
                  tr("Search first"));
    else
      empty_->set(tr("No model yet"), tr("Open a model, or the sample that comes with the studio."),
                  tr("Open a model"));
  }
  stack_->setCurrentWidget(content ? content_ : empty_);
  refreshActions();
}

QVector<int> BudgetPage::selectedRows() const {
  QVector<int> rows;
  for (const QModelIndex& index : table_->selectionModel()->selectedRows())
    rows << index.row();
  std::sort(rows.begin(), rows.end());
  return rows;
}

void BudgetPage::keep() {
  const int row = keptBudgets_->keep(name_->text());
  if (row < 0) return;
  name_->clear();
  table_->selectRow(row);
  session().announce(tr("Kept: %1").arg(keptBudgets_->at(row).name));
}

void BudgetPage::use() {
  const QVector<int> rows = selectedRows();
  if (rows.size() == 1) keptBudgets_->use(rows.first());
}

void BudgetPage::remove() {
  QVector<int> rows = selectedRows();
  std::reverse(rows.begin(), rows.end());
  for (const int row : rows)
    keptBudgets_->remove(row);
}

void BudgetPage::queue() {
  QVector<int> rows = selectedRows();
  if (rows.isEmpty()) {
    for (int row = 0; row < keptBudgets_->rowCount(); ++row)
      if (!keptBudgets_->measured(row)) rows << row;
  }
  for (const int row : rows)
    keptBudgets_->queue(row);
  const QString waiting = session().evaluationText().isEmpty()
                              ? tr("Queued to be quantized: %1. Without an evaluation text nothing is measured.")
                              : tr("Queued to be measured: %1");
  session().announce(waiting.arg(rows.size()));
}

}  // namespace salient::ui
