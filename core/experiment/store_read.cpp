// SPDX-License-Identifier: Apache-2.0
// Reading experiments back.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "core/base/hash.h"
#include "core/experiment/store_state.h"

namespace salient {
namespace {

using sqlite::Statement;

constexpr const char* kExperiment =
    "SELECT e.id, e.status, e.created, e.finished, e.annotation, e.error, e.operation, e.fingerprint, e.recipe, "
    "e.version, "
    "e.processor, e.cores, e.memory_bytes, e.system, e.backend, e.score_set_id, "
    "m.fingerprint, m.path, m.architecture, m.parameters, "
    "c.sha256, c.path, c.bytes, c.documents, v.sha256, v.path, v.bytes, v.documents, e.output "
    "FROM experiments e JOIN models m ON m.id = e.model_id LEFT JOIN texts c ON c.id = e.calibration_id "
    "LEFT JOIN texts v ON v.id = e.evaluation_id ";

std::optional<TextRecord> text_from(const Statement& row, int first) {
  if (row.is_null(first)) return {};
  return TextRecord{row.text(first), row.text(first + 1), row.integer(first + 2), row.integer(first + 3)};
}

Result<Recipe> stored_recipe(const std::string& text, const std::string& file, std::int64_t id) {
  const std::string source = fmt::format("{} (recipe of experiment {})", file, id);
  SALIENT_ASSIGN(const Json recipe, parse_json(text, source));
  return recipe_from_json(recipe, source);
}

Result<Experiment> experiment_from(const Statement& row, const std::string& file) {
  Experiment e;
  e.id = row.integer(0);
  e.status = row.text(1);
  e.created = row.text(2);
  e.finished = row.text(3);
  e.annotation = row.text(4);
  e.error = row.text(5);
  e.start.operation = row.text(6);
  e.start.fingerprint = row.text(7);
  SALIENT_ASSIGN(e.start.recipe, stored_recipe(row.text(8), file, e.id));
  e.start.version = row.text(9);
  e.start.machine.processor = row.text(10);
  e.start.machine.cores = static_cast<int>(row.integer(11));
  e.start.machine.memory_bytes = static_cast<std::uint64_t>(row.integer(12));
  e.start.machine.system = row.text(13);
  e.start.backend = row.text(14);
  e.has_scores = !row.is_null(15);
  e.start.model = {row.text(16), row.text(17), row.text(18), row.integer(19)};
  e.start.output = row.text(28);
  e.start.calibration = text_from(row, 20);
  e.start.evaluation = text_from(row, 24);
  return e;
}

/// Of the experiment's recipe; 0 where there is no such experiment.
Result<std::int32_t> uniform_bits_of(sqlite::Database& database, std::int64_t id, const std::string& file) {
  SALIENT_ASSIGN(auto row, database.prepare("SELECT recipe FROM experiments WHERE id = ?"));
  row.bind(id);
  SALIENT_ASSIGN(const bool found, row.step());
  if (!found) return 0;
  SALIENT_ASSIGN(const Recipe recipe, stored_recipe(row.text(0), file, id));
  return recipe.quant.uniform_bits;
}

/// A blob as values of T, checked against its hash and the number of values it must have (negative: any).
template <class T>
Result<std::vector<T>> values_from(const Statement& row, int column, std::int64_t expected, const std::string& file,
                                   const std::string& what) {
  const auto bytes = row.blob(column);
  if (sha256_hex(bytes) != row.text(column + 1)) {
    return Error{ErrorCode::mismatch,
                 file,
                 what,
                 "the SHA-256 stored beside it",
                 "other bytes",
                 "this record is damaged; the others can be read"};
  }
  const auto count = static_cast<std::int64_t>(bytes.size() / sizeof(T));
  if (bytes.size() % sizeof(T) != 0 || (expected >= 0 && count != expected)) {
    return Error{ErrorCode::format,
                 file,
                 what,
                 fmt::format("{} values", expected),
                 fmt::format("{} bytes", bytes.size()),
                 "this record is damaged; the others can be read"};
  }
  std::vector<T> values(static_cast<std::size_t>(count));
  if (!bytes.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

Result<LinearId> linear_from(const Statement& row, int column, const std::string& file) {
  const std::int64_t layer = row.integer(column);
  const std::int64_t kind = row.integer(column + 1);
  if (layer < 0 || layer > 100'000 || kind < 0 || kind >= static_cast<std::int64_t>(kLinearKinds.size())) {
    return Error{ErrorCode::format,
                 file,
                 "linear",
                 "a layer and one of its seven linears",
                 fmt::format("layer {}, kind {}", layer, kind),
                 "this record is damaged; the others can be read"};
  }
  return LinearId{static_cast<std::int32_t>(layer), static_cast<LinearKind>(kind)};
}

}  // namespace

Result<std::vector<Metric>> Store::State::read_metrics(const MetricTables& tables, std::int64_t owner) const {
  SALIENT_ASSIGN(auto metric,
                 database->prepare(fmt::format("SELECT model, name, value, standard_error FROM {} WHERE {} = ? "
                                               "ORDER BY model, rowid",
                                               tables.metrics, tables.owner)));
  metric.bind(owner);
  std::vector<Metric> metrics;
  while (true) {
    SALIENT_ASSIGN(const bool row, metric.step());
    if (!row) return metrics;
    Metric m{metric.text(0), metric.text(1), metric.number(2), {}};
    if (!metric.is_null(3)) m.standard_error = metric.number(3);
    metrics.push_back(std::move(m));
  }
}

Result<std::vector<WindowNll>> Store::State::read_windows(const MetricTables& tables, std::int64_t owner) const {
  SALIENT_ASSIGN(auto window, database->prepare(fmt::format("SELECT model, nll FROM {} WHERE {} = ? "
                                                            "ORDER BY model, position",
                                                            tables.windows, tables.owner)));
  window.bind(owner);
  std::vector<WindowNll> windows;
  while (true) {
    SALIENT_ASSIGN(const bool row, window.step());
    if (!row) return windows;
    if (windows.empty() || windows.back().model != window.text(0)) windows.push_back({window.text(0), {}});
    windows.back().values.push_back(window.number(1));
  }
}

Status Store::State::read_later(Experiment& e, bool with_windows) const {
  SALIENT_ASSIGN(auto row,
                 database->prepare("SELECT l.id, l.created, l.length, l.simulated, l.scales, l.reference, l.version, "
                                   "l.backend, t.sha256, t.path, t.bytes, t.documents FROM later_evaluations l "
                                   "JOIN texts t ON t.id = l.text_id WHERE l.experiment_id = ? ORDER BY l.id"));
  row.bind(e.id);
  while (true) {
    SALIENT_ASSIGN(const bool more, row.step());
    if (!more) return {};
    LaterEvaluation evaluation;
    evaluation.id = row.integer(0);
    evaluation.created = row.text(1);
    evaluation.length = row.integer(2);
    evaluation.simulated = row.integer(3) != 0;
    evaluation.scales = scale_mode_from_name(row.text(4)).value_or(ScaleMode::exact);  // the schema knows no others
    evaluation.reference = row.text(5);
    evaluation.version = row.text(6);
    evaluation.backend = row.text(7);
    evaluation.text = {row.text(8), row.text(9), row.integer(10), row.integer(11)};
    SALIENT_ASSIGN(evaluation.metrics, read_metrics(kOfLater, evaluation.id));
    if (with_windows) {
      SALIENT_ASSIGN(evaluation.windows, read_windows(kOfLater, evaluation.id));
    }
    e.later.push_back(std::move(evaluation));
  }
}

Status Store::State::read_details(Experiment& e, bool with_windows) const {
  SALIENT_ASSIGN(e.metrics, read_metrics(kOfRuns, e.id));
  SALIENT_ASSIGN(auto timing,
                 database->prepare("SELECT stage, seconds FROM timings WHERE experiment_id = ? ORDER BY position"));
  timing.bind(e.id);
  while (true) {
    SALIENT_ASSIGN(const bool row, timing.step());
    if (!row) break;
    e.stages.push_back({timing.text(0), timing.number(1)});
  }
  SALIENT_ASSIGN(auto note, database->prepare("SELECT text FROM notes WHERE experiment_id = ? ORDER BY position"));
  note.bind(e.id);
  while (true) {
    SALIENT_ASSIGN(const bool row, note.step());
    if (!row) break;
    e.notes.push_back(note.text(0));
  }
  SALIENT_ASSIGN(auto exported,
                 database->prepare("SELECT path, bytes, manifest_sha256 FROM exports WHERE experiment_id = ?"));
  exported.bind(e.id);
  SALIENT_ASSIGN(const bool has_export, exported.step());
  if (has_export) e.exported = ExportRecord{exported.text(0), exported.integer(1), exported.text(2)};
  if (with_windows) {
    SALIENT_ASSIGN(e.windows, read_windows(kOfRuns, e.id));
  }
  return read_later(e, with_windows);
}

Result<std::vector<Experiment>> Store::list(const ExperimentFilter& filter) {
  const std::string file = escape_for_message(state_->path.string());
  // A statement that is not at its end keeps the others on the same state of the file: what somebody deletes meanwhile
  // is not listed without its measures.
  SALIENT_ASSIGN(auto snapshot, state_->database->prepare("SELECT id FROM experiments"));
  SALIENT_CHECK(snapshot.step());
  SALIENT_ASSIGN(auto statement,
                 state_->database->prepare(std::string(kExperiment) +
                                           "WHERE (?1 = '' OR e.status = ?1) AND (?2 = '' OR e.operation = ?2) AND "
                                           "(?3 = '' OR m.fingerprint = ?3 OR instr(m.path, ?3) > 0) "
                                           "ORDER BY e.id DESC LIMIT ?4"));
  statement.bind(filter.status).bind(filter.operation).bind(filter.model);
  statement.bind(filter.limit > 0 ? filter.limit : std::int64_t{-1});
  std::vector<Experiment> all;
  while (true) {
    SALIENT_ASSIGN(const bool row, statement.step());
    if (!row) break;
    SALIENT_ASSIGN(Experiment experiment, experiment_from(statement, file));
    all.push_back(std::move(experiment));
  }
  for (Experiment& experiment : all)
    SALIENT_CHECK(state_->read_details(experiment, false));
  return all;
}

Result<Experiment> Store::show(std::int64_t id) {
  SALIENT_ASSIGN(auto statement, state_->database->prepare(std::string(kExperiment) + "WHERE e.id = ?"));
  statement.bind(id);
  SALIENT_ASSIGN(const bool row, statement.step());
  if (!row) return state_->missing(id);
  SALIENT_ASSIGN(Experiment experiment, experiment_from(statement, escape_for_message(state_->path.string())));
  SALIENT_CHECK(state_->read_details(experiment, true));
  return experiment;
}

Result<SalienceScores> Store::scores(std::int64_t id) {
  const std::string file = escape_for_message(state_->path.string());
  SALIENT_ASSIGN(auto set,
                 state_->database->prepare(
                     "SELECT s.id, s.model_fingerprint, s.text_fingerprint, s.variant, s.group_size, s.samples, "
                     "s.length, s.seed, s.mean_loss, s.version FROM experiments e JOIN score_sets s ON s.id = "
                     "e.score_set_id WHERE e.id = ?"));
  set.bind(id);
  SALIENT_ASSIGN(const bool found, set.step());
  if (!found) {
    return Error{ErrorCode::not_found, file, fmt::format("scores of experiment {}", id), "salience scores", "none", ""};
  }
  SalienceScores scores;
  scores.model_fingerprint = set.text(1);
  scores.text_fingerprint = set.text(2);
  SALIENT_ASSIGN(scores.variant, salience_variant_from_name(set.text(3)));
  scores.group = set.integer(4);
  scores.samples = set.integer(5);
  scores.length = set.integer(6);
  scores.seed = static_cast<std::uint64_t>(set.integer(7));
  scores.mean_loss = set.number(8);
  scores.program_version = set.text(9);
  SALIENT_ASSIGN(auto row,
                 state_->database->prepare("SELECT layer, kind, feature_rows, feature_cols, data, sha256 FROM scores "
                                           "WHERE set_id = ? ORDER BY layer, kind"));
  row.bind(set.integer(0));
  while (true) {
    SALIENT_ASSIGN(const bool more, row.step());
    if (!more) return scores;
    LinearScores linear;
    SALIENT_ASSIGN(linear.id, linear_from(row, 0, file));
    linear.rows = row.integer(2);
    linear.cols = row.integer(3);
    const auto what = fmt::format("scores of experiment {}, {}", id, linear_name(linear.id));
    SALIENT_ASSIGN(linear.scores, values_from<double>(row, 4, linear.rows, file, what));
    scores.linears.push_back(std::move(linear));
  }
}

Result<BitMap> Store::bit_map(std::int64_t id) {
  const std::string file = escape_for_message(state_->path.string());
  SALIENT_ASSIGN(auto row,
                 state_->database->prepare("SELECT layer, kind, feature_rows, feature_cols, data, sha256 FROM "
                                           "bit_maps WHERE experiment_id = ? ORDER BY layer, kind"));
  row.bind(id);
  BitMap map;
  SALIENT_ASSIGN(map.uniform_bits, uniform_bits_of(*state_->database, id, file));
  while (true) {
    SALIENT_ASSIGN(const bool more, row.step());
    if (!more) break;
    LinearBits linear;
    SALIENT_ASSIGN(linear.id, linear_from(row, 0, file));
    linear.rows = row.integer(2);
    linear.cols = row.integer(3);
    const auto what = fmt::format("bit map of experiment {}, {}", id, linear_name(linear.id));
    SALIENT_ASSIGN(linear.rows8, values_from<std::uint32_t>(row, 4, -1, file, what));
    const bool ascending = std::is_sorted(linear.rows8.begin(), linear.rows8.end(), std::less_equal<>{});
    if (!ascending || (!linear.rows8.empty() && linear.rows8.back() >= linear.rows)) {
      return Error{ErrorCode::format,
                   file,
                   what,
                   "ascending rows below " + std::to_string(linear.rows),
                   "other rows",
                   "this record is damaged; the others can be read"};
    }
    map.linears.push_back(std::move(linear));
  }
  if (map.linears.empty()) {
    return Error{ErrorCode::not_found, file, fmt::format("bit map of experiment {}", id), "a bit map", "none", ""};
  }
  return map;
}

Result<std::optional<std::int64_t>> Store::find_export(const std::string& manifest_sha256, const std::string& path) {
  SALIENT_ASSIGN(auto statement, state_->database->prepare(
                                     "SELECT e.id FROM exports x JOIN experiments e ON e.id = x.experiment_id WHERE "
                                     "x.manifest_sha256 = ? AND e.status = 'done' ORDER BY x.path = ? DESC, "
                                     "e.id DESC LIMIT 1"));
  statement.bind(manifest_sha256).bind(path);
  SALIENT_ASSIGN(const bool row, statement.step());
  return row ? std::optional<std::int64_t>(statement.integer(0)) : std::optional<std::int64_t>{};
}

}  // namespace salient
