// SPDX-License-Identifier: Apache-2.0
// GPTQ with clip search (METHOD §4) for a backend that keeps weights and Gram matrices in memory of its own. It does
// what core/quant does on the processor, in the same order and with the same rounding; core/quant calls it where there
// is one.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/job.h"
#include "core/base/result.h"
#include "core/compute/quantized_matrix.h"
#include "core/compute/tensor.h"

namespace salient {

/// What quantization knows of a linear's calibration inputs, on the device: the counterpart of core/quant's Hessian.
class QuantizerInputs {
 public:
  virtual ~QuantizerInputs() = default;
  [[nodiscard]] virtual std::int64_t cols() const = 0;
  [[nodiscard]] virtual std::int64_t dead_inputs() const = 0;
  [[nodiscard]] virtual double damping() const = 0;              ///< used, after raising
  [[nodiscard]] virtual const std::string& failure() const = 0;  ///< why there is no factor; empty where there is one
};

/// One class of rows of a weight [N, K].
struct RowsToQuantize {
  Tensor weight;
  std::span<const std::uint32_t> rows;
  RowFormat format;
  bool clip = false;
};

struct RowsQuantized {
  std::vector<std::int8_t> codes;     ///< [rows, K] in the linear's own order of columns
  std::vector<std::uint16_t> scales;  ///< [rows, groups] fp16 bits
  std::vector<std::uint8_t> zeros;    ///< [rows, groups]
  std::int64_t clipped_groups = 0;
  double error = 0;  ///< Σ over the rows of δ (Σ x xᵀ) δᵀ
};

class DeviceQuantizer {
 public:
  virtual ~DeviceQuantizer() = default;
  /// `gram` [K, K] f64 over `sequences` sequences. Error{numeric} where it holds NaN or Inf.
  [[nodiscard]] virtual Result<std::unique_ptr<QuantizerInputs>> prepare(const Tensor& gram, std::int64_t sequences,
                                                                         std::int64_t group, double damping,
                                                                         const Job* job) = 0;
  /// `inputs` came from prepare() and has a factor.
  [[nodiscard]] virtual Result<RowsQuantized> gptq(const QuantizerInputs& inputs, const RowsToQuantize& rows,
                                                   const Job* job) = 0;
  /// Σ over the rows of w (Σ x xᵀ) wᵀ.
  [[nodiscard]] virtual Result<double> output_energy(const QuantizerInputs& inputs, const Tensor& weight) = 0;
};

}  // namespace salient
