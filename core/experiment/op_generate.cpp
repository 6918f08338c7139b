// SPDX-License-Identifier: Apache-2.0
// generate: a model continues a prompt; optionally a second one continues the same, and the two are compared.
#include <algorithm>
#include <array>

#include "core/base/system.h"
#include "core/engine/engine.h"
#include "core/eval/side_by_side.h"
#include "core/experiment/operations_detail.h"

namespace salient::operations {
namespace {

struct Continuation {
  std::filesystem::path directory;
  std::string prompt;
  GenerateOptions options;
  ScaleMode scales = ScaleMode::exact;
};

Json generation_json(const Generation& generation, const std::filesystem::path& directory) {
  return Json{{"model", escape_for_message(directory.string(), 4096)},
              {"text", generation.text},
              {"tokens", generation.ids.size()},
              {"ids", generation.ids},
              {"prompt_tokens", generation.prompt_ids.size()},
              {"ended", generation.ended},
              {"prefill_seconds", generation.prefill_seconds},
              {"decode_seconds", generation.decode_seconds},
              {"tokens_per_second", generation.tokens_per_second()}};
}

Result<Json> continue_prompt(const Continuation& wanted, std::string_view source, Backend& backend,
                             OperationContext& context, Job& job) {
  SALIENT_ASSIGN(const auto engine, Engine::load(wanted.directory, backend, {.packed = {.scales = wanted.scales}}));
  const auto on_text = [&](std::string_view text) {
    if (context.text) context.text(source, text);
  };
  SALIENT_ASSIGN(const Generation generation, salient::generate(*engine, wanted.prompt, wanted.options, on_text, job));
  return generation_json(generation, wanted.directory);
}

Json compared_json(const ComparedGeneration& compared, const std::filesystem::path& directory) {
  Json json = generation_json(compared.generation, directory);
  for (const char* key : {"log_probability", "other_log_probability", "kl", "same_first"})
    json[key] = Json::array();
  for (const ComparedToken& token : compared.tokens) {
    json["log_probability"].push_back(token.log_probability);
    json["other_log_probability"].push_back(token.other_log_probability);
    json["kl"].push_back(token.kl);
    json["same_first"].push_back(token.same_first);
  }
  return json;
}

constexpr std::string_view source_name(bool of_reference) {
  return of_reference ? "against" : "model";
}

SideBySideEvents events_to(OperationContext& context, std::array<std::int64_t, 2>& counts) {
  SideBySideEvents events;
  events.token = [&](bool of_reference, const ComparedToken& token, std::string_view text, double seconds) {
    const std::int64_t index = counts[of_reference ? 1 : 0]++;
    if (!context.token) return;
    context.token(Json{{"source", source_name(of_reference)},
                       {"index", index},
                       {"token", token.id},
                       {"text", text},
                       {"log_probability", token.log_probability},
                       {"other_log_probability", token.other_log_probability},
                       {"kl", token.kl},
                       {"same_first", token.same_first},
                       {"seconds", seconds}});
  };
  events.rest = [&](bool of_reference, std::string_view text) {
    if (context.text) context.text(source_name(of_reference), text);
  };
  return events;
}

/// Both models are in memory at once: a 16-bit one keeps fewer of its layers there when room is short.
Result<Json> continue_side_by_side(const Continuation& wanted, const std::filesystem::path& against, Backend& backend,
                                   OperationContext& context, Job& job) {
  job.begin("load");
  const std::uint64_t available = backend.device_memory().value_or(available_memory_bytes());
  const EngineOptions half{.packed = {.scales = wanted.scales}, .resident_bytes = available / 8 * 3 + 1};
  SALIENT_ASSIGN(const auto model, Engine::load(wanted.directory, backend, half));
  const std::uint64_t taken = std::min(model->linear_bytes(), available / 2);
  SALIENT_ASSIGN(const auto reference,
                 Engine::load(against, backend, {.packed = {}, .resident_bytes = (available - taken) / 4 * 3 + 1}));
  std::array<std::int64_t, 2> counts{};
  SALIENT_ASSIGN(const SideBySide both, generate_side_by_side(*model, *reference, wanted.prompt, wanted.options,
                                                              events_to(context, counts), job));
  Json result = compared_json(both.model, wanted.directory);
  result["against"] = compared_json(both.reference, against);
  return result;
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
  wanted.scales = read.scales_or_exact();
  const auto against = read.path_or("against", {});
  const bool divergence = read.boolean_or("divergence", false);
  if (divergence && against.empty()) {
    read.refuse(
        Error{ErrorCode::usage, "", "divergence", "a second model in against", "none", "name the 16-bit model"});
  }
  const BackendRequest where = read.backend();
  SALIENT_CHECK(read.finish());

  SALIENT_ASSIGN(Backend * backend, context.backend(where));
  Json result = result_header("generate");
  result["prompt"] = wanted.prompt;
  if (divergence) {
    SALIENT_ASSIGN(const Json both, continue_side_by_side(wanted, against, *backend, context, job));
    result.update(both);
    return result;
  }
  SALIENT_ASSIGN(const Json own, continue_prompt(wanted, "model", *backend, context, job));
  result.update(own);
  if (!against.empty()) {
    wanted.directory = against;
    wanted.scales = ScaleMode::exact;
    SALIENT_ASSIGN(result["against"], continue_prompt(wanted, "against", *backend, context, job));
  }
  return result;
}

}  // namespace salient::operations
