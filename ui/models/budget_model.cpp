// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/budget_model.h"

#include <algorithm>
#include <new>
#include <numeric>

#include "core/search/scores.h"
#include "ui/models/session.h"

namespace salient::ui {
namespace {

constexpr int kCurvePoints = 201;  ///< every half percent

const QVector<LinearSummary> kNoLinears;
const QVector<CurvePoint> kNoCurve;

ErrorInfo outOfMemory() {
  return ErrorInfo::from(Error{ErrorCode::memory, "", "scores", "room for the order of all output features", "none",
                               "close other programs, or work on a smaller model"});
}

/// Of a recipe's values those that the order of the features depends on.
QJsonObject optionKeys(const QJsonObject& recipe) {
  QJsonObject options;
  for (const char* key : {"rank", "selection", "granularity", "row_multiple", "group"}) {
    const auto found = recipe.find(QLatin1String(key));
    if (found != recipe.end()) options.insert(found.key(), found.value());
  }
  return options;
}

QVector<LinearSummary> summaries(const SalienceScores& scores) {
  QVector<LinearSummary> all;
  all.reserve(static_cast<qsizetype>(scores.linears.size()));
  for (const LinearScores& linear : scores.linears) {
    LinearSummary one{linear.id, linear.rows, linear.cols, 0, 0, 0};
    one.sum = std::accumulate(linear.scores.begin(), linear.scores.end(), 0.0);
    one.mean = one.sum / static_cast<double>(linear.rows);
    one.most = *std::max_element(linear.scores.begin(), linear.scores.end());
    all.push_back(one);
  }
  return all;
}

QVector<CurvePoint> curveOf(const Ranking& ranking, std::int64_t samples) {
  QVector<CurvePoint> curve;
  for (int i = 0; i < kCurvePoints; ++i) {
    const auto point = ranking.preview({Budget::Kind::percent, 100.0 * i / (kCurvePoints - 1)});
    if (!point) continue;
    curve.push_back({point->percent, point->size.payload_bits(), point->size.effective_bits(),
                     static_cast<double>(point->size.total_bytes),
                     point->predicted_loss / static_cast<double>(samples)});
  }
  // Where whole linears are chosen, more of the features may take fewer bytes.
  std::stable_sort(curve.begin(), curve.end(),
                   [](const CurvePoint& a, const CurvePoint& b) { return a.effectiveBits < b.effectiveBits; });
  return curve;
}

}  // namespace

std::optional<Budget> budgetOf(const QJsonObject& recipe) {
  for (const auto kind : {Budget::Kind::percent, Budget::Kind::average_bits, Budget::Kind::bytes}) {
    const QJsonValue value = recipe.value(budgetKey(kind));
    if (value.isDouble()) return Budget{kind, value.toDouble()};
  }
  return {};
}

QString budgetKey(Budget::Kind kind) {
  switch (kind) {
    case Budget::Kind::percent: return QStringLiteral("percent");
    case Budget::Kind::average_bits: return QStringLiteral("average_bits");
    case Budget::Kind::bytes: return QStringLiteral("size");
  }
  return {};
}

RankingOptions rankingOptionsOf(const QJsonObject& recipe, const SalienceScores& scores) {
  const auto is = [&](const char* key, const char* name) {
    return recipe.value(QLatin1String(key)).toString() == QLatin1String(name);
  };
  RankingOptions options;
  options.rank = is("rank", "density") ? RankBy::density : RankBy::salience;
  if (is("selection", "per-layer")) options.selection = Selection::per_layer;
  if (is("selection", "random")) options.selection = Selection::random;
  options.granularity = is("granularity", "linear") ? Granularity::linear : Granularity::feature;
  options.row_multiple = recipe.value(QLatin1String("row_multiple")).toInteger(options.row_multiple);
  options.group = recipe.value(QLatin1String("group")).toInteger(options.group);
  options.seed = scores.seed;
  return options;
}

BudgetModel::BudgetModel(Session& session) : QObject(&session), session_(session) {
  pool_.setMaxThreadCount(1);
  connect(&session, &Session::scoresChanged, this, &BudgetModel::prepare);
  connect(&session.recipe(), &RecipeDocument::changed, this, &BudgetModel::recipeChanged);
  prepare();
}

BudgetModel::~BudgetModel() {
  pool_.clear();
  pool_.waitForDone();
}

BudgetModel& BudgetModel::of(Session& session) {
  auto* known = session.findChild<BudgetModel*>(QString(), Qt::FindDirectChildrenOnly);
  return known != nullptr ? *known : *new BudgetModel(session);
}

const QVector<LinearSummary>& BudgetModel::linears() const {
  return prepared_ ? prepared_->linears : kNoLinears;
}

const QVector<CurvePoint>& BudgetModel::curve() const {
  return prepared_ ? prepared_->curve : kNoCurve;
}

SizeReport BudgetModel::smallest() const {
  return prepared_ ? prepared_->ranking->smallest() : SizeReport{};
}

SizeReport BudgetModel::largest() const {
  return prepared_ ? prepared_->ranking->largest() : SizeReport{};
}

std::int64_t BudgetModel::features() const {
  return prepared_ ? prepared_->scores->features() : 0;
}

double BudgetModel::share(std::size_t linear) const {
  const auto index = static_cast<qsizetype>(linear);
  if (!point_ || linear >= point_->rows8.size() || index >= linears().size()) return 0;
  return 100.0 * static_cast<double>(point_->rows8[linear]) / static_cast<double>(linears().at(index).rows);
}

std::int64_t BudgetModel::rows8(std::size_t linear) const {
  return point_ && linear < point_->rows8.size() ? point_->rows8[linear] : 0;
}

double BudgetModel::salienceLeft() const {
  return point_ ? point_->predicted_loss / static_cast<double>(prepared_->scores->samples) : 0;
}

Result<Ranking::Point> BudgetModel::preview(const Budget& budget) const {
  if (!prepared_) return Error{ErrorCode::not_found, "", "scores", "scores of a search", "none", "search first"};
  return prepared_->ranking->preview(budget);
}

void BudgetModel::recipeChanged(const QString& key) {
  static const QStringList kBudgetKeys{QStringLiteral("percent"), QStringLiteral("average_bits"),
                                       QStringLiteral("size"), QStringLiteral("uniform")};
  if (key.isEmpty() || optionKeys({{key, 0}}).contains(key))
    prepare();
  else if (kBudgetKeys.contains(key))
    update();
}

void BudgetModel::prepare() {
  const auto scores = session_.scores();
  const QJsonObject wanted = optionKeys(session_.recipe().values());
  if (scores && scores == wantedScores_ && wanted == wantedOptions_ && state_ != State::failed) return update();
  wantedScores_ = scores;
  wantedOptions_ = wanted;
  const qint64 number = ++preparing_;
  if (prepared_ && prepared_->scores != scores) {
    prepared_.reset();
    update();
  }
  if (!scores) {
    state_ = State::empty;
    emit stateChanged();
    return;
  }
  const RankingOptions options = rankingOptionsOf(session_.recipe().values(), *scores);
  pool_.clear();  // what has not begun is for a state that is gone
  pool_.start([this, number, scores, options] {
    auto made = std::make_shared<Prepared>();
    ErrorInfo error;
    try {
      made->scores = scores;
      auto ranking = Ranking::prepare(*scores, options);
      if (ranking) {
        made->ranking = *std::move(ranking);
        made->linears = summaries(*scores);
        made->curve = curveOf(*made->ranking, scores->samples);
      } else {
        error = ErrorInfo::from(ranking.error());
      }
    } catch (const std::bad_alloc&) {
      error = outOfMemory();
    }
    QMetaObject::invokeMethod(
        this, [this, number, made, error] { take(number, made, error); }, Qt::QueuedConnection);
  });
  state_ = State::preparing;
  emit stateChanged();
}

void BudgetModel::take(qint64 number, const std::shared_ptr<const Prepared>& prepared, const ErrorInfo& error) {
  if (number != preparing_) return;
  error_ = error;
  state_ = error.code.isEmpty() ? State::ready : State::failed;
  prepared_ = state_ == State::ready ? prepared : nullptr;
  point_.reset();  // of another ranking
  emit stateChanged();
  update();
}

void BudgetModel::update() {
  point_.reset();
  problem_ = {};
  const auto budget = budgetOf(session_.recipe().values());
  if (prepared_ && budget) {
    auto point = prepared_->ranking->preview(*budget);
    if (point)
      point_ = *std::move(point);
    else
      problem_ = ErrorInfo::from(point.error());
  }
  emit pointChanged();
}

void BudgetModel::requestMap() {
  const qint64 number = ++mapping_;
  const auto budget = budgetOf(session_.recipe().values());
  if (!prepared_ || !budget) return;
  pool_.start([this, number, prepared = prepared_, budget] {
    std::shared_ptr<const BitMap> map;
    try {
      auto allocation = prepared->ranking->allocate(*budget);
      if (allocation) map = std::make_shared<const BitMap>(std::move(allocation->map));
    } catch (const std::bad_alloc&) {
    }
    QMetaObject::invokeMethod(
        this,
        [this, number, map] {
          if (number == mapping_) emit mapReady(map);
        },
        Qt::QueuedConnection);
  });
}

}  // namespace salient::ui
