// SPDX-License-Identifier: GPL-3.0-or-later
// The recipe being edited: the request keys of PROTOCOL.md (samples, length, seed, variant, percent | average_bits |
// size, rank, granularity, selection, row_multiple, group, method, clip, damping, evaluation_length,
// evaluation_windows) with their values. Every edit can be undone; edits of one key that follow each other closely
// (a slider) are one step.
#pragma once

#include <QJsonObject>
#include <QJsonValue>
#include <QObject>
#include <QString>
#include <QUndoStack>

namespace salient::ui {

class RecipeDocument : public QObject {
  Q_OBJECT
 public:
  explicit RecipeDocument(QObject* parent = nullptr);

  [[nodiscard]] static QJsonObject defaults();
  [[nodiscard]] QJsonValue value(const QString& key) const { return values_.value(key); }
  [[nodiscard]] const QJsonObject& values() const { return values_; }
  /// One undo step called `what` ("Percent"). Of percent, average_bits, size and uniform, setting one removes the
  /// others; setting the method sets its default of clip as well.
  void set(const QString& key, const QJsonValue& value, const QString& what);
  /// A whole recipe at once (from an experiment), one undo step.
  void replace(const QJsonObject& values, const QString& what);
  [[nodiscard]] QUndoStack& undoStack() { return undo_; }
  /// The part of the values a request of this operation takes ("search", "allocate", "quantize", "run").
  [[nodiscard]] QJsonObject requestKeys(const QString& operation) const;

 signals:
  void changed(const QString& key);  ///< also after undo and redo; empty key: everything

 private:
  friend class RecipeCommand;
  void apply(const QJsonObject& values);

  QJsonObject values_;
  QUndoStack undo_;
};

}  // namespace salient::ui
