// SPDX-License-Identifier: Apache-2.0
#include "core/experiment/record_evaluation.h"

#include <fmt/format.h>

#include "core/pack/manifest.h"
#include "core/pack/packed_model.h"

namespace salient {
namespace {

namespace fs = std::filesystem;

Result<RecordedExport> find(const fs::path& model, const fs::path& experiments, Job& job) {
  RecordedExport exported;
  std::error_code failed;
  if (!is_packed_model(model)) {
    exported.unknown = "this is no packed model";
    return exported;
  }
  const std::string file = escape_for_message(experiments.string());
  if (!fs::exists(experiments, failed)) {
    exported.unknown = "there are no experiments in " + file;
    return exported;
  }
  SALIENT_ASSIGN(const std::string manifest, manifest_sha256(model));
  SALIENT_ASSIGN(Store store, Store::open(experiments));
  for (const std::string& note : store.notes())
    job.warn(note);
  const std::string place = fs::absolute(model).lexically_normal().string();
  SALIENT_ASSIGN(const auto id, store.find_export(manifest, place));
  if (!id) {
    exported.unknown = "no experiment in " + file + " exported this model";
    return exported;
  }
  SALIENT_ASSIGN(const Experiment experiment, store.show(*id));
  exported.experiment = experiment.id;
  exported.model_fingerprint = experiment.start.model.fingerprint;
  return exported;
}

}  // namespace

RecordedExport find_recorded_export(const fs::path& model, const fs::path& experiments, Job& job) {
  auto found = find(model, experiments, job);
  if (found) return *std::move(found);
  RecordedExport none;
  none.unknown = found.error().to_string();
  return none;
}

Result<std::int64_t> record_evaluation(const RecordedExport& exported, const fs::path& experiments,
                                       const LaterEvaluation& evaluation) {
  SALIENT_ASSIGN(Store store, Store::open(experiments));
  if (!store.writing()) {
    return Error{ErrorCode::io,
                 escape_for_message(experiments.string()),
                 "experiments",
                 "a file that can be written",
                 "one that can only be read",
                 "name another file with --experiments"};
  }
  return store.add_evaluation(exported.experiment, evaluation);
}

}  // namespace salient
