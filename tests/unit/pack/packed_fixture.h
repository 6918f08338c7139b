// SPDX-License-Identifier: Apache-2.0
// A model directory with random weights whose sizes are no multiples of anything (short last groups, an odd number of
// columns in down_proj), its quantized layers, and exports of it.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "core/base/random.h"
#include "core/pack/packed_model.h"
#include "tests/unit/support/byte_tokenizer.h"
#include "tests/unit/support/temporary_directory.h"

namespace salient::test {

constexpr std::int64_t kPackedGroup = 32;

inline void write_source_model(const std::filesystem::path& directory, std::uint64_t seed = 1, int hidden = 48,
                               int intermediate = 77) {
  std::filesystem::create_directories(directory);
  const std::string config = R"({"architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "hidden_size": )" +
                             std::to_string(hidden) + R"(, "intermediate_size": )" + std::to_string(intermediate) +
                             R"(, "num_hidden_layers": 2, "num_attention_heads": 3, "num_key_value_heads": 1,
    "vocab_size": 256, "max_position_embeddings": 96, "rms_norm_eps": 1e-6, "rope_theta": 10000.0,
    "hidden_act": "silu", "tie_word_embeddings": true, "torch_dtype": "bfloat16", "bos_token_id": 0,
    "eos_token_id": 255})";
  write_file(directory / "config.json", config);
  write_file(directory / "generation_config.json", R"({"eos_token_id": [254, 255]})");
  write_byte_tokenizer(directory / "tokenizer.json");
  write_file(directory / "README.md", "not part of an export");
  std::vector<std::string> notes;
  const auto parsed = parse_model_config(*parse_json(config, "config.json"), "config.json", notes);
  ASSERT_TRUE(parsed.ok()) << parsed.error().to_string();
  Random random(seed);
  SafetensorsWriter writer(directory / "model.safetensors");
  std::vector<std::vector<std::uint16_t>> values;
  for (const RequiredTensor& tensor : required_tensors(*parsed)) {
    std::int64_t count = 1;
    for (const std::int64_t n : tensor.shape)
      count *= n;
    auto& bits = values.emplace_back();
    const double mean = tensor.name.find("norm") != std::string::npos ? 1 : 0;
    for (std::int64_t i = 0; i < count; ++i) {
      bits.push_back(f32_to_bf16(static_cast<float>(mean + 0.6 * (random.uniform() - 0.5))));
    }
    writer.add(tensor.name, DType::bf16, tensor.shape, std::as_bytes(std::span<const std::uint16_t>(bits)));
  }
  const Status written = writer.write();
  ASSERT_TRUE(written.ok()) << written.error().to_string();
}

/// Layers quantized by round-to-nearest with this share of random 8-bit rows.
class RoundedLayers final : public LayerStore {
 public:
  RoundedLayers(const Checkpoint& checkpoint, int percent8, std::uint64_t seed = 7)
      : checkpoint_(checkpoint), percent8_(percent8), seed_(seed) {}

  [[nodiscard]] std::int64_t layers_done() const override { return checkpoint_.config().layers - missing; }
  [[nodiscard]] Status save(const QuantizedLayer&) override { return {}; }
  [[nodiscard]] Result<QuantizedLayer> load(std::int64_t index) override {
    ThreadPool threads(1);
    Random random(seed_ + static_cast<std::uint64_t>(index));
    QuantizedLayer layer;
    layer.index = index;
    for (const LinearKind kind : kLinearKinds) {
      const LinearShape shape = linear_shape(checkpoint_.config(), kind);
      std::vector<float> weight(static_cast<std::size_t>(shape.rows * shape.cols));
      SALIENT_CHECK(checkpoint_.read_f32(linear_name({static_cast<std::int32_t>(index), kind}) + ".weight", 0, weight));
      std::vector<std::uint32_t> rows8;
      for (std::uint32_t row = 0; row < static_cast<std::uint64_t>(shape.rows); ++row) {
        if (random.below(100) < static_cast<std::uint64_t>(percent8_)) rows8.push_back(row);
      }
      QuantOptions options;
      options.method = QuantMethod::rtn;
      options.clip = false;
      options.group = kPackedGroup;
      SALIENT_ASSIGN(layer.linears[static_cast<std::size_t>(kind)],
                     quantize_linear(weight, shape.rows, shape.cols, rows8, {}, options, threads));
    }
    return layer;
  }

  std::int64_t missing = 0;

 private:
  const Checkpoint& checkpoint_;
  int percent8_;
  std::uint64_t seed_;
};

inline Status export_model(const std::filesystem::path& source, const std::filesystem::path& output, int percent8 = 30,
                           std::uint64_t shard_bytes = 4'000'000'000, const CancelToken* cancel = nullptr) {
  SALIENT_ASSIGN(const Checkpoint checkpoint, Checkpoint::open(source));
  RoundedLayers layers(checkpoint, percent8);
  Job job(cancel, {});
  const Json recipe{{"percent", percent8}};
  return write_packed_model({&checkpoint, &layers, kPackedGroup, recipe, shard_bytes}, output, job);
}

/// Every file of a directory by name.
inline std::map<std::string, std::string> directory_contents(const std::filesystem::path& directory) {
  std::map<std::string, std::string> contents;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    contents[entry.path().filename().string()] = read_file(entry.path());
  }
  return contents;
}

class PackedTest : public ::testing::Test {
 protected:
  void SetUp() override { write_source_model(source()); }
  [[nodiscard]] std::filesystem::path source() const { return root_ / "source"; }
  [[nodiscard]] std::filesystem::path packed() const { return root_ / "packed"; }
  void pack(int percent8 = 30, std::uint64_t shard_bytes = 4'000'000'000) {
    const Status status = export_model(source(), packed(), percent8, shard_bytes);
    ASSERT_TRUE(status.ok()) << status.error().to_string();
  }
  TemporaryDirectory root_;
};

}  // namespace salient::test
