// SPDX-License-Identifier: GPL-3.0-or-later
// The settings of the search page. Tooltips name the default and where in the paper it comes from (MixLLM, arXiv
// 2412.14590v2; its sections, equations and tables).
#include <QCheckBox>
#include <QFormLayout>
#include <QGroupBox>
#include <QJsonArray>
#include <QLabel>
#include <QLineEdit>
#include <QSpinBox>
#include <QVBoxLayout>

#include "ui/models/core_sentences.h"
#include "ui/views/choice_box.h"
#include "ui/views/figure_box.h"
#include "ui/views/form_look.h"
#include "ui/views/path_field.h"
#include "ui/views/recipe_fields.h"
#include "ui/views/search_page.h"
#include "ui/views/upright_scroll.h"

namespace salient::ui {
namespace {

constexpr int kMostSamples = 1'000'000;
constexpr int kMostLength = 1'048'576;
constexpr int kMostWindows = 100'000'000;
constexpr int kChoiceLetters = 20;  ///< a choice may be cut in a narrow window

QString textFilter() {
  return SearchPage::tr("Text (*.txt *.jsonl *.ndjson *.json *.gz);;All files (*)");
}

QSpinBox* numberBox(const QString& name, int least, int most) {
  auto* box = new QSpinBox;
  box->setObjectName(name);
  box->setRange(least, most);
  box->setGroupSeparatorShown(true);
  box->setKeyboardTracking(false);
  return box;
}

QFormLayout* formOf(QGroupBox* group) {
  auto* form = new QFormLayout(group);
  form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
  form->setLabelAlignment(Qt::AlignLeft | Qt::AlignVCenter);
  return form;
}

}  // namespace

QScrollArea* SearchPage::makeSettings() {
  auto* inner = new QWidget(this);
  auto* layout = new QVBoxLayout(inner);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(makeTexts());
  layout->addWidget(makeSequences());
  layout->addWidget(makeSearch());
  layout->addWidget(makeMachine());
  layout->addWidget(makeLater());
  layout->addStretch(1);
  alignForms(*inner);
  auto* scroll = new UprightScroll(this);
  scroll->setObjectName(QStringLiteral("search.settings"));
  scroll->hold(inner);
  return scroll;
}

QGroupBox* SearchPage::makeTexts() {
  auto* group = new QGroupBox(tr("Texts"), this);
  QFormLayout* form = formOf(group);
  calibration_ = new PathField(QStringLiteral("search.calibration"), tr("Calibration text"), textFilter(), group);
  connect(calibration_, &PathField::chosen, &session(), &Session::setCalibrationText);
  addRow(
      form, tr("&Calibration:"), calibration_, calibration_->edit(),
      tr("The text whose loss decides which features are salient: .txt, .jsonl or .jsonl.gz, like what the model "
         "will see. The sequences of the next group are cut from it. The paper takes WikiText-2 and finds that another "
         "text changes little (MixLLM §4.11)."));
  evaluation_ = new PathField(QStringLiteral("search.evaluation"), tr("Evaluation text"), textFilter(), group);
  connect(evaluation_, &PathField::chosen, &session(), &Session::setEvaluationText);
  addRow(form, tr("E&valuation:"), evaluation_, evaluation_->edit(),
         tr("The text on which budgets are measured; never the calibration text itself. The paper's figures are of "
            "WikiText-2 and C4 (MixLLM §4.2, Table 1). The search does not need it."));
  auto* key = new QLineEdit(session().jsonKey(), group);
  key->setObjectName(QStringLiteral("search.jsonKey"));
  connect(key, &QLineEdit::editingFinished, this, [this, key] { session().setJsonKey(key->text()); });
  addRow(form, tr("&Key of JSON lines:"), key, key,
         tr("Which key of a line of a .jsonl file holds the text. Default: text. Without effect on .txt."));
  return group;
}

QGroupBox* SearchPage::makeSequences() {
  auto* group = new QGroupBox(tr("Sequences"), this);
  QFormLayout* form = formOf(group);
  RecipeDocument& recipe = session().recipe();
  auto* samples = numberBox(QStringLiteral("search.samples"), 1, kMostSamples);
  bindNumber(recipe, QStringLiteral("samples"), tr("Samples"), samples);
  addRow(form, tr("S&amples:"), samples, samples,
         tr("Sequences drawn from the calibration text. Default: 128, as in the paper (MixLLM §4.1). Time grows in "
            "proportion; memory does not."));
  auto* length = numberBox(QStringLiteral("search.length"), 2, kMostLength);
  bindNumber(recipe, QStringLiteral("length"), tr("Length"), length);
  addRow(form, tr("&Length:"), length, length,
         tr("Tokens of a sequence. Default: 2048, as in the paper (MixLLM §4.1). Time and memory grow with it."));
  auto* seed = numberBox(QStringLiteral("search.seed"), 0, std::numeric_limits<int>::max());
  bindNumber(recipe, QStringLiteral("seed"), tr("Seed"), seed);
  addRow(form, tr("S&eed:"), seed, seed,
         tr("Decides where the sequences are cut from the text. Default: 0. The same seed gives the same scores."));
  return group;
}

QGroupBox* SearchPage::makeSearch() {
  auto* group = new QGroupBox(tr("Salience"), this);
  QFormLayout* form = formOf(group);
  RecipeDocument& recipe = session().recipe();
  auto* variant = new ChoiceBox(kChoiceLetters, group);
  variant->setObjectName(QStringLiteral("search.variant"));
  bindChoice(recipe, QStringLiteral("variant"), tr("Estimate"),
             {{QStringLiteral("full"), tr("First and second order (the method)")},
              {QStringLiteral("second-order"), tr("Second order only")},
              {QStringLiteral("diagonal-fisher"), tr("Diagonal Fisher")},
              {QStringLiteral("first-order"), tr("First order only")}},
             variant);
  addRow(form, tr("Es&timate:"), variant, variant,
         tr("How the loss change of rounding a feature to 4 bit is estimated. Default: |a + ½a²|, first order and "
            "empirical Fisher, the paper's equation of global salience (MixLLM §3.2, equation 4); the others are its "
            "ablations "
            "(§4.5)."));
  auto* groupSize = new ChoiceBox(kChoiceLetters, group);
  groupSize->setObjectName(QStringLiteral("search.group"));
  bindChoice(recipe, QStringLiteral("group"), tr("Group"), QVector<int>{32, 64, 128}, groupSize);
  addRow(
      form, tr("&Group:"), groupSize, groupSize,
      tr("Weights that share a scale. Default: 128, as in the paper (MixLLM §4.1). Smaller groups lose less and store "
         "more scales. The search and the quantization use the same."));
  return group;
}

QGroupBox* SearchPage::makeMachine() {
  auto* group = new QGroupBox(tr("Machine"), this);
  QFormLayout* form = formOf(group);
  device_ = new ChoiceBox(kChoiceLetters, group);
  device_->setObjectName(QStringLiteral("search.device"));
  const QString current = session().computeKeys().value(QLatin1String("device")).toString();
  device_->addItem(current == QLatin1String("cpu") ? tr("Processor") : current, current);
  connect(device_, &QComboBox::activated, this, [this] { session().setDevice(device_->currentData().toString()); });
  addRow(form, tr("De&vice:"), device_, device_,
         tr("Where searches, quantizations and measurements compute. Default: the processor."));
  auto* threads = numberBox(QStringLiteral("search.threads"), 0, 4096);
  threads->setSpecialValueText(tr("all cores"));
  threads->setValue(session().computeKeys().value(QLatin1String("threads")).toInt());
  connect(threads, &QSpinBox::valueChanged, &session(), &Session::setThreads);
  addRow(form, tr("T&hreads:"), threads, threads,
         tr("Threads for what the processor does. Default: one for each core this process may use."));
  return group;
}

void SearchPage::showDevices(const QJsonObject& answer) {
  const QString current = session().computeKeys().value(QLatin1String("device")).toString();
  device_->clear();
  const QJsonArray devices = answer.value(QLatin1String("devices")).toArray();
  for (const QJsonValue& value : devices) {
    const QString id = value.toObject().value(QLatin1String("id")).toString();
    const QString name = value.toObject().value(QLatin1String("name")).toString();
    device_->addItem(tr("%1 (%2)").arg(id == QLatin1String("cpu") ? tr("Processor") : id, name), id);
  }
  if (device_->findData(current) < 0) device_->addItem(tr("%1 (not there)").arg(current), current);
  device_->setCurrentIndex(device_->findData(current));
  QStringList notes;
  const QJsonArray given = answer.value(QLatin1String("notes")).toArray();
  for (const QJsonValue& note : given)
    notes.append(gpuNote(note.toString()));
  if (!notes.isEmpty()) device_->setToolTip(device_->toolTip() + QLatin1Char('\n') + notes.join(QLatin1Char('\n')));
}

QGroupBox* SearchPage::makeLater() {
  auto* group = new QGroupBox(tr("When a budget is measured"), this);
  QFormLayout* form = formOf(group);
  RecipeDocument& recipe = session().recipe();
  auto* method = new ChoiceBox(kChoiceLetters, group);
  method->setObjectName(QStringLiteral("search.method"));
  bindChoice(recipe, QStringLiteral("method"), tr("Method"),
             {{QStringLiteral("mixllm"), tr("GPTQ with clip search (the method)")},
              {QStringLiteral("gptq"), tr("GPTQ")},
              {QStringLiteral("rtn"), tr("Round to nearest")}},
             method);
  addRow(form, tr("&Method:"), method, method,
         tr("How the weights are rounded. Default: GPTQ with clip search, as in the paper; GPTQ alone and rounding to "
            "nearest are for comparison (MixLLM §4.1, §4.5). The search does not depend on it."));
  auto* clip = new QCheckBox(tr("Sea&rch for clipped ranges"), group);
  clip->setObjectName(QStringLiteral("search.clip"));
  clip->setAccessibleName(tr("Search for clipped ranges"));
  clip->setToolTip(
      tr("Shrinks each group's range by 0.80 to 1.00 and keeps what gives the smallest output error. "
         "Default: on with the method, off with the comparisons (MixLLM §4.1, §4.5)."));
  bindSwitch(recipe, QStringLiteral("clip"), tr("Clip search"), clip);
  form->addRow(QString(), clip);
  auto* damping = new FigureBox(group);
  damping->setObjectName(QStringLiteral("search.damping"));
  damping->setRange(0, 10);
  damping->setDecimals(4);
  damping->setSingleStep(0.005);
  damping->setKeyboardTracking(false);
  bindNumber(recipe, QStringLiteral("damping"), tr("Damping"), damping);
  addRow(form, tr("&Damping:"), damping, damping,
         tr("Added to the Hessian's diagonal, as a share of its mean. Default: 0.01, GPTQ's own (arXiv 2210.17323)."));
  auto* length = numberBox(QStringLiteral("search.evaluationLength"), 2, kMostLength);
  bindNumber(recipe, QStringLiteral("evaluation_length"), tr("Evaluation length"), length);
  addRow(form, tr("Tokens of a &window:"), length, length,
         tr("Perplexity is measured on windows of this many tokens that do not overlap. Default: 2048, as in the paper "
            "(MixLLM §4.2, Table 1)."));
  auto* windows = numberBox(QStringLiteral("search.evaluationWindows"), 0, kMostWindows);
  windows->setSpecialValueText(tr("all"));
  bindNumber(recipe, QStringLiteral("evaluation_windows"), tr("Evaluation windows"), windows);
  addRow(form, tr("&Windows:"), windows, windows,
         tr("How many windows from the beginning of the evaluation text. Default: all. Fewer are quicker and less "
            "certain; the standard error says how much."));
  return group;
}

}  // namespace salient::ui
