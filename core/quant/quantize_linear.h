// SPDX-License-Identifier: Apache-2.0
// Quantizing one linear (METHOD §4): 4-bit rows and 8-bit rows separately, each by round-to-nearest or GPTQ,
// with or without clip search. Works on host memory in fp32 and double.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/job.h"
#include "core/base/result.h"
#include "core/base/threads.h"
#include "core/compute/quantized_matrix.h"

namespace salient {

enum class QuantMethod {
  mixllm,  ///< GPTQ with group reordering and clip search (METHOD §4)
  gptq,    ///< GPTQ with group reordering, no clip search unless asked for
  rtn      ///< round-to-nearest; with clip search if asked for
};
[[nodiscard]] std::string_view quant_method_name(QuantMethod method);
[[nodiscard]] Result<QuantMethod> quant_method_from_name(std::string_view name);

struct QuantOptions {
  QuantMethod method = QuantMethod::mixllm;
  bool clip = true;          ///< clip search over r in {0.80, 0.82, …, 1.00}
  std::int64_t group = 128;  ///< 32, 64 or 128
  double damping = 0.01;     ///< of mean(diag H)
};

/// Gram matrix of a linear's calibration inputs: Σ x xᵀ over `tokens` tokens in `sequences` sequences, [K, K] f64.
/// H = 2 Σ x xᵀ / sequences is formed inside.
struct GramMatrix {
  std::span<const double> values;
  std::int64_t cols = 0;
  std::int64_t sequences = 0;
};

struct QuantizedLinear {
  QuantizedMatrix matrix;
  double output_error =
      0;  ///< Σ δ (xᵀx) δᵀ / Σ w (xᵀx) wᵀ over the rows: relative squared output error on the calibration inputs
  double clipped_groups = 0;  ///< share of row-groups with r < 1
  std::int64_t dead_inputs = 0;
  double damping_used = 0;  ///< after raising
  std::string fallback;     ///< empty, or why GPTQ gave way to round-to-nearest (a line for the report)
};

/// `weight` [rows, cols]; `rows8` ascending. `gram` may be empty (cols 0) for rtn without clip. NaN or Inf in the
/// weight → Error{numeric} with count and first index.
[[nodiscard]] Result<QuantizedLinear> quantize_linear(std::span<const float> weight, std::int64_t rows,
                                                      std::int64_t cols, const std::vector<std::uint32_t>& rows8,
                                                      const GramMatrix& gram, const QuantOptions& options,
                                                      ThreadPool& threads, const Job* job = nullptr);

}  // namespace salient
