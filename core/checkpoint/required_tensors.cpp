// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <string_view>

#include "core/base/file_errors.h"
#include "core/checkpoint/checkpoint.h"
#include "core/checkpoint/safetensors_header.h"
#include "core/checkpoint/shard_set.h"

namespace salient {
namespace {

constexpr std::string_view kLayerPrefix = "model.layers.";
constexpr std::string_view kEmbedding = "model.embed_tokens.weight";
constexpr std::string_view kHead = "lm_head.weight";
constexpr const char* kGetRight = "get the config.json that belongs to these weights";

/// The layer a tensor's name speaks of; −1 when it speaks of none.
std::int64_t layer_of(std::string_view name) {
  if (!name.starts_with(kLayerPrefix)) return -1;
  name.remove_prefix(kLayerPrefix.size());
  std::int64_t layer = -1;
  const auto [rest, error] = std::from_chars(name.data(), name.data() + name.size(), layer);
  const bool whole = error == std::errc() && rest != name.data() + name.size() && *rest == '.';
  return whole ? layer : -1;
}

/// The quantizer that leaves tensors of this name behind; nullptr when none is known.
const char* quantizer_of(std::string_view name) {
  constexpr std::pair<std::string_view, const char*> kMarks[] = {{".qweight", "GPTQ or AWQ"},
                                                                 {".qzeros", "GPTQ or AWQ"},
                                                                 {".g_idx", "GPTQ"},
                                                                 {".SCB", "bitsandbytes"},
                                                                 {".weight_format", "bitsandbytes"},
                                                                 {".absmax", "bitsandbytes"},
                                                                 {".weight_packed", "compressed-tensors"},
                                                                 {".weight_scale", "compressed-tensors or FP8"},
                                                                 {".qweight4", "this program"},
                                                                 {".qweight8", "this program"}};
  for (const auto& [suffix, quantizer] : kMarks) {
    if (name.ends_with(suffix)) return quantizer;
  }
  return nullptr;
}

std::string basis(std::string_view tensor, const ModelConfig& config) {
  return tensor == kEmbedding || tensor == kHead
             ? fmt::format("vocab_size {} and hidden_size {}", config.vocab_size, config.hidden_size)
             : std::string("its sizes");
}

}  // namespace

std::vector<RequiredTensor> required_tensors(const ModelConfig& config) {
  std::vector<RequiredTensor> tensors;
  const auto add = [&](std::string name, std::vector<std::int64_t> shape) {
    tensors.push_back({std::move(name), std::move(shape)});
  };
  const auto linear = [&](const std::string& name, std::int64_t rows, std::int64_t columns, bool bias) {
    add(name + ".weight", {rows, columns});
    if (bias) add(name + ".bias", {rows});
  };
  const std::int64_t hidden = config.hidden_size;
  add(std::string(kEmbedding), {config.vocab_size, hidden});
  for (std::int64_t layer = 0; layer < config.layers; ++layer) {
    const std::string prefix = fmt::format("{}{}.", kLayerPrefix, layer);
    add(prefix + "input_layernorm.weight", {hidden});
    linear(prefix + "self_attn.q_proj", config.q_size(), hidden, config.qkv_bias);
    linear(prefix + "self_attn.k_proj", config.kv_size(), hidden, config.qkv_bias);
    linear(prefix + "self_attn.v_proj", config.kv_size(), hidden, config.qkv_bias);
    linear(prefix + "self_attn.o_proj", hidden, config.q_size(), config.o_bias);
    add(prefix + "post_attention_layernorm.weight", {hidden});
    linear(prefix + "mlp.gate_proj", config.intermediate_size, hidden, config.mlp_bias);
    linear(prefix + "mlp.up_proj", config.intermediate_size, hidden, config.mlp_bias);
    linear(prefix + "mlp.down_proj", hidden, config.intermediate_size, config.mlp_bias);
  }
  add("model.norm.weight", {hidden});
  if (!config.tied_embeddings) add(std::string(kHead), {config.vocab_size, hidden});
  return tensors;
}

Status Checkpoint::check_layer_count() const {
  std::int64_t layers = 0;
  for (const auto& [name, shard] : shard_of_)
    layers = std::max(layers, layer_of(name) + 1);
  if (layers == config_.layers) return {};
  return Error{ErrorCode::mismatch,
               shown(directory_ / "config.json"),
               "num_hidden_layers",
               fmt::format("{}, as many layers as there are tensors for", layers),
               fmt::format("{}", config_.layers),
               kGetRight};
}

Status Checkpoint::drop_unneeded(const std::vector<RequiredTensor>& required) {
  std::set<std::string_view> needed;
  for (const RequiredTensor& tensor : required)
    needed.insert(tensor.name);
  std::vector<std::string> extra;
  for (const auto& [name, shard] : shard_of_) {
    if (!needed.contains(name)) extra.push_back(name);
  }
  std::sort(extra.begin(), extra.end());
  std::vector<std::string> ignored;
  for (const std::string& name : extra) {
    const Located at = *find(name);
    if (const char* quantizer = quantizer_of(name); quantizer != nullptr) {
      return Error{ErrorCode::unsupported,
                   shown(at.shard->path()),
                   escape_for_message(name),
                   "16- or 32-bit weights",
                   std::string("a tensor that ") + quantizer + " leaves",
                   "use the model these weights were made from"};
    }
    const bool rotary = name.ends_with(".rotary_emb.inv_freq");
    if (layer_of(name) >= 0 && !rotary) {
      return Error{ErrorCode::mismatch,
                   shown(at.shard->path()),
                   escape_for_message(name),
                   "only what config.json asks for: a " + std::string(architecture_name(config_.architecture)) +
                       " of this configuration has no such tensor",
                   "the tensor, which would change what the layer computes",
                   kGetRight};
    }
    if (name == kHead) {
      notes_.push_back(shown(at.shard->path()) +
                       ": lm_head.weight is ignored, since tie_word_embeddings has the embedding take its place");
    } else if (!rotary) {
      ignored.push_back(name);
    }
    shard_of_.erase(name);
  }
  if (!ignored.empty()) {
    notes_.push_back(fmt::format("{}: {} tensors that the decoder does not use are ignored: {}", shown(directory_),
                                 ignored.size(), list_names(ignored)));
  }
  return {};
}

Status Checkpoint::check_tensors() {
  SALIENT_CHECK(check_layer_count());
  const std::vector<RequiredTensor> required = required_tensors(config_);
  SALIENT_CHECK(drop_unneeded(required));
  std::vector<std::string> missing;
  for (const RequiredTensor& tensor : required) {
    if (!contains(tensor.name)) missing.push_back(tensor.name);
  }
  if (!missing.empty()) {
    return Error{ErrorCode::not_found,
                 shown(directory_),
                 escape_for_message(missing.front()),
                 fmt::format("{} tensors", required.size()),
                 fmt::format("{} missing: {}", missing.size(), list_names(missing)),
                 "get the whole model, or the config.json that belongs to it"};
  }
  for (const RequiredTensor& tensor : required) {
    const Located at = *find(tensor.name);
    if (at.info->shape != tensor.shape) {
      return Error{
          ErrorCode::mismatch,
          shown(at.shard->path()),
          tensor.name,
          fmt::format("shape {}, as config.json says by {}", shape_text(tensor.shape), basis(tensor.name, config_)),
          shape_text(at.info->shape),
          kGetRight};
    }
    const DType dtype = at.info->dtype;
    if (dtype != DType::f32 && dtype != DType::f16 && dtype != DType::bf16) {
      return Error{ErrorCode::unsupported, shown(at.shard->path()),        tensor.name,
                   "F32, F16 or BF16",     std::string(dtype_name(dtype)), "use the model in 16 or 32 bit"};
    }
  }
  return {};
}

}  // namespace salient
