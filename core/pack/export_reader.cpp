// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/base/file.h"
#include "core/pack/compressed_tensors.h"
#include "core/pack/export_values.h"
#include "core/pack/manifest.h"

namespace salient {
namespace {

namespace fs = std::filesystem;

/// "export" of manifest.json; null where there is none.
Result<Json> read_origin(const fs::path& directory) {
  const fs::path path = directory / kManifestName;
  const std::string file = escape_for_message(path.string());
  SALIENT_ASSIGN(const std::string text, read_manifest_text(directory));
  SALIENT_ASSIGN(const Json json, parse_json(text, file));
  if (!json.is_object()) return Json(nullptr);
  const auto origin = json.find("export");
  return origin != json.end() && origin->is_object() ? *origin : Json(nullptr);
}

Error export_error(const fs::path& file, const std::string& key, std::string expected, std::string found) {
  return {ErrorCode::mismatch, escape_for_message(file.string()), escape_for_message(key), std::move(expected),
          std::move(found),    "export the model again"};
}

/// All of a tensor that must have this dtype and shape.
template <class T>
Result<std::vector<T>> read_tensor(const Checkpoint& checkpoint, const std::string& name, DType dtype,
                                   const std::vector<std::int64_t>& shape) {
  SALIENT_ASSIGN(const Checkpoint::Located located, checkpoint.find(name));
  if (located.info->dtype != dtype || located.info->shape != shape) {
    return export_error(located.shard->path(), name, fmt::format("{} [{}]", dtype_name(dtype), fmt::join(shape, ", ")),
                        fmt::format("{} [{}]", dtype_name(located.info->dtype), fmt::join(located.info->shape, ", ")));
  }
  std::vector<T> values(static_cast<std::size_t>(located.info->elements()));
  SALIENT_CHECK(located.shard->read(*located.info, 0, std::as_writable_bytes(std::span(values))));
  return values;
}

/// As the export's floats hold it.
float rounded(float value, DType dtype) {
  if (dtype == DType::f16) return f16_to_f32(f32_to_f16(value));
  return dtype == DType::bf16 ? bf16_to_f32(f32_to_bf16(value)) : value;
}

Result<std::vector<float>> read_floats(const Checkpoint::Located& located) {
  std::vector<std::byte> raw(located.info->bytes());
  SALIENT_CHECK(located.shard->read(*located.info, 0, raw));
  std::vector<float> values(static_cast<std::size_t>(located.info->elements()));
  convert_to_f32(located.info->dtype, raw.data(), values);
  return values;
}

Status compare_copies(const ExportedModel& model, const PackedModel& packed, ExportComparison& result, Job& job) {
  const DType dtype = export_dtype(model.format());
  for (const Checkpoint::Located& theirs : packed.checkpoint().tensors()) {
    const std::string& name = theirs.info->name;
    if (theirs.info->dtype != DType::f32 && theirs.info->dtype != DType::f16 && theirs.info->dtype != DType::bf16) {
      continue;
    }
    if (name.ends_with(".scales4") || name.ends_with(".scales8")) continue;
    SALIENT_CHECK(job.check());
    SALIENT_ASSIGN(const Checkpoint::Located ours, model.checkpoint().find(name));
    if (ours.info->dtype != dtype || ours.info->shape != theirs.info->shape) {
      return export_error(ours.shard->path(), name, "the packed model's shape in the export's dtype", "another");
    }
    SALIENT_ASSIGN(const std::vector<float> expected, read_floats(theirs));
    SALIENT_ASSIGN(const std::vector<float> found, read_floats(ours));
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (found[i] == rounded(expected[i], dtype)) continue;
      return export_error(ours.shard->path(), name, fmt::format("{} at index {}", rounded(expected[i], dtype), i),
                          fmt::format("{}", found[i]));
    }
    ++result.copied_tensors;
  }
  return {};
}

/// ‖export − packed‖/‖packed‖ of one linear; every weight must be the packed one, rounded.
Result<double> compare_linear(const ExportedModel& model, const PackedModel& packed, LinearId id) {
  SALIENT_ASSIGN(const QuantizedMatrix matrix, packed.linear(id));
  std::vector<float> expected(static_cast<std::size_t>(matrix.rows * matrix.cols));
  matrix.dequantize(expected);
  std::vector<float> found(expected.size());
  SALIENT_CHECK(model.weight(id, found));
  const bool integers = model.format() == ExportFormat::compressed_tensors;
  const DType dtype = integers ? DType::f32 : export_dtype(model.format());
  double error = 0;
  double norm = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i] != rounded(expected[i], dtype)) {
      return export_error(model.checkpoint().directory(), linear_name(id),
                          fmt::format("{} at index {}", rounded(expected[i], dtype), i), fmt::format("{}", found[i]));
    }
    const double difference = static_cast<double>(found[i]) - expected[i];
    error += difference * difference;
    norm += static_cast<double>(expected[i]) * expected[i];
  }
  return norm > 0 ? std::sqrt(error / norm) : std::sqrt(error);
}

}  // namespace

bool is_export(const fs::path& directory) {
  std::error_code ignored;
  if (!fs::exists(directory / kManifestName, ignored)) return false;
  const auto origin = read_origin(directory);
  return origin && origin->is_object();
}

Result<ExportedModel> ExportedModel::open(const fs::path& directory, const CancelToken* cancel) {
  ExportedModel model;
  SALIENT_ASSIGN(const Json origin, read_origin(directory));
  const std::string file = escape_for_message((directory / kManifestName).string());
  if (!origin.is_object()) {
    return Error{ErrorCode::unsupported,      file,          "export",
                 "an export of this program", "no such key", "name a directory that salient export wrote"};
  }
  SALIENT_ASSIGN(const std::string name, json_string(origin, "format", file));
  SALIENT_ASSIGN(model.format_, export_format_from_name(name));
  SALIENT_ASSIGN(model.group_, json_integer(origin, "group_size", file));
  if (model.group_ < 1) return export_error(directory / kManifestName, "export.group_size", "at least 1", "less");
  SALIENT_ASSIGN(model.manifest_, read_manifest(directory));
  SALIENT_ASSIGN(Checkpoint opened, model.format_ == ExportFormat::compressed_tensors
                                        ? Checkpoint::open_raw(directory, cancel)
                                        : Checkpoint::open(directory, cancel));
  model.checkpoint_ = std::make_shared<const Checkpoint>(std::move(opened));
  return model;
}

Status ExportedModel::weight(LinearId id, std::span<float> out) const {
  const LinearShape shape = linear_shape(checkpoint_->config(), id.kind);
  if (format_ == ExportFormat::compressed_tensors) return compressed_weight(id, shape, out);
  return checkpoint_->read_f32(linear_name(id) + ".weight", 0, out);
}

Status ExportedModel::compressed_weight(LinearId id, LinearShape shape, std::span<float> out) const {
  const std::string name = linear_name(id);
  if (shape.cols % group_ != 0 || shape.cols % 8 != 0) {
    return export_error(checkpoint_->directory(), name, fmt::format("a multiple of {} columns", group_),
                        std::to_string(shape.cols));
  }
  const int bits = checkpoint_->contains(name + ".weight_zero_point") ? 4 : 8;
  const std::int64_t groups = shape.cols / group_;
  compressed_tensors::Linear linear;
  SALIENT_ASSIGN(linear.packed, read_tensor<std::int32_t>(*checkpoint_, name + ".weight_packed", DType::i32,
                                                          {shape.rows, shape.cols * bits / 32}));
  SALIENT_ASSIGN(linear.scales,
                 read_tensor<std::uint16_t>(*checkpoint_, name + ".weight_scale", DType::f16, {shape.rows, groups}));
  SALIENT_ASSIGN(const auto stored, read_tensor<std::int64_t>(*checkpoint_, name + ".weight_shape", DType::i64, {2}));
  if (stored != std::vector<std::int64_t>{shape.rows, shape.cols}) {
    return export_error(checkpoint_->directory(), name + ".weight_shape",
                        fmt::format("{} x {}", shape.rows, shape.cols), fmt::format("{} x {}", stored[0], stored[1]));
  }
  if (bits == 4) {
    SALIENT_ASSIGN(linear.zeros, read_tensor<std::int32_t>(*checkpoint_, name + ".weight_zero_point", DType::i32,
                                                           {(shape.rows + 7) / 8, groups}));
  }
  compressed_tensors::decode(linear, shape, bits, group_, out);
  return {};
}

Result<ExportComparison> compare_export(const ExportedModel& model, const PackedModel& packed, Job& job) {
  job.begin("compare");
  ExportComparison result;
  const auto bytes = static_cast<double>(manifest_bytes(model.manifest()));
  SALIENT_CHECK(verify_files(model.checkpoint().directory(), model.manifest(), 2 * bytes, job));
  result.files = static_cast<std::int64_t>(model.manifest().files.size());
  if (model.checkpoint().config().layers != packed.config().layers) {
    return export_error(model.checkpoint().directory(), "num_hidden_layers", std::to_string(packed.config().layers),
                        std::to_string(model.checkpoint().config().layers));
  }
  SALIENT_CHECK(compare_copies(model, packed, result, job));
  const auto linears = static_cast<double>(packed.bit_map().linears.size());
  for (const LinearBits& bits : packed.bit_map().linears) {
    SALIENT_CHECK(job.check());
    SALIENT_ASSIGN(const double error, compare_linear(model, packed, bits.id));
    result.rounding_error = std::max(result.rounding_error, error);
    ++result.linears;
    job.report(bytes * (1 + static_cast<double>(result.linears) / linears), 2 * bytes, linear_name(bits.id));
  }
  return result;
}

Result<std::shared_ptr<const GlobalWeights>> FloatWeights::global() {
  if (!global_) {
    SALIENT_ASSIGN(global_, upload_global(rest_, backend_));
  }
  return global_;
}

Result<std::shared_ptr<const LayerWeights>> FloatWeights::layer(std::int64_t index) {
  SALIENT_ASSIGN(LayerWeights layer, upload_norms_and_biases(rest_, index, backend_));
  for (const LinearKind kind : kLinearKinds) {
    const LinearShape shape = linear_shape(config(), kind);
    std::vector<float> weight(static_cast<std::size_t>(shape.rows * shape.cols));
    SALIENT_CHECK(reader_({static_cast<std::int32_t>(index), kind}, weight));
    Tensor& tensor = layer.at(kind).weight;
    SALIENT_ASSIGN(tensor, backend_.allocate(DType::f32, shape.rows, shape.cols));
    SALIENT_CHECK(backend_.upload(weight.data(), tensor));
  }
  return std::make_shared<const LayerWeights>(std::move(layer));
}

}  // namespace salient
