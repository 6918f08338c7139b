// SPDX-License-Identifier: Apache-2.0
// Model directories, good and hostile: the numbers in the names are the rows of the list of inputs to be survived.
#include "core/checkpoint/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cmath>
#include <limits>

#include "tests/unit/checkpoint/model_directory.h"
#include "tests/unit/support/bounded.h"
#include "tests/unit/support/damaged.h"
#include "tests/unit/support/error_like.h"

namespace salient {
namespace {

namespace fs = std::filesystem;
using test::error_like;
using test::TemporaryDirectory;
using test::tiny_config;
using test::tiny_tensor;
using test::tiny_tensors;
using test::TinyTensors;
using test::write_file;
using test::write_model;
using test::write_sharded;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kIndex = "model.safetensors.index.json";

class CheckpointTest : public testing::Test {
 protected:
  Error refusal() { return refusal_of(model_); }
  static Error refusal_of(const fs::path& model) {
    const auto checkpoint = test::bounded(0, [&] { return Checkpoint::open(model); });
    EXPECT_FALSE(checkpoint);
    if (checkpoint) return {};
    EXPECT_FALSE(checkpoint.error().advice.empty()) << checkpoint.error().to_string();
    return checkpoint.error();
  }
  std::vector<std::string> notes() {
    const auto checkpoint = test::bounded(0, [&] { return Checkpoint::open(model_); });
    EXPECT_TRUE(checkpoint) << checkpoint.error().to_string();
    return checkpoint ? checkpoint->notes() : std::vector<std::string>{};
  }
  /// A sharded model whose index has been changed by `change`.
  template <class Change>
  void write_with_index(const Change& change) {
    Json index = write_sharded(model_, tiny_config(), tiny_tensors(tiny_config()));
    change(index);
    write_file(model_ / kIndex, index.dump());
  }

  /// What is said of a link out of the directory, named `name`, to something called `target`.
  auto refused_link(const std::string& name, const std::string& target) {
    return AllOf(error_like(ErrorCode::unsupported, "", "a file in the model's directory", "/" + target),
                 testing::Field("file", &Error::file, (model_ / name).string()));
  }

  TemporaryDirectory directory_;
  fs::path model_ = directory_ / "model";
};

TinyTensors numbered_tensors() {
  TinyTensors tensors = tiny_tensors(tiny_config());
  unsigned char value = 0;
  for (auto& [name, tensor] : tensors) {
    for (char& byte : tensor.bytes)
      byte = static_cast<char>(value++ % 64);
  }
  return tensors;
}

TEST_F(CheckpointTest, CutsAndFlippedBitsOfTheSideFilesAreAnswered) {
  write_sharded(model_, tiny_config(), tiny_tensors(tiny_config()));
  for (const char* name : {"config.json", kIndex}) {
    const std::string good = test::read_file(model_ / name);
    const auto refused = test::for_each_damage(good, good.size(), 500, [&](const std::string& bytes, bool cut) {
      write_file(model_ / name, bytes);
      const auto checkpoint = test::bounded(0, [&] { return Checkpoint::open(model_); });
      if (cut) {
        EXPECT_FALSE(checkpoint) << name << " cut to " << bytes.size();
      }
      if (!checkpoint) {
        EXPECT_THAT(checkpoint.error().file, HasSubstr(model_.string()));
      }
      return !checkpoint;
    });
    EXPECT_GT(refused.flips, refused.tried_flips / 2) << name;
    write_file(model_ / name, good);
  }
  EXPECT_TRUE(Checkpoint::open(model_));
}

TEST_F(CheckpointTest, SingleAndShardedAreTheSameModel) {
  write_model(model_, tiny_config(), numbered_tensors());
  write_sharded(directory_ / "sharded", tiny_config(), numbered_tensors());
  const auto single = Checkpoint::open(model_);
  const auto sharded = Checkpoint::open(directory_ / "sharded");
  ASSERT_TRUE(single) << single.error().to_string();
  ASSERT_TRUE(sharded) << sharded.error().to_string();
  EXPECT_TRUE(sharded->notes().empty());
  EXPECT_EQ(sharded->shards().size(), 2U);
  EXPECT_EQ(single->tensors().size(), 21U);
  // Embedding and head 2·16·8, final norm 8; a layer has q and o 2·8·8, k and v 2·4·8, an MLP of 3·8·12, two norms.
  EXPECT_EQ(single->parameters(), 2U * 128 + 8 + 2 * (128 + 64 + 288 + 16));
  EXPECT_EQ(sharded->parameters(), single->parameters());
  Job job;
  const auto fingerprint = single->fingerprint(job);
  ASSERT_TRUE(fingerprint);
  EXPECT_EQ(fingerprint->size(), 64U);
  EXPECT_EQ(*sharded->fingerprint(job), *fingerprint);
  // One changed bit anywhere is another model.
  TinyTensors changed = numbered_tensors();
  changed["model.layers.1.mlp.up_proj.weight"].bytes[7] ^= 1;
  write_model(model_, tiny_config(), changed);
  EXPECT_NE(*Checkpoint::open(model_)->fingerprint(job), *fingerprint);
  CancelToken token;
  token.cancel();
  Job cancelled(&token, {});
  EXPECT_EQ(sharded->fingerprint(cancelled).error().code, ErrorCode::cancelled);
}

TEST_F(CheckpointTest, ReadsValuesOfEveryDtype) {
  const std::vector<float> values = {0.5F, -1.25F, 3.0F, 65504.0F, -0.0F, 0.0009765625F, 7.0F, 8.0F};
  TinyTensors tensors = tiny_tensors(tiny_config());
  const auto fill = [&](const std::string& name, DType dtype) {
    tensors[name] = tiny_tensor({4, 2}, dtype);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::uint16_t half = dtype == DType::f16 ? f32_to_f16(values[i]) : f32_to_bf16(values[i]);
      if (dtype == DType::f32) std::memcpy(tensors[name].bytes.data() + 4 * i, &values[i], 4);
      if (dtype != DType::f32) std::memcpy(tensors[name].bytes.data() + 2 * i, &half, 2);
    }
  };
  fill("x.f32", DType::f32);
  fill("x.f16", DType::f16);
  fill("x.bf16", DType::bf16);
  tensors["x.i32"] = tiny_tensor({4, 2}, DType::i32);
  write_model(model_, tiny_config(), tensors);
  const auto checkpoint = Checkpoint::open_raw(model_);
  ASSERT_TRUE(checkpoint) << checkpoint.error().to_string();
  for (const char* name : {"x.f32", "x.f16", "x.bf16"}) {
    std::vector<float> all(8);
    ASSERT_TRUE(checkpoint->read_f32(name, 0, all));
    for (std::size_t i = 0; i < all.size(); ++i) {
      EXPECT_EQ(all[i], std::string_view(name) == "x.bf16" ? bf16_to_f32(f32_to_bf16(values[i])) : values[i]) << name;
    }
    std::vector<float> middle(4);
    ASSERT_TRUE(checkpoint->read_f32(name, 1, middle));
    EXPECT_EQ(middle, std::vector<float>(all.begin() + 2, all.begin() + 6));
    std::vector<float> odd(3);
    EXPECT_EQ(checkpoint->read_f32(name, 0, odd).error().code, ErrorCode::range);
    EXPECT_EQ(checkpoint->read_f32(name, 3, middle).error().code, ErrorCode::range);
    EXPECT_EQ(checkpoint->read_f32(name, -1, middle).error().code, ErrorCode::range);
    EXPECT_EQ(checkpoint->read_f32(name, 5, {}).error().code, ErrorCode::range);
  }
  std::vector<float> norm(8);
  EXPECT_TRUE(checkpoint->read_f32("model.norm.weight", 0, norm));  // a vector is one row
  EXPECT_EQ(checkpoint->read_f32("x.i32", 0, norm).error().code, ErrorCode::unsupported);
  EXPECT_EQ(checkpoint->read_f32("x.none", 0, norm).error().code, ErrorCode::not_found);
  std::vector<std::byte> raw(16);
  ASSERT_TRUE(checkpoint->read("x.f16", raw));
  EXPECT_EQ(std::memcmp(raw.data(), tensors["x.f16"].bytes.data(), 16), 0);
  EXPECT_EQ(checkpoint->read("x.f32", raw).error().code, ErrorCode::usage);
}

TEST_F(CheckpointTest, Row27NonFiniteWeightsAreFound) {
  TinyTensors tensors = tiny_tensors(tiny_config());
  const std::string name = "model.layers.1.self_attn.q_proj.weight";
  const std::uint16_t bad[] = {0x7F80, 0xFFC1};  // infinity, NaN
  std::memcpy(tensors[name].bytes.data() + 2 * 5, &bad[0], 2);
  std::memcpy(tensors[name].bytes.data() + 2 * 40, &bad[1], 2);
  write_model(model_, tiny_config(), tensors);
  const auto checkpoint = Checkpoint::open(model_);
  ASSERT_TRUE(checkpoint);
  const auto found = checkpoint->scan_non_finite(name);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->count(), 2U);
  EXPECT_EQ(found->first, 5U);
  EXPECT_EQ(checkpoint->scan_non_finite("model.norm.weight")->count(), 0U);
  EXPECT_THAT(non_finite_error("f", name, *found),
              error_like(ErrorCode::numeric, name, "finite", "2 NaN or infinite, the first at index 5"));
}

TEST_F(CheckpointTest, Row29ShardPathsStayInside) {
  for (const char* path : {"../b.safetensors", "/etc/b.safetensors", "x/../../b.safetensors", "", ".."}) {
    write_with_index([&](Json& index) { index["weight_map"]["model.norm.weight"] = path; });
    EXPECT_THAT(refusal(), error_like(ErrorCode::format, "weight_map.model.norm.weight", "in this directory", path));
  }
  write_with_index([](Json& index) { index["weight_map"]["model.norm.weight"] = "pytorch_model.bin"; });
  EXPECT_THAT(refusal(), error_like(ErrorCode::format, "weight_map.model.norm.weight", "a .safetensors file",
                                    "\"pytorch_model.bin\""));
  write_with_index([](Json& index) { index["weight_map"]["model.norm.weight"] = 5; });
  EXPECT_THAT(refusal(), error_like(ErrorCode::format, "weight_map.model.norm.weight", "a file's name", "5"));
  // Nor does any other name lead out, wherever it comes from.
  for (const char* path : {"../b.safetensors", "/etc/passwd", "x/../../b", ""}) {
    const auto resolved = resolve_model_file(model_, path);
    ASSERT_FALSE(resolved) << path;
    EXPECT_THAT(resolved.error(), error_like(ErrorCode::usage, "", "a name in this directory", path));
  }
}

TEST_F(CheckpointTest, Row30LinksStayInside) {
  write_model(model_, tiny_config(), numbered_tensors());
  fs::rename(model_ / "model.safetensors", directory_ / "elsewhere.safetensors");
  fs::create_symlink("../elsewhere.safetensors", model_ / "model.safetensors");
  EXPECT_THAT(refusal(), refused_link("model.safetensors", "elsewhere.safetensors"));
  fs::remove(model_ / "model.safetensors");
  fs::rename(directory_ / "elsewhere.safetensors", model_ / "weights");
  fs::create_symlink("weights", model_ / "model.safetensors");
  EXPECT_TRUE(Checkpoint::open(model_));
  fs::rename(model_ / "config.json", directory_ / "config.json");
  fs::create_symlink(directory_ / "config.json", model_ / "config.json");
  EXPECT_THAT(refusal(), refused_link("config.json", "config.json"));

  write_sharded(directory_ / "sharded", tiny_config(), numbered_tensors());
  model_ = directory_ / "sharded";
  for (const char* name : {kIndex, "b.safetensors"}) {
    fs::rename(model_ / name, directory_ / "elsewhere");
    fs::create_symlink("../elsewhere", model_ / name);
    EXPECT_THAT(refusal(), refused_link(name, "elsewhere"));
    fs::remove(model_ / name);
    fs::rename(directory_ / "elsewhere", model_ / name);
  }
  EXPECT_TRUE(Checkpoint::open(model_));
}

TEST_F(CheckpointTest, Row30AHuggingFaceCacheIsAllowed) {
  const fs::path cache = directory_ / "models--somebody--model";
  fs::create_directories(cache / "blobs");
  const fs::path snapshot = cache / "snapshots/0123abcd";
  write_model(snapshot, tiny_config(), numbered_tensors());
  for (const char* name : {"config.json", "model.safetensors"}) {
    fs::rename(snapshot / name, cache / "blobs" / (std::string("blob-") + name));
    fs::create_symlink(fs::path("../../blobs") / (std::string("blob-") + name), snapshot / name);
  }
  const auto checkpoint = Checkpoint::open(snapshot);
  EXPECT_TRUE(checkpoint) << checkpoint.error().to_string();
  // Out of the cache is out.
  fs::rename(cache / "blobs/blob-model.safetensors", directory_ / "blob");
  fs::remove(snapshot / "model.safetensors");
  fs::create_symlink("../../../blob", snapshot / "model.safetensors");
  const Error error = refusal_of(snapshot);
  EXPECT_THAT(error, error_like(ErrorCode::unsupported, "", "a file in the model's directory", "a link to "));
  EXPECT_EQ(error.file, (snapshot / "model.safetensors").string());
}

TEST_F(CheckpointTest, Row31LinkLoop) {
  write_sharded(model_, tiny_config(), numbered_tensors());
  fs::remove(model_ / "b.safetensors");
  fs::create_symlink("b.safetensors", model_ / "b.safetensors");
  const Error error = refusal();
  EXPECT_EQ(error.code, ErrorCode::io);
  EXPECT_THAT(error.advice, HasSubstr("loop"));
  EXPECT_EQ(error.file, (model_ / "b.safetensors").string());
}

TEST_F(CheckpointTest, Row32NoRegularFile) {
  write_sharded(model_, tiny_config(), numbered_tensors());
  fs::remove(model_ / "b.safetensors");
  ASSERT_EQ(mkfifo((model_ / "b.safetensors").c_str(), 0600), 0);
  // And nobody waits for a writer.
  EXPECT_THAT(refusal(), error_like(ErrorCode::io, "", "a regular file", "a named pipe"));
  EXPECT_EQ(refusal().file, (model_ / "b.safetensors").string());
  fs::remove(model_ / "b.safetensors");
  fs::create_directory(model_ / "b.safetensors");
  EXPECT_THAT(refusal(), error_like(ErrorCode::io, "", "a regular file", "a directory"));
  fs::remove(model_ / "config.json");
  ASSERT_EQ(mkfifo((model_ / "config.json").c_str(), 0600), 0);
  EXPECT_THAT(refusal(), error_like(ErrorCode::io, "", "a regular file", "a named pipe"));
  EXPECT_EQ(refusal().file, (model_ / "config.json").string());
}

TEST_F(CheckpointTest, Row33MissingShardsAreAllListed) {
  write_sharded(model_, tiny_config(), numbered_tensors());
  fs::remove(model_ / "a.safetensors");
  fs::remove(model_ / "b.safetensors");
  EXPECT_THAT(refusal(), error_like(ErrorCode::not_found, "shards", "all 2 files", "a.safetensors, b.safetensors"));
}

TEST_F(CheckpointTest, Row34TensorAbsentFromItsShard) {
  write_with_index([](Json& index) { index["weight_map"]["model.norm.weight"] = "b.safetensors"; });
  const Error error = refusal();
  EXPECT_THAT(error, error_like(ErrorCode::mismatch, "model.norm.weight", "index", "no such tensor"));
  EXPECT_THAT(error.file, HasSubstr("b.safetensors"));
}

TEST_F(CheckpointTest, Row35TensorMissingFromTheIndexIsStated) {
  TinyTensors tensors = numbered_tensors();
  tensors["stray"] = tiny_tensor({3});
  Json index = write_sharded(model_, tiny_config(), tensors);
  index["weight_map"].erase("stray");
  write_file(model_ / kIndex, index.dump());
  EXPECT_THAT(notes(), ElementsAre(AllOf(HasSubstr("not in the index"), HasSubstr("stray"))));
  EXPECT_FALSE(Checkpoint::open(model_)->contains("stray"));
}

TEST_F(CheckpointTest, Row36TensorInTwoShards) {
  write_sharded(model_, tiny_config(), numbered_tensors());
  TinyTensors both;
  for (const auto& [name, tensor] : numbered_tensors()) {
    if (name.starts_with("model.layers.1") || name == "model.norm.weight") both[name] = tensor;
  }
  test::write_safetensors(model_ / "b.safetensors", both);
  const Error error = refusal();
  EXPECT_THAT(error, error_like(ErrorCode::mismatch, "model.norm.weight", "one shard", "a.safetensors"));
  EXPECT_THAT(error.file, HasSubstr("b.safetensors"));
}

TEST_F(CheckpointTest, Row37RepeatedKeyInTheWeightMap) {
  std::string index = write_sharded(model_, tiny_config(), numbered_tensors()).dump();
  index.insert(index.find("\"lm_head.weight\""), "\"lm_head.weight\":\"b.safetensors\",");
  write_file(model_ / kIndex, index);
  const Error error = refusal();
  EXPECT_THAT(error, error_like(ErrorCode::format, "weight_map.lm_head.weight", "once", "twice"));
  EXPECT_THAT(error.file, HasSubstr(kIndex));
}

TEST_F(CheckpointTest, Row38WrongTotalSizeIsStated) {
  write_with_index([](Json& index) { index["metadata"]["total_size"] = 17; });
  EXPECT_THAT(notes(), ElementsAre(AllOf(HasSubstr("total_size is 17"), HasSubstr(" bytes"))));
}

TEST_F(CheckpointTest, Row39TheIndexWinsAndThatIsStated) {
  write_sharded(model_, tiny_config(), numbered_tensors());
  write_file(model_ / "model.safetensors", "not even safetensors");
  EXPECT_THAT(notes(), ElementsAre(AllOf(HasSubstr("both"), HasSubstr("the index is used"))));
}

TEST_F(CheckpointTest, Row40PicklesAreNeverLoaded) {
  write_model(model_, tiny_config(), {});
  fs::remove(model_ / "model.safetensors");
  EXPECT_THAT(refusal(), error_like(ErrorCode::not_found, "weights", "model.safetensors", "neither"));
  write_file(model_ / "pytorch_model.bin", "\x80\x02");
  EXPECT_THAT(refusal(), error_like(ErrorCode::unsupported, "weights", "model.safetensors", "pytorch_model.bin"));
  write_file(model_ / "model-00001-of-00002.safetensors", "");
  EXPECT_THAT(refusal().found, HasSubstr("model-00001-of-00002.safetensors"));
}

TEST_F(CheckpointTest, Row44LayersAndTensorsDisagree) {
  Json config = tiny_config();
  const TinyTensors tensors = tiny_tensors(config);
  for (const int layers : {1, 3}) {
    config["num_hidden_layers"] = layers;
    write_model(model_, config, tensors);
    EXPECT_THAT(refusal(), error_like(ErrorCode::mismatch, "num_hidden_layers", "2,", std::to_string(layers)));
  }
}

TEST_F(CheckpointTest, Row45VocabularyAndEmbeddingDisagree) {
  Json config = tiny_config();
  const TinyTensors tensors = tiny_tensors(config);
  config["vocab_size"] = 17;
  write_model(model_, config, tensors);
  EXPECT_THAT(refusal(), error_like(ErrorCode::mismatch, "model.embed_tokens.weight",
                                    "[17, 8], as config.json says by vocab_size 17", "[16, 8]"));
}

TEST_F(CheckpointTest, Row48TheConfigurationFile) {
  write_model(model_, tiny_config(), numbered_tensors());
  write_file(model_ / "config.json", std::string((16 << 20) + 1, ' '));
  const Error large = refusal();
  EXPECT_THAT(large, error_like(ErrorCode::range, "size", "16777216", "16777217"));
  EXPECT_THAT(large.file, HasSubstr("config.json"));
  write_file(model_ / "config.json", "{\"hidden_size\": }");
  EXPECT_EQ(refusal().key, "line 1, column 17");
  fs::remove(model_ / "config.json");
  EXPECT_EQ(refusal().code, ErrorCode::not_found);
  EXPECT_EQ(Checkpoint::open(directory_ / "nothing").error().code, ErrorCode::not_found);
  EXPECT_EQ(Checkpoint::open(model_ / "model.safetensors").error().code, ErrorCode::usage);
}

TEST_F(CheckpointTest, MissingTensorsAreListed) {
  TinyTensors tensors = numbered_tensors();
  tensors.erase("model.layers.0.mlp.up_proj.weight");
  tensors.erase("lm_head.weight");
  write_model(model_, tiny_config(), tensors);
  EXPECT_THAT(refusal(), error_like(ErrorCode::not_found, "model.layers.0.mlp.up_proj.weight", "21 tensors",
                                    "2 missing: model.layers.0.mlp.up_proj.weight, lm_head.weight"));
  EXPECT_TRUE(Checkpoint::open_raw(model_));
}

TEST_F(CheckpointTest, WrongShapesAndDtypes) {
  TinyTensors tensors = numbered_tensors();
  tensors["model.layers.0.self_attn.k_proj.weight"] = tiny_tensor({8, 8});
  write_model(model_, tiny_config(), tensors);
  EXPECT_THAT(refusal(), error_like(ErrorCode::mismatch, "model.layers.0.self_attn.k_proj.weight", "[4, 8]", "[8, 8]"));
  tensors = numbered_tensors();
  tensors["model.norm.weight"] = tiny_tensor({8}, DType::f64);
  write_model(model_, tiny_config(), tensors);
  EXPECT_THAT(refusal(), error_like(ErrorCode::unsupported, "model.norm.weight", "F32, F16 or BF16", "F64"));
}

TEST_F(CheckpointTest, BiasesMustAgreeWithTheConfiguration) {
  Json config = tiny_config();
  config["attention_bias"] = true;
  config["mlp_bias"] = true;
  const TinyTensors tensors = tiny_tensors(config);
  EXPECT_TRUE(tensors.contains("model.layers.1.self_attn.o_proj.bias"));
  EXPECT_TRUE(tensors.contains("model.layers.1.mlp.down_proj.bias"));
  write_model(model_, config, tensors);
  EXPECT_TRUE(Checkpoint::open(model_));
  config["mlp_bias"] = false;
  write_model(model_, config, tensors);
  EXPECT_THAT(refusal(), error_like(ErrorCode::mismatch, "model.layers.0.mlp.down_proj.bias", "config.json", "change"));
}

TEST_F(CheckpointTest, ARedundantHeadAndRotaryBuffersAreLeftOut) {
  Json config = tiny_config();
  config["tie_word_embeddings"] = true;
  TinyTensors tensors = numbered_tensors();  // has a head
  tensors["model.layers.0.self_attn.rotary_emb.inv_freq"] = tiny_tensor({1}, DType::f32);
  tensors["extra"] = tiny_tensor({1});
  write_model(model_, config, tensors);
  EXPECT_THAT(notes(), ElementsAre(HasSubstr("lm_head.weight is ignored"), HasSubstr("extra")));
  const auto checkpoint = Checkpoint::open(model_);
  EXPECT_FALSE(checkpoint->contains("lm_head.weight"));
  EXPECT_EQ(checkpoint->tensors().size(), 20U);
}

TEST_F(CheckpointTest, QuantizedTensorsAreRefusedByName) {
  const std::pair<const char*, const char*> cases[] = {{"qweight", "GPTQ or AWQ"}, {"SCB", "bitsandbytes"}};
  for (const auto& [suffix, quantizer] : cases) {
    TinyTensors tensors = numbered_tensors();
    tensors[std::string("model.layers.0.mlp.up_proj.") + suffix] = tiny_tensor({4}, DType::i32);
    write_model(model_, tiny_config(), tensors);
    EXPECT_THAT(refusal(), error_like(ErrorCode::unsupported, std::string("model.layers.0.mlp.up_proj.") + suffix,
                                      "16- or 32-bit", quantizer));
  }
}

TEST_F(CheckpointTest, APackedModelIsForOpenRaw) {
  Json config = tiny_config();
  config["quantization_config"] = {{"quant_method", "mixllm"}};
  write_model(model_, config, {{"model.layers.0.self_attn.q_proj.qweight4", tiny_tensor({4}, DType::u8)}});
  EXPECT_THAT(refusal(), error_like(ErrorCode::usage, "quantization_config", "16- or 32-bit", "packed"));
  EXPECT_TRUE(Checkpoint::open_raw(model_));
}

TEST_F(CheckpointTest, RequiredTensorsOfQwen2HaveBiases) {
  Json config = tiny_config();
  config["architectures"] = {"Qwen2ForCausalLM"};
  config["model_type"] = "qwen2";
  config["head_dim"] = 6;
  const TinyTensors tensors = tiny_tensors(config);
  EXPECT_THAT(tensors.at("model.layers.1.self_attn.q_proj.weight").shape, ElementsAre(24, 8));
  EXPECT_THAT(tensors.at("model.layers.1.self_attn.o_proj.weight").shape, ElementsAre(8, 24));
  EXPECT_THAT(tensors.at("model.layers.1.self_attn.v_proj.bias").shape, ElementsAre(12));
  EXPECT_FALSE(tensors.contains("model.layers.1.self_attn.o_proj.bias"));
  EXPECT_FALSE(tensors.contains("model.layers.1.mlp.up_proj.bias"));
}

}  // namespace
}  // namespace salient
