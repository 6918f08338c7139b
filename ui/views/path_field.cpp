// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/path_field.h"

#include <QDir>
#include <QDropEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QMimeData>
#include <QPushButton>
#include <QUrl>

#include "ui/views/drops.h"

namespace salient::ui {

PathField::PathField(const QString& name, const QString& label, const QString& filter, QWidget* parent)
    : QWidget(parent), label_(label), filter_(filter) {
  edit_ = new PathEdit(this);
  edit_->setObjectName(name);
  edit_->setAccessibleName(label);
  edit_->setProperty(kTakesDroppedFiles, true);
  edit_->installEventFilter(this);
  auto* button = new QPushButton(tr("Browse …"), this);
  button->setObjectName(name + QStringLiteral(".browse"));
  button->setAccessibleName(tr("Choose: %1").arg(label));
  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(edit_, 1);
  layout->addWidget(button);
  connect(edit_, &QLineEdit::editingFinished, this, [this] { emit chosen(path()); });
  connect(button, &QPushButton::clicked, this, &PathField::browse);
}

QString PathField::path() const {
  return QDir::fromNativeSeparators(edit_->text().trimmed());
}

void PathField::setPath(const QString& path) {
  if (path != this->path()) edit_->setText(QDir::toNativeSeparators(path));
}

void PathField::choose(const QString& path) {
  setPath(path);
  emit chosen(path);
}

void PathField::browse() {
  const QString file = QFileDialog::getOpenFileName(this, label_, QFileInfo(path()).absolutePath(), filter_);
  if (!file.isEmpty()) choose(file);
}

bool PathField::eventFilter(QObject* watched, QEvent* event) {
  const auto type = event->type();
  if (watched != edit_ || (type != QEvent::DragEnter && type != QEvent::Drop)) return false;
  auto* drop = static_cast<QDropEvent*>(event);
  const QStringList files = droppedFiles(drop->mimeData());
  if (files.isEmpty()) return false;
  drop->acceptProposedAction();
  if (type == QEvent::Drop) choose(files.first());
  return true;
}

}  // namespace salient::ui
