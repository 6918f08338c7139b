// SPDX-License-Identifier: Apache-2.0
// A packed model in formats that other programs load. All of them hold the packed model's weights, dequantized
// exactly or rounded to a 16-bit float; none of them rounds activations to 8 bit, as this program's engine does.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/base/dtype.h"
#include "core/base/job.h"
#include "core/base/json.h"
#include "core/base/result.h"
#include "core/model/weights.h"
#include "core/pack/packed_model.h"

namespace salient {

enum class ExportFormat {
  mixllm,              ///< the packed directory itself, copied
  compressed_tensors,  ///< "pack-quantized": integers of 4 or 8 bit a linear
  fp16,                ///< a plain Hugging Face checkpoint, dequantized; like the next two
  bf16,
  fp32
};

/// What a person should know before choosing.
struct ExportFormatInfo {
  ExportFormat format;
  const char* name;     ///< "mixllm", "compressed-tensors", "fp16", …
  const char* title;    ///< for people
  const char* keeps;    ///< how exact the weights are
  const char* loses;    ///< compared with the packed model
  const char* loaders;  ///< who can load it, as far as this project has tried
};
[[nodiscard]] std::span<const ExportFormatInfo> export_formats();
[[nodiscard]] const ExportFormatInfo& export_format_info(ExportFormat format);
/// Error{usage} listing the names.
[[nodiscard]] Result<ExportFormat> export_format_from_name(std::string_view name);

/// What the export would hold. Error{unsupported} where the format cannot express this model.
struct ExportPlan {
  std::uint64_t bytes = 0;    ///< of all files but config.json, the index and the manifest
  std::int64_t linears4 = 0;  ///< compressed_tensors: stored in 4 bit; the others take 8
  std::int64_t linears8 = 0;
};
[[nodiscard]] Result<ExportPlan> plan_export(const PackedModel& model, ExportFormat format);

/// Writes the directory durably: complete under its name, or not at all, with a manifest. Refuses what
/// write_packed_model() refuses, and Error{numeric} where a value lies outside the range of 16-bit floats.
[[nodiscard]] Status export_model(const PackedModel& model, ExportFormat format, const std::filesystem::path& output,
                                  Job& job);

/// True when the directory's manifest says that export_model() wrote it.
[[nodiscard]] bool is_export(const std::filesystem::path& directory);

/// An export read back: weights as a program that loads the format would see them.
class ExportedModel {
 public:
  /// Error{format} or {mismatch} where tensors are missing or of another shape than config.json asks for.
  static Result<ExportedModel> open(const std::filesystem::path& directory, const CancelToken* cancel = nullptr);

  [[nodiscard]] ExportFormat format() const { return format_; }
  [[nodiscard]] const Checkpoint& checkpoint() const { return *checkpoint_; }
  [[nodiscard]] const Manifest& manifest() const { return manifest_; }
  /// Weight [N, K] of one linear.
  [[nodiscard]] Status weight(LinearId id, std::span<float> out) const;

 private:
  [[nodiscard]] Status compressed_weight(LinearId id, LinearShape shape, std::span<float> out) const;
  std::shared_ptr<const Checkpoint> checkpoint_;
  Manifest manifest_;
  ExportFormat format_ = ExportFormat::fp16;
  std::int64_t group_ = 128;
};

/// What compare_export() has looked at.
struct ExportComparison {
  std::int64_t files = 0;
  std::int64_t linears = 0;
  std::int64_t copied_tensors = 0;
  double rounding_error = 0;  ///< ‖export − packed‖/‖packed‖ of the linears' weights, the largest; 0 where exact
};
/// Every hash of the manifest; every weight and every other tensor is the packed model's, rounded to the export's
/// float format. Error{mismatch} naming the first tensor that is not.
[[nodiscard]] Result<ExportComparison> compare_export(const ExportedModel& model, const PackedModel& packed, Job& job);

/// Weights for the decoder from a function, in float and with activations left alone; `rest` holds everything that
/// is not one of the seven linears' weights. One layer is in memory at a time.
class FloatWeights final : public WeightSource {
 public:
  using Reader = std::function<Status(LinearId, std::span<float>)>;
  FloatWeights(const Checkpoint& rest, Reader reader, Backend& backend)
      : rest_(rest), reader_(std::move(reader)), backend_(backend) {}
  [[nodiscard]] const ModelConfig& config() const override { return rest_.config(); }
  [[nodiscard]] Result<std::shared_ptr<const GlobalWeights>> global() override;
  [[nodiscard]] Result<std::shared_ptr<const LayerWeights>> layer(std::int64_t index) override;

 private:
  const Checkpoint& rest_;
  Reader reader_;
  Backend& backend_;
  std::shared_ptr<const GlobalWeights> global_;
};

}  // namespace salient
