// SPDX-License-Identifier: Apache-2.0
// inspect: what a model directory holds, and on request whether its weights are finite numbers.
#include <fmt/format.h>

#include <memory>

#include "core/experiment/operations_detail.h"
#include "core/experiment/preflight.h"
#include "core/pack/packed_model.h"
#include "core/text/tokenizer.h"

namespace salient::operations {
namespace {

Json config_json(const ModelConfig& config) {
  return Json{{"hidden_size", config.hidden_size},
              {"intermediate_size", config.intermediate_size},
              {"layers", config.layers},
              {"heads", config.heads},
              {"kv_heads", config.kv_heads},
              {"head_dim", config.head_dim},
              {"vocab_size", config.vocab_size},
              {"max_positions", config.max_positions},
              {"rope_theta", config.rope_theta},
              {"rms_norm_eps", config.rms_norm_eps},
              {"tied_embeddings", config.tied_embeddings},
              {"qkv_bias", config.qkv_bias}};
}

Json tensors_json(const Checkpoint& checkpoint, std::uint64_t& bytes) {
  Json list = Json::array();
  for (const auto& [shard, info] : checkpoint.tensors()) {
    list.push_back(Json{{"name", escape_for_message(info->name)},
                        {"dtype", dtype_name(info->dtype)},
                        {"shape", info->shape},
                        {"bytes", info->bytes()},
                        {"file", escape_for_message(shard->path().filename().string())}});
    bytes += info->bytes();
  }
  return list;
}

/// The shapes of the linears that are, or could be, quantized.
BitMap all_linears(const ModelConfig& config) {
  BitMap map;
  for (std::int32_t layer = 0; layer < config.layers; ++layer) {
    for (const LinearKind kind : kLinearKinds) {
      const auto shape = linear_shape(config, kind);
      map.linears.push_back({{layer, kind}, shape.rows, shape.cols, {}});
    }
  }
  return map;
}

Json shapes_json(const BitMap& map) {
  Json list = Json::array();
  for (const LinearBits& linear : map.linears) {
    list.push_back(Json{{"name", linear_name(linear.id)}, {"rows", linear.rows}, {"cols", linear.cols}});
  }
  return list;
}

/// Reads every weight; what is damaged becomes a note as well.
Status scan(const Checkpoint& checkpoint, Json& result, Job& job) {
  job.begin("scan");
  NonFinite all;
  std::uint64_t values = 0;
  const auto total = static_cast<double>(result["tensor_bytes"].get<std::uint64_t>());
  std::uint64_t done = 0;
  Json damaged = Json::array();
  for (const Checkpoint::Located& tensor : checkpoint.tensors()) {
    SALIENT_CHECK(job.check());
    const std::string name = escape_for_message(tensor.info->name);
    SALIENT_ASSIGN(const NonFinite found, checkpoint.scan_non_finite(tensor.info->name));
    if (convertible_to_f32(tensor.info->dtype)) values += static_cast<std::uint64_t>(tensor.info->elements());
    if (found.count() > 0) {
      damaged.push_back({{"name", name}, {"nan", found.nan}, {"inf", found.inf}, {"first", found.first}});
      result["notes"].push_back(non_finite_error(tensor.shard->path(), tensor.info->name, found).to_string());
    }
    all.nan += found.nan;
    all.inf += found.inf;
    done += tensor.info->bytes();
    job.report(static_cast<double>(done), total, name);
  }
  result["scan"] = Json{{"values", values}, {"nan", all.nan}, {"inf", all.inf}, {"tensors", std::move(damaged)}};
  return {};
}

/// What the whole job with default settings would take; a note where it would be refused.
Status add_estimate(const Checkpoint& checkpoint, Backend& backend, Json& result) {
  const Recipe recipe;
  const PreflightPlan plan{.search = true, .quantize = true, .evaluation_tokens = 0};
  const auto estimate = preflight(checkpoint, recipe, plan, checkpoint.directory(), backend);
  if (estimate) {
    result["estimate"] = preflight_json(*estimate);
  } else if (estimate.error().code == ErrorCode::memory || estimate.error().code == ErrorCode::disk_full) {
    result["notes"].push_back(estimate.error().to_string());
  } else {
    return estimate.error();
  }
  return {};
}

}  // namespace

Result<Json> inspect(const Json& request, OperationContext& context, Job& job) {
  RequestReader read(request);
  const auto directory = read.path("model");
  const bool scanning = read.boolean_or("scan", false);
  const BackendRequest where = read.backend();
  SALIENT_CHECK(read.finish());

  const bool packed = is_packed_model(directory);
  std::optional<PackedModel> model;
  std::shared_ptr<const Checkpoint> opened;
  if (packed) {
    SALIENT_ASSIGN(model, PackedModel::open(directory));
  } else {
    SALIENT_ASSIGN(auto source, Checkpoint::open(directory));
    opened = std::make_shared<const Checkpoint>(std::move(source));
  }
  const Checkpoint& checkpoint = packed ? model->checkpoint() : *opened;
  const ModelConfig& config = checkpoint.config();
  const BitMap map = packed ? model->bit_map() : all_linears(config);

  std::uint64_t bytes = 0;
  Json result = result_header("inspect");
  result["model"] = escape_for_message(directory.string(), 4096);
  result["format"] = packed ? "packed" : "checkpoint";
  result["architecture"] = architecture_name(config.architecture);
  result["config"] = config_json(config);
  result["tensors"] = tensors_json(checkpoint, bytes);
  result["shards"] = checkpoint.shards().size();
  const SizeReport size = bit_map_size(map, packed ? model->group() : Recipe{}.quant.group);
  // A packed model's own tensors are codes and scales; its parameters are those of the model it stands for.
  std::uint64_t parameters = 0;
  for (const RequiredTensor& tensor : required_tensors(config)) {
    std::uint64_t elements = 1;
    for (const std::int64_t dimension : tensor.shape)
      elements *= static_cast<std::uint64_t>(dimension);
    parameters += elements;
  }
  result["parameters"] = packed ? parameters : checkpoint.parameters();
  result["tensor_bytes"] = bytes;
  result["features"] = map.features();
  result["linear_weights"] = size.weights;
  if (packed) {
    result.update(allocation_json(map, size));
    result["group"] = model->group();
    result["recipe"] = model->recipe();
  } else {
    result["linears"] = shapes_json(map);
  }
  result["notes"] = Json::array();
  for (const std::string& note : checkpoint.notes())
    result["notes"].push_back(note);
  const auto tokenizer = Tokenizer::load(directory, config.vocab_size);
  if (tokenizer) {
    result["tokenizer"] = Json{{"family", (*tokenizer)->family()}, {"vocab_size", (*tokenizer)->vocab_size()}};
  } else {
    result["notes"].push_back("no tokenizer: " + tokenizer.error().to_string());
  }
  if (!packed) {
    SALIENT_ASSIGN(Backend * backend, context.backend(where));
    SALIENT_CHECK(add_estimate(checkpoint, *backend, result));
  }
  if (scanning) SALIENT_CHECK(scan(checkpoint, result, job));
  return result;
}

}  // namespace salient::operations
