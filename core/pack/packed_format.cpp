// SPDX-License-Identifier: Apache-2.0
#include "core/pack/packed_format.h"

#include <fmt/format.h>

#include "core/pack/packed_model.h"

namespace salient {
namespace {

constexpr const char* kQuantMethod = "mixllm";
constexpr std::array<const char*, 6> kPartNames{"qweight4", "scales4", "zeros4", "qweight8", "scales8", "rows8"};

template <class Matrix, class Visit>
auto visit_part(Matrix& matrix, PackedPart part, Visit visit) {
  switch (part) {
    case PackedPart::qweight4: return visit(matrix.codes4);
    case PackedPart::scales4: return visit(matrix.scales4);
    case PackedPart::zeros4: return visit(matrix.zeros4);
    case PackedPart::qweight8: return visit(matrix.codes8);
    case PackedPart::scales8: return visit(matrix.scales8);
    case PackedPart::rows8: break;
  }
  return visit(matrix.rows8);
}

PackedTensor packed_tensor(LinearId id, LinearShape shape, std::int64_t rows8, std::int64_t group, PackedPart part) {
  const std::int64_t rows4 = shape.rows - rows8;
  const std::int64_t groups = group_count(shape.cols, group);
  const std::string name = packed_tensor_name(id, part);
  switch (part) {
    case PackedPart::qweight4: return {part, name, DType::u8, {rows4, nibble_bytes(shape.cols)}};
    case PackedPart::scales4: return {part, name, DType::f16, {rows4, groups}};
    case PackedPart::zeros4: return {part, name, DType::u8, {rows4, nibble_bytes(groups)}};
    case PackedPart::qweight8: return {part, name, DType::i8, {rows8, shape.cols}};
    case PackedPart::scales8: return {part, name, DType::f16, {rows8, groups}};
    case PackedPart::rows8: break;
  }
  return {part, name, DType::i32, {rows8}};
}

}  // namespace

std::string packed_tensor_name(LinearId id, PackedPart part) {
  return linear_name(id) + "." + kPartNames[static_cast<std::size_t>(part)];
}

std::vector<PackedTensor> packed_tensors(LinearId id, LinearShape shape, std::int64_t rows8, std::int64_t group) {
  std::vector<PackedTensor> tensors;
  for (const PackedPart part : kPackedParts) {
    PackedTensor tensor = packed_tensor(id, shape, rows8, group, part);
    if (tensor.shape[0] > 0) tensors.push_back(std::move(tensor));
  }
  return tensors;
}

std::span<const std::byte> part_bytes(const QuantizedMatrix& matrix, PackedPart part) {
  return visit_part(matrix, part, [](const auto& values) { return std::as_bytes(std::span(values)); });
}

std::span<std::byte> resize_part(QuantizedMatrix& matrix, PackedPart part, std::int64_t rows8) {
  const PackedTensor tensor = packed_tensor({}, {matrix.rows, matrix.cols}, rows8, matrix.group, part);
  std::size_t elements = 1;
  for (const std::int64_t n : tensor.shape)
    elements *= static_cast<std::size_t>(n);
  return visit_part(matrix, part, [elements](auto& values) {
    values.resize(elements);
    return std::as_writable_bytes(std::span(values));
  });
}

Json quantization_config_json(const QuantizationConfig& config) {
  Json json{{"quant_method", kQuantMethod},
            {"format_version", kPackedFormatVersion},
            {"group_size", config.group},
            {"bits", {{"low", 4}, {"high", 8}, {"activations", 8}}},
            {"recipe", config.recipe}};
  if (config.uniform_bits != 0) json["bits"]["uniform"] = config.uniform_bits;
  return json;
}

Result<QuantizationConfig> read_quantization_config(const Json& config, const std::string& file) {
  const auto found = config.find("quantization_config");
  if (found == config.end() || !found->is_object()) {
    return Error{ErrorCode::unsupported,
                 file,
                 "quantization_config",
                 fmt::format("an object with quant_method \"{}\"", kQuantMethod),
                 found == config.end() ? "no such key" : "something else",
                 "give a model that was packed by this program"};
  }
  SALIENT_ASSIGN(const std::string method, json_string(*found, "quant_method", file));
  if (method != kQuantMethod) {
    return Error{ErrorCode::unsupported,
                 file,
                 "quantization_config.quant_method",
                 fmt::format("\"{}\"", kQuantMethod),
                 fmt::format("\"{}\"", escape_for_message(method)),
                 "start from the 16-bit model"};
  }
  SALIENT_ASSIGN(const std::int64_t version, json_integer(*found, "format_version", file));
  if (version != kPackedFormatVersion) {
    return Error{ErrorCode::unsupported,
                 file,
                 "quantization_config.format_version",
                 std::to_string(kPackedFormatVersion),
                 std::to_string(version),
                 version > kPackedFormatVersion ? "use a newer version of this program" : "quantize the model again"};
  }
  QuantizationConfig result;
  SALIENT_ASSIGN(result.group, json_integer(*found, "group_size", file));
  if (result.group != 32 && result.group != 64 && result.group != 128) {
    return Error{ErrorCode::range,
                 file,
                 "quantization_config.group_size",
                 "32, 64 or 128",
                 std::to_string(result.group),
                 "the file is damaged; quantize the model again"};
  }
  if (const auto bits = found->find("bits"); bits != found->end() && bits->is_object() && bits->contains("uniform")) {
    SALIENT_ASSIGN(const std::int64_t uniform, json_integer(*bits, "uniform", file));
    if (uniform < 2 || uniform > 8) {
      return Error{ErrorCode::range,
                   file,
                   "quantization_config.bits.uniform",
                   "2 to 8",
                   std::to_string(uniform),
                   "the file is damaged; quantize the model again"};
    }
    result.uniform_bits = static_cast<std::int32_t>(uniform);
  }
  if (const auto recipe = found->find("recipe"); recipe != found->end()) result.recipe = *recipe;
  return result;
}

Error pack_error(const std::filesystem::path& file, const std::string& key, std::string expected, std::string found) {
  return {ErrorCode::mismatch,     escape_for_message(file.string()),
          escape_for_message(key), std::move(expected),
          std::move(found),        "the packed model is damaged; export it again or get another copy"};
}

}  // namespace salient
