// SPDX-License-Identifier: Apache-2.0
// What a backend offers for reading prompts and for decoding one token of each of several sequences at a time:
// operations that take ids and positions from its own memory, so that a step's work can be recorded once and repeated,
// and that are fused where an intermediate result has one reader. A Backend that has them derives from this class too;
// the processor's are written with the operations of Backend, and are the reference.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "core/base/result.h"
#include "core/compute/backend.h"
#include "core/compute/sampling.h"
#include "core/compute/tensor.h"

namespace salient {

/// Recorded operations. The tensors they read and write must outlive it.
class Recording {
 public:
  virtual ~Recording() = default;
  [[nodiscard]] virtual Status replay() = 0;
};

/// Caches of one layer: sequence b owns rows [b · capacity, (b + 1) · capacity), of which positions[b] are filled.
struct BatchCache {
  Tensor keys;       ///< [sequences · capacity, kv_heads · head_dim] of cache_type()
  Tensor values;     ///< as keys
  Tensor positions;  ///< i32 [1, sequences]: of each sequence's new token, below capacity
  std::int64_t capacity = 0;
};

/// What a layer's step multiplies with.
struct StepWeights {
  const Tensor* input_norm = nullptr;  ///< [1, hidden]
  const Tensor* post_norm = nullptr;
  const Linear* q = nullptr;
  const Linear* k = nullptr;
  const Linear* v = nullptr;
  const Linear* o = nullptr;
  const Linear* gate = nullptr;
  const Linear* up = nullptr;
  const Linear* down = nullptr;
};

class BatchSteps {
 public:
  virtual ~BatchSteps() = default;

  [[nodiscard]] virtual DType cache_type() const = 0;
  /// Of `projected` below for so many rows, where `linear` is one of those that write it: f32, or 16 bit where the
  /// device's precision allows it. The residual stream x is always f32.
  [[nodiscard]] virtual DType activation_type(const Linear& linear, std::int64_t rows) const = 0;
  /// out[b] = table[ids[b]]; ids i32 [1, B], within the table.
  [[nodiscard]] virtual Status embed_step(const Tensor& ids, const Tensor& table, const Tensor& out) = 0;
  /// x += addend (may be empty); projected [rows, Σ features] = the linears' outputs of rms_norm(x) side by side.
  [[nodiscard]] virtual Status norm_linears(const Tensor& x, const Tensor& addend, const Tensor& weight, float epsilon,
                                            std::span<const Linear* const> linears, const Tensor& projected) = 0;
  /// `projected` [B, (heads + 2 kv_heads) · d]: query, key and value of one token a sequence, before rotation. Turns
  /// query and key, appends key and value to the caches, out = o(attention over them). Leaves `positions` as they are;
  /// `projected` may be overwritten.
  [[nodiscard]] virtual Status attention_step(const Tensor& projected, const RopeTable& table,
                                              const AttentionShape& shape, const BatchCache& cache, const Linear& o,
                                              const Tensor& out) = 0;
  /// The same for tokens of one sequence at positions from `first` on, behind those in its cache already.
  [[nodiscard]] virtual Status attention_read(const Tensor& projected, const RopeTable& table,
                                              const AttentionShape& shape, const BatchCache& cache,
                                              std::int64_t sequence, std::int64_t first, const Linear& o,
                                              const Tensor& out) = 0;
  /// out = down(silu(gate) · up) of `projected` [rows, 2 · features], gate and up side by side; it may be overwritten.
  [[nodiscard]] virtual Status swiglu_linear(const Tensor& projected, const Linear& down, const Tensor& out) = 0;
  /// norm_linears() of gate and up, then swiglu_linear() of what they give, which may or may not come to lie in
  /// `projected`.
  [[nodiscard]] virtual Status norm_mlp(const Tensor& x, const Tensor& addend, const Tensor& weight, float epsilon,
                                        const Linear& gate, const Linear& up, const Linear& down,
                                        const Tensor& projected, const Tensor& out) {
    const Linear* const gates[] = {&gate, &up};
    Status status = norm_linears(x, addend, weight, epsilon, gates, projected);
    return status ? swiglu_linear(projected, down, out) : status;
  }
  /// All layers of a step at once: norm_linears(), attention_step() and norm_mlp() of one layer after the other, what
  /// the last one adds included in x [B, hidden]. False, and nothing done, where the device has no such operation for
  /// these.
  [[nodiscard]] virtual Result<bool> layers_step(const Tensor&, std::span<const StepWeights>, const RopeTable&,
                                                 const AttentionShape&, std::span<const BatchCache>, float) {
    return false;
  }
  /// sample_token() of each row of logits [B, vocab] with its own 64 random bits; only the tokens come to the host.
  [[nodiscard]] virtual Result<std::vector<std::int32_t>> sample(const Tensor& logits, const Sampling& sampling,
                                                                 std::span<const std::uint64_t> draws) = 0;
  /// Carries `step` out, and keeps what it asked of this backend for repetition: it must ask for the same each time.
  [[nodiscard]] virtual Result<std::unique_ptr<Recording>> record(const std::function<Status()>& step) = 0;
};

}  // namespace salient
