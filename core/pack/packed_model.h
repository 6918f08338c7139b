// SPDX-License-Identifier: Apache-2.0
// The packed model (DESIGN decision 2): a Hugging Face directory with quantization_config.quant_method
// "mixllm", row-major tensors that know no GPU, the tokenizer's files, and a manifest with the SHA-256 of
// every tensor and file, written last. Layout of a linear `P` (N rows of which N8 in 8 bit, K columns,
// G = ceil(K/group)), as QuantizedMatrix documents:
//   P.qweight4 U8 [N4, ceil(K/2)] · P.scales4 F16 [N4, G] · P.zeros4 U8 [N4, ceil(G/2)]
//   P.qweight8 I8 [N8, K] · P.scales8 F16 [N8, G] · P.rows8 I32 [N8] ascending
// Everything that is not one of the seven linears' weights is copied unchanged from the checkpoint.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/base/job.h"
#include "core/base/json.h"
#include "core/base/result.h"
#include "core/checkpoint/checkpoint.h"
#include "core/compute/quantized_matrix.h"
#include "core/model/weights.h"
#include "core/quant/quantize_model.h"

namespace salient {

inline constexpr int kPackedFormatVersion = 1;

/// True when config.json of the directory says quant_method "mixllm".
[[nodiscard]] bool is_packed_model(const std::filesystem::path& directory);

struct PackSource {
  const Checkpoint* checkpoint = nullptr;
  LayerStore* layers = nullptr;  ///< all layers done
  std::int64_t group = 128;
  Json recipe;  ///< stored in quantization_config.recipe: no times, no paths, so that exports are byte-identical
};
/// Writes the directory durably: complete under its name, or not at all. Refuses an existing directory that is
/// neither empty nor a packed model.
[[nodiscard]] Status write_packed_model(const PackSource& source, const std::filesystem::path& output, Job& job);

class PackedModel {
 public:
  /// Headers, shapes, row indices, scales and the manifest's presence are checked; hashes only by verify().
  static Result<PackedModel> open(const std::filesystem::path& directory);

  [[nodiscard]] const Checkpoint& checkpoint() const { return *checkpoint_; }
  [[nodiscard]] const ModelConfig& config() const { return checkpoint_->config(); }
  [[nodiscard]] std::int64_t group() const { return group_; }
  [[nodiscard]] const Json& recipe() const { return recipe_; }
  /// One linear, checked: scales finite and non-zero, rows ascending and in range (rows 57 to 65).
  [[nodiscard]] Result<QuantizedMatrix> linear(LinearId id) const;
  /// Every hash of the manifest, and every linear's values.
  [[nodiscard]] Status verify(Job& job) const;
  [[nodiscard]] BitMap bit_map() const;  ///< from the headers and rows8

 private:
  std::shared_ptr<const Checkpoint> checkpoint_;
  std::int64_t group_ = 128;
  Json recipe_;
  BitMap map_;
};

/// A packed model's weights for the decoder. `simulate`: dequantized fp32 weights and rounded activations through
/// the plain float path instead of the integer engine (the reference the engine is compared with).
class PackedModelWeights final : public WeightSource {
 public:
  PackedModelWeights(std::shared_ptr<const PackedModel> model, Backend& backend, bool simulate);
  [[nodiscard]] const ModelConfig& config() const override { return model_->config(); }
  [[nodiscard]] Result<std::shared_ptr<const GlobalWeights>> global() override;
  [[nodiscard]] Result<std::shared_ptr<const LayerWeights>> layer(std::int64_t index) override;

 private:
  std::shared_ptr<const PackedModel> model_;
  Backend& backend_;
  bool simulate_;
  std::shared_ptr<const GlobalWeights> global_;
  std::vector<std::shared_ptr<const LayerWeights>> layers_;
};

}  // namespace salient
