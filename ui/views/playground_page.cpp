// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/playground_page.h"

#include <QDir>
#include <QEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QFormLayout>
#include <QLabel>
#include <QPlainTextEdit>
#include <QSpinBox>
#include <QSplitter>
#include <QStackedWidget>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/compute/folded_scales.h"
#include "core/pack/packed_model.h"
#include "core/search/scores.h"
#include "ui/models/numbers.h"
#include "ui/models/settings.h"
#include "ui/plots/table_look.h"
#include "ui/views/action_button.h"
#include "ui/views/choice_box.h"
#include "ui/views/divergence_legend.h"
#include "ui/views/empty_state.h"
#include "ui/views/error_panel.h"
#include "ui/views/figure_box.h"
#include "ui/views/icons.h"
#include "ui/views/token_flow.h"

namespace salient::ui {
namespace {

const QString kPromptKey = QStringLiteral("playground/prompt");

/// A number as it was left the last time, and kept whenever it is changed.
template <class Box>
void remember(Box* box, const char* name, decltype(box->value()) otherwise) {
  const QString key = QStringLiteral("playground/") + QLatin1String(name);
  bool number = false;
  const double kept = settings::value(key, otherwise).toDouble(&number);
  // A file edited by hand may hold anything.
  const bool possible = number && kept >= box->minimum() && kept <= box->maximum();
  box->setValue(possible ? static_cast<decltype(otherwise)>(kept) : otherwise);
  QObject::connect(box, qOverload<decltype(otherwise)>(&Box::valueChanged), box,
                   [key](decltype(otherwise) value) { settings::set(key, value); });
}

/// A choice, likewise, by the data of its entries; the first one where nothing was kept.
void remember(QComboBox* box, const char* name) {
  const QString key = QStringLiteral("playground/") + QLatin1String(name);
  box->setCurrentIndex(std::max(0, box->findData(settings::value(key).toString())));
  QObject::connect(box, &QComboBox::currentIndexChanged, box,
                   [key, box] { settings::set(key, box->currentData().toString()); });
}

constexpr auto kBothSides = {PlaygroundRun::reference, PlaygroundRun::packed};

std::size_t at(PlaygroundRun::Side side) {
  return static_cast<std::size_t>(side);
}

}  // namespace

PlaygroundPage::PlaygroundPage(Session& session, QWidget* parent)
    : Page(session, QLatin1String(page::playground), parent), run_(session.program()) {
  const auto action = [this](const char* name, const char* picture, const QString& text, const QString& tip) {
    auto* made = new QAction(icon(QLatin1String(picture)), text, this);
    made->setObjectName(QLatin1String(name));
    made->setToolTip(tip);
    return made;
  };
  startAction_ = action("playground.start", "run", tr("&Generate"), tr("Let the models continue the prompt"));
  startAction_->setShortcut(QKeySequence(Qt::CTRL | Qt::Key_Return));
  stopAction_ = action("playground.stop", "stop", tr("&Stop"), tr("Stop both models; what they wrote stays"));
  stopAction_->setShortcut(QKeySequence(QStringLiteral("Ctrl+Shift+.")));
  tableAction_ = action("playground.table", "table", tr("&Table"), tr("Show the tokens and their figures as tables"));
  tableAction_->setCheckable(true);
  tableAction_->setShortcut(QKeySequence(Qt::CTRL | Qt::Key_T));
  browseAction_ = action("playground.browse", "folder", tr("&Other …"), tr("Choose a packed model's directory"));
  browseAction_->setShortcut(QKeySequence(Qt::CTRL | Qt::Key_B));
  connect(startAction_, &QAction::triggered, this, &PlaygroundPage::start);
  connect(stopAction_, &QAction::triggered, &run_, &PlaygroundRun::stop);
  connect(tableAction_, &QAction::toggled, this, &PlaygroundPage::showTables);
  connect(browseAction_, &QAction::triggered, this, &PlaygroundPage::browse);

  auto* content = new QWidget(this);
  auto* panes = new QSplitter(content);
  panes->setObjectName(QStringLiteral("playground.panes"));
  panes->addWidget(makePane(PlaygroundRun::reference));
  panes->addWidget(makePane(PlaygroundRun::packed));
  panes->setChildrenCollapsible(false);
  panes->setSizes({1000, 1000});
  legend_ = new DivergenceLegend(content);
  readout_ = new QLabel(content);
  readout_->setObjectName(QStringLiteral("playground.readout"));
  readout_->setTextFormat(Qt::PlainText);
  readout_->setWordWrap(true);
  readout_->setMinimumHeight(fontMetrics().height() * 2);
  readout_->setAlignment(Qt::AlignTop | Qt::AlignLeft);
  message_ = new QLabel(content);
  message_->setObjectName(QStringLiteral("playground.message"));
  message_->setTextFormat(Qt::PlainText);
  message_->setWordWrap(true);
  error_ = new ErrorPanel(QStringLiteral("playground.error"), content);

  auto* bottom = new QHBoxLayout;
  bottom->addWidget(legend_);
  bottom->addStretch(1);
  bottom->addWidget(actionButton(tableAction_, content));
  auto* layout = new QVBoxLayout(content);
  layout->addWidget(makeControls());
  layout->addWidget(message_);
  layout->addWidget(error_);
  layout->addWidget(panes, 1);
  layout->addLayout(bottom);
  layout->addWidget(readout_);

  empty_ = new EmptyState(QStringLiteral("playground.empty"), this);
  empty_->set(tr("Nothing to play with yet"), tr("Open a 16-bit model, and pack it, to see both write side by side."),
              tr("Open a model …"));
  connect(empty_, &EmptyState::pressed, this, [this] { this->session().requestPage(QLatin1String(page::start)); });
  stack_ = new QStackedWidget(this);
  stack_->addWidget(empty_);
  stack_->addWidget(content);
  auto* outer = new QVBoxLayout(this);
  outer->setContentsMargins(0, 0, 0, 0);
  outer->addWidget(stack_);

  connect(&run_, &PlaygroundRun::started, this, &PlaygroundPage::showStarted);
  connect(&run_, &PlaygroundRun::tokensChanged, this, &PlaygroundPage::showTokens);
  connect(&run_, &PlaygroundRun::finished, this, &PlaygroundPage::showFinished);
  connect(&run_, &PlaygroundRun::failed, this, [this](const ErrorInfo& error) {
    message_->clear();
    error_->show(tr("The models cannot write"), error);
  });
  connect(&packed_, &PackedModels::changed, this, &PlaygroundPage::showPackedModels);
  connect(&session, &Session::modelOpened, this, &PlaygroundPage::showModel);
  connect(&session, &Session::experimentsChanged, this, &PlaygroundPage::loadPackedModels);
  connect(&session, &Session::scoresChanged, this, &PlaygroundPage::loadPackedModels);  // they tell the fingerprint
  showModel();
}

QList<QAction*> PlaygroundPage::pageActions() const {
  return {startAction_, stopAction_, tableAction_, browseAction_};
}

void PlaygroundPage::activated() {
  loadPackedModels();
}

void PlaygroundPage::loadPackedModels() {
  if (!session().hasModel()) return;
  const auto scores = session().scores();
  packed_.load(session().experimentsFile(), session().modelPath(),
               scores ? QString::fromStdString(scores->model_fingerprint) : QString());
}

QWidget* PlaygroundPage::makeControls() {
  auto* box = new QWidget(this);
  prompt_ = new QPlainTextEdit(box);
  prompt_->setObjectName(QStringLiteral("playground.prompt"));
  prompt_->setAccessibleName(tr("Prompt"));
  prompt_->setToolTip(tr("The text that both models continue"));
  prompt_->setTabChangesFocus(true);
  prompt_->setPlainText(settings::value(kPromptKey, QStringLiteral("Once upon a time")).toString());
  prompt_->setMaximumHeight(fontMetrics().height() * 6);
  auto* promptLabel = new QLabel(tr("P&rompt:"), box);
  promptLabel->setBuddy(prompt_);

  model_ = new ChoiceBox(28, box);
  model_->setObjectName(QStringLiteral("playground.model"));
  model_->setAccessibleName(tr("Packed model"));
  model_->setToolTip(tr("The packed models made from the open model, and any you chose yourself"));
  tokens_ = new QSpinBox(box);
  tokens_->setObjectName(QStringLiteral("playground.tokens"));
  tokens_->setRange(1, 100000);
  tokens_->setToolTip(tr("New tokens at most; a model may end earlier"));
  temperature_ = new FigureBox(box);
  temperature_->setObjectName(QStringLiteral("playground.temperature"));
  temperature_->setRange(0, 10);
  temperature_->setSingleStep(0.1);
  temperature_->setSpecialValueText(tr("0 (greedy)"));
  temperature_->setToolTip(tr("0 always takes the most likely token; 1 samples from the model's own distribution"));
  topP_ = new FigureBox(box);
  topP_->setObjectName(QStringLiteral("playground.topP"));
  topP_->setRange(0.01, 1);
  topP_->setSingleStep(0.05);
  topP_->setToolTip(tr("Sample from the most likely tokens that together have this probability; 1 leaves none out"));
  seed_ = new QSpinBox(box);
  seed_->setObjectName(QStringLiteral("playground.seed"));
  seed_->setRange(0, std::numeric_limits<int>::max());
  seed_->setMinimumWidth(tokens_->sizeHint().width());  // the longest seed needs no room of its own
  seed_->setToolTip(tr("The same seed gives the same text; both models draw with the same one"));
  scales_ = new ChoiceBox(7, box);
  scales_->setObjectName(QStringLiteral("playground.scales"));
  for (const auto& [mode, text] : {std::pair{ScaleMode::exact, tr("Exact")}, std::pair{ScaleMode::folded, tr("Folded")},
                                   std::pair{ScaleMode::folded_token, tr("Folded, by token")}}) {
    const std::string_view name = scale_mode_name(mode);
    scales_->addItem(text, QString::fromLatin1(name.data(), static_cast<qsizetype>(name.size())));
  }
  scales_->setToolTip(tr(
      "How the packed model's scales are computed. Exact, as stored (default); or folded into the codes of the "
      "weights, which is faster on GPUs and rounds differently, with activations rounded for each token and group, "
      "or for each token as a whole. Prompts of fewer than 128 tokens, and every new token, are exact in any case."));
  remember(tokens_, "tokens", 64);
  remember(temperature_, "temperature", 0);
  remember(topP_, "topP", 1);
  remember(seed_, "seed", 0);
  remember(scales_, "scales");
  connect(prompt_, &QPlainTextEdit::textChanged, this, [this] { settings::set(kPromptKey, prompt_->toPlainText()); });

  auto* modelRow = new QHBoxLayout;
  auto* modelLabel = new QLabel(tr("Packed &model:"), box);
  modelLabel->setBuddy(model_);
  modelRow->addWidget(modelLabel);
  modelRow->addWidget(model_, 1);
  modelRow->addWidget(actionButton(browseAction_, box));
  auto* numbersRow = new QHBoxLayout;
  const auto add = [&](const QString& text, QWidget* field) {
    auto* label = new QLabel(text, box);
    label->setBuddy(field);
    field->setAccessibleName(QString(text).remove(QLatin1Char('&')).remove(QLatin1Char(':')));
    numbersRow->addWidget(label);
    numbersRow->addWidget(field);
  };
  add(tr("To&kens:"), tokens_);
  add(tr("&Temperature:"), temperature_);
  add(tr("T&op-p:"), topP_);
  add(tr("See&d:"), seed_);
  add(tr("S&cales:"), scales_);
  numbersRow->addStretch(1);
  numbersRow->addWidget(actionButton(startAction_, box));
  numbersRow->addWidget(actionButton(stopAction_, box));

  auto* layout = new QVBoxLayout(box);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(promptLabel);
  layout->addWidget(prompt_);
  layout->addLayout(modelRow);
  layout->addLayout(numbersRow);
  return box;
}

QWidget* PlaygroundPage::makePane(PlaygroundRun::Side side) {
  const bool reference = side == PlaygroundRun::reference;
  const QString name = reference ? QStringLiteral("playground.reference") : QStringLiteral("playground.packed");
  Pane& pane = panes_[at(side)];
  auto* box = new QWidget(this);
  pane.title = new QLabel(reference ? tr("16 bit") : tr("Packed"), box);
  QFont bold = pane.title->font();
  bold.setBold(true);
  pane.title->setFont(bold);
  pane.title->setTextFormat(Qt::PlainText);
  pane.speed = new QLabel(box);
  pane.speed->setObjectName(name + QStringLiteral(".speed"));
  pane.speed->setTextFormat(Qt::PlainText);
  pane.flow = new TokenFlow(name, box);
  pane.flow->setBoxed(false);
  pane.flow->setAccessibleName(reference ? tr("Text of the 16-bit model") : tr("Text of the packed model"));
  pane.table = new QTableView(box);
  pane.table->setObjectName(name + QStringLiteral(".table"));
  pane.table->setAccessibleName(reference ? tr("Tokens of the 16-bit model") : tr("Tokens of the packed model"));
  pane.table->setModel(&tables_[at(side)]);
  lookLikeAList(*pane.table).fitContents(PlayTokenTable::text);
  pane.table->setTabKeyNavigation(false);
  pane.stack = new QStackedWidget(box);
  pane.stack->addWidget(pane.flow);
  pane.stack->addWidget(pane.table);
  auto* top = new QHBoxLayout;
  top->addWidget(pane.title, 1);
  top->addWidget(pane.speed);
  auto* layout = new QVBoxLayout(box);
  const int gap = fontMetrics().height() / 2;
  layout->setContentsMargins(reference ? 0 : gap, 0, reference ? gap : 0, 0);
  layout->addLayout(top);
  layout->addWidget(pane.stack, 1);
  connect(pane.flow, &TokenFlow::currentChanged, this, [this, side](int index) { showCurrent(side, index); });
  return box;
}

QString PlaygroundPage::packedPath() const {
  return session().isPacked() ? session().modelPath() : model_->currentData().toString();
}

QString PlaygroundPage::referencePath() const {
  return session().isPacked() ? QString() : session().modelPath();
}

void PlaygroundPage::showModel() {
  stack_->setCurrentIndex(session().hasModel() ? 1 : 0);
  run_.stop();
  error_->clear();
  stopAction_->setEnabled(run_.running());
  added_.clear();
  showPackedModels();
  loadPackedModels();
}

void PlaygroundPage::showPackedModels() {
  const QString chosen = model_->currentData().toString();
  const QSignalBlocker quiet(model_);
  model_->clear();
  const bool fixed = session().hasModel() && session().isPacked();
  if (fixed) {
    model_->addItem(session().modelName(), session().modelPath());
  } else {
    for (const PackedModelEntry& entry : packed_.entries())
      model_->addItem(entry.title, entry.path);
    if (!added_.isEmpty() && model_->findData(added_) < 0) model_->addItem(QFileInfo(added_).fileName(), added_);
    if (model_->count() == 0) model_->addItem(tr("none yet: the 16-bit model writes alone"), QString());
  }
  const int index = model_->findData(chosen);
  model_->setCurrentIndex(index >= 0 && !chosen.isEmpty() ? index : 0);
  model_->setEnabled(!fixed);
  browseAction_->setEnabled(!fixed);
  panes_[PlaygroundRun::reference].flow->setPlaceholder(
      fixed ? tr("Open the 16-bit model this one was made from to compare the two.")
            : tr("Write a prompt and press Generate: the 16-bit model's text appears here."));
  panes_[PlaygroundRun::packed].flow->setPlaceholder(
      packedPath().isEmpty() ? tr("Pack the model under Budget, or choose a packed model above.")
                             : tr("The packed model's text appears here."));
}

void PlaygroundPage::browse() {
  const QString directory =
      QFileDialog::getExistingDirectory(this, tr("Choose a packed model"), session().dataDirectory());
  if (!directory.isEmpty()) choosePacked(directory);
}

void PlaygroundPage::choosePacked(const QString& directory) {
  if (!is_packed_model(directory.toStdString())) {
    ErrorInfo error;
    error.code = QStringLiteral("unsupported");
    error.file = directory;
    error.expected = tr("a packed model");
    error.found = tr("a directory of another kind");
    error.advice = tr("Choose a directory that Salient has packed; Budget and Export make them.");
    return error_->show(tr("This is no packed model"), error);
  }
  error_->clear();
  added_ = QDir(directory).absolutePath();
  showPackedModels();
  model_->setCurrentIndex(model_->findData(added_));
}

void PlaygroundPage::start() {
  if (!session().hasModel() || run_.running()) return;
  PlaySettings settings;
  settings.packed = packedPath();
  settings.reference = referencePath();
  settings.prompt = prompt_->toPlainText();
  settings.tokens = tokens_->value();
  settings.temperature = temperature_->value();
  settings.topP = topP_->value();
  settings.seed = seed_->value();
  settings.scales = scales_->currentData().toString();
  settings.compute = session().computeKeys();
  run_.start(settings);
}

void PlaygroundPage::showStarted() {
  message_->setText(tr("Loading …"));
  error_->clear();
  startAction_->setEnabled(false);
  stopAction_->setEnabled(true);
  for (const auto side : kBothSides) {
    Pane& pane = panes_[at(side)];
    const QString model = run_.side(side).model;
    const QString kind = side == PlaygroundRun::reference ? tr("16 bit") : tr("Packed");
    pane.title->setText(model.isEmpty() ? kind : tr("%1 — %2").arg(kind, QFileInfo(model).fileName()));
    pane.flow->setTokens({});
    pane.shown = 0;
    tables_[at(side)].show({});
    pane.speed->clear();
  }
}

void PlaygroundPage::showTokens(PlaygroundRun::Side side) {
  message_->setText(tr("Writing …"));
  Pane& pane = panes_[at(side)];
  const QVector<PlayToken>& tokens = run_.side(side).tokens;
  QVector<FlowToken> fresh;
  for (; pane.shown < tokens.size(); ++pane.shown) {
    const PlayToken& token = tokens[pane.shown];
    FlowToken shown;
    shown.text = token.text;
    if (token.compared) {
      const int level = divergenceLevel(token.kl);
      shown.ground = divergenceColour(palette(), level);
      shown.underline = level;
      shown.details = tr("Token %1, id %2, \"%3\": divergence %4; log-probability %5, by the other model %6%7")
                          .arg(numbers::count(pane.shown + 1), QString::number(token.id),
                               TokenFlow::shown(token.text, false), numbers::nats(token.kl),
                               numbers::nats(token.logProbability), numbers::nats(token.otherLogProbability),
                               token.sameFirst ? QString() : tr("; the two would choose different tokens"));
    }
    fresh.append(shown);
  }
  pane.flow->append(fresh);
  tables_[at(side)].show(tokens);
  showSpeed(side);
}

void PlaygroundPage::showSpeed(PlaygroundRun::Side side) {
  const PlaySide& shown = run_.side(side);
  QStringList parts;
  if (shown.tokensPerSecond > 0) parts << numbers::rate(shown.tokensPerSecond);
  const auto count = static_cast<int>(shown.tokens.size());
  if (count > 0 && shown.tokens.front().compared) parts << tr("%n token(s)", nullptr, count);
  if (shown.ended) parts << tr("ended by the model");
  if (const double kl = shown.meanKl(); std::isfinite(kl)) parts << tr("mean KL %1").arg(numbers::nats(kl));
  panes_[at(side)].speed->setText(parts.join(QStringLiteral(" · ")));
}

void PlaygroundPage::showFinished() {
  startAction_->setEnabled(true);
  stopAction_->setEnabled(false);
  for (const auto side : kBothSides) {
    showSpeed(side);
  }
  if (!error_->isHidden()) return;
  const int parts = run_.partsAt();
  if (!run_.compares()) {
    message_->clear();
  } else if (parts >= 0) {
    message_->setText(tr("The two texts part at token %1.").arg(numbers::count(parts + 1)));
  } else {
    message_->setText(tr("Both models wrote the same text."));
  }
}

void PlaygroundPage::showCurrent(PlaygroundRun::Side side, int index) {
  if (index < 0) return readout_->clear();
  readout_->setText(panes_[at(side)].flow->tokens().at(index).details);
}

void PlaygroundPage::showTables(bool tables) {
  for (Pane& pane : panes_)
    pane.stack->setCurrentIndex(tables ? 1 : 0);
}

void PlaygroundPage::changeEvent(QEvent* event) {
  Page::changeEvent(event);
  if (event->type() != QEvent::PaletteChange || stack_ == nullptr) return;
  for (const auto side : kBothSides) {
    Pane& pane = panes_[at(side)];
    if (pane.flow == nullptr) continue;
    QVector<FlowToken> tokens = pane.flow->tokens();
    for (FlowToken& token : tokens)
      token.ground = divergenceColour(palette(), token.underline);
    pane.flow->setTokens(tokens);
  }
}

}  // namespace salient::ui
