// SPDX-License-Identifier: Apache-2.0
#include "core/checkpoint/model_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace salient {
namespace {

struct Known {
  Architecture architecture;
  std::string_view name;
  std::string_view model_type;
};

constexpr std::array<Known, 3> kKnown{{{Architecture::llama, "LlamaForCausalLM", "llama"},
                                       {Architecture::mistral, "MistralForCausalLM", "mistral"},
                                       {Architecture::qwen2, "Qwen2ForCausalLM", "qwen2"}}};

constexpr const char* kKnownNames = "LlamaForCausalLM, MistralForCausalLM or Qwen2ForCausalLM";
constexpr const char* kNotThisProgram = "this program does not know how to compute it; choose another model";
constexpr const char* kCorrect = "correct the file or get it again";

// Bounds no model comes near, small enough that products of three sizes stay within 63 bits.
constexpr std::int64_t kLayerLimit = 4096;
constexpr std::int64_t kWidthLimit = std::int64_t{1} << 20;
constexpr std::int64_t kHeadLimit = std::int64_t{1} << 14;
constexpr std::int64_t kVocabLimit = std::int64_t{1} << 24;
constexpr std::int64_t kPositionLimit = std::int64_t{1} << 31;

/// Typed reading of one object of the configuration; `prefix` is its own key within the file.
class Reader {
 public:
  Reader(const Json& json, const std::string& file, std::string prefix = "")
      : json_(json), file_(file), prefix_(std::move(prefix)) {}

  [[nodiscard]] const std::string& file() const { return file_; }
  /// Neither missing nor null.
  [[nodiscard]] bool has(const char* key) const { return json_.contains(key) && !json_.at(key).is_null(); }
  [[nodiscard]] bool is_null(const char* key) const { return json_.contains(key) && json_.at(key).is_null(); }
  [[nodiscard]] const Json& at(const char* key) const { return json_.at(key); }
  [[nodiscard]] Reader object(const char* key) const { return {json_.at(key), file_, prefix_ + key + "."}; }

  [[nodiscard]] Error error(ErrorCode code, const char* key, std::string expected, std::string found,
                            const char* advice) const {
    return {code, file_, prefix_ + key, std::move(expected), std::move(found), advice};
  }

  [[nodiscard]] Result<std::int64_t> integer(const char* key, std::int64_t low, std::int64_t high) const {
    SALIENT_ASSIGN(const std::int64_t value, located(json_integer(json_, key, file_)));
    if (value >= low && value <= high) return value;
    return error(ErrorCode::range, key, fmt::format("{} to {}", low, high), fmt::format("{}", value), kCorrect);
  }

  [[nodiscard]] Result<std::int64_t> integer_or(const char* key, std::int64_t fallback, std::int64_t low,
                                                std::int64_t high) const {
    if (!has(key)) return fallback;
    return integer(key, low, high);
  }

  [[nodiscard]] Result<double> positive(const char* key) const {
    SALIENT_ASSIGN(const double value, located(json_number(json_, key, file_)));
    if (std::isfinite(value) && value > 0) return value;
    return error(ErrorCode::range, key, "a number above 0", fmt::format("{}", value), kCorrect);
  }

  [[nodiscard]] Result<double> positive_or(const char* key, double fallback) const {
    if (!has(key)) return fallback;
    return positive(key);
  }

  [[nodiscard]] Result<bool> flag_or(const char* key, bool fallback) const {
    if (!has(key)) return fallback;
    return located(json_bool(json_, key, file_));
  }

  [[nodiscard]] Result<std::string> string(const char* key) const { return located(json_string(json_, key, file_)); }

 private:
  template <class T>
  [[nodiscard]] Result<T> located(Result<T> result) const {
    if (!result) result.error().key = prefix_ + result.error().key;
    return result;
  }

  const Json& json_;
  const std::string& file_;
  std::string prefix_;
};

Result<Architecture> parse_architecture(const Reader& reader) {
  const auto unknown = [&](const char* key, std::string found) {
    return reader.error(ErrorCode::unsupported, key, kKnownNames, std::move(found), kNotThisProgram);
  };
  const Known* by_name = nullptr;
  if (reader.has("architectures")) {
    const Json& names = reader.at("architectures");
    if (!names.is_array() || names.size() != 1 || !names[0].is_string()) {
      return reader.error(ErrorCode::format, "architectures", "an array of one name",
                          names.is_array() ? fmt::format("an array of {}", names.size()) : json_describe(names),
                          kCorrect);
    }
    const auto& name = names[0].get_ref<const std::string&>();
    by_name = std::find_if(kKnown.begin(), kKnown.end(), [&](const Known& known) { return known.name == name; });
    if (by_name == kKnown.end()) return unknown("architectures", escape_for_message(name));
  }
  if (!reader.has("model_type")) {
    if (by_name == nullptr) return unknown("architectures", "no such key");
    return by_name->architecture;
  }
  SALIENT_ASSIGN(const std::string type, reader.string("model_type"));
  if (by_name == nullptr) {
    by_name = std::find_if(kKnown.begin(), kKnown.end(), [&](const Known& known) { return known.model_type == type; });
    if (by_name == kKnown.end()) return unknown("model_type", escape_for_message(type));
  } else if (by_name->model_type != type) {
    return reader.error(ErrorCode::mismatch, "model_type",
                        fmt::format("{} as architectures says {}", by_name->model_type, by_name->name),
                        escape_for_message(type), kCorrect);
  }
  return by_name->architecture;
}

/// Weights some other program has quantized are not what this one quantizes. Its own packed models are read, and its
/// exports in others' formats are read back by whoever asks for their raw tensors.
Status check_quantization(const Reader& reader) {
  for (const char* key : {"quantization_config", "compression_config"}) {
    if (!reader.has(key)) continue;
    const Json& config = reader.at(key);
    const bool named = config.is_object() && config.contains("quant_method") && config["quant_method"].is_string();
    const std::string method = named ? config["quant_method"].get<std::string>() : "";
    if (method == "mixllm" || reader.has("salient_export")) continue;
    return reader.error(ErrorCode::unsupported, key, "16- or 32-bit weights, or this program's own mixllm format",
                        named ? "weights quantized by " + escape_for_message(method) : "weights quantized by others",
                        "use the model these weights were made from");
  }
  return {};
}

Status check_activation(const Reader& reader) {
  if (!reader.has("hidden_act")) return {};
  SALIENT_ASSIGN(const std::string activation, reader.string("hidden_act"));
  if (activation == "silu") return {};
  return reader.error(ErrorCode::unsupported, "hidden_act", "silu", escape_for_message(activation), kNotThisProgram);
}

Status check_sliding_window(const Reader& reader, const ModelConfig& config) {
  const auto refuse = [&](const char* key, std::string found) {
    return reader.error(ErrorCode::unsupported, key, "full attention in every layer", std::move(found),
                        "attention with a sliding window is not supported; choose another model");
  };
  if (config.architecture == Architecture::mistral) {
    // A missing key means what transformers takes for it; null means none.
    constexpr std::int64_t kDefaultWindow = 4096;
    const std::int64_t otherwise = reader.is_null("sliding_window") ? kPositionLimit : kDefaultWindow;
    SALIENT_ASSIGN(const std::int64_t window, reader.integer_or("sliding_window", otherwise, 1, kPositionLimit));
    if (window < config.max_positions) {
      return refuse("sliding_window",
                    fmt::format("a sliding window of {} for {} positions", window, config.max_positions));
    }
  }
  if (config.architecture == Architecture::qwen2) {
    SALIENT_ASSIGN(const bool used, reader.flag_or("use_sliding_window", false));
    if (used) return refuse("use_sliding_window", "true: a sliding window");
  }
  if (reader.has("layer_types")) {
    const Json& types = reader.at("layer_types");
    for (const Json& type : types) {
      if (!types.is_array() || type != "full_attention") return refuse("layer_types", json_describe(type));
    }
  }
  return {};
}

Status parse_rope_scaling(const Reader& rope, RopeScaling& scaling) {
  const char* key = rope.has("rope_type") ? "rope_type" : "type";
  SALIENT_ASSIGN(const std::string type, rope.string(key));
  if (type == "default") return {};
  if (type != "linear" && type != "llama3") {
    return rope.error(ErrorCode::unsupported, key, "default, linear or llama3", escape_for_message(type),
                      kNotThisProgram);
  }
  SALIENT_ASSIGN(scaling.factor, rope.positive("factor"));
  if (scaling.factor < 1) {
    return rope.error(ErrorCode::range, "factor", "at least 1", fmt::format("{}", scaling.factor), kCorrect);
  }
  if (type == "linear") {
    scaling.type = RopeScaling::Type::linear;
    return {};
  }
  scaling.type = RopeScaling::Type::llama3;
  SALIENT_ASSIGN(scaling.low_freq_factor, rope.positive("low_freq_factor"));
  SALIENT_ASSIGN(scaling.high_freq_factor, rope.positive("high_freq_factor"));
  SALIENT_ASSIGN(scaling.original_max_position_embeddings, rope.positive("original_max_position_embeddings"));
  if (scaling.high_freq_factor <= scaling.low_freq_factor) {
    return rope.error(ErrorCode::range, "high_freq_factor",
                      fmt::format("more than low_freq_factor, {}", scaling.low_freq_factor),
                      fmt::format("{}", scaling.high_freq_factor), kCorrect);
  }
  return {};
}

Status check_partial_rotary(const Reader& reader) {
  if (!reader.has("partial_rotary_factor")) return {};
  SALIENT_ASSIGN(const double factor, reader.positive("partial_rotary_factor"));
  if (factor == 1) return {};
  return reader.error(ErrorCode::unsupported, "partial_rotary_factor", "1", fmt::format("{}", factor), kNotThisProgram);
}

/// rope_theta and rope_scaling, or rope_parameters, which newer files have in place of both.
Status parse_rope(const Reader& reader, ModelConfig& config) {
  SALIENT_CHECK(check_partial_rotary(reader));
  SALIENT_ASSIGN(config.rope_theta, reader.positive_or("rope_theta", config.rope_theta));
  if (reader.has("rope_parameters") && reader.has("rope_scaling") &&
      reader.at("rope_parameters") != reader.at("rope_scaling")) {
    return reader.error(ErrorCode::mismatch, "rope_scaling", "the same as rope_parameters, or only one of them",
                        json_describe(reader.at("rope_scaling")), kCorrect);
  }
  for (const char* key : {"rope_parameters", "rope_scaling"}) {
    if (!reader.has(key)) continue;
    if (!reader.at(key).is_object()) {
      return reader.error(ErrorCode::format, key, "an object", json_describe(reader.at(key)), kCorrect);
    }
    const Reader rope = reader.object(key);
    SALIENT_CHECK(check_partial_rotary(rope));
    SALIENT_ASSIGN(config.rope_theta, rope.positive_or("rope_theta", config.rope_theta));
    return parse_rope_scaling(rope, config.rope_scaling);
  }
  return {};
}

Status parse_heads(const Reader& reader, ModelConfig& config) {
  SALIENT_ASSIGN(config.heads, reader.integer("num_attention_heads", 1, kHeadLimit));
  // Only Llama's first models were written without this key, and without grouped heads.
  if (config.architecture == Architecture::llama || reader.is_null("num_key_value_heads")) {
    SALIENT_ASSIGN(config.kv_heads, reader.integer_or("num_key_value_heads", config.heads, 1, kHeadLimit));
  } else {
    SALIENT_ASSIGN(config.kv_heads, reader.integer("num_key_value_heads", 1, kHeadLimit));
  }
  if (config.heads % config.kv_heads != 0) {
    return reader.error(ErrorCode::mismatch, "num_key_value_heads",
                        fmt::format("a divisor of num_attention_heads, {}", config.heads),
                        fmt::format("{}", config.kv_heads), kCorrect);
  }
  if (!reader.has("head_dim") && config.hidden_size % config.heads != 0) {
    return reader.error(ErrorCode::mismatch, "num_attention_heads",
                        fmt::format("a divisor of hidden_size, {}, or a head_dim", config.hidden_size),
                        fmt::format("{}", config.heads), kCorrect);
  }
  SALIENT_ASSIGN(config.head_dim, reader.integer_or("head_dim", config.hidden_size / config.heads, 1, kHeadLimit));
  if (config.head_dim % 2 != 0) {
    return reader.error(ErrorCode::unsupported, "head_dim", "an even number, for rotary embedding",
                        fmt::format("{}", config.head_dim), kNotThisProgram);
  }
  return {};
}

Result<std::vector<std::int64_t>> parse_tokens(const Reader& reader, const char* key, std::int64_t vocab_size,
                                               std::vector<std::string>& notes) {
  std::vector<std::int64_t> tokens;
  if (!reader.has(key)) return tokens;
  const Json& value = reader.at(key);
  const Json list = value.is_array() ? value : Json::array({value});
  for (const Json& item : list) {
    if (!item.is_number_integer()) {
      return reader.error(ErrorCode::format, key, "a token id or an array of them", json_describe(item), kCorrect);
    }
    // Unsigned comparison: ids that do not fit a signed number are outside as well.
    if (item.get<std::uint64_t>() < static_cast<std::uint64_t>(vocab_size)) {
      tokens.push_back(item.get<std::int64_t>());
    } else {
      notes.push_back(fmt::format("{}: {} {} is outside the vocabulary of {} and is ignored", reader.file(), key,
                                  item.dump(), vocab_size));
    }
  }
  return tokens;
}

}  // namespace

std::string_view architecture_name(Architecture architecture) {
  return kKnown[static_cast<std::size_t>(architecture)].name;
}

Result<ModelConfig> parse_model_config(const Json& json, const std::string& file, std::vector<std::string>& notes) {
  if (!json.is_object()) {
    return Error{ErrorCode::format, file, "", "an object", json_describe(json), kCorrect};
  }
  const Reader reader(json, file);
  ModelConfig config;
  SALIENT_ASSIGN(config.architecture, parse_architecture(reader));
  SALIENT_CHECK(check_quantization(reader));
  if (reader.has("auto_map")) {
    notes.push_back(file + ": auto_map: the code that comes with this model is ignored and never run");
  }
  SALIENT_CHECK(check_activation(reader));
  SALIENT_ASSIGN(config.hidden_size, reader.integer("hidden_size", 1, kWidthLimit));
  SALIENT_ASSIGN(config.intermediate_size, reader.integer("intermediate_size", 1, kWidthLimit));
  SALIENT_ASSIGN(config.layers, reader.integer("num_hidden_layers", 1, kLayerLimit));
  SALIENT_ASSIGN(config.vocab_size, reader.integer("vocab_size", 1, kVocabLimit));
  SALIENT_ASSIGN(config.max_positions, reader.integer("max_position_embeddings", 1, kPositionLimit));
  SALIENT_CHECK(parse_heads(reader, config));
  SALIENT_ASSIGN(config.rms_norm_eps, reader.positive("rms_norm_eps"));
  SALIENT_CHECK(parse_rope(reader, config));
  SALIENT_CHECK(check_sliding_window(reader, config));
  SALIENT_ASSIGN(config.tied_embeddings, reader.flag_or("tie_word_embeddings", false));
  if (config.architecture == Architecture::llama) {
    SALIENT_ASSIGN(config.qkv_bias, reader.flag_or("attention_bias", false));
    SALIENT_ASSIGN(config.mlp_bias, reader.flag_or("mlp_bias", false));
    config.o_bias = config.qkv_bias;
  }
  if (config.architecture == Architecture::qwen2) config.qkv_bias = true;
  SALIENT_ASSIGN(const auto bos, parse_tokens(reader, "bos_token_id", config.vocab_size, notes));
  if (!bos.empty()) config.bos_token = bos.front();
  SALIENT_ASSIGN(config.eos_tokens, parse_tokens(reader, "eos_token_id", config.vocab_size, notes));
  return config;
}

}  // namespace salient
