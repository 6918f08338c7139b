// SPDX-License-Identifier: Apache-2.0
// Where a decoder's weights come from, layer by layer, so that a model need not fit into memory at once.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/checkpoint/checkpoint.h"
#include "core/compute/backend.h"
#include "core/model/linear_id.h"

namespace salient {

/// Weights and biases of linears that read the same input (kLinearGroups) lie one behind the other in memory where
/// their types allow it, so that a backend can form their products as one.
struct LayerWeights {
  Tensor input_norm;              ///< [1, hidden]
  Tensor post_norm;               ///< [1, hidden]
  std::array<Linear, 7> linears;  ///< indexed by LinearKind

  [[nodiscard]] const Linear& at(LinearKind kind) const { return linears[static_cast<std::size_t>(kind)]; }
  [[nodiscard]] Linear& at(LinearKind kind) { return linears[static_cast<std::size_t>(kind)]; }
};

struct GlobalWeights {
  Tensor embedding;   ///< [vocab, hidden]
  Tensor final_norm;  ///< [1, hidden]
  Tensor lm_head;     ///< [vocab, hidden]; the embedding itself when tied
};

class WeightSource {
 public:
  virtual ~WeightSource() = default;
  [[nodiscard]] virtual const ModelConfig& config() const = 0;
  [[nodiscard]] virtual Result<std::shared_ptr<const GlobalWeights>> global() = 0;
  /// May be asked for by several threads at a time where the backend has several places.
  [[nodiscard]] virtual Result<std::shared_ptr<const LayerWeights>> layer(std::int64_t index) = 0;
};

/// A 16- or 32-bit checkpoint's weights in their own dtype. Layers stay in memory while their sum is
/// below `resident_bytes`; the others are read again each time they are used.
class CheckpointWeights final : public WeightSource {
 public:
  CheckpointWeights(std::shared_ptr<const Checkpoint> checkpoint, Backend& backend, std::uint64_t resident_bytes);

  [[nodiscard]] const ModelConfig& config() const override { return checkpoint_->config(); }
  [[nodiscard]] Result<std::shared_ptr<const GlobalWeights>> global() override;
  [[nodiscard]] Result<std::shared_ptr<const LayerWeights>> layer(std::int64_t index) override;

 private:
  std::shared_ptr<const Checkpoint> checkpoint_;
  Backend& backend_;
  std::uint64_t resident_bytes_;
  std::mutex loading_;  ///< a layer at a time
  std::uint64_t resident_used_ = 0;
  std::shared_ptr<const GlobalWeights> global_;
  std::vector<std::shared_ptr<const LayerWeights>> layers_;
};

/// One tensor of a checkpoint in the backend's memory, in its own dtype; 1-D tensors become [1, n].
[[nodiscard]] Result<Tensor> upload_tensor(const Checkpoint& checkpoint, const std::string& name, Backend& backend);
/// Embedding, final norm and lm_head.
[[nodiscard]] Result<std::shared_ptr<const GlobalWeights>> upload_global(const Checkpoint& checkpoint,
                                                                         Backend& backend);
/// A layer's two norms and its biases, where the config has them; the weights stay empty.
[[nodiscard]] Result<LayerWeights> upload_norms_and_biases(const Checkpoint& checkpoint, std::int64_t index,
                                                           Backend& backend);

}  // namespace salient
