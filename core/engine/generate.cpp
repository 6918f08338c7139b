// SPDX-License-Identifier: Apache-2.0
#include "core/engine/generator.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/base/clock.h"
#include "core/compute/batch_steps.h"
#include "core/compute/sampling.h"

namespace salient {
namespace {

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

}  // namespace

Result<TextReader> TextReader::create(Engine& engine, std::int64_t positions, Job& job, Steps steps) {
  SALIENT_ASSIGN(Decoder decoder, engine.decoder(positions));
  TextReader reader(std::make_unique<Decoder>(std::move(decoder)));
  Backend& backend = engine.backend();
  const bool of_device = backend.device_memory() && dynamic_cast<BatchSteps*>(&backend) != nullptr;
  if (steps == Steps::recorded || (steps == Steps::automatic && of_device)) {
    auto batch = BatchDecoder::create(*reader.decoder_, 1, positions);
    if (batch) {
      reader.batch_ = *std::move(batch);
      return reader;
    }
    if (steps == Steps::recorded || batch.error().code != ErrorCode::memory) return batch.error();
    job.warn("not all layers fit into the device's memory: some are read again for every token");
  }
  SALIENT_ASSIGN(reader.cache_, reader.decoder_->make_cache(positions));
  return reader;
}

Status TextReader::read(std::span<const TokenId> ids, const Job& job) {
  logits_.clear();
  if (batch_ == nullptr) {
    SALIENT_ASSIGN(const Tensor hidden, decoder_->hidden(ids, &cache_, &job));
    SALIENT_ASSIGN(last_, decoder_->logits(hidden.row_slice(hidden.rows - 1, 1)));
    return {};
  }
  if (batch_->length(0) == 0) {
    SALIENT_ASSIGN(last_, batch_->read(0, ids, &job));
    return {};
  }
  for (std::size_t i = 0; i < ids.size(); ++i) {
    SALIENT_CHECK(job.check());
    SALIENT_ASSIGN(last_, batch_->step(ids.subspan(i, 1)));
  }
  return {};
}

Result<TokenId> TextReader::choose(const Sampling& sampling, Random& random) {
  auto* const steps = dynamic_cast<BatchSteps*>(&decoder_->backend());
  if (steps == nullptr || batch_ == nullptr) {
    SALIENT_ASSIGN(const std::span<const float> values, logits());
    return sample_token(values, sampling, random);
  }
  const std::uint64_t draw = sampling.greedy() ? 0 : random.next();
  SALIENT_ASSIGN(const std::vector<std::int32_t> ids, steps->sample(last_, sampling, {&draw, 1}));
  return ids.front();
}

Result<std::span<const float>> TextReader::logits() {
  if (logits_.empty()) {
    logits_.resize(static_cast<std::size_t>(last_.cols));
    SALIENT_CHECK(decoder_->backend().download(last_, logits_.data()));
  }
  return std::span<const float>(logits_);
}

Generator::Generator(Engine& engine, TextReader reader, const GenerateOptions& options)
    : engine_(&engine),
      reader_(std::move(reader)),
      options_(options),
      random_(options.seed),
      stream_(engine.tokenizer()) {}

Result<Generator> Generator::start(Engine& engine, const std::string& prompt, const GenerateOptions& options,
                                   Job& job) {
  SALIENT_CHECK(check_options(options));
  SALIENT_ASSIGN(std::vector<TokenId> ids, prompt_ids(engine, prompt, options.tokens));
  const auto positions = static_cast<std::int64_t>(ids.size()) + options.tokens;
  SALIENT_ASSIGN(TextReader reader, TextReader::create(engine, positions, job));
  Generator generator(engine, std::move(reader), options);
  if (options.tokens > 0) {
    const Clock::time_point started = Clock::now();
    SALIENT_CHECK(generator.reader_.read(ids, job));
    generator.result_.prefill_seconds = seconds_since(started);
  }
  generator.result_.prompt_ids = std::move(ids);
  return generator;
}

Result<std::optional<Generator::Chosen>> Generator::choose() {
  std::optional<Chosen> chosen;
  if (result_.ended || static_cast<std::int64_t>(result_.ids.size()) == options_.tokens) return chosen;
  const Clock::time_point started = Clock::now();
  SALIENT_ASSIGN(const TokenId id, reader_.choose({options_.temperature, options_.top_p}, random_));
  const std::vector<TokenId>& ends = engine_->end_tokens();
  if (std::find(ends.begin(), ends.end(), id) != ends.end()) {
    result_.ended = true;
    return chosen;
  }
  result_.ids.push_back(id);
  SALIENT_ASSIGN(std::string text, stream_.push(id));
  result_.text += text;
  result_.decode_seconds += seconds_since(started);
  chosen = Chosen{id, std::move(text)};
  return chosen;
}

Status Generator::advance(const Job& job) {
  if (result_.ended || static_cast<std::int64_t>(result_.ids.size()) == options_.tokens) return {};
  const Clock::time_point started = Clock::now();
  SALIENT_CHECK(reader_.read(std::span(result_.ids).last(1), job));
  result_.decode_seconds += seconds_since(started);
  ++result_.decoded;
  return {};
}

Result<Generation> Generator::finish() {
  SALIENT_ASSIGN(const std::string rest, stream_.finish());
  result_.text += rest;
  return std::move(result_);
}

Result<Generation> generate(Engine& engine, const std::string& prompt, const GenerateOptions& options,
                            const std::function<void(std::string_view)>& on_text, Job& job) {
  job.begin("generate");
  SALIENT_ASSIGN(Generator generator, Generator::start(engine, prompt, options, job));
  const auto emit = [&](std::string_view text) {
    if (on_text && !text.empty()) on_text(text);
  };
  while (true) {
    SALIENT_CHECK(job.check());
    SALIENT_ASSIGN(const auto chosen, generator.choose());
    if (!chosen) break;
    emit(chosen->text);
    job.report(static_cast<double>(generator.so_far().ids.size()), static_cast<double>(options.tokens));
    SALIENT_CHECK(generator.advance(job));
  }
  const std::size_t emitted = generator.so_far().text.size();
  SALIENT_ASSIGN(Generation generation, generator.finish());
  emit(std::string_view(generation.text).substr(emitted));
  return generation;
}

}  // namespace salient
