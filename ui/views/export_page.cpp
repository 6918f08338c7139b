// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/export_page.h"

#include <QButtonGroup>
#include <QCheckBox>
#include <QDesktopServices>
#include <QDir>
#include <QFileDialog>
#include <QFormLayout>
#include <QGroupBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QRadioButton>
#include <QTableView>
#include <QUrl>
#include <QVBoxLayout>
#include <algorithm>

#include "core/pack/export_model.h"
#include "ui/models/core_sentences.h"
#include "ui/models/numbers.h"
#include "ui/plots/table_look.h"
#include "ui/views/choice_box.h"
#include "ui/views/error_panel.h"
#include "ui/views/path_edit.h"
#include "ui/views/upright_scroll.h"

namespace salient::ui {
namespace {

constexpr int kAskAfterMilliseconds = 250;
constexpr int kMostLetters = 24;  ///< of a column; the chosen row's check is said below the table

}  // namespace

ExportPage::ExportPage(Session& session, QWidget* parent)
    : Page(session, QLatin1String(page::exporting), parent), jobs_(session.jobs()) {
  export_ = makeAction(QStringLiteral("start"), tr("E&xport"), tr("Puts the export into the job queue"),
                       QKeySequence(QStringLiteral("Ctrl+Return")));
  check_ = makeAction(QStringLiteral("check"), tr("&Verify again"),
                      tr("Reads the export back and compares every weight and the logits with the packed model"),
                      QKeySequence(QStringLiteral("Ctrl+K")));
  folder_ = makeAction(QStringLiteral("folder"), tr("Open &folder"), tr("Shows the export in the file manager"),
                       QKeySequence(QStringLiteral("Ctrl+L")));
  error_ = new ErrorPanel(QStringLiteral("export.error"), this);
  // In a low window the formats scroll; where to and the button stay in sight.
  auto* formats = new UprightScroll(this);
  formats->setObjectName(QStringLiteral("export.formats"));
  formats->hold(makeFormats());
  auto* left = new QVBoxLayout;
  left->addWidget(makeSource());
  left->addWidget(formats, 1);
  left->addWidget(makeTarget());
  auto* columns = new QHBoxLayout;
  columns->addLayout(left, 1);
  columns->addWidget(makeResults(), 1);
  auto* layout = new QVBoxLayout(this);
  layout->addWidget(error_);
  layout->addLayout(columns, 1);

  asking_.setSingleShot(true);
  asking_.setInterval(kAskAfterMilliseconds);
  connect(&asking_, &QTimer::timeout, this, &ExportPage::ask);
  connect(&experiments_, &ExperimentsModel::loaded, this, &ExportPage::fillSources);
  connect(&experiments_, &ExperimentsModel::failed, this,
          [this](const ErrorInfo& error) { error_->show(tr("The experiments cannot be read"), error); });
  connect(&session, &Session::experimentsChanged, this,
          [this] { experiments_.setFile(this->session().experimentsFile()); });
  connect(&session, &Session::modelOpened, this, &ExportPage::fillSources);
  connect(&session, &Session::scoresChanged, this, &ExportPage::fillSources);
  connect(&session.recipe(), &RecipeDocument::changed, this, &ExportPage::fillSources);
  connect(&session.helper(), &WorkerClient::done, this, [this](WorkerClient::Id id, const QJsonObject& result) {
    if (id == question_) answered(result);
  });
  connect(&session.helper(), &WorkerClient::failed, this, [this](WorkerClient::Id id, const ErrorInfo& error) {
    if (id != question_) return;
    question_ = 0;
    space_->setText(error.message);
    refreshActions();
  });
  connect(&jobs_, &QAbstractItemModel::dataChanged, this, &ExportPage::refreshActions);
  connect(&jobs_, &QAbstractItemModel::rowsInserted, this, &ExportPage::refreshActions);
  connect(&jobs_, &QAbstractItemModel::rowsRemoved, this, &ExportPage::refreshActions);
  connect(export_, &QAction::triggered, this, &ExportPage::start);
  connect(check_, &QAction::triggered, this, &ExportPage::verifyAgain);
  connect(folder_, &QAction::triggered, this, &ExportPage::openFolder);
  experiments_.setFile(session.experimentsFile());
  fillSources();
}

ExportPage::~ExportPage() {
  disconnect(&jobs_, nullptr, this, nullptr);
  disconnect(&experiments_, nullptr, this, nullptr);
}

QList<QAction*> ExportPage::pageActions() const {
  return actions_;
}

QAction* ExportPage::makeAction(const QString& name, const QString& text, const QString& tip,
                                const QKeySequence& keys) {
  auto* action = new QAction(text, this);
  action->setObjectName(QStringLiteral("export.") + name);
  action->setToolTip(tip);
  action->setStatusTip(tip);
  action->setShortcut(keys);
  actions_.append(action);
  return action;
}

QWidget* ExportPage::makeSource() {
  auto* box = new QGroupBox(tr("What"), this);
  source_ = new ChoiceBox(24, box);
  source_->setObjectName(QStringLiteral("export.source"));
  source_->setAccessibleName(tr("Model to export"));
  source_->setToolTip(tr("The packed model of a finished experiment, or the current budget, which is quantized first"));
  auto* label = new QLabel(tr("&Model"), box);
  label->setBuddy(source_);
  auto* other = new QPushButton(tr("&Other…"), box);
  other->setObjectName(QStringLiteral("export.source.other"));
  other->setToolTip(tr("A packed model that is in no experiment"));
  auto* row = new QHBoxLayout(box);
  row->addWidget(label);
  row->addWidget(source_, 1);
  row->addWidget(other);
  connect(source_, &QComboBox::currentIndexChanged, this, &ExportPage::suggestOutput);
  connect(other, &QPushButton::clicked, this,
          [this] { chooseDirectory(QStringLiteral("export.source.dialog"), tr("A packed model"), nullptr); });
  return box;
}

QWidget* ExportPage::makeFormats() {
  auto* box = new QGroupBox(tr("Format"), this);
  formats_ = new QButtonGroup(box);
  auto* column = new QVBoxLayout(box);
  for (const ExportFormatInfo& info : export_formats()) {
    auto* radio = new QRadioButton(formatSentence(info.title), box);
    radio->setObjectName(QStringLiteral("export.format.") + QLatin1String(info.name));
    radio->setAccessibleDescription(
        tr("Weights: %1. Loses: %2. Loaded by: %3")
            .arg(formatSentence(info.keeps), formatSentence(info.loses), formatSentence(info.loaders)));
    formats_->addButton(radio, static_cast<int>(info.format));
    auto* text = new QLabel(box);
    text->setTextFormat(Qt::RichText);
    text->setText(tr("<b>Weights:</b> %1. <b>Loses:</b> %2.<br><b>Loaded by:</b> %3.")
                      .arg(formatSentence(info.keeps).toHtmlEscaped(), formatSentence(info.loses).toHtmlEscaped(),
                           formatSentence(info.loaders).toHtmlEscaped()));
    text->setWordWrap(true);
    text->setIndent(fontMetrics().height() + fontMetrics().averageCharWidth());
    column->addWidget(radio);
    column->addWidget(text);
  }
  column->addStretch(1);
  formats_->button(static_cast<int>(ExportFormat::fp16))->setChecked(true);
  connect(formats_, &QButtonGroup::idToggled, this, [this](int, bool on) {
    if (on) suggestOutput();
  });
  return box;
}

QWidget* ExportPage::makeTarget() {
  auto* box = new QGroupBox(tr("Where"), this);
  output_ = new PathEdit(box);
  output_->setObjectName(QStringLiteral("export.output"));
  output_->setAccessibleName(tr("Folder of the export"));
  output_->setToolTip(tr("A new or empty folder, or an earlier export, which is then replaced"));
  auto* label = new QLabel(tr("F&older"), box);
  label->setBuddy(output_);
  auto* browse = new QPushButton(tr("&Browse…"), box);
  browse->setObjectName(QStringLiteral("export.output.browse"));
  space_ = new QLabel(box);
  space_->setObjectName(QStringLiteral("export.space"));
  space_->setWordWrap(true);
  verify_ = new QCheckBox(tr("&Read it back afterwards and compare weights and logits"), box);
  verify_->setObjectName(QStringLiteral("export.verify"));
  verify_->setToolTip(tr("Compares every weight with the packed model's, and the logits of 32 random tokens"));
  verify_->setChecked(true);
  auto* button = new QPushButton(export_->text(), box);
  button->setObjectName(QStringLiteral("export.start.button"));
  button->setToolTip(export_->toolTip());
  connect(button, &QPushButton::clicked, export_, &QAction::trigger);
  connect(export_, &QAction::enabledChanged, button, &QPushButton::setEnabled);
  auto* row = new QHBoxLayout;
  row->addWidget(label);
  row->addWidget(output_, 1);
  row->addWidget(browse);
  auto* column = new QVBoxLayout(box);
  column->addLayout(row);
  column->addWidget(space_);
  column->addWidget(verify_);
  column->addWidget(button, 0, Qt::AlignLeft);
  connect(output_, &QLineEdit::textChanged, this, [this] {
    asking_.start();
    refreshActions();
  });
  connect(browse, &QPushButton::clicked, this,
          [this] { chooseDirectory(QStringLiteral("export.output.dialog"), tr("Folder of the export"), output_); });
  return box;
}

QWidget* ExportPage::makeResults() {
  auto* box = new QGroupBox(tr("Exports"), this);
  results_ = new QTableView(box);
  results_->setObjectName(QStringLiteral("export.results"));
  results_->setAccessibleName(tr("Exports and checks"));
  results_->setModel(&jobs_);
  lookLikeAList(*results_).fitContents(ExportJobs::check, kMostLetters * fontMetrics().averageCharWidth());
  results_->setSelectionMode(QAbstractItemView::SingleSelection);
  outcome_ = new QLabel(box);
  outcome_->setObjectName(QStringLiteral("export.outcome"));
  outcome_->setWordWrap(true);
  outcome_->setTextFormat(Qt::PlainText);
  outcome_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  auto* row = new QHBoxLayout;
  for (QAction* action : {check_, folder_}) {
    auto* button = new QPushButton(action->text(), box);
    button->setObjectName(action->objectName() + QStringLiteral(".button"));
    button->setToolTip(action->toolTip());
    connect(button, &QPushButton::clicked, action, &QAction::trigger);
    connect(action, &QAction::enabledChanged, button, &QPushButton::setEnabled);
    row->addWidget(button);
  }
  row->addStretch(1);
  auto* column = new QVBoxLayout(box);
  column->addWidget(results_, 1);
  column->addWidget(outcome_);
  column->addLayout(row);
  connect(results_->selectionModel(), &QItemSelectionModel::selectionChanged, this, &ExportPage::refreshActions);
  return box;
}

void ExportPage::chooseDirectory(const QString& name, const QString& title, QLineEdit* into) {
  auto* dialog =
      new QFileDialog(this, title, into != nullptr ? QFileInfo(into->text()).path() : session().dataDirectory());
  dialog->setObjectName(name);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setFileMode(QFileDialog::Directory);
  dialog->setOption(QFileDialog::ShowDirsOnly);
  connect(dialog, &QFileDialog::fileSelected, this, [this, into](const QString& directory) {
    if (into != nullptr) {
      into->setText(QDir::toNativeSeparators(directory));
    } else {
      addSource(directory);
    }
  });
  dialog->open();
}

bool ExportPage::hasBudget() const {
  return session().hasModel() && !session().isPacked() && session().scores() != nullptr;
}

void ExportPage::fillSources() {
  const QVariant kept = source_->currentData();
  const QSignalBlocker blocker(source_);
  source_->clear();
  if (hasBudget()) source_->addItem(tr("Current budget of %1 (quantized first)").arg(session().modelName()), QString());
  if (session().hasModel() && session().isPacked()) source_->addItem(session().modelName(), session().modelPath());
  for (int row = 0; row < experiments_.rowCount(); ++row) {
    const Experiment& e = experiments_.at(row);
    if (e.status != "done" || !e.exported) continue;
    const auto percent = e.metric("quantized", "percent");
    source_->addItem(tr("No. %1: %2 of %3, %4 in 8 bit")
                         .arg(numbers::count(e.id), methodName(e), modelName(e), numbers::percent(percent.value_or(0))),
                     QString::fromStdString(e.exported->path));
  }
  for (const QString& directory : more_)
    source_->addItem(QDir::toNativeSeparators(directory), directory);
  if (source_->count() == 0)
    source_->addItem(tr("Nothing quantized yet: search and choose a budget first"), QVariant());
  const int index = source_->findData(kept);
  source_->setCurrentIndex(std::max(0, index));
  suggestOutput();
}

void ExportPage::addSource(const QString& directory) {
  if (!more_.contains(directory)) more_.append(directory);
  fillSources();
  source_->setCurrentIndex(source_->findData(directory));
}

bool ExportPage::fromBudget() const {
  return source_->currentData().isValid() && source_->currentData().toString().isEmpty();
}

QString ExportPage::source() const {
  return source_->currentData().toString();
}

QString ExportPage::format() const {
  return QLatin1String(export_format_info(static_cast<ExportFormat>(formats_->checkedId())).name);
}

QString ExportPage::output() const {
  return QDir::fromNativeSeparators(output_->text().trimmed());
}

void ExportPage::suggestOutput() {
  if (output_->text().isEmpty() || output_->text() == suggested_) {
    QString base = source();
    if (fromBudget()) base = session().defaultOutput(tr("budget"));
    suggested_ = base.isEmpty() ? QString() : QDir::toNativeSeparators(base + QLatin1Char('-') + format());
    output_->setText(suggested_);
  }
  asking_.start();
  refreshActions();
}

QJsonObject ExportPage::request(const QString& model) const {
  return {{QStringLiteral("op"), QStringLiteral("export")},
          {QStringLiteral("model"), model},
          {QStringLiteral("format"), format()},
          {QStringLiteral("output"), output()},
          {QStringLiteral("verify"), verify_->isChecked()}};
}

void ExportPage::ask() {
  if (question_ != 0) session().helper().cancel(question_);
  question_ = 0;
  if (source().isEmpty() || output().isEmpty()) {
    space_->setText(fromBudget()
                        ? tr("The size is known once the budget is quantized; space is checked before writing.")
                        : QString());
    return;
  }
  QJsonObject question = request(source());
  question.insert(QStringLiteral("preflight"), true);
  space_->setText(tr("Looking at sizes …"));
  question_ = session().helper().submit(question);
}

void ExportPage::answered(const QJsonObject& plan) {
  question_ = 0;
  const double needed = plan.value(QLatin1String("bytes")).toDouble();
  const double free = plan.value(QLatin1String("disk_available")).toDouble();
  QString text = tr("Needs %1; %2 are free.").arg(numbers::bytes(needed), numbers::bytes(free));
  if (needed > free) text += QLatin1Char(' ') + tr("That is too little: choose another folder or make room.");
  if (plan.contains(QLatin1String("linears8"))) {
    text += QLatin1Char(' ') + tr("%1 linears stay in 4 bit, %2 take 8 bit.")
                                   .arg(numbers::count(plan.value(QLatin1String("linears4")).toInteger()),
                                        numbers::count(plan.value(QLatin1String("linears8")).toInteger()));
  }
  space_->setText(text);
  refreshActions();
}

void ExportPage::start() {
  error_->clear();
  if (fromBudget()) {
    startWithBudget();
    return;
  }
  session().jobs().add(tr("Export %1 as %2").arg(QFileInfo(source()).fileName(), format()), request(source()));
}

void ExportPage::startWithBudget() {
  // Two jobs: the second finds what the first has written, and fails in words where the first did not get there.
  const bool only = format() == QLatin1String("mixllm");
  const QString packed = only ? output() : output() + QStringLiteral(".packed");
  QJsonObject quantize = session().recipe().requestKeys(QStringLiteral("quantize"));
  quantize.insert(QStringLiteral("op"), QStringLiteral("quantize"));
  quantize.insert(QStringLiteral("model"), session().modelPath());
  quantize.insert(QStringLiteral("scores"), session().scoresFile());
  quantize.insert(QStringLiteral("output"), packed);
  quantize.insert(QStringLiteral("experiments"), session().experimentsFile());
  session().jobs().add(tr("Quantize %1 for export").arg(session().modelName()), quantize);
  if (only) return;
  session().jobs().add(tr("Export %1 as %2").arg(session().modelName(), format()), request(packed));
}

int ExportPage::resultRow() const {
  const QModelIndexList rows = results_->selectionModel()->selectedRows();
  if (!rows.isEmpty()) return rows.first().row();
  return jobs_.rowCount() > 0 ? 0 : -1;
}

void ExportPage::refreshActions() {
  const bool known = source_->currentData().isValid();
  export_->setEnabled(known && !output().isEmpty() && (!fromBudget() || hasBudget()));
  const int row = resultRow();
  const bool done = row >= 0 && jobs_.at(row).finishedForGood();
  check_->setEnabled(done);
  folder_->setEnabled(done);
  if (row < 0) {
    outcome_->setText(tr("Nothing exported yet."));
    return;
  }
  const JobRecord& job = jobs_.at(row);
  const QString check = ExportJobs::checkText(job);
  outcome_->setText(!job.error.message.isEmpty() ? job.error.message
                    : !check.isEmpty()           ? check
                                                 : jobs_.index(row, ExportJobs::state).data().toString());
}

void ExportPage::verifyAgain() {
  const int row = resultRow();
  if (row < 0) return;
  const JobRecord& job = jobs_.at(row);
  const bool checked = job.operation() == QLatin1String("verify");
  const QJsonObject verify{
      {QStringLiteral("op"), QStringLiteral("verify")},
      {QStringLiteral("model"), ExportJobs::directoryOf(job)},
      {QStringLiteral("against"), job.request.value(checked ? QLatin1String("against") : QLatin1String("model"))}};
  session().jobs().add(tr("Verify %1").arg(QFileInfo(ExportJobs::directoryOf(job)).fileName()), verify);
}

void ExportPage::openFolder() {
  const int row = resultRow();
  if (row < 0) return;
  const QString directory = ExportJobs::directoryOf(jobs_.at(row));
  if (!QDesktopServices::openUrl(QUrl::fromLocalFile(directory))) {
    session().announce(tr("No file manager answered; the export is in %1").arg(QDir::toNativeSeparators(directory)));
  }
}

}  // namespace salient::ui
