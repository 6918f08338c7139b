// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/model_page.h"

#include <QCheckBox>
#include <QClipboard>
#include <QFile>
#include <QFileDialog>
#include <QFormLayout>
#include <QGroupBox>
#include <QGuiApplication>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

#include "core/base/file.h"
#include "ui/models/model_facts.h"
#include "ui/models/numbers.h"
#include "ui/plots/table_look.h"
#include "ui/views/action_button.h"
#include "ui/views/empty_state.h"
#include "ui/views/form_look.h"
#include "ui/views/icons.h"
#include "ui/views/token_flow.h"
#include "ui/views/upright_scroll.h"

namespace salient::ui {
namespace {

constexpr int kMostLetters = 60;  ///< of a verdict; pointing at it shows the rest
constexpr int kDeviceRows = 6;    ///< seen at once: few machines have more devices

QLabel* selectableLabel(const QString& text, QWidget* parent) {
  auto* label = new QLabel(text, parent);
  label->setTextFormat(Qt::PlainText);
  label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  return label;
}

/// Grounds of neighbouring tokens; their edges part them as well.
QColor alternating(const QPalette& palette, int index) {
  const bool dark = palette.color(QPalette::Base).lightnessF() < 0.5;
  static constexpr int kHues[] = {210, 40, 150, 290};
  return QColor::fromHsl(kHues[index % 4], dark ? 90 : 160, dark ? 60 : 215);
}

}  // namespace

ModelPage::ModelPage(Session& session, QWidget* parent)
    : Page(session, QLatin1String(page::model), parent),
      trial_(session.helper()),
      estimates_(session),
      scan_(session.program()) {
  copy_ = new QAction(icon(QStringLiteral("copy")), tr("&Copy tensors"), this);
  copy_->setObjectName(QStringLiteral("model.copy"));
  copy_->setShortcut(QKeySequence(QStringLiteral("Ctrl+Shift+C")));
  copy_->setToolTip(tr("Copy the selected tensors, or all that are shown, as CSV"));
  save_ = new QAction(icon(QStringLiteral("save")), tr("&Export tensors …"), this);
  save_->setObjectName(QStringLiteral("model.export"));
  save_->setShortcut(QKeySequence(QStringLiteral("Ctrl+S")));
  save_->setToolTip(tr("Write the tensors that are shown to a CSV file"));
  find_ = new QAction(icon(QStringLiteral("filter")), tr("&Filter tensors"), this);
  find_->setObjectName(QStringLiteral("model.find"));
  find_->setShortcut(QKeySequence::Find);
  connect(copy_, &QAction::triggered, this, &ModelPage::copyTensors);
  connect(save_, &QAction::triggered, this, &ModelPage::saveTensors);
  connect(find_, &QAction::triggered, this, [this] {
    tabs_->setCurrentIndex(0);
    filter_->setFocus(Qt::ShortcutFocusReason);
    filter_->selectAll();
  });

  name_ = selectableLabel({}, this);
  QFont large = name_->font();
  large.setPointSizeF(large.pointSizeF() * 1.5);
  name_->setFont(large);
  name_->setObjectName(QStringLiteral("model.name"));
  path_ = selectableLabel({}, this);
  path_->setForegroundRole(QPalette::PlaceholderText);
  path_->setWordWrap(true);
  path_->setObjectName(QStringLiteral("model.path"));
  notes_ = selectableLabel({}, this);
  notes_->setWordWrap(true);
  notes_->setObjectName(QStringLiteral("model.notes"));

  QWidget* facts = makeFacts();  // before the tabs, for the Tab key as well
  tabs_ = new QTabWidget(this);
  tabs_->setObjectName(QStringLiteral("model.tabs"));
  tabs_->addTab(makeTensors(), icon(QStringLiteral("table")), tr("&Tensors"));
  tabs_->addTab(makeTokenizer(), icon(QStringLiteral("annotate")), tr("To&kenizer"));
  tabs_->addTab(makeEstimates(), icon(QStringLiteral("jobs")), tr("Esti&mates"));

  auto* content = new QWidget(this);
  auto* columns = new QSplitter(content);
  columns->setObjectName(QStringLiteral("model.columns"));
  columns->addWidget(facts);
  columns->addWidget(tabs_);
  columns->setStretchFactor(1, 1);
  const int letter = fontMetrics().averageCharWidth();
  columns->setSizes({58 * letter, 140 * letter});  // the facts in one line each, mostly
  columns->setChildrenCollapsible(false);
  auto* contentLayout = new QVBoxLayout(content);
  contentLayout->addWidget(name_);
  contentLayout->addWidget(path_);
  contentLayout->addWidget(notes_);
  contentLayout->addWidget(columns, 1);

  empty_ = new EmptyState(QStringLiteral("model.empty"), this);
  empty_->set(tr("No model is open"), tr("Open a model directory in Hugging Face's layout, or the bundled sample."),
              tr("Open a model …"));
  connect(empty_, &EmptyState::pressed, this, [this] { this->session().requestPage(QLatin1String(page::start)); });

  stack_ = new QStackedWidget(this);
  stack_->addWidget(empty_);
  stack_->addWidget(content);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(stack_);

  connect(&session, &Session::modelOpened, this, &ModelPage::showModel);
  connect(&tensors_, &TensorTableModel::updated, this, &ModelPage::showCount);
  connect(&trial_, &TokenizerTrial::changed, this, &ModelPage::showTokens);
  connect(&trial_, &TokenizerTrial::refused, this, [this](const ErrorInfo& error) {
    flow_->setTokens({});
    summary_->setText(error.message);
  });
  connect(&estimates_, &DeviceEstimates::changed, this, &ModelPage::showEstimates);
  connect(&scan_, &WeightScan::changed, this, &ModelPage::showScan);
  // Another recipe or another text is another estimate, asked for once the page is looked at.
  const auto outdated = [this] {
    if (isVisible()) estimates_.refresh();
  };
  connect(&session, &Session::textsChanged, this, outdated);
  connect(&session.recipe(), &RecipeDocument::changed, this, outdated);  // undone, while the page is seen
  if (session.hasModel()) showModel();
}

QList<QAction*> ModelPage::pageActions() const {
  return {find_, copy_, save_};
}

void ModelPage::activated() {
  estimates_.refresh();
}

QWidget* ModelPage::makeFacts() {
  auto* area = new UprightScroll(this);
  area->setObjectName(QStringLiteral("model.factsArea"));
  area->setAccessibleName(tr("Facts about the model"));
  auto* inner = new QWidget(area);
  inner->setObjectName(QStringLiteral("model.facts"));
  facts_ = new QVBoxLayout(inner);
  facts_->setContentsMargins(0, 0, 0, 0);
  area->hold(inner);
  return area;
}

QWidget* ModelPage::makeTensors() {
  auto* page = new QWidget(this);
  filter_ = new QLineEdit(page);
  filter_->setObjectName(QStringLiteral("model.filter"));
  filter_->setClearButtonEnabled(true);
  filter_->setPlaceholderText(tr("layers.0 q_proj, bf16, 4096 …"));
  filter_->setToolTip(tr("Shows the tensors that hold each of these words in any column, in either case"));
  auto* label = new QLabel(tr("F&ilter:"), page);
  label->setBuddy(filter_);
  filter_->setAccessibleName(tr("Filter of the tensors"));
  connect(filter_, &QLineEdit::textChanged, &tensors_, &TensorTableModel::setFilter);
  count_ = new QLabel(page);
  count_->setObjectName(QStringLiteral("model.count"));

  table_ = new QTableView(page);
  table_->setObjectName(QStringLiteral("model.tensors"));
  table_->setAccessibleName(tr("Tensors of the model"));
  table_->setModel(&tensors_);
  lookLikeAList(*table_).fitContents(TensorTableModel::nameColumn);
  sayWhenEmpty(*table_, tr("No tensor holds each of these words."));
  table_->setSortingEnabled(true);
  table_->sortByColumn(TensorTableModel::nameColumn, Qt::AscendingOrder);
  table_->setTextElideMode(Qt::ElideMiddle);  // the end of a name says what it is
  table_->verticalHeader()->setDefaultSectionSize(table_->fontMetrics().height() + table_->fontMetrics().height() / 3);

  auto* top = new QHBoxLayout;
  top->addWidget(label);
  top->addWidget(filter_, 1);
  QWidget* before = filter_;
  for (QAction* action : {copy_, save_}) {
    QWidget* button = actionButton(action, page);
    top->addWidget(button);
    setTabOrder(before, button);
    before = button;
  }
  setTabOrder(before, table_);
  auto* layout = new QVBoxLayout(page);
  layout->addLayout(top);
  layout->addWidget(table_, 1);
  layout->addWidget(count_);
  return page;
}

QWidget* ModelPage::makeTokenizer() {
  auto* page = new QWidget(this);
  text_ = new QPlainTextEdit(page);
  text_->setObjectName(QStringLiteral("model.text"));
  text_->setAccessibleName(tr("Text to cut into tokens"));
  text_->setToolTip(tr("Type or paste a text; its tokens follow as you type"));
  text_->setTabChangesFocus(true);
  text_->setMaximumHeight(fontMetrics().height() * 8);
  text_->setPlainText(tr("The quick brown fox jumps over 13 lazy dogs. Größe: 4 µm 🙂"));
  auto* label = new QLabel(tr("Te&xt:"), page);
  label->setBuddy(text_);
  special_ = new QCheckBox(tr("&Special tokens around the text"), page);
  special_->setObjectName(QStringLiteral("model.special"));
  special_->setToolTip(
      tr("With the tokens that the tokenizer's template puts in front of and behind a text (BOS, EOS)"));
  special_->setChecked(true);
  summary_ = new QLabel(page);
  summary_->setObjectName(QStringLiteral("model.summary"));
  summary_->setWordWrap(true);
  summary_->setTextFormat(Qt::PlainText);
  flow_ = new TokenFlow(QStringLiteral("model.tokens"), page);
  flow_->setAccessibleName(tr("Tokens with their ids"));
  flow_->setPlaceholder(tr("The tokens of the text appear here."));
  token_ = selectableLabel({}, page);
  token_->setObjectName(QStringLiteral("model.token"));
  token_->setWordWrap(true);
  auto* legend = new QLabel(tr("Solid edge: text. Dashed: a special token. Dotted: bytes, in hexadecimal, that are no "
                               "whole character. · stands for a space."),
                            page);
  legend->setWordWrap(true);
  legend->setForegroundRole(QPalette::PlaceholderText);

  connect(text_, &QPlainTextEdit::textChanged, this, [this] { trial_.setText(text_->toPlainText()); });
  connect(special_, &QCheckBox::toggled, &trial_, &TokenizerTrial::setSpecial);
  connect(flow_, &TokenFlow::currentChanged, this, &ModelPage::showCurrentToken);
  trial_.setText(text_->toPlainText());

  auto* layout = new QVBoxLayout(page);
  layout->addWidget(label);
  layout->addWidget(text_);
  layout->addWidget(special_);
  layout->addWidget(summary_);
  layout->addWidget(flow_, 1);
  layout->addWidget(token_);
  layout->addWidget(legend);
  showCurrentToken(-1);
  return page;
}

QWidget* ModelPage::makeEstimates() {
  auto* page = new QWidget(this);
  estimateText_ = new QLabel(page);
  estimateText_->setObjectName(QStringLiteral("model.estimateText"));
  estimateText_->setWordWrap(true);
  estimateText_->setTextFormat(Qt::PlainText);
  estimateTable_ = new QTableView(page);
  estimateTable_->setObjectName(QStringLiteral("model.estimates"));
  estimateTable_->setAccessibleName(tr("What the whole job takes on each device"));
  estimateTable_->setModel(&estimates_);
  lookLikeAList(*estimateTable_)
      .fitContents(DeviceEstimates::verdictColumn, kMostLetters * fontMetrics().averageCharWidth());
  estimateTable_->setSelectionMode(QAbstractItemView::SingleSelection);
  estimateTable_->setMaximumHeight(kDeviceRows * estimateTable_->verticalHeader()->defaultSectionSize());
  stages_ = selectableLabel({}, page);
  stages_->setObjectName(QStringLiteral("model.stages"));
  stages_->setAccessibleName(tr("Stages on the chosen device"));
  stages_->setWordWrap(true);
  connect(estimateTable_->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &ModelPage::showStages);
  auto* layout = new QVBoxLayout(page);
  layout->addWidget(estimateText_);
  layout->addWidget(estimateTable_, 1);
  layout->addWidget(stages_);
  layout->addStretch(1);
  return page;
}

void ModelPage::showModel() {
  stack_->setCurrentIndex(1);
  name_->setText(session().modelName());
  path_->setText(session().modelPath());
  showFacts();
  scan_.start(session().modelPath());
  filter_->clear();
  static_cast<TableHeader*>(table_->horizontalHeader())->refit();
  tensors_.setTensors(session().inspect().value(QLatin1String("tensors")).toArray());
  trial_.setModel(session().modelPath());
  if (isVisible()) estimates_.refresh();
}

void ModelPage::showFacts() {
  while (QLayoutItem* item = facts_->takeAt(0)) {
    delete item->widget();
    delete item;
  }
  for (const FactGroup& group : modelFacts(session().inspect())) {
    auto* box = new QGroupBox(group.title, facts_->parentWidget());
    auto* form = new QFormLayout(box);
    form->setRowWrapPolicy(QFormLayout::DontWrapRows);
    for (const Fact& fact : group.facts) {
      auto* label = new QLabel(tr("%1:").arg(fact.label), box);
      auto* value = selectableLabel(fact.value, box);
      value->setObjectName(QStringLiteral("model.fact.") + fact.key);
      value->setAccessibleName(fact.label);
      value->setWordWrap(true);
      label->setToolTip(fact.explanation);
      value->setToolTip(fact.explanation);
      form->addRow(label, value);
    }
    facts_->addWidget(box);
  }
  facts_->addStretch(1);
  alignForms(*facts_->parentWidget());
}

void ModelPage::showScan() {
  const QStringList notes = modelNotes(session().inspect()) + scan_.damages();
  QStringList shown;
  for (const QString& note : notes)
    shown << QStringLiteral("⚠ ") + noteInShort(note);
  notes_->setText(shown.join(QLatin1Char('\n')));
  notes_->setToolTip(Qt::convertFromPlainText(notes.join(QStringLiteral("\n\n"))));  // wraps
  notes_->setVisible(!notes.isEmpty());
  if (auto* values = findChild<QLabel*>(QStringLiteral("model.fact.values"))) values->setText(scan_.summary());
}

void ModelPage::showCount() {
  const int shown = tensors_.rowCount();
  const QString size = numbers::bytes(static_cast<double>(tensors_.shownBytes()));
  count_->setText(shown == tensors_.total()
                      ? tr("%n tensor(s), %1", nullptr, shown).arg(size)
                      : tr("%1 of %n tensor(s), %2", nullptr, tensors_.total()).arg(numbers::count(shown), size));
}

void ModelPage::changeEvent(QEvent* event) {
  Page::changeEvent(event);
  // The grounds of the tokens are made for one palette.
  if (event->type() == QEvent::PaletteChange && flow_ != nullptr && !flow_->tokens().isEmpty()) showTokens();
}

void ModelPage::showTokens() {
  QVector<FlowToken> shown;
  const auto& tokens = trial_.tokens();
  shown.reserve(tokens.size());
  for (int i = 0; i < tokens.size(); ++i) {
    const TrialToken& token = tokens[i];
    FlowToken box;
    const bool bytes = token.kind == TrialToken::Kind::byte;
    box.text = bytes ? trial_.hex(token) : token.kind == TrialToken::Kind::special ? token.piece : token.text;
    box.below = QString::number(token.id);
    box.ground = alternating(palette(), i);
    box.edge = token.kind == TrialToken::Kind::special ? FlowToken::Edge::dashed
               : bytes                                 ? FlowToken::Edge::dotted
                                                       : FlowToken::Edge::solid;
    const QString kind = token.kind == TrialToken::Kind::special ? tr("special token")
                         : bytes                                 ? tr("bytes of a character")
                                                                 : tr("text");
    box.details =
        tr("Token %1: id %2, %3, in the vocabulary \"%4\"")
            .arg(numbers::count(i + 1), QString::number(token.id), kind, TokenFlow::shown(token.piece, false));
    box.details += token.begin == token.end ? tr("; put in by the tokenizer")
                                            : tr("; bytes %1 to %2 of the text").arg(token.begin).arg(token.end - 1);
    shown.append(box);
  }
  flow_->setTokens(shown);
  const auto count = static_cast<int>(tokens.size());
  QString summary = tr("%n token(s)", nullptr, count) + QStringLiteral(", ") +
                    tr("%n character(s)", nullptr, trial_.characters()) + QStringLiteral(", ") +
                    tr("%n byte(s)", nullptr, trial_.bytes());
  if (count > 0 && trial_.characters() > 0) {
    summary += tr("; %1 characters a token").arg(numbers::fixed(double(trial_.characters()) / count, 2));
  }
  if (trial_.cut()) {
    summary += tr(". Only the first %1 characters are looked at.").arg(numbers::count(TokenizerTrial::kMostCharacters));
  }
  summary_->setText(summary);
}

void ModelPage::showCurrentToken(int index) {
  token_->setText(index >= 0 ? flow_->tokens().at(index).details
                             : tr("Point at a token, or walk with the arrow keys, to see what it is."));
}

void ModelPage::showEstimates() {
  if (session().isPacked()) {
    estimateText_->setText(tr("This model is packed already: there is nothing left to estimate."));
  } else if (estimates_.withTexts()) {
    estimateText_->setText(
        tr("What searching, quantizing and measuring takes with the chosen texts and recipe. Times come from a short "
           "measurement of the device."));
  } else {
    estimateText_->setText(
        tr("What searching and quantizing takes with default settings. Choose both texts under Calibrate & search for "
           "an estimate of your own job."));
  }
  if (!estimates_.deviceNote().isEmpty()) {
    estimateText_->setText(estimateText_->text() + QLatin1Char('\n') +
                           tr("Other devices: %1").arg(estimates_.deviceNote()));
  }
  estimateTable_->setVisible(estimates_.rowCount() > 0);
  showStages();
}

/// What the row's tool tip tells, for the keyboard and for eyes that do not hunt for tool tips.
void ModelPage::showStages() {
  const int row = std::max(0, estimateTable_->currentIndex().row());
  const bool some = row < estimates_.rowCount();
  const auto text = [&](int column, int role) { return estimates_.index(row, column).data(role).toString(); };
  const QString stages = some ? text(DeviceEstimates::deviceColumn, Qt::ToolTipRole) : QString();
  stages_->setVisible(!stages.isEmpty());
  stages_->setText(
      tr("On %1:\n%2").arg(some ? text(DeviceEstimates::deviceColumn, Qt::DisplayRole) : QString(), stages));
}

void ModelPage::copyTensors() {
  QVector<int> rows;
  for (const QModelIndex& index : table_->selectionModel()->selectedRows())
    rows.append(index.row());
  std::sort(rows.begin(), rows.end());
  tensors_.makeCsv(rows, [this](const QByteArray& csv) {
    QGuiApplication::clipboard()->setText(QString::fromUtf8(csv));
    session().announce(tr("%n tensor(s) copied", nullptr, static_cast<int>(csv.count('\n')) - 1));
  });
}

void ModelPage::saveTensors() {
  const QString file = QFileDialog::getSaveFileName(
      this, tr("Export tensors"), session().modelName() + QStringLiteral("-tensors.csv"), tr("Figures (*.csv)"));
  if (file.isEmpty()) return;
  tensors_.writeCsv(file, [this, file](const ErrorInfo& error) {
    session().announce(error.code.isEmpty() ? tr("Written to %1").arg(file) : error.message);
  });
}

}  // namespace salient::ui
