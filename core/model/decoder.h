// SPDX-License-Identifier: Apache-2.0
// The decoder of Llama, Mistral and Qwen2, written once over Backend: forward, backward with respect to
// activations (for salience), and forward with a KV cache. One sequence at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "core/base/job.h"
#include "core/base/result.h"
#include "core/compute/backend.h"
#include "core/model/weights.h"

namespace salient {

/// Keys and values of the tokens seen so far, one pair of [capacity, kv_size] tensors a layer.
struct KvCache {
  std::vector<Tensor> keys;
  std::vector<Tensor> values;
  std::int64_t length = 0;
  std::int64_t capacity = 0;
};

/// Called once for each linear of each layer, last layer first and down to q inside a layer, with the linear's input X
/// [T, K], the gradient of the loss with respect to its output dY [T, N], and its weights.
using GradientObserver = std::function<Status(LinearId, const Tensor& x, const Tensor& dy, const Linear& linear)>;

class Decoder {
 public:
  /// `max_positions`: the longest sequence, for the rope table.
  static Result<Decoder> create(WeightSource& weights, Backend& backend, std::int64_t max_positions);

  [[nodiscard]] const ModelConfig& config() const { return weights_->config(); }
  [[nodiscard]] Backend& backend() const { return *backend_; }
  [[nodiscard]] WeightSource& weights() const { return *weights_; }

  // Whole passes
  /// Hidden states [T, hidden] after the final norm. With a cache: continues it, appending the T tokens.
  [[nodiscard]] Result<Tensor> hidden(std::span<const std::int32_t> ids, KvCache* cache = nullptr,
                                      const Job* job = nullptr);
  /// Logits [rows, vocab] of hidden states. For large vocabularies call it on slices of rows.
  [[nodiscard]] Result<Tensor> logits(const Tensor& hidden);
  /// Next-token negative log-likelihoods, ids.size() − 1 of them; logits are formed in slices.
  [[nodiscard]] Result<std::vector<float>> sequence_nll(std::span<const std::int32_t> ids, const Job* job = nullptr);
  /// Loss L = mean next-token cross-entropy of the sequence, and its backward pass. Activations of this one
  /// sequence are kept, or recomputed layer by layer where they would take more than `activation_bytes`.
  [[nodiscard]] Result<double> loss_and_gradients(std::span<const std::int32_t> ids, const GradientObserver& observer,
                                                  std::uint64_t activation_bytes, const Job* job = nullptr);
  [[nodiscard]] Result<KvCache> make_cache(std::int64_t capacity);

  /// At least one id, and all of the vocabulary.
  [[nodiscard]] Status check_ids(std::span<const std::int32_t> ids) const;

  // The steps of one layer, for quantizing layer by layer (METHOD §4). x is the residual stream [T, hidden].
  [[nodiscard]] Result<Tensor> embed(std::span<const std::int32_t> ids);
  [[nodiscard]] Result<Tensor> attention_input(const LayerWeights& layer,
                                               const Tensor& x);  ///< norm(x): input of q, k, v
  [[nodiscard]] Result<Tensor> attention_context(const LayerWeights& layer, const Tensor& attention_input,
                                                 KvCache* cache = nullptr,
                                                 std::int64_t layer_index = 0);  ///< input of o
  [[nodiscard]] Status add_attention(const LayerWeights& layer, const Tensor& context,
                                     const Tensor& x);                                 ///< x += o(context)
  [[nodiscard]] Result<Tensor> mlp_input(const LayerWeights& layer, const Tensor& x);  ///< norm(x): input of gate, up
  [[nodiscard]] Result<Tensor> mlp_activation(const LayerWeights& layer, const Tensor& mlp_input);  ///< input of down
  [[nodiscard]] Status add_mlp(const LayerWeights& layer, const Tensor& activation,
                               const Tensor& x);  ///< x += down(activation)

 private:
  /// What a layer's backward pass needs of its forward pass; norms and activations are computed again.
  struct LayerActivations {
    Tensor x, q, k, v, context, middle, gate, up;
  };

  Decoder(WeightSource& weights, Backend& backend) : weights_(&weights), backend_(&backend) {}

  /// Goes on to a layer with the residual stream, or its gradient.
  [[nodiscard]] Result<std::shared_ptr<const LayerWeights>> enter(std::int64_t index, Tensor& x);
  /// Goes on behind the layers.
  [[nodiscard]] Status leave(Tensor& x);
  [[nodiscard]] Result<Tensor> apply(const Linear& linear, const Tensor& x);
  [[nodiscard]] Result<Tensor> norm(const Tensor& x, const Tensor& weight);
  [[nodiscard]] Result<Tensor> copy_of(const Tensor& x);
  [[nodiscard]] Status rotate(const Tensor& x, std::int64_t first_position, bool inverse);
  [[nodiscard]] AttentionShape attention_shape() const;
  [[nodiscard]] Status check_positions(std::int64_t end) const;

  [[nodiscard]] Result<LayerActivations> forward_keeping(const LayerWeights& layer, const Tensor& x);
  [[nodiscard]] Result<Tensor> layer_output(const LayerWeights& layer, const LayerActivations& kept);
  /// `gradient`: of the residual stream behind this half of the layer on entry, before it on return.
  [[nodiscard]] Status backward_mlp(const LayerWeights& layer, std::int32_t index, const LayerActivations& kept,
                                    const GradientObserver& observer, const Tensor& gradient);
  [[nodiscard]] Status backward_attention(const LayerWeights& layer, std::int32_t index, const LayerActivations& kept,
                                          const GradientObserver& observer, const Tensor& gradient);
  /// Loss, and its gradient with respect to the final norm's output.
  [[nodiscard]] Result<double> backward_head(std::span<const std::int32_t> ids, const Tensor& hidden,
                                             const Tensor& gradient);
  [[nodiscard]] std::int64_t logit_rows() const;

  WeightSource* weights_;
  Backend* backend_;
  RopeTable rope_;
  std::shared_ptr<const GlobalWeights> global_;
};

/// Rope frequencies [head_dim/2] with the config's scaling applied (llama3: Llama 3.1's smoothed interpolation).
[[nodiscard]] std::vector<float> rope_frequencies(const ModelConfig& config);
/// cos and sin of position · frequency for positions [0, positions).
[[nodiscard]] Result<RopeTable> make_rope_table(const ModelConfig& config, std::int64_t positions, Backend& backend);

}  // namespace salient
