// SPDX-License-Identifier: Apache-2.0
#include "core/experiment/results.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/system.h"

namespace salient {

Json result_header(const std::string& name) {
  return Json{{"schema", fmt::format("salient.{}/1", name)}, {"version", program_version()}};
}

Json evaluation_json(const Evaluation& evaluation) {
  Json json{{"perplexity", evaluation.perplexity},
            {"perplexity_stderr", evaluation.perplexity_stderr},
            {"windows", evaluation.windows},
            {"tokens", evaluation.tokens},
            {"tokens_per_second", evaluation.tokens_per_second}};
  if (evaluation.decode_tokens_per_second) json["decode_tokens_per_second"] = *evaluation.decode_tokens_per_second;
  if (const auto& d = evaluation.divergence) {
    json["kl_forward"] = d->kl_forward;
    json["kl_forward_stderr"] = d->kl_forward_stderr;
    json["kl_reverse"] = d->kl_reverse;
    json["kl_reverse_stderr"] = d->kl_reverse_stderr;
    json["top1"] = d->top1;
    json["top5"] = d->top5;
  }
  json["window_nll"] = evaluation.window_nll;
  return json;
}

Result<Evaluation> evaluation_from_json(const Json& json, const std::string& file) {
  Evaluation evaluation;
  SALIENT_ASSIGN(evaluation.perplexity, json_number(json, "perplexity", file));
  SALIENT_ASSIGN(evaluation.perplexity_stderr, json_number(json, "perplexity_stderr", file));
  SALIENT_ASSIGN(evaluation.windows, json_integer(json, "windows", file));
  SALIENT_ASSIGN(evaluation.tokens, json_integer(json, "tokens", file));
  SALIENT_ASSIGN(evaluation.tokens_per_second, json_number(json, "tokens_per_second", file));
  if (json.contains("decode_tokens_per_second")) {
    SALIENT_ASSIGN(evaluation.decode_tokens_per_second, json_number(json, "decode_tokens_per_second", file));
  }
  if (json.contains("kl_forward")) {
    Divergence d;
    SALIENT_ASSIGN(d.kl_forward, json_number(json, "kl_forward", file));
    SALIENT_ASSIGN(d.kl_forward_stderr, json_number(json, "kl_forward_stderr", file));
    SALIENT_ASSIGN(d.kl_reverse, json_number(json, "kl_reverse", file));
    SALIENT_ASSIGN(d.kl_reverse_stderr, json_number(json, "kl_reverse_stderr", file));
    SALIENT_ASSIGN(d.top1, json_number(json, "top1", file));
    SALIENT_ASSIGN(d.top5, json_number(json, "top5", file));
    evaluation.divergence = d;
  }
  const auto nll = json.find("window_nll");
  if (nll == json.end() || !nll->is_array()) {
    return Error{ErrorCode::format, file, "window_nll", "an array of numbers", "something else", ""};
  }
  for (const Json& value : *nll) {
    if (!value.is_number()) {
      return Error{ErrorCode::format, file, "window_nll", "an array of numbers", "something else", ""};
    }
    evaluation.window_nll.push_back(value.get<double>());
  }
  return evaluation;
}

Json linears_json(const BitMap& map) {
  Json list = Json::array();
  for (const LinearBits& linear : map.linears) {
    const auto rows8 = static_cast<std::int64_t>(linear.rows8.size());
    const double percent8 = linear.rows > 0 ? 100.0 * static_cast<double>(rows8) / static_cast<double>(linear.rows) : 0;
    list.push_back(
        Json{{"name", linear_name(linear.id)}, {"rows", linear.rows}, {"rows8", rows8}, {"percent8", percent8}});
  }
  return list;
}

Json allocation_json(const BitMap& map, const SizeReport& size) {
  const auto features = map.features();
  const double percent =
      features > 0 ? 100.0 * static_cast<double>(map.features8()) / static_cast<double>(features) : 0;
  Json json{{"percent", percent},
            {"payload_bits", size.payload_bits()},
            {"effective_bits", size.effective_bits()},
            {"bytes", size.total_bytes},
            {"linears", linears_json(map)}};
  if (map.uniform_bits != 0) json["uniform_bits"] = map.uniform_bits;
  return json;
}

Json prediction_json(const Allocation& allocation, std::int64_t samples) {
  const auto sequences = static_cast<double>(std::max<std::int64_t>(samples, 1));
  return Json{{"predicted_loss", allocation.predicted_loss / sequences},
              {"rounding_loss", allocation.rounding_loss / sequences}};
}

Json stages_json(const std::vector<StageTime>& stages) {
  Json list = Json::array();
  for (const StageTime& stage : stages)
    list.push_back(Json{{"name", stage.name}, {"seconds", stage.seconds}});
  return list;
}

std::string json_line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json error_json(const Error& error) {
  return Json{{"code", error_code_name(error.code)}, {"file", error.file},   {"key", error.key},
              {"expected", error.expected},          {"found", error.found}, {"advice", error.advice},
              {"message", error.to_string()}};
}

}  // namespace salient
