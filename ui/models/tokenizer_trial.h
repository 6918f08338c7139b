// SPDX-License-Identifier: GPL-3.0-or-later
// What a model's tokenizer makes of a text as it is typed: one question at a time goes to the worker, always about the
// newest text.
#pragma once

#include <QObject>
#include <QString>
#include <QTimer>
#include <QVector>

#include "ui/models/error_info.h"
#include "ui/models/worker_client.h"

namespace salient::ui {

struct TrialToken {
  enum class Kind { text, special, byte };
  int id = 0;
  QString piece;  ///< the vocabulary's spelling
  QString text;   ///< what it stands for
  int begin = 0;  ///< bytes of the text in UTF-8
  int end = 0;
  Kind kind = Kind::text;
};

class TokenizerTrial : public QObject {
  Q_OBJECT
 public:
  static constexpr int kMostCharacters = 20000;  ///< of a text; what is behind them is not looked at

  explicit TokenizerTrial(WorkerClient& worker, QObject* parent = nullptr);

  void setModel(const QString& directory);
  void setText(const QString& text);
  void setSpecial(bool special);  ///< with the special tokens around a text

  [[nodiscard]] const QVector<TrialToken>& tokens() const { return tokens_; }
  /// The bytes of the text behind a token: "C3 A9".
  [[nodiscard]] QString hex(const TrialToken& token) const;
  [[nodiscard]] int bytes() const { return bytes_; }
  [[nodiscard]] int characters() const { return characters_; }  ///< Unicode code points
  [[nodiscard]] bool cut() const { return cut_; }               ///< the text is longer than what was looked at

 signals:
  void changed();
  void refused(const salient::ui::ErrorInfo& error);

 private:
  void ask();
  void answered(const QJsonObject& result);

  WorkerClient& worker_;
  QTimer pause_;  ///< between keys
  QString model_;
  QString text_;
  bool special_ = true;
  bool cut_ = false;
  bool stale_ = false;  ///< something changed since the question
  WorkerClient::Id question_ = 0;
  QByteArray asked_;  ///< the question's text
  QVector<TrialToken> tokens_;
  int bytes_ = 0;
  int characters_ = 0;
};

}  // namespace salient::ui
