// SPDX-License-Identifier: Apache-2.0
// config.json of the decoders this program knows: Llama (2, 3, 3.1, 3.2), Mistral, Qwen2/2.5. They are
// one decoder with these switches. Anything else is refused by name (HOSTILE-INPUTS rows 41 to 49).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"
#include "core/base/result.h"

namespace salient {

enum class Architecture { llama, mistral, qwen2 };
[[nodiscard]] std::string_view architecture_name(Architecture architecture);  ///< "LlamaForCausalLM", …

/// rope_scaling of type llama3 (Llama 3.1 and 3.2). `linear` and `default` are accepted as well.
struct RopeScaling {
  enum class Type { none, linear, llama3 } type = Type::none;
  double factor = 1;
  double low_freq_factor = 1;
  double high_freq_factor = 4;
  double original_max_position_embeddings = 8192;
};

struct ModelConfig {
  Architecture architecture = Architecture::llama;
  std::int64_t hidden_size = 0;
  std::int64_t intermediate_size = 0;
  std::int64_t layers = 0;
  std::int64_t heads = 0;
  std::int64_t kv_heads = 0;
  std::int64_t head_dim = 0;
  std::int64_t vocab_size = 0;
  std::int64_t max_positions = 0;
  double rms_norm_eps = 1e-5;
  double rope_theta = 10000;
  RopeScaling rope_scaling;
  bool tied_embeddings = false;
  bool qkv_bias = false;  ///< Qwen2 always; Llama with attention_bias (which also biases o)
  bool o_bias = false;
  bool mlp_bias = false;
  std::optional<std::int64_t> bos_token;
  std::vector<std::int64_t> eos_tokens;

  [[nodiscard]] std::int64_t q_size() const { return heads * head_dim; }
  [[nodiscard]] std::int64_t kv_size() const { return kv_heads * head_dim; }
};

/// `notes` receives things a person should know but that do not stop the work (ignored remote code).
[[nodiscard]] Result<ModelConfig> parse_model_config(const Json& config, const std::string& file,
                                                     std::vector<std::string>& notes);

}  // namespace salient
