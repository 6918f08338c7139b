// SPDX-License-Identifier: Apache-2.0
// The experiment's record: begun with the work, finished or abandoned with it.
#include <fmt/format.h>

#include "core/base/system.h"
#include "core/experiment/pipeline_state.h"

namespace salient {
namespace {

namespace fs = std::filesystem;

}  // namespace

Status Pipeline::begin_record() {
  start_.operation = request_.operation;
  start_.fingerprint = fingerprint_;
  start_.recipe = recipe_;
  start_.output = fs::absolute(request_.output).lexically_normal().string();
  start_.model = {identity_.model, fs::absolute(request_.model).string(),
                  std::string(architecture_name(checkpoint_->config().architecture)),
                  static_cast<std::int64_t>(checkpoint_->parameters())};
  if (!calibration_.record.sha256.empty()) start_.calibration = calibration_.record;
  if (evaluating()) start_.evaluation = evaluation_text_.record;
  start_.version = program_version();
  start_.machine = machine_info();
  start_.backend = backend_.name();
  SALIENT_ASSIGN(Store store, open_store());
  SALIENT_ASSIGN(const auto kept, work_->recall("experiment"));
  if (kept) {
    experiment_ = kept->value("id", std::int64_t{0});
    const auto known = store.show(experiment_);
    recorded_ = known && known->status == "done" && known->start.fingerprint == fingerprint_;
    if (recorded_) return {};
  }
  SALIENT_ASSIGN(experiment_, store.begin(start_));
  return work_->keep("experiment", Json{{"id", experiment_}});
}

Result<Store> Pipeline::open_store() {
  SALIENT_ASSIGN(Store store, Store::open(request_.experiments));
  for (const std::string& note : store.notes())
    job_.warn(note);
  if (store.writing()) return store;
  return Error{ErrorCode::io,
               escape_for_message(request_.experiments.string()),
               "experiments",
               "a file that can be written",
               "one that can only be read",
               "name another file with --experiments"};
}

Status Pipeline::record() {
  if (recorded_) return {};
  ExperimentOutcome outcome;
  outcome.scores = scores_;
  outcome.map = map_;
  if (reference_) append(outcome, "reference", *reference_);
  if (quantized_) append(outcome, "quantized", *quantized_);
  const auto metric = [&](const char* name, double value) {
    outcome.metrics.push_back({"quantized", name, value, {}});
  };
  const Json allocation = allocation_json(map_, size_);
  for (const char* name : {"percent", "payload_bits", "effective_bits", "bytes"})
    metric(name, allocation[name].get<double>());
  if (prediction_.contains("predicted_loss")) metric("predicted_loss", prediction_["predicted_loss"].get<double>());
  outcome.stages = stages_;
  outcome.notes = notes_;
  outcome.exported = ExportRecord{start_.output, output_bytes(), manifest_};
  SALIENT_ASSIGN(Store store, open_store());
  // Begun again, in case somebody removed the record meanwhile; otherwise this gives the same one.
  SALIENT_ASSIGN(experiment_, store.begin(start_));
  return store.finish(experiment_, outcome);
}

void Pipeline::append(ExperimentOutcome& outcome, const char* model, const Evaluation& evaluation) {
  for (Metric& metric : evaluation_metrics(model, evaluation))
    outcome.metrics.push_back(std::move(metric));
  outcome.windows.push_back({model, evaluation.window_nll});
}

Error Pipeline::abandon_record(const Error& error) {
  auto store = Store::open(request_.experiments);
  // The error that ended the run is the one to tell; that it could not be recorded is said beside it.
  const Status status = store ? store->abandon(experiment_, error) : Status(store.error());
  if (!status) job_.warn(fmt::format("the experiment's record stays unfinished: {}", status.error().to_string()));
  return error;
}

std::int64_t Pipeline::output_bytes() const {
  std::int64_t bytes = 0;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(request_.output, failed)) {
    const auto size = entry.file_size(failed);
    if (!failed) bytes += static_cast<std::int64_t>(size);
  }
  return bytes;
}

}  // namespace salient
