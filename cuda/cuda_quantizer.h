// SPDX-License-Identifier: Apache-2.0
// GPTQ with clip search on the device. Factorization in double, updates of weights in fp32 without TF32.
#pragma once

#include "core/compute/device_quantizer.h"
#include "cuda/context.h"

namespace salient::cuda {

class CudaBackend;

class CudaQuantizer final : public DeviceQuantizer {
 public:
  explicit CudaQuantizer(CudaBackend& backend) : backend_(backend) {}

  [[nodiscard]] Result<std::unique_ptr<QuantizerInputs>> prepare(const Tensor& gram, std::int64_t sequences,
                                                                 std::int64_t group, double damping,
                                                                 const Job* job) override;
  [[nodiscard]] Result<RowsQuantized> gptq(const QuantizerInputs& inputs, const RowsToQuantize& rows,
                                           const Job* job) override;
  [[nodiscard]] Result<double> output_energy(const QuantizerInputs& inputs, const Tensor& weight) override;

 private:
  class Inputs;
  struct Codes;

  [[nodiscard]] Status factorize(Inputs& inputs, const Tensor& gram, const double* diagonal, double scale,
                                 double damping, const Job* job);
  /// In place: the lower Cholesky factor, columns first; *failed where there is none.
  [[nodiscard]] Status cholesky(double* matrix, std::int64_t n, int* failed, const Job* job);
  /// Σ of d G dᵀ over `rows` of the weight, d as kernels::differences() gives it.
  [[nodiscard]] Result<double> energy(const Inputs& inputs, const Tensor& weight, const std::uint32_t* rows,
                                      std::int64_t count, const Codes* codes);

  CudaBackend& backend_;
};

}  // namespace salient::cuda
