// SPDX-License-Identifier: GPL-3.0-or-later
// A file's path: typed, chosen in a dialog, or dropped onto the field.
#pragma once

#include <QWidget>

#include "ui/views/path_edit.h"

namespace salient::ui {

class PathField : public QWidget {
  Q_OBJECT
 public:
  /// `name` is the line edit's objectName, name + ".browse" the button's. `filter` as for QFileDialog.
  PathField(const QString& name, const QString& label, const QString& filter, QWidget* parent = nullptr);

  [[nodiscard]] QString path() const;
  void setPath(const QString& path);
  [[nodiscard]] PathEdit* edit() const { return edit_; }  ///< the label's buddy

 signals:
  void chosen(const QString& path);  ///< by the person

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void browse();
  void choose(const QString& path);

  PathEdit* edit_ = nullptr;
  QString label_;
  QString filter_;
};

}  // namespace salient::ui
