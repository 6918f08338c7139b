// SPDX-License-Identifier: Apache-2.0
// The embedded engine: a 16-bit checkpoint or a packed model behind one interface; generation and throughput.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/job.h"
#include "core/base/result.h"
#include "core/compute/backend.h"
#include "core/model/decoder.h"
#include "core/pack/packed_model.h"
#include "core/text/tokenizer.h"

namespace salient {

struct EngineOptions {
  PackedEngine packed;  ///< how a packed model is computed; nothing to a 16-bit one
  /// 16-bit models: layers stay in memory up to this sum; 0 = three quarters of what is available.
  std::uint64_t resident_bytes = 0;
};

class Engine {
 public:
  /// Told apart by config.json. Of a packed model the integer engine's weights are loaded as layers are first used.
  static Result<std::unique_ptr<Engine>> load(const std::filesystem::path& directory, Backend& backend,
                                              const EngineOptions& options = {}, const CancelToken* cancel = nullptr);

  [[nodiscard]] bool packed() const { return packed_model_ != nullptr; }
  [[nodiscard]] const ModelConfig& config() const { return weights_->config(); }
  [[nodiscard]] std::shared_ptr<const Tokenizer> tokenizer() const { return tokenizer_; }
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }
  [[nodiscard]] std::uint64_t linear_bytes() const { return linear_bytes_; }  ///< of the decoder linears as stored
  [[nodiscard]] std::uint64_t linear_weights() const { return linear_weights_; }
  /// What ends a generation: config.json's and generation_config.json's end-of-sequence tokens.
  [[nodiscard]] const std::vector<TokenId>& end_tokens() const { return end_tokens_; }
  /// The directory's packed model, or null.
  [[nodiscard]] std::shared_ptr<const PackedModel> packed_model() const { return packed_model_; }
  [[nodiscard]] Backend& backend() const { return *backend_; }
  /// A decoder for sequences up to `max_positions`; shares the weights.
  [[nodiscard]] Result<Decoder> decoder(std::int64_t max_positions);

 private:
  Engine(Backend& backend, std::filesystem::path directory) : backend_(&backend), directory_(std::move(directory)) {}
  [[nodiscard]] Status load_packed(const EngineOptions& options, const CancelToken* cancel);
  [[nodiscard]] Status load_checkpoint(const EngineOptions& options, const CancelToken* cancel);

  Backend* backend_;
  std::filesystem::path directory_;
  std::shared_ptr<const PackedModel> packed_model_;
  std::unique_ptr<WeightSource> weights_;
  std::shared_ptr<const Tokenizer> tokenizer_;
  std::vector<TokenId> end_tokens_;
  std::uint64_t linear_bytes_ = 0;
  std::uint64_t linear_weights_ = 0;
};

struct GenerateOptions {
  std::int64_t tokens = 64;  ///< at most; ends earlier at an end-of-sequence token
  double temperature = 0;    ///< 0 = greedy
  double top_p = 1;          ///< sample from the most likely tokens that have this much probability together
  std::uint64_t seed = 0;
};
struct Generation {
  std::vector<TokenId> prompt_ids;
  std::vector<TokenId> ids;
  std::string text;    ///< of the new tokens
  bool ended = false;  ///< by an end-of-sequence token
  double prefill_seconds = 0;
  double decode_seconds = 0;
  std::int64_t decoded = 0;  ///< passes with one token; the first new token comes out of the prefill
  [[nodiscard]] double tokens_per_second() const {
    return decode_seconds > 0 ? static_cast<double>(decoded) / decode_seconds : 0;
  }
};
/// `on_text` (may be empty) receives new text as it comes. The same seed gives the same text. An empty prompt starts
/// from the beginning-of-sequence token; a prompt that leaves no room for `tokens` in the model's positions is refused.
[[nodiscard]] Result<Generation> generate(Engine& engine, const std::string& prompt, const GenerateOptions& options,
                                          const std::function<void(std::string_view)>& on_text, Job& job);

}  // namespace salient
