// SPDX-License-Identifier: Apache-2.0
// What a backend offers for decoding one token of each of several sequences at a time: operations that take ids and
// positions from its own memory, so that a step's work can be recorded once and repeated, and that are fused where an
// intermediate result has one reader. A Backend that has them derives from this class too; the processor's are written
// with the operations of Backend, and are the reference.
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

class BatchSteps {
 public:
  virtual ~BatchSteps() = default;

  [[nodiscard]] virtual DType cache_type() const = 0;
  /// to (of cache_type()) = from (f32), as many elements: a sequence's past into its cache.
  [[nodiscard]] virtual Status fill_cache(const Tensor& from, const Tensor& to) = 0;
  /// out[b] = table[ids[b]]; ids i32 [1, B], within the table.
  [[nodiscard]] virtual Status embed_step(const Tensor& ids, const Tensor& table, const Tensor& out) = 0;
  /// x += addend (may be empty); outs[i] = linears[i](rms_norm(x)).
  [[nodiscard]] virtual Status norm_linears(const Tensor& x, const Tensor& addend, const Tensor& weight, float epsilon,
                                            std::span<const Linear* const> linears, std::span<const Tensor> outs) = 0;
  /// q [B, heads · d], k and v [B, kv_heads · d] of one token a sequence, before rotation: turns q (in place) and k,
  /// appends k and v to the caches and attends over them. Leaves `positions` as they are.
  [[nodiscard]] virtual Status attention_step(const Tensor& q, const Tensor& k, const Tensor& v, const RopeTable& table,
                                              const AttentionShape& shape, const BatchCache& cache,
                                              const Tensor& out) = 0;
  /// out = down(silu(gate) · up). `gate` may be overwritten.
  [[nodiscard]] virtual Status swiglu_linear(const Tensor& gate, const Tensor& up, const Linear& down,
                                             const Tensor& out) = 0;
  /// sample_token() of each row of logits [B, vocab] with its own 64 random bits; only the tokens come to the host.
  [[nodiscard]] virtual Result<std::vector<std::int32_t>> sample(const Tensor& logits, const Sampling& sampling,
                                                                 std::span<const std::uint64_t> draws) = 0;
  /// Carries `step` out, and keeps what it asked of this backend for repetition: it must ask for the same each time.
  [[nodiscard]] virtual Result<std::unique_ptr<Recording>> record(const std::function<Status()>& step) = 0;
};

}  // namespace salient
