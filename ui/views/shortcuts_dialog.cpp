// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/shortcuts_dialog.h"

#include <QAction>
#include <QDialogButtonBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeySequenceEdit>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTreeWidget>

#include "ui/views/shortcuts.h"

namespace salient::ui {

ShortcutsDialog::ShortcutsDialog(Shortcuts& shortcuts, QWidget* parent) : QDialog(parent), shortcuts_(shortcuts) {
  setObjectName(QStringLiteral("shortcuts"));
  setWindowTitle(tr("Keyboard shortcuts"));
  search_ = new QLineEdit(this);
  search_->setObjectName(QStringLiteral("shortcuts.search"));
  search_->setPlaceholderText(tr("Find an action"));
  search_->setAccessibleName(search_->placeholderText());
  search_->setClearButtonEnabled(true);
  list_ = new QTreeWidget(this);
  list_->setObjectName(QStringLiteral("shortcuts.list"));
  list_->setAccessibleName(tr("Actions and their shortcuts"));
  list_->setHeaderLabels({tr("Action"), tr("Shortcut")});
  list_->setUniformRowHeights(true);
  list_->header()->setStretchLastSection(false);
  list_->header()->setSectionResizeMode(0, QHeaderView::Stretch);
  list_->header()->setSectionResizeMode(1, QHeaderView::ResizeToContents);  // keys are never cut
  list_->setAlternatingRowColors(true);
  edit_ = new QKeySequenceEdit(this);
  edit_->setObjectName(QStringLiteral("shortcuts.edit"));
  edit_->setAccessibleName(tr("New shortcut of the chosen action"));
  edit_->setToolTip(tr("Press the new keys"));
  auto* label = new QLabel(tr("&Shortcut:"), this);
  label->setBuddy(edit_);
  auto* change = new QPushButton(tr("&Change"), this);
  change->setObjectName(QStringLiteral("shortcuts.change"));
  auto* none = new QPushButton(tr("&None"), this);
  none->setObjectName(QStringLiteral("shortcuts.none"));
  none->setToolTip(tr("Takes the shortcut away from the chosen action"));
  problem_ = new QLabel(this);
  problem_->setObjectName(QStringLiteral("shortcuts.problem"));
  problem_->setWordWrap(true);
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close | QDialogButtonBox::RestoreDefaults, this);
  buttons->button(QDialogButtonBox::RestoreDefaults)->setObjectName(QStringLiteral("shortcuts.reset"));

  auto* row = new QHBoxLayout;
  row->addWidget(label);
  row->addWidget(edit_, 1);
  row->addWidget(change);
  row->addWidget(none);
  auto* layout = new QVBoxLayout(this);
  layout->addWidget(search_);
  layout->addWidget(list_, 1);
  layout->addLayout(row);
  layout->addWidget(problem_);
  layout->addWidget(buttons);

  connect(search_, &QLineEdit::textChanged, this, &ShortcutsDialog::filter);
  connect(list_, &QTreeWidget::currentItemChanged, this, &ShortcutsDialog::select);
  connect(change, &QPushButton::clicked, this, &ShortcutsDialog::apply);
  connect(none, &QPushButton::clicked, this, [this] {
    edit_->clear();
    apply();
  });
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  connect(buttons->button(QDialogButtonBox::RestoreDefaults), &QPushButton::clicked, this, [this] {
    shortcuts_.reset();
    fill();
  });
  const int unit = fontMetrics().height();
  resize(unit * 34, unit * 32);
  fill();
}

void ShortcutsDialog::fill() {
  list_->clear();
  QHash<QString, QTreeWidgetItem*> groups;
  for (const Shortcuts::Entry& entry : shortcuts_.entries()) {
    if (!entry.action) continue;
    QTreeWidgetItem*& group = groups[entry.group];
    if (group == nullptr) {
      group = new QTreeWidgetItem(list_, {entry.group});
      group->setFirstColumnSpanned(true);
      group->setFlags(Qt::ItemIsEnabled);
      group->setExpanded(true);
    }
    auto* item = new QTreeWidgetItem(
        group,
        {plainText(entry.action), QKeySequence::listToString(entry.action->shortcuts(), QKeySequence::NativeText)});
    item->setData(0, Qt::UserRole, entry.action->objectName());
  }
  addChartKeys();
  filter(search_->text());
  select(nullptr);
}

/// What the keyboard does in a chart that has the focus. These are no actions and keep their keys.
void ShortcutsDialog::addChartKeys() {
  const auto keys = [](std::initializer_list<QKeySequence> all) {
    return QKeySequence::listToString(all, QKeySequence::NativeText);
  };
  const auto arrows = [](Qt::KeyboardModifier modifier) {
    return QKeySequence(modifier | Qt::Key_Left).toString(QKeySequence::NativeText) + QStringLiteral(" …");
  };
  auto* group = new QTreeWidgetItem(list_, {tr("In a chart (fixed)")});
  group->setFirstColumnSpanned(true);
  group->setFlags(Qt::ItemIsEnabled);
  for (const auto& [what, how] :
       {std::pair{tr("Go from value to value"), arrows(Qt::NoModifier)},
        std::pair{tr("Go ten values at once"), arrows(Qt::ControlModifier)},
        std::pair{tr("Open or choose what is marked"), keys({Qt::Key_Return})},
        std::pair{tr("Zoom in"), keys({Qt::Key_Plus})}, std::pair{tr("Zoom out"), keys({Qt::Key_Minus})},
        std::pair{tr("Move what is seen"), arrows(Qt::ShiftModifier)},
        std::pair{tr("Show everything again"), keys({Qt::Key_Home})}}) {
    auto* item = new QTreeWidgetItem(group, {what, how});
    item->setFlags(Qt::ItemIsEnabled);
  }
  group->setExpanded(true);
}

QAction* ShortcutsDialog::chosen() const {
  const QTreeWidgetItem* item = list_->currentItem();
  if (item == nullptr) return nullptr;
  const QString name = item->data(0, Qt::UserRole).toString();
  for (const Shortcuts::Entry& entry : shortcuts_.entries()) {
    if (entry.action && !name.isEmpty() && entry.action->objectName() == name) return entry.action;
  }
  return nullptr;
}

void ShortcutsDialog::select(QTreeWidgetItem* /*item*/) {
  const QAction* action = chosen();
  problem_->clear();
  edit_->setEnabled(action != nullptr);
  edit_->setKeySequence(action == nullptr ? QKeySequence() : action->shortcut());
}

void ShortcutsDialog::apply() {
  QAction* action = chosen();
  if (action == nullptr) return;
  const QKeySequence sequence = edit_->keySequence();
  if (const QAction* owner = shortcuts_.owner(sequence, action)) {
    problem_->setText(tr("%1 belongs to “%2” already: change that one first.")
                          .arg(sequence.toString(QKeySequence::NativeText), plainText(owner)));
    return;
  }
  shortcuts_.set(action, sequence);
  list_->currentItem()->setText(1, sequence.toString(QKeySequence::NativeText));
  problem_->clear();
}

void ShortcutsDialog::filter(const QString& text) {
  for (int g = 0; g < list_->topLevelItemCount(); ++g) {
    QTreeWidgetItem* group = list_->topLevelItem(g);
    int shown = 0;
    for (int i = 0; i < group->childCount(); ++i) {
      QTreeWidgetItem* item = group->child(i);
      const bool matches =
          item->text(0).contains(text, Qt::CaseInsensitive) || item->text(1).contains(text, Qt::CaseInsensitive);
      item->setHidden(!matches);
      shown += matches ? 1 : 0;
    }
    group->setHidden(shown == 0);
  }
}

}  // namespace salient::ui
