// SPDX-License-Identifier: GPL-3.0-or-later
// What a model is, in the field's own terms, from the result of the operation `inspect`.
#pragma once

#include <QJsonObject>
#include <QString>
#include <QVector>

namespace salient::ui {

struct Fact {
  QString key;    ///< for object names: "hidden_size"
  QString label;  ///< "Hidden size"
  QString value;  ///< "2,048"
  QString explanation;
};

/// Facts that belong together, in the order to show them.
struct FactGroup {
  QString title;
  QVector<Fact> facts;
};

[[nodiscard]] QVector<FactGroup> modelFacts(const QJsonObject& inspect);
/// Things a person should know: unknown keys, a missing tokenizer, memory that does not suffice.
[[nodiscard]] QStringList modelNotes(const QJsonObject& inspect);

/// The beginning of a note that is longer than a person reads at once (names of a hundred tensors), cut between words.
[[nodiscard]] QString noteInShort(const QString& note);

}  // namespace salient::ui
