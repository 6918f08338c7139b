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
#include "core/text/tokenizer.h"

namespace salient {

struct EngineOptions {
  bool simulate = false;  ///< packed models: float simulation instead of the integer kernels
};

class Engine {
 public:
  /// Told apart by config.json.
  static Result<std::unique_ptr<Engine>> load(const std::filesystem::path& directory, Backend& backend,
                                              const EngineOptions& options = {}, const CancelToken* cancel = nullptr);

  [[nodiscard]] bool packed() const { return packed_; }
  [[nodiscard]] const ModelConfig& config() const { return weights_->config(); }
  [[nodiscard]] std::shared_ptr<const Tokenizer> tokenizer() const { return tokenizer_; }
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }
  [[nodiscard]] std::uint64_t linear_bytes() const { return linear_bytes_; }  ///< of the decoder linears as stored
  [[nodiscard]] std::uint64_t linear_weights() const { return linear_weights_; }
  /// A decoder for sequences up to `max_positions`; shares the weights.
  [[nodiscard]] Result<Decoder> decoder(std::int64_t max_positions);

 private:
  Engine(Backend& backend) : backend_(&backend) {}
  Backend* backend_;
  bool packed_ = false;
  std::filesystem::path directory_;
  std::unique_ptr<WeightSource> weights_;
  std::shared_ptr<const Tokenizer> tokenizer_;
  std::uint64_t linear_bytes_ = 0;
  std::uint64_t linear_weights_ = 0;
};

struct GenerateOptions {
  std::int64_t tokens = 64;  ///< at most; ends earlier at an end-of-sequence token
  double temperature = 0;    ///< 0 = greedy
  double top_p = 1;
  std::uint64_t seed = 0;
};
struct Generation {
  std::vector<TokenId> prompt_ids;
  std::vector<TokenId> ids;
  std::string text;    ///< of the new tokens
  bool ended = false;  ///< by an end-of-sequence token
  double prefill_seconds = 0;
  double decode_seconds = 0;
  [[nodiscard]] double tokens_per_second() const {
    return decode_seconds > 0 ? static_cast<double>(ids.size()) / decode_seconds : 0;
  }
};
/// `on_text` (may be empty) receives new text as it comes.
[[nodiscard]] Result<Generation> generate(Engine& engine, const std::string& prompt, const GenerateOptions& options,
                                          const std::function<void(std::string_view)>& on_text, Job& job);

}  // namespace salient
