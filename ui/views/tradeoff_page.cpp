// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/tradeoff_page.h"

#include <QComboBox>
#include <QDir>
#include <QFileDialog>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QInputDialog>
#include <QLabel>
#include <QMenu>
#include <QMessageBox>
#include <QPushButton>
#include <QSplitter>
#include <QStackedWidget>
#include <QStandardPaths>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "ui/models/numbers.h"
#include "ui/models/report_language.h"
#include "ui/plots/report_pdf.h"
#include "ui/plots/table_look.h"
#include "ui/plots/tradeoff_plot.h"
#include "ui/views/choice_box.h"
#include "ui/views/comparison_view.h"
#include "ui/views/error_panel.h"

namespace salient::ui {
namespace {

constexpr double kMiB = 1024.0 * 1024.0;
constexpr int kLetters = 10;  ///< of a filter in a narrow window

/// As the axis shows it: bytes in MiB, shares in percent.
double axisCost(Cost cost, double value) {
  return cost == Cost::bytes ? value / kMiB : value;
}
double axisQuality(Quality quality, double value) {
  return quality == Quality::top1 ? 100 * value : value;
}

/// Refills a combo box and keeps what was chosen, where it is still there.
void refill(QComboBox& combo, const QVector<QPair<QString, QString>>& items) {
  const QString kept = combo.currentData().toString();
  const QSignalBlocker blocker(&combo);
  combo.clear();
  for (const auto& [text, data] : items)
    combo.addItem(text, data);
  combo.setCurrentIndex(std::max(0, combo.findData(kept)));
}

QString textId(const TextKey& key) {
  return QStringLiteral("%1/%2/%3/%4")
      .arg(key.sha256)
      .arg(key.length)
      .arg(key.windows)
      .arg(static_cast<int>(key.scales));
}

}  // namespace

TradeoffPage::TradeoffPage(Session& session, QWidget* parent)
    : Page(session, QLatin1String(page::tradeoff), parent), filter_(experiments_) {
  makeActions();
  error_ = new ErrorPanel(QStringLiteral("tradeoff.error"), this);
  status_ = new QLabel(this);
  status_->setObjectName(QStringLiteral("tradeoff.status"));
  status_->setWordWrap(true);
  status_->hide();
  plot_ = new TradeoffPlot(QStringLiteral("tradeoff.plot"), this);
  plot_->setTitle(tr("Quality and cost"));
  plot_->setTable(&filter_);
  comparison_ = new ComparisonView(this);

  upper_ = new QSplitter(Qt::Horizontal, this);
  upper_->setObjectName(QStringLiteral("tradeoff.upper"));
  upper_->addWidget(plot_);
  upper_->addWidget(comparison_);
  upper_->setChildrenCollapsible(false);
  upper_->setStretchFactor(0, 1);
  upper_->setStretchFactor(1, 1);
  auto* both = new QSplitter(Qt::Vertical, this);
  both->setObjectName(QStringLiteral("tradeoff.both"));
  both->addWidget(upper_);
  both->addWidget(makeTable());
  both->setStretchFactor(0, 3);
  both->setStretchFactor(1, 2);
  both->setSizes({3000, 1600});
  upper_->setSizes({1000, 1000});
  auto* full = new QWidget(this);
  auto* column = new QVBoxLayout(full);
  column->setContentsMargins(0, 0, 0, 0);
  column->addWidget(makeFilters());
  column->addWidget(both, 1);
  stack_ = new QStackedWidget(this);
  stack_->addWidget(makeEmpty());
  stack_->addWidget(full);
  auto* layout = new QVBoxLayout(this);
  layout->addWidget(error_);
  layout->addWidget(status_);
  layout->addWidget(stack_, 1);

  connect(&experiments_, &ExperimentsModel::loaded, this, &TradeoffPage::experimentsLoaded);
  connect(&experiments_, &ExperimentsModel::changed, &session, &Session::notifyExperiments);
  connect(&experiments_, &ExperimentsModel::failed, this,
          [this](const ErrorInfo& error) { error_->show(tr("The experiments cannot be read or changed"), error); });
  connect(&experiments_, &ExperimentsModel::subjectsRead, this, [this](std::shared_ptr<const Subjects> subjects) {
    comparison_->setSubjects(std::move(subjects));
    shareWidth();
  });
  connect(upper_, &QSplitter::splitterMoved, this, [this] { shares_.clear(); });
  connect(&experiments_, &ExperimentsModel::written, this, [this](const QString& file) {
    this->session().announceFile(tr("Report written to %1").arg(QDir::toNativeSeparators(file)), file);
  });
  connect(&session, &Session::experimentsChanged, this, [this] {
    if (experiments_.file() == this->session().experimentsFile()) {
      experiments_.reload();
    } else {
      experiments_.setFile(this->session().experimentsFile());
    }
  });
  connect(plot_, &TradeoffPlot::chosen, this, &TradeoffPage::choose);
  connect(table_->selectionModel(), &QItemSelectionModel::selectionChanged, this, &TradeoffPage::selectionChanged);
  experiments_.setFile(session.experimentsFile());
  selectionChanged();
}

TradeoffPage::~TradeoffPage() {
  // What the models still tell while they go must not reach widgets that are gone.
  disconnect(&experiments_, nullptr, this, nullptr);
}

QList<QAction*> TradeoffPage::pageActions() const {
  return actions_;
}

QAction* TradeoffPage::makeAction(const QString& name, const QString& text, const QString& tip,
                                  const QKeySequence& keys) {
  auto* action = new QAction(text, this);
  action->setObjectName(QStringLiteral("tradeoff.") + name);
  action->setToolTip(tip);
  action->setStatusTip(tip);
  action->setShortcut(keys);
  action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
  addAction(action);
  actions_.append(action);
  return action;
}

void TradeoffPage::makeActions() {
  html_ = makeAction(QStringLiteral("report.html"), tr("Report as &HTML…"),
                     tr("Writes the chosen experiments as one HTML file that loads nothing else"),
                     QKeySequence(QStringLiteral("Ctrl+E")));
  pdf_ = makeAction(QStringLiteral("report.pdf"), tr("Report as &PDF…"), tr("Writes the chosen experiments as a PDF"),
                    QKeySequence(QStringLiteral("Ctrl+P")));
  annotate_ = makeAction(QStringLiteral("annotate"), tr("&Note…"), tr("Writes a note on the chosen experiment"),
                         QKeySequence(Qt::Key_F2));
  delete_ = makeAction(QStringLiteral("delete"), tr("&Delete…"),
                       tr("Deletes the chosen experiments from the file; packed models stay"), QKeySequence::Delete);
  QAction* reload = makeAction(QStringLiteral("reload"), tr("&Read again"),
                               tr("Reads the file again; changes by other programs are noticed by themselves"),
                               QKeySequence::Refresh);
  connect(html_, &QAction::triggered, this, [this] { report(QStringLiteral("html")); });
  connect(pdf_, &QAction::triggered, this, [this] { report(QStringLiteral("pdf")); });
  connect(annotate_, &QAction::triggered, this, &TradeoffPage::annotate);
  connect(delete_, &QAction::triggered, this, &TradeoffPage::askToDelete);
  connect(reload, &QAction::triggered, &experiments_, &ExperimentsModel::reload);
}

QComboBox* TradeoffPage::makeCombo(const QString& name, const QString& label, const QString& tip) {
  auto* combo = new ChoiceBox(kLetters, this);
  combo->setObjectName(QStringLiteral("tradeoff.") + name);
  combo->setAccessibleName(QString(label).remove(QLatin1Char('&')));
  combo->setToolTip(tip);
  return combo;
}

QWidget* TradeoffPage::makeFilters() {
  auto* box = new QWidget(this);
  auto* grid = new QGridLayout(box);
  grid->setContentsMargins(0, 0, 0, 0);
  int column = 0;
  const auto add = [&](const QString& name, const QString& label, const QString& tip) {
    auto* combo = makeCombo(name, label, tip);
    auto* buddy = new QLabel(label, box);
    buddy->setBuddy(combo);
    grid->addWidget(buddy, 0, column);
    grid->addWidget(combo, 1, column++);
    return combo;
  };
  quality_ = add(QStringLiteral("quality"), tr("&Quality"), tr("The vertical axis"));
  for (const Quality q : {Quality::perplexity, Quality::klForward, Quality::klReverse, Quality::top1})
    quality_->addItem(qualityTitle(q), static_cast<int>(q));
  cost_ = add(QStringLiteral("cost"), tr("&Cost"), tr("The horizontal axis"));
  for (const Cost c : {Cost::effectiveBits, Cost::payloadBits, Cost::bytes, Cost::speed})
    cost_->addItem(costTitle(c), static_cast<int>(c));
  text_ = add(QStringLiteral("text"), tr("&Text"),
              tr("The text that was measured on; figures on different texts cannot be compared"));
  model_ = add(QStringLiteral("model"), tr("Mode&l"), tr("Shows experiments of one model"));
  method_ = add(QStringLiteral("method"), tr("M&ethod"), tr("Shows experiments of one method"));
  state_ = add(QStringLiteral("state"), tr("&Status"), tr("Shows experiments of one status"));
  for (const auto& [shown, status] :
       {qMakePair(tr("All"), QString()), qMakePair(tr("Done"), QStringLiteral("done")),
        qMakePair(tr("Running"), QStringLiteral("running")), qMakePair(tr("Failed"), QStringLiteral("failed")),
        qMakePair(tr("Cancelled"), QStringLiteral("cancelled"))}) {
    state_->addItem(shown, status);
  }
  for (QComboBox* combo : {quality_, cost_, text_, model_, method_, state_})
    connect(combo, &QComboBox::currentIndexChanged, this, &TradeoffPage::applyFilters);
  return box;
}

QWidget* TradeoffPage::makeTable() {
  auto* box = new QWidget(this);
  table_ = new QTableView(box);
  table_->setObjectName(QStringLiteral("tradeoff.table"));
  table_->setAccessibleName(tr("Experiments"));
  table_->setModel(&filter_);
  lookLikeAList(*table_).fitContents(ExperimentsModel::annotation);
  table_->setSortingEnabled(true);
  table_->sortByColumn(ExperimentsModel::number, Qt::DescendingOrder);
  table_->setSelectionMode(QAbstractItemView::ExtendedSelection);
  table_->setContextMenuPolicy(Qt::ActionsContextMenu);
  table_->addActions(actions_);
  auto* buttons = new QHBoxLayout;
  for (QAction* action : actions_) {
    auto* button = new QPushButton(action->text(), box);
    button->setObjectName(action->objectName() + QStringLiteral(".button"));
    button->setToolTip(action->toolTip());
    button->setEnabled(action->isEnabled());
    connect(button, &QPushButton::clicked, action, &QAction::trigger);
    connect(action, &QAction::enabledChanged, button, &QPushButton::setEnabled);
    buttons->addWidget(button);
  }
  buttons->addStretch(1);
  auto* column = new QVBoxLayout(box);
  column->setContentsMargins(0, 0, 0, 0);
  column->addWidget(table_, 1);
  column->addLayout(buttons);
  return box;
}

QWidget* TradeoffPage::makeEmpty() {
  auto* box = new QWidget(this);
  auto* text =
      new QLabel(tr("No experiments yet. Search a model and measure a budget: each run becomes a point here."), box);
  text->setObjectName(QStringLiteral("tradeoff.empty"));
  text->setWordWrap(true);
  text->setAlignment(Qt::AlignCenter);
  auto* search = new QPushButton(tr("Search first"), box);
  search->setObjectName(QStringLiteral("tradeoff.search"));
  connect(search, &QPushButton::clicked, this, [this] { session().requestPage(QLatin1String(page::search)); });
  auto* column = new QVBoxLayout(box);
  column->addStretch(1);
  column->addWidget(text);
  column->addWidget(search, 0, Qt::AlignHCenter);
  column->addStretch(1);
  return box;
}

void TradeoffPage::experimentsLoaded() {
  error_->clear();
  QStringList notes = experiments_.notes();
  status_->setText(notes.join(QLatin1Char('\n')));
  status_->setVisible(!notes.isEmpty());
  stack_->setCurrentIndex(experiments_.rowCount() > 0 ? 1 : 0);
  fillFilters();
  applyFilters();
  selectionChanged();
}

void TradeoffPage::fillFilters() {
  QVector<QPair<QString, QString>> models{{tr("All models"), {}}};
  QVector<QPair<QString, QString>> methods{{tr("All methods"), {}}};
  for (int row = 0; row < experiments_.rowCount(); ++row) {
    const Experiment& e = experiments_.at(row);
    const QPair<QString, QString> model(modelName(e), QString::fromStdString(e.start.model.fingerprint));
    const QPair<QString, QString> method(methodName(e), methodName(e));
    const bool known =
        std::any_of(models.begin(), models.end(), [&](const auto& m) { return m.second == model.second; });
    if (!known) models.append(model);
    if (!methods.contains(method)) methods.append(method);
  }
  std::sort(methods.begin() + 1, methods.end());
  refill(*model_, models);
  refill(*method_, methods);
  QVector<QPair<QString, QString>> texts;
  for (const TextKey& key : experiments_.texts())
    texts.append({key.label(), textId(key)});
  if (texts.isEmpty()) texts.append({tr("None measured yet"), {}});
  refill(*text_, texts);
}

void TradeoffPage::applyFilters() {
  for (const TextKey& key : experiments_.texts()) {
    if (textId(key) == text_->currentData().toString()) experiments_.setText(key);
  }
  filter_.setModel(model_->currentData().toString());
  filter_.setMethod(method_->currentData().toString());
  filter_.setStatus(state_->currentData().toString());
  showPoints();
}

void TradeoffPage::showPoints() {
  const auto quality = static_cast<Quality>(quality_->currentData().toInt());
  const auto cost = static_cast<Cost>(cost_->currentData().toInt());
  QStringList methods;
  for (int i = 1; i < method_->count(); ++i)
    methods.append(method_->itemText(i));
  QVector<TradeoffItem> items;
  std::optional<double> referenceQuality;
  std::optional<double> referenceCost;
  bool oneReference = true;
  for (int row = 0; row < filter_.rowCount(); ++row) {
    const Experiment& e = experiments_.at(filter_.mapToSource(filter_.index(row, 0)).row());
    const auto found = qualityOf(e, experiments_.text(), quality);
    const auto spent = costOf(e, experiments_.text(), cost);
    if (!found || !spent) continue;
    TradeoffItem item;
    item.id = e.id;
    item.cost = axisCost(cost, *spent);
    item.quality = axisQuality(quality, found->value);
    item.error = axisQuality(quality, found->error.value_or(0));
    item.method = methodName(e);
    QString value = qualityText(quality, found->value);
    if (found->error && *found->error > 0) value += QStringLiteral(" ± ") + qualityText(quality, *found->error);
    item.readout = tr("No. %1, %2 of %3: %4, %5")
                       .arg(numbers::count(e.id), item.method, modelName(e), costText(cost, *spent), value);
    items.append(item);
    const auto reference = qualityOf(e, experiments_.text(), quality, true);
    if (!reference) continue;
    const double level = axisQuality(quality, reference->value);
    oneReference = oneReference && (!referenceQuality || std::abs(level - *referenceQuality) <= 1e-6 * std::abs(level));
    referenceQuality = level;
    if (const auto price = costOf(e, experiments_.text(), cost, true)) referenceCost = axisCost(cost, *price);
  }
  if (!oneReference) {
    // Of several models there is no one line.
    referenceQuality.reset();
    referenceCost.reset();
  }
  plot_->setEmptyText(items.isEmpty() ? tr("No experiment under these filters was measured on this text.") : QString());
  plot_->setItems(items, methods, quality, cost);
  plot_->setReference(
      referenceCost, referenceQuality,
      referenceQuality
          ? tr("16 bit: %1")
                .arg(qualityText(quality, quality == Quality::top1 ? *referenceQuality / 100 : *referenceQuality))
          : QString());
  plot_->draw();
}

QVector<qint64> TradeoffPage::chosen() const {
  QVector<qint64> ids;
  QModelIndexList rows = table_->selectionModel()->selectedRows();
  std::sort(rows.begin(), rows.end());
  for (const QModelIndex& row : rows)
    ids.append(row.data(ExperimentsModel::idRole).toLongLong());
  return ids;
}

void TradeoffPage::selectionChanged() {
  const QVector<qint64> ids = chosen();
  plot_->setSelected(QSet<qint64>(ids.begin(), ids.end()));
  html_->setEnabled(!ids.isEmpty());
  pdf_->setEnabled(!ids.isEmpty());
  annotate_->setEnabled(ids.size() == 1 && experiments_.isWritable());
  delete_->setEnabled(!ids.isEmpty() && experiments_.isWritable());
  if (ids.isEmpty()) {
    comparison_->setSubjects(std::make_shared<const Subjects>());
  }
  experiments_.readSubjects(ids);
}

void TradeoffPage::shareWidth() {
  if (!shares_.isEmpty()) upper_->setSizes(std::exchange(shares_, {}));
  const QList<int> shares = upper_->sizes();
  const int both = shares[0] + shares[1];
  const int wanted = std::min(comparison_->wantedWidth(), both - plot_->minimumSizeHint().width());
  if (wanted <= shares[1]) return;
  shares_ = shares;
  upper_->setSizes({both - wanted, wanted});
}

void TradeoffPage::choose(const QVector<qint64>& ids, bool toggle) {
  QItemSelection selection;
  for (const qint64 id : ids) {
    const QModelIndex row = filter_.mapFromSource(experiments_.index(experiments_.rowOf(id), 0));
    if (row.isValid()) selection.select(row, row);
  }
  if (selection.isEmpty()) return;
  table_->selectionModel()->select(
      selection,
      (toggle ? QItemSelectionModel::Toggle : QItemSelectionModel::ClearAndSelect) | QItemSelectionModel::Rows);
  table_->scrollTo(selection.indexes().first());
}

void TradeoffPage::annotate() {
  const QVector<qint64> ids = chosen();
  if (ids.size() != 1) return;
  auto* dialog = new QInputDialog(this);
  dialog->setObjectName(QStringLiteral("tradeoff.note"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setWindowTitle(tr("Note on experiment %1").arg(numbers::count(ids.first())));
  dialog->setLabelText(tr("Note"));
  dialog->setOption(QInputDialog::UsePlainTextEditForTextInput);
  dialog->setTextValue(QString::fromStdString(experiments_.at(experiments_.rowOf(ids.first())).annotation));
  connect(dialog, &QInputDialog::textValueSelected, this,
          [this, id = ids.first()](const QString& text) { experiments_.annotate(id, text.trimmed()); });
  dialog->open();
}

void TradeoffPage::askToDelete() {
  const QVector<qint64> ids = chosen();
  if (ids.isEmpty()) return;
  auto* box = new QMessageBox(QMessageBox::Question, tr("Delete experiments"),
                              tr("Delete %n experiment(s) from the file?", nullptr, static_cast<int>(ids.size())),
                              QMessageBox::Cancel, this);
  box->setObjectName(QStringLiteral("tradeoff.confirm"));
  box->setAttribute(Qt::WA_DeleteOnClose);
  box->setInformativeText(
      tr("Their measures, scores and bit maps go; packed models on the disk stay. This cannot be "
         "undone."));
  QPushButton* remove = box->addButton(tr("Delete"), QMessageBox::DestructiveRole);
  remove->setObjectName(QStringLiteral("tradeoff.confirm.delete"));
  box->setDefaultButton(QMessageBox::Cancel);
  connect(remove, &QPushButton::clicked, this, [this, ids] { experiments_.remove(ids); });
  box->open();
}

void TradeoffPage::report(const QString& suffix) {
  const QVector<qint64> ids = chosen();
  if (ids.isEmpty()) return;
  QStringList names;
  for (const qint64 id : ids)
    names.append(QString::number(id));
  const QString name = QStringLiteral("experiment-%1.%2").arg(names.join(QLatin1Char('-')), suffix);
  const bool pdf = suffix == QLatin1String("pdf");
  auto* dialog =
      new QFileDialog(this, tr("Write a report"), QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation),
                      pdf ? tr("PDF (*.pdf)") : tr("HTML (*.html)"));
  dialog->setObjectName(QStringLiteral("tradeoff.report.file"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setAcceptMode(QFileDialog::AcceptSave);
  dialog->setDefaultSuffix(suffix);
  dialog->selectFile(name);
  connect(dialog, &QFileDialog::fileSelected, this, [this, pdf](const QString& file) { writeReport(file, pdf); });
  dialog->open();
}

void TradeoffPage::writeReport(const QString& file, bool pdf) {
  if (pdf) {
    experiments_.write(chosen(), file, [](const Subjects& subjects) { return reportPdf(subjects); });
  } else {
    experiments_.write(chosen(), file, [](const Subjects& subjects) { return reportInWords(subjects); });
  }
}

}  // namespace salient::ui
