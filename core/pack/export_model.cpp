// SPDX-License-Identifier: Apache-2.0
#include "core/pack/export_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_set>

#include "core/base/file.h"
#include "core/pack/compressed_tensors.h"
#include "core/pack/export_values.h"
#include "core/pack/model_directory.h"

namespace salient {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kPieceBytes = std::uint64_t{4} << 20;
constexpr std::size_t kPieceValues = std::size_t{1} << 20;

constexpr std::array<ExportFormatInfo, 5> kFormats{{
    {ExportFormat::mixllm, "mixllm", "Packed MixLLM directory", "the packed model itself, byte for byte", "nothing",
     "Salient (this program, command line and studio)"},
    {ExportFormat::compressed_tensors, "compressed-tensors", "compressed-tensors, pack-quantized",
     "exact: the same integers and scales",
     "size wherever a linear mixes widths: all its rows then take 8 bit (q/k/v and gate/up go together); the 8-bit "
     "rounding of activations",
     "Hugging Face transformers with the compressed-tensors package and CompressedTensorsConfig(dequantize=True) "
     "(tested); made for vLLM too (not tested here)"},
    {ExportFormat::fp16, "fp16", "Hugging Face checkpoint, float16", "rounded to 11 significant bits",
     "the size: 16 bit a weight; the 8-bit rounding of activations",
     "whatever loads Hugging Face checkpoints of this architecture (transformers tested), and this program"},
    {ExportFormat::bf16, "bf16", "Hugging Face checkpoint, bfloat16", "rounded to 8 significant bits",
     "the size: 16 bit a weight; some exactness, which float16 keeps; the 8-bit rounding of activations",
     "whatever loads Hugging Face checkpoints of this architecture (transformers tested), and this program"},
    {ExportFormat::fp32, "fp32", "Hugging Face checkpoint, float32", "exact",
     "the size: 32 bit a weight; the 8-bit rounding of activations",
     "whatever loads Hugging Face checkpoints of this architecture (transformers tested), and this program"},
}};

std::unordered_set<std::string> linear_tensors(const PackedModel& model) {
  std::unordered_set<std::string> names;
  for (const LinearBits& bits : model.bit_map().linears) {
    for (const PackedPart part : kPackedParts)
      names.insert(packed_tensor_name(bits.id, part));
  }
  return names;
}

/// A tensor that is not quantized, in the export's dtype.
Status send_converted(const Checkpoint::Located& located, DType dtype, const ByteSink& sink) {
  const TensorInfo& info = *located.info;
  const auto width = static_cast<std::uint64_t>(dtype_bits(info.dtype) / 8);
  std::vector<std::byte> raw;
  std::vector<float> values;
  const auto count = static_cast<std::uint64_t>(info.elements());
  for (std::uint64_t first = 0; first < count; first += values.size()) {
    values.resize(std::min<std::uint64_t>(kPieceValues, count - first));
    raw.resize(values.size() * width);
    SALIENT_CHECK(located.shard->read(info, first * width, raw));
    convert_to_f32(info.dtype, raw.data(), values);
    SALIENT_CHECK(send_values(values, dtype, located.shard->path(), info.name, sink));
  }
  return {};
}

Status send_dequantized(const PackedModel& model, LinearId id, DType dtype, const ByteSink& sink) {
  SALIENT_ASSIGN(const QuantizedMatrix matrix, model.linear(id));
  std::vector<float> weight(static_cast<std::size_t>(matrix.rows * matrix.cols));
  matrix.dequantize(weight);
  for (std::size_t first = 0; first < weight.size(); first += kPieceValues) {
    const std::size_t many = std::min(kPieceValues, weight.size() - first);
    SALIENT_CHECK(send_values(std::span(weight).subspan(first, many), dtype, model.checkpoint().directory(),
                              linear_name(id), sink));
  }
  return {};
}

/// One linear encoded: its parts are written one after the other, in an order the writer chooses.
class EncodedLinears {
 public:
  explicit EncodedLinears(const PackedModel& model) : model_(model) {}

  Result<const compressed_tensors::Linear*> get(const compressed_tensors::LinearScheme& scheme) {
    if (!kept_ || *kept_ != scheme.id) {
      kept_.reset();
      SALIENT_ASSIGN(const QuantizedMatrix matrix, model_.linear(scheme.id));
      linear_ = compressed_tensors::encode(matrix, scheme.bits);
      kept_ = scheme.id;
    }
    return &linear_;
  }

 private:
  const PackedModel& model_;
  std::optional<LinearId> kept_;
  compressed_tensors::Linear linear_;
};

void add_encoded(const compressed_tensors::LinearScheme& scheme, std::int64_t group, EncodedLinears& linears,
                 ModelDirectoryWriter& writer) {
  const auto [rows, cols] = scheme.shape;
  const std::string name = linear_name(scheme.id);
  writer.add(name + ".weight_packed", DType::i32, {rows, cols * scheme.bits / 32},
             [&linears, scheme](const ByteSink& sink) -> Status {
               SALIENT_ASSIGN(const compressed_tensors::Linear* linear, linears.get(scheme));
               return sink(std::as_bytes(std::span(linear->packed)));
             });
  writer.add(name + ".weight_scale", DType::f16, {rows, cols / group},
             [&linears, scheme](const ByteSink& sink) -> Status {
               SALIENT_ASSIGN(const compressed_tensors::Linear* linear, linears.get(scheme));
               return sink(std::as_bytes(std::span(linear->scales)));
             });
  writer.add(name + ".weight_shape", DType::i64, {2}, [scheme](const ByteSink& sink) {
    const std::array<std::int64_t, 2> shape{scheme.shape.rows, scheme.shape.cols};
    return sink(std::as_bytes(std::span(shape)));
  });
  if (scheme.bits == 8) return;
  writer.add(name + ".weight_zero_point", DType::i32, {(rows + 7) / 8, cols / group},
             [&linears, scheme](const ByteSink& sink) -> Status {
               SALIENT_ASSIGN(const compressed_tensors::Linear* linear, linears.get(scheme));
               return sink(std::as_bytes(std::span(linear->zeros)));
             });
}

/// The files as they are, checked against the manifest on their way.
Status copy_packed(const PackedModel& model, const fs::path& output, Job& job) {
  const fs::path& from = model.checkpoint().directory();
  SALIENT_CHECK(check_output(from, output));
  const auto bytes = static_cast<double>(manifest_bytes(model.manifest()));
  SALIENT_CHECK(check_disk(output, manifest_bytes(model.manifest())));
  SALIENT_ASSIGN(DurableDirectory directory, DurableDirectory::create(output));
  double done = 0;
  std::vector<std::string> names;
  std::vector<std::byte> piece;
  for (const auto& [name, entry] : model.manifest().files) {
    names.push_back(name);
    SALIENT_ASSIGN(const fs::path real, resolve_model_file(from, name));
    SALIENT_ASSIGN(const InputFile input, InputFile::open(real));
    SALIENT_ASSIGN(DurableFile copy, DurableFile::create(directory.path() / name, entry.bytes));
    for (std::uint64_t first = 0; first < entry.bytes; first += piece.size()) {
      SALIENT_CHECK(job.check());
      piece.resize(std::min(kPieceBytes, entry.bytes - first));
      SALIENT_CHECK(input.read(first, piece));
      SALIENT_CHECK(copy.write(piece));
      done += static_cast<double>(piece.size());
      job.report(done, 2 * bytes, "copying " + name);
    }
    SALIENT_CHECK(copy.commit());
  }
  SALIENT_ASSIGN(const Manifest found, hash_files(directory.path(), names, bytes, 2 * bytes, job));
  if (found.files != model.manifest().files || found.tensors != model.manifest().tensors) {
    return pack_error(from, kManifestName, "the hashes of its files", "other hashes");
  }
  SALIENT_CHECK(write_file_durably(directory.path() / kManifestName, manifest_json(found).dump(1) + "\n"));
  return directory.commit();
}

}  // namespace

std::span<const ExportFormatInfo> export_formats() {
  return kFormats;
}

const ExportFormatInfo& export_format_info(ExportFormat format) {
  return kFormats[static_cast<std::size_t>(format)];
}

Result<ExportFormat> export_format_from_name(std::string_view name) {
  std::vector<std::string> names;
  for (const ExportFormatInfo& info : kFormats) {
    if (name == info.name) return info.format;
    names.emplace_back(info.name);
  }
  return Error{ErrorCode::usage,         {}, "format", fmt::format("one of {}", fmt::join(names, ", ")),
               escape_for_message(name), {}};
}

DType export_dtype(ExportFormat format) {
  if (format == ExportFormat::bf16) return DType::bf16;
  return format == ExportFormat::fp32 ? DType::f32 : DType::f16;
}

Status send_values(std::span<const float> values, DType dtype, const fs::path& file, const std::string& name,
                   const ByteSink& sink) {
  if (dtype == DType::f32) return sink(std::as_bytes(values));
  std::vector<std::uint16_t> rounded(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    rounded[i] = dtype == DType::f16 ? f32_to_f16(values[i]) : f32_to_bf16(values[i]);
    const std::uint16_t infinity = dtype == DType::f16 ? 0x7c00 : 0x7f80;
    if ((rounded[i] & infinity) == infinity) {
      return Error{ErrorCode::numeric,           escape_for_message(file.string()),
                   escape_for_message(name),     fmt::format("values in the range of {}", dtype_name(dtype)),
                   fmt::format("{}", values[i]), "export as fp32, or as bf16, whose range is wider"};
    }
  }
  return sink(std::as_bytes(std::span(rounded)));
}

Result<ExportPlan> plan_export(const PackedModel& model, ExportFormat format) {
  ExportPlan plan;
  if (format == ExportFormat::mixllm) {
    plan.bytes = manifest_bytes(model.manifest());
    return plan;
  }
  const auto names = linear_tensors(model);
  const auto width = static_cast<std::uint64_t>(dtype_bits(export_dtype(format)) / 8);
  for (const Checkpoint::Located& located : model.checkpoint().tensors()) {
    if (!names.contains(located.info->name)) plan.bytes += static_cast<std::uint64_t>(located.info->elements()) * width;
  }
  if (format != ExportFormat::compressed_tensors) {
    for (const LinearBits& bits : model.bit_map().linears)
      plan.bytes += static_cast<std::uint64_t>(bits.rows * bits.cols) * width;
    return plan;
  }
  SALIENT_ASSIGN(const auto schemes, compressed_tensors::schemes(model.bit_map(), model.group()));
  for (const compressed_tensors::LinearScheme& scheme : schemes) {
    const auto [rows, cols] = scheme.shape;
    const std::int64_t groups = cols / model.group();
    const std::int64_t zeros = scheme.bits == 4 ? (rows + 7) / 8 * groups * 4 : 0;
    plan.bytes += static_cast<std::uint64_t>(rows * cols * scheme.bits / 8 + rows * groups * 2 + zeros + 16);
    ++(scheme.bits == 4 ? plan.linears4 : plan.linears8);
  }
  return plan;
}

Status export_model(const PackedModel& model, ExportFormat format, const fs::path& output, Job& job) {
  job.begin("export");
  if (format == ExportFormat::mixllm) return copy_packed(model, output, job);
  const Checkpoint& checkpoint = model.checkpoint();
  const DType dtype = export_dtype(format);
  ModelDirectoryWriter writer(checkpoint, kShardBytes, job);
  SALIENT_CHECK(writer.add_sidecars());
  const auto quantized = linear_tensors(model);
  for (const Checkpoint::Located& located : checkpoint.tensors()) {
    if (quantized.contains(located.info->name)) continue;
    writer.add(located.info->name, dtype, located.info->shape,
               [located, dtype](const ByteSink& sink) { return send_converted(located, dtype, sink); });
  }
  Json config = checkpoint.config_json();
  config.erase("quantization_config");
  // transformers calls it dtype from version 5 on and still reads the older name, which everybody else knows.
  config[config.contains("dtype") ? "dtype" : "torch_dtype"] =
      dtype == DType::f16 ? "float16" : (dtype == DType::bf16 ? "bfloat16" : "float32");
  EncodedLinears encoded(model);
  if (format == ExportFormat::compressed_tensors) {
    SALIENT_ASSIGN(const auto schemes, compressed_tensors::schemes(model.bit_map(), model.group()));
    for (const compressed_tensors::LinearScheme& scheme : schemes)
      add_encoded(scheme, model.group(), encoded, writer);
    config["quantization_config"] = compressed_tensors::quantization_config(schemes, model.group());
    config["salient_export"] = export_format_info(format).name;
  } else {
    for (const LinearBits& bits : model.bit_map().linears) {
      writer.add(
          linear_name(bits.id) + ".weight", dtype, {bits.rows, bits.cols},
          [&model, id = bits.id, dtype](const ByteSink& sink) { return send_dequantized(model, id, dtype, sink); });
    }
  }
  SALIENT_ASSIGN(const std::string source, manifest_sha256(checkpoint.directory()));
  const Json origin{
      {"format", export_format_info(format).name}, {"packed_manifest_sha256", source}, {"group_size", model.group()}};
  return writer.write(output, config, origin);
}

}  // namespace salient
