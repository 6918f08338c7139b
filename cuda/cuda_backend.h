// SPDX-License-Identifier: Apache-2.0
// The Backend of one CUDA device. Everything is ordered on the context's stream and returns before it is carried out,
// except where a result goes to the host. Sums are formed in an order that depends on shapes alone: no atomics on
// floats, so the same inputs give the same bits on the same device.
#pragma once

#include <memory>
#include <string>

#include "core/compute/backend.h"
#include "cuda/context.h"

namespace salient::cuda {

class CudaBackend final : public Backend {
 public:
  CudaBackend(std::shared_ptr<Context> context, int threads);

  [[nodiscard]] std::string name() const override { return context_->label(); }
  [[nodiscard]] Context& context() const { return *context_; }

  [[nodiscard]] Result<Tensor> allocate(DType dtype, std::int64_t rows, std::int64_t cols) override;
  [[nodiscard]] Status upload(const void* host, const Tensor& tensor) override;
  [[nodiscard]] Status download(const Tensor& tensor, void* host) override;
  [[nodiscard]] Status copy(const Tensor& from, const Tensor& to) override;

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
  [[nodiscard]] Result<std::shared_ptr<const PackedWeights>> pack(const QuantizedMatrix& matrix) override;

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

  [[nodiscard]] ThreadPool& threads() override { return threads_; }
  [[nodiscard]] Status synchronize() override { return context_->synchronize("synchronize"); }
  [[nodiscard]] std::optional<std::uint64_t> device_memory() const override { return context_->memory().available(); }
  [[nodiscard]] std::uint64_t peak_device_memory() const override { return context_->memory().peak(); }
  [[nodiscard]] bool usable() const override { return context_->usable(); }

 private:
  /// Host values in device memory for the time of one operation.
  [[nodiscard]] Result<std::shared_ptr<Buffer>> on_device(const void* host, std::size_t bytes, const char* operation);
  /// `tensor` itself when it is f32, else a copy of it as floats in `holder`.
  [[nodiscard]] Result<const float*> as_floats(const Tensor& tensor, std::shared_ptr<Buffer>& holder,
                                               const char* operation);
  [[nodiscard]] Status linear_by_blas(const float* x, std::int64_t tokens, const Tensor& weight, float* out);
  [[nodiscard]] Status add_to_host(const std::shared_ptr<Buffer>& sums, std::span<double> out);

  std::shared_ptr<Context> context_;
  ThreadPool threads_;
};

}  // namespace salient::cuda
