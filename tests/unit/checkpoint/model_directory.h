// SPDX-License-Identifier: Apache-2.0
// The smallest good model directory, for tests that then spoil one thing in it.
#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/checkpoint/checkpoint.h"
#include "tests/unit/support/temporary_directory.h"

namespace salient::test {

/// A file of the given header text and data, whatever they are.
inline std::string safetensors_bytes(const std::string& header, const std::string& data) {
  std::string bytes(8, '\0');
  const std::uint64_t length = header.size();
  std::memcpy(bytes.data(), &length, 8);
  return bytes + header + data;
}

inline Json tiny_config() {
  return *parse_json(R"({
    "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 8, "intermediate_size": 12,
    "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 16,
    "max_position_embeddings": 64, "rms_norm_eps": 1e-05, "rope_theta": 10000.0, "hidden_act": "silu",
    "tie_word_embeddings": false, "bos_token_id": 1, "eos_token_id": 2})",
                     "config.json");
}

/// Tensors by name, each with its bytes.
struct TinyTensor {
  DType dtype = DType::bf16;
  std::vector<std::int64_t> shape;
  std::string bytes;
};
using TinyTensors = std::map<std::string, TinyTensor>;

inline TinyTensor tiny_tensor(std::vector<std::int64_t> shape, DType dtype = DType::bf16) {
  std::size_t bytes = static_cast<std::size_t>(dtype_bits(dtype)) / 8;
  for (const std::int64_t dimension : shape)
    bytes *= static_cast<std::size_t>(dimension);
  return {dtype, std::move(shape), std::string(bytes, '\0')};
}

inline TinyTensors tiny_tensors(const Json& config) {
  std::vector<std::string> notes;
  TinyTensors tensors;
  for (const RequiredTensor& tensor : required_tensors(*parse_model_config(config, "config.json", notes))) {
    tensors[tensor.name] = tiny_tensor(tensor.shape);
  }
  return tensors;
}

inline void write_safetensors(const std::filesystem::path& path, const TinyTensors& tensors) {
  Json header = Json::object();
  std::string data;
  for (const auto& [name, tensor] : tensors) {
    header[name] = {{"dtype", dtype_name(tensor.dtype)},
                    {"shape", tensor.shape},
                    {"data_offsets", {data.size(), data.size() + tensor.bytes.size()}}};
    data += tensor.bytes;
  }
  write_file(path, safetensors_bytes(header.dump(), data));
}

/// config.json and model.safetensors.
inline void write_model(const std::filesystem::path& directory, const Json& config, const TinyTensors& tensors) {
  std::filesystem::create_directories(directory);
  write_file(directory / "config.json", config.dump());
  write_safetensors(directory / "model.safetensors", tensors);
}

/// config.json, two shards a.safetensors and b.safetensors (which gets what begins with "model.layers.1") and an
/// index, which is also returned.
inline Json write_sharded(const std::filesystem::path& directory, const Json& config, const TinyTensors& tensors) {
  std::filesystem::create_directories(directory);
  write_file(directory / "config.json", config.dump());
  TinyTensors first;
  TinyTensors second;
  Json index = {{"metadata", {{"total_size", 0}}}, {"weight_map", Json::object()}};
  std::uint64_t total = 0;
  for (const auto& [name, tensor] : tensors) {
    const bool in_second = name.starts_with("model.layers.1");
    (in_second ? second : first)[name] = tensor;
    index["weight_map"][name] = in_second ? "b.safetensors" : "a.safetensors";
    total += tensor.bytes.size();
  }
  index["metadata"]["total_size"] = total;
  write_safetensors(directory / "a.safetensors", first);
  write_safetensors(directory / "b.safetensors", second);
  write_file(directory / "model.safetensors.index.json", index.dump());
  return index;
}

}  // namespace salient::test
