// SPDX-License-Identifier: Apache-2.0
#include "core/engine/engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/system.h"

namespace salient {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kConfigLimit = 16'000'000;

/// eos_token_id of generation_config.json, which chat models extend: a number or a list of them.
Result<std::vector<std::int64_t>> generation_end_tokens(const fs::path& directory) {
  const fs::path path = directory / "generation_config.json";
  if (!is_there(path)) return std::vector<std::int64_t>{};
  const std::string file = escape_for_message(path.string());
  SALIENT_CHECK(resolve_model_file(directory, "generation_config.json"));
  SALIENT_ASSIGN(const std::string text, read_text_file(path, kConfigLimit));
  SALIENT_ASSIGN(const Json json, parse_json(text, file));
  const auto value = json.is_object() ? json.find("eos_token_id") : json.end();
  if (value == json.end() || value->is_null()) return std::vector<std::int64_t>{};
  const Json list = value->is_array() ? *value : Json::array({*value});
  std::vector<std::int64_t> tokens;
  for (const Json& token : list) {
    if (!token.is_number_integer()) {
      return Error{ErrorCode::format,    file,
                   "eos_token_id",       "a token id or a list of them",
                   json_describe(token), "correct the file or remove it"};
    }
    tokens.push_back(token.get<std::int64_t>());
  }
  return tokens;
}

}  // namespace

Result<std::unique_ptr<Engine>> Engine::load(const fs::path& directory, Backend& backend, const EngineOptions& options,
                                             const CancelToken* cancel) {
  std::unique_ptr<Engine> engine(new Engine(backend, directory));
  if (is_packed_model(directory)) {
    SALIENT_CHECK(engine->load_packed(options, cancel));
  } else {
    SALIENT_CHECK(engine->load_checkpoint(options, cancel));
  }
  SALIENT_ASSIGN(engine->tokenizer_, Tokenizer::load(directory, engine->config().vocab_size));
  SALIENT_ASSIGN(std::vector<std::int64_t> ends, generation_end_tokens(directory));
  ends.insert(ends.end(), engine->config().eos_tokens.begin(), engine->config().eos_tokens.end());
  std::sort(ends.begin(), ends.end());
  ends.erase(std::unique(ends.begin(), ends.end()), ends.end());
  for (const std::int64_t id : ends) {
    // Ids the model cannot produce end nothing.
    if (id >= 0 && id < engine->config().vocab_size) engine->end_tokens_.push_back(static_cast<TokenId>(id));
  }
  return engine;
}

Status Engine::load_packed(const EngineOptions& options, const CancelToken* cancel) {
  if (options.packed.simulate && options.packed.scales != ScaleMode::exact) {
    return Error{ErrorCode::usage,
                 {},
                 "scales",
                 "exact with simulate",
                 std::string(scale_mode_name(options.packed.scales)),
                 "simulate the exact product, or compute with the integers"};
  }
  SALIENT_ASSIGN(PackedModel opened, PackedModel::open(directory_, cancel));
  packed_model_ = std::make_shared<const PackedModel>(std::move(opened));
  weights_ = std::make_unique<PackedModelWeights>(packed_model_, *backend_, options.packed);
  const SizeReport size = bit_map_size(packed_model_->bit_map(), packed_model_->group());
  linear_bytes_ = static_cast<std::uint64_t>(size.total_bytes);
  linear_weights_ = static_cast<std::uint64_t>(size.weights);
  return {};
}

Status Engine::load_checkpoint(const EngineOptions& options, const CancelToken* cancel) {
  if (options.packed.simulate) {
    return Error{ErrorCode::usage, escape_for_message(directory_.string()),       "simulate", "a packed model",
                 "a 16-bit model", "a 16-bit model is computed in float as it is"};
  }
  if (options.packed.scales != ScaleMode::exact) {
    return Error{ErrorCode::usage,
                 escape_for_message(directory_.string()),
                 "scales",
                 "a packed model, or exact",
                 fmt::format("{} and a 16-bit model", scale_mode_name(options.packed.scales)),
                 "a 16-bit model has no scales to fold"};
  }
  SALIENT_ASSIGN(Checkpoint opened, Checkpoint::open(directory_, cancel));
  auto checkpoint = std::make_shared<const Checkpoint>(std::move(opened));
  for (std::int32_t layer = 0; layer < checkpoint->config().layers; ++layer) {
    for (const LinearKind kind : kLinearKinds) {
      SALIENT_ASSIGN(const Checkpoint::Located located, checkpoint->find(linear_name({layer, kind}) + ".weight"));
      linear_bytes_ += located.info->bytes();
      linear_weights_ += static_cast<std::uint64_t>(located.info->elements());
    }
  }
  const std::uint64_t room = backend_->device_memory().value_or(available_memory_bytes());
  const std::uint64_t resident = options.resident_bytes != 0 ? options.resident_bytes : room / 4 * 3;
  weights_ = std::make_unique<CheckpointWeights>(std::move(checkpoint), *backend_, resident);
  return {};
}

Result<Decoder> Engine::decoder(std::int64_t max_positions) {
  return Decoder::create(*weights_, *backend_, max_positions);
}

}  // namespace salient
