// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/budget_controls.h"

#include <QFormLayout>
#include <QGroupBox>
#include <QLabel>
#include <QRadioButton>
#include <QSignalBlocker>
#include <QSlider>
#include <QSpinBox>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "ui/models/budget_model.h"
#include "ui/models/numbers.h"
#include "ui/models/session.h"
#include "ui/views/byte_box.h"
#include "ui/views/choice_box.h"
#include "ui/views/figure_box.h"
#include "ui/views/form_look.h"
#include "ui/views/recipe_fields.h"

namespace salient::ui {
namespace {

constexpr int kSteps = 10'000;  ///< of the slider
constexpr int kStep = 10;       ///< of an arrow key
constexpr int kMostMultiple = 4096;

QString undoText(Budget::Kind kind) {
  switch (kind) {
    case Budget::Kind::percent: return BudgetControls::tr("Percent");
    case Budget::Kind::average_bits: return BudgetControls::tr("Average bits");
    case Budget::Kind::bytes: return BudgetControls::tr("Size");
  }
  return {};
}

}  // namespace

BudgetControls::BudgetControls(Session& session, BudgetModel& budget, QWidget* parent)
    : QWidget(parent), session_(session), budget_(budget) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(makeBudget());
  layout->addWidget(makeOutcome());
  layout->addWidget(makeOptions());
  layout->addStretch(1);
  alignForms(*this);
  refreshLimits();
}

QWidget* BudgetControls::makeBudget() {
  auto* group = new QGroupBox(tr("Budget"), this);
  slider_ = new QSlider(Qt::Horizontal, group);
  slider_->setObjectName(QStringLiteral("budget.slider"));
  slider_->setAccessibleName(tr("Budget"));
  slider_->setToolTip(
      tr("How much may be stored: moves the reading that is chosen below from everything in 4 bit to everything in "
         "8 bit. Default: 10 % of the output features, one of the paper's settings (p10; MixLLM §4.1, Table 1)."));
  slider_->setRange(0, kSteps);
  slider_->setSingleStep(kStep);
  slider_->setPageStep(10 * kStep);
  slider_->setTickInterval(kSteps / 10);
  slider_->setTickPosition(QSlider::TicksBelow);
  connect(slider_, &QSlider::valueChanged, this, &BudgetControls::slide);

  auto* form = new QFormLayout;
  form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
  auto* percent = new FigureBox(group);
  percent->setDecimals(3);
  percent->setSuffix(tr(" %"));
  addReading(form, Budget::Kind::percent, percent, QStringLiteral("budget.percent"), tr("8-bit &features"),
             tr("Share of all output features that get 8 bit, by count, as in the paper (MixLLM §3.2, Algorithm 1)."));
  auto* bits = new FigureBox(group);
  bits->setDecimals(4);
  bits->setSingleStep(0.05);
  bits->setSuffix(tr(" bits"));
  addReading(form, Budget::Kind::average_bits, bits, QStringLiteral("budget.bits"), tr("&Average bits"),
             tr("Effective bits a weight: codes, scales, zeros and row indices, all counted. An upper "
                "limit. The paper's “W4.4” counts the codes alone (MixLLM Table 1): see the payload below."));
  addReading(form, Budget::Kind::bytes, new ByteBox(group), QStringLiteral("budget.bytes"), tr("&Bytes"),
             tr("Bytes of all quantized linears as they are stored. An upper limit. You may type 4GiB or 500MB."));
  problem_ = new QLabel(group);
  problem_->setObjectName(QStringLiteral("budget.problem"));
  problem_->setWordWrap(true);
  problem_->setVisible(false);
  auto* layout = new QVBoxLayout(group);
  layout->addWidget(slider_);
  layout->addLayout(form);
  layout->addWidget(problem_);
  return group;
}

void BudgetControls::addReading(QFormLayout* form, Budget::Kind kind, QDoubleSpinBox* box, const QString& name,
                                const QString& label, const QString& tip) {
  box->setObjectName(name);
  box->setKeyboardTracking(false);
  box->setAccessibleName(QString(label).remove(QLatin1Char('&')));
  box->setToolTip(tip);
  auto* button = new QRadioButton(label, this);
  button->setObjectName(name + QStringLiteral(".chosen"));
  button->setToolTip(tr("The slider moves this reading, and the recipe holds it. %1").arg(tip));
  connect(button, &QRadioButton::clicked, this, [this, kind] {
    if (kind != this->kind()) set(kind, reading(kind));
  });
  connect(box, &QDoubleSpinBox::valueChanged, this, [this, kind](double value) { set(kind, value); });
  form->addRow(button, box);
  setTabOrder(button, box);
  readings_.push_back({kind, button, box});
}

QGroupBox* BudgetControls::makeOptions() {
  auto* group = new QGroupBox(tr("Who comes first"), this);
  auto* form = new QFormLayout(group);
  form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
  RecipeDocument& recipe = session_.recipe();
  const auto choice = [&](const QString& key, const QString& name, const QString& label, const QString& what,
                          const QVector<Choice>& choices, const QString& tip) {
    auto* box = new ChoiceBox(18, group);
    box->setObjectName(name);
    bindChoice(recipe, key, what, choices, box);
    addRow(form, label, box, box, tip);
  };
  choice(QStringLiteral("rank"), QStringLiteral("budget.rank"), tr("&Rank by:"), tr("Rank"),
         {{QStringLiteral("salience"), tr("Salience")}, {QStringLiteral("density"), tr("Salience per extra byte")}},
         tr("Default: salience, as in the paper (MixLLM §3.2). A row of down_proj takes more bytes than one of q_proj; "
            "per extra byte "
            "gets more salience into a limited size."));
  choice(QStringLiteral("granularity"), QStringLiteral("budget.granularity"), tr("&Unit:"), tr("Granularity"),
         {{QStringLiteral("feature"), tr("Output features")}, {QStringLiteral("linear"), tr("Whole linears")}},
         tr("Default: single output features, as in the paper (MixLLM §3.1.1). Whole linears (q, k, v tied; gate, up "
            "tied) are for "
            "engines that cannot mix inside a layer."));
  choice(QStringLiteral("selection"), QStringLiteral("budget.selection"), tr("S&election:"), tr("Selection"),
         {{QStringLiteral("global"), tr("Over the whole model")},
          {QStringLiteral("per-layer"), tr("Same share of every linear")},
          {QStringLiteral("random"), tr("Random")}},
         tr("Default: over the whole model, the method (MixLLM §3.1.1). The same share of every linear and random "
            "features "
            "are there to compare it with."));
  auto* multiple = new QSpinBox(group);
  multiple->setObjectName(QStringLiteral("budget.rowMultiple"));
  multiple->setRange(1, kMostMultiple);
  multiple->setKeyboardTracking(false);
  bindNumber(recipe, QStringLiteral("row_multiple"), tr("Row multiple"), multiple);
  addRow(form, tr("Row &multiple:"), multiple, multiple,
         tr("8-bit rows of a linear come in multiples of this, where a kernel's tiles are faster that way. Default: 1, "
            "no rounding. What rounding costs is shown above."));
  return group;
}

QLabel* BudgetControls::addFact(QFormLayout* form, const QString& name, const QString& label, const QString& tip) {
  auto* value = new QLabel(this);
  value->setObjectName(name);
  value->setTextInteractionFlags(Qt::TextSelectableByMouse);
  // The text changes with every step of the slider and must not move what stands around it.
  value->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
  value->setMinimumHeight(value->fontMetrics().lineSpacing());
  addRow(form, label, value, value, tip);
  return value;
}

QGroupBox* BudgetControls::makeOutcome() {
  auto* group = outcome_ = new QGroupBox(tr("What it gives"), this);
  auto* form = new QFormLayout(group);
  form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
  share_ = addFact(form, QStringLiteral("budget.share"), tr("In 8 bit:"),
                   tr("Output features in 8 bit, of all that are quantized."));
  payload_ = addFact(form, QStringLiteral("budget.payload"), tr("Payload:"),
                     tr("Bits a weight, codes alone: what papers call W4.4 (MixLLM Table 1)."));
  effective_ = addFact(form, QStringLiteral("budget.effective"), tr("Effective:"),
                       tr("Bits a weight with scales, zeros and row indices, as stored."));
  size_ = addFact(form, QStringLiteral("budget.size"), tr("Size:"),
                  tr("The quantized linears as stored, and what that is of the same linears in 16 bit. Embeddings, "
                     "norms and head stay in 16 bit and are not counted."));
  salience_ =
      addFact(form, QStringLiteral("budget.salience"), tr("Σ salience left:"),
              tr("Sum of the scores of the features left in 4 bit, nats a calibration sequence. It ranks budgets "
                 "and is no forecast: features do not add up, so the measured loss grows far less."));
  rounding_ = addFact(form, QStringLiteral("budget.rounding"), tr("Lost to rounding:"),
                      tr("Salience lost (or, if negative, won) by rounding to the row multiple."));
  rate_ = addFact(form, QStringLiteral("budget.rate"), tr("Predicted speed:"), QString());
  rateSource_ = addFact(form, QStringLiteral("budget.rateSource"), tr("Speed from:"), QString());
  rateSource_->setForegroundRole(QPalette::PlaceholderText);
  rateSource_->setWordWrap(true);
  for (QLabel* label : {rateSource_, qobject_cast<QLabel*>(form->labelForField(rateSource_))}) {
    label->setMinimumHeight(2 * label->fontMetrics().lineSpacing());
    label->setAlignment(Qt::AlignTop | Qt::AlignLeft);
  }
  return group;
}

Budget::Kind BudgetControls::kind() const {
  const auto budget = budgetOf(session_.recipe().values());
  return budget ? budget->kind : Budget::Kind::percent;
}

std::pair<double, double> BudgetControls::range(Budget::Kind kind) const {
  switch (kind) {
    case Budget::Kind::percent: return {0, 100};
    case Budget::Kind::average_bits: return {budget_.smallest().effective_bits(), budget_.largest().effective_bits()};
    case Budget::Kind::bytes:
      return {static_cast<double>(budget_.smallest().total_bytes), static_cast<double>(budget_.largest().total_bytes)};
  }
  return {0, 0};
}

double BudgetControls::reading(Budget::Kind kind) const {
  const Ranking::Point* point = budget_.point();
  if (point == nullptr) return range(kind).first;
  switch (kind) {
    case Budget::Kind::percent: return point->percent;
    case Budget::Kind::average_bits: return point->size.effective_bits();
    case Budget::Kind::bytes: return static_cast<double>(point->size.total_bytes);
  }
  return 0;
}

void BudgetControls::set(Budget::Kind kind, double value) {
  const auto [low, high] = range(kind);
  session_.recipe().set(budgetKey(kind), std::clamp(value, low, high), undoText(kind));
}

void BudgetControls::slide(int position) {
  const auto [low, high] = range(kind());
  double value = low + (high - low) * position / kSteps;
  if (kind() == Budget::Kind::bytes) value = std::round(value);
  if (kind() == Budget::Kind::percent) value = std::round(100 * value) / 100;
  if (kind() == Budget::Kind::average_bits) value = std::round(1e4 * value) / 1e4;
  set(kind(), value);
}

void BudgetControls::step(int steps) {
  slider_->setValue(slider_->value() + kStep * steps);
}

void BudgetControls::choose(double percent) {
  const auto point = budget_.preview({Budget::Kind::percent, std::clamp(percent, 0.0, 100.0)});
  if (!point) return;
  switch (kind()) {
    case Budget::Kind::percent: return set(kind(), std::round(10 * percent) / 10);
    case Budget::Kind::average_bits: return set(kind(), point->size.effective_bits());
    case Budget::Kind::bytes: return set(kind(), static_cast<double>(point->size.total_bytes));
  }
}

void BudgetControls::refreshLimits() {
  for (const Reading& one : readings_) {
    const QSignalBlocker quiet(one.box);
    auto [low, high] = range(one.kind);
    if (one.kind == Budget::Kind::average_bits) {  // as many decimals as the box has, and still inside
      low = std::floor(low * 1e4) / 1e4;
      high = std::ceil(high * 1e4) / 1e4;
    }
    one.box->setRange(low, high);
    if (one.kind == Budget::Kind::bytes) one.box->setSingleStep(std::max(1.0, std::round((high - low) / 100)));
    one.box->setEnabled(budget_.state() != BudgetModel::State::empty);
  }
  refresh();
}

void BudgetControls::refresh() {
  const auto budget = budgetOf(session_.recipe().values());
  const Ranking::Point* point = budget_.point();
  for (const Reading& one : readings_) {
    const bool entered = budget && budget->kind == one.kind;
    const QSignalBlocker quietBox(one.box);
    const QSignalBlocker quietButton(one.button);
    one.box->setValue(entered ? budget->value : reading(one.kind));
    one.button->setChecked(entered);
    if (!entered) continue;
    const auto [low, high] = range(one.kind);
    const QSignalBlocker quietSlider(slider_);
    if (high > low) slider_->setValue(static_cast<int>(std::lround((budget->value - low) / (high - low) * kSteps)));
  }
  slider_->setEnabled(budget_.state() != BudgetModel::State::empty);
  QString problem = budget_.problem().message;
  if (!budget) problem = tr("This recipe gives every linear the same bits. Move the slider to choose by salience.");
  if (budget_.state() == BudgetModel::State::failed) problem = budget_.error().message;
  if (problem_->text() != problem) problem_->setText(problem);
  problem_->setVisible(!problem.isEmpty());
  outcome_->setEnabled(budget_.state() != BudgetModel::State::preparing);  // figures of the options before
  if (point == nullptr) {
    for (QLabel* fact : {share_, payload_, effective_, size_, salience_, rounding_, rate_})
      fact->clear();
    return;
  }
  std::int64_t features8 = 0;
  for (const std::int64_t rows : point->rows8)
    features8 += rows;
  share_->setText(
      tr("%1 (%2 of %3)")
          .arg(numbers::percent(point->percent, 2), numbers::count(features8), numbers::count(budget_.features())));
  payload_->setText(numbers::bits(point->size.payload_bits()));
  effective_->setText(numbers::bits(point->size.effective_bits()));
  const auto bytes = static_cast<double>(point->size.total_bytes);
  size_->setText(
      tr("%1, %2 of 16 bit")
          .arg(numbers::bytes(bytes), numbers::percent(100 * bytes / (2 * static_cast<double>(point->size.weights)))));
  salience_->setText(numbers::nats(budget_.salienceLeft()));
  const double samples = static_cast<double>(budget_.scores()->samples);
  rounding_->setText(numbers::nats(point->rounding_loss / samples));
  refreshRate();
}

void BudgetControls::setRate(const TokenRate& rate) {
  tokenRate_ = rate;
  rateSource_->setText(rate.bytesPerSecond <= 0 ? QString()
                       : rate.measured > 0      ? tr("%n experiment(s) measured here", nullptr, rate.measured)
                                                : tr("the speed of memory, at most"));
  const QString tip =
      tr("Generating one sequence reads every quantized linear once a token, and the head and norms in 16 bit beside "
         "them (%1): tokens a second are bytes read a second (%2) over bytes a token. %3")
          .arg(numbers::bytes(rate.otherBytes), tr("%1/s").arg(numbers::bytes(rate.bytesPerSecond)),
               rate.measured > 0 ? tr("The bytes a second are the median of this model's experiments that generated on "
                                      "this processor.")
                                 : tr("No experiment of this model has generated on this processor yet, so it is the "
                                      "speed at which this machine reads memory: a limit no engine exceeds."));
  rate_->setToolTip(tip);
  rateSource_->setToolTip(tip);
  refreshRate();
}

void BudgetControls::refreshRate() {
  const Ranking::Point* point = budget_.point();
  const double speed = point != nullptr ? tokenRate_.predict(static_cast<double>(point->size.total_bytes)) : 0;
  rate_->setText(speed > 0 ? numbers::rate(speed) : QString());
}

}  // namespace salient::ui
