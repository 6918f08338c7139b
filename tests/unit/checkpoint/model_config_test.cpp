// SPDX-License-Identifier: Apache-2.0
#include "core/checkpoint/model_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/unit/checkpoint/model_directory.h"
#include "tests/unit/support/bounded.h"
#include "tests/unit/support/error_like.h"

namespace salient {
namespace {

using test::error_like;
using test::tiny_config;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> notes_of_last;

Result<ModelConfig> parse(const Json& config) {
  notes_of_last.clear();
  return test::bounded(0, [&] { return parse_model_config(config, "config.json", notes_of_last); });
}

/// The tiny configuration with some keys replaced.
Json with(std::initializer_list<std::pair<const char*, Json>> changes, Json config = tiny_config()) {
  for (const auto& [key, value] : changes)
    config[key] = value;
  return config;
}

Json without(const char* key, Json config = tiny_config()) {
  config.erase(key);
  return config;
}

Json of(const char* architecture, const char* type) {
  return with({{"architectures", Json::array({architecture})}, {"model_type", type}});
}

Error refusal(const Json& config) {
  const auto parsed = parse(config);
  EXPECT_FALSE(parsed) << config.dump();
  if (parsed) return {};
  EXPECT_EQ(parsed.error().file, "config.json");
  EXPECT_FALSE(parsed.error().advice.empty());
  return parsed.error();
}

TEST(ModelConfig, ReadsEverySize) {
  const auto config = parse(tiny_config());
  ASSERT_TRUE(config) << config.error().to_string();
  EXPECT_EQ(config->architecture, Architecture::llama);
  EXPECT_EQ(config->hidden_size, 8);
  EXPECT_EQ(config->intermediate_size, 12);
  EXPECT_EQ(config->layers, 2);
  EXPECT_EQ(config->heads, 4);
  EXPECT_EQ(config->kv_heads, 2);
  EXPECT_EQ(config->head_dim, 2);
  EXPECT_EQ(config->q_size(), 8);
  EXPECT_EQ(config->kv_size(), 4);
  EXPECT_EQ(config->vocab_size, 16);
  EXPECT_EQ(config->max_positions, 64);
  EXPECT_EQ(config->rms_norm_eps, 1e-5);
  EXPECT_EQ(config->rope_theta, 10000);
  EXPECT_EQ(config->rope_scaling.type, RopeScaling::Type::none);
  EXPECT_FALSE(config->tied_embeddings);
  EXPECT_FALSE(config->qkv_bias);
  EXPECT_EQ(config->bos_token, 1);
  EXPECT_THAT(config->eos_tokens, ElementsAre(2));
  EXPECT_TRUE(notes_of_last.empty());
}

TEST(ModelConfig, LlamaSwitches) {
  auto config = parse(with({{"attention_bias", true},
                            {"mlp_bias", true},
                            {"tie_word_embeddings", true},
                            {"eos_token_id", {3, 4}},
                            {"bos_token_id", nullptr},
                            {"head_dim", 6}}));
  ASSERT_TRUE(config) << config.error().to_string();
  EXPECT_TRUE(config->qkv_bias);
  EXPECT_TRUE(config->o_bias);
  EXPECT_TRUE(config->mlp_bias);
  EXPECT_TRUE(config->tied_embeddings);
  EXPECT_THAT(config->eos_tokens, ElementsAre(3, 4));
  EXPECT_FALSE(config->bos_token);
  EXPECT_EQ(config->q_size(), 24);
  // Llama's first configurations have neither of these keys.
  config = parse(without("num_key_value_heads", without("rope_theta")));
  ASSERT_TRUE(config);
  EXPECT_EQ(config->kv_heads, 4);
  EXPECT_EQ(config->rope_theta, 10000);
}

TEST(ModelConfig, RopeScaling) {
  const Json llama3 = {{"rope_type", "llama3"},
                       {"factor", 32.0},
                       {"low_freq_factor", 1.0},
                       {"high_freq_factor", 4.0},
                       {"original_max_position_embeddings", 8192}};
  auto config = parse(with({{"rope_scaling", llama3}}));
  ASSERT_TRUE(config) << config.error().to_string();
  EXPECT_EQ(config->rope_scaling.type, RopeScaling::Type::llama3);
  EXPECT_EQ(config->rope_scaling.factor, 32);
  EXPECT_EQ(config->rope_scaling.original_max_position_embeddings, 8192);
  // The older name of the key, and the newer place of it.
  config = parse(with({{"rope_scaling", {{"type", "linear"}, {"factor", 2}}}}));
  EXPECT_EQ(config->rope_scaling.type, RopeScaling::Type::linear);
  EXPECT_EQ(config->rope_scaling.factor, 2);
  config = parse(with({{"rope_parameters", {{"rope_type", "default"}, {"rope_theta", 5e5}}}}, without("rope_theta")));
  ASSERT_TRUE(config);
  EXPECT_EQ(config->rope_theta, 5e5);
  EXPECT_EQ(config->rope_scaling.type, RopeScaling::Type::none);

  EXPECT_THAT(refusal(with({{"rope_scaling", {{"rope_type", "yarn"}, {"factor", 2}}}})),
              error_like(ErrorCode::unsupported, "rope_scaling.rope_type", "default, linear or llama3", "yarn"));
  EXPECT_THAT(refusal(with({{"rope_scaling", {{"type", "dynamic"}, {"factor", 2}}}})),
              error_like(ErrorCode::unsupported, "rope_scaling.type", "default, linear or llama3", "dynamic"));
  EXPECT_EQ(refusal(with({{"rope_scaling", {{"factor", 2}}}})).key, "rope_scaling.type");
  EXPECT_EQ(refusal(with({{"rope_scaling", 2}})).key, "rope_scaling");
  EXPECT_EQ(refusal(with({{"rope_scaling", with({{"factor", 0.5}}, llama3)}})).key, "rope_scaling.factor");
  EXPECT_EQ(refusal(with({{"rope_scaling", with({{"high_freq_factor", 1}}, llama3)}})).key,
            "rope_scaling.high_freq_factor");
  EXPECT_EQ(refusal(with({{"rope_scaling", without("original_max_position_embeddings", llama3)}})).key,
            "rope_scaling.original_max_position_embeddings");
  EXPECT_EQ(refusal(with({{"rope_scaling", llama3}, {"rope_parameters", {{"rope_type", "default"}}}})).code,
            ErrorCode::mismatch);
  EXPECT_EQ(refusal(with({{"partial_rotary_factor", 0.5}})).key, "partial_rotary_factor");
}

TEST(ModelConfig, MistralAndItsWindow) {
  const Json mistral = of("MistralForCausalLM", "mistral");
  EXPECT_TRUE(parse(with({{"sliding_window", nullptr}}, mistral)));
  EXPECT_TRUE(parse(with({{"sliding_window", 64}}, mistral)));
  EXPECT_TRUE(parse(mistral));  // missing means 4096, more than its 64 positions
  const Error window = refusal(with({{"sliding_window", 63}}, mistral));
  EXPECT_THAT(window, error_like(ErrorCode::unsupported, "sliding_window", "full attention", "sliding window of 63"));
  EXPECT_EQ(refusal(with({{"max_position_embeddings", 8192}}, mistral)).key, "sliding_window");
  EXPECT_FALSE(parse(with({{"sliding_window", nullptr}}, mistral))->qkv_bias);
}

TEST(ModelConfig, Qwen2HasBiasesAndNoWindow) {
  const Json qwen = with({{"sliding_window", 32}, {"use_sliding_window", false}}, of("Qwen2ForCausalLM", "qwen2"));
  const auto config = parse(qwen);
  ASSERT_TRUE(config) << config.error().to_string();
  EXPECT_TRUE(config->qkv_bias);
  EXPECT_FALSE(config->o_bias);
  EXPECT_THAT(refusal(with({{"use_sliding_window", true}}, qwen)),
              error_like(ErrorCode::unsupported, "use_sliding_window", "full attention", "sliding window"));
  EXPECT_TRUE(parse(with({{"layer_types", {"full_attention", "full_attention"}}}, qwen)));
  EXPECT_EQ(refusal(with({{"layer_types", {"full_attention", "sliding_attention"}}}, qwen)).key, "layer_types");
}

TEST(ModelConfig, QuantizedByOthersIsRefusedByName) {
  for (const char* method : {"bitsandbytes", "gptq", "awq", "fp8"}) {
    EXPECT_THAT(refusal(with({{"quantization_config", {{"quant_method", method}}}})),
                error_like(ErrorCode::unsupported, "quantization_config", "16- or 32-bit", method));
  }
  EXPECT_EQ(refusal(with({{"quantization_config", {{"bits", 4}}}})).code, ErrorCode::unsupported);
  EXPECT_TRUE(parse(with({{"quantization_config", {{"quant_method", "mixllm"}}}})));
  EXPECT_TRUE(parse(with({{"quantization_config", nullptr}})));
}

TEST(ModelConfig, Row41ZeroHeads) {
  EXPECT_THAT(refusal(with({{"num_attention_heads", 0}})),
              error_like(ErrorCode::range, "num_attention_heads", "1 to", "0"));
}

TEST(ModelConfig, Row42HeadsDoNotDivideHiddenSize) {
  EXPECT_THAT(refusal(with({{"hidden_size", 10}})),
              error_like(ErrorCode::mismatch, "num_attention_heads", "a divisor of hidden_size, 10", "4"));
  EXPECT_TRUE(parse(with({{"hidden_size", 10}, {"head_dim", 4}})));
  EXPECT_TRUE(parse(with({{"head_dim", nullptr}})));
  EXPECT_THAT(refusal(with({{"head_dim", 0}})), error_like(ErrorCode::range, "head_dim", "1 to", "0"));
  EXPECT_EQ(refusal(with({{"head_dim", 3}})).code, ErrorCode::unsupported);
}

TEST(ModelConfig, Row43KvHeads) {
  for (const Json& model : {tiny_config(), of("Qwen2ForCausalLM", "qwen2")}) {
    EXPECT_THAT(refusal(with({{"num_key_value_heads", 0}}, model)),
                error_like(ErrorCode::range, "num_key_value_heads", "1 to", "0"));
    EXPECT_THAT(refusal(with({{"num_key_value_heads", 3}}, model)),
                error_like(ErrorCode::mismatch, "num_key_value_heads", "a divisor of num_attention_heads, 4", "3"));
  }
}

TEST(ModelConfig, Row44Layers) {
  for (const std::int64_t layers : {std::int64_t{-1}, std::int64_t{0}, std::int64_t{1'000'000'000}}) {
    EXPECT_THAT(refusal(with({{"num_hidden_layers", layers}})),
                error_like(ErrorCode::range, "num_hidden_layers", "1 to", std::to_string(layers)));
  }
}

TEST(ModelConfig, Row46UnknownArchitecture) {
  EXPECT_THAT(refusal(of("GPT2LMHeadModel", "gpt2")),
              error_like(ErrorCode::unsupported, "architectures",
                         "LlamaForCausalLM, MistralForCausalLM or Qwen2ForCausalLM", "GPT2LMHeadModel"));
  EXPECT_THAT(refusal(of("LlamaForSequenceClassification", "llama")),
              error_like(ErrorCode::unsupported, "architectures", "LlamaForCausalLM, Mistral",
                         "LlamaForSequenceClassification"));
  EXPECT_THAT(refusal(of("LlamaForCausalLM", "mistral")),
              error_like(ErrorCode::mismatch, "model_type", "llama as architectures says", "mistral"));
  EXPECT_THAT(refusal(with({{"model_type", "gpt2"}}, without("architectures"))),
              error_like(ErrorCode::unsupported, "model_type", "LlamaForCausalLM, Mistral", "gpt2"));
  EXPECT_EQ(refusal(of("bad\n", "x")).found, "bad\\n");
  EXPECT_EQ(refusal(with({{"architectures", "LlamaForCausalLM"}})).code, ErrorCode::format);
  EXPECT_TRUE(parse(without("architectures")));  // told by model_type
  EXPECT_EQ(refusal(without("architectures", without("model_type"))).code, ErrorCode::unsupported);
  EXPECT_EQ(refusal(with({{"hidden_act", "gelu"}})).key, "hidden_act");
}

TEST(ModelConfig, Row47ThetaAndEpsilon) {
  for (const Json& bad : {Json(0), Json(-1.5), Json(std::numeric_limits<double>::quiet_NaN()),
                          Json(std::numeric_limits<double>::infinity())}) {
    EXPECT_THAT(refusal(with({{"rope_theta", bad}})), error_like(ErrorCode::range, "rope_theta", "above 0", ""));
    EXPECT_THAT(refusal(with({{"rms_norm_eps", bad}})), error_like(ErrorCode::range, "rms_norm_eps", "above 0", ""));
  }
  EXPECT_FALSE(parse_json("{\"rope_theta\": NaN}", "config.json"));
}

TEST(ModelConfig, Row48WrongTypes) {
  for (const char* key : {"hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "vocab_size",
                          "max_position_embeddings", "rms_norm_eps"}) {
    for (const Json& bad : {Json(nullptr), Json("8"), Json::array({8}), Json::object(), Json(true)}) {
      EXPECT_THAT(refusal(with({{key, bad}})), error_like(ErrorCode::format, key, "", json_describe(bad)));
    }
    EXPECT_THAT(refusal(without(key)), error_like(ErrorCode::format, key, "", "no such key"));
  }
  for (const char* key : {"tie_word_embeddings", "attention_bias", "hidden_act", "head_dim", "eos_token_id",
                          "num_key_value_heads", "rope_theta", "model_type"}) {
    EXPECT_EQ(refusal(with({{key, Json::array({Json::object()})}})).key, key);
  }
  EXPECT_EQ(refusal(with({{"hidden_size", 8.0}})).key, "hidden_size");
  EXPECT_EQ(refusal(with({{"hidden_size", std::uint64_t{1} << 63}})).key, "hidden_size");
  EXPECT_EQ(refusal(with({{"hidden_size", std::int64_t{1} << 40}})).code, ErrorCode::range);
  EXPECT_EQ(refusal(Json::array()).code, ErrorCode::format);
}

TEST(ModelConfig, Row49RemoteCodeIsIgnoredAndStated) {
  ASSERT_TRUE(parse(with({{"auto_map", {{"AutoModelForCausalLM", "modeling.Evil"}}}})));
  ASSERT_EQ(notes_of_last.size(), 1U);
  EXPECT_THAT(notes_of_last[0], AllOf(HasSubstr("auto_map"), HasSubstr("never run")));
}

TEST(ModelConfig, TokensOutsideTheVocabularyAreIgnoredAndStated) {
  const auto config = parse(with({{"eos_token_id", {2, 16, -1}}}));
  ASSERT_TRUE(config);
  EXPECT_THAT(config->eos_tokens, ElementsAre(2));
  EXPECT_THAT(notes_of_last, ElementsAre(HasSubstr("eos_token_id 16"), HasSubstr("eos_token_id -1")));
}

}  // namespace
}  // namespace salient
