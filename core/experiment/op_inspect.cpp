// SPDX-License-Identifier: Apache-2.0
// inspect: what a model directory holds, and on request whether its weights are finite numbers.
#include <fmt/format.h>

#include <cmath>
#include <memory>

#include "core/experiment/operations_detail.h"
#include "core/experiment/preflight.h"
#include "core/pack/packed_model.h"
#include "core/text/tokenizer.h"

namespace salient::operations {
namespace {

constexpr std::int64_t kScanValues = std::int64_t{1} << 20;  // 4 MiB at a time

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

bool is_float(DType dtype) {
  return dtype == DType::f32 || dtype == DType::f16 || dtype == DType::bf16;
}

struct ScanCounts {
  std::int64_t nan = 0;
  std::int64_t inf = 0;
  std::int64_t first = -1;  ///< index of the first value that is not finite
};

Status scan_tensor(const Checkpoint::Located& tensor, ScanCounts& counts, std::uint64_t& done, std::uint64_t total,
                   Job& job) {
  const std::int64_t elements = tensor.info->elements();
  const auto width = static_cast<std::int64_t>(dtype_bits(tensor.info->dtype)) / 8;
  std::vector<std::byte> raw(static_cast<std::size_t>(std::min(elements, kScanValues) * width));
  std::vector<float> values(raw.size() / static_cast<std::size_t>(width));
  for (std::int64_t begin = 0; begin < elements; begin += kScanValues) {
    SALIENT_CHECK(job.check());
    const auto many = static_cast<std::size_t>(std::min(kScanValues, elements - begin));
    const auto part = std::span(raw).first(many * static_cast<std::size_t>(width));
    SALIENT_CHECK(tensor.shard->read(*tensor.info, static_cast<std::uint64_t>(begin * width), part));
    convert_to_f32(tensor.info->dtype, part.data(), std::span(values).first(many));
    for (std::size_t i = 0; i < many; ++i) {
      if (std::isfinite(values[i])) continue;
      ++(std::isnan(values[i]) ? counts.nan : counts.inf);
      if (counts.first < 0) counts.first = begin + static_cast<std::int64_t>(i);
    }
    done += part.size();
    job.report(static_cast<double>(done), static_cast<double>(total), escape_for_message(tensor.info->name, 60));
  }
  return {};
}

Result<Json> scan(const Checkpoint& checkpoint, Job& job) {
  std::vector<Checkpoint::Located> tensors;
  std::uint64_t total = 0;
  for (const auto& tensor : checkpoint.tensors()) {
    if (!is_float(tensor.info->dtype)) continue;
    tensors.push_back(tensor);
    total += tensor.info->bytes();
  }
  job.begin("scan");
  Json result{{"values", 0}, {"nan", 0}, {"inf", 0}, {"tensors", Json::array()}};
  std::uint64_t done = 0;
  std::int64_t values = 0;
  std::int64_t nan = 0;
  std::int64_t inf = 0;
  for (const auto& tensor : tensors) {
    ScanCounts counts;
    SALIENT_CHECK(scan_tensor(tensor, counts, done, total, job));
    values += tensor.info->elements();
    nan += counts.nan;
    inf += counts.inf;
    if (counts.first < 0) continue;
    result["tensors"].push_back(Json{{"name", escape_for_message(tensor.info->name)},
                                     {"nan", counts.nan},
                                     {"inf", counts.inf},
                                     {"first", counts.first}});
  }
  result["values"] = values;
  result["nan"] = nan;
  result["inf"] = inf;
  return result;
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
  if (scanning) {
    SALIENT_ASSIGN(result["scan"], scan(checkpoint, job));
  }
  return result;
}

}  // namespace salient::operations
