// SPDX-License-Identifier: Apache-2.0
// report: experiments from the store as an HTML file.
#include <fmt/format.h>

#include "core/base/file.h"
#include "core/engine/engine.h"
#include "core/experiment/operations_detail.h"
#include "core/experiment/report_html.h"
#include "core/experiment/store.h"

namespace salient::operations {
namespace {

Result<std::int64_t> newest(Store& store, const std::filesystem::path& path) {
  ExperimentFilter filter;
  filter.status = "done";
  filter.limit = 1;
  SALIENT_ASSIGN(const auto found, store.list(filter));
  if (!found.empty()) return found.front().id;
  return Error{ErrorCode::not_found,       escape_for_message(path.string()), {}, "a finished experiment", "none",
               "make one with salient run"};
}

Result<std::string> continuation(const std::filesystem::path& model, const std::string& prompt,
                                 const GenerateOptions& options, Backend& backend, Job& job) {
  SALIENT_ASSIGN(const auto engine, Engine::load(model, backend));
  SALIENT_ASSIGN(const Generation generation, salient::generate(*engine, prompt, options, {}, job));
  return generation.text;
}

/// What the experiment's two models write, as long as both are still where they were.
Status add_sample(ReportSubject& subject, const std::string& prompt, const GenerateOptions& options, Backend& backend,
                  Job& job) {
  const Experiment& e = subject.experiment;
  if (!e.exported) {
    job.warn(fmt::format("experiment {} exported no model: no sample of text", e.id));
    return {};
  }
  ReportSample sample;
  sample.prompt = prompt;
  SALIENT_ASSIGN(sample.reference, continuation(e.start.model.path, prompt, options, backend, job));
  SALIENT_ASSIGN(sample.quantized, continuation(e.exported->path, prompt, options, backend, job));
  subject.sample = std::move(sample);
  return {};
}

}  // namespace

Result<Json> report(const Json& request, OperationContext& context, Job& job) {
  RequestReader read(request);
  std::vector<std::int64_t> ids = read.integers("ids");
  const auto output = read.path("output");
  const std::string prompt = read.string_or("prompt", "");
  GenerateOptions options;
  options.tokens = read.integer_or("tokens", 48, 1, 100'000);
  const auto store_path = read.experiments();
  const BackendRequest where = read.backend();
  SALIENT_CHECK(read.finish());
  if (ids.size() > 2) {
    return Error{ErrorCode::usage, {}, "ids", "one or two experiments", std::to_string(ids.size()), {}};
  }

  SALIENT_ASSIGN(Store store, Store::open(store_path, Store::Access::read_only));
  if (ids.empty()) {
    SALIENT_ASSIGN(const std::int64_t id, newest(store, store_path));
    ids.push_back(id);
  }
  std::vector<ReportSubject> subjects;
  for (const std::int64_t id : ids) {
    SALIENT_ASSIGN(ReportSubject subject, read_report_subject(store, id));
    if (!prompt.empty()) {
      SALIENT_ASSIGN(Backend * backend, context.backend(where));
      SALIENT_CHECK(add_sample(subject, prompt, options, *backend, job));
    }
    subjects.push_back(std::move(subject));
  }
  const std::string html = report_html(subjects);
  SALIENT_CHECK(write_file_durably(output, html));
  Json result = result_header("report");
  result["experiments"] = ids;
  result["output"] = escape_for_message(output.string(), 4096);
  result["bytes"] = html.size();
  return result;
}

}  // namespace salient::operations
