// SPDX-License-Identifier: Apache-2.0
// The Backend of one CUDA device. Everything is ordered on the context's stream and returns before it is carried out,
// except where a result goes to the host. Sums are formed in an order that depends on shapes alone: no atomics on
// floats, so the same inputs give the same bits on the same device.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "core/compute/batch_steps.h"
#include "core/compute/devices.h"
#include "cuda/context.h"
#include "cuda/cuda_quantizer.h"
#include "cuda/mixed_gemm.h"

namespace salient::cuda {

namespace kernels {
struct RowOutput;
}

class CudaBackend final : public Backend, public BatchSteps {
 public:
  CudaBackend(std::shared_ptr<Context> context, const BackendRequest& request);

  [[nodiscard]] std::string name() const override;  ///< "cuda:0 (NVIDIA H200), exact"
  [[nodiscard]] Context& context() const { return *context_; }

  [[nodiscard]] Result<Tensor> allocate(DType dtype, std::int64_t rows, std::int64_t cols) override;
  [[nodiscard]] Status upload(const void* host, const Tensor& tensor) override;
  [[nodiscard]] Status download(const Tensor& tensor, void* host) override;
  [[nodiscard]] Status copy(const Tensor& from, const Tensor& to) override;
  [[nodiscard]] Status clear(const Tensor& tensor) override;
  void release_kept_memory() override { context_->memory().release(); }
  /// From another GPU directly, where the two can; ordered on both streams, nobody waits.
  [[nodiscard]] Status receive(const Tensor& from, Backend& owner, const Tensor& to) override;

  // cuda_backend.cpp
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

  // cuda_linear.cpp
  [[nodiscard]] Status linear(const Tensor& x, const Linear& linear, const Tensor& out) override;
  [[nodiscard]] Status linear_backward(const Tensor& dy, const Linear& linear, const Tensor& dx,
                                       bool accumulate) override;
  [[nodiscard]] Result<std::shared_ptr<const PackedWeights>> pack(const QuantizedMatrix& matrix,
                                                                  ScaleMode mode) override;
  [[nodiscard]] Result<std::vector<std::shared_ptr<const PackedWeights>>> pack_together(
      std::span<const QuantizedMatrix> matrices, ScaleMode mode) override;

  // cuda_attention.cpp
  [[nodiscard]] Status attention(const Tensor& q, const Tensor& k, const Tensor& v, const AttentionShape& shape,
                                 std::int64_t first_position, const Tensor& out) override;
  [[nodiscard]] Status attention_backward(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& out,
                                          const Tensor& dout, const AttentionShape& shape, const Tensor& dq,
                                          const Tensor& dk, const Tensor& dv) override;

  // cuda_statistics.cpp
  [[nodiscard]] Status quantization_delta(const Tensor& weight, std::int64_t group, const Tensor& out) override;
  [[nodiscard]] Status column_dot(const Tensor& a, const Tensor& b, std::span<double> out) override;
  [[nodiscard]] Status diagonal_fisher(const Tensor& dy, const Tensor& x, const Tensor& delta,
                                       std::span<double> out) override;
  [[nodiscard]] Status accumulate_gram(const Tensor& x, const Tensor& gram) override;

  // cuda_batch_steps.cpp: BatchSteps
  [[nodiscard]] DType cache_type() const override;  ///< f16 in the fast mode
  [[nodiscard]] DType activation_type(const Linear& linear, std::int64_t rows) const override;
  [[nodiscard]] Status embed_step(const Tensor& ids, const Tensor& table, const Tensor& out) override;
  [[nodiscard]] Status norm_linears(const Tensor& x, const Tensor& addend, const Tensor& weight, float epsilon,
                                    std::span<const Linear* const> linears, const Tensor& projected) override;
  [[nodiscard]] Status attention_step(const Tensor& projected, const RopeTable& table, const AttentionShape& shape,
                                      const BatchCache& cache, const Linear& o, const Tensor& out) override;
  [[nodiscard]] Status attention_read(const Tensor& projected, const RopeTable& table, const AttentionShape& shape,
                                      const BatchCache& cache, std::int64_t sequence, std::int64_t first,
                                      const Linear& o, const Tensor& out) override;
  [[nodiscard]] Status swiglu_linear(const Tensor& projected, const Linear& down, const Tensor& out) override;
  [[nodiscard]] Status norm_mlp(const Tensor& x, const Tensor& addend, const Tensor& weight, float epsilon,
                                const Linear& gate, const Linear& up, const Linear& down, const Tensor& projected,
                                const Tensor& out) override;
  [[nodiscard]] Result<std::vector<std::int32_t>> sample(const Tensor& logits, const Sampling& sampling,
                                                         std::span<const std::uint64_t> draws) override;
  [[nodiscard]] Result<std::unique_ptr<Recording>> record(const std::function<Status()>& step) override;

  // cuda_layers_step.cpp
  [[nodiscard]] Result<bool> layers_step(const Tensor& x, std::span<const StepWeights> layers, const RopeTable& table,
                                         const AttentionShape& shape, std::span<const BatchCache> caches,
                                         float epsilon) override;

  // mixed_bench.cpp
  [[nodiscard]] Result<ProductTimings> time_products(const ProductTimingOptions& options, Job& job) override;

  [[nodiscard]] ThreadPool& threads() override { return threads_; }
  [[nodiscard]] Status synchronize() override { return context_->synchronize("synchronize"); }
  [[nodiscard]] std::optional<std::uint64_t> device_memory() const override { return context_->memory().available(); }
  [[nodiscard]] std::uint64_t peak_device_memory() const override { return context_->memory().peak(); }
  [[nodiscard]] bool usable() const override { return context_->usable(); }
  [[nodiscard]] DeviceQuantizer* quantizer() override { return &quantizer_; }

  /// A product of cuBLAS, which counts columns first: c [m, n] = alpha · a b + beta · c, sums in fp32.
  struct Product {
    const char* operation = "";
    bool transpose_a = false;
    bool transpose_b = false;
    std::int64_t m = 0, n = 0, inner = 0;
    bool tf32 = true;          ///< fp32 factors may be rounded to TF32 in the fast mode
    DType dtype = DType::f32;  ///< of a and b
    const void* a = nullptr;
    std::int64_t stride_a = 0;
    const void* b = nullptr;
    std::int64_t stride_b = 0;
    float alpha = 1;
    float beta = 0;
    DType c_dtype = DType::f32;  ///< or dtype
    void* c = nullptr;
    std::int64_t stride_c = 0;
    // Several at once: how far their matrices lie from each other, in elements.
    std::int64_t count = 1;
    std::int64_t step_a = 0, step_b = 0, step_c = 0;
  };
  [[nodiscard]] Status multiply(const Product& product);

 private:
  /// What to keep beside weights of that mode: a folded mode needs its copy, an exact one is kept while half of the
  /// memory stays free.
  [[nodiscard]] MixedCopy copy_for(std::span<const QuantizedMatrix> matrices, ScaleMode mode) const;
  /// Host values in device memory for the time of one operation.
  [[nodiscard]] Result<std::shared_ptr<Buffer>> on_device(const void* host, std::size_t bytes, const char* operation);
  /// `tensor` itself when it is f32, else a copy of it as floats in `holder`.
  [[nodiscard]] Result<const float*> as_floats(const Tensor& tensor, std::shared_ptr<Buffer>& holder,
                                               const char* operation);
  /// The same values in `dtype` (f16 or bf16), which `tensor` may have already.
  [[nodiscard]] Result<const void*> as_halves(const Tensor& tensor, DType dtype, std::shared_ptr<Buffer>& holder,
                                              const char* operation);
  /// TF32 is for the fast mode alone; products of 16-bit factors are the same in both.
  [[nodiscard]] bool fast() const { return precision_ == Precision::fast; }
  [[nodiscard]] Status linear_by_blas(const Tensor& x, const Tensor& weight, const Tensor& out);
  /// Of the input that linear() takes without converting it.
  [[nodiscard]] DType input_type(const Linear& linear, std::int64_t rows) const;
  /// Kernels may start while the one before ends.
  [[nodiscard]] bool overlaps() const { return context_->capability() >= 90; }
  [[nodiscard]] Status norm(const Tensor& x, const Tensor& addend, const Tensor& weight, float epsilon,
                            const kernels::RowOutput& out);
  /// linear() of what `store` leaves, in 8 bit where the product reads that and `store` can (`fused`).
  [[nodiscard]] Status linear_of(const std::function<Status(const kernels::RowOutput&)>& store, std::int64_t rows,
                                 const Linear& linear, const Tensor& out, bool fused);
  /// The outputs of several linears as the columns of one matrix.
  [[nodiscard]] Status side_by_side(std::span<const Linear* const> linears, const Tensor& projected,
                                    const std::function<Status(const Linear&, const Tensor&)>& product);

  [[nodiscard]] Status check_head_dim(const AttentionShape& shape) const;

  /// Whether half_attention() is Hopper's kernel, which may leave its output in 8 bit.
  [[nodiscard]] bool has_hopper_attention(const AttentionShape& shape) const;
  /// q, k and v in f16.
  [[nodiscard]] Status half_attention(const Tensor& q, const Tensor& k, const Tensor& v, const AttentionShape& shape,
                                      std::int64_t first_position, const kernels::RowOutput& out);

  // cuda_attention_blocks.cpp: the fast mode's gradients, blocks of rows of scores through cuBLAS.
  struct Blocks;
  [[nodiscard]] Result<Blocks> attention_blocks(const Tensor& q, const Tensor& k, const Tensor& v,
                                                const AttentionShape& shape);
  [[nodiscard]] Status scores_of(const Blocks& blocks, std::int64_t first, std::int64_t count);
  [[nodiscard]] Status attention_backward_by_blocks(const Tensor& q, const Tensor& k, const Tensor& v,
                                                    const Tensor& dout, const AttentionShape& shape, const Tensor& dq,
                                                    const Tensor& dk, const Tensor& dv);
  [[nodiscard]] Status add_to_host(const std::shared_ptr<Buffer>& sums, std::span<double> out);

  std::shared_ptr<Context> context_;
  Precision precision_;
  ThreadPool threads_;
  std::set<int> peers_;  ///< GPUs that this one was let read
  CudaQuantizer quantizer_{*this};
};

}  // namespace salient::cuda
