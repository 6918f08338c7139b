// SPDX-License-Identifier: Apache-2.0
// The packed model (DESIGN decision 2): a Hugging Face directory with quantization_config.quant_method
// "mixllm", row-major tensors that know no GPU, the tokenizer's files, and a manifest with the SHA-256 of
// every tensor and file, written last. Layout of a linear `P` (N rows of which N8 in 8 bit, K columns,
// G = ceil(K/group)), as QuantizedMatrix documents:
//   P.qweight4 U8 [N4, ceil(K/2)] · P.scales4 F16 [N4, G] · P.zeros4 U8 [N4, ceil(G/2)]
//   P.qweight8 I8 [N8, K] · P.scales8 F16 [N8, G] · P.rows8 I32 [N8] ascending
// The three tensors of a bit width that no row has are absent. Everything that is not one of the seven
// linears' weights is copied unchanged from the checkpoint.
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
#include "core/pack/manifest.h"
#include "core/quant/quantize_model.h"

namespace salient {

inline constexpr int kPackedFormatVersion = 1;

/// True when config.json of the directory says quant_method "mixllm".
[[nodiscard]] bool is_packed_model(const std::filesystem::path& directory);

inline constexpr std::uint64_t kShardBytes = 4'000'000'000;  ///< tensor data a shard, unless one tensor is larger

struct PackSource {
  const Checkpoint* checkpoint = nullptr;
  LayerStore* layers = nullptr;  ///< all layers done; each is loaded a few times
  std::int64_t group = 128;
  Json recipe;  ///< stored in quantization_config.recipe: no times, no paths, so that exports are byte-identical
  std::uint64_t shard_bytes = kShardBytes;
  std::int32_t uniform_bits = 0;  ///< as BitMap's
};
/// Writes the directory durably: complete under its name, or not at all. Refuses an existing directory that is
/// neither empty nor a packed model, one inside the checkpoint's directory or around it, and a disk too full.
[[nodiscard]] Status write_packed_model(const PackSource& source, const std::filesystem::path& output, Job& job);

/// What verify() has looked at.
struct Verification {
  std::int64_t files = 0;
  std::int64_t tensors = 0;
  std::int64_t linears = 0;
};

class PackedModel {
 public:
  /// Headers, shapes, row indices and the manifest's entries are checked; hashes and values where tensors are read.
  static Result<PackedModel> open(const std::filesystem::path& directory, const CancelToken* cancel = nullptr);

  [[nodiscard]] const Checkpoint& checkpoint() const { return *checkpoint_; }
  [[nodiscard]] const ModelConfig& config() const { return checkpoint_->config(); }
  [[nodiscard]] std::int64_t group() const { return group_; }
  [[nodiscard]] const Json& recipe() const { return recipe_; }
  [[nodiscard]] const Manifest& manifest() const { return manifest_; }
  /// One linear, checked: scales finite and above zero, unused half bytes zero, every tensor with the manifest's hash
  /// (rows 59 to 64).
  [[nodiscard]] Result<QuantizedMatrix> linear(LinearId id) const;
  /// The manifest's hashes of all that is no linear's: embeddings, norms, biases, lm_head.
  [[nodiscard]] Status check_copied_tensors() const;
  /// Every hash of the manifest, no file beside them, and every linear's values.
  [[nodiscard]] Result<Verification> verify(Job& job) const;
  [[nodiscard]] const BitMap& bit_map() const { return map_; }  ///< from the headers and rows8

 private:
  [[nodiscard]] Result<QuantizedMatrix> read_linear(const LinearBits& bits) const;  ///< its hashes unchecked

  std::shared_ptr<const Checkpoint> checkpoint_;
  std::int64_t group_ = 128;
  Json recipe_;
  Manifest manifest_;
  BitMap map_;
};

/// How a packed model is computed.
struct PackedEngine {
  /// Dequantized fp32 weights and rounded activations through the plain float path instead of the integers (the
  /// reference that the exact product is compared with).
  bool simulate = false;
  ScaleMode scales = ScaleMode::exact;  ///< of the integers
};

/// Gives `linear` the matrix's dequantized weight and rounded activations (PackedEngine::simulate); the bias stays.
[[nodiscard]] Status set_simulated(const QuantizedMatrix& matrix, Backend& backend, Linear& linear);

/// A packed model's weights for the decoder.
class PackedModelWeights final : public WeightSource {
 public:
  PackedModelWeights(std::shared_ptr<const PackedModel> model, Backend& backend, const PackedEngine& options);
  [[nodiscard]] const ModelConfig& config() const override { return model_->config(); }
  [[nodiscard]] Result<std::shared_ptr<const GlobalWeights>> global() override;
  [[nodiscard]] Result<std::shared_ptr<const LayerWeights>> layer(std::int64_t index) override;

 private:
  std::shared_ptr<const PackedModel> model_;
  Backend& backend_;
  PackedEngine options_;
  std::shared_ptr<const GlobalWeights> global_;
  std::vector<std::shared_ptr<const LayerWeights>> layers_;
};

}  // namespace salient
