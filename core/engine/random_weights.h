// SPDX-License-Identifier: Apache-2.0
// A model without meaning, in the shapes of a config: for measuring speed, which does not depend on what weights say.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "core/base/random.h"
#include "core/model/weights.h"

namespace salient {

/// Random codes of every value; scales that keep products near 1.
[[nodiscard]] QuantizedMatrix random_quantized_matrix(const LinearShape& shape, std::int64_t group, double percent8,
                                                      Random& random);

struct RandomWeightsOptions {
  std::optional<double> percent8;  ///< packed linears with this percentage of 8-bit rows; without, bf16
  std::int64_t group = 128;
  ScaleMode scales = ScaleMode::exact;  ///< of packed linears
};

class RandomWeights final : public WeightSource {
 public:
  RandomWeights(ModelConfig config, Backend& backend, const RandomWeightsOptions& options);

  [[nodiscard]] const ModelConfig& config() const override { return config_; }
  [[nodiscard]] Result<std::shared_ptr<const GlobalWeights>> global() override;
  /// Made when first asked for, and kept.
  [[nodiscard]] Result<std::shared_ptr<const LayerWeights>> layer(std::int64_t index) override;
  [[nodiscard]] std::uint64_t linear_bytes() const { return linear_bytes_; }  ///< of the decoder linears as stored

 private:
  [[nodiscard]] Result<Tensor> matrix(std::int64_t rows, std::int64_t cols);

  ModelConfig config_;
  Backend& backend_;
  RandomWeightsOptions options_;
  std::mutex making_;  ///< a layer at a time
  std::uint64_t linear_bytes_ = 0;
  std::vector<std::uint16_t> values_;      ///< bf16, repeated where a matrix is larger
  std::vector<QuantizedMatrix> matrices_;  ///< one of each kind: what differs between layers is where they lie
  std::shared_ptr<const GlobalWeights> global_;
  std::vector<std::shared_ptr<const LayerWeights>> layers_;
};

/// The config.json of a directory that need hold nothing else.
[[nodiscard]] Result<ModelConfig> load_model_config(const std::filesystem::path& directory);

}  // namespace salient
