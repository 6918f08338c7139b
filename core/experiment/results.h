// SPDX-License-Identifier: Apache-2.0
// The JSON objects that operations answer with. Their keys are an interface and stay stable.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/eval/evaluate.h"
#include "core/search/allocation.h"

namespace salient {

/// {"schema": "salient.<name>/1", "version": "0.1.0"}: what every result object begins with.
[[nodiscard]] Json result_header(const std::string& name);

/// perplexity, perplexity_stderr, windows, tokens, window_nll, tokens_per_second, and with a reference
/// kl_forward, kl_forward_stderr, kl_reverse, kl_reverse_stderr, top1, top5; decode_tokens_per_second where measured.
[[nodiscard]] Json evaluation_json(const Evaluation& evaluation);
/// What evaluation_json() wrote; `file` names the source in errors.
[[nodiscard]] Result<Evaluation> evaluation_from_json(const Json& json, const std::string& file);

/// [{name, rows, rows8, percent8}] in order of LinearId.
[[nodiscard]] Json linears_json(const BitMap& map);
/// percent (stored in 8 bit), payload_bits, effective_bits, bytes, linears; uniform_bits where every row has so many.
[[nodiscard]] Json allocation_json(const BitMap& map, const SizeReport& size);
/// predicted_loss, rounding_loss: increase of the mean loss, in nats a token.
[[nodiscard]] Json prediction_json(const Allocation& allocation, std::int64_t samples);

struct StageTime {
  std::string name;
  double seconds = 0;
};
/// [{name, seconds}]
[[nodiscard]] Json stages_json(const std::vector<StageTime>& stages);

/// One line of JSON. Bytes that are not UTF-8 (in a path, say) come out as U+FFFD.
[[nodiscard]] std::string json_line(const Json& json);

/// {code, file, key, expected, found, advice, message}
[[nodiscard]] Json error_json(const Error& error);

}  // namespace salient
