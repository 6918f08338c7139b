// SPDX-License-Identifier: Apache-2.0
// Opening the store and everything that changes it.
#include "core/experiment/store.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <ctime>

#include "core/base/file.h"
#include "core/base/hash.h"
#include "core/experiment/schema.h"
#include "core/experiment/store_state.h"

namespace salient {
namespace {

namespace fs = std::filesystem;
using sqlite::Database;
using sqlite::Statement;

std::string now() {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

Result<std::int64_t> model_row(const Database& database, const ModelRecord& model) {
  SALIENT_ASSIGN(auto statement, database.prepare("INSERT INTO models (fingerprint, path, architecture, parameters) "
                                                  "VALUES (?, ?, ?, ?) ON CONFLICT (fingerprint) DO UPDATE SET "
                                                  "path = excluded.path RETURNING id"));
  statement.bind(model.fingerprint).bind(model.path).bind(model.architecture).bind(model.parameters);
  SALIENT_ASSIGN(const bool row, statement.step());
  const std::int64_t id = row ? statement.integer(0) : 0;
  SALIENT_CHECK(statement.run());
  return id;
}

/// Scores name the text they come from by its hash alone: such a record adds nothing to what is known of the text.
Result<std::optional<std::int64_t>> text_row(const Database& database, const std::optional<TextRecord>& text) {
  if (!text) return std::optional<std::int64_t>{};
  SALIENT_ASSIGN(
      auto statement,
      database.prepare("INSERT INTO texts (sha256, path, bytes, documents) VALUES (?, ?, ?, ?) "
                       "ON CONFLICT (sha256) DO UPDATE SET path = coalesce(nullif(excluded.path, ''), path), "
                       "bytes = max(bytes, excluded.bytes), "
                       "documents = max(documents, excluded.documents) RETURNING id"));
  statement.bind(text->sha256).bind(text->path).bind(text->bytes).bind(text->documents);
  SALIENT_ASSIGN(const bool row, statement.step());
  const std::int64_t id = row ? statement.integer(0) : 0;
  SALIENT_CHECK(statement.run());
  return std::optional<std::int64_t>(id);
}

/// One linear's row of `scores` or `bit_maps`.
template <class T>
Status insert_linear(Statement& statement, std::int64_t owner, LinearId id, std::int64_t rows, std::int64_t cols,
                     const std::vector<T>& values) {
  const auto bytes = std::as_bytes(std::span(values));
  statement.bind(owner).bind(std::int64_t{id.layer}).bind(static_cast<std::int64_t>(id.kind)).bind(rows).bind(cols);
  return statement.bind(bytes).bind(sha256_hex(bytes)).run();
}

}  // namespace

fs::path default_store_path() {
  return data_directory() / "experiments.db";
}

Store::Store(std::unique_ptr<State> state) : state_(std::move(state)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

Result<Store> Store::open(const fs::path& path, Access access) {
  auto state = std::make_unique<State>();
  state->path = path;
  std::error_code failed;
  if (!fs::exists(path, failed)) {
    if (access == Access::read_only) {
      return Error{ErrorCode::not_found,
                   escape_for_message(path.string()),
                   "",
                   "an experiment file",
                   "nothing",
                   "run something first, or name another file with --experiments"};
    }
    SALIENT_CHECK(schema::create(path, schema::migrations()));
  }
  // Whoever was killed between making the file and clearing up left the place it was made in.
  if (access == Access::read_write) remove_orphans(fs::absolute(schema::making_place(path), failed));
  const fs::path directory = path.parent_path().empty() ? "." : path.parent_path();
  // The rollback journal stands beside the file, so both must be writable.
  const bool writable = ::access(path.c_str(), W_OK) == 0 && ::access(directory.c_str(), W_OK) == 0;
  state->writing = writable && access == Access::read_write;
  if (!writable && access == Access::read_write) {
    state->notes.push_back(
        fmt::format("{} cannot be written and is open for reading only", escape_for_message(path.string())));
  }
  auto database = schema::open(path, state->writing, schema::migrations(), state->notes);
  // A reader must not have to wait until somebody writes to an older file: it is migrated, then opened again.
  if (!database && database.error().code == ErrorCode::unsupported && writable && !state->writing) {
    const auto migrated = schema::open(path, true, schema::migrations(), state->notes);
    if (!migrated) return migrated.error();
    database = schema::open(path, false, schema::migrations(), state->notes);
  }
  if (!database) return std::move(database).error();
  state->database = *std::move(database);
  return Store(std::move(state));
}

bool Store::writing() const {
  return state_->writing;
}

const std::vector<std::string>& Store::notes() const {
  return state_->notes;
}

Error Store::State::missing(std::int64_t id) const {
  return Error{ErrorCode::not_found, escape_for_message(path.string()),      "experiment", "an experiment's number",
               std::to_string(id),   "`salient experiments list` shows them"};
}

Result<std::int64_t> Store::begin(const ExperimentStart& start) {
  const Database& database = *state_->database;
  std::int64_t id = 0;
  const Status written = database.transaction([&]() -> Status {
    SALIENT_ASSIGN(
        auto find,
        database.prepare("SELECT id FROM experiments WHERE fingerprint = ? AND output = ? AND status <> 'done' "
                         "ORDER BY id DESC LIMIT 1"));
    find.bind(start.fingerprint).bind(start.output);
    SALIENT_ASSIGN(const bool unfinished, find.step());
    if (unfinished) {
      id = find.integer(0);
      SALIENT_ASSIGN(auto resume,
                     database.prepare("UPDATE experiments SET status = 'running', finished = '', error = '' "
                                      "WHERE id = ?"));
      resume.bind(id);
      return resume.run();
    }
    SALIENT_ASSIGN(const std::int64_t model, model_row(database, start.model));
    SALIENT_ASSIGN(const auto calibration, text_row(database, start.calibration));
    SALIENT_ASSIGN(const auto evaluation, text_row(database, start.evaluation));
    SALIENT_ASSIGN(
        auto insert,
        database.prepare("INSERT INTO experiments (status, created, operation, fingerprint, recipe, output, model_id, "
                         "calibration_id, evaluation_id, version, processor, cores, memory_bytes, system, "
                         "backend) VALUES ('running', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
    insert.bind(now()).bind(start.operation).bind(start.fingerprint).bind(json_line(recipe_json(start.recipe)));
    insert.bind(start.output);
    insert.bind(model).bind(calibration).bind(evaluation).bind(start.version);
    insert.bind(start.machine.processor).bind(std::int64_t{start.machine.cores});
    insert.bind(static_cast<std::int64_t>(start.machine.memory_bytes)).bind(start.machine.system).bind(start.backend);
    SALIENT_CHECK(insert.run());
    id = database.last_row();
    return {};
  });
  if (!written) return written.error();
  return id;
}

Status Store::State::insert_metrics(const MetricTables& tables, std::int64_t owner, const std::vector<Metric>& metrics,
                                    const std::vector<WindowNll>& windows) const {
  SALIENT_ASSIGN(auto metric, database->prepare(fmt::format("INSERT INTO {} VALUES (?, ?, ?, ?, ?)", tables.metrics)));
  for (const Metric& m : metrics) {
    metric.bind(owner).bind(m.model).bind(m.name).bind(m.value).bind(m.standard_error);
    SALIENT_CHECK(metric.run());
  }
  SALIENT_ASSIGN(auto window, database->prepare(fmt::format("INSERT INTO {} VALUES (?, ?, ?, ?)", tables.windows)));
  for (const WindowNll& list : windows) {
    std::int64_t position = 0;
    for (const double nll : list.values) {
      window.bind(owner).bind(list.model).bind(position++).bind(nll);
      SALIENT_CHECK(window.run());
    }
  }
  return {};
}

Result<std::int64_t> Store::State::score_set(const SalienceScores& scores) const {
  Sha256 hash;
  for (const std::string& text : {scores.model_fingerprint, scores.text_fingerprint, scores.program_version})
    hash.update(text);
  for (const LinearScores& linear : scores.linears)
    hash.update(std::as_bytes(std::span(linear.scores)));
  const std::string key = hash.finish();
  SALIENT_ASSIGN(auto find, database->prepare("SELECT id FROM score_sets WHERE sha256 = ?"));
  find.bind(key);
  SALIENT_ASSIGN(const bool known, find.step());
  if (known) return find.integer(0);
  SALIENT_ASSIGN(auto insert, database->prepare("INSERT INTO score_sets (sha256, model_fingerprint, text_fingerprint, "
                                                "variant, group_size, samples, length, seed, mean_loss, version) "
                                                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  insert.bind(key).bind(scores.model_fingerprint).bind(scores.text_fingerprint);
  insert.bind(salience_variant_name(scores.variant)).bind(scores.group).bind(scores.samples).bind(scores.length);
  insert.bind(static_cast<std::int64_t>(scores.seed)).bind(scores.mean_loss).bind(scores.program_version);
  SALIENT_CHECK(insert.run());
  const std::int64_t set = database->last_row();
  SALIENT_ASSIGN(auto row, database->prepare("INSERT INTO scores VALUES (?, ?, ?, ?, ?, ?, ?)"));
  for (const LinearScores& linear : scores.linears) {
    SALIENT_CHECK(insert_linear(row, set, linear.id, linear.rows, linear.cols, linear.scores));
  }
  return set;
}

Status Store::finish(std::int64_t id, const ExperimentOutcome& outcome) {
  const State& state = *state_;
  const Database& database = *state.database;
  return database.transaction([&]() -> Status {
    for (const char* table : {"bit_maps", "metrics", "window_nll", "timings", "notes", "exports"}) {
      SALIENT_ASSIGN(auto drop, database.prepare(fmt::format("DELETE FROM {} WHERE experiment_id = ?", table)));
      drop.bind(id);
      SALIENT_CHECK(drop.run());
    }
    std::optional<std::int64_t> set;
    if (outcome.scores) {
      SALIENT_ASSIGN(set, state.score_set(*outcome.scores));
    }
    SALIENT_ASSIGN(auto update, database.prepare("UPDATE experiments SET status = 'done', finished = ?, error = '', "
                                                 "score_set_id = ? WHERE id = ?"));
    update.bind(now()).bind(set).bind(id);
    SALIENT_CHECK(update.run());
    if (database.changed_rows() == 0) return state.missing(id);
    SALIENT_ASSIGN(auto bits, database.prepare("INSERT INTO bit_maps VALUES (?, ?, ?, ?, ?, ?, ?)"));
    for (const LinearBits& linear : outcome.map.linears) {
      SALIENT_CHECK(insert_linear(bits, id, linear.id, linear.rows, linear.cols, linear.rows8));
    }
    SALIENT_CHECK(state.insert_metrics(State::kOfRuns, id, outcome.metrics, outcome.windows));
    std::int64_t position = 0;
    SALIENT_ASSIGN(auto timing, database.prepare("INSERT INTO timings VALUES (?, ?, ?, ?)"));
    for (const StageTime& stage : outcome.stages) {
      timing.bind(id).bind(position++).bind(stage.name).bind(stage.seconds);
      SALIENT_CHECK(timing.run());
    }
    position = 0;
    SALIENT_ASSIGN(auto note, database.prepare("INSERT INTO notes VALUES (?, ?, ?)"));
    for (const std::string& text : outcome.notes) {
      note.bind(id).bind(position++).bind(text);
      SALIENT_CHECK(note.run());
    }
    if (outcome.exported) {
      SALIENT_ASSIGN(auto exported, database.prepare("INSERT INTO exports VALUES (?, ?, ?, ?)"));
      exported.bind(id).bind(outcome.exported->path).bind(outcome.exported->bytes);
      SALIENT_CHECK(exported.bind(outcome.exported->manifest_sha256).run());
    }
    return {};
  });
}

Status Store::abandon(std::int64_t id, const Error& error) {
  const Database& database = *state_->database;
  return database.transaction([&]() -> Status {
    SALIENT_ASSIGN(auto update,
                   database.prepare("UPDATE experiments SET status = ?, finished = ?, error = ? WHERE id = ? "
                                    "AND status = 'running'"));
    update.bind(error.code == ErrorCode::cancelled ? "cancelled" : "failed")
        .bind(now())
        .bind(error.to_string())
        .bind(id);
    return update.run();
  });
}

Result<std::int64_t> Store::add_evaluation(std::int64_t id, const LaterEvaluation& evaluation) {
  const State& state = *state_;
  const Database& database = *state.database;
  std::int64_t added = 0;
  const Status written = database.transaction([&]() -> Status {
    SALIENT_ASSIGN(auto find, database.prepare("SELECT id FROM experiments WHERE id = ?"));
    find.bind(id);
    SALIENT_ASSIGN(const bool known, find.step());
    if (!known) return state.missing(id);
    SALIENT_ASSIGN(const auto text, text_row(database, evaluation.text));
    SALIENT_ASSIGN(
        auto insert,
        database.prepare("INSERT INTO later_evaluations (experiment_id, created, text_id, length, windows, "
                         "simulated, scales, reference, version, backend) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
                         "ON CONFLICT DO UPDATE SET created = excluded.created RETURNING id"));
    insert.bind(id).bind(now()).bind(text).bind(evaluation.length);
    insert.bind(static_cast<std::int64_t>(evaluation.metric("quantized", "windows").value_or(0)));
    insert.bind(std::int64_t{evaluation.simulated}).bind(std::string(scale_mode_name(evaluation.scales)));
    insert.bind(evaluation.reference).bind(evaluation.version).bind(evaluation.backend);
    SALIENT_ASSIGN(const bool row, insert.step());
    added = row ? insert.integer(0) : 0;
    SALIENT_CHECK(insert.run());
    for (const char* table : {State::kOfLater.metrics, State::kOfLater.windows}) {
      SALIENT_ASSIGN(auto drop,
                     database.prepare(fmt::format("DELETE FROM {} WHERE {} = ?", table, State::kOfLater.owner)));
      drop.bind(added);
      SALIENT_CHECK(drop.run());
    }
    return state.insert_metrics(State::kOfLater, added, evaluation.metrics, evaluation.windows);
  });
  if (!written) return written.error();
  return added;
}

Status Store::annotate(std::int64_t id, const std::string& text) {
  const Database& database = *state_->database;
  return database.transaction([&]() -> Status {
    SALIENT_ASSIGN(auto update, database.prepare("UPDATE experiments SET annotation = ? WHERE id = ?"));
    update.bind(text).bind(id);
    SALIENT_CHECK(update.run());
    return database.changed_rows() == 0 ? Status(state_->missing(id)) : Status();
  });
}

Status Store::remove(std::int64_t id) {
  const Database& database = *state_->database;
  return database.transaction([&]() -> Status {
    SALIENT_ASSIGN(auto drop, database.prepare("DELETE FROM experiments WHERE id = ?"));
    drop.bind(id);
    SALIENT_CHECK(drop.run());
    if (database.changed_rows() == 0) return state_->missing(id);
    // What no experiment refers to any more goes too.
    return database.execute(
        "DELETE FROM score_sets WHERE id NOT IN (SELECT score_set_id FROM experiments WHERE score_set_id IS NOT NULL);"
        "DELETE FROM models WHERE id NOT IN (SELECT model_id FROM experiments);"
        "DELETE FROM texts WHERE id NOT IN (SELECT calibration_id FROM experiments WHERE calibration_id IS NOT NULL) "
        "AND id NOT IN (SELECT evaluation_id FROM experiments WHERE evaluation_id IS NOT NULL) "
        "AND id NOT IN (SELECT text_id FROM later_evaluations);");
  });
}

}  // namespace salient
