// SPDX-License-Identifier: Apache-2.0
// generate: a model continues a prompt; optionally a second one continues the same.
#include "core/engine/engine.h"
#include "core/experiment/operations_detail.h"

namespace salient::operations {
namespace {

struct Continuation {
  std::filesystem::path directory;
  std::string prompt;
  GenerateOptions options;
};

Result<Json> continue_prompt(const Continuation& wanted, std::string_view source, Backend& backend,
                             OperationContext& context, Job& job) {
  SALIENT_ASSIGN(const auto engine, Engine::load(wanted.directory, backend));
  const auto on_text = [&](std::string_view text) {
    if (context.text) context.text(source, text);
  };
  SALIENT_ASSIGN(const Generation generation, salient::generate(*engine, wanted.prompt, wanted.options, on_text, job));
  return Json{{"model", escape_for_message(wanted.directory.string(), 4096)},
              {"text", generation.text},
              {"tokens", generation.ids.size()},
              {"ids", generation.ids},
              {"prompt_tokens", generation.prompt_ids.size()},
              {"ended", generation.ended},
              {"prefill_seconds", generation.prefill_seconds},
              {"decode_seconds", generation.decode_seconds},
              {"tokens_per_second", generation.tokens_per_second()}};
}

}  // namespace

Result<Json> generate(const Json& request, OperationContext& context, Job& job) {
  RequestReader read(request);
  Continuation wanted;
  wanted.directory = read.path("model");
  wanted.prompt = read.string("prompt");
  wanted.options.tokens = read.integer_or("tokens", wanted.options.tokens, 1, 1'000'000);
  wanted.options.temperature = read.number_or("temperature", wanted.options.temperature, 0, 100);
  wanted.options.top_p = read.number_or("top_p", wanted.options.top_p, 0, 1);
  wanted.options.seed = static_cast<std::uint64_t>(read.integer_or("seed", 0, 0, INT64_MAX));
  const auto against = read.path_or("against", {});
  const BackendRequest where = read.backend();
  SALIENT_CHECK(read.finish());

  SALIENT_ASSIGN(Backend * backend, context.backend(where));
  Json result = result_header("generate");
  result["prompt"] = wanted.prompt;
  SALIENT_ASSIGN(const Json own, continue_prompt(wanted, "model", *backend, context, job));
  result.update(own);
  if (!against.empty()) {
    wanted.directory = against;
    SALIENT_ASSIGN(result["against"], continue_prompt(wanted, "against", *backend, context, job));
  }
  return result;
}

}  // namespace salient::operations
