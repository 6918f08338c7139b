// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "core/engine/engine.h"
#include "core/engine/sampling.h"

namespace salient {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

Error option_error(const char* key, std::string expected, std::string found) {
  return {ErrorCode::usage, {}, key, std::move(expected), std::move(found), "choose a value in this range"};
}

Status check_options(const GenerateOptions& options) {
  if (options.tokens < 0) return option_error("tokens", "0 or more", std::to_string(options.tokens));
  if (!(options.temperature >= 0) || !std::isfinite(options.temperature)) {
    return option_error("temperature", "0 (greedy) or a positive number", fmt::format("{}", options.temperature));
  }
  if (!(options.top_p > 0 && options.top_p <= 1)) {
    return option_error("top_p", "above 0, at most 1", fmt::format("{}", options.top_p));
  }
  return {};
}

Result<std::vector<TokenId>> prompt_ids(const Engine& engine, const std::string& prompt, std::int64_t tokens) {
  SALIENT_ASSIGN(std::vector<TokenId> ids, engine.tokenizer()->encode(prompt, true));
  const ModelConfig& config = engine.config();
  if (ids.empty() && config.bos_token && *config.bos_token >= 0 && *config.bos_token < config.vocab_size) {
    ids.push_back(static_cast<TokenId>(*config.bos_token));
  }
  if (ids.empty()) {
    return Error{ErrorCode::usage,   {}, "prompt", "some text", "none, and a model without a first token",
                 "begin with a word"};
  }
  const auto needed = static_cast<std::int64_t>(ids.size()) + tokens;
  if (needed > config.max_positions) {
    return Error{ErrorCode::range,
                 escape_for_message(engine.directory().string()),
                 "prompt",
                 fmt::format("prompt and new tokens within {} positions", config.max_positions),
                 fmt::format("{} and {}", ids.size(), tokens),
                 "shorten the prompt or ask for fewer tokens"};
  }
  return ids;
}

/// Runs `ids` after what the cache holds and gives the logits of the last one.
Status next_logits(Decoder& decoder, std::span<const TokenId> ids, KvCache& cache, std::vector<float>& logits,
                   const Job& job) {
  SALIENT_ASSIGN(const Tensor hidden, decoder.hidden(ids, &cache, &job));
  SALIENT_ASSIGN(const Tensor last, decoder.logits(hidden.row_slice(hidden.rows - 1, 1)));
  logits.resize(static_cast<std::size_t>(last.cols));
  return decoder.backend().download(last, logits.data());
}

}  // namespace

Result<Generation> generate(Engine& engine, const std::string& prompt, const GenerateOptions& options,
                            const std::function<void(std::string_view)>& on_text, Job& job) {
  job.begin("generate");
  SALIENT_CHECK(check_options(options));
  Generation result;
  SALIENT_ASSIGN(result.prompt_ids, prompt_ids(engine, prompt, options.tokens));
  if (options.tokens == 0) return result;
  const auto positions = static_cast<std::int64_t>(result.prompt_ids.size()) + options.tokens;
  SALIENT_ASSIGN(Decoder decoder, engine.decoder(positions));
  SALIENT_ASSIGN(KvCache cache, decoder.make_cache(positions));
  const auto emit = [&](const std::string& text) {
    result.text += text;
    if (on_text && !text.empty()) on_text(text);
  };

  Random random(options.seed);
  TokenStream stream(engine.tokenizer());
  std::vector<float> logits;
  Clock::time_point started = Clock::now();
  SALIENT_CHECK(next_logits(decoder, result.prompt_ids, cache, logits, job));
  result.prefill_seconds = seconds_since(started);
  started = Clock::now();
  const std::vector<TokenId>& ends = engine.end_tokens();
  while (true) {
    SALIENT_CHECK(job.check());
    SALIENT_ASSIGN(const TokenId id, sample_token(logits, options.temperature, options.top_p, random));
    if (std::find(ends.begin(), ends.end(), id) != ends.end()) {
      result.ended = true;
      break;
    }
    result.ids.push_back(id);
    SALIENT_ASSIGN(const std::string text, stream.push(id));
    emit(text);
    const auto made = static_cast<std::int64_t>(result.ids.size());
    job.report(static_cast<double>(made), static_cast<double>(options.tokens), {});
    if (made == options.tokens) break;
    SALIENT_CHECK(next_logits(decoder, std::span(&id, 1), cache, logits, job));
    ++result.decoded;
  }
  result.decode_seconds = seconds_since(started);
  SALIENT_ASSIGN(const std::string rest, stream.finish());
  emit(rest);
  return result;
}

}  // namespace salient
