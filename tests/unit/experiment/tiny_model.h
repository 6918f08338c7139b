// SPDX-License-Identifier: Apache-2.0
// A model directory small enough to run the whole job in a blink: two layers of random weights, a byte-level
// tokenizer without merges, and texts.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/base/random.h"
#include "core/checkpoint/safetensors.h"
#include "tests/unit/support/byte_tokenizer.h"
#include "tests/unit/support/temporary_directory.h"

namespace salient::test {

inline void write_tiny_model(const std::filesystem::path& directory, std::uint64_t seed = 1) {
  std::filesystem::create_directories(directory);
  write_file(directory / "config.json", R"({"architectures": ["LlamaForCausalLM"], "model_type": "llama",
    "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2, "num_attention_heads": 2,
    "num_key_value_heads": 1, "head_dim": 32, "vocab_size": 256, "max_position_embeddings": 128,
    "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "hidden_act": "silu", "tie_word_embeddings": true,
    "torch_dtype": "bfloat16", "bos_token_id": null, "eos_token_id": null})");
  write_byte_tokenizer(directory / "tokenizer.json");

  Random random(seed);
  SafetensorsWriter writer(directory / "model.safetensors");
  std::vector<std::vector<std::uint16_t>> values;
  values.reserve(64);
  const auto add = [&](const std::string& name, std::vector<std::int64_t> shape, bool norm) {
    std::int64_t count = 1;
    for (const std::int64_t size : shape)
      count *= size;
    auto& tensor = values.emplace_back();
    for (std::int64_t i = 0; i < count; ++i) {
      tensor.push_back(f32_to_bf16(static_cast<float>(norm ? 1 : 0.3 * (random.uniform() - 0.5))));
    }
    writer.add(name, DType::bf16, std::move(shape), std::as_bytes(std::span<const std::uint16_t>(tensor)));
  };
  add("model.embed_tokens.weight", {256, 64}, false);
  add("model.norm.weight", {64}, true);
  for (int layer = 0; layer < 2; ++layer) {
    const std::string prefix = "model.layers." + std::to_string(layer) + ".";
    add(prefix + "input_layernorm.weight", {64}, true);
    add(prefix + "post_attention_layernorm.weight", {64}, true);
    add(prefix + "self_attn.q_proj.weight", {64, 64}, false);
    add(prefix + "self_attn.k_proj.weight", {32, 64}, false);
    add(prefix + "self_attn.v_proj.weight", {32, 64}, false);
    add(prefix + "self_attn.o_proj.weight", {64, 64}, false);
    add(prefix + "mlp.gate_proj.weight", {96, 64}, false);
    add(prefix + "mlp.up_proj.weight", {96, 64}, false);
    add(prefix + "mlp.down_proj.weight", {64, 96}, false);
  }
  if (const Status written = writer.write(); !written) throw std::runtime_error(written.error().to_string());
}

inline std::string tiny_text(std::uint64_t seed, int words) {
  static const char* const kWords[] = {"house", "river", "the", "old", "of", "light", "and", "stone", "a", "walked"};
  Random random(seed);
  std::string text;
  for (int i = 0; i < words; ++i)
    text += std::string(kWords[random.below(10)]) + (i % 11 == 10 ? ".\n" : " ");
  return text;
}

/// Model, texts and everything a run needs, in a directory of its own.
struct TinyJob {
  TemporaryDirectory directory;

  TinyJob() {
    write_tiny_model(directory / "model");
    write_file(directory / "calibration.txt", tiny_text(7, 200));
    write_file(directory / "evaluation.txt", tiny_text(8, 60));
  }
  [[nodiscard]] std::string path(std::string_view name) const { return (directory / name).string(); }
  /// A run request. `output` names the packed model's directory.
  [[nodiscard]] Json run(const std::string& output = "packed") const {
    return Json{{"op", "run"},
                {"model", path("model")},
                {"calibration", path("calibration.txt")},
                {"samples", 4},
                {"length", 32},
                {"evaluation", path("evaluation.txt")},
                {"percent", 10},
                {"group", 32},
                {"evaluation_length", 32},
                {"output", path(output)},
                {"threads", 1},
                {"experiments", path("experiments.db")}};
  }
  [[nodiscard]] Json search(const std::string& scores = "scores.safetensors") const {
    return Json{{"op", "search"}, {"model", path("model")}, {"calibration", path("calibration.txt")},
                {"samples", 4},   {"length", 32},           {"group", 32},
                {"threads", 1},   {"scores", path(scores)}};
  }
};

}  // namespace salient::test
