// SPDX-License-Identifier: Apache-2.0
// The experiments: one SQLite file (DESIGN decision 7, HOSTILE-INPUTS rows 66 to 76). A record begins when a
// run begins and is finished in one transaction when it ends.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/base/system.h"
#include "core/eval/evaluate.h"
#include "core/experiment/recipe.h"
#include "core/experiment/results.h"
#include "core/search/allocation.h"
#include "core/search/scores.h"
#include "core/text/corpus.h"

namespace salient {

struct ModelRecord {
  std::string fingerprint;
  std::string path;
  std::string architecture;
  std::int64_t parameters = 0;
};
struct TextRecord {
  std::string sha256;
  std::string path;
  std::int64_t bytes = 0;
  std::int64_t documents = 0;
};
struct Metric {
  std::string model;  ///< "reference" (16 bit) or "quantized"
  std::string name;   ///< perplexity, kl_forward, top1, tokens_per_second, payload_bits, …
  double value = 0;
  std::optional<double> standard_error;
};
struct WindowNll {
  std::string model;
  std::vector<double> values;
};
struct ExportRecord {
  std::string path;
  std::int64_t bytes = 0;
  std::string manifest_sha256;
};

/// A measurement of an experiment's export made after its run.
struct LaterEvaluation {
  std::int64_t id = 0;
  std::string created;  ///< ISO 8601, UTC
  TextRecord text;
  std::int64_t length = 0;  ///< tokens of a window
  bool simulated = false;   ///< dequantized weights in float instead of the integers
  ScaleMode scales = ScaleMode::exact;
  std::string reference;  ///< path of the 16-bit model it was compared with; empty = none
  std::string version;
  std::string backend;
  std::vector<Metric> metrics;
  std::vector<WindowNll> windows;

  [[nodiscard]] std::optional<double> metric(const std::string& model, const std::string& name) const;
};

/// What is known when a run begins.
struct ExperimentStart {
  std::string operation;  ///< run or quantize
  std::string fingerprint;
  Recipe recipe;
  std::string output;  ///< the path of what is produced
  ModelRecord model;
  std::optional<TextRecord> calibration;
  std::optional<TextRecord> evaluation;
  std::string version;
  MachineInfo machine;
  std::string backend;
};
/// What is known when it has ended well.
struct ExperimentOutcome {
  std::optional<SalienceScores> scores;
  BitMap map;
  std::vector<Metric> metrics;
  std::vector<WindowNll> windows;
  std::vector<StageTime> stages;
  std::vector<std::string> notes;  ///< lines a person should read: fallbacks, warnings
  std::optional<ExportRecord> exported;
};

struct Experiment {
  std::int64_t id = 0;
  std::string status;    ///< running, done, failed, cancelled
  std::string created;   ///< ISO 8601, UTC
  std::string finished;  ///< empty while running
  std::string annotation;
  std::string error;
  ExperimentStart start;
  std::vector<Metric> metrics;
  std::vector<WindowNll> windows;
  std::vector<StageTime> stages;
  std::vector<std::string> notes;
  std::optional<ExportRecord> exported;
  std::vector<LaterEvaluation> later;  ///< in the order in which they were first made
  bool has_scores = false;

  [[nodiscard]] std::optional<double> metric(const std::string& model, const std::string& name) const;
};

struct ExperimentFilter {
  std::string status;      ///< empty = any
  std::string operation;   ///< empty = any
  std::string model;       ///< fingerprint, or a part of the path; empty = any
  std::int64_t limit = 0;  ///< the newest; 0 = all
};

[[nodiscard]] std::filesystem::path default_store_path();  ///< data_directory()/experiments.db

class Store {
 public:
  enum class Access { read_write, read_only };
  /// Created (with its directory) when absent and opened for writing. A directory or file that cannot be
  /// written is opened read-only; writing() then says so and every change is refused. An older version's file is
  /// brought up to date with a backup (notes() says so), for readers as well where it can be written.
  static Result<Store> open(const std::filesystem::path& path, Access access = Access::read_write);
  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  ~Store();

  [[nodiscard]] bool writing() const;
  [[nodiscard]] const std::vector<std::string>& notes() const;  ///< read-only, migrated with backup, …

  /// A new record with status running; or the unfinished one with the same fingerprint and output.
  [[nodiscard]] Result<std::int64_t> begin(const ExperimentStart& start);
  /// Status done. Repeating it replaces what was recorded.
  [[nodiscard]] Status finish(std::int64_t id, const ExperimentOutcome& outcome);
  /// Status failed or cancelled with what went wrong.
  [[nodiscard]] Status abandon(std::int64_t id, const Error& error);
  /// Adds a later evaluation of the record's export and gives its id; `evaluation`'s id and date are not used. One on
  /// the same text and windows, by the same version, in the same way on the same backend is replaced.
  [[nodiscard]] Result<std::int64_t> add_evaluation(std::int64_t id, const LaterEvaluation& evaluation);
  [[nodiscard]] Status annotate(std::int64_t id, const std::string& text);
  [[nodiscard]] Status remove(std::int64_t id);

  [[nodiscard]] Result<std::vector<Experiment>> list(
      const ExperimentFilter& filter = {});  ///< newest first, no windows
  [[nodiscard]] Result<Experiment> show(std::int64_t id);
  /// Error{mismatch} naming the linear whose blob does not match its hash.
  [[nodiscard]] Result<SalienceScores> scores(std::int64_t id);
  [[nodiscard]] Result<BitMap> bit_map(std::int64_t id);
  /// The finished record that exported the directory with this manifest hash, wherever it is now. Of several with the
  /// same bytes the one that exported to `path`, otherwise the newest.
  [[nodiscard]] Result<std::optional<std::int64_t>> find_export(const std::string& manifest_sha256,
                                                                const std::string& path);

 private:
  struct State;
  explicit Store(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// A text as it was read; the path becomes absolute.
[[nodiscard]] TextRecord text_record(const std::filesystem::path& path, const Corpus& corpus);

/// Metrics that an evaluation gives rise to.
[[nodiscard]] std::vector<Metric> evaluation_metrics(const std::string& model, const Evaluation& evaluation);

/// One linear in two bit maps: its rows in 8 bit in each, in both, and in only one of them.
struct LinearDifference {
  LinearId id;
  std::int64_t rows = 0;
  std::int64_t rows8_left = 0;
  std::int64_t rows8_right = 0;
  std::int64_t rows8_both = 0;
  std::int64_t rows_that_differ = 0;
};
/// Every linear of either map, in order of LinearId. One that a map lacks has no 8-bit rows there.
[[nodiscard]] std::vector<LinearDifference> compare_bit_maps(const BitMap& left, const BitMap& right);

[[nodiscard]] Json experiment_json(const Experiment& experiment);
/// recipe: differing fields; linears: rows8 in each and rows that differ; metrics: side by side; evaluations: the
/// runs' own and later ones side by side, one entry for each text and number and length of windows.
[[nodiscard]] Result<Json> compare_experiments(Store& store, std::int64_t left, std::int64_t right);
/// One line a record: id, dates, model, recipe fields, metrics. RFC 4180.
[[nodiscard]] std::string experiments_csv(const std::vector<Experiment>& experiments);

}  // namespace salient
