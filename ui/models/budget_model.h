// SPDX-License-Identifier: GPL-3.0-or-later
// What the recipe's budget gives on the session's scores, now: the share of every linear, the size, the salience left.
// The ranking is prepared in the background once for each choice of options; a budget then is a matter of
// milliseconds and answered at once. One for a session, shared by its pages.
#pragma once

#include <QJsonObject>
#include <QObject>
#include <QThreadPool>
#include <QVector>
#include <memory>
#include <optional>

#include "core/search/allocation.h"
#include "ui/models/error_info.h"

namespace salient::ui {

class Session;

/// The recipe's budget keys: percent, average_bits, size. Uniform recipes have none.
[[nodiscard]] std::optional<Budget> budgetOf(const QJsonObject& recipe);
[[nodiscard]] QString budgetKey(Budget::Kind kind);
/// Rank, selection, granularity, row multiple and group of a recipe. Random selection draws with the scores' seed, as
/// quantizing from kept scores does.
[[nodiscard]] RankingOptions rankingOptionsOf(const QJsonObject& recipe, const SalienceScores& scores);

/// Scores of one linear in short.
struct LinearSummary {
  LinearId id;
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  double sum = 0;  ///< nats, over the calibration sequences, like the scores
  double mean = 0;
  double most = 0;
};

/// A point of the predicted curve.
struct CurvePoint {
  double percent = 0;
  double payloadBits = 0;
  double effectiveBits = 0;
  double bytes = 0;
  double salienceLeft = 0;  ///< Σ S in 4 bit, nats a sequence
};

class BudgetModel : public QObject {
  Q_OBJECT
 public:
  enum class State { empty, preparing, ready, failed };

  explicit BudgetModel(Session& session);
  ~BudgetModel() override;
  /// The session's own; made when first asked for, lives as long as the session.
  [[nodiscard]] static BudgetModel& of(Session& session);

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] const ErrorInfo& error() const { return error_; }  ///< failed
  [[nodiscard]] std::shared_ptr<const SalienceScores> scores() const { return prepared_ ? prepared_->scores : nullptr; }
  /// In order of LinearId; empty unless ready. Kept while another choice of options is being prepared.
  [[nodiscard]] const QVector<LinearSummary>& linears() const;
  [[nodiscard]] const QVector<CurvePoint>& curve() const;  ///< by percent, 0 to 100
  [[nodiscard]] SizeReport smallest() const;
  [[nodiscard]] SizeReport largest() const;
  [[nodiscard]] std::int64_t features() const;

  /// What the recipe's budget gives. Null where the recipe is uniform, or no map satisfies the budget (problem()).
  [[nodiscard]] const Ranking::Point* point() const { return point_ ? &*point_ : nullptr; }
  [[nodiscard]] const ErrorInfo& problem() const { return problem_; }
  [[nodiscard]] double share(std::size_t linear) const;  ///< percent of its features in 8 bit; 0 without a point
  [[nodiscard]] double salienceLeft() const;             ///< nats a sequence
  [[nodiscard]] std::int64_t rows8(std::size_t linear) const;

  /// The same for any recipe that differs in its budget alone.
  [[nodiscard]] Result<Ranking::Point> preview(const Budget& budget) const;
  /// The bit map of the recipe's budget, made in the background → mapReady(). A newer request replaces an older one.
  void requestMap();

 signals:
  void stateChanged();  ///< also when ready with other scores or options: curve and linears are others
  void pointChanged();
  void mapReady(const std::shared_ptr<const salient::BitMap>& map);  ///< null: memory does not suffice

 private:
  struct Prepared {
    std::shared_ptr<const SalienceScores> scores;
    std::optional<Ranking> ranking;
    QVector<LinearSummary> linears;
    QVector<CurvePoint> curve;
  };
  void recipeChanged(const QString& key);
  void prepare();
  void take(qint64 number, const std::shared_ptr<const Prepared>& prepared, const ErrorInfo& error);
  void update();

  Session& session_;
  State state_ = State::empty;
  ErrorInfo error_;
  ErrorInfo problem_;
  std::shared_ptr<const Prepared> prepared_;
  std::shared_ptr<const SalienceScores> wantedScores_;  ///< of the newest preparation
  QJsonObject wantedOptions_;
  std::optional<Ranking::Point> point_;
  qint64 preparing_ = 0;  ///< number of the newest preparation
  qint64 mapping_ = 0;
  QThreadPool pool_;  ///< ends before the rest
};

}  // namespace salient::ui
