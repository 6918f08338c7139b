// SPDX-License-Identifier: Apache-2.0
// The Backend of the processor: float operations with OpenBLAS for the products, and the integer kernels of
// packed_linear.h. Work is cut into pieces of fixed size and each piece runs on one thread, so results are the same
// on any number of threads.
#pragma once

#include <memory>
#include <string>

#include "core/compute/backend.h"
#include "core/compute/batch_steps.h"
#include "core/compute/cpu_memory.h"
#include "core/compute/float_kernels.h"
#include "core/compute/packed_linear.h"

namespace salient {

class CpuBackend : public Backend, public BatchSteps {
 public:
  CpuBackend(int threads, CpuKernels kernels);

  [[nodiscard]] std::string name() const override;

  [[nodiscard]] Result<Tensor> allocate(DType dtype, std::int64_t rows, std::int64_t cols) override;
  void release_kept_memory() override { memory_->release_kept(); }
  [[nodiscard]] Status upload(const void* host, const Tensor& tensor) override;
  [[nodiscard]] Status download(const Tensor& tensor, void* host) override;
  [[nodiscard]] Status copy(const Tensor& from, const Tensor& to) override;
  [[nodiscard]] Status clear(const Tensor& tensor) override;

  // cpu_backend.cpp
  [[nodiscard]] Status embed(std::span<const std::int32_t> ids, const Tensor& table, const Tensor& out) override;
  [[nodiscard]] Status rms_norm(const Tensor& x, const Tensor& weight, float epsilon, const Tensor& out) override;
  [[nodiscard]] Status rms_norm_backward(const Tensor& x, const Tensor& weight, float epsilon, const Tensor& dy,
                                         const Tensor& dx, bool accumulate) override;
  [[nodiscard]] Status rope(const Tensor& x, std::int64_t head_dim, const RopeTable& table, std::int64_t first_position,
                            bool inverse) override;
  [[nodiscard]] Status swiglu(const Tensor& gate, const Tensor& up, const Tensor& out) override;
  [[nodiscard]] Status swiglu_backward(const Tensor& gate, const Tensor& up, const Tensor& dout, const Tensor& dgate,
                                       const Tensor& dup) override;
  [[nodiscard]] Status add(const Tensor& x, const Tensor& accumulator) override;
  [[nodiscard]] Status cross_entropy(const Tensor& logits, std::span<const std::int32_t> targets,
                                     std::span<float> nll) override;
  [[nodiscard]] Status cross_entropy_backward(const Tensor& logits, std::span<const std::int32_t> targets,
                                              float scale) override;

  // cpu_linear.cpp
  [[nodiscard]] Status linear(const Tensor& x, const Linear& linear, const Tensor& out) override;
  [[nodiscard]] Status linear_backward(const Tensor& dy, const Linear& linear, const Tensor& dx,
                                       bool accumulate) override;
  [[nodiscard]] Result<std::shared_ptr<const PackedWeights>> pack(const QuantizedMatrix& matrix,
                                                                  ScaleMode mode) override;

  // cpu_attention.cpp
  [[nodiscard]] Status attention(const Tensor& q, const Tensor& k, const Tensor& v, const AttentionShape& shape,
                                 std::int64_t first_position, const Tensor& out) override;
  [[nodiscard]] Status attention_backward(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& out,
                                          const Tensor& dout, const AttentionShape& shape, const Tensor& dq,
                                          const Tensor& dk, const Tensor& dv) override;

  // cpu_statistics.cpp
  [[nodiscard]] Status quantization_delta(const Tensor& weight, std::int64_t group, const Tensor& out) override;
  [[nodiscard]] Status column_dot(const Tensor& a, const Tensor& b, std::span<double> out) override;
  [[nodiscard]] Status diagonal_fisher(const Tensor& dy, const Tensor& x, const Tensor& delta,
                                       std::span<double> out) override;
  [[nodiscard]] Status accumulate_gram(const Tensor& x, const Tensor& gram) override;

  // cpu_batch_steps.cpp: BatchSteps
  [[nodiscard]] DType cache_type() const override { return DType::f32; }
  [[nodiscard]] DType activation_type(const Linear& /*linear*/, std::int64_t /*rows*/) const override {
    return DType::f32;
  }
  [[nodiscard]] Status embed_step(const Tensor& ids, const Tensor& table, const Tensor& out) override;
  [[nodiscard]] Status norm_linears(const Tensor& x, const Tensor& addend, const Tensor& weight, float epsilon,
                                    std::span<const Linear* const> linears, const Tensor& projected) override;
  [[nodiscard]] Status attention_step(const Tensor& projected, const RopeTable& table, const AttentionShape& shape,
                                      const BatchCache& cache, const Linear& o, const Tensor& out) override;
  [[nodiscard]] Status attention_read(const Tensor& projected, const RopeTable& table, const AttentionShape& shape,
                                      const BatchCache& cache, std::int64_t sequence, std::int64_t first,
                                      const Linear& o, const Tensor& out) override;
  [[nodiscard]] Status swiglu_linear(const Tensor& projected, const Linear& down, const Tensor& out) override;
  [[nodiscard]] Result<std::vector<std::int32_t>> sample(const Tensor& logits, const Sampling& sampling,
                                                         std::span<const std::uint64_t> draws) override;
  [[nodiscard]] Result<std::unique_ptr<Recording>> record(const std::function<Status()>& step) override;

  [[nodiscard]] ThreadPool& threads() override { return threads_; }

 private:
  /// `tensor` itself when it is f32, else a copy of it as floats.
  [[nodiscard]] const float* as_floats(const Tensor& tensor, std::shared_ptr<Buffer>& holder);
  /// Calls body for pieces of about `kPieceElements` elements made of whole rows.
  void for_rows(std::int64_t rows, std::int64_t cols, const std::function<void(std::int64_t, std::int64_t)>& body);
  void linear_float(const float* x, std::int64_t tokens, const Linear& linear, const float* bias, float* y);
  void linear_few_tokens(const float* x, std::int64_t tokens, const Linear& linear, const float* bias, float* y);
  /// With linear.activation_group; where linear.weight_scales are there, bit by bit what the packed kernels give for
  /// the weight's codes.
  void linear_simulated(const float* x, std::int64_t tokens, const Linear& linear, const float* bias, float* y);
  void linear_blocked(const float* x, std::int64_t tokens, const Linear& linear, const float* bias, float* y);

  /// Columns [first, first + count) as a matrix of their own.
  [[nodiscard]] Result<Tensor> columns_of(const Tensor& x, std::int64_t first, std::int64_t count);
  /// attention_read() without the product behind it.
  [[nodiscard]] Status attend(const Tensor& projected, const RopeTable& table, const AttentionShape& shape,
                              const BatchCache& cache, std::int64_t sequence, std::int64_t first,
                              const Tensor& context);

  CpuKernels kernels_;
  const FloatKernels& floats_;
  std::shared_ptr<MemoryPool> memory_;
  ThreadPool threads_;
};

/// Compares the BLAS products this backend relies on with plain loops.
[[nodiscard]] Status check_blas();

}  // namespace salient
