// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/salience_page.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

#include "core/search/scores.h"
#include "ui/models/budget_model.h"
#include "ui/models/numbers.h"
#include "ui/models/salience_figures.h"
#include "ui/views/empty_state.h"
#include "ui/views/salience_feature.h"
#include "ui/views/salience_linear.h"
#include "ui/views/salience_overview.h"

namespace salient::ui {

SaliencePage::SaliencePage(Session& session, QWidget* parent)
    : Page(session, QLatin1String(page::salience), parent), budget_(BudgetModel::of(session)) {
  makeHeader();
  levels_ = new QStackedWidget(this);
  empty_ = new EmptyState(QStringLiteral("salience.empty"), this);
  overview_ = new SalienceOverview(budget_, this);
  linearView_ = new SalienceLinear(budget_, this);
  featureView_ = new SalienceFeature(session, this);
  for (QWidget* level : {static_cast<QWidget*>(empty_), static_cast<QWidget*>(overview_),
                         static_cast<QWidget*>(linearView_), static_cast<QWidget*>(featureView_)})
    levels_->addWidget(level);
  auto* layout = new QVBoxLayout(this);
  layout->addWidget(header_);
  layout->addWidget(levels_, 1);

  up_ = new QAction(tr("One level up"), this);
  up_->setObjectName(QStringLiteral("salience.up"));
  up_->setShortcut(QKeySequence(Qt::ALT | Qt::Key_Up));
  connect(up_, &QAction::triggered, this, &SaliencePage::goUp);
  top_ = new QAction(tr("Whole model"), this);
  top_->setObjectName(QStringLiteral("salience.top"));
  top_->setShortcut(QKeySequence(Qt::ALT | Qt::Key_Home));
  connect(top_, &QAction::triggered, this, &SaliencePage::openModelLevel);
  for (QAction* action : pageActions()) {
    action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    addAction(action);
  }

  connect(overview_, &SalienceOverview::chosen, this, &SaliencePage::openLinear);
  connect(linearView_, &SalienceLinear::chosen, this, &SaliencePage::openFeature);
  connect(linearView_, &SalienceLinear::ordered, this, &SaliencePage::showNeighbours);
  connect(linearView_, &SalienceLinear::bitsChanged, this, &SaliencePage::showBits);
  connect(featureView_, &SalienceFeature::stepped, this, &SaliencePage::stepFeature);
  connect(&budget_, &BudgetModel::stateChanged, this, &SaliencePage::refresh);
  connect(&budget_, &BudgetModel::pointChanged, this, &SaliencePage::refreshBudget);
  connect(&session, &Session::modelOpened, this, &SaliencePage::refresh);
  connect(empty_, &EmptyState::pressed, this, [this] {
    this->session().requestPage(QLatin1String(this->session().isSearchable() ? page::search : page::start));
  });
  refresh();
}

QString SaliencePage::title() const {
  return tr("Salience");
}

void SaliencePage::makeHeader() {
  header_ = new QWidget(this);
  const auto crumb = [this](const char* name) {
    auto* made = new QToolButton(header_);
    made->setObjectName(QLatin1String(name));
    made->setAutoRaise(true);
    made->setFocusPolicy(Qt::StrongFocus);
    return made;
  };
  modelCrumb_ = crumb("salience.crumbModel");
  modelCrumb_->setToolTip(tr("The whole model"));
  linearCrumb_ = crumb("salience.crumbLinear");
  linearCrumb_->setToolTip(tr("All output features of this linear"));
  firstArrow_ = new QLabel(QStringLiteral("›"), header_);
  secondArrow_ = new QLabel(QStringLiteral("›"), header_);
  featureCrumb_ = new QLabel(header_);
  featureCrumb_->setObjectName(QStringLiteral("salience.crumbFeature"));
  featureCrumb_->setIndent(fontMetrics().averageCharWidth());  // as the buttons before it
  summary_ = new QLabel(header_);
  summary_->setObjectName(QStringLiteral("salience.budget"));
  change_ = new QPushButton(tr("Change &budget…"), header_);
  change_->setObjectName(QStringLiteral("salience.changeBudget"));
  connect(change_, &QPushButton::clicked, this, [this] { session().requestPage(QLatin1String(page::budget)); });
  connect(modelCrumb_, &QToolButton::clicked, this, &SaliencePage::openModelLevel);
  connect(linearCrumb_, &QToolButton::clicked, this, [this] {
    row_.reset();
    showLevel();
  });
  auto* layout = new QHBoxLayout(header_);
  layout->setContentsMargins(0, 0, 0, 0);
  for (QWidget* part :
       {static_cast<QWidget*>(modelCrumb_), static_cast<QWidget*>(firstArrow_), static_cast<QWidget*>(linearCrumb_),
        static_cast<QWidget*>(secondArrow_), static_cast<QWidget*>(featureCrumb_)})
    layout->addWidget(part);
  layout->addStretch(1);
  layout->addWidget(summary_);
  layout->addWidget(change_);
}

void SaliencePage::activated() {
  focusChart();
}

/// By hand: a focus proxy would be one more stop for the Tab key, and lead back to the chart for ever.
void SaliencePage::focusChart() {
  const QWidget* level = levels_->currentWidget();
  const char* name = level == overview_     ? "salience.bars.chart"
                     : level == linearView_ ? "salience.order.chart"
                                            : "salience.place.chart";
  if (level != empty_) findChild<QWidget*>(QLatin1String(name))->setFocus();
}

void SaliencePage::showEvent(QShowEvent* event) {
  Page::showEvent(event);
  if (stale_) refresh();
}

/// Other scores or options, or none.
void SaliencePage::refresh() {
  if (budget_.scores() != scores_) {
    scores_ = budget_.scores();
    linear_.reset();
    row_.reset();
  }
  modelCrumb_->setText(session().hasModel() ? session().modelName() : tr("Model"));
  overview_->refresh();
  refreshBudget();
  showLevel();
}

void SaliencePage::refreshBudget() {
  stale_ = !isVisible();
  if (stale_ || !scores_) return;
  if (const Ranking::Point* point = budget_.point()) {
    summary_->setText(tr("%1 in 8 bit · payload %2, effective %3")
                          .arg(numbers::percent(point->percent), numbers::bits(point->size.payload_bits()),
                               numbers::bits(point->size.effective_bits())));
  } else {
    summary_->setText(budget_.problem().message.isEmpty() ? tr("The recipe gives every linear the same bits")
                                                          : budget_.problem().message);
  }
  overview_->refresh();
  if (linear_) linearView_->refreshBits();
}

void SaliencePage::openModelLevel() {
  linear_.reset();
  row_.reset();
  showLevel();
}

void SaliencePage::openLinear(LinearId id) {
  if (!scores_ || linear_index(id) >= scores_->linears.size()) return;
  linear_ = id;
  row_.reset();
  overview_->setCursor(id);
  linearView_->show(scores_, linear_index(id));
  showLevel();
}

void SaliencePage::openFeature(std::uint32_t row) {
  if (!scores_ || !linear_) return;
  row_ = row;
  featureView_->show(scores_, linear_index(*linear_), row);
  linearView_->setPlace(linearView_->placeOfRow(row));
  showNeighbours();
  showBits();
  showLevel();
}

void SaliencePage::stepFeature(int places) {
  if (!row_) return;
  const std::int64_t row = linearView_->rowAt(linearView_->placeOfRow(*row_) + places);
  if (row >= 0) openFeature(static_cast<std::uint32_t>(row));
}

void SaliencePage::showNeighbours() {
  if (!row_) return;
  const std::int64_t place = linearView_->placeOfRow(*row_);
  featureView_->setNeighbours(linearView_->rowAt(place - 1) >= 0, linearView_->rowAt(place + 1) >= 0);
}

void SaliencePage::showBits() {
  if (row_) featureView_->setBits(linearView_->inEightBit(*row_));
}

void SaliencePage::goUp() {
  if (row_)
    row_.reset();
  else
    linear_.reset();
  showLevel();
}

void SaliencePage::showLevel() {
  QWidget* level = overview_;
  if (!scores_) {
    level = empty_;
    if (budget_.state() == BudgetModel::State::preparing)
      empty_->set(tr("Ranking the output features…"), {});
    else if (budget_.state() == BudgetModel::State::failed)
      empty_->set(tr("These options do not go together"), budget_.error().message);
    else if (session().isPacked())
      empty_->set(tr("No scores"), session().whyNotSearchable(), tr("Open a model"));
    else if (session().hasModel())
      empty_->set(tr("No scores yet"), tr("A search finds out how much each output feature of the model matters."),
                  tr("Search first"));
    else
      empty_->set(tr("No model yet"), tr("Open a model, or the sample that comes with the studio."),
                  tr("Open a model"));
  } else if (row_) {
    level = featureView_;
  } else if (linear_) {
    level = linearView_;
  }
  header_->setVisible(scores_ != nullptr);
  firstArrow_->setVisible(linear_.has_value());
  linearCrumb_->setVisible(linear_.has_value());
  secondArrow_->setVisible(row_.has_value());
  featureCrumb_->setVisible(row_.has_value());
  if (linear_) linearCrumb_->setText(linearLabel(*linear_));
  if (row_) featureCrumb_->setText(tr("Output feature %1").arg(*row_));
  up_->setEnabled(linear_.has_value());
  top_->setEnabled(linear_.has_value());
  const bool moved = levels_->currentWidget() != level;
  const bool focused = levels_->isAncestorOf(focusWidget()) || header_->isAncestorOf(focusWidget());
  levels_->setCurrentWidget(level);
  if (moved && focused) focusChart();
}

}  // namespace salient::ui
