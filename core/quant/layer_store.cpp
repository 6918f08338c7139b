// SPDX-License-Identifier: Apache-2.0
#include "core/quant/layer_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <system_error>

#include "core/base/file.h"
#include "core/base/file_errors.h"
#include "core/base/hash.h"
#include "core/base/json.h"
#include "core/checkpoint/safetensors.h"

namespace salient {
namespace {

constexpr const char* kFormat = "salient.layer/1";
constexpr std::int64_t kLargestDimension = std::int64_t{1} << 31;
constexpr const char* kAdvice = "remove the file to have the layer quantized again";

/// Calls visit(name, dtype, rows, cols, vector) for each vector of a matrix; the shapes follow from rows, cols,
/// group and rows8, whose own size comes first.
template <class Matrix, class Visit>
Status visit_vectors(const std::string& prefix, Matrix& matrix, std::int64_t count8, Visit visit) {
  const std::int64_t count4 = matrix.rows - count8;
  const std::int64_t groups = matrix.groups();
  SALIENT_CHECK(visit(prefix + ".rows8", DType::u32, count8, std::int64_t{1}, matrix.rows8));
  SALIENT_CHECK(visit(prefix + ".codes4", DType::u8, count4, nibble_bytes(matrix.cols), matrix.codes4));
  SALIENT_CHECK(visit(prefix + ".scales4", DType::f16, count4, groups, matrix.scales4));
  SALIENT_CHECK(visit(prefix + ".zeros4", DType::u8, count4, nibble_bytes(groups), matrix.zeros4));
  SALIENT_CHECK(visit(prefix + ".codes8", DType::i8, count8, matrix.cols, matrix.codes8));
  return visit(prefix + ".scales8", DType::f16, count8, groups, matrix.scales8);
}

Json statistics(const QuantizedLinear& linear) {
  return {{"rows", linear.matrix.rows},          {"cols", linear.matrix.cols},
          {"group", linear.matrix.group},        {"rows8", linear.matrix.count8()},
          {"output_error", linear.output_error}, {"clipped_groups", linear.clipped_groups},
          {"dead_inputs", linear.dead_inputs},   {"damping_used", linear.damping_used},
          {"fallback", linear.fallback}};
}

Result<QuantizedLinear> linear_from_statistics(const Json& json, const std::string& file, std::int64_t& count8) {
  QuantizedLinear linear;
  SALIENT_ASSIGN(linear.matrix.rows, json_integer(json, "rows", file));
  SALIENT_ASSIGN(linear.matrix.cols, json_integer(json, "cols", file));
  SALIENT_ASSIGN(linear.matrix.group, json_integer(json, "group", file));
  SALIENT_ASSIGN(count8, json_integer(json, "rows8", file));
  SALIENT_ASSIGN(linear.output_error, json_number(json, "output_error", file));
  SALIENT_ASSIGN(linear.clipped_groups, json_number(json, "clipped_groups", file));
  SALIENT_ASSIGN(linear.dead_inputs, json_integer(json, "dead_inputs", file));
  SALIENT_ASSIGN(linear.damping_used, json_number(json, "damping_used", file));
  SALIENT_ASSIGN(linear.fallback, json_string(json, "fallback", file));
  const auto sensible = [](std::int64_t size) { return size > 0 && size <= kLargestDimension; };
  const bool shaped = sensible(linear.matrix.rows) && sensible(linear.matrix.cols) && sensible(linear.matrix.group) &&
                      count8 >= 0 && count8 <= linear.matrix.rows;
  if (!shaped) {
    return Error{ErrorCode::format, file, "rows, cols, group, rows8", "the shape of a linear", json.dump(), kAdvice};
  }
  return linear;
}

std::string kind_name(std::size_t kind) {
  return std::string(linear_kind_name(kLinearKinds[kind]));
}

Result<std::string> metadata_value(const SafetensorsFile& file, const std::string& key) {
  const auto found = file.metadata().find(key);
  if (found != file.metadata().end()) return found->second;
  return Error{ErrorCode::format, file.path().string(), "__metadata__." + key, "present", "missing", kAdvice};
}

Status expect_metadata(const SafetensorsFile& file, const std::string& key, const std::string& expected, ErrorCode code,
                       const std::string& advice) {
  SALIENT_ASSIGN(const std::string found, metadata_value(file, key));
  if (found == expected) return {};
  return Error{code, file.path().string(), "__metadata__." + key, expected, escape_for_message(found), advice};
}

/// A file of this format that belongs to this job and this layer.
Result<SafetensorsFile> open_layer(const std::filesystem::path& path, const std::string& fingerprint,
                                   std::int64_t index) {
  SALIENT_ASSIGN(SafetensorsFile file, SafetensorsFile::open(path));
  SALIENT_CHECK(expect_metadata(file, "format", kFormat, ErrorCode::unsupported, kAdvice));
  SALIENT_CHECK(expect_metadata(file, "fingerprint", fingerprint, ErrorCode::mismatch,
                                "it was left by a job with another model, text, recipe or program version: finish "
                                "that one, or remove its directory"));
  SALIENT_CHECK(expect_metadata(file, "layer", std::to_string(index), ErrorCode::mismatch, kAdvice));
  return file;
}

}  // namespace

Result<DirectoryLayerStore> DirectoryLayerStore::open(std::filesystem::path directory, std::string fingerprint) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) {
    return Error{ErrorCode::io,
                 directory.string(),
                 "",
                 "a directory to keep finished layers in",
                 system_message(error.value()),
                 "choose another place"};
  }
  DirectoryLayerStore store(std::move(directory), std::move(fingerprint));
  while (is_there(store.layer_path(store.done_))) {
    SALIENT_CHECK(open_layer(store.layer_path(store.done_), store.fingerprint_, store.done_));
    ++store.done_;
  }
  return store;
}

std::filesystem::path DirectoryLayerStore::layer_path(std::int64_t index) const {
  return directory_ / fmt::format("layer-{:05}.safetensors", index);
}

Status DirectoryLayerStore::save(const QuantizedLayer& layer) {
  // Writing would make it anew, without the layers it held.
  std::error_code error;
  if (!std::filesystem::is_directory(directory_, error)) {
    return Error{ErrorCode::not_found,
                 escape_for_message(directory_.string()),
                 "",
                 "the directory of the finished layers",
                 "none",
                 "it was removed meanwhile; ask for the same again"};
  }
  SafetensorsWriter writer(layer_path(layer.index));
  Sha256 hash;
  Json linears = Json::object();
  for (std::size_t kind = 0; kind < layer.linears.size(); ++kind) {
    const QuantizedLinear& linear = layer.linears[kind];
    linears[kind_name(kind)] = statistics(linear);
    const auto add = [&](const std::string& name, DType dtype, std::int64_t rows, std::int64_t cols,
                         const auto& values) -> Status {
      const auto bytes = std::as_bytes(std::span(values));
      writer.add(name, dtype, {rows, cols}, bytes);
      hash.update(bytes);
      return {};
    };
    SALIENT_CHECK(visit_vectors(kind_name(kind), linear.matrix, linear.matrix.count8(), add));
  }
  const std::string text = linears.dump();
  hash.update(text);
  writer.metadata("format", kFormat);
  writer.metadata("fingerprint", fingerprint_);
  writer.metadata("layer", std::to_string(layer.index));
  writer.metadata("linears", text);
  writer.metadata("sha256", hash.finish());
  SALIENT_CHECK(writer.write());
  done_ = std::max(done_, layer.index + 1);
  return {};
}

Result<QuantizedLayer> DirectoryLayerStore::load(std::int64_t index) {
  const std::filesystem::path path = layer_path(index);
  SALIENT_ASSIGN(const SafetensorsFile file, open_layer(path, fingerprint_, index));
  SALIENT_ASSIGN(const std::string text, metadata_value(file, "linears"));
  SALIENT_ASSIGN(const Json linears, parse_json(text, path.string()));
  Sha256 hash;
  QuantizedLayer layer;
  layer.index = index;
  for (std::size_t kind = 0; kind < layer.linears.size(); ++kind) {
    const auto found = linears.find(kind_name(kind));
    if (found == linears.end() || !found->is_object()) {
      return Error{
          ErrorCode::format, path.string(), "__metadata__.linears", "an entry for " + kind_name(kind), "none", kAdvice};
    }
    std::int64_t count8 = 0;
    SALIENT_ASSIGN(layer.linears[kind], linear_from_statistics(*found, path.string(), count8));
    const auto read = [&](const std::string& name, DType dtype, std::int64_t rows, std::int64_t cols,
                          auto& values) -> Status {
      const TensorInfo* tensor = file.find(name);
      if (tensor == nullptr || tensor->dtype != dtype || tensor->shape != std::vector<std::int64_t>{rows, cols}) {
        return Error{ErrorCode::format,
                     path.string(),
                     name,
                     fmt::format("{} × {} {}", rows, cols, dtype_name(dtype)),
                     tensor == nullptr ? "no such tensor" : "another type or shape",
                     kAdvice};
      }
      values.resize(static_cast<std::size_t>(rows * cols));
      const auto bytes = std::as_writable_bytes(std::span(values));
      SALIENT_CHECK(file.read(*tensor, 0, bytes));
      hash.update(bytes);
      return {};
    };
    SALIENT_CHECK(visit_vectors(kind_name(kind), layer.linears[kind].matrix, count8, read));
  }
  hash.update(text);
  SALIENT_CHECK(expect_metadata(file, "sha256", hash.finish(), ErrorCode::format, kAdvice));
  return layer;
}

}  // namespace salient
